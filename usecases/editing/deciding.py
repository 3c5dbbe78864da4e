"""What an edit becomes: a pure decider, called by the store under the write lock.

It compares the newest revision with the one that the page showed; all checks apply to the plain
scenario that is written.
"""

from __future__ import annotations

from models.change import LISTS, difference
from models.errors import BadInputError, KnockOnError
from models.exercise.reached import Reached
from models.revisions import DecideRevision, Draft, Revisions, changed, stale
from models.rights.permission import require_may_change
from models.wording import _
from usecases.editing.actions import (
    CostMeasure,
    Edit,
    EditEvent,
    RemoveEvent,
    RemoveMeasure,
    apply_action,
    named_by,
    require_size,
)
from usecases.editing.rebase import rebased
from usecases.ports import Plain
from usecases.reading import require_this_world
from usecases.reasons import what_changed
from usecases.seat import Seat


def edited(seat: Seat, edit: Edit, base: int, now: Reached | None = None) -> DecideRevision:
    """Return a decider that makes an edit, on the newest revision where it may.

    Parameters
    ----------
    seat
        The place of the user who makes it.
    edit
        What they do.
    base
        The revision that their page showed.
    now
        How far an exercise has come, which holds later events back from them.

    Raises
    ------
    StaleRevisionError
        By the decider, where others changed something that the edit depends on.
    NotAllowedError, BadInputError, UnknownIdError
        By the decider, where it is not theirs to make, or no change of this scenario or world.
    """

    def decide(history: Revisions) -> Draft:
        newest = history.newest
        require_this_world(seat, newest.plain)
        if base > newest.revision:
            raise stale(history, base)
        then = newest if newest.revision == base else history.line(base)
        after = _made(seat, then.plain, _placed(edit, then.plain, now))
        if then is not newest:
            mine, others = (difference(then.plain, plain) for plain in (after, newest.plain))
            moved = rebased(mine, others, newest.plain, named_by(edit))
            if moved is None:
                raise stale(history, base)
            require_size(moved)
            after = moved
        plain = checked(seat, after)
        change = difference(newest.plain, plain)
        require_may_change(seat.who, seat.desk.world, change)
        reason = what_changed(seat.desk.world, change, seat.labels)
        return changed(history, seat.who.id, plain, reason)

    return decide


def _made(seat: Seat, plain: Plain, edit: Edit) -> Plain:
    """Return a scenario after an edit, with what the user may see of it."""
    _refuse_hidden(seat, plain, edit)
    if isinstance(edit, EditEvent):
        edit = _with_its_note(seat, plain, edit)
    after = _signed(seat, plain, apply_action(seat.world, plain, edit))
    if not seat.seen.is_whole:
        # what is new is checked against the world that the user sees: the rest is not there
        change = difference(plain, after)
        new = {name: change.came(name) for name in LISTS}
        seat.desk.parse({**after, **new}, seat.world)
    return after


def _placed(edit: Edit, plain: Plain, now: Reached | None) -> Edit:
    """Return an edit with its event's place among all events, of which the page has not all."""
    if now is None or not isinstance(edit, EditEvent | RemoveEvent):
        return edit
    places = now.shown(plain.get("events", ()))
    # one that the page does not have is none that there is
    place = places[edit.index] if edit.index < len(places) else len(plain.get("events", ()))
    return edit.model_copy(update={"index": place})


def _signed(seat: Seat, before: Plain, after: Plain) -> Plain:
    """Return a changed scenario that says whose the title is, if that is a new one."""
    if after.get("title", "") == before.get("title", ""):
        return after
    rest = {key: value for key, value in after.items() if key != "title_tlp"}
    signature = seat.seen.signature
    return rest | {"title_tlp": signature} if signature else rest


def _refuse_hidden(seat: Seat, plain: Plain, edit: Edit) -> None:
    """Refuse to change or take away what this person may not see."""
    shown, index = seat.seen.plain(plain), getattr(edit, "index", None)
    name = "measures" if isinstance(edit, RemoveMeasure | CostMeasure) else "events"
    listed = shown.get(name, ())
    if index is not None and index < len(listed) and "unseen" in listed[index]:
        raise BadInputError([_("You cannot change things that are hidden from you.")])


def _with_its_note(seat: Seat, plain: Plain, edit: EditEvent) -> EditEvent:
    """Keep the note of an event for a user who was not shown it."""
    events = plain.get("events", ())
    if seat.seen.is_whole or edit.index >= len(events):
        return edit
    note = events[edit.index].get("note", "")
    return edit.model_copy(update={"event": edit.event.model_copy(update={"note": note})})


def checked(seat: Seat, plain: Plain) -> Plain:
    """Return a scenario as the parser reads it, checked against the whole world."""
    try:
        return seat.desk.parse(plain, seat.desk.world).to_dict()
    except KnockOnError as error:
        raise seat.redacted(error) from None
