"""Notes between web processes: presence at a scenario, and its leader.

They are obsolete after a minute. So unlike everything else in the database they are overwritten
and deleted, and a backup does not contain them.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, tuple_

from data.store.database import Database, NoteRow, moment

#: age at which notes of a process that crashed are deleted
FORGOTTEN = timedelta(hours=1)
MAX_BODY = 100_000


@dataclass(frozen=True, slots=True)
class Note:
    """A process's note about a scenario; ``mark`` changes whenever the note is replaced.

    ``kind`` is ``here`` (one note for each process), ``lead`` (one for each scenario) or ``out``
    (one without a scenario: a user was removed).
    """

    scenario_id: str
    kind: str
    source: str
    mark: str
    body: dict[str, Any] | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """Return the key of the note; a new note with the same key replaces it."""
        return self.scenario_id, self.kind, self.source


class LiveNotes:
    """The notes in one database. Safe to call from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, scenario_id: str, kind: str, source: str, body: Mapping[str, Any]) -> str:
        """Write a note, which replaces the one with the same key; return its mark.

        Parameters
        ----------
        scenario_id
            What the note is about.
        kind, source
            Together with the scenario they form :attr:`Note.key`.
        body
            At most ``MAX_BODY`` characters as JSON; a longer one is dropped: the mark is empty.
        """
        mark, text = secrets.token_urlsafe(9), json.dumps(body, separators=(",", ":"))
        if len(text) > MAX_BODY:
            return ""
        now = moment()
        with self._database.writing() as session:
            old = (now - FORGOTTEN).isoformat()
            session.execute(delete(NoteRow).where(NoteRow.at < old))
            row = NoteRow(
                scenario_id=scenario_id,
                kind=kind,
                source=source,
                mark=mark,
                at=now.isoformat(),
                body=text,
            )
            session.merge(row)
        return mark

    def take_back(self, scenario_id: str, kind: str, source: str) -> None:
        """Remove a note, if it exists.

        Parameters
        ----------
        scenario_id, kind, source
            The key of the note.
        """
        same = {"scenario_id": scenario_id, "kind": kind, "source": source}
        with self._database.writing() as session:
            session.execute(delete(NoteRow).filter_by(**same))

    def notes(
        self, scenario_ids: Collection[str], known: Mapping[tuple[str, str, str], str]
    ) -> list[Note]:
        """Return all notes about these scenarios, with bodies if their mark is not in ``known``."""
        columns = (NoteRow.scenario_id, NoteRow.kind, NoteRow.source, NoteRow.mark)
        printable = [scenario_id for scenario_id in scenario_ids if scenario_id.isprintable()]
        with self._database.reading() as session:
            there = select(*columns).where(NoteRow.scenario_id.in_(printable))
            rows = [Note(*row) for row in session.execute(there)]
            news = [row.key for row in rows if known.get(row.key) != row.mark]
            if not news:
                return rows
            query = select(*columns, NoteRow.body).where(tuple_(*columns[:3]).in_(news))
            bodies = {row[:3]: row.body for row in session.execute(query)}
        return [
            Note(*row.key, row.mark, json.loads(bodies[row.key]) if row.key in bodies else None)
            for row in rows
        ]
