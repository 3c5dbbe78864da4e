"""A new revision: the list of what happens, and whether there is a way back."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output

from layouts import ids
from usecases.desk import Desk
from usecases.panels.lists import happenings


def register(app: Dash, desk: Desk) -> None:
    """Connect the panel that follows the scenario, once the map shows it."""

    @app.callback(
        Output(ids.HAPPENINGS_LIST, "children"),
        Output(ids.UNDO, "disabled"),
        Output(ids.REDO, "disabled"),
        Input(ids.SHOWN, "data"),
        prevent_initial_call=True,
    )
    async def on_events(stored: object) -> tuple[Any, bool, bool]:
        shown = await happenings(desk.seat(), stored)
        return shown.listed, not shown.can_undo, not shown.can_redo
