"""The address names a scenario: read it, compute it, show it."""

from __future__ import annotations

from models.errors import BadInputError
from models.wording import _
from usecases import page_input
from usecases.editing.write import Answer, open_scenario
from usecases.redaction import text_of
from usecases.seat import Seat


async def open_address(seat: Seat, search: object) -> Answer:
    """Answer the query of an address, as it was sent; the page opens even if it is invalid."""
    try:
        scenario_id = page_input.address_id(search)
    except BadInputError as error:
        answer = await open_scenario(seat, None)
        opened = _("An empty scenario was opened.")
        return Answer(answer.scenario, answer.picture, answer.panels, f"{text_of(error)} {opened}")
    return await open_scenario(seat, scenario_id)
