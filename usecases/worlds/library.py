"""The library of worlds: add, list, rename, copy, archive, delete, restore.

Rights are decided in ``models/worlds/entry.py`` alone, under the lock of the entry.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from models.access import Who
from models.worlds import entry as rules
from models.worlds.base import Base
from models.worlds.entry import EntryDraft, EntryLine, State, WorldEntry
from usecases.importing import people_of

_Decide = Callable[[WorldEntry, EntryLine, str], EntryDraft | None]


class WorldStore(Protocol):
    """The log of each entry (``data/store/worlds.py``)."""

    def create(self, entry: WorldEntry, first: EntryDraft) -> WorldEntry:
        """Add an entry and return it with its id."""

    def entry(self, world_id: str) -> WorldEntry:
        """Return an entry."""

    def entries(self, owner: str, session: str) -> list[WorldEntry]:
        """Return all entries of a session, or outside any those of an owner."""

    def history(self, world_id: str) -> list[EntryLine]:
        """Return all lines of an entry, oldest first."""

    def append(self, world_id: str, decide: _Decide) -> WorldEntry:
        """Add the line that ``decide`` returns, under the lock of the entry."""


class BaseStore(Protocol):
    """Files of worlds by hash (``data/worlds/bases.py``)."""

    def add(self, source: Any) -> Base:
        """Check a folder and keep a copy of it."""

    def path(self, sha256: str) -> Any:
        """Return where a base is."""


class Library:
    """The worlds of a server that people brought. All methods block."""

    def __init__(self, store: WorldStore, bases: BaseStore) -> None:
        self._store, self._bases = store, bases

    def add(self, folder: Any, title: str, owner: Who) -> WorldEntry:
        """Check a folder of tables, keep a copy of it, and add it to the library.

        Parameters
        ----------
        folder
            The adapter's own; it may be removed afterwards.
        title
            What it is called; empty: as its ``world.json`` says.
        owner
            The user. In a shared session the world belongs to the session.

        Raises
        ------
        BadInputError, NotAllowedError
            If it is no valid world, or the user may change nothing.
        """
        name = rules.owner_of(owner)
        base = self._bases.add(folder)
        state = State(rules.clean_title(title or base.title))
        entry = WorldEntry(
            "", base.sha256, "imported", name, owner.session or "", "",
            base.assets, people_of(base.world), state, 1, "",
        )  # fmt: skip
        return self._store.create(entry, EntryDraft("added", name, state))

    def entries(self, who: Who) -> list[WorldEntry]:
        """Return what a user may see, deleted ones too, newest first."""
        entries = self._store.entries(who.id, who.session or "")
        return [entry for entry in entries if rules.may_see(entry, who)]

    def entry(self, world_id: str, who: Who) -> WorldEntry:
        """Return an entry that a user may see; raises NotAllowedError."""
        entry = self._store.entry(world_id)
        rules.require_sight(entry, who)
        return entry

    def folder(self, world_id: str, who: Who) -> Any:
        """Return where the files of an entry are; raises NotAllowedError, BadInputError."""
        return self._bases.path(self.entry(world_id, who).base)

    def history(self, world_id: str, who: Who) -> list[EntryLine]:
        """Return who did what to an entry, oldest first; raises NotAllowedError."""
        return self._store.history(self.entry(world_id, who).id)

    def copy(self, world_id: str, title: str, who: Who) -> WorldEntry:
        """Add a copy of an entry that is the user's own; it shares the files, which never change.

        Parameters
        ----------
        world_id, title
            The entry, and what the copy is called.
        who
            The user.
        """
        name, entry = rules.owner_of(who), self.entry(world_id, who)
        rules.require_there(entry.state)
        state = State(rules.clean_title(title), label=entry.state.label)
        draft = EntryDraft("added", name, state)
        copied = WorldEntry(
            "", entry.base, "copied", name, who.session or "", "",
            entry.assets, entry.people, state, 1, "",
        )  # fmt: skip
        return self._store.create(copied, draft)

    def rename(self, world_id: str, title: str, who: Who) -> WorldEntry:
        """Rename an entry.

        Parameters
        ----------
        world_id, title
            The entry, and what it is called.
        who
            The user.
        """
        return self._change(world_id, who, lambda newest, _now: rules.renamed(newest, who, title))

    def archive(self, world_id: str, who: Who) -> WorldEntry:
        """Put an entry out of the way."""
        return self._change(world_id, who, lambda newest, _now: rules.archived(newest, who))

    def unarchive(self, world_id: str, who: Who) -> WorldEntry:
        """Take an entry out of the archive."""
        return self._change(world_id, who, lambda newest, _now: rules.unarchived(newest, who))

    def delete(self, world_id: str, who: Who) -> WorldEntry:
        """Put an entry into the bin, where it can be restored for 30 days."""
        return self._change(world_id, who, lambda newest, _now: rules.deleted(newest, who))

    def restore(self, world_id: str, who: Who) -> WorldEntry:
        """Take an entry out of the bin."""
        return self._change(world_id, who, lambda newest, now: rules.restored(newest, who, now))

    def _change(
        self, world_id: str, who: Who, rule: Callable[[EntryLine, str], EntryDraft | None]
    ) -> WorldEntry:
        def decide(entry: WorldEntry, newest: EntryLine, now: str) -> EntryDraft | None:
            rules.require_change(entry, who)
            return rule(newest, now)

        return self._store.append(world_id, decide)
