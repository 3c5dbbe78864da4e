"""The lines of a backup: each has a form and is validated before it enters a database.

A backup is untrusted input. Invalid rows would cause errors later, when the file may no longer be
available.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from argon2 import Parameters, extract_parameters
from argon2.exceptions import InvalidHashError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from data.store.access_tables import AccountRow, AuditRow, MemberRow
from data.store.database import (
    Base,
    ExerciseLineRow,
    ExerciseRow,
    SessionRow,
    WorldLineRow,
    WorldRow,
)
from models.access import Role, Tlp
from models.revisions import Kind
from models.worlds.entry import Did

#: Limits on the work to check a password, which its hash states.
MAX_MEMORY_KIB, MAX_ROUNDS, MAX_LANES = 1_048_576, 20, 16


def _checked_moment(text: str) -> str:
    try:
        if datetime.fromisoformat(text).tzinfo is not None:
            return text
    except ValueError:
        pass
    raise ValueError("no time with its zone, as 2026-11-30T12:00:00+00:00")


def _checked_hash(text: str) -> str:
    try:
        stated: Parameters = extract_parameters(text)
    except InvalidHashError:
        raise ValueError("no hash of a password that this program makes") from None
    if stated.memory_cost > MAX_MEMORY_KIB or stated.time_cost > MAX_ROUNDS:
        raise ValueError("a hash that takes too long to check")
    if stated.parallelism > MAX_LANES:
        raise ValueError("a hash that takes too long to check")
    return text


def _checked_sectors(text: str) -> str:
    sectors = json.loads(_checked_json(text))
    is_list = isinstance(sectors, list) and all(isinstance(sector, str) for sector in sectors)
    if sectors is not None and not is_list:
        raise ValueError("sectors are a list of texts, or null")
    return text


def _checked_json(text: str) -> str:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("no JSON") from None
    return text


_Moment = Annotated[str, AfterValidator(_checked_moment)]
_PasswordHash = Annotated[str, AfterValidator(_checked_hash)]
_Sectors = Annotated[str, AfterValidator(_checked_sectors)]
_Json = Annotated[str, AfterValidator(_checked_json)]
_Count = Annotated[int, Field(ge=1, lt=2**31)]
_Place = Annotated[int, Field(ge=1, lt=2**53)]


class BackupLine(BaseModel):
    """Base of the forms of lines; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ScenarioLine(BackupLine):
    """A scenario without its log."""

    id: str
    root_id: str
    branch_of: str | None
    branch_revision: _Count | None
    name: str
    world_id: str
    title: str
    created: _Moment
    session_id: str | None = None


class SessionLine(BackupLine):
    """A shared session."""

    id: str
    name: str
    world_id: str
    created: _Moment
    ended: _Moment | None
    public: str | None = None


class AccountLine(BackupLine):
    """An account, with the hash of its password."""

    id: str
    login: str
    name: str
    password_hash: _PasswordHash | None
    issuer: str | None
    subject: str | None
    clearance: Tlp
    created: _Moment
    disabled: _Moment | None


class MemberLine(BackupLine):
    """A member, without the invitation: backups contain no secrets that give access."""

    id: str
    session_id: str
    account_id: str | None
    name: str
    role: Role
    sectors: _Sectors
    clearance: Tlp
    created: _Moment
    revoked: _Moment | None


class AuditLine(BackupLine):
    """A line of the audit log."""

    number: _Count
    made_at: _Moment
    who: str
    what: str
    session_id: str | None
    detail: str
    sequence: _Place | None = None


class ExerciseLine(BackupLine):
    """A plan or run of an exercise without its log."""

    id: str
    kind: Literal["plan", "run"]
    world_id: str
    title: str
    session: str
    created: _Moment


class ExerciseEntryLine(BackupLine):
    """A line of the log of a plan or run."""

    exercise_id: str
    number: _Count
    at_ms: Annotated[int, Field(ge=0, lt=2**53)]
    kind: str
    author: str
    name: str
    data: _Json
    scenario_id: str


class WorldLine(BackupLine):
    """An entry of the library of worlds without its log; its files are not in a backup."""

    id: str
    base: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    origin: Literal["imported", "copied"]
    owner: str
    session: str
    created: _Moment
    assets: Annotated[int, Field(ge=0, lt=2**53)]
    people: Annotated[int, Field(ge=0, lt=2**53)]


class WorldEntryLine(BackupLine):
    """A line of the log of an entry of the library."""

    world_id: str
    number: _Count
    did: Did
    author: str
    made_at: _Moment
    reason: str
    data: _Json


class ChangeLine(BackupLine):
    """A line of the log of a scenario."""

    scenario_id: str
    revision: _Count
    kind: Kind
    author: str
    made_at: _Moment
    reason: str
    plain: dict[str, Any]
    takes_back: _Count | None
    next_undo: _Count | None
    next_redo: _Count | None
    below: _Count | None
    sequence: _Place | None = None


#: the rows before the scenarios, in this order: name in the file, table, form
ACCESS: Mapping[str, tuple[type[Base], type[BackupLine]]] = {
    "session": (SessionRow, SessionLine),
    "account": (AccountRow, AccountLine),
    "member": (MemberRow, MemberLine),
    "audit": (AuditRow, AuditLine),
    "exercise": (ExerciseRow, ExerciseLine),
    "exercise_line": (ExerciseLineRow, ExerciseEntryLine),
    "world": (WorldRow, WorldLine),
    "world_line": (WorldLineRow, WorldEntryLine),
}
