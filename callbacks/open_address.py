"""The address names a scenario: read it, compute it, show it."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output

from callbacks.answers import as_outputs
from layouts import ids
from usecases.desk import Desk
from usecases.opening import open_address
from usecases.seat import take_seat


def register(app: Dash, desk: Desk) -> None:
    """Connect the address."""

    @app.callback(
        Output(ids.SCENARIO, "data"),
        Output(ids.PICTURE, "data"),
        Output(ids.BESIDE, "data"),
        Output(ids.MESSAGE, "data"),
        Input(ids.LOCATION, "search"),
    )
    async def on_address(search: object) -> tuple[Any, Any, Any, Any]:
        return as_outputs(await open_address(take_seat(desk), search))
