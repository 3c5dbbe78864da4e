"""A new revision: the list of what happens, and whether there is a way back."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output

from layouts import ids
from layouts.panels.happenings import happenings_list
from usecases import given
from usecases.desk import Desk


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
        seat = desk.seat()
        saved = await seat.shown(given.shown(stored))
        listed = happenings_list(seat.world, seat.scenario(saved), seat.labels, seat.who)
        may = seat.who.may_change
        return listed, not (may and saved.can_undo), not (may and saved.can_redo)
