"""The dependency graph: which part of it, for which selection, in which scenario."""

from __future__ import annotations

import asyncio
from typing import Any

from dash import Dash, Input, Output

from callbacks import given
from callbacks.desk import Desk
from layouts import ids
from layouts.dependency_graph import (
    MODES,
    NOTHING_CHOSEN,
    Part,
    affected,
    neighbourhood,
    sectors,
)
from layouts.picture import unpacked
from models.errors import KnockOnError

MAX_STEPS = 6


async def part(
    desk: Desk, scenario: object, selection: object, mode: object, steps: object
) -> Part:
    """Return the part of the graph to show; its positions depend on the world alone."""
    chosen = given.choice(mode, MODES)
    known = [asset for asset in given.selected(selection) if asset in desk.world.assets]
    if chosen == "neighbourhood" and not known:
        return NOTHING_CHOSEN
    # of a large world the graph takes seconds, once: not on the event loop
    graph = await asyncio.to_thread(lambda: desk.graph)
    if chosen == "sectors":
        return await asyncio.to_thread(sectors, desk.world, graph, desk.labels)
    if chosen == "affected":
        saved = await desk.shown(given.shown(scenario))
        told = unpacked(await desk.picture(saved))
        return await asyncio.to_thread(affected, desk.world, graph, desk.labels, told)
    deep = given.number(steps, 1, MAX_STEPS, 2)
    return await asyncio.to_thread(neighbourhood, desk.world, graph, desk.labels, known, deep)


def register(app: Dash, desk: Desk) -> None:
    """Connect mode, selection and scenario with the graph."""

    @app.callback(
        Output(ids.GRAPH, "elements"),
        Output(ids.GRAPH_NOTE, "children"),
        Input(ids.SELECTION, "data"),
        Input(ids.SCENARIO, "data"),
        Input(ids.GRAPH_MODE, "data"),
        Input(ids.GRAPH_STEPS, "data"),
    )
    async def on_graph(selection: object, scenario: object, mode: object, steps: object) -> Any:
        try:
            shown = await part(desk, scenario, selection, mode, steps)
        except KnockOnError as error:
            return [], str(error)
        return shown.elements, shown.note
