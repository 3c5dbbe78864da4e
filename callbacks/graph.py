"""The dependency graph: which part of it, for which selection, in which scenario."""

from __future__ import annotations

import asyncio
from typing import Any

from dash import Dash, Input, Output

from layouts import ids
from layouts.feed.picture import unpacked
from layouts.graph.dependency_graph import (
    Part,
    affected,
    neighbourhood,
    nothing_chosen,
    sectors,
)
from layouts.graph.panel import MODES
from models.errors import KnockOnError
from usecases import asking, given, reading
from usecases.desk import Desk
from usecases.seat import Seat, take_seat

MAX_STEPS = 6


async def part(
    seat: Seat, scenario: object, selection: object, mode: object, steps: object
) -> Part:
    """Return the part of the graph to show; its positions depend on the world alone."""
    chosen = given.choice(mode, MODES)
    known = [asset for asset in given.selected(selection) if asset in seat.world.assets]
    if chosen == "neighbourhood" and not known:
        return nothing_chosen()
    # of a large world the graph takes seconds, once: not on the event loop
    graph = await asyncio.to_thread(lambda: seat.graph)
    if chosen == "sectors":
        return await asyncio.to_thread(sectors, seat.world, graph, seat.labels)
    if chosen == "affected":
        saved = await reading.shown(seat, given.shown(scenario))
        told = unpacked(await asking.picture(seat, saved))
        return await asyncio.to_thread(affected, seat.world, graph, seat.labels, told)
    deep = given.number(steps, 1, MAX_STEPS, 2)
    return await asyncio.to_thread(neighbourhood, seat.world, graph, seat.labels, known, deep)


def register(app: Dash, desk: Desk) -> None:
    """Connect mode, selection and scenario with the graph."""

    @app.callback(
        Output(ids.GRAPH, "elements"),
        Output(ids.GRAPH_NOTE, "children"),
        Input(ids.SELECTION, "data"),
        Input(ids.SHOWN, "data"),
        Input(ids.GRAPH_MODE, "data"),
        Input(ids.GRAPH_STEPS, "data"),
        prevent_initial_call=True,
    )
    async def on_graph(selection: object, scenario: object, mode: object, steps: object) -> Any:
        try:
            shown = await part(take_seat(desk), scenario, selection, mode, steps)
        except KnockOnError as error:
            return [], str(error)
        return shown.elements, shown.note
