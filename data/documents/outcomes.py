"""Outcomes to and from the JSON of ``docs/reference/format.md``, byte for byte the same."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data.documents.scenarios import scenario_sha256
from data.worlds.json_text import read_json
from data.worlds.tables import Findings
from models.errors import BadInputError
from models.impact.consequences import people_summary
from models.impact.environment import spilled_m3
from models.impact.people import people_distinct
from models.outcome import AssetOutcome, Deadlock, Outcome, TraceRow
from models.scenario import Scenario
from models.units import to_hours
from models.world import World

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


@lru_cache(maxsize=1)
def version() -> str:
    """Return the version of this program."""
    with PROJECT.open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def run_id(world: World, scenario: Scenario) -> str:
    """Return the id of a run: the same for the same world, scenario and program version."""
    parts = (world.sha256, scenario_sha256(scenario), version())
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:16]


def outcome_plain(world: World, scenario: Scenario, outcome: Outcome) -> dict[str, Any]:
    """Return the plain form of an outcome: hours (h), levels in [0, 1], people, person-hours.

    Parameters
    ----------
    world, scenario
        World and scenario of the run: their hashes identify the outcome.
    outcome
        The outcome of the run.
    """
    return {
        "run_id": run_id(world, scenario),
        "world_sha256": world.sha256,
        "scenario_sha256": scenario_sha256(scenario),
        "version": version(),
        "assets": {name: _asset(outcome.assets[name]) for name in sorted(outcome.assets)},
        "people": people_summary(world, outcome),
        "people_distinct": people_distinct(world, outcome),
        **_environment(world, outcome),
        "deadlocks": [_deadlock(deadlock) for deadlock in outcome.deadlocks],
        "trace": [_row(row) for row in outcome.trace],
    }


def outcome_text(plain: Mapping[str, Any]) -> str:
    """Return the plain form as JSON, with one asset or trace row a line."""
    return "{\n" + ",\n".join(f"{_json(k)}: {_block(v)}" for k, v in plain.items()) + "\n}\n"


def _block(value: Any) -> str:
    if isinstance(value, dict) and value:
        lines = (f" {_json(key)}: {_json(value[key])}" for key in sorted(value))
        return "{\n" + ",\n".join(lines) + "\n}"
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f" {_json(entry)}" for entry in value) + "\n]"
    return _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _environment(world: World, outcome: Outcome) -> dict[str, Any]:
    """Return what is spilled, in m3; nothing where no works serve any cell."""
    spilled = spilled_m3(world, outcome)
    return {} if spilled is None else {"environment": {"sewage_spilled_m3": round(spilled, 3)}}


def _asset(asset: AssetOutcome) -> dict[str, Any]:
    return {
        "level_end": asset.level_end,
        "delivers_end": dict(sorted(asset.delivers_end.items())),
        "state_end": asset.state_end,
        "first_loss_h": to_hours(asset.first_loss_ms),
        "down_h": to_hours(asset.down_ms),
        "order": asset.order,
    }


def _deadlock(deadlock: Deadlock) -> dict[str, Any]:
    breaking = [{"asset": s.asset, "service": s.service} for s in deadlock.breaking]
    limits = {"smallest": deadlock.smallest, "searched": deadlock.searched}
    cut_short = {name: kept for name, kept in limits.items() if not kept}
    return {"assets": list(deadlock.assets), "break": breaking, **cut_short}


def _row(row: TraceRow) -> dict[str, Any]:
    return {
        "row": row.row,
        "t_h": to_hours(row.t_ms),
        "asset": row.asset,
        "from": row.before,
        "to": row.after,
        "kind": row.kind,
        "group": row.group,
        "because": list(row.because),
        "order": row.order,
        "link": row.link,
        "service": row.service,
    }


# --- reading back ----------------------------------------------------------------------------


class _Part(BaseModel):
    model_config = ConfigDict(allow_inf_nan=False)


class _AssetPart(_Part):
    level_end: float
    delivers_end: dict[str, float]
    state_end: str
    first_loss_h: float
    down_h: float
    order: int


class _PeoplePart(_Part):
    peak: int
    person_hours: float


class _AtHomePart(_PeoplePart):
    by_use_need: dict[str, int] = {}


class _DistinctPart(_PeoplePart):
    by_missing: dict[str, int]


class _EverybodyPart(_DistinctPart):
    at_least: int | None = None
    #: older files have none
    by_service: dict[str, _AtHomePart] = {}
    groups: dict[str, _DistinctPart] = {}


class _RowPart(_Part):
    row: int
    t_h: float
    asset: str | None
    before: Annotated[float, Field(alias="from")]
    to: float
    kind: str
    group: str | None
    because: list[int]
    order: int
    link: str | None
    service: str | None


class _OutcomePart(_Part):
    run_id: str
    world_sha256: str
    assets: dict[str, _AssetPart]
    people: dict[str, _PeoplePart]
    #: missing in older files
    people_distinct: _EverybodyPart | None = None
    deadlocks: list[dict[str, Any]]
    trace: list[_RowPart]


def read_outcome(path: Path) -> dict[str, Any]:
    """Read an outcome file and return its plain form.

    Raises
    ------
    BadInputError
        If it is not an outcome, with one line per problem.
    """
    findings = Findings()
    plain = read_json(path, findings)
    if findings.problems:
        raise BadInputError(findings.problems)
    try:
        _OutcomePart.model_validate(plain)
    except ValidationError as error:
        problems = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}." for e in error.errors()[:20])
        lines = [
            f"{path.name}: not an outcome file. {line.removeprefix(': ')}" for line in problems
        ]
        raise BadInputError(lines) from None
    return dict(plain)
