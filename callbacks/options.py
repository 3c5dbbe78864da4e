"""The list of options, which follows the scenario."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output

from layouts import ids
from layouts.panels.options import options_list
from usecases import given
from usecases.desk import Desk


def register(app: Dash, desk: Desk) -> None:
    """Connect the list of options, which follows the scenario."""

    @app.callback(
        Output(ids.OPTIONS_LIST, "children"),
        Input(ids.SHOWN, "data"),
        prevent_initial_call=True,
    )
    async def on_scenario(stored: object) -> Any:
        seat, scenario_id = desk.seat(), given.scenario_id(stored)
        if scenario_id is None:
            return options_list([], None)
        family = await seat.family(scenario_id)
        return options_list(seat.option_names(family), scenario_id)
