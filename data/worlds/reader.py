"""Worlds from files: a folder of tables or one GeoPackage, validated here.

No other room validates them again. The format is in ``docs/reference/format.md``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from shapely.geometry.base import BaseGeometry

from data.worlds import postgis
from data.worlds.formats import FORMATS
from data.worlds.formats.folder import Folder
from data.worlds.oddities import warn_further_columns, warn_oddities
from data.worlds.parts import Parts
from data.worlds.schema import COLUMNS, columns_of
from data.worlds.tables import Findings, Table, rows, with_known_names
from models.errors import BadInputError, did_you_mean
from models.world import World

REGIONS = Path(__file__).resolve().parents[1] / "regions"


class Checked(NamedTuple):
    """Result of checking foreign files: a world only if there is no problem."""

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
    """Read a world; return it with all problems and warnings. It is None if there is a problem."""
    findings = Findings()
    format_ = next((form for form in FORMATS if form.recognises(path)), Folder())
    meta, tables = format_.tables(path, findings)
    parts = Parts(findings)
    if meta is not None:
        parts.meta(meta, path)
    for name in COLUMNS:
        if name in tables:
            table = _table(name, tables[name], findings)
            if table is None or not table.is_whole:
                parts.incomplete.add(name)
            if table is not None:
                getattr(parts, name)(table, rows(table, columns_of(name, table), findings))
        elif name == "assets" and not findings.problems:
            findings.problem(path.name, "no assets. A world needs assets.csv or assets.geojson.")
    findings.close()
    if findings.problems:
        return Checked(None, tuple(findings.problems), tuple(findings.warnings))
    world = parts.world()
    warn_oddities(world, findings)
    return Checked(with_sha256(world), (), tuple(findings.warnings))


def _table(name: str, read: Table | None, findings: Findings) -> Table | None:
    """Return a table with our names of columns; report columns that are not read."""
    table = None if read is None else with_known_names(read, COLUMNS[name], findings)
    if table is not None:
        warn_further_columns(name, table, columns_of(name, table), findings)
    return table


def embedded_regions() -> tuple[str, ...]:
    """Return the ids of the regions that ship with the product, in order."""
    return tuple(sorted(path.parent.name for path in REGIONS.glob("*/world.json")))


def find_world(name: str) -> Path:
    """Return the path of a world: a folder, a file, or an embedded region by id.

    A world in PostGIS, named by its URL, is read into a temporary file first.

    Raises
    ------
    BadInputError
        If it is none of these.
    """
    if postgis.is_url(name):
        return postgis.snapshot(name)
    path = Path(name)
    if any(form.recognises(path) for form in FORMATS):
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
        *([world.cells.values()] if world.cells else []),
        *([world.servings] if world.servings else []),
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
    return tuple((field_.name, field_.default) for field_ in fields(kind))


def _stated_or_wkb(thing: Any) -> Any:
    return thing.wkb_hex if isinstance(thing, BaseGeometry) else _stated(thing)


_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=_stated_or_wkb)
