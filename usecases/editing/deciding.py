"""What an edit becomes: a pure decider, called by the store under the write lock.

It compares the newest revision with the one that the page showed; all checks apply to the plain
scenario that is written.
"""

from __future__ import annotations

from models.change import LISTS, Change, difference
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
from usecases.known import AHEAD
from usecases.ports import Plain
from usecases.reading import require_this_world
from usecases.reasons import what_changed
from usecases.seat import PARTLY_HIDDEN, Seat


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
        after = _made(seat, then.plain, _placed(edit, then.plain, now), now)
        if then is not newest:
            mine, others = (difference(then.plain, plain) for plain in (after, newest.plain))
            moved = rebased(mine, others, newest.plain, named_by(edit))
            if moved is None:
                raise stale(history, base)
            require_size(moved)
            after = moved
        # before anything is computed: who may not make a change costs no time under the lock
        require_may_change(seat.who, seat.desk.world, difference(newest.plain, after))
        plain = checked(seat, after, now)
        change = difference(newest.plain, plain)
        require_may_change(seat.who, seat.desk.world, change)
        reason = what_changed(seat.desk.world, change, seat.labels)
        return changed(history, seat.who.id, plain, reason)

    return decide


def _made(seat: Seat, plain: Plain, edit: Edit, now: Reached | None) -> Plain:
    """Return a scenario after an edit, with what the user may see of it."""
    _refuse_hidden(seat, plain, edit)
    if isinstance(edit, EditEvent):
        edit = _with_its_words(seat, plain, edit)
    after = _signed(seat, plain, apply_action(seat.world, plain, edit))
    change = difference(plain, after)
    if now is not None or not seat.seen.is_whole:
        _refuse_new_names(change, now)
    if not seat.seen.is_whole:
        # what is new is checked against the world that the user sees: the rest is not there
        new = {name: change.came(name) for name in LISTS}
        new["events"] = [{**one, "triggered_by": None} for one in new["events"]]
        scenario = seat.desk.parse({**after, **new}, seat.world)
        if any(map(seat.seen.label_of_event, scenario.events)):
            raise BadInputError([_(PARTLY_HIDDEN)])
    return after


def _refuse_new_names(change: Change, now: Reached | None) -> None:
    """Refuse names and triggers of events that were not there: others' may be hidden.

    That a name is taken, or that there is one to be triggered by, would tell of them.
    """
    for field in ("name", "triggered_by"):
        came, gone = (
            {one[field] for one in entries if one.get(field) is not None}
            for entries in (change.came("events"), change.went("events"))
        )
        if came - gone:
            raise BadInputError([_(PARTLY_HIDDEN if now is None else AHEAD)])


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


def _with_its_words(seat: Seat, plain: Plain, edit: EditEvent) -> EditEvent:
    """Keep note, name and trigger of an event for a user who was not shown them."""
    events = plain.get("events", ())
    if seat.seen.is_whole or edit.index >= len(events):
        return edit
    held = events[edit.index]
    kept = {"note": held.get("note", "")}
    kept |= {one: held[one] for one in ("name", "triggered_by") if held.get(one) is not None}
    return edit.model_copy(update={"event": edit.event.model_copy(update=kept)})


def checked(seat: Seat, plain: Plain, now: Reached | None = None) -> Plain:
    """Return a scenario as the parser reads it, checked against the whole world.

    Parameters
    ----------
    seat
        The seat of the user.
    plain
        The scenario.
    now
        How far an exercise has come, which holds later events back from them.

    Raises
    ------
    BadInputError
        With what is wrong; in general words where others' events are hidden or held back.
    """
    try:
        return seat.desk.parse(plain, seat.desk.world).to_dict()
    except KnockOnError as error:
        if now is not None:
            # what the room knows is wrong by itself, or something still to come is
            seat.desk.parse(now.known(plain), seat.desk.world)
            raise BadInputError([_(AHEAD)]) from None
        raise seat.redacted(error) from None
