"""Panels of a selection: why the asset is lost, and changes that would have kept it."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update

from layouts import ids
from usecases.desk import Desk
from usecases.panels.why import begin_savings, explain, find_savings
from usecases.seat import take_seat

#: property of the panel with the mark of its newest request
ASKED = "data-asked"


def register(app: Dash, desk: Desk) -> None:
    """Connect the selection with the why panel; the search for savings comes after the reason."""

    @app.callback(
        Output(ids.WHY_BODY, "children"),
        Input(ids.SELECTION, "data"),
        Input(ids.SHOWN, "data"),
        Input(ids.CLOCK, "data"),
        prevent_initial_call=True,
    )
    async def on_selection(selection: object, scenario: object, clock: object) -> Any:
        return await explain(take_seat(desk), scenario, selection, clock)

    # two steps, so that the panel is cleared before the answer arrives
    @app.callback(
        Output(ids.WHY_SAVED, "children"),
        Output(ids.WHY_SAVED, ASKED),
        Input(ids.SELECTION, "data"),
        Input(ids.SHOWN, "data"),
        State(ids.WHY_SAVED, ASKED),
        prevent_initial_call=True,
    )
    async def on_other(selection: object, scenario: object, before: object) -> tuple[Any, Any]:
        looking, mark = begin_savings(take_seat(desk), scenario, selection, before)
        # without a selection there is nothing to search for, and no request to make
        return looking, mark if looking else no_update

    @app.callback(
        Output(ids.WHY_SAVED, "children", allow_duplicate=True),
        Input(ids.WHY_SAVED, ASKED),
        State(ids.SELECTION, "data"),
        State(ids.SHOWN, "data"),
        prevent_initial_call=True,
    )
    async def on_savings(mark: object, selection: object, scenario: object) -> Any:
        savings = await find_savings(take_seat(desk), scenario, selection, mark)
        return no_update if savings is None else savings
