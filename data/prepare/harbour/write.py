"""Writes a city as a folder of tables: UTF-8, LF, ordered by id."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from data.prepare.harbour.city import City
from data.prepare.harbour.plan import Point, bbox, lonlat
from models.world import Asset

WORLD_ID = "merrowhaven"
Feature = dict[str, Any]
_ASSETS = tuple(field_.name for field_ in fields(Asset) if field_.name != "geometry")
_GROUPS = ("kind", "k", "min_supply_fraction", "autonomy_h", "recharge_h", "restart_h", "loss",
           "buffer", "origin", "confidence", "source")  # fmt: skip
_LINKS = ("link_id", "from_id", "to_id", "service", "length_m", "voltage_kv", "name", "origin",
          "confidence", "source")  # fmt: skip


def write_tables(folder: Path, city: City, cells: tuple[list[Any], list[Any]]) -> None:
    """Write all tables of the world into a folder.

    Parameters
    ----------
    folder
        Where to; it exists.
    city
        What was built.
    cells
        The rows of ``people.csv`` and ``served.csv``.
    """
    people, served = cells
    write_json(folder / "world.json", _meta(city))
    write_rows(folder / "assets.csv", _assets(city))
    write_features(folder / "links.geojson", _links(city))
    write_rows(folder / "dependencies.csv", _groups(city))
    write_rows(folder / "flows.csv", _flows(city))
    write_rows(folder / "common_cause.csv", _causes(city))
    write_rows(folder / "people.csv", people)
    write_rows(folder / "served.csv", served)


def _meta(city: City) -> dict[str, Any]:
    source = {"id": "invented", "title": "Invented; no real place, person or operator",
              "licence": "CC0-1.0", "attribution": "invented"}  # fmt: skip
    return {
        "id": WORLD_ID,
        "title": "Merrowhaven (invented harbour city)",
        "version": f"1 (seed {city.seed}, {city.size} assets)",
        "snapshot_date": "2026-11-30",
        "bbox": bbox(),
        "licence": "CC0-1.0",
        "attribution": "invented",
        "sources": [source],
    }


def _assets(city: City) -> list[dict[str, Any]]:
    rows = []
    for key, made in sorted(city.assets.items()):
        row = {name: getattr(made, name) for name in _ASSETS}
        row |= {name: "|".join(row[name]) for name in ("provides", "source_of")}
        row |= {"restart_h": made.restart_h or "", "black_start": "true" * made.black_start}
        rows.append(row | _bounds(city, ("assets", key), "repair_h"))
    return rows


def _bounds(city: City, row: tuple[str, ...], name: str) -> dict[str, Any]:
    low, high = city.bounds.get((*row, name), ("", ""))
    return {f"{name}_low": low, f"{name}_high": high}


def _links(city: City) -> list[Feature]:
    return [
        line(city.courses[key], {name: getattr(made, name) for name in _LINKS})
        for key, made in sorted(city.links.items())
    ]


def _groups(city: City) -> list[dict[str, Any]]:
    rows = []
    for key, made in sorted(city.groups.items()):
        for supplier in made.suppliers:
            row = {"group_id": key, "consumer_id": made.consumer_id,
                   "supplier_id": supplier.asset_id, "service": made.service,
                   "distance_m": supplier.distance_m}  # fmt: skip
            row |= {name: getattr(made, name) for name in _GROUPS}
            rows.append(row | _bounds(city, ("dependencies", key), "autonomy_h"))
    return rows


def _flows(city: City) -> list[dict[str, Any]]:
    rows = []
    for (asset, service), made in sorted(city.flows.items()):
        row: dict[str, Any] = {"asset_id": asset, "service": service, "unit": made.unit}
        for name in ("supply", "demand"):
            row[name] = getattr(made, name)
            row |= _bounds(city, ("flows", asset, service), name)
        rows.append(row)
    return rows


def _causes(city: City) -> list[dict[str, Any]]:
    rows = []
    for key, made in sorted(city.causes.items()):
        head = {"group_id": key, "basis": made.basis, "name": made.name, "beta": made.beta}
        rows += [head | {"asset_id": asset_id, "link_id": ""} for asset_id in made.asset_ids]
        rows += [head | {"asset_id": "", "link_id": link_id} for link_id in made.link_ids]
    return rows


# --- files -----------------------------------------------------------------------------------


def line(course: Iterable[Point], properties: Mapping[str, Any]) -> Feature:
    """Return a line of the plan as a feature."""
    at = [list(lonlat(point)) for point in course]
    return _feature({"type": "LineString", "coordinates": at}, properties)


def area(ring: Sequence[Point], properties: Mapping[str, Any]) -> Feature:
    """Return an area of the plan as a feature; the ring is closed here."""
    at = [list(lonlat(point)) for point in [*ring, ring[0]]]
    return _feature({"type": "Polygon", "coordinates": [at]}, properties)


def spot(at: Point, properties: Mapping[str, Any]) -> Feature:
    """Return a place of the plan as a feature."""
    return _feature({"type": "Point", "coordinates": list(lonlat(at))}, properties)


def _feature(geometry: Mapping[str, Any], properties: Mapping[str, Any]) -> Feature:
    return {"type": "Feature", "properties": dict(properties), "geometry": geometry}


def write_features(path: Path, features: Iterable[Feature]) -> None:
    """Write a GeoJSON collection, one feature a line so that changes can be read."""
    lines = ",\n".join(
        json.dumps(feature, separators=(",", ":"), ensure_ascii=False) for feature in features
    )
    text = f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n'
    path.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, content: Any) -> None:
    """Write JSON for people to read."""
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write a table; its columns are those of the first row."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _text(value) for name, value in row.items()} for row in rows)


def _text(value: Any) -> Any:
    if value is None:
        return ""
    return int(value) if isinstance(value, float) and value.is_integer() else value
