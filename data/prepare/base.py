"""The offline base map: land cover, water, roads, rail, places and search names as GeoJSON."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry
from shapely.ops import linemerge, unary_union

from data.prepare.osm import Extract, Tags
from models.space.areas import in_degrees, in_metres

Feature = dict[str, Any]
DIGITS = 5
MAJOR = ("motorway", "trunk", "primary", "secondary")
MINOR = ("tertiary", "unclassified", "residential", "living_street", "pedestrian")

#: layer: (what belongs to it, simplification in m, smallest area in m2)
AREAS: dict[str, tuple[Callable[[Tags], bool], float, float]] = {
    "water": (
        lambda t: t.get("natural") == "water"
        or t.get("waterway") == "riverbank"
        or t.get("landuse") in ("reservoir", "basin"),
        6.0,
        400.0,
    ),
    "wood": (lambda t: t.get("natural") == "wood" or t.get("landuse") == "forest", 9.0, 1500.0),
    "built": (
        lambda t: t.get("landuse") in ("residential", "commercial", "industrial", "retail",
                                       "garages", "military", "railway"),
        8.0, 1500.0,
    ),
    "green": (
        lambda t: t.get("landuse") in ("allotments", "cemetery", "recreation_ground",
                                       "village_green")
        or t.get("leisure") in ("park", "golf_course", "stadium"),
        8.0, 2000.0,
    ),
}  # fmt: skip

#: layer: (what belongs to it and how it is called there, simplification in m)
LINES: dict[str, tuple[Callable[[Tags], str | None], float]] = {
    "waterways": (
        lambda t: w if (w := t.get("waterway")) in ("river", "stream", "canal") else None,
        6.0,
    ),
    "roads_major": (lambda t: _road(t, MAJOR), 3.0),
    "roads_minor": (lambda t: _road(t, MINOR), 4.0),
    "rail": (
        lambda t: t.get("usage") or "branch" if t.get("railway") == "rail"
        and t.get("service") not in ("yard", "siding") else None,
        3.0,
    ),
}  # fmt: skip


def layers(extract: Extract, crs: str) -> dict[str, list[Feature]]:
    """Return the features of every layer of the base map."""
    found = {name: _areas(extract, crs, *rule) for name, rule in AREAS.items()}
    found |= {name: _lines(extract, crs, *rule) for name, rule in LINES.items()}
    return found | {"places": _places(extract), "streets": _streets(extract)}


def rounded(geometry: BaseGeometry) -> dict[str, Any]:
    """Return the GeoJSON of a geometry with five decimals (about 1 m)."""
    plain = mapping(shapely.set_precision(geometry, 10**-DIGITS))
    return {"type": plain["type"], "coordinates": _round(plain["coordinates"])}


def _round(value: Any) -> Any:
    return round(value, DIGITS) if isinstance(value, float) else [_round(v) for v in value]


def feature(geometry: BaseGeometry, **properties: Any) -> Feature:
    """Return a GeoJSON feature."""
    return {"type": "Feature", "properties": properties, "geometry": rounded(geometry)}


def _road(tags: Tags, classes: tuple[str, ...]) -> str | None:
    kind = tags.get("highway", "").removesuffix("_link")
    return kind if kind in classes and tags.get("area") != "yes" else None


def _areas(
    extract: Extract, crs: str, wanted: Callable[[Tags], bool], tolerance_m: float, least_m2: float
) -> list[Feature]:
    shapes = [
        in_metres(shape.intersection(extract.frame), crs)
        for element, tags, shape in extract.elements()
        if element in extract.areas and wanted(tags) and shape.intersects(extract.frame)
    ]
    merged = unary_union([s.buffer(0) for s in shapes]).simplify(tolerance_m)
    parts = [p for p in shapely.get_parts(merged) if p.area >= least_m2]
    return [feature(in_degrees(_without_small_holes(p, least_m2), crs)) for p in _sorted(parts)]


def _without_small_holes(shape: BaseGeometry, least_m2: float) -> BaseGeometry:
    holes = [h for h in shape.interiors if shapely.Polygon(h).area >= least_m2]
    return shapely.Polygon(shape.exterior, holes)


def _lines(
    extract: Extract, crs: str, kind_of: Callable[[Tags], str | None], tolerance_m: float
) -> list[Feature]:
    grouped: dict[str, list[BaseGeometry]] = defaultdict(list)
    for way, (nodes, tags) in sorted(extract.ways.items()):
        kind = kind_of(tags)
        if kind and any(extract.inside(n) for n in nodes):
            grouped[kind].append(extract.line(way).intersection(extract.frame))
    found = []
    for kind, shapes in sorted(grouped.items()):
        flat = [p for s in shapes for p in shapely.get_parts(s) if p.geom_type == "LineString"]
        merged = in_metres(linemerge(flat), crs).simplify(tolerance_m)
        parts = _sorted(list(shapely.get_parts(merged)))
        found += [feature(in_degrees(part, crs), kind=kind) for part in parts]
    return found


def _places(extract: Extract) -> list[Feature]:
    rank = {"town": 1, "village": 2, "suburb": 3, "hamlet": 4, "neighbourhood": 4}
    found = []
    for node, tags in sorted(extract.node_tags.items()):
        if tags.get("place") in rank and "name" in tags and extract.inside(node):
            people = int(tags["population"]) if tags.get("population", "").isdecimal() else None
            found.append(
                feature(
                    shapely.Point(extract.places[node]),
                    name=tags["name"],
                    kind=tags["place"],
                    rank=rank[tags["place"]],
                    people=people,
                )
            )
    return found


def _streets(extract: Extract) -> list[Feature]:
    """Return one point per street name, for the search box."""
    lines: dict[str, list[BaseGeometry]] = defaultdict(list)
    for way, (nodes, tags) in sorted(extract.ways.items()):
        if "highway" in tags and "name" in tags and all(extract.inside(n) for n in nodes):
            lines[tags["name"]].append(extract.line(way))
    found = []
    for name, parts in sorted(lines.items()):
        longest = max(parts, key=lambda p: p.length)
        found.append(feature(longest.interpolate(0.5, normalized=True), name=name))
    return found


def _sorted(parts: list[BaseGeometry]) -> Iterator[BaseGeometry]:
    yield from sorted(parts, key=lambda p: shapely.to_wkt(p, rounding_precision=2))
