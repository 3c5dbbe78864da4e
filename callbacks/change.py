"""A change of the scenario: one validated action in, the new picture out."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update

from callbacks.answers import as_outputs
from layouts import ids
from usecases import page_input
from usecases.desk import Desk
from usecases.editing.write import act
from usecases.seat import take_seat


def register(app: Dash, desk: Desk) -> None:
    """Register the one callback for all changes."""

    @app.callback(
        Output(ids.SCENARIO, "data", allow_duplicate=True),
        Output(ids.PICTURE, "data", allow_duplicate=True),
        Output(ids.BESIDE, "data", allow_duplicate=True),
        Output(ids.MESSAGE, "data", allow_duplicate=True),
        Input(ids.ACTION, "data"),
        State(ids.SCENARIO, "data"),
        prevent_initial_call=True,
    )
    async def on_action(action: object, scenario: object) -> tuple[Any, Any, Any, Any]:
        if action is None:
            return no_update, no_update, no_update, no_update
        return as_outputs(await act(take_seat(desk), page_input.scenario_id(scenario), action))
