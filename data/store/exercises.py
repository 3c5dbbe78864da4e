"""Plans and runs of exercises in the database: a head and an append-only log each."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import or_, select

from data.store.database import (
    Database,
    ExerciseLineRow,
    ExerciseRow,
    ScenarioRow,
    now,
    one_line,
)
from data.store.log import Log
from data.store.revisions import MAX_AUTHOR, MAX_TITLE, signed, unsigned
from models.errors import BadInputError, KnockOnError
from models.exercise.run import Line, Written
from models.log import Decide
from models.wording import _
from models.wording import number as shown

MAX_LINES = 10_000
MAX_LINE_BYTES = 500_000
LogKind = Literal["plan", "run"]


class UnknownExerciseError(KnockOnError):
    """No plan or run has this id."""

    def __init__(self) -> None:
        super().__init__(_("There is no such exercise here. It may be from another installation."))


@dataclass(frozen=True, slots=True)
class Head:
    """Constant data of a plan or run. ``session`` is empty outside any shared session."""

    id: str
    kind: LogKind
    world_id: str
    title: str
    session: str
    created: str
    signature: str = ""


class ExerciseStore:
    """Logs of plans and runs in a database. Safe to call from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self,
        kind: LogKind,
        world_id: str,
        title: str,
        session: str,
        first: Written,
        signature: str = "",
    ) -> Head:
        """Create a log with its first line.

        Parameters
        ----------
        kind, world_id, title
            ``plan`` or ``run``, its world, and its title.
        session
            The shared session that it belongs to; empty outside any.
        first
            Its first line.
        signature
            The view of the title's author (``Seen.signature``).
        """
        head = ExerciseRow(
            id=secrets.token_urlsafe(16),
            kind=kind,
            world_id=one_line(world_id, MAX_TITLE),
            title=signed(one_line(title, MAX_TITLE), signature),
            session=one_line(session, MAX_TITLE),
            created=now(),
        )
        with self._database.writing() as at:
            _LOG.begin(at, head, first)
        return _head(head)

    def head(self, log_id: str) -> Head:
        """Return the head of a log; raises UnknownExerciseError if there is none."""
        with self._database.reading() as at:
            return _head(_LOG.head(at, log_id))

    def newest(self, log_id: str) -> Line:
        """Return the last line."""
        with self._database.reading() as at:
            return _LOG.lines(at, _LOG.head(at, log_id).id).newest

    def line(self, log_id: str, number: int) -> Line:
        """Return one line."""
        with self._database.reading() as at:
            return _LOG.lines(at, _LOG.head(at, log_id).id).line(number)

    def lines(self, log_id: str, after: int = 0) -> list[Line]:
        """Return all lines after a number, in order."""
        with self._database.reading() as at:
            return _LOG.lines(at, _LOG.head(at, log_id).id).after(after)

    def append(self, log_id: str, decide: Decide[Line, Written]) -> Line:
        """Add the line that ``decide`` returns, if any, under the lock of the log's head.

        Returns the newest line. If ``decide`` raises, the log stays as it is.
        """
        with self._database.writing() as at:
            return _LOG.append(at, _LOG.head(at, log_id, lock=True).id, decide)

    def recent(self, world_id: str, session: str, limit: int = 40) -> list[Head]:
        """Return the plans and runs of a world and session, newest first.

        Parameters
        ----------
        world_id, session
            The world, and the shared session; empty outside any.
        limit
            Most results.
        """
        with self._database.reading() as at:
            query = select(ExerciseRow).filter_by(world_id=world_id, session=session)
            order = query.order_by(ExerciseRow.created.desc(), ExerciseRow.id).limit(limit)
            return [_head(row) for row in at.scalars(order)]

    def of_scenario(self, scenario_id: str) -> str | None:
        """Return the newest run, going on or ended, of a scenario or of one of its options."""
        if not scenario_id or not scenario_id.isprintable():
            return None
        root = select(ScenarioRow.root_id).filter_by(id=scenario_id).scalar_subquery()
        family = select(ScenarioRow.id).where(ScenarioRow.root_id == root)
        runs = (
            select(ExerciseLineRow.exercise_id)
            .where(
                or_(
                    ExerciseLineRow.scenario_id == scenario_id,
                    ExerciseLineRow.scenario_id.in_(family),
                )
            )
            .order_by(ExerciseLineRow.at_ms.desc(), ExerciseLineRow.exercise_id)
        )
        with self._database.reading() as at:
            return at.scalar(runs.limit(1))


def _row(log_id: str, number: int, written: Written) -> ExerciseLineRow:
    if number > MAX_LINES:
        raise BadInputError(
            [_("This log is full ({n} entries). Start a new one.").format(n=shown(MAX_LINES))]
        )
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


#: the log of a plan or a run in its two tables
_LOG: Log[ExerciseRow, ExerciseLineRow, Line, Written] = Log(
    heads=ExerciseRow,
    rows=ExerciseLineRow,
    head_id=ExerciseLineRow.exercise_id,
    number=ExerciseLineRow.number,
    author=ExerciseLineRow.author,
    text=ExerciseLineRow.data,
    session=ExerciseRow.session,
    read=_read,
    write=_row,
    number_of=lambda line: line.number,
    unknown=lambda _id: UnknownExerciseError(),
    no_line=lambda _number, _newest: UnknownExerciseError(),
    sequence=None,
)


def _head(row: ExerciseRow) -> Head:
    title, signature = unsigned(row.title)
    kind: LogKind = "run" if row.kind == "run" else "plan"
    return Head(row.id, kind, row.world_id, title, row.session, row.created, signature)
