"""Append-only logs in the database: a head that never changes, and numbered lines.

One store for every kind of log (scenarios, plans and runs of exercises): :class:`Log` says which
two tables hold it and how a line is read and written. Several processes may append to one log;
each append decides under the lock of its head.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from data.store.database import Base
from models.errors import KnockOnError
from models.log import Decide, DraftT, LineT

HeadT = TypeVar("HeadT", bound=Base)
RowT = TypeVar("RowT", bound=Base)


@dataclass(frozen=True)
class Log(Generic[HeadT, RowT, LineT, DraftT]):
    """One kind of log. All methods work within a transaction of the caller.

    Attributes
    ----------
    heads, rows
        The table of heads, with a key ``id``, and the table of lines.
    head_id, number, author
        The columns of a line: whose it is, its number from 1, who wrote it.
    read
        Makes a line of a row.
    write
        Makes a row of a head's id, a number and a draft; raises where the draft cannot be kept.
    number_of
        Returns the number of a line.
    unknown, no_line
        Make the errors that no log has this id, and that one has no line of this number (and how
        many it has).
    """

    heads: type[HeadT]
    rows: type[RowT]
    head_id: InstrumentedAttribute[str]
    number: InstrumentedAttribute[int]
    author: InstrumentedAttribute[str]
    read: Callable[[RowT], LineT]
    write: Callable[[str, int, DraftT], RowT]
    number_of: Callable[[LineT], int]
    unknown: Callable[[str], KnockOnError]
    no_line: Callable[[int, int], KnockOnError]

    def head(self, at: Session, log_id: str, *, lock: bool = False) -> HeadT:
        """Return the head of a log; with ``lock``, nobody else can append until we are done."""
        is_possible = log_id.isprintable()  # no database takes every text
        head = at.get(self.heads, log_id, with_for_update=lock or None) if is_possible else None
        if head is None:
            raise self.unknown(log_id)
        return head

    def newest(self, at: Session, log_id: str) -> LineT:
        """Return the last line."""
        return self.read(at.scalars(self._rows(log_id).order_by(self.number.desc()).limit(1)).one())

    def line(self, at: Session, log_id: str, number: int) -> LineT:
        """Return the line with a number."""
        # a database may not take any whole number
        row = at.get(self.rows, (log_id, number)) if 0 < number < 2**31 else None
        return self._read(at, log_id, number, row)

    def before(self, at: Session, log_id: str, number: int) -> LineT:
        """Return the nearest line before a number."""
        earlier = self._rows(log_id).where(self.number < number).order_by(self.number.desc())
        return self._read(at, log_id, number - 1, at.scalars(earlier.limit(1)).one_or_none())

    def last_of(self, at: Session, log_id: str, author: str) -> LineT | None:
        """Return the last line that an author wrote."""
        own = self._rows(log_id).where(self.author == author).order_by(self.number.desc())
        row = at.scalars(own.limit(1)).one_or_none()
        return None if row is None else self.read(row)

    def after(self, at: Session, log_id: str, number: int) -> list[LineT]:
        """Return all lines behind a number, in order."""
        rows = self._rows(log_id).where(self.number > number).order_by(self.number)
        return [self.read(row) for row in at.scalars(rows)]

    def begin(
        self,
        at: Session,
        head: HeadT,
        first: DraftT,
        then: Decide[LineT, DraftT] | None = None,
    ) -> LineT:
        """Add a log with its first line, and with the line that is decided upon that.

        Parameters
        ----------
        at
            The transaction.
        head
            The new log; its ``id`` is set.
        first
            The first line.
        then
            Decides what comes next; what it raises leaves no log behind.

        Returns
        -------
        The newest line.
        """
        at.add(head)
        at.flush()  # the line refers to it
        log_id = str(head.id)  # type: ignore[attr-defined]  # each table of heads has one
        line = self._add(at, self.write(log_id, 1, first))
        return line if then is None else self.append(at, log_id, then)

    def append(self, at: Session, log_id: str, decide: Decide[LineT, DraftT]) -> LineT:
        """Add the line that ``decide`` returns, and return the newest; the head must be locked.

        Parameters
        ----------
        at
            The transaction, in which :meth:`head` locked this log.
        log_id
            The log.
        decide
            Looks at the lines and returns the one to add, or None. What it raises leaves the log
            as it is.
        """
        history = _Lines(self, at, log_id)
        draft = decide(history)
        if draft is None:
            return history.newest
        return self._add(at, self.write(log_id, self.number_of(history.newest) + 1, draft))

    def _add(self, at: Session, row: RowT) -> LineT:
        at.add(row)
        at.flush()
        return self.read(row)

    def _read(self, at: Session, log_id: str, number: int, row: RowT | None) -> LineT:
        if row is None:
            raise self.no_line(number, self.number_of(self.newest(at, log_id)))
        return self.read(row)

    def _rows(self, log_id: str) -> Select[RowT]:
        return select(self.rows).where(self.head_id == log_id)


class _Lines(Generic[LineT]):
    """The lines of one log within a transaction (:class:`models.log.History`)."""

    def __init__(self, log: Log[Any, Any, LineT, Any], at: Session, log_id: str) -> None:
        self._log, self._at, self._id = log, at, log_id
        self.newest = log.newest(at, log_id)

    def line(self, number: int) -> LineT:
        return self._log.line(self._at, self._id, number)

    def before(self, number: int) -> LineT:
        return self._log.before(self._at, self._id, number)

    def after(self, number: int) -> Sequence[LineT]:
        return self._log.after(self._at, self._id, number)

    def last_of(self, author: str) -> LineT | None:
        return self._log.last_of(self._at, self._id, author)
