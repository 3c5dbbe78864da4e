"""Assets of an extract: classified, clipped to its box, named; and the tags that rules ask for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from data.importers.numbers import number
from data.importers.osm.kinds import Tags
from data.importers.osm.reading import SETTLEMENTS, Extract
from data.importers.osm_tags import Classifier, needs_review
from data.knowledge.reader import asset_types
from models.space.areas import to_metres
from models.world import Asset

SOURCE = "OpenStreetMap"
REVIEW = "needs review: its tags leave the type open"
DIGITS = 6
#: Type whose rows are several signals of one junction.
SIGNALS = "traffic_management"
_FACTS = (
    "plant:source", "plant:method", "generator:source", "generator:method", "substance",
    "electrified", "frequency", "cooling", "drive", "substation", "voltage",
)  # fmt: skip
_PERSONAL = ("doctors", "dentist")
#: What a single generator is called by its source of energy.
_GENERATORS = {
    "solar": "Solar field", "wind": "Wind turbine", "hydro": "Hydro generator",
    "biogas": "Biogas generator", "biomass": "Biomass generator", "gas": "Gas generator",
    "oil": "Oil generator", "diesel": "Diesel generator",
}  # fmt: skip
_BRANDED = ("bank_branch", "supermarket", "fuel_station")


@dataclass(slots=True)
class MappedAssets:
    """Assets, the tags of each, and their outlines in metres."""

    crs: str
    assets: dict[str, Asset] = field(default_factory=dict)
    tags: dict[str, Tags] = field(default_factory=dict)
    shapes: dict[str, BaseGeometry] = field(default_factory=dict)
    outside: int = 0
    parts: int = 0
    merged: int = 0

    def drop(self, asset_id: str) -> None:
        """Take an asset out."""
        del self.assets[asset_id], self.tags[asset_id], self.shapes[asset_id]

    def facts(self) -> dict[str, Mapping[str, str]]:
        """Return the tags that conditions of rules may ask for, by asset."""
        return {
            asset_id: {key: tags[key] for key in _FACTS if key in tags}
            for asset_id, tags in self.tags.items()
        }


def find(extract: Extract, crs: str) -> MappedAssets:
    """Return the assets inside the box of an extract, each with a name.

    Parameters
    ----------
    extract
        What was read.
    crs
        The projection in which distances are in metres.
    """
    mapped = MappedAssets(crs)
    classify = Classifier()
    west, south, east, north = extract.frame
    shapes = np.array([shape for _, _, shape in extract.elements], dtype=object)
    middle = shapely.get_coordinates(_middles(shapes))
    inside = (
        (middle[:, 0] >= west) & (middle[:, 0] <= east)
        & (middle[:, 1] >= south) & (middle[:, 1] <= north)
    )  # fmt: skip
    metres = in_metres_all(shapes, crs)
    kept: list[str] = []
    for row, (element, tags, _) in enumerate(extract.elements):
        kind = classify(tags)
        if kind is None:
            continue
        if not inside[row]:
            mapped.outside += 1
            continue
        lon, lat = (round(float(x), DIGITS) for x in middle[row])
        capacity = megawatts(tags)
        mapped.assets[element] = Asset(
            element,
            tags.get("name", "").strip(),
            kind.asset_type,
            kind.display_sector,
            lon,
            lat,
            capacity=capacity,
            unit="MW" if capacity is not None else "",
            repair_h=kind.repair_h,
            operator=tags.get("operator", "").replace("_", " ").strip(),
            confidence="B",
            source=SOURCE,
            note=REVIEW if needs_review(tags) else "",
        )
        mapped.tags[element] = tags
        mapped.shapes[element] = metres[row]
        kept.append(element)
    _drop_parts(mapped)
    _merge_signals(mapped)
    _name(mapped, extract)
    return mapped


def in_metres_all(shapes: Any, crs: str) -> Any:
    """Return many geometries of EPSG:4326 in a projection, at once."""
    if not len(shapes):
        return shapes
    return shapely.transform(shapes, to_metres(crs).transform, interleaved=False)


def megawatts(tags: Mapping[str, str]) -> float | None:
    """Return the tagged electrical output in MW: ``305 MW``, ``700 kW``; None without one."""
    for key in ("plant:output:electricity", "generator:output:electricity"):
        text = tags.get(key, "").replace(",", ".").lower()
        digits = "".join(c for c in text if c.isdigit() or c == ".")
        for unit, factor in (("gw", 1000.0), ("mw", 1.0), ("kw", 0.001)):
            if unit in text and digits.strip(".") and digits.count(".") <= 1:
                return round(float(digits) * factor, 3)
    return None


def _middles(shapes: Any) -> Any:
    """Return a point of each shape: its centroid where that lies within, else one on it."""
    if not len(shapes):
        return shapes
    middles = shapely.centroid(shapes)
    is_area = shapely.get_dimensions(shapes) == 2
    off = is_area & ~shapely.covers(shapes, middles)
    middles[off] = shapely.point_on_surface(shapes[off])
    return middles


def _drop_parts(mapped: MappedAssets) -> None:
    """Leave out transformers inside a station: they are part of it (``sectors.csv``)."""
    inner = [a for a, t in mapped.tags.items() if t.get("power") == "transformer"]
    outer = [
        mapped.shapes[a] for a, t in mapped.tags.items()
        if t.get("power") in ("substation", "sub_station", "plant")
        and shapely.get_dimensions(mapped.shapes[a]) == 2
    ]  # fmt: skip
    if not inner or not outer:
        return
    middles = shapely.centroid(np.array([mapped.shapes[a] for a in inner], dtype=object))
    rows = shapely.STRtree(outer).query(middles, predicate="intersects")[0]
    for row in set(rows.tolist()):
        mapped.drop(inner[row])
        mapped.parts += 1


def _merge_signals(mapped: MappedAssets) -> None:
    """Keep one of the signals of a junction: they stand for it together."""
    ids = [a for a, x in mapped.assets.items() if x.asset_type == SIGNALS]
    if not ids:
        return
    points = np.array([shapely.centroid(mapped.shapes[a]) for a in ids], dtype=object)
    tree = shapely.STRtree(points)
    one, other = tree.query(points, predicate="dwithin", distance=number("signals_reach_m"))
    gone: set[int] = set()
    for a, b in sorted(zip(one.tolist(), other.tolist(), strict=True)):
        if a < b and a not in gone:
            gone.add(b)
    for row in gone:
        mapped.drop(ids[row])
    mapped.merged = len(gone)


def _name(mapped: MappedAssets, extract: Extract) -> None:
    """Name the nameless after their type and the nearest street or place; number the repeated."""
    nameless = [
        a for a, x in mapped.assets.items()
        if not x.name or mapped.tags[a].get("amenity") in _PERSONAL
    ]  # fmt: skip
    near = Surroundings(extract, mapped.crs)
    where = near.where([shapely.centroid(mapped.shapes[a]) for a in nameless])
    for asset_id, place in zip(nameless, where, strict=True):
        asset, tags = mapped.assets[asset_id], mapped.tags[asset_id]
        label = asset_types()[asset.asset_type].short_label
        brand = (tags.get("brand") or tags.get("operator") or "").strip()
        if asset.asset_type == "power_generator":
            label = _GENERATORS.get(tags.get("generator:source", ""), "Generator")
        if asset.sector == "energy" and (called := tags.get("designation") or tags.get("ref", "")):
            mapped.assets[asset_id] = replace(asset, name=called.strip())
            continue
        if asset.asset_type.startswith("substation_"):
            label = _station_label(tags) or label
        first = brand if brand and asset.asset_type in _BRANDED else label
        place = tags.get("addr:street") or place
        mapped.assets[asset_id] = replace(asset, name=f"{first}, {place}" if place else first)
    number_repeated(mapped.assets)


def _station_label(tags: Tags) -> str:
    """Return what a station without a name is called: ``132/33 kV station``."""
    volts = [v.strip() for v in tags.get("voltage", "").split(";") if v.strip().isdecimal()]
    levels = sorted({int(v) / 1000 for v in volts}, reverse=True)
    return "/".join(f"{kv:g}" for kv in levels) + " kV station" if levels else ""


def number_repeated(assets: dict[str, Asset]) -> None:
    """Tell assets of the same name apart by a number."""
    total = Counter(a.name for a in assets.values() if a.name)
    seen: Counter[str] = Counter()
    for asset_id, asset in list(assets.items()):
        if total[asset.name] > 1:
            seen[asset.name] += 1
            if seen[asset.name] > 1:
                assets[asset_id] = replace(asset, name=f"{asset.name} ({seen[asset.name]})")


class Surroundings:
    """Streets and places by distance."""

    def __init__(self, extract: Extract, crs: str) -> None:
        self._streets = [name for name, _ in extract.streets]
        lines = np.array([line for _, line in extract.streets], dtype=object)
        self._lines = shapely.STRtree(in_metres_all(lines, crs))
        named = [
            (tags["name"], shape) for _, tags, shape in extract.places
            if tags.get("place") in SETTLEMENTS and "name" in tags
        ]  # fmt: skip
        self._places = [name for name, _ in named]
        middles = shapely.centroid(np.array([shape for _, shape in named], dtype=object))
        self._spots = shapely.STRtree(in_metres_all(middles, crs))

    def where(self, points: Sequence[BaseGeometry]) -> list[str]:
        """Return the nearest street of each point, else the nearest place, else nothing."""
        mapped = [""] * len(points)
        if not points:
            return mapped
        asked = np.array(points, dtype=object)
        for tree, names, reach in (
            (self._spots, self._places, None),
            (self._lines, self._streets, number("street_reach_m")),
        ):
            if not names:
                continue
            rows, hits = tree.query_nearest(asked, max_distance=reach, all_matches=False)
            for row, hit in zip(rows.tolist(), hits.tolist(), strict=True):
                mapped[row] = names[hit]
        return mapped


def by_type(assets: Iterable[Asset]) -> dict[str, list[Asset]]:
    """Return assets by their type, in the order of their ids."""
    grouped: dict[str, list[Asset]] = defaultdict(list)
    for asset in sorted(assets, key=lambda a: a.asset_id):
        grouped[asset.asset_type].append(asset)
    return grouped
