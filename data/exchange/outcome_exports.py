"""Outcomes as files for other tools: CSV, GeoJSON, GeoPackage, each with its credit."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from shapely.geometry import Point

from data.exchange.exports import collection, feature, flat, world_meta, write_csv
from data.exchange.outcome_cells import cells_of
from data.exchange.replacing import replacing
from data.worlds.layers import Record, write_gpkg
from data.worlds.tables import GEOMETRY, LIST_SEPARATOR
from models.world import Asset, World


def write_outcome_csv(world: World, plain: Mapping[str, Any], path: Path) -> None:
    """Write the trace as CSV; beside it the cells of people and the attribution.

    They are ``<name>.cells.csv``, where people lacked something, and ``<name>.licence.txt``.

    Parameters
    ----------
    world
        What the scenario ran in.
    plain
        What came of it, as ``outcome_plain`` returns it.
    path
        Replaced whole, if it is there.
    """
    records = _trace(world, plain)
    with replacing(path) as made:
        write_csv(made, records, list(records[0]) if records else list(_TRACE_COLUMNS))
    if cells := cells_of(world, plain):
        with replacing(path.with_name(path.name + ".cells.csv")) as made:
            write_csv(made, cells, list(cells[0]))
    credit = path.with_name(path.name + ".licence.txt")
    with replacing(credit) as made:
        made.write_text(f"{world.title}\n{world.attribution}\n{world.licence}\n", encoding="utf-8")


def write_outcome_geojson(world: World, plain: Mapping[str, Any], path: Path) -> None:
    """Write every asset with its outcome as GeoJSON, and the cells where people lacked something.

    The property ``table`` tells them apart.

    Parameters
    ----------
    world
        What the scenario ran in.
    plain
        What came of it, as ``outcome_plain`` returns it.
    path
        Replaced whole, if it is there.
    """
    tables = {"assets": _assets(world, plain), "cells": cells_of(world, plain)}
    features = [
        feature({"table": name} | record) for name, records in tables.items() for record in records
    ]
    with replacing(path) as made:
        made.write_text(collection(world, features), encoding="utf-8")


def write_outcome_gpkg(world: World, plain: Mapping[str, Any], path: Path) -> None:
    """Write assets and cells with what became of them, the trace and the people as one GeoPackage.

    Parameters
    ----------
    world
        What the scenario ran in.
    plain
        What came of it, as ``outcome_plain`` returns it.
    path
        Replaced whole, if it is there.
    """
    at_home = (plain.get("people_distinct") or {}).get("by_service", {})
    people = [
        {"service": name, **numbers, **_at_home(at_home.get(name))}
        for name, numbers in sorted(plain["people"].items())
    ]
    layers = {
        "world": [flat(world_meta(world))],
        "assets": _assets(world, plain),
        "trace": _trace(world, plain),
        "people": people,
        "cells": cells_of(world, plain),
    }
    with replacing(path) as made:
        write_gpkg(made, {name: records for name, records in layers.items() if records})


def _at_home(found: Mapping[str, Any] | None) -> Record:
    """Return people without a service at home; older files have none."""
    names = ("peak", "person_hours")
    return {} if found is None else {f"at_home_{name}": found[name] for name in names}


def _assets(world: World, plain: Mapping[str, Any]) -> list[Record]:
    return [
        _after(world, asset, plain["assets"].get(asset.asset_id))
        for asset in world.assets.values()
        if not asset.is_junction
    ]


def _after(world: World, asset: Asset, became: Mapping[str, Any] | None) -> Record:
    """Return an asset with its outcome; without one it kept its state."""
    head = {name: getattr(asset, name) for name in ("asset_id", "name", "asset_type", "sector")}
    untouched = "unknown" if asset.asset_id in world.hidden else "working"
    became = became or {"state_end": untouched, "level_end": 1.0, "down_h": 0.0}
    numbers = ("level_end", "first_loss_h", "down_h", "order")
    delivers = json.dumps(became.get("delivers_end", {}), sort_keys=True, ensure_ascii=False)
    return (
        head
        | {"state_end": became["state_end"]}
        | {name: became.get(name) for name in numbers}
        | {"delivers_end": delivers, GEOMETRY: asset.geometry or Point(asset.lon, asset.lat)}
    )


_TRACE_COLUMNS = (
    *("row", "t_h", "asset", "name", "link", "service", "from", "to"),
    *("kind", "group", "because", "order"),
)


def _trace(world: World, plain: Mapping[str, Any]) -> list[Record]:
    rows = []
    for row in plain["trace"]:
        thing = world.assets.get(row["asset"] or "") or world.links.get(row["link"] or "")
        because = LIST_SEPARATOR.join(str(number) for number in row["because"])
        record = row | {"name": thing.name if thing else "", "because": because}
        rows.append({name: record[name] for name in _TRACE_COLUMNS})
    return rows


#: Formats of ``export`` for an outcome, by name.
OUTCOME_FORMATS: Mapping[str, Callable[[World, Mapping[str, Any], Path], None]] = {
    "csv": write_outcome_csv,
    "geojson": write_outcome_geojson,
    "gpkg": write_outcome_gpkg,
}
