"""The part of the dependency graph to show, by selection and scenario."""

from __future__ import annotations

import asyncio

from layouts.feed.picture import unpacked
from layouts.graph.dependency_graph import (
    Part,
    affected,
    neighbourhood,
    nothing_chosen,
    sectors,
)
from layouts.graph.panel import MODES
from usecases import asking, page_input, reading
from usecases.seat import Seat

MAX_STEPS = 6


async def graph_part(
    seat: Seat, scenario: object, selection: object, mode: object, steps: object
) -> Part:
    """Return the part of the graph to show; its positions depend on the world alone.

    Parameters
    ----------
    seat
        The seat of the user.
    scenario, selection
        The page's stores, as they were sent.
    mode, steps
        Which part, and how many dependencies away from the selection; as they were sent.

    Raises
    ------
    KnockOnError
        If the scenario cannot be read or computed.
    """
    chosen = page_input.choice(mode, MODES)
    assets = [asset for asset in page_input.selected(selection) if asset in seat.world.assets]
    if chosen == "neighbourhood" and not assets:
        return nothing_chosen()
    # the graph of a large world takes seconds, once: not on the event loop
    graph = await asyncio.to_thread(lambda: seat.graph)
    if chosen == "sectors":
        return await asyncio.to_thread(sectors, seat.world, graph, seat.labels)
    if chosen == "affected":
        saved = await reading.shown(seat, page_input.shown(scenario))
        picture = unpacked(await asking.picture(seat, saved))
        return await asyncio.to_thread(affected, seat.world, graph, seat.labels, picture)
    deep = page_input.number(steps, 1, MAX_STEPS, 2)
    return await asyncio.to_thread(neighbourhood, seat.world, graph, seat.labels, assets, deep)
