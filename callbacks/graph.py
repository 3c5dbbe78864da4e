"""The dependency graph: the part to show, by selection and scenario."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output

from layouts import ids
from models.errors import KnockOnError
from usecases.desk import Desk
from usecases.panels.graph import graph_part
from usecases.redaction import text_of
from usecases.seat import take_seat


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
            shown = await graph_part(take_seat(desk), scenario, selection, mode, steps)
        except KnockOnError as error:
            return [], text_of(error)
        return shown.elements, shown.note
