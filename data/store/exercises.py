"""Plans and runs of exercises in the database: a head each, and lines that are only ever added."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.store.database import Database, ExerciseLineRow, ExerciseRow, now, one_line
from data.store.scenarios import MAX_AUTHOR, MAX_TITLE
from models.errors import BadInputError, KnockOnError
from models.exercise.run import Line, Written
from models.wording import _, number

MAX_LINES = 10_000
MAX_LINE_BYTES = 500_000
LogKind = Literal["plan", "run"]


class UnknownExerciseError(KnockOnError):
    """No plan or run has this id."""

    def __init__(self) -> None:
        super().__init__(_("There is no such exercise here. It may be from another installation."))


@dataclass(frozen=True, slots=True)
class Head:
    """What never changes about a plan or run. ``session`` is empty outside any shared session."""

    id: str
    kind: LogKind
    world_id: str
    title: str
    session: str
    created: str


#: looks at the newest line, and at any by number, and says what to add, or nothing
Decide = Callable[[Line, Callable[[int], Line]], Written | None]


class ExerciseStore:
    """Logs of plans and runs in a database. Safe to call from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self, kind: LogKind, world_id: str, title: str, session: str, first: Written
    ) -> Head:
        """Begin a log with its first line."""
        head = ExerciseRow(
            id=secrets.token_urlsafe(16),
            kind=kind,
            world_id=one_line(world_id, MAX_TITLE),
            title=one_line(title, MAX_TITLE),
            session=one_line(session, MAX_TITLE),
            created=now(),
        )
        row = _row(head.id, 1, first)
        with self._database.writing() as at:
            at.add(head)
            at.flush()  # the line refers to it
            at.add(row)
        return _head(head)

    def head(self, log_id: str) -> Head:
        """Return what never changes about a log; raises UnknownExerciseError without one."""
        with self._database.reading() as at:
            return _head(_known(at, log_id))

    def newest(self, log_id: str) -> Line:
        """Return the last line."""
        with self._database.reading() as at:
            return _last(at, _known(at, log_id).id)

    def line(self, log_id: str, number: int) -> Line:
        """Return one line."""
        with self._database.reading() as at:
            return _numbered(at, _known(at, log_id).id, number)

    def lines(self, log_id: str, after: int = 0) -> list[Line]:
        """Return all lines behind a number, in order."""
        with self._database.reading() as at:
            log = select(ExerciseLineRow).where(
                ExerciseLineRow.exercise_id == _known(at, log_id).id,
                ExerciseLineRow.number > after,
            )
            return [_read(row) for row in at.scalars(log.order_by(ExerciseLineRow.number))]

    def append(self, log_id: str, decide: Decide) -> Line:
        """Add the line that ``decide`` says; of several who add at once, each sees those before.

        Returns the newest line. Whatever ``decide`` raises leaves the log as it is.
        """
        with self._database.writing() as at:
            head = _known(at, log_id, lock=True)
            newest = _last(at, head.id)
            written = decide(newest, lambda number: _numbered(at, head.id, number))
            if written is None:
                return newest
            if newest.number >= MAX_LINES:
                raise BadInputError(
                    [
                        _("This log is full ({n} entries). Start a new one.").format(
                            n=number(MAX_LINES)
                        )
                    ]
                )
            row = _row(head.id, newest.number + 1, written)
            at.add(row)
            at.flush()
            return _read(row)

    def recent(self, world_id: str, session: str, limit: int = 40) -> list[Head]:
        """Return the plans and runs of a world and session, newest first."""
        with self._database.reading() as at:
            found = select(ExerciseRow).filter_by(world_id=world_id, session=session)
            order = found.order_by(ExerciseRow.created.desc(), ExerciseRow.id).limit(limit)
            return [_head(row) for row in at.scalars(order)]

    def of_scenario(self, scenario_id: str) -> str | None:
        """Return the run that goes on, or went on, in a scenario."""
        if not scenario_id or not scenario_id.isprintable():
            return None
        with self._database.reading() as at:
            lines = select(ExerciseLineRow.exercise_id).filter_by(scenario_id=scenario_id)
            return at.scalar(lines.limit(1))


def _known(at: Session, log_id: str, *, lock: bool = False) -> ExerciseRow:
    known = log_id.isprintable()  # no database takes every text
    row = at.get(ExerciseRow, log_id, with_for_update=lock or None) if known else None
    if row is None:
        raise UnknownExerciseError
    return row


def _last(at: Session, log_id: str) -> Line:
    log = select(ExerciseLineRow).filter_by(exercise_id=log_id)
    return _read(at.scalars(log.order_by(ExerciseLineRow.number.desc()).limit(1)).one())


def _numbered(at: Session, log_id: str, number: int) -> Line:
    row = at.get(ExerciseLineRow, (log_id, number))
    if row is None:
        raise UnknownExerciseError
    return _read(row)


def _row(log_id: str, number: int, written: Written) -> ExerciseLineRow:
    data = dict(written.data or {})
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    if len(text.encode()) > MAX_LINE_BYTES:
        raise BadInputError([_("This is too large to save. Shorten it.")])
    return ExerciseLineRow(
        exercise_id=log_id,
        number=number,
        at_ms=written.at_ms,
        kind=written.kind,
        author=one_line(written.author, MAX_AUTHOR),
        name=one_line(written.name, MAX_AUTHOR),
        data=text,
        scenario_id=str(data.get("scenario", "")),
    )


def _read(row: ExerciseLineRow) -> Line:
    return Line(row.number, row.at_ms, row.kind, row.author, row.name, json.loads(row.data))


def _head(row: ExerciseRow) -> Head:
    return Head(**{name: getattr(row, name) for name in Head.__dataclass_fields__})
