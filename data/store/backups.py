"""Backup of the whole database as one file of lines, and restore to any database.

The form is described in ``docs/reference/store.md``; :data:`VERSION` is its version.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import ValidationError
from sqlalchemy import delete, insert, inspect, select, update
from sqlalchemy.orm import Session

from data.exchange.replacing import replacing
from data.store.access_tables import AccountRow, AuditRow, InvitationRow, LoginRow, MemberRow
from data.store.backup_lines import ACCESS, BackupLine, ChangeLine, ScenarioLine
from data.store.database import (
    Base,
    ChangeRow,
    Database,
    ExerciseLineRow,
    ExerciseRow,
    ScenarioRow,
    SessionRow,
    moment,
)
from data.store.revisions import MAX_PLAIN_BYTES, plain_text
from data.store.sequence import SequenceRow, next_number, number_by_time
from models.errors import BadInputError
from models.lettering import unwritable

FORMAT, VERSION = "knock-on backup", 3
#: forms that can be read: the first had no sessions, the second no sequence
READABLE = (1, 2, VERSION)
#: no line that we write is longer
MAX_LINE_BYTES = 5 * MAX_PLAIN_BYTES
BATCH = 200


@dataclass(slots=True)
class Counts:
    """Totals of a backup."""

    scenarios: int = 0
    changes: int = 0

    def __str__(self) -> str:
        return f"{self.scenarios:,} scenarios with {self.changes:,} changes"


# --- backup ----------------------------------------------------------------------------------


def write_backup(database_url: str, path: Path, *, replace: bool = False) -> Counts:
    """Write a snapshot of all scenarios, deleted ones too; users may keep working meanwhile.

    Parameters
    ----------
    database_url
        As SQLAlchemy takes it.
    path
        The file, readable by its owner alone.
    replace
        Whether a file that is there may be replaced.

    Raises
    ------
    BadInputError
        If the file is there already and must not be replaced, or cannot be written.
    StoreError
        If the database cannot be read.
    """
    if path.exists() and not replace:
        raise BadInputError([f"{path}: is there already. Choose another name or add --replace."])
    with (
        closing(Database(database_url, create=False)) as database,
        replacing(path) as made,
        database.reading() as session,
    ):
        made.touch(mode=0o600)  # it holds all that anybody ever entered
        with made.open("wb") as file:
            counts = _write(session, file)
            file.flush()
            os.fsync(file.fileno())
    return counts


def _write(session: Session, file: BinaryIO) -> Counts:
    counts, digest = Counts(), hashlib.sha256()
    for line in _lines(session, counts):
        file.write(line)
        digest.update(line)
    end = {"scenarios": counts.scenarios, "changes": counts.changes, "sha256": digest.hexdigest()}
    file.write(_line({"end": end}))
    return counts


def _lines(session: Session, counts: Counts) -> Iterator[bytes]:
    made_at = moment().isoformat(timespec="seconds")
    yield _line({"format": FORMAT, "version": VERSION, "made_at": made_at})
    for name, (table, form) in ACCESS.items():
        everything = select(table).order_by(*inspect(table).primary_key)
        with session.scalars(everything.execution_options(yield_per=BATCH)) as found_rows:
            for row in found_rows:
                yield _line({name: _fields(row, form)})
    scenarios = select(ScenarioRow).order_by(ScenarioRow.created, ScenarioRow.id)
    with session.scalars(scenarios.execution_options(yield_per=BATCH)) as rows:
        for scenario in rows:
            counts.scenarios += 1
            yield _line({"scenario": _fields(scenario, ScenarioLine)})
    changes = select(ChangeRow).order_by(ChangeRow.scenario_id, ChangeRow.revision)
    with session.scalars(changes.execution_options(yield_per=BATCH)) as log:
        for change in log:
            counts.changes += 1
            fields = _fields(change, ChangeLine)
            yield _line({"change": fields | {"plain": json.loads(change.plain)}})


def _fields(row: object, form: type[BackupLine]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in form.model_fields}


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


# --- restore ---------------------------------------------------------------------------------


def restore_backup(database_url: str, path: Path, *, replace: bool = False) -> Counts:
    """Restore a backup into a database, completely or, on any problem, not at all.

    Parameters
    ----------
    database_url
        As SQLAlchemy takes it.
    path
        The backup.
    replace
        Whether to delete existing scenarios first.

    Raises
    ------
    BadInputError
        If the file is no whole backup, or the database holds scenarios and ``replace`` is not
        given, which deletes them.
    StoreError
        If the database cannot be written.
    """
    with closing(Database(database_url)) as database, database.writing() as session:
        if replace:
            _empty(session)
        elif session.scalar(select(ScenarioRow.id).limit(1)) is not None:
            raise BadInputError(
                ["The database holds scenarios already and was left as it is. Restore into an "
                 "empty one (KNOCKON_DATABASE_URL), or add --replace to delete what is there."]
            )  # fmt: skip
        with path.open("rb") as file:
            return _Reader(path.name, file).into(session)


def _empty(session: Session) -> None:
    """Delete everything that a backup replaces, with its invitations and sign-ins."""
    held: tuple[type[Base], ...] = (
        ExerciseLineRow,
        ExerciseRow,
        ChangeRow,
        ScenarioRow,
        LoginRow,
        MemberRow,
        InvitationRow,
        AuditRow,
        SessionRow,
        AccountRow,
    )
    for table in held:
        session.execute(delete(table))
    session.execute(update(SequenceRow).values(newest=0))


class _Reader:
    """Reads a backup line by line and validates each; only the last line proves it complete."""

    def __init__(self, name: str, file: BinaryIO) -> None:
        self._name, self._file = name, file
        self._number = 0
        self._counts, self._digest = Counts(), hashlib.sha256()
        #: the revisions of each scenario so far, None before its first
        self._logs: dict[str, set[int]] = {}
        #: the ids that later lines may refer to
        self._known: dict[str, set[str]] = {"session": set(), "account": set(), "exercise": set()}
        #: the places in the sequence that lines have, and how many lines have none
        self._places, self._unplaced = set[int](), 0
        self._is_placed, self._base = False, 0

    def into(self, session: Session) -> Counts:
        """Insert every line, then compare the totals with those in the last line."""
        head = self._next()
        if head.get("format") != FORMAT:
            raise self._problem("this is no backup of Knock-on")
        if head.get("version") not in READABLE:
            raise self._problem(
                f"this backup has form {str(head.get('version'))[:20]}; this program reads form "
                f"1 to {VERSION}. Use the program that wrote it, or a newer one"
            )
        self._is_placed = head["version"] == VERSION
        self._base = next_number(session, 0)
        waiting: list[dict[str, Any]] = []
        last: type[Base] = ScenarioRow
        for table, row in self._rows():
            if waiting and (table is not last or len(waiting) >= BATCH):
                session.execute(insert(last), waiting)
                waiting.clear()
            waiting.append(row)
            last = table
        if waiting:
            session.execute(insert(last), waiting)
        next_number(session, max(self._places, default=0))
        if self._unplaced:
            number_by_time(session.connection())
        return self._counts

    def _rows(self) -> Iterator[tuple[type[Base], dict[str, Any]]]:
        """Yield (table, row) up to the last line, whose totals must be correct."""
        while True:
            digest = self._digest.hexdigest()
            line = self._next()
            if "end" in line:
                break
            try:
                if "scenario" in line:
                    yield ScenarioRow, self._scenario(ScenarioLine.model_validate(line["scenario"]))
                elif name := next((name for name in ACCESS if name in line), None):
                    table, form = ACCESS[name]
                    yield table, self._access(name, form.model_validate(line[name]).model_dump())
                else:
                    yield ChangeRow, self._change(ChangeLine.model_validate(line.get("change")))
            except ValidationError as error:
                first = error.errors(include_url=False, include_input=False)[0]
                place = ".".join(str(part)[:80] for part in first["loc"])
                raise self._problem(f"{place}: {first['msg']}") from None
        expected = {**asdict(self._counts), "sha256": digest}
        if line["end"] != expected or self._file.read(1):
            raise self._problem("the checksum does not match: the file was changed or damaged")
        if empty := [name for name, log in self._logs.items() if not log]:
            raise self._problem(f"scenario '{empty[0][:40]}' has no log")

    def _scenario(self, scenario: ScenarioLine) -> dict[str, Any]:
        if scenario.id in self._logs:
            raise self._problem("this scenario is there twice")
        self._logs[scenario.id] = set()
        self._counts.scenarios += 1
        row = scenario.model_dump()
        self._refer(row)
        return row

    def _access(self, name: str, row: dict[str, Any]) -> dict[str, Any]:
        self._refer(row)
        if name in self._known:
            self._known[name].add(row["id"])
        if name == "audit":
            # the database continues to count from its own last number
            del row["number"]
            row["sequence"] = self._place(row["sequence"])
        return row

    def _place(self, place: int | None) -> int:
        """Return the place of a line behind all that the database holds; below 0: none yet."""
        if (place is not None) != self._is_placed:
            raise self._problem("a line has a sequence from form 3 on, and then each one does")
        if place is None:
            self._unplaced += 1
            return -self._unplaced
        if place in self._places:
            raise self._problem("two lines have the same sequence")
        self._places.add(place)
        return self._base + place

    def _refer(self, row: dict[str, Any]) -> None:
        for name, ids in self._known.items():
            if row.get(f"{name}_id") not in {None, *ids}:
                raise self._problem(f"its {name} is not in the file before it")

    def _change(self, change: ChangeLine) -> dict[str, Any]:
        log = self._logs.get(change.scenario_id)
        if log is None:
            raise self._problem("its scenario is not in the file before it")
        if log and change.revision <= max(log):
            raise self._problem("the revisions of a scenario must go up")
        links = {change.takes_back, change.next_undo, change.next_redo, change.below} - {None}
        log.add(change.revision)
        if not links <= log:
            raise self._problem("it refers to a revision that is not before it")
        self._counts.changes += 1
        place = self._place(change.sequence)
        return change.model_dump() | {"plain": plain_text(change.plain), "sequence": place}

    def _next(self) -> dict[str, Any]:
        self._number += 1
        line = self._file.readline(MAX_LINE_BYTES)
        self._digest.update(line)
        if not line.endswith(b"\n"):
            raise self._problem("the file ends before its last line: it is not whole")
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            raise self._problem("this is no JSON") from None
        if not isinstance(value, dict):
            raise self._problem("this is no JSON object")
        if place := next(unwritable(value), None):
            raise self._problem(f"{place[:80]}: a text with half of a character, or with a NUL")
        return value

    def _problem(self, what: str) -> BadInputError:
        return BadInputError(
            [f"{self._name}, line {self._number}: {what}. The database was left as it was."]
        )
