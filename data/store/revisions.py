"""A scenario's log in its two tables: queries, validation and conversion of lines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.store.database import ChangeRow, ScenarioRow, now, one_line
from data.store.log import Log
from models.errors import BadInputError, KnockOnError
from models.revisions import DecideRevision, Draft, LogLine, Revision, require_there
from models.wording import _

MAX_PLAIN_BYTES = 256_000
MAX_TITLE = 200
MAX_AUTHOR = 80
MAX_REASON = 500


#: the key of the shared session in a transaction's info
WITHIN = "within"


@dataclass(frozen=True, slots=True)
class Stored:
    """A scenario at its current revision, or at an earlier one.

    ``title`` is that of the plain form if it has one, so that undo reverts a new title, too.
    ``revision`` grows with every change, undo and redo included: it shows whether a viewer is up
    to date. ``can_undo`` and ``can_redo`` are those of the requesting user. ``created`` and
    ``updated`` are UTC, ISO 8601. A branch has a ``name``, with
    the ``signature`` of its author, and left ``branch_of`` at
    ``branch_revision``.
    """

    id: str
    world_id: str
    title: str
    revision: int
    plain: dict[str, Any]
    can_undo: bool
    can_redo: bool
    created: str
    updated: str
    name: str = ""
    signature: str = ""
    branch_of: str | None = None
    branch_revision: int | None = None


def signed(text: str, signature: str) -> str:
    """Return a name as it is kept, with its author's view (``Seen.signature``) behind a line end.

    Names are one line each. One name that authors of two views gave is two names: that somebody
    may not read one of them must not show when they give it, too.
    """
    return f"{text}\n{signature}" if signature else text


def unsigned(kept: str) -> tuple[str, str]:
    """Return a name and its author's view."""
    text, _, signature = kept.partition("\n")
    return text, signature


class UnknownScenarioError(KnockOnError):
    """No scenario has this id."""

    def __init__(self, scenario_id: str) -> None:
        shown = one_line(scenario_id, 40)
        text = _("No scenario '{id}'. It may be from another installation.")
        super().__init__(text.format(id=shown))


class UnknownRevisionError(KnockOnError):
    """No such revision, or its content was not recorded."""

    def __init__(self, revision: int, current: int) -> None:
        super().__init__(
            _(
                "Revision {revision} of this scenario is no longer available "
                "(current: {now}). Reload the page."
            ).format(revision=revision, now=current)
        )


def plain_text(plain: Mapping[str, Any]) -> str:
    """Return a scenario as stored text; raises BadInputError if it is too large or not JSON."""
    try:
        text = json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        size = len(text.encode("utf-8"))
    except (TypeError, ValueError, RecursionError):
        raise BadInputError([_("The scenario is not plain JSON and was not saved.")]) from None
    if size > MAX_PLAIN_BYTES:
        text = _("The scenario is too large to save: {size} kB; the limit is {limit} kB.")
        raise BadInputError([text.format(size=size // 1000, limit=MAX_PLAIN_BYTES // 1000)])
    return text


def author_name(author: str) -> str:
    """Return an author's name in stored form; raises BadInputError if it is empty."""
    named = one_line(author, MAX_AUTHOR)
    if not named:
        raise BadInputError([_("A change needs an author.")])
    return named


def read_revision(row: ChangeRow) -> Revision:
    """Return a row as a line of the log."""
    names = Revision.__dataclass_fields__
    values = {name: getattr(row, name) for name in names if name != "plain"}
    return Revision(plain=json.loads(row.plain), **values)


def _change_row(scenario_id: str, revision: int, draft: Draft) -> ChangeRow:
    return ChangeRow(
        scenario_id=scenario_id,
        revision=revision,
        kind=draft.kind,
        author=author_name(draft.author),
        made_at=now(),
        reason=one_line(draft.reason, MAX_REASON),
        plain=plain_text(draft.plain),
        takes_back=draft.takes_back,
        next_undo=draft.next_undo,
        next_redo=draft.next_redo,
        below=draft.below,
    )


#: a scenario's log in its two tables
LOG: Log[ScenarioRow, ChangeRow, Revision, Draft] = Log(
    heads=ScenarioRow,
    rows=ChangeRow,
    head_id=ChangeRow.scenario_id,
    number=ChangeRow.revision,
    author=ChangeRow.author,
    text=ChangeRow.plain,
    session=ScenarioRow.session_id,
    read=read_revision,
    write=_change_row,
    number_of=lambda line: line.revision,
    unknown=UnknownScenarioError,
    no_line=UnknownRevisionError,
    sequence=ChangeRow.sequence,
)


def find(session: Session, scenario_id: str, *, lock: bool = False) -> ScenarioRow:
    """Return the head of a scenario in the transaction's shared session.

    Parameters
    ----------
    session
        The transaction; its info holds the shared session.
    scenario_id
        The scenario; it may be any text.
    lock
        Whether to lock it against other changes until the transaction ends.

    Raises
    ------
    UnknownScenarioError
        If the id is unknown or belongs to another session: the error is the same.
    """
    row = LOG.head(session, scenario_id, lock=lock)
    if row.session_id != session.info[WITHIN]:
        raise UnknownScenarioError(scenario_id)
    return row


def at_revision(
    session: Session, scenario_id: str, revision: int | None
) -> tuple[ScenarioRow, Revision]:
    """Return a scenario that is not deleted, and its newest or a certain line.

    Parameters
    ----------
    session
        The transaction.
    scenario_id, revision
        The scenario, and the line's revision; None for the newest.
    """
    row = find(session, scenario_id)
    lines = LOG.lines(session, row.id)
    require_there(lines.newest)
    if revision is None or revision == lines.newest.revision:
        return row, lines.newest
    return row, lines.line(revision)


def lines_after(session: Session, scenario_id: str, after: int, limit: int) -> list[LogLine]:
    """Return lines of a log without their content, in order.

    Parameters
    ----------
    session
        The transaction.
    scenario_id, after
        The scenario, and the revision after which lines are returned.
    limit
        How many at most.
    """
    columns = [getattr(ChangeRow, name) for name in LogLine.__dataclass_fields__]
    log = select(*columns).where(ChangeRow.scenario_id == scenario_id, ChangeRow.revision > after)
    rows = session.execute(log.order_by(ChangeRow.revision).limit(limit))
    return [LogLine(*row) for row in rows]


def _steps(session: Session, row: ScenarioRow, shown: Revision, author: str) -> tuple[bool, bool]:
    """Return whether an author can undo, and redo, after a line."""
    if shown.author == author:
        return shown.next_undo is not None, shown.next_redo is not None
    own = select(ChangeRow.next_undo, ChangeRow.next_redo).where(
        ChangeRow.scenario_id == row.id,
        ChangeRow.author == author,
        ChangeRow.revision <= shown.revision,
    )
    last = session.execute(own.order_by(ChangeRow.revision.desc()).limit(1)).one_or_none()
    return (False, False) if last is None else (last[0] is not None, last[1] is not None)


def begin(
    session: Session, row: ScenarioRow, first: Draft, then: DecideRevision | None = None
) -> Stored:
    """Add a scenario with the first line of its log, and the line that ``then`` decides.

    Parameters
    ----------
    session
        The transaction.
    row, first
        The scenario and its first line.
    then
        Decides the next line.
    """
    row.session_id = session.info[WITHIN]
    return stored(session, row, LOG.begin(session, row, first, then), first.author)


def title_of(row: ScenarioRow, shown: Revision) -> str:
    """Return the title of a scenario at a revision."""
    return one_line(str(shown.plain.get("title") or row.title), MAX_TITLE)


def stored(session: Session, row: ScenarioRow, shown: Revision, author: str) -> Stored:
    """Return a scenario at the revision of a line.

    Parameters
    ----------
    session
        The transaction.
    row, shown
        The scenario and the line.
    author
        The user for whom the answer says what can be undone.
    """
    can_undo, can_redo = _steps(session, row, shown, author)
    name, signature = unsigned(row.name)
    return Stored(
        id=row.id,
        world_id=row.world_id,
        title=title_of(row, shown),
        revision=shown.revision,
        plain=shown.plain,
        can_undo=can_undo,
        can_redo=can_redo,
        created=row.created,
        updated=shown.made_at,
        name=name,
        signature=signature,
        branch_of=row.branch_of,
        branch_revision=row.branch_revision,
    )
