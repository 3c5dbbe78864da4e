"""Assets of the embedded region: classified, corrected, named, clipped."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from data.importers.osm_tags import classify, needs_review
from data.knowledge.reader import asset_types
from data.prepare.numbers import filled, value
from data.prepare.osm import Extract, Tags
from models.space.areas import in_metres, to_metres
from models.world import ASSUMPTION, Asset

Row = Mapping[str, str]
#: Types that are links, map lines, roles or no assets at all here.
LEFT_OUT = frozenset((
    "power_tower", "road_motorway", "road_primary", "rail_line", "road_bridge", "rail_bridge",
    "road_tunnel", "rail_tunnel", "power_line_ehv", "power_line_hv", "power_line_mv",
    "power_cable", "heat_pipeline", "population_zone", "industrial_demand", "traffic_management",
    "oil_depot", "ferry_terminal", "critical_manufacturer", "waste_facility", "lock", "dam",
))  # fmt: skip
SOURCE = "OpenStreetMap"
UNITS_SOURCE = "powerplantmatching 0.9.1"
REVIEW = "needs review: its tags leave the type open"


@dataclass(frozen=True)
class Found:
    """Assets with the tags that conditions of rules may ask for."""

    assets: dict[str, Asset]
    facts: dict[str, Tags]
    shapes: dict[str, BaseGeometry]


def find(extract: Extract, corrections: Iterable[Row], units: Iterable[Row], crs: str) -> Found:
    """Return the assets of the extract inside its box, after corrections, each with a name.

    Parameters
    ----------
    extract
        What OpenStreetMap has.
    corrections
        Rows of the table of corrections, each of one element.
    units
        Rows of the table of generating units.
    crs
        The projection in which distances are in metres.
    """
    by_element: dict[str, list[Row]] = defaultdict(list)
    for row in corrections:
        by_element[row["element"]].append(row)
    assets: dict[str, Asset] = {}
    facts: dict[str, Tags] = {}
    shapes: dict[str, BaseGeometry] = {}
    for element, tags, shape in extract.elements():
        asset = _asset(element, tags, shape, by_element.get(element, []))
        if asset is not None and extract.frame.contains(shapely.Point(asset.lon, asset.lat)):
            assets[element] = asset
            facts[element] = tags | _facts(by_element.get(element, []))
            shapes[element] = shape
    listed = {unit["id"]: unit for unit in units}
    for asset_id, changes in by_element.items():
        for row in changes:
            if row["action"] == "unit":
                assets[asset_id] = _sized(assets[asset_id], listed[row["value"]], row["note"])
    return Found(_named(assets, facts, extract, crs), facts, shapes)


def _sized(asset: Asset, unit: Row, note: str) -> Asset:
    """Give an asset the capacity of a listed unit, to 0.1 MW, and say where it is from."""
    return replace(
        asset,
        capacity=round(float(unit["capacity_mw"]), 1),
        unit="MW",
        source=f"{asset.source}; capacity: {UNITS_SOURCE}, unit {unit['id']}",
        note=f"{asset.note}; {note}",
    )


def heat_area(node: Asset, street: str) -> Asset:
    """Return the heated buildings around a junction of heat pipes."""
    return Asset(
        f"assumed/heat-area/{node.asset_id.split('/')[1]}",
        f"Heated buildings, {street}",
        "heat_network",
        "energy",
        node.lon,
        node.lat,
        confidence="D",
        source="assumption",
        origin=ASSUMPTION,
        note=filled(
            "people of the {heated_households} households with district heat that live nearest to "
            "this junction of mapped pipes"
        ),
    )


def assumed(rows: Iterable[Row]) -> dict[str, Asset]:
    """Return the assets that nobody mapped and that the model needs."""
    return {
        row["asset_id"]: Asset(
            row["asset_id"],
            row["name"],
            row["asset_type"],
            asset_types()[row["asset_type"]].display_sector,
            float(row["lon"]),
            float(row["lat"]),
            source_of=tuple(filter(None, row["source_of"].split("|"))),
            confidence=row["confidence"],
            source="assumption",
            origin=ASSUMPTION,
            note=row["note"],
        )
        for row in rows
    }


def _asset(element: str, tags: Tags, shape: BaseGeometry, changes: list[Row]) -> Asset | None:
    kind = classify(tags)
    type_id = kind.asset_type if kind else ""
    told = {row["action"]: row["value"] for row in changes if row["action"] != "fact"}
    type_id = told.get("type", type_id)
    if not type_id or type_id in LEFT_OUT or "drop" in told:
        return None
    found = asset_types()[type_id]
    place = _place(shape)
    notes = [row["note"] for row in changes if row["action"] in ("type", "name")]
    if needs_review(tags):
        notes.append(REVIEW)
    worst = max((row["confidence"] for row in changes if row["action"] == "type"), default="B")
    return Asset(
        element,
        told.get("name") or tags.get("name", ""),
        type_id,
        found.display_sector,
        round(place.x, 5),
        round(place.y, 5),
        source_of=tuple(filter(None, [told.get("source_of", "")])),
        repair_h=found.repair_h,
        operator=tags.get("operator", "").replace("_", " "),
        confidence=worst,
        source=SOURCE,
        note="; ".join(notes),
    )


def _place(shape: BaseGeometry) -> shapely.Point:
    if shape.geom_type == "LineString":
        shape = shape.convex_hull
    middle = shape.centroid
    return middle if shape.covers(middle) else shape.representative_point()


def _facts(changes: list[Row]) -> Tags:
    pairs = (row["value"].split("=", 1) for row in changes if row["action"] == "fact")
    return dict(pairs)


def _named(
    assets: dict[str, Asset], facts: dict[str, Tags], extract: Extract, crs: str
) -> dict[str, Asset]:
    """Name the nameless after their type and the nearest street or place; number the repeated."""
    near = Surroundings(extract, crs)
    wanted = {}
    for asset_id, asset in assets.items():
        name = asset.name
        if not name or _is_personal(name, facts[asset_id]):
            label = asset_types()[asset.asset_type].short_label
            brand = _brand(asset, facts[asset_id])
            where = facts[asset_id].get("addr:street") or near.where(asset.lon, asset.lat)
            name = f"{brand or label}, {where}"
        wanted[asset_id] = name
    total, seen = Counter(wanted.values()), Counter[str]()
    named = {}
    for asset_id, asset in assets.items():
        name = wanted[asset_id]
        seen[name] += 1
        if total[name] > 1 and name == asset.name:
            street = facts[asset_id].get("addr:street") or near.where(asset.lon, asset.lat)
            name = f"{name}, {street}"
        elif total[name] > 1:
            name = f"{name} {seen[name]}"
        named[asset_id] = replace(asset, name=name)
    return named


def _is_personal(name: str, tags: Tags) -> bool:
    """Whether the name is that of a doctor: a practice is named after its street instead."""
    house = any(word in name for word in ("haus", "zentrum", "Zentrum"))
    return tags.get("amenity") in ("doctors", "dentist") and not house


def _brand(asset: Asset, tags: Tags) -> str:
    if asset.asset_type in ("bank_branch", "supermarket", "fuel_station"):
        return tags.get("brand") or tags.get("operator") or ""
    return ""


class Surroundings:
    """Streets and places by distance."""

    def __init__(self, extract: Extract, crs: str) -> None:
        self._project = to_metres(crs).transform
        streets = [
            (tags["name"], way)
            for way, (nodes, tags) in sorted(extract.ways.items())
            if "highway" in tags and "name" in tags and any(extract.inside(n) for n in nodes)
        ]
        self._streets = [name for name, _ in streets]
        self._lines = shapely.STRtree([in_metres(extract.line(way), crs) for _, way in streets])
        places = [
            (tags["name"], extract.places[node])
            for node, tags in sorted(extract.node_tags.items())
            if tags.get("place") in ("town", "village", "hamlet", "suburb") and "name" in tags
        ]
        self._places = [name for name, _ in places]
        self._xy = np.array([self._project(*place) for _, place in places])

    def where(self, lon: float, lat: float) -> str:
        """Return the nearest street within ``street_reach_m``, else the nearest place."""
        x, y = self._project(lon, lat)
        rows, _ = self._lines.query_nearest(
            shapely.Point(x, y),
            max_distance=value("street_reach_m"),
            return_distance=True,
            all_matches=True,
        )
        if len(rows):
            return self._streets[int(min(rows))]
        return self._places[int(np.hypot(self._xy[:, 0] - x, self._xy[:, 1] - y).argmin())]
