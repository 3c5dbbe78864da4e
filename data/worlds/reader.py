"""Worlds from files: a folder of tables or one GeoPackage, checked at the door.

Inside, nobody checks again. The format is in ``docs/reference/format.md``.
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

from data.worlds import tables as limits
from data.worlds.base_map import check_base
from data.worlds.csv_text import read_csv
from data.worlds.geopackage import layer_names, read_gpkg
from data.worlds.json_text import read_json
from data.worlds.listing import WORLD, table_named, tables_in, tell_other_layers, world_file
from data.worlds.oddities import warn_further_columns, warn_oddities
from data.worlds.parts import Parts
from data.worlds.schema import COLUMNS, columns_of
from data.worlds.spatial import read_geojson
from data.worlds.tables import Findings, Table, Values, rows, with_known_names
from models.errors import BadInputError, did_you_mean
from models.world import World

REGIONS = Path(__file__).resolve().parents[1] / "regions"


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
    """Return a table with our names of columns, after telling which ones are not read."""
    table = None if read is None else with_known_names(read, COLUMNS[name], findings)
    if table is not None:
        warn_further_columns(name, table, columns_of(name, table), findings)
    return table


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
    if world_file(path) is not None or (path.is_file() and path.suffix.lower() == ".gpkg"):
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
    return tuple((one.name, one.default) for one in fields(kind))


def _stated_or_wkb(thing: Any) -> Any:
    return thing.wkb_hex if isinstance(thing, BaseGeometry) else _stated(thing)


_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=_stated_or_wkb)


# --- files -----------------------------------------------------------------------------------


def _files(path: Path, findings: Findings) -> tuple[Values | None, dict[str, Table | None]]:
    """Return the world's metadata and its tables by name; None for one that cannot be read."""
    if path.is_dir():
        return _folder(path, findings)
    if path.suffix.lower() == ".gpkg" and path.is_file():
        tables = read_gpkg(path, findings, limits.MAX_TABLE_BYTES, table_named)
        meta = _meta_of_layer(tables.pop(WORLD, None), path, findings)
        tell_other_layers(path.name, layer_names(path), findings)
        return meta, {**tables}
    findings.problem(str(path), "a world is a folder with world.json or a .gpkg file.")
    return None, {}


def _folder(path: Path, findings: Findings) -> tuple[Values | None, dict[str, Table | None]]:
    file = world_file(path)
    if file is None:
        findings.problem(path.name, "no world.json. It states at least the id and the title.")
        meta = None
    else:
        meta = read_json(file, findings)
        if meta is not None and not isinstance(meta, dict):
            findings.problem("world.json", 'not an object like {"id": …, "title": …}.')
            meta = None
    files = tables_in(path, findings)
    check_base(path, findings)
    # in the order of the tables: what is wrong in assets is told before what follows from it
    return meta, {name: _file(files[name], findings) for name in COLUMNS if name in files}


def _file(path: Path, findings: Findings) -> Table | None:
    read = read_geojson if path.suffix.lower() == ".geojson" else read_csv
    return read(path, findings, limits.MAX_TABLE_BYTES)


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
