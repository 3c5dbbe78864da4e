"""Reading scenarios and their logs from a seat, redacted for its user."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from models.errors import BadInputError
from models.revisions import ShownLine
from models.scenario import Scenario
from models.wording import _
from usecases.known import as_known
from usecases.ports import Plain, Saved, Shown, Unsaved
from usecases.redaction import shown_lines
from usecases.seat import Seat

#: how many lines of a log are returned at once
MOST_LINES = 200


async def current(seat: Seat, scenario_id: str | None) -> Saved:
    """Return the newest revision of a scenario, or the empty one for no id."""
    if scenario_id is None:
        return Unsaved(Scenario(world=seat.desk.world.world_id).to_dict())
    saved = await asyncio.to_thread(seat.store.get, scenario_id, author=seat.who.id)
    require_this_world(seat, saved.plain)
    return await as_known(seat, saved)


async def shown(seat: Seat, page: Shown) -> Saved:
    """Return the revision that a page shows, even if there is a newer one.

    All panels of a page must show the same revision as its map.
    """
    if page is None:
        return await current(seat, None)
    saved = await asyncio.to_thread(seat.store.get, *page, author=seat.who.id)
    require_this_world(seat, saved.plain)
    return await as_known(seat, saved)


async def last_changed(seat: Seat) -> str | None:
    """Return the scenario of the user's session that was changed last."""
    if seat.who.session is None:
        return None
    newest = await asyncio.to_thread(seat.store.recent, 1)
    return newest[0].id if newest else None


async def log(seat: Seat, scenario_id: str, after: int, limit: int = MOST_LINES) -> list[ShownLine]:
    """Return who changed what after a revision, oldest first, as this person may see it.

    Parameters
    ----------
    seat
        The seat of the user.
    scenario_id, after
        The scenario, and the revision after which lines are returned.
    limit
        Most lines returned.
    """
    lines = await asyncio.to_thread(seat.store.history, scenario_id, after, limit)
    return await shown_lines(seat, scenario_id, lines)


async def family(seat: Seat, scenario_id: str) -> Sequence[Saved]:
    """Return all options of the same origin, this one included."""
    return await asyncio.to_thread(seat.store.branches, scenario_id, seat.who.id)


def option_names(seat: Seat, options: Sequence[Saved]) -> list[tuple[str, str]]:
    """Return id and name of each option, as this person may read them."""
    return [(option.id, seat.seen.read(option.name, option.signature)) for option in options]


def require_this_world(seat: Seat, plain: Plain) -> None:
    """Refuse a scenario of another world."""
    if plain.get("world") != seat.desk.world.world_id:
        raise BadInputError([_("That scenario is for another world than the one shown here.")])
