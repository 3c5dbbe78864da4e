"""An entry of the library of worlds: what it says, who may see it, and what may happen to it.

The log of an entry holds its whole state in every line, so the newest line is the current state.
All decisions here are pure; the store runs them under the lock of the entry.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from models.access import LOCAL, NotAllowedError, Tlp, Who
from models.errors import BadInputError
from models.wording import N_, _

Origin = Literal["embedded", "imported", "copied"]
Standing = Literal["open", "archived", "deleted"]
#: what a line of an entry's log did
Did = Literal["added", "renamed", "archived", "unarchived", "deleted", "restored"]
MAX_TITLE = 120
#: for so long a deleted world can be restored
BIN = timedelta(days=30)
_GONE = N_("There is no such world here, or it is not yours.")


@dataclass(frozen=True, slots=True)
class State:
    """What changes about an entry. ``label``: the least clearance that sees it."""

    title: str
    standing: Standing = "open"
    label: Tlp = "CLEAR"


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """A line to be added to the log of an entry."""

    did: Did
    author: str
    state: State
    reason: str = ""


@dataclass(frozen=True, slots=True)
class EntryLine(EntryDraft):
    """A line of the log of an entry; ``made_at`` is UTC, ISO 8601."""

    number: int = 1
    made_at: str = ""


@dataclass(frozen=True, slots=True)
class WorldEntry:
    """A world of the library. ``base`` is the SHA-256 of its files, ``session`` where it belongs.

    ``revision`` and ``changed`` are those of the newest line of its log.
    """

    id: str
    base: str
    origin: Origin
    owner: str
    session: str
    created: str
    assets: int
    people: int
    state: State
    revision: int
    changed: str


def clean_title(title: str) -> str:
    """Return a title on one line; raises BadInputError if nothing is left of it."""
    line = "".join(c if c.isprintable() else " " for c in title[: MAX_TITLE * 2])
    line = " ".join(line.split())[:MAX_TITLE]
    if not line:
        raise BadInputError([_("A world needs a title.")])
    return line


def may_see(entry: WorldEntry, who: Who) -> bool:
    """Return whether a user may see an entry: their own, or one of their session, by its label."""
    if not who.may_look or not who.may_see(entry.state.label):
        return False
    return entry.session == (who.session or "") and (entry.owner == who.id or bool(entry.session))


def require_sight(entry: WorldEntry, who: Who) -> None:
    """Refuse an entry that a user may not see, in the words for one that does not exist."""
    if not may_see(entry, who):
        raise NotAllowedError(_(_GONE))


def require_change(entry: WorldEntry, who: Who) -> None:
    """Refuse a change of an entry by others than its owner and who leads its session.

    Raises
    ------
    NotAllowedError
        In the same words for an entry that the user may not see: ids cannot be guessed by it.
    """
    require_sight(entry, who)
    if not (who.may_change and (entry.owner == who.id or who.leads)):
        raise NotAllowedError(_("Only its owner, or a facilitator, may change this world."))


def owner_of(who: Who) -> str:
    """Return whose a new world is; raises NotAllowedError if the user may change nothing."""
    if not who.may_change:
        raise NotAllowedError(_("Please sign in: open your invitation link again."))
    return who.id or LOCAL


def renamed(newest: EntryLine, who: Who, title: str) -> EntryDraft | None:
    """Return the line that renames an entry; None if it is called so already.

    Parameters
    ----------
    newest
        The entry's last line.
    who
        Who renames it.
    title
        Its new title.
    """
    require_there(newest.state)
    title = clean_title(title)
    if title == newest.state.title:
        return None
    return EntryDraft("renamed", who.id, replace(newest.state, title=title))


def archived(newest: EntryLine, who: Who) -> EntryDraft | None:
    """Return the line that archives an entry; None if it is archived."""
    require_there(newest.state)
    if newest.state.standing == "archived":
        return None
    return EntryDraft("archived", who.id, replace(newest.state, standing="archived"))


def unarchived(newest: EntryLine, who: Who) -> EntryDraft | None:
    """Return the line that takes an entry out of the archive; None if it is not in it."""
    require_there(newest.state)
    if newest.state.standing == "open":
        return None
    return EntryDraft("unarchived", who.id, replace(newest.state, standing="open"))


def deleted(newest: EntryLine, who: Who) -> EntryDraft | None:
    """Return the line that puts an entry into the bin; None if it is there."""
    if newest.state.standing == "deleted":
        return None
    return EntryDraft("deleted", who.id, replace(newest.state, standing="deleted"))


def restored(newest: EntryLine, who: Who, now: str) -> EntryDraft | None:
    """Return the line that takes an entry out of the bin; None if it is not in it.

    Parameters
    ----------
    newest, who
        The newest line, and the user.
    now
        The time, UTC, ISO 8601.

    Raises
    ------
    BadInputError
        If it was deleted longer than :data:`BIN` ago.
    """
    if newest.state.standing != "deleted":
        return None
    if is_past(newest.made_at, now):
        raise BadInputError([_("This world was deleted more than 30 days ago.")])
    return EntryDraft("restored", who.id, replace(newest.state, standing="open"))


def is_past(deleted_at: str, now: str) -> bool:
    """Return whether what was deleted then can no longer be restored."""
    return datetime.fromisoformat(now) - datetime.fromisoformat(deleted_at) > BIN


def require_there(state: State) -> None:
    """Refuse a change of an entry that is in the bin."""
    if state.standing == "deleted":
        raise BadInputError([_("This world was deleted. Restore it first.")])
