"""Append-only logs in the database: a constant head, and numbered lines.

One store for every kind of log (scenarios, plans and runs of exercises): :class:`Log` says which
two tables hold it and how a line is read and written. Several processes may append to one log;
each append decides under the lock of its head.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from data.store.database import Base
from data.store.sequence import next_number
from models.access import asking
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
        The columns of a line: id of its head, its number from 1, its author.
    text
        The column of a line that holds most of its bytes; they count for the quota.
    session
        The column of a head that names its shared session; empty outside any.
    read
        Converts a row to a line.
    write
        Converts a head's id, a number and a draft to a row; raises if the draft is not valid.
    number_of
        Returns the number of a line.
    sequence
        The column of a line for its number in the sequence of all logs; None: it is in none.
    unknown, no_line
        Create the errors for an unknown id, and for a number that the log does not have.
    """

    heads: type[HeadT]
    rows: type[RowT]
    head_id: InstrumentedAttribute[str]
    number: InstrumentedAttribute[int]
    author: InstrumentedAttribute[str]
    text: InstrumentedAttribute[str]
    session: InstrumentedAttribute[Any]
    read: Callable[[RowT], LineT]
    write: Callable[[str, int, DraftT], RowT]
    number_of: Callable[[LineT], int]
    unknown: Callable[[str], KnockOnError]
    no_line: Callable[[int, int], KnockOnError]
    sequence: InstrumentedAttribute[int] | None

    def head(self, at: Session, log_id: str, *, lock: bool = False) -> HeadT:
        """Return the head of a log.

        Parameters
        ----------
        at
            The transaction.
        log_id
            The id of the log; it may be any text.
        lock
            Whether to lock the log against other appends until the transaction ends.
        """
        is_possible = log_id.isprintable()  # databases do not accept every text
        head = at.get(self.heads, log_id, with_for_update=lock or None) if is_possible else None
        if head is None:
            raise self.unknown(log_id)
        return head

    def lines(self, at: Session, log_id: str) -> Lines[RowT, LineT]:
        """Return the lines of a log within a transaction."""
        return Lines(self, at, log_id)

    def begin(
        self,
        at: Session,
        head: HeadT,
        first: DraftT,
        then: Decide[LineT, DraftT] | None = None,
    ) -> LineT:
        """Add a log with its first line, and the line that ``then`` decides.

        Parameters
        ----------
        at
            The transaction.
        head
            The new log; its ``id`` is set.
        first
            The first line.
        then
            Decides the next line; if it raises, no log is created.

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
            Reads the lines and returns the one to add, or None. If it raises, nothing is added.
        """
        history = self.lines(at, log_id)
        draft = decide(history)
        if draft is None:
            return history.newest
        return self._add(at, self.write(log_id, self.number_of(history.newest) + 1, draft))

    def _add(self, at: Session, row: RowT) -> LineT:
        head = at.get_one(self.heads, getattr(row, self.head_id.key))
        size = len(getattr(row, self.text.key).encode())
        session = str(getattr(head, self.session.key) or "")
        author = getattr(row, self.author.key)
        at.info["quota"].charge(author, session, size, leads=asking().leads)
        if self.sequence is not None:
            setattr(row, self.sequence.key, next_number(at))
        at.add(row)
        at.flush()
        return self.read(row)


class Lines(Generic[RowT, LineT]):
    """The lines of one log within a transaction (:class:`models.log.History`)."""

    def __init__(self, log: Log[Any, RowT, LineT, Any], at: Session, log_id: str) -> None:
        self._log, self._at, self._id = log, at, log_id

    @cached_property
    def newest(self) -> LineT:
        """Return the last line."""
        return self._log.read(self._at.scalars(self._from_newest().limit(1)).one())

    def line(self, number: int) -> LineT:
        """Return the line with a number."""
        # databases do not accept every integer
        is_possible = 0 < number < 2**31
        row = self._at.get(self._log.rows, (self._id, number)) if is_possible else None
        return self._read(number, row)

    def before(self, number: int) -> LineT:
        """Return the nearest line before a number."""
        earlier = self._from_newest().where(self._log.number < number)
        return self._read(number - 1, self._at.scalars(earlier.limit(1)).one_or_none())

    def after(self, number: int) -> list[LineT]:
        """Return all lines after a number, in order."""
        log = self._log
        later = select(log.rows).where(log.head_id == self._id, log.number > number)
        return [log.read(row) for row in self._at.scalars(later.order_by(log.number))]

    def last_of(self, author: str) -> LineT | None:
        """Return the last line that an author wrote."""
        own = self._from_newest().where(self._log.author == author)
        row = self._at.scalars(own.limit(1)).one_or_none()
        return None if row is None else self._log.read(row)

    def _from_newest(self) -> Select[RowT]:
        log = self._log
        return select(log.rows).where(log.head_id == self._id).order_by(log.number.desc())

    def _read(self, number: int, row: RowT | None) -> LineT:
        if row is None:
            raise self._log.no_line(number, self._log.number_of(self.newest))
        return self._log.read(row)
