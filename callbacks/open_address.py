"""The address names a scenario: read it, compute it, show it."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output

from callbacks.answers import as_outputs
from layouts import ids
from models.errors import BadInputError
from models.wording import _
from usecases import given
from usecases.desk import Desk
from usecases.editing.write import Answer, open_scenario
from usecases.seat import Seat, take_seat


async def opened(seat: Seat, search: object) -> Answer:
    """Answer an address; whatever is wrong with it, the page opens."""
    try:
        scenario_id = given.address_id(search)
    except BadInputError as error:
        answer = await open_scenario(seat, None)
        told = _("An empty scenario was opened.")
        return Answer(answer.scenario, answer.picture, f"{error} {told}")
    return await open_scenario(seat, scenario_id)


def register(app: Dash, desk: Desk) -> None:
    """Connect the address."""

    @app.callback(
        Output(ids.SCENARIO, "data"),
        Output(ids.PICTURE, "data"),
        Output(ids.MESSAGE, "data"),
        Input(ids.LOCATION, "search"),
    )
    async def on_address(search: object) -> tuple[Any, Any, Any]:
        return as_outputs(await opened(take_seat(desk), search))
