"""The database: tables, opening, and guarantees of transactions.

SQLite and PostgreSQL are used by the same statements. Programs only add rows and never change or
delete one, so every acknowledged change can be shown again. The one exception are notes between
running processes (``live_note``), which nothing depends on.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    ForeignKey,
    Index,
    MetaData,
    UniqueConstraint,
    create_engine,
    event,
    inspect,
    text,
)
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from data.store.quota import Quota
from models.errors import KnockOnError
from models.wording import _

#: how long to wait for another writer, on both databases
BUSY_TIMEOUT_MS = 10_000
CONNECT_TIMEOUT_S = 5
#: PostgreSQL ends a transaction in which nothing was asked for so long
IDLE_TRANSACTION_MS = 60_000
#: connections that are kept, and how many more may be open: one for each thread that can ask
POOL, MORE_CONNECTIONS = 8, 40
MIGRATIONS = Path(__file__).resolve().parent / "migrations"
#: the newest of ``migrations/versions``; here as well, because loading Alembic takes a while
FORM = "0007"
_FORM_OF_OLD = "0001"
#: any number that other programs on the server are unlikely to lock
_MIGRATION_LOCK = 7_105_020_111


_LOG = logging.getLogger("knockon")


class StoreError(KnockOnError):
    """The database cannot be opened or written."""


class Base(DeclarativeBase):
    """All tables."""

    metadata = MetaData()


class SessionRow(Base):
    """A shared session; its scenarios name it."""

    __tablename__ = "session"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    world_id: Mapped[str]
    created: Mapped[str]
    ended: Mapped[str | None]
    public: Mapped[str | None]


class ScenarioRow(Base):
    """Constant data of a scenario; everything else is in its log.

    A branch names where it left (``branch_of``, ``branch_revision``); ``root_id`` is the scenario
    that all its options come from, its own id if it is no branch.
    """

    __tablename__ = "scenario"
    __table_args__ = (UniqueConstraint("root_id", "name", name="uq_scenario_root_id_name"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    root_id: Mapped[str] = mapped_column(
        ForeignKey("scenario.id", deferrable=True, initially="DEFERRED")
    )
    branch_of: Mapped[str | None] = mapped_column(
        ForeignKey("scenario.id", deferrable=True, initially="DEFERRED")
    )
    branch_revision: Mapped[int | None]
    name: Mapped[str]
    world_id: Mapped[str]
    title: Mapped[str]
    created: Mapped[str]
    #: the shared session that it belongs to; None outside any
    session_id: Mapped[str | None] = mapped_column(ForeignKey("session.id"), index=True)


class ChangeRow(Base):
    """One line of a scenario's log, with the scenario after it.

    ``next_undo`` and ``next_redo`` are the revisions whose changes this author would undo or redo
    next, None if there is nothing. They head two lists linked by ``below``: a ``changed`` or
    ``redone`` row links to the change to undo after it, an ``undone`` row to the one to redo.
    """

    __tablename__ = "change"
    __table_args__ = (
        Index("ix_change_author", "scenario_id", "author", "revision"),
        Index("ix_change_made_at", "made_at"),
        Index("ix_change_sequence", "sequence", unique=True),
    )
    scenario_id: Mapped[str] = mapped_column(
        ForeignKey("scenario.id", deferrable=True, initially="DEFERRED"), primary_key=True
    )
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]  # created, changed, undone, redone, deleted, restored
    author: Mapped[str]
    made_at: Mapped[str]  # UTC, ISO 8601
    reason: Mapped[str]
    plain: Mapped[str]  # JSON
    takes_back: Mapped[int | None]  # of undone and redone rows
    next_undo: Mapped[int | None]
    next_redo: Mapped[int | None]
    below: Mapped[int | None]
    sequence: Mapped[int] = mapped_column(BigInteger)  # data/store/sequence.py


class ExerciseRow(Base):
    """Constant data of a plan or a run of an exercise; everything else is in its log."""

    __tablename__ = "exercise"
    __table_args__ = (Index("ix_exercise_created", "world_id", "created"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]  # plan, run
    world_id: Mapped[str]
    title: Mapped[str]
    session: Mapped[str]  # the shared session it belongs to; empty outside any
    created: Mapped[str]


class ExerciseLineRow(Base):
    """One line of the log of a plan or a run (``models/exercise/run.py``)."""

    __tablename__ = "exercise_line"
    __table_args__ = (Index("ix_exercise_line_scenario", "scenario_id"),)
    exercise_id: Mapped[str] = mapped_column(
        ForeignKey("exercise.id", deferrable=True, initially="DEFERRED"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at_ms: Mapped[int] = mapped_column(BigInteger)  # UTC, since 1970
    kind: Mapped[str]
    author: Mapped[str]
    name: Mapped[str]
    data: Mapped[str]  # JSON
    scenario_id: Mapped[str]  # of lines that move the run to that scenario; else empty


class WorldRow(Base):
    """Constant data of an entry of the library of worlds; everything else is in its log."""

    __tablename__ = "world"
    __table_args__ = (Index("ix_world_session", "session", "owner"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    base: Mapped[str]  # SHA-256 of its files (data/worlds/bases.py)
    origin: Mapped[str]  # imported, copied
    owner: Mapped[str]
    session: Mapped[str]  # the shared session it belongs to; empty outside any
    created: Mapped[str]
    assets: Mapped[int] = mapped_column(BigInteger)
    people: Mapped[int] = mapped_column(BigInteger)


class WorldLineRow(Base):
    """One line of the log of an entry (``models/worlds/entry.py``)."""

    __tablename__ = "world_line"
    world_id: Mapped[str] = mapped_column(
        ForeignKey("world.id", deferrable=True, initially="DEFERRED"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    did: Mapped[str]
    author: Mapped[str]
    made_at: Mapped[str]  # UTC, ISO 8601
    reason: Mapped[str]
    data: Mapped[str]  # JSON


class NoteRow(Base):
    """A note of a web process for the others while it runs (``data/store/notes.py``)."""

    __tablename__ = "live_note"
    scenario_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    mark: Mapped[str]
    at: Mapped[str]  # UTC, ISO 8601
    body: Mapped[str]  # JSON


class Database:
    """Open connections to one database. Safe to use from several threads."""

    def __init__(self, database_url: str, *, create: bool = True) -> None:
        """Open the database and migrate it to the current form.

        Parameters
        ----------
        database_url
            SQLAlchemy's form, of an SQLite file or a PostgreSQL database.
        create
            Whether to create an SQLite file, and its folder, if it does not exist.

        Raises
        ------
        StoreError
            If it cannot be used; the message holds no password.
        """
        self._url = _checked(database_url)
        self.quota = Quota()
        try:
            if self._is_file and not create and not self._path.exists():
                raise StoreError("cannot be opened: there is no such file.")
            if self._is_file:
                self._path.parent.mkdir(parents=True, exist_ok=True)
            self._engine = _opened(self._url)
            self._file = self._identity()
        except (ArgumentError, DBAPIError, ImportError, OSError) as error:
            raise StoreError(
                f"The scenario database {_shown(self._url)} cannot be opened ({_reason(error)})."
            ) from None
        except StoreError as error:
            raise StoreError(f"The scenario database {_shown(self._url)} {error}") from None

    @property
    def _is_file(self) -> bool:
        return self._url.get_backend_name() == "sqlite"

    @property
    def _path(self) -> Path:
        return Path(self._url.database or "")

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Yield a transaction; it is committed durably at the end, or rolled back on an error.

        On SQLite it holds the write lock from the start. On PostgreSQL the caller locks the rows
        it decides by (``SELECT … FOR UPDATE``), which SQLite ignores.
        """
        consequence = _("Your last change was not confirmed; earlier confirmed changes are kept.")
        with self._transaction(self._engine, consequence) as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a transaction that sees a snapshot of the database and blocks no writer."""
        with self._transaction(_reader(self._engine), _("Confirmed changes are kept.")) as session:
            yield session

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self, engine: Engine, consequence: str) -> Iterator[Session]:
        try:
            self._require_file()
            info = {"quota": self.quota}
            with Session(engine, expire_on_commit=False, info=info) as session, session.begin():
                yield session
        except (DBAPIError, NoConnectionError) as error:
            _LOG.warning("the scenario database failed: %s", _reason(error))
            raise StoreError(
                _(
                    "The scenario database is not available ({reason}). "
                    "{consequence} Try again in a moment."
                ).format(reason=_reason_without_place(error), consequence=consequence)
            ) from None

    def _require_file(self) -> None:
        """Refuse to use a file that was removed: changes would be lost on closing."""
        if not self._is_file or (now := self._identity()) == self._file:
            return
        self._engine.dispose()
        if now is None:
            _LOG.warning("the scenario database %s is gone", self._path)
            raise StoreError(
                _(
                    "The scenario database is missing; nothing was saved. Restore "
                    "its file, or restart with an empty one."
                )
            )
        _bring_up_to_date(self._engine)
        self._file = self._identity()

    def _identity(self) -> tuple[int, int] | None:
        if not self._is_file:
            return None
        try:
            stat = self._path.stat()
        except OSError:
            return None
        return stat.st_dev, stat.st_ino


def one_line(text: str, limit: int) -> str:
    """Return one line that every database can hold."""
    return "".join(c if c.isprintable() else " " for c in text[:limit]).strip()


def moment() -> datetime:
    """Return the current time, the only clock of the store. It may jump."""
    return datetime.now(UTC)


def now() -> str:
    """Return the time in the form of the tables: UTC, ISO 8601."""
    return moment().isoformat(timespec="microseconds")


# --- opening ---------------------------------------------------------------------------------


def _checked(database_url: str) -> URL:
    """Return the URL if it is usable; no message raised here contains a password."""
    only = (
        "Set KNOCKON_DATABASE_URL to an SQLite file such as sqlite:////home/me/knockon.db or a "
        "PostgreSQL database such as postgresql://me@localhost/knockon, or leave it out."
    )
    try:
        url = make_url(database_url)
    except (ArgumentError, ValueError):
        # an invalid URL is not quoted: a password in it cannot be located
        raise StoreError(
            f"The scenario database cannot be opened: its URL cannot be read. {only}"
        ) from None
    if url.drivername in ("postgresql", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    file = url.database or ":memory:"
    is_file = not file.startswith((":memory:", "file:")) and not (url.host or url.username)
    if url.drivername not in ("sqlite", "sqlite+pysqlite") or not is_file:
        raise StoreError(f"The scenario database {_shown(url)} cannot be opened. {only}")
    return url


def _shown(url: URL) -> str:
    """Return a printable URL, without its query, which can contain a password."""
    return url.set(query={}).render_as_string(hide_password=True)


def _reason(error: BaseException) -> str:
    """Return the first line of the database's error."""
    text = str(getattr(error, "orig", None) or error).strip()
    return (text.splitlines() or ["no reason given"])[0]


def _reason_without_place(error: BaseException) -> str:
    """Return the reason without the database's path or host, which only the log may show."""
    # errors of a server have a code; SQLite's texts name no path
    code = getattr(getattr(error, "orig", None), "sqlstate", "")
    unreached = code is None or isinstance(error, NoConnectionError)
    return _("no connection") if unreached else _reason(error)


def _opened(url: URL) -> Engine:
    engine = _engine(url)
    try:
        _bring_up_to_date(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        # read committed, stated because a server's default may differ: a transaction that waited
        # for a scenario's lock must then see what was written under it
        return create_engine(
            url,
            isolation_level="READ COMMITTED",
            pool_pre_ping=True,
            pool_size=POOL,
            max_overflow=MORE_CONNECTIONS,
            connect_args={
                "connect_timeout": CONNECT_TIMEOUT_S,
                # a process that hangs in a transaction, or was cut off, holds no lock for good
                "options": f"-c lock_timeout={BUSY_TIMEOUT_MS} "
                f"-c idle_in_transaction_session_timeout={IDLE_TRANSACTION_MS}",
            },
        )
    engine = create_engine(url, pool_size=POOL, max_overflow=MORE_CONNECTIONS)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _reader(engine: Engine) -> Engine:
    """Return the engine with transactions that only read; it shares the connections."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine.execution_options(begin="BEGIN")


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event opens the transactions
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    _enter_wal(connection)
    # FULL: in WAL mode NORMAL may lose the last commits when the power fails
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _enter_wal(connection: Any) -> None:
    """Switch to WAL; retry, because SQLite does not wait while another process does the same."""
    last = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > last:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock first: a read that becomes a write could fail half way."""
    begin = connection.get_execution_options().get("begin", "BEGIN IMMEDIATE")
    connection.exec_driver_sql(begin)


# --- migrations ------------------------------------------------------------------------------


def _bring_up_to_date(engine: Engine) -> None:
    """Create or migrate the tables, in one transaction under an exclusive lock."""
    with _reader(engine).begin() as connection:
        if _form(connection) == FORM:
            return
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        if (form := _form(connection)) != FORM:
            _migrate(connection, form)


def _form(connection: Connection) -> str | None:
    """Return the migration of a database; None if it is empty."""
    tables = inspect(connection)
    if tables.has_table("alembic_version"):
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return _FORM_OF_OLD if tables.has_table("scenario") else None


def _migrate(connection: Connection, form: str | None) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    revisions = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    if form is not None and form not in revisions:
        raise StoreError(
            f"is from a newer Knock-on (form {form[:40]}; this one knows up to {FORM}) and stays "
            "as it is. Get the newer program, or set KNOCKON_DATABASE_URL to another database."
        )
    if form is not None:
        command.stamp(config, form)
    command.upgrade(config, "head")
