"""The dependency graph: which part of it, for which selection, in which scenario."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output

from callbacks import given
from callbacks.desk import Desk
from layouts import ids
from layouts.dependency_graph import MODES, Part, affected, neighbourhood, sectors
from models.errors import KnockOnError

MAX_STEPS = 6


async def part(
    desk: Desk, scenario: object, selection: object, mode: object, steps: object
) -> Part:
    """Return the part of the graph to show; its positions depend on the world alone."""
    chosen = given.choice(mode, MODES)
    if chosen == "sectors":
        return sectors(desk.world, desk.graph, desk.labels)
    if chosen == "affected":
        saved = await desk.shown(given.shown(scenario))
        return affected(desk.world, desk.graph, desk.labels, await desk.picture(saved))
    known = [asset for asset in given.selected(selection) if asset in desk.world.assets]
    deep = given.number(steps, 1, MAX_STEPS, 2)
    return neighbourhood(desk.world, desk.graph, desk.labels, known, deep)


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
