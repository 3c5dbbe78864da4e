"""Panels of a new revision: events, undo and redo, options."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output

from layouts import ids
from usecases.desk import Desk
from usecases.panels.lists import panels
from usecases.seat import take_seat


def register(app: Dash, desk: Desk) -> None:
    """Register the callback for revisions that came without panels, by the live view."""

    @app.callback(
        Output(ids.HAPPENINGS_LIST, "children"),
        Output(ids.UNDO, "disabled"),
        Output(ids.REDO, "disabled"),
        Output(ids.OPTIONS_LIST, "children"),
        Input(ids.LISTS, "data"),
        prevent_initial_call=True,
    )
    async def on_lists(stored: object) -> tuple[Any, bool, bool, Any]:
        made = await panels(take_seat(desk), stored)
        return made.happenings, not made.can_undo, not made.can_redo, made.options
