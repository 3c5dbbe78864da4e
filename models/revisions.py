"""The log of a scenario: its lines, and pure deciders of the next one.

Undo is per author: it appends the inverse of that author's last change that is still in effect, and
keeps what others did since. Each line carries the lists that undo and redo follow, so a decider
reads only a few lines. The rules are in ``docs/reference/store.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from models.access import LOCAL
from models.change import Change, Conflict, Plain, difference
from models.errors import BadInputError, KnockOnError
from models.log import Decide, History
from models.wording import N_, _

#: how many changes of others the message of a refusal lists
TOLD_CHANGES = 3

Kind = Literal["created", "changed", "undone", "redone", "deleted", "restored"]
KINDS: tuple[str, ...] = get_args(Kind)
#: the text of a line without a reason, by its kind
_DONE: Mapping[str, str] = {
    "created": N_("created"),
    "changed": N_("changed"),
    "undone": N_("undone"),
    "redone": N_("redone"),
    "deleted": N_("deleted"),
    "restored": N_("restored"),
}
_DID: Mapping[str, str] = {
    "undone": N_("undid: {what}"),
    "redone": N_("redid: {what}"),
}


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a scenario's log as it is kept, without the content.

    ``reason`` says what was done, in the words of its author; that of an undo or redo is the reason
    of the change that it reverted or repeated. It may name what a reader may not see, so no text of
    a line contains it: ``usecases/redaction.py`` makes a :class:`ShownLine` for one reader.
    ``made_at`` is UTC, ISO 8601; the order is that of ``revision``, regardless of the clock.
    """

    revision: int
    kind: str
    author: str
    made_at: str
    reason: str = field(repr=False)

    def __str__(self) -> str:
        return str(ShownLine.of(self, ""))


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of a log as one reader may see it: ``reason`` is in their words, or empty."""

    revision: int
    kind: str
    author: str
    made_at: str
    reason: str

    @classmethod
    def of(cls, line: LogLine, reason: str) -> ShownLine:
        """Return a line with the reason that a reader may see."""
        return cls(line.revision, line.kind, line.author, line.made_at, reason)

    @property
    def what(self) -> str:
        """Return what was done."""
        return self.reason or _(_DONE[self.kind])

    def __str__(self) -> str:
        what = self.what
        if self.kind in _DID and self.reason:
            what = _(_DID[self.kind]).format(what=what)
        who = _("a user") if self.author == LOCAL else self.author
        text = _("{who} at {at} UTC: {what}")
        return text.format(who=who, at=self.made_at[11:16], what=what)


@dataclass(frozen=True, slots=True)
class Revision(LogLine):
    """One line of a scenario's log, with the scenario after it.

    ``next_undo`` and ``next_redo`` are the revisions whose changes this author would undo or redo
    next. They head two lists linked by ``below`` (see ``data/store/database.py``).
    """

    plain: dict[str, Any]
    takes_back: int | None = None
    next_undo: int | None = None
    next_redo: int | None = None
    below: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A revision to be added; the store assigns its number and time."""

    kind: Kind
    author: str
    plain: Plain
    reason: str = ""
    takes_back: int | None = None
    next_undo: int | None = None
    next_redo: int | None = None
    below: int | None = None


Revisions = History[Revision]
DecideRevision = Decide[Revision, Draft]


class QuotingError(KnockOnError):
    """An error that quotes lines of a log; its own text leaves their reasons out.

    ``usecases/redaction.py`` makes the text for one reader, of ``lines`` as they may see them.
    """

    def __init__(self, lines: Sequence[LogLine]) -> None:
        self.lines = tuple(lines)
        super().__init__(self.quoting([ShownLine.of(line, "") for line in self.lines]))

    def quoting(self, lines: Sequence[ShownLine]) -> str:
        """Return the text that quotes ``lines``, which are those of the error for one reader."""
        raise NotImplementedError


class StaleRevisionError(QuotingError):
    """Another user changed the scenario in the meantime; ``lines`` are the newest such changes."""

    def __init__(self, yours: int, current: int, since: Sequence[LogLine] = ()) -> None:
        self.yours, self.current = yours, current
        super().__init__(since[-TOLD_CHANGES:])

    def quoting(self, lines: Sequence[ShownLine]) -> str:
        """Return the text that quotes the newest changes."""
        text = _(
            "This scenario has changed in the meantime (you have revision {yours}, it is at "
            "{now}). Reload it and make your change again."
        )
        if lines:
            text = _(
                "This scenario has changed in the meantime (you have revision {yours}, it is at "
                "{now}). Changed since: {changes}. Reload it and make your change again."
            )
        changes = "; ".join(map(str, lines))
        return text.format(yours=self.yours, now=self.current, changes=changes)


class DeletedScenarioError(QuotingError):
    """The scenario was deleted; it can be restored."""

    def __init__(self, change: LogLine) -> None:
        super().__init__([change])

    def quoting(self, lines: Sequence[ShownLine]) -> str:
        """Return the text that quotes the deletion."""
        text = _("This scenario was deleted ({change}). It can be restored.")
        return text.format(change=lines[0])


class CannotTakeBackError(QuotingError):
    """An author's last change cannot be undone, or redone, because of what others did since."""

    def __init__(self, mine: LogLine, others: LogLine) -> None:
        super().__init__([mine, others])

    def quoting(self, lines: Sequence[ShownLine]) -> str:
        """Return the text that quotes the change and what is in its way."""
        mine, others = lines
        return _(
            "Your change '{mine}' cannot be undone or redone: the same thing was "
            "changed since ({others}). Edit it by hand, or ask its author to "
            "undo that first."
        ).format(mine=mine.what, others=others)


def name_taken(name: str) -> BadInputError:
    """Return the refusal of a name that an option of the same origin has."""
    text = _("An option named '{name}' exists, or existed and was deleted. Choose another name.")
    return BadInputError([text.format(name=name)])


def require_there(newest: LogLine) -> None:
    """Refuse to use a scenario that was deleted."""
    if newest.kind == "deleted":
        raise DeletedScenarioError(newest)


def stale(history: Revisions, base: int) -> StaleRevisionError:
    """Return the refusal of a change that was made on another revision than the newest."""
    now = history.newest.revision
    # a base is client input: it may be any number
    after = max(base, now - TOLD_CHANGES, 0)
    return StaleRevisionError(base, now, history.after(after) if after < now else ())


def on(base: int, decide: DecideRevision) -> DecideRevision:
    """Return a decider that refuses unless the newest revision is ``base``."""

    def decided(history: Revisions) -> Draft | None:
        if history.newest.revision != base:
            raise stale(history, base)
        return decide(history)

    return decided


def on_own(base: int, author: str, decide: DecideRevision) -> DecideRevision:
    """Return a decider that refuses if ``author`` changed something after ``base``.

    Changes of other authors are accepted.

    Parameters
    ----------
    base
        The revision that the author saw.
    author
        The user whose change it is.
    decide
        The decider to use otherwise.
    """

    def decided(history: Revisions) -> Draft | None:
        mine = history.last_of(author)
        if base > history.newest.revision or (mine is not None and mine.revision > base):
            raise stale(history, base)
        return decide(history)

    return decided


def changed(history: Revisions, author: str, plain: Plain, reason: str = "") -> Draft:
    """Return the line of a change; it ends the author's list of changes to redo.

    Parameters
    ----------
    history
        The log to which it is added.
    author
        The user who makes the change.
    plain
        The plain scenario after it.
    reason
        Description of the change, in the page's words.
    """
    mine = history.last_of(author)
    return Draft(
        kind="changed",
        author=author,
        plain=plain,
        reason=reason,
        next_undo=history.newest.revision + 1,
        below=mine.next_undo if mine else None,
    )


def undone(author: str) -> DecideRevision:
    """Return a decider that undoes the author's last change, or adds nothing without one."""

    def decide(history: Revisions) -> Draft | None:
        mine = history.last_of(author)
        if mine is None or mine.next_undo is None:
            return None
        step = history.line(mine.next_undo)
        return Draft(
            kind="undone",
            author=author,
            plain=_without(history, step),
            reason=step.reason,
            takes_back=step.revision,
            next_undo=step.below,
            next_redo=history.newest.revision + 1,
            below=mine.next_redo,
        )

    return decide


def redone(author: str) -> DecideRevision:
    """Return a decider that redoes the author's last undone change, or adds nothing without one."""

    def decide(history: Revisions) -> Draft | None:
        mine = history.last_of(author)
        if mine is None or mine.next_redo is None:
            return None
        step = history.line(mine.next_redo)
        return Draft(
            kind="redone",
            author=author,
            plain=_without(history, step),
            reason=step.reason,
            takes_back=step.revision,
            next_undo=history.newest.revision + 1,
            next_redo=step.below,
            below=mine.next_undo,
        )

    return decide


def marked(
    kind: Literal["deleted", "restored"], author: str, reason: str = ""
) -> Callable[[Revisions], Draft]:
    """Return a decider that appends a line without a change of content or of the undo lists.

    Parameters
    ----------
    kind
        Kind of the line.
    author
        The user who makes it.
    reason
        Why, in the page's words.
    """

    def decide(history: Revisions) -> Draft:
        newest, mine = history.newest, history.last_of(author)
        return Draft(
            kind=kind,
            author=author,
            plain=newest.plain,
            reason=reason,
            next_undo=mine.next_undo if mine else None,
            next_redo=mine.next_redo if mine else None,
        )

    return decide


def _without(history: Revisions, step: Revision) -> Plain:
    """Return the newest content with the change of one line reverted."""
    change = difference(history.before(step.revision).plain, step.plain).inverse
    result = change.apply(history.newest.plain)
    if isinstance(result, Conflict):
        raise CannotTakeBackError(step, _in_the_way(history, step, change))
    return result


def _in_the_way(history: Revisions, step: Revision, change: Change) -> Revision:
    """Return the first line after which a change could no longer be applied."""
    culprit = line = history.newest
    while line.revision > step.revision and isinstance(change.apply(line.plain), Conflict):
        culprit, line = line, history.before(line.revision)
    return culprit
