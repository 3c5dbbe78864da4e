"""The library of worlds in the database: an entry is a head and an append-only log."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import asdict

from sqlalchemy import func, select

from data.store.database import Database, WorldLineRow, WorldRow, now, one_line
from data.store.log import Log
from data.store.revisions import MAX_AUTHOR
from models.access import NotAllowedError
from models.errors import BadInputError
from models.wording import _
from models.worlds.entry import EntryDraft, EntryLine, Origin, State, WorldEntry

#: lines of one entry, and entries of one owner or session
MAX_LINES, MAX_ENTRIES, MAX_REASON = 10_000, 500, 300


class UnknownWorldError(NotAllowedError):
    """No entry has this id; the answer is the same for one that the user may not see."""

    def __init__(self) -> None:
        super().__init__(_("There is no such world here, or it is not yours."))


class WorldStore:
    """Entries of the library in a database. Safe to call from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, entry: WorldEntry, first: EntryDraft) -> WorldEntry:
        """Add an entry with its first line; return it with its id and its times.

        Raises
        ------
        BadInputError
            If its owner has, or its session holds, the most entries.
        """
        head = WorldRow(
            id=secrets.token_urlsafe(16),
            base=entry.base,
            origin=entry.origin,
            owner=one_line(entry.owner, MAX_AUTHOR),
            session=entry.session,
            created=now(),
            assets=entry.assets,
            people=entry.people,
        )
        place = _place(head.owner, entry.session)
        count = select(func.count()).select_from(WorldRow).filter_by(**place)
        with self._database.writing() as at:
            if at.scalar(count) >= MAX_ENTRIES:  # type: ignore[operator]  # a count is a number
                raise BadInputError([_("The library is full. Copy or import no further world.")])
            return _entry(head, _LOG.begin(at, head, first))

    def entry(self, world_id: str) -> WorldEntry:
        """Return an entry, a deleted one too; raises UnknownWorldError."""
        with self._database.reading() as at:
            head = _LOG.head(at, world_id)
            return _entry(head, _LOG.lines(at, head.id).newest)

    def entries(self, owner: str, session: str) -> list[WorldEntry]:
        """Return all entries of a session, or outside any those of an owner, newest first."""
        heads = select(WorldRow).filter_by(**_place(owner, session))
        order = heads.order_by(WorldRow.created.desc(), WorldRow.id).limit(MAX_ENTRIES)
        with self._database.reading() as at:
            return [_entry(row, _LOG.lines(at, row.id).newest) for row in at.scalars(order).all()]

    def history(self, world_id: str) -> list[EntryLine]:
        """Return all lines of an entry, oldest first."""
        with self._database.reading() as at:
            return _LOG.lines(at, _LOG.head(at, world_id).id).after(0)

    def append(
        self, world_id: str, decide: Callable[[WorldEntry, EntryLine, str], EntryDraft | None]
    ) -> WorldEntry:
        """Add the line that ``decide`` returns for the entry, its newest line and the time.

        If it raises, nothing is added.
        """
        with self._database.writing() as at:
            head = _LOG.head(at, world_id, lock=True)
            line = _LOG.append(
                at, head.id, lambda log: decide(_entry(head, log.newest), log.newest, now())
            )
            return _entry(head, line)


def _place(owner: str, session: str) -> dict[str, str]:
    return {"session": session} if session else {"session": "", "owner": owner}


def _row(world_id: str, number: int, draft: EntryDraft) -> WorldLineRow:
    if number > MAX_LINES:
        raise BadInputError([_("The log of this world is full. Copy it and go on with the copy.")])
    return WorldLineRow(
        world_id=world_id,
        number=number,
        did=draft.did,
        author=one_line(draft.author, MAX_AUTHOR),
        made_at=now(),
        reason=one_line(draft.reason, MAX_REASON),
        data=json.dumps(asdict(draft.state), ensure_ascii=False, separators=(",", ":")),
    )


def _read(row: WorldLineRow) -> EntryLine:
    state = State(**json.loads(row.data))
    return EntryLine(row.did, row.author, state, row.reason, row.number, row.made_at)  # type: ignore[arg-type]  # a checked table


#: the log of an entry in its two tables
_LOG: Log[WorldRow, WorldLineRow, EntryLine, EntryDraft] = Log(
    heads=WorldRow,
    rows=WorldLineRow,
    head_id=WorldLineRow.world_id,
    number=WorldLineRow.number,
    author=WorldLineRow.author,
    text=WorldLineRow.data,
    session=WorldRow.session,
    read=_read,
    write=_row,
    number_of=lambda line: line.number,
    unknown=lambda _id: UnknownWorldError(),
    no_line=lambda _number, _newest: UnknownWorldError(),
    sequence=None,
)


def _entry(head: WorldRow, newest: EntryLine) -> WorldEntry:
    origin: Origin = "copied" if head.origin == "copied" else "imported"
    return WorldEntry(
        head.id, head.base, origin, head.owner, head.session, head.created,
        head.assets, head.people, newest.state, newest.number, newest.made_at,
    )  # fmt: skip
