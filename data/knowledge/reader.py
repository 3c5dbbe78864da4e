"""Reads the tables of ``data/knowledge``: asset types, dependency rules, services."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from models.errors import BadInputError
from models.knowledge.expressions import Expression, parse
from models.knowledge.possible import PossibleMeasures
from models.knowledge.rules import Action, Override, Rule
from models.world import Kind, SewageRate, UseNeed

if TYPE_CHECKING:
    from models.rights.public_map import Limits

FOLDER = Path(__file__).parent

#: The classes of the table in the words of the model (Rinaldi et al. 2001).
KIND_OF_CLASS: Mapping[str, Kind] = {
    "physical": "physical",
    "cyber": "cyber",
    "geographic": "geographic",
    "logical": "logical",
    "supply_chain": "logical",
    "staff": "logical",
}


@dataclass(frozen=True, slots=True)
class AssetType:
    """One row of ``sectors.csv``: a type of asset and how it is found in OpenStreetMap.

    ``repair_h`` is the typical repair of moderate damage (Hazus restoration curves), where known.
    ``special_user``: a critical consumer such as a hospital. ``can_feed``: it could feed a network
    by itself if it can run islanded.
    """

    asset_type: str
    label: str
    short_label: str
    sector: str
    display_sector: str
    tags: Expression
    priority: int
    criticality: int
    repair_h: float | None
    special_user: bool
    can_feed: bool


@dataclass(frozen=True, slots=True)
class Service:
    """One row of ``services.csv``: label, unit of people and display order of a service."""

    service: str
    label: str
    people_label: str
    unit: str
    order: int
    people_panel: bool


@lru_cache(maxsize=1)
def asset_types() -> Mapping[str, AssetType]:
    """Return the asset types by name, in the order of the file."""
    rows = _rows(FOLDER / "sectors.csv")
    return {row["asset_type"]: _asset_type(number, row) for number, row in rows}


@lru_cache(maxsize=1)
def services() -> Mapping[str, Service]:
    """Return the services by id, in display order."""
    rows = [
        Service(
            row["service"],
            row["label"],
            row["people_label"],
            row["unit"],
            int(row["order"]),
            row["people_panel"] == "true",
        )
        for _, row in _rows(FOLDER / "services.csv")
    ]
    return {s.service: s for s in sorted(rows, key=lambda s: s.order)}


@lru_cache(maxsize=1)
def sewage_rate() -> SewageRate:
    """Return what a person sends to the sewer, in m3 a day."""
    rows = {row["name"]: row for _, row in _rows(FOLDER / "environment.csv")}
    row = rows["waste_water_m3_per_person_d"]
    return SewageRate(float(row["value"]), row["confidence"], row["source"])


@lru_cache(maxsize=1)
def use_needs() -> tuple[UseNeed, ...]:
    """Return the needs of services at home besides their own supply, by service and need."""
    needs = [
        UseNeed(
            service=row["service"],
            needs=row["needs"],
            share=float(row["share"]),
            confidence=row["confidence"],
            source=row["source"],
        )
        for _, row in _rows(FOLDER / "use_needs.csv")
    ]
    return tuple(sorted(needs, key=lambda need: (need.service, need.needs)))


@lru_cache(maxsize=1)
def public_limits() -> Limits:
    """Return the limits of the public map."""
    # imported here: it imports pyproj, which commands without a map do not need
    from models.rights.public_map import Limits

    value = {row["name"]: float(row["value"]) for _, row in _rows(FOLDER / "public_map.csv")}
    return Limits(
        int(value["least_told"]), int(value["round_to"]), value["cell_m"], value["step_h"]
    )


@lru_cache(maxsize=1)
def measures() -> PossibleMeasures:
    """Return the possible measures, by service and asset type."""
    rows = (row for _, row in _rows(FOLDER / "measures.csv"))
    return PossibleMeasures(
        {(r["measure"], r["service"], r["asset_type"]): r["possible"] == "true" for r in rows}
    )


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """Return the dependency rules in the order of the file."""
    return read_rules(FOLDER / "dependency_rules.csv")


def read_rules(path: Path) -> tuple[Rule, ...]:
    """Read a table of rules.

    Raises
    ------
    BadInputError
        One line per row that cannot be read.
    """
    rules, problems = [], []
    for number, row in _rows(path):
        try:
            rules.append(_rule(row))
        except (KeyError, ValueError) as error:
            problems.append(f"{path.name}, row {number}: {error}")
    if problems:
        raise BadInputError(problems)
    return tuple(rules)


def read_overrides(path: Path) -> tuple[Override, ...]:
    """Read a region's table of overrides; columns are the fields of ``Override``."""
    overrides, problems = [], []
    for number, row in _rows(path):
        if row["action"] not in get_args(Action):
            problems.append(f"{path.name}, row {number}: no action '{row['action']}'.")
        overrides.append(Override(**row))  # type: ignore[arg-type]
    if problems:
        raise BadInputError(problems)
    return tuple(overrides)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from enumerate(csv.DictReader(file), start=2)


def _asset_type(number: int, row: Mapping[str, str]) -> AssetType:
    try:
        tags = parse(row["osm_tags"])
    except ValueError as error:
        raise BadInputError([f"sectors.csv, row {number}, osm_tags: {error}"]) from error
    return AssetType(
        asset_type=row["asset_type"],
        label=row["label"],
        short_label=row["short_label"],
        sector=row["sector_code"],
        display_sector=row["display_sector"],
        tags=tags,
        priority=int(row["match_priority"]),
        criticality=int(row["criticality_default"]),
        repair_h=float(row["repair_h"]) if row["repair_h"] else None,
        special_user=row["special_user"] == "true",
        can_feed=row["can_feed"] == "true",
    )


def _rule(row: Mapping[str, str]) -> Rule:
    condition = row["condition"]
    return Rule(
        rule_id=row["rule_id"],
        dependents=tuple(row["dependent"].split("|")),
        suppliers=tuple(row["supplier"].split("|")),
        service=row["service"],
        assignment=row["assignment"],
        kind=KIND_OF_CLASS[row["dep_class"]],
        tight=row["coupling"] == "tight",
        condition=parse(condition) if condition else None,
        reach_m=float(row["max_distance_km"]) * 1000,
        n=int(row["n_suppliers"]),
        k=int(row["k_required"]),
        min_supply_fraction=float(row["min_supply_fraction"]),
        loss=float(row["loss_at_zero"]),
        buffer=row["buffer_type"],
        autonomy_h=(
            float(row["buffer_h_low"]),
            float(row["buffer_h_mode"]),
            float(row["buffer_h_high"]),
        ),
        recharge_h=float(row["recharge_h"]),
        restart_h=float(row["restart_h"]),
        confidence=row["confidence"],
        source=row["source"],
        note=row["note"],
    )
