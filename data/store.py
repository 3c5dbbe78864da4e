"""Scenarios in an SQLite file: append-only revisions, undo and redo by a pointer.

A scenario is a plain dict under an unguessable id. Every change adds a revision and nothing is
ever overwritten, so a history can be shown, and viewers can later follow the same scenario by
its revision number.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ForeignKey, create_engine, event, func, select
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from models.errors import BadInputError, KnockOnError

MAX_PLAIN_BYTES = 256_000
MAX_TITLE = 200
BUSY_TIMEOUT_MS = 10_000


class StaleRevisionError(KnockOnError):
    """Somebody else changed the scenario in the meantime."""

    def __init__(self, yours: int, current: int) -> None:
        self.yours, self.current = yours, current
        super().__init__(
            f"This scenario has changed in the meantime (you have revision {yours}, it is at "
            f"{current}). Reload it and make your change again."
        )


class UnknownScenarioError(KnockOnError):
    """No scenario has this id."""

    def __init__(self, scenario_id: str) -> None:
        super().__init__(f"No scenario '{scenario_id[:40]}'. It may be from another installation.")


class UnknownRevisionError(KnockOnError):
    """A scenario never was at this revision, or nobody noted what it was then."""

    def __init__(self, revision: int, current: int) -> None:
        super().__init__(
            f"Revision {revision} of this scenario cannot be shown any more (it is at {current}). "
            "Reload the page."
        )


class StoreError(KnockOnError):
    """The database cannot be opened or written."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A scenario as it stands, or as it stood at an earlier revision.

    ``title`` is that of the plain form where it has one, so an undo takes a new name back too.
    ``revision`` grows with every change, undo and redo included: it says whether a viewer is up
    to date. ``created`` and ``updated`` are UTC, ISO 8601.
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


class _Base(DeclarativeBase):
    pass


class _ScenarioRow(_Base):
    """A scenario and where its pointers stand."""

    __tablename__ = "scenario"
    id: Mapped[str] = mapped_column(primary_key=True)
    world_id: Mapped[str]
    title: Mapped[str]
    revision: Mapped[int]  # counts every change; what a writer must know
    at: Mapped[int]  # number of the content shown
    tip: Mapped[int]  # number of the content that redo can reach last
    created: Mapped[str]
    updated: Mapped[str] = mapped_column(index=True)


class _RevisionRow(_Base):
    """One content of a scenario; never changed, never deleted.

    ``parent`` is the content it was made from: undo goes there. A redo branch that a new write
    abandons stays, with nothing pointing to it.
    """

    __tablename__ = "revision"
    scenario_id: Mapped[str] = mapped_column(ForeignKey("scenario.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    parent: Mapped[int | None]
    plain: Mapped[str]
    made_at: Mapped[str]
    note: Mapped[str]


class _StepRow(_Base):
    """Where the pointers stood at a revision; never changed, never deleted."""

    __tablename__ = "step"
    scenario_id: Mapped[str] = mapped_column(ForeignKey("scenario.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[int]
    tip: Mapped[int]


class Store:
    """Scenarios under ``database_url`` (SQLAlchemy's form). Safe to call from several threads.

    Only an SQLite file is supported for now.
    """

    def __init__(self, database_url: str) -> None:
        """Open the database, creating its folder and tables where they are missing.

        Raises
        ------
        StoreError
            If the URL is not that of an SQLite file, or the place cannot be used.
        """
        self._engine = _engine(database_url)
        self._sessions = sessionmaker(self._engine)

    def create(self, world_id: str, title: str, plain: Mapping[str, Any]) -> Stored:
        """Store a new scenario and return it with its id."""
        text, now = _text(plain), _now()
        row = _ScenarioRow(
            id=secrets.token_urlsafe(16),
            world_id=world_id,
            title=title[:MAX_TITLE],
            revision=1,
            at=1,
            tip=1,
            created=now,
            updated=now,
        )
        with self._transaction() as session:
            session.add(row)
            session.flush()  # the revision refers to it
            session.add(_revision(row, None, text, now, "created"))
            _note_step(session, row)
            return _stored(session, row)

    def get(self, scenario_id: str, revision: int | None = None) -> Stored:
        """Return a scenario as it stands, or as it stood at a revision.

        Raises
        ------
        UnknownScenarioError
            If there is none of this id.
        UnknownRevisionError
            If it is not known what it was at this revision.
        """
        with self._transaction() as session:
            row = _row(session, scenario_id)
            if revision is None or revision == row.revision:
                return _stored(session, row)
            step = session.get(_StepRow, (row.id, revision))
            if step is None:
                raise UnknownRevisionError(revision, row.revision)
            return _stored(session, row, step)

    def write(
        self, scenario_id: str, plain: Mapping[str, Any], base_revision: int, note: str = ""
    ) -> Stored:
        """Store a change of the scenario made on ``base_revision``.

        What was undone before can no longer be redone.

        Raises
        ------
        StaleRevisionError
            If the scenario is at another revision by now; nothing is written.
        BadInputError
            If ``plain`` is too large or no JSON.
        """
        text = _text(plain)
        with self._transaction() as session:
            row = _row(session, scenario_id, base_revision)
            newest = select(func.max(_RevisionRow.number)).filter_by(scenario_id=row.id)
            parent, row.at = row.at, (session.scalar(newest) or 0) + 1
            row.tip = row.at
            session.add(_revision(row, parent, text, _touch(session, row), note))
            return _stored(session, row)

    def undo(self, scenario_id: str, base_revision: int) -> Stored:
        """Go back to the content before; where there is none, nothing changes."""
        with self._transaction() as session:
            row = _row(session, scenario_id, base_revision)
            if (before := _content(session, row, row.at).parent) is not None:
                row.at = before
                _touch(session, row)
            return _stored(session, row)

    def redo(self, scenario_id: str, base_revision: int) -> Stored:
        """Take back an undo; where there is none, nothing changes."""
        with self._transaction() as session:
            row = _row(session, scenario_id, base_revision)
            if (after := _next(session, row)) is not None:
                row.at = after
                _touch(session, row)
            return _stored(session, row)

    def recent(self, limit: int = 20) -> list[Stored]:
        """Return the scenarios changed last, newest first."""
        newest = select(_ScenarioRow).order_by(_ScenarioRow.updated.desc(), _ScenarioRow.id)
        with self._transaction() as session:
            return [_stored(session, row) for row in session.scalars(newest.limit(limit)).all()]

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        try:
            with self._sessions.begin() as session:
                yield session
        except DBAPIError as error:
            raise StoreError(f"The scenario database cannot be used ({error.orig}).") from None


def _engine(database_url: str) -> Engine:
    url = _sqlite_file(database_url)
    try:
        Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _lock_sqlite)
        _Base.metadata.create_all(engine)
    except (ArgumentError, DBAPIError, OSError) as error:
        reason = (str(getattr(error, "orig", None) or error).splitlines() or ["no reason given"])[0]
        raise StoreError(
            f"The scenario database {_shown(url)} cannot be opened ({reason})."
        ) from None
    return engine


def _sqlite_file(database_url: str) -> URL:
    """Return the URL if it is that of an SQLite file; nothing said here holds a password."""
    only = (
        "Only SQLite files are supported for now; set KNOCKON_DATABASE_URL to a path such as "
        "sqlite:////home/me/knockon.db, or leave it out."
    )
    try:
        url = make_url(database_url)
    except (ArgumentError, ValueError):
        # what it is cannot be told, so neither where in it a password would be
        raise StoreError(
            f"The scenario database cannot be opened: its URL cannot be read. {only}"
        ) from None
    file = url.database or ":memory:"
    is_file = not file.startswith((":memory:", "file:")) and not (url.host or url.username)
    if url.drivername not in ("sqlite", "sqlite+pysqlite") or not is_file:
        raise StoreError(f"The scenario database {_shown(url)} cannot be opened. {only}")
    return url


def _shown(url: URL) -> str:
    """Return a URL as it may be printed: its query can hold a password as well."""
    return url.set(query={}).render_as_string(hide_password=True)


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event opens the transactions
    for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "journal_mode=WAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _lock_sqlite(connection: Any) -> None:
    """Take the write lock first: a read that becomes a write could fail half way."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _text(plain: Mapping[str, Any]) -> str:
    try:
        text = json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        size = len(text.encode("utf-8"))
    except (TypeError, ValueError, RecursionError):
        raise BadInputError(["The scenario is not plain JSON and was not saved."]) from None
    if size > MAX_PLAIN_BYTES:
        limit = f"the limit is {MAX_PLAIN_BYTES // 1000} kB"
        raise BadInputError([f"The scenario is too large to save: {size // 1000} kB; {limit}."])
    return text


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _touch(session: Session, row: _ScenarioRow) -> str:
    """Count a change whose pointers stand already; returns when it was made."""
    row.revision += 1
    _note_step(session, row)
    row.updated = _now()
    return row.updated


def _row(session: Session, scenario_id: str, base_revision: int | None = None) -> _ScenarioRow:
    row = session.get(_ScenarioRow, scenario_id)
    if row is None:
        raise UnknownScenarioError(scenario_id)
    if base_revision is not None and row.revision != base_revision:
        raise StaleRevisionError(base_revision, row.revision)
    return row


def _revision(
    row: _ScenarioRow, parent: int | None, plain: str, made_at: str, note: str
) -> _RevisionRow:
    return _RevisionRow(
        scenario_id=row.id, number=row.at, parent=parent, plain=plain, made_at=made_at, note=note
    )


def _content(session: Session, row: _ScenarioRow, number: int) -> _RevisionRow:
    return session.get_one(_RevisionRow, (row.id, number))


def _next(session: Session, row: _ScenarioRow) -> int | None:
    """Return the content that redo goes to: on the way from here to the tip."""
    number: int | None = row.tip
    while number is not None and number != row.at:
        parent = _content(session, row, number).parent
        if parent == row.at:
            return number
        number = parent
    return None


def _note_step(session: Session, row: _ScenarioRow) -> None:
    session.add(_StepRow(scenario_id=row.id, revision=row.revision, at=row.at, tip=row.tip))


def _stored(session: Session, row: _ScenarioRow, step: _StepRow | None = None) -> Stored:
    session.flush()
    stood = step or row
    content = _content(session, row, stood.at)
    plain = json.loads(content.plain)
    return Stored(
        id=row.id,
        world_id=row.world_id,
        title=str(plain.get("title") or row.title)[:MAX_TITLE],
        revision=stood.revision,
        plain=plain,
        can_undo=content.parent is not None,
        can_redo=stood.tip != stood.at,
        created=row.created,
        updated=row.updated,
    )
