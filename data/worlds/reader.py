"""Worlds from files: a folder of tables or one GeoPackage, checked at the door.

Inside, nobody checks again. The format is in ``docs/reference/format.md``.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from shapely.geometry.base import BaseGeometry

from data.knowledge.reader import asset_types
from data.knowledge.synonyms import Named, meanings
from data.worlds.parts import Parts
from data.worlds.schema import COLUMNS, SILENT, SPATIAL
from data.worlds.tables import (
    Column,
    Findings,
    Table,
    Values,
    hint,
    read_csv,
    read_geojson,
    read_gpkg,
    read_json,
    rows,
)
from models.errors import BadInputError, did_you_mean
from models.world import JUNCTION, World

REGIONS = Path(__file__).resolve().parents[1] / "regions"
PEOPLE = "people"
_PEOPLE_SERVED = (
    "If it is the people served: they stand in service_areas.csv, column people, with one row for "
    "each asset and service."
)
BASES = ("location", "corridor", "vendor", "product", "version", "operator", "fuel")


class Checked(NamedTuple):
    """What a look at foreign files gave: a world only where there is no problem."""

    world: World | None
    problems: tuple[str, ...]
    warnings: tuple[str, ...]


# --- public ----------------------------------------------------------------------------------


def read_world(path: Path) -> World:
    """Read a world from a folder of tables or a GeoPackage.

    Parameters
    ----------
    path
        A folder with ``world.json`` and ``assets``, or a ``.gpkg`` with layers of these names.

    Returns
    -------
    The world, its tables ordered by id; hours (h), metres (m) and EPSG:4326 degrees as in the
    files. ``sha256`` depends on the content alone: not on the order of rows, the file format,
    the path or the time.

    Raises
    ------
    BadInputError
        With every problem found: file, row, column and a hint, one line each.
    """
    world, problems, _ = check_world(path)
    if world is None:
        raise BadInputError(problems)
    return world


def check_world(path: Path) -> Checked:
    """Read a world and return it with all problems and warnings; None where there is a problem."""
    findings = Findings()
    meta, tables = _files(path, findings)
    parts = Parts(findings)
    if meta is not None:
        parts.meta(meta, path)
    for name, columns in COLUMNS.items():
        if name in tables:
            _warn_further_columns(name, tables[name], columns, findings)
            getattr(parts, name)(tables[name], rows(tables[name], columns, findings))
        elif name == "assets" and not findings.problems:
            findings.problem(path.name, "no assets. A world needs assets.csv or assets.geojson.")
    findings.close()
    if findings.problems:
        return Checked(None, tuple(findings.problems), tuple(findings.warnings))
    world = parts.world()
    _warn_oddities(world, findings)
    return Checked(with_sha256(world), (), tuple(findings.warnings))


def embedded_regions() -> tuple[str, ...]:
    """Return the ids of the regions that ship with the product, in order."""
    return tuple(sorted(path.parent.name for path in REGIONS.glob("*/world.json")))


def find_world(name: str) -> Path:
    """Return where a world is: a folder, a ``.gpkg`` file, or the id of an embedded region.

    Raises
    ------
    BadInputError
        If it is none of these.
    """
    path = Path(name)
    if (path / "world.json").is_file() or (path.is_file() and path.suffix.lower() == ".gpkg"):
        return path
    regions = embedded_regions()
    if name in regions:
        return REGIONS / name
    if path.is_dir():
        raise BadInputError([f"{name}: this folder has no world.json, so it is not a world."])
    if path.exists():
        raise BadInputError([f"{name}: a world is a folder with world.json or a .gpkg file."])
    otherwise = f"Embedded regions: {', '.join(regions) or 'none'}."
    missing = f"No world '{name}': no such folder, .gpkg file or embedded region."
    raise BadInputError([f"{missing} {did_you_mean(name, regions, otherwise)}"])


def with_sha256(world: World) -> World:
    """Return the world with the hash of its canonical content."""
    digest = hashlib.sha256()
    meta = {name: getattr(world, name) for name in _META_FIELDS}
    digest.update(_line(meta | {"sources": [dict(s) for s in world.sources]}))
    tables: tuple[Iterable[Any], ...] = (
        world.assets.values(),
        world.links.values(),
        world.groups.values(),
        world.flows,
        world.common_causes.values(),
        world.service_areas,
        world.unknown_needs,
        *([world.ranges] if world.ranges else []),
        *([world.markings] if world.markings else []),
    )
    for table in tables:
        digest.update(b"#\n")
        for line in sorted(_line(_stated(thing)) for thing in table):
            digest.update(line)
    return replace(world, sha256=digest.hexdigest())


_META_FIELDS = ("world_id", "title", "version", "snapshot_date", "bbox", "licence", "attribution")


def _line(content: Mapping[str, Any]) -> bytes:
    return _ENCODER.encode(content).encode("utf-8") + b"\n"


def _stated(thing: Any) -> dict[str, Any]:
    """Return the fields that differ from their default, numbers as floats without -0.0."""
    stated = {}
    for name, default in _defaults(thing.__class__):
        value = getattr(thing, name)
        if value != default:
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            stated[name] = float(value) + 0.0 if is_number else value
    return stated


@cache
def _defaults(kind: type) -> tuple[tuple[str, Any], ...]:
    return tuple((one.name, one.default) for one in fields(kind))


def _stated_or_wkb(thing: Any) -> Any:
    return thing.wkb_hex if isinstance(thing, BaseGeometry) else _stated(thing)


_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=_stated_or_wkb)


# --- files -----------------------------------------------------------------------------------


def _files(path: Path, findings: Findings) -> tuple[Values | None, dict[str, Table]]:
    """Return the world's metadata and its tables by name, from whichever form it has."""
    if path.is_dir():
        return _folder(path, findings)
    if path.suffix.lower() == ".gpkg" and path.is_file():
        tables = read_gpkg(path, findings)
        meta = _meta_of_layer(tables.pop("world", None), path, findings)
        _warn_names(path.name, tables, COLUMNS, findings)
        return meta, tables
    findings.problem(str(path), "a world is a folder with world.json or a .gpkg file.")
    return None, {}


def _folder(path: Path, findings: Findings) -> tuple[Values | None, dict[str, Table]]:
    if not (path / "world.json").is_file():
        findings.problem(path.name, "no world.json. It states at least the id and the title.")
        meta = None
    else:
        meta = read_json(path / "world.json", findings)
        if meta is not None and not isinstance(meta, dict):
            findings.problem("world.json", 'not an object like {"id": …, "title": …}.')
            meta = None
    tables = {name: _table(path, name, findings) for name in COLUMNS}
    stems = (f.name for f in path.iterdir() if f.suffix == ".csv")
    _warn_names(path.name, stems, [f"{name}.csv" for name in COLUMNS], findings)
    return meta, {name: table for name, table in tables.items() if table is not None}


def _table(folder: Path, name: str, findings: Findings) -> Table | None:
    plain, spatial = folder / f"{name}.csv", folder / f"{name}.geojson"
    if name not in SPATIAL or not spatial.exists():
        return read_csv(plain, findings) if plain.exists() else None
    if plain.exists():
        findings.problem(folder.name, f"has both {plain.name} and {spatial.name}. Keep one.")
    return read_geojson(spatial, findings)


def _meta_of_layer(table: Table | None, path: Path, findings: Findings) -> Values | None:
    if table is None or len(table.numbers) != 1:
        findings.problem(path.name, "needs a layer 'world' of one row with id and title.")
        return None
    meta: Values = {name: cells[0] for name, cells in table.cells.items() if cells[0]}
    for name in ("bbox", "sources"):
        if name in meta:
            try:
                meta[name] = json.loads(meta[name])
            except ValueError:
                findings.problem(table.place, f"{name} is not JSON.")
                return None
    return meta


def _warn_names(
    place: str, found: Iterable[str], known: Collection[str], findings: Findings
) -> None:
    """Warn of tables that look like misspelt ones of ours."""
    for name in sorted(set(found) - set(known)):
        if close := get_close_matches(name, known, n=1, cutoff=0.8):
            findings.warn(place, f"'{name}' is not read. Did you mean '{close[0]}'?")


def _warn_further_columns(
    name: str, table: Table, columns: tuple[Column, ...], findings: Findings
) -> None:
    known = {column.name for column in columns}
    ranged = {c.name + end for c in columns if c.kind == "number" for end in ("_low", "_high")}
    silent = known | ranged | SILENT.get(name, set())
    for column in table.columns:
        if column not in silent:
            findings.warn(table.place, f"further column {column}. {_meant(column, table, known)}")


def _meant(column: str, table: Table, known: Collection[str]) -> str:
    """Say which column of the table, or of another, was meant by one that is not read."""
    meant = meanings("column", column)
    if PEOPLE in meant and PEOPLE not in known:
        return _PEOPLE_SERVED
    return hint(column, set(known) - set(table.columns), "It is not read.", meant)


# --- oddities that are no problem ------------------------------------------------------------


def _known_types() -> dict[Named, set[str]]:
    """Return the asset types and sectors that the knowledge tables have."""
    types = asset_types()
    sectors = {name for t in types.values() for name in (t.sector, t.display_sector)}
    return {"asset_type": {*types, JUNCTION}, "sector": sectors}


def _warn_oddities(world: World, findings: Findings) -> None:
    """Warn of what is allowed and yet may not be meant."""
    if not world.groups:
        text = "no dependencies: only what is hit, and what links carry, can fail."
        findings.warn(world.world_id, text)
    _warn_types(world, findings)
    _warn_flows(world, findings)
    for cause in world.common_causes.values():
        if cause.basis not in BASES:
            other = hint(cause.basis, BASES, f"Known: {', '.join(BASES)}.")
            text = f"common cause '{cause.group_id}': unknown basis '{cause.basis}'. {other}"
            findings.warn(world.world_id, text)
    pairs = Counter((area.asset_id, area.service) for area in world.service_areas)
    for (asset_id, service), count in pairs.items():
        if count > 1:
            text = f"'{asset_id}' has {count} service areas of {service}"
            findings.warn(world.world_id, f"{text}; their people are added up.")


def _warn_types(world: World, findings: Findings) -> None:
    for field_name, known in _known_types().items():
        counts = Counter(getattr(asset, field_name) for asset in world.assets.values())
        for value in sorted(counts):
            if value not in known:
                meant = meanings(field_name, value)
                other = hint(value, known, "It is shown among the others.", meant)
                text = f"unknown {field_name} '{value}' ({counts[value]} assets). {other}"
                findings.warn(world.world_id, text)


def _warn_flows(world: World, findings: Findings) -> None:
    inside = {(end, x.service) for x in world.links.values() for end in (x.from_id, x.to_id)}
    inside |= {(a.asset_id, service) for a in world.assets.values() for service in a.source_of}
    inside |= {(flow.asset_id, flow.service) for flow in world.flows if flow.supply is not None}
    for flow in world.flows:
        if flow.demand and (flow.asset_id, flow.service) not in inside:
            text = f"demand of {flow.service} at '{flow.asset_id}' counts nowhere"
            findings.warn(world.world_id, f"{text}: the asset has no link of this service.")
        if flow.supply is None and flow.demand is None:
            pair = f"{flow.service} at '{flow.asset_id}'"
            findings.warn(world.world_id, f"the flow of {pair} has neither supply nor demand.")
