"""Reading scenarios and their logs from a seat, redacted for its user."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from models.change import difference
from models.errors import BadInputError
from models.revisions import LogLine
from models.scenario import Scenario
from models.wording import _
from usecases.ports import Plain, Saved, Shown, Unsaved
from usecases.reasons import what_changed
from usecases.seat import Seat

#: how many lines of a log are returned at once
MOST_LINES = 200


async def current(seat: Seat, scenario_id: str | None) -> Saved:
    """Return the newest revision of a scenario, or the empty one for no id."""
    if scenario_id is None:
        return Unsaved(Scenario(world=seat.desk.world.world_id).to_dict())
    saved = await asyncio.to_thread(seat.store.get, scenario_id, author=seat.who.id)
    require_this_world(seat, saved.plain)
    return saved


async def shown(seat: Seat, page: Shown) -> Saved:
    """Return the revision that a page shows, even if there is a newer one.

    All panels of a page must show the same revision as its map.
    """
    if page is None:
        return await current(seat, None)
    saved = await asyncio.to_thread(seat.store.get, *page, author=seat.who.id)
    require_this_world(seat, saved.plain)
    return saved


async def last_changed(seat: Seat) -> str | None:
    """Return the scenario of the user's session that was changed last."""
    if seat.who.session is None:
        return None
    newest = await asyncio.to_thread(seat.store.recent, 1)
    return newest[0].id if newest else None


async def log(seat: Seat, scenario_id: str, after: int, limit: int = MOST_LINES) -> list[LogLine]:
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
    return [await _redacted(seat, scenario_id, line) for line in lines]


async def family(seat: Seat, scenario_id: str) -> Sequence[Saved]:
    """Return all options of the same origin, this one included."""
    return await asyncio.to_thread(seat.store.branches, scenario_id, seat.who.id)


def option_names(seat: Seat, options: Sequence[Saved]) -> list[tuple[str, str]]:
    """Return id and name of each option, as this person may read them."""
    return [(one.id, seat.seen.scrub(one.name)) for one in options]


async def _redacted(seat: Seat, scenario_id: str, line: LogLine) -> LogLine:
    """Return a line of the log; its reason is redacted where something is hidden."""
    if seat.seen.is_whole or line.revision < 2 or not line.reason:
        return line
    get, newer = seat.store.get, line.revision
    after = seat.scenario(await asyncio.to_thread(get, scenario_id, newer)).to_dict()
    before = seat.scenario(await asyncio.to_thread(get, scenario_id, newer - 1)).to_dict()
    change = difference(before, after)
    # the reason of an undo names what was undone
    change = change.inverse if line.kind == "undone" else change
    words = what_changed(seat.world, change, seat.labels)
    return replace(line, reason=words or _("something you may not see"))


def require_this_world(seat: Seat, plain: Plain) -> None:
    """Refuse a scenario of another world."""
    if plain.get("world") != seat.desk.world.world_id:
        raise BadInputError([_("That scenario is for another world than the one shown here.")])
