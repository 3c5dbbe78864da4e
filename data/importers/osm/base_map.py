"""The offline base map of an extract: land, water, roads, rail and places as GeoJSON features."""

from __future__ import annotations

import json

import numpy as np
import shapely
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from data.importers.numbers import number
from data.importers.osm.assets import in_metres_all
from data.importers.osm.reading import SETTLEMENTS, Extract
from models.space.areas import to_metres

DIGITS = 5
#: layer → (simplification in m, smallest area in m2)
LAYERS = {
    "water": (6.0, 400.0), "wood": (10.0, 2500.0), "built": (10.0, 2500.0),
    "green": (10.0, 2500.0), "waterways": (6.0, 0.0), "roads_major": (4.0, 0.0),
    "roads_minor": (6.0, 0.0), "rail": (4.0, 0.0),
}  # fmt: skip
RANK = {"city": 1, "town": 1, "village": 2, "suburb": 3, "hamlet": 4, "neighbourhood": 4}
_LINE_STRING = 1
_LINES = ("waterways", "roads_major", "roads_minor", "rail")


def layers(extract: Extract, crs: str) -> dict[str, list[str]]:
    """Return the features of each layer as GeoJSON text.

    Parameters
    ----------
    extract
        What was read.
    crs
        The projection in which tolerances are in metres.
    """
    most = number("base_bytes")
    factor = next((f for f, part in _FACTORS if _expected(extract) * part <= most), _FACTORS[-1][0])
    result = {name: _layer(extract, crs, name, factor) for name in LAYERS}
    for name in _LEFT_OUT_FIRST:
        if sum(len(text) + 2 for rows in result.values() for text in rows) > most:
            result[name] = []
    result["places"] = _places(extract)
    return {name: rows for name, rows in result.items() if rows}


#: (factor of tolerances, about which part of the corners then stays)
_FACTORS = ((1.0, 0.5), (2.5, 0.3), (6.0, 0.15))
#: Layers that a map below its size can best do without, in order.
_LEFT_OUT_FIRST = ("roads_minor", "built", "green", "wood")
#: A corner as text.
_CORNER_BYTES = 19


def _expected(extract: Extract) -> float:
    """Return about how many bytes the layers would take with every corner."""
    shapes = [shape for rows in extract.base.values() for _, shape in rows]
    return float(shapely.get_num_coordinates(np.array(shapes, dtype=object)).sum()) * _CORNER_BYTES


def _layer(extract: Extract, crs: str, name: str, factor: float) -> list[str]:
    tolerance, least = LAYERS[name][0] * factor, LAYERS[name][1] * factor
    items = extract.base.get(name, [])
    shapes = np.array([shape for _, shape in items], dtype=object)
    kinds = np.array([kind for kind, _ in items], dtype=object)
    if name == "water" and extract.coast:
        sea = _sea(extract)
        if sea is not None:
            shapes = np.append(shapes, np.array([sea], dtype=object))
            kinds = np.append(kinds, np.array(["sea"], dtype=object))
    if not len(shapes):
        return []
    frame = box(*extract.frame)
    shapely.prepare(frame)
    over = ~shapely.contains_properly(frame, shapes)
    if name not in _LINES:
        bad = over & ~shapely.is_valid(shapes)
        shapes[bad] = shapely.make_valid(shapes[bad])
    shapes[over] = shapely.intersection(shapes[over], frame)
    shapes, kinds = shapes[~shapely.is_empty(shapes)], kinds[~shapely.is_empty(shapes)]
    if name in _LINES:
        shapes, kinds = _merged(shapes, kinds)
    metres = shapely.simplify(in_metres_all(shapes, crs), tolerance)
    if least:
        big = shapely.area(metres) >= least
        metres, kinds = metres[big], kinds[big]
    degrees = shapely.transform(metres, _back(crs), interleaved=False)
    rounded = shapely.transform(degrees, lambda c: np.round(c, DIGITS))
    texts = shapely.to_geojson(rounded)
    return [
        f'{{"type":"Feature","properties":{{"kind":{json.dumps(kind)}}},"geometry":{text}}}'
        for kind, text in sorted(zip(kinds.tolist(), texts.tolist(), strict=True))
        if '"coordinates":[]' not in text
    ]


def _back(crs: str):  # type: ignore[no-untyped-def]
    there = to_metres(crs)
    return lambda x, y: there.transform(x, y, direction="INVERSE")


def _merged(shapes: np.ndarray, kinds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Join lines of one kind that touch end to end."""
    parts, rows = shapely.get_parts(shapes, return_index=True)
    lines = shapely.get_type_id(parts) == _LINE_STRING
    parts, of = parts[lines], kinds[rows[lines]]
    grouped = {kind: parts[of == kind] for kind in sorted(set(of.tolist()))}
    result: list[BaseGeometry] = []
    names: list[str] = []
    for kind, lines in grouped.items():
        parts = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines)))
        result += list(parts)
        names += [kind] * len(parts)
    return np.array(result, dtype=object), np.array(names, dtype=object)


def _sea(extract: Extract) -> BaseGeometry | None:
    """Return the sea within the box: what lies to the right of the coastlines."""
    frame = box(*extract.frame)
    lines = shapely.line_merge(shapely.multilinestrings(
        [p for c in extract.coast for p in shapely.get_parts(
            shapely.LineString(c.exterior) if c.geom_type == "Polygon" else c)]
    ))  # fmt: skip
    clipped = shapely.intersection(lines, frame)
    faces = shapely.get_parts(shapely.polygonize(
        shapely.get_parts(shapely.union_all([clipped, frame.exterior]))
    ))  # fmt: skip
    if not len(faces):
        return None
    parts = [p for p in shapely.get_parts(clipped) if p.geom_type == "LineString"]
    right = [_beside(p) for p in parts if p.length]
    if not right:
        return None
    tree = shapely.STRtree(faces)
    hit = set(tree.query(np.array(right, dtype=object), predicate="within")[1].tolist())
    return shapely.union_all(faces[sorted(hit)]) if hit else None


def _beside(line: BaseGeometry) -> BaseGeometry:
    """Return a point just to the right of the middle of a line: coastlines have sea there."""
    coords = shapely.get_coordinates(line)
    steps = np.hypot(*np.diff(coords, axis=0).T)
    row = int(steps.argmax())
    (x0, y0), (x1, y1) = coords[row], coords[row + 1]
    off = 1e-6 / max(float(steps[row]), 1e-12)
    return shapely.Point((x0 + x1) / 2 + (y1 - y0) * off, (y0 + y1) / 2 - (x1 - x0) * off)


def _places(extract: Extract) -> list[str]:
    west, south, east, north = extract.frame
    result = []
    for element, tags, shape in extract.places:
        kind, name = tags.get("place", ""), tags.get("name")
        middle = shape.centroid
        inside = west <= middle.x <= east and south <= middle.y <= north
        if kind not in SETTLEMENTS or not name or not inside or not element.startswith("node/"):
            continue
        people = int(p) if (p := tags.get("population", "")).isdecimal() else None
        plain = {
            "type": "Feature",
            "properties": {"name": name, "kind": kind, "rank": RANK.get(kind, 4), "people": people},
            "geometry": {
                "type": "Point", "coordinates": [round(middle.x, DIGITS), round(middle.y, DIGITS)]
            },
        }  # fmt: skip
        result.append(json.dumps(plain, separators=(",", ":"), ensure_ascii=False))
    return result
