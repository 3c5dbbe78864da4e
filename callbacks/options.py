"""The list of options, which follows the scenario."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output

from layouts import ids
from usecases.desk import Desk
from usecases.panels import lists


def register(app: Dash, desk: Desk) -> None:
    """Connect the list of options, which follows the scenario."""

    @app.callback(
        Output(ids.OPTIONS_LIST, "children"),
        Input(ids.SHOWN, "data"),
        prevent_initial_call=True,
    )
    async def on_scenario(stored: object) -> Any:
        return await lists.options(desk.seat(), stored)
