"""Writes a world's tables: UTF-8, LF, sorted by id, coordinates to five decimals."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from data.prepare.base import Feature, rounded
from models.world import Asset, Cell, CommonCause, Group, Link, Serving, UnknownNeed

ASSETS = (
    "asset_id", "name", "asset_type", "sector", "lon", "lat", "provides", "source_of", "capacity",
    "unit", "repair_h", "restart_h", "black_start", "operator", "product", "tlp", "confidence",
    "source", "origin", "note",
)  # fmt: skip
GROUPS = (
    "group_id", "consumer_id", "supplier_id", "service", "kind", "k", "min_supply_fraction",
    "autonomy_h", "autonomy_h_low", "autonomy_h_high", "recharge_h", "restart_h", "loss",
    "buffer", "distance_m", "origin", "confidence", "source",
)  # fmt: skip


def write_assets(path: Path, assets: Iterable[Asset]) -> None:
    """Write ``assets.csv``."""
    rows = [
        {name: getattr(a, name) for name in ASSETS}
        | {"provides": "|".join(a.provides), "source_of": "|".join(a.source_of)}
        | {"restart_h": a.restart_h or "", "black_start": "true" if a.black_start else ""}
        for a in sorted(assets, key=lambda a: a.asset_id)
    ]
    _write(path, ASSETS, rows)


def write_links(path: Path, links: Iterable[Link]) -> None:
    """Write ``links.geojson``: real courses, drawn as they run."""
    names = ("link_id", "from_id", "to_id", "service", "length_m", "voltage_kv", "name", "origin",
             "confidence", "source")  # fmt: skip
    features = [
        {
            "type": "Feature",
            "properties": {name: getattr(link, name) for name in names},
            "geometry": rounded(link.geometry),
        }
        for link in sorted(links, key=lambda link: link.link_id)
    ]
    write_features(path, features)


def write_groups(
    path: Path, groups: Iterable[Group], hours: Mapping[str, tuple[float, float, float]]
) -> None:
    """Write ``dependencies.csv``, one row per supplier, with the low and high of its buffer.

    Parameters
    ----------
    path
        The table.
    groups
        Needs, each with its suppliers.
    hours
        Per group the low, likely and high autonomy, in hours.
    """
    rows = []
    for group in sorted(groups, key=lambda g: g.group_id):
        low, _, high = hours.get(group.group_id, (0.0, 0.0, 0.0))
        for supplier in group.suppliers:
            row = {name: getattr(group, name) for name in GROUPS if hasattr(group, name)}
            row |= {"supplier_id": supplier.asset_id, "distance_m": supplier.distance_m}
            row |= {"autonomy_h_low": low, "autonomy_h_high": high} if low or high else {}
            rows.append(row)
    _write(path, GROUPS, rows)


def write_common_causes(path: Path, causes: Iterable[CommonCause]) -> None:
    """Write ``common_cause.csv``, one row per member, an asset or a link."""
    names = ("group_id", "basis", "name", "asset_id", "link_id", "beta")
    rows = []
    for cause in sorted(causes, key=lambda c: c.group_id):
        head = {"group_id": cause.group_id, "basis": cause.basis, "name": cause.name}
        rows += [head | {"asset_id": a} for a in cause.asset_ids]
        rows += [head | {"link_id": link} for link in cause.link_ids]
    _write(path, names, rows)


def write_cells(path: Path, cells: Iterable[Cell]) -> None:
    """Write ``people.csv``."""
    names = ("cell_id", "people", "lon", "lat", "municipality", "confidence", "source")
    ordered = sorted(cells, key=lambda c: c.cell_id)
    _write(path, names, [{n: getattr(c, n) for n in names} for c in ordered])


def write_servings(path: Path, servings: Iterable[Serving]) -> None:
    """Write ``served.csv``; a share of 1 is left out."""
    names = ("cell_id", "asset_id", "service", "origin", "confidence", "source")
    ordered = sorted(servings, key=lambda s: (s.cell_id, s.service, s.asset_id))
    _write(path, names, [{n: getattr(s, n) for n in names} for s in ordered])


def write_unknowns(path: Path, needs: Iterable[UnknownNeed]) -> None:
    """Write ``unknowns.csv``: what an asset needs while nobody told us from whom."""
    names = ("asset_id", "service", "rule_id", "hides_state", "note")
    rows = [
        {n: getattr(u, n) for n in names} | {"hides_state": "true" if u.hides_state else "false"}
        for u in needs
    ]
    _write(path, names, rows)


def write_features(path: Path, features: Sequence[Feature]) -> None:
    """Write a GeoJSON collection, one feature a line so that changes can be read."""
    lines = ",\n".join(_json(f) for f in features)
    path.write_text(f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n', encoding="utf-8")


def write_json(path: Path, content: Any) -> None:
    """Write JSON for people to read."""
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write any table; its columns are those of the first row."""
    _write(path, tuple(rows[0]), rows)


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read a table as it stands."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _json(content: Any) -> str:
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False)


def _write(path: Path, names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows({key: _text(value) for key, value in row.items()} for row in rows)


def _text(value: Any) -> Any:
    if value is None:
        return ""
    return int(value) if isinstance(value, float) and value.is_integer() else value
