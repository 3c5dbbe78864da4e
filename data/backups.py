"""Everything in the scenario database as one file of lines, and back, from any database to any.

The form is described in ``docs/reference/store.md``; :data:`VERSION` is its version.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from data.database import Base, ChangeRow, Database, ScenarioRow
from data.exports import replacing
from data.store import MAX_PLAIN_BYTES, Kind, plain_text
from models.errors import BadInputError

FORMAT, VERSION = "knock-on backup", 1
#: no line that we write is longer
MAX_LINE_BYTES = 2 * MAX_PLAIN_BYTES
BATCH = 200

_Count = Annotated[int, Field(ge=1, lt=2**31)]


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Scenario(_Line):
    id: str
    root_id: str
    branch_of: str | None
    branch_revision: _Count | None
    name: str
    world_id: str
    title: str
    created: str


class _Change(_Line):
    scenario_id: str
    revision: _Count
    kind: Kind
    author: str
    made_at: str
    reason: str
    plain: dict[str, Any]
    takes_back: _Count | None
    next_undo: _Count | None
    next_redo: _Count | None
    below: _Count | None


@dataclass(slots=True)
class Counts:
    """How much a backup holds."""

    scenarios: int = 0
    changes: int = 0

    def __str__(self) -> str:
        return f"{self.scenarios:,} scenarios with {self.changes:,} changes"


# --- out -------------------------------------------------------------------------------------


def write_backup(database_url: str, path: Path, *, replace: bool = False) -> Counts:
    """Write all scenarios, deleted ones too, as they are at one moment; others may go on working.

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
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    yield _line({"format": FORMAT, "version": VERSION, "made_at": made_at})
    scenarios = select(ScenarioRow).order_by(ScenarioRow.created, ScenarioRow.id)
    with session.scalars(scenarios.execution_options(yield_per=BATCH)) as rows:
        for scenario in rows:
            counts.scenarios += 1
            yield _line({"scenario": _fields(scenario, _Scenario)})
    changes = select(ChangeRow).order_by(ChangeRow.scenario_id, ChangeRow.revision)
    with session.scalars(changes.execution_options(yield_per=BATCH)) as log:
        for change in log:
            counts.changes += 1
            fields = _fields(change, _Change)
            yield _line({"change": fields | {"plain": json.loads(change.plain)}})


def _fields(row: object, form: type[_Line]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in form.model_fields}


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


# --- in --------------------------------------------------------------------------------------


def restore_backup(database_url: str, path: Path, *, replace: bool = False) -> Counts:
    """Put the scenarios of a backup into a database, all of them or, on any problem, none.

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
            session.execute(delete(ChangeRow))
            session.execute(delete(ScenarioRow))
        elif session.scalar(select(ScenarioRow.id).limit(1)) is not None:
            raise BadInputError(
                ["The database holds scenarios already and was left as it is. Restore into an "
                 "empty one (KNOCKON_DATABASE_URL), or add --replace to delete what is there."]
            )  # fmt: skip
        with path.open("rb") as file:
            return _Reader(path.name, file).into(session)


class _Reader:
    """Reads a backup line by line and checks each; only at the end is it known to be whole."""

    def __init__(self, name: str, file: BinaryIO) -> None:
        self._name, self._file = name, file
        self._number = 0
        self._counts, self._digest = Counts(), hashlib.sha256()
        #: the revisions of each scenario so far, None before its first
        self._logs: dict[str, set[int]] = {}

    def into(self, session: Session) -> Counts:
        """Insert every line, then compare what was read with what the last line says."""
        head = self._next()
        if head.get("format") != FORMAT:
            raise self._problem("this is no backup of Knock-on")
        if head.get("version") != VERSION:
            raise self._problem(
                f"this backup has form {str(head.get('version'))[:20]}; this program reads form "
                f"{VERSION}. Use the program that wrote it, or a newer one"
            )
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
        return self._counts

    def _rows(self) -> Iterator[tuple[type[Base], dict[str, Any]]]:
        """Yield (table, row) up to the line that ends the backup, which must be right."""
        while True:
            digest = self._digest.hexdigest()
            line = self._next()
            if "end" in line:
                break
            try:
                if "scenario" in line:
                    yield ScenarioRow, self._scenario(_Scenario.model_validate(line["scenario"]))
                else:
                    yield ChangeRow, self._change(_Change.model_validate(line.get("change")))
            except ValidationError as error:
                first = error.errors(include_url=False, include_input=False)[0]
                place = ".".join(str(part)[:80] for part in first["loc"])
                raise self._problem(f"{place}: {first['msg']}") from None
        expected = {**asdict(self._counts), "sha256": digest}
        if line["end"] != expected or self._file.read(1):
            raise self._problem("the checksum does not match: the file was changed or damaged")
        if empty := [name for name, log in self._logs.items() if not log]:
            raise self._problem(f"scenario '{empty[0][:40]}' has no log")

    def _scenario(self, scenario: _Scenario) -> dict[str, Any]:
        if scenario.id in self._logs:
            raise self._problem("this scenario is there twice")
        self._logs[scenario.id] = set()
        self._counts.scenarios += 1
        return scenario.model_dump()

    def _change(self, change: _Change) -> dict[str, Any]:
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
        return change.model_dump() | {"plain": plain_text(change.plain)}

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
        return value

    def _problem(self, what: str) -> BadInputError:
        return BadInputError(
            [f"{self._name}, line {self._number}: {what}. The database was left as it was."]
        )
