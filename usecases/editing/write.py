"""Opening and changing scenarios from a seat: the one door for what the page does to them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from functools import partial
from typing import Any

from layouts.feed.payloads.picture import Picture
from layouts.feed.payloads.scenario import ShownScenario
from models.access import NotAllowedError
from models.errors import BadInputError, KnockOnError, UnknownIdError
from models.revisions import DecideRevision, StaleRevisionError, on_own, redone, undone
from models.rights.permission import require_leads, require_may_edit
from models.scenario import Scenario
from models.wording import N_, _
from usecases import asking, reading
from usecases.editing import options
from usecases.editing.actions import (
    Edit,
    New,
    OpenReady,
    OptionChange,
    Redo,
    Undo,
    parse_action,
)
from usecases.editing.deciding import edited
from usecases.known import as_known, reached
from usecases.panels.lists import Panels, panels_of
from usecases.ports import Plain, Saved
from usecases.redaction import text_for, text_of
from usecases.seat import Seat
from usecases.threads import writing

_LOG = logging.getLogger("knockon")
STALE = N_(
    "Another user has just changed this scenario, so your change was not saved. The "
    "page now shows their version; repeat your change if it still applies."
)
#: how many of their changes are named
TOLD_CHANGES = 3
#: the revision that a new scenario begins with: it is empty, so the first change can be undone
EMPTY = 1


@dataclass(frozen=True)
class Answer:
    """The payload for the page after a change or an opening; None leaves its part as it is.

    ``panels`` are of the same revision as ``scenario``.
    """

    scenario: ShownScenario | None = None
    picture: Picture | None = None
    panels: Panels | None = None
    text: str = ""
    kind: str = "error"


async def open_scenario(seat: Seat, scenario_id: str | None) -> Answer:
    """Open a scenario; one that is not there gives a message and an empty one.

    Without an id, a user in a session sees the scenario that was changed last there.
    """
    text = ""
    try:
        saved = await reading.current(seat, scenario_id or await reading.last_changed(seat))
    except KnockOnError as error:
        notice = _("A new, empty scenario was opened instead.")
        text = f"{await text_for(seat, scenario_id, error)} {notice}"
        saved = await reading.current(seat, None)
    return await _answer(seat, saved, text)


async def act(seat: Seat, scenario_id: str | None, request: object) -> Answer:
    """Make one change, wholly or not at all, and return the result for the page.

    Parameters
    ----------
    seat
        The seat of the user who makes it.
    scenario_id
        The scenario that their page shows; None if it is not saved yet.
    request
        The payload from the page: a change as JSON, not validated yet.
    """
    try:
        action = parse_action(request)
        saved = await _changed(seat, scenario_id, action)
        if saved.id:
            seat.desk.on_change(saved.id, saved.revision, action.nonce)
    except KnockOnError as error:
        if isinstance(error, NotAllowedError):
            _LOG.warning("refused a change: %s (%s)", seat.who.id, seat.who.role)
        newer = await _newer(seat, scenario_id, request)
        if newer is None:
            return Answer(text=await text_for(seat, scenario_id, error))
        return await _answer(seat, newer, _(STALE) + await _since(seat, newer, request))
    return await _answer(seat, saved)


async def _changed(seat: Seat, scenario_id: str | None, action: Any) -> Saved:
    if isinstance(action, OptionChange):
        return await options.changed(seat, scenario_id, action)
    require_may_edit(seat.who)
    if isinstance(action, New):
        require_leads(seat.who)
        return await reading.current(seat, None)
    if isinstance(action, OpenReady):
        require_leads(seat.who)
        return await _created(seat, _ready(seat, action.name))
    if isinstance(action, Undo | Redo):
        return await _stepped(seat, scenario_id, action)
    return await _edited(seat, scenario_id, action)


async def _stepped(seat: Seat, scenario_id: str | None, action: Undo | Redo) -> Saved:
    # what they take back was theirs to do: each author undoes their own changes alone
    if scenario_id is None:
        raise BadInputError([_("Nothing has been changed yet.")])
    author = seat.who.id
    step = undone(author) if isinstance(action, Undo) else redone(author)
    decide = on_own(action.base_rev, author, step)
    return await writing(seat.store.append, scenario_id, decide, author=author)


async def _edited(seat: Seat, scenario_id: str | None, edit: Edit) -> Saved:
    if scenario_id is not None:
        decide = edited(seat, edit, edit.base_rev, await reached(seat, scenario_id))
        return await writing(seat.store.append, scenario_id, decide, author=seat.who.id)
    require_leads(seat.who)
    if edit.base_rev:
        raise StaleRevisionError(edit.base_rev, 0)
    empty = Scenario(seat.desk.world.world_id).to_dict()
    return await _created(seat, empty, edited(seat, edit, EMPTY))


async def _created(seat: Seat, plain: Plain, then: DecideRevision | None = None) -> Saved:
    checked = seat.desk.parse(plain, seat.desk.world).to_dict()
    title = str(checked.get("title", ""))
    create = partial(seat.store.create, author=seat.who.id, then=then)
    return await writing(create, seat.desk.world.world_id, title, checked)


def _ready(seat: Seat, name: str) -> Plain:
    ready = seat.ready
    if name not in ready:
        raise UnknownIdError("ready scenario", name[:80], ready)
    return ready[name].plain


async def _newer(seat: Seat, scenario_id: str | None, request: object) -> Saved | None:
    """Return the current revision if a refused change was made on an older one."""
    base = _base(request)
    try:
        now = await reading.current(seat, scenario_id)
    except KnockOnError:
        return None
    return now if base is not None and base != now.revision else None


def _base(request: object) -> int | None:
    """Return the revision that a request was made on, as it says; None if it says no number."""
    base = request.get("base_rev") if isinstance(request, dict) else None
    # true is a whole number in Python, and none for a database
    return base if isinstance(base, int) and not isinstance(base, bool) else None


async def _since(seat: Seat, newer: Saved, request: object) -> str:
    """Return in words what other users did after the revision that a change was made on."""
    base = _base(request) or 0
    # the page's number is not validated: it may be larger than any revision
    after = max(0, min(base, newer.revision), newer.revision - TOLD_CHANGES)
    try:
        lines = await reading.log(seat, newer.id, after)
    except KnockOnError:
        return ""
    what = "; ".join(map(str, lines))
    return " " + _("Changed in the meantime: {what}.").format(what=what) if what else ""


async def _answer(seat: Seat, saved: Saved, text: str = "") -> Answer:
    """Return the current revision for the page; it is saved even if it cannot be computed."""
    saved = await as_known(seat, saved)
    payload = seat.payload(saved)
    # the panels need the database alone, which is read while a worker computes the picture
    beside = asyncio.ensure_future(panels_of(seat, saved))
    try:
        picture = await asking.picture(seat, saved)
    except KnockOnError as error:
        return Answer(payload, None, await _or_none(beside), f"{text} {text_of(error)}".strip())
    return Answer(payload, picture, await _or_none(beside), text)


async def _or_none(panels: Awaitable[Panels]) -> Panels | None:
    """Return the panels; None if they cannot be read now, so that the page asks for them."""
    try:
        return await panels
    except KnockOnError:
        return None
