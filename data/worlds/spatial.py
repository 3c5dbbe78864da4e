"""Geometry of foreign files: GeoJSON, coordinate systems, and supported shapes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from data.worlds.json_text import parse_json
from data.worlds.tables import GEOMETRY, Findings, Table, cell_text
from models.lettering import has_half_letter

if TYPE_CHECKING:
    from pyproj import Transformer

#: Names of the coordinate system of longitude and latitude in degrees.
CRS_NAMES = ("EPSG:4326", "EPSG::4326", "CRS84", "WGS 84")
#: Deepest nesting of geometry collections.
MAX_NESTING = 20
#: Largest integer that a float represents exactly.
_EXACT = 2**53
_FLAT = {0: shapely.multipoints, 1: shapely.multilinestrings, 2: shapely.multipolygons}


def read_geojson(path: Path, findings: Findings, limit: int) -> Table | None:
    """Read a GeoJSON feature collection; its features are numbered from 1.

    Parameters
    ----------
    path
        The file.
    findings
        Where problems are noted.
    limit
        Most bytes that are read.
    """
    parsed = parse_json(path, findings, limit)
    if parsed is None:
        return None
    plain = parsed[0]
    features = plain.get("features") if isinstance(plain, dict) else None
    if not isinstance(features, list) or not all(isinstance(f, dict) for f in features):
        findings.problem(path.name, "not a GeoJSON FeatureCollection.")
        return None
    system = _stated_crs(plain.get("crs"), path.name, findings)
    if system is None:
        return None
    properties = [
        f["properties"] if isinstance(f.get("properties"), dict) else {} for f in features
    ]
    names = dict.fromkeys(str(name) for row in properties for name in row)
    cells = {name: tuple(stated_text(row.get(name)) for row in properties) for name in names}
    if broken := [name for name in cells if has_half_letter(name)]:
        text = f"the column '{broken[0]}' has half of a character in its name. Rename it."
        findings.problem(path.name, text)
        return None
    numbers = tuple(range(1, len(features) + 1))
    table = Table(path.name, "feature", numbers, cells)
    shapes = [_shape(f.get("geometry"), table, n, findings) for n, f in enumerate(features, 1)]
    in_degrees = to_degrees(shapes, system, path.name, findings)
    if in_degrees is None:
        return None
    return Table(path.name, "feature", numbers, cells, in_degrees)


def stated_text(content: Any) -> str:
    """Return a cell of a typed file as text; whole numbers have no point: 7, not 7.0."""
    if isinstance(content, float) and content.is_integer() and abs(content) < _EXACT:
        return str(int(content))
    return cell_text(content)


# --- coordinate systems ----------------------------------------------------------------------


def to_degrees(
    shapes: Iterable[BaseGeometry | None], system: str, place: str, findings: Findings
) -> tuple[BaseGeometry | None, ...] | None:
    """Return shapes in degrees (EPSG:4326, longitude first), converted from any system.

    Parameters
    ----------
    shapes
        In the units of ``system``.
    system
        A coordinate system for PROJ: ``EPSG:25833``, WKT; empty for degrees.
    place, findings
        Place in the file, and the list for problems.

    Returns
    -------
    The shapes; None, with a problem reported, if the system is unknown.
    """
    if not system or system in CRS_NAMES:
        return tuple(shapes)
    from pyproj.exceptions import ProjError  # slow to import, and rarely needed

    try:
        transformer = _transformer(system)
    except ProjError:
        findings.problem(
            place, f"its CRS is {system[:80]}, unknown here. Save it in EPSG:4326 (lon/lat)."
        )
        return None
    return tuple(None if shape is None else _moved(shape, transformer) for shape in shapes)


@lru_cache(maxsize=8)
def _transformer(system: str) -> Transformer:
    from pyproj import CRS, Transformer

    return Transformer.from_crs(CRS.from_user_input(system), 4326, always_xy=True)


def _moved(shape: BaseGeometry, transformer: Transformer) -> BaseGeometry:
    def turn(spots: Any) -> Any:
        x, y = transformer.transform(spots[:, 0], spots[:, 1])
        return np.column_stack((x, y))

    moved: BaseGeometry = shapely.transform(shapely.force_2d(shape), turn)
    return moved


def _stated_crs(crs: Any, place: str, findings: Findings) -> str | None:
    """Return the system of a GeoJSON's ``crs`` member, empty for degrees; None if unreadable."""
    if crs is None or any(name in json.dumps(crs) for name in CRS_NAMES):
        return ""
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if isinstance(name, str) and name:
        return name
    findings.problem(place, f"its CRS is {json.dumps(crs)[:80]}. Save it in EPSG:4326 (lon/lat).")
    return None


# --- shapes ----------------------------------------------------------------------------------


def _shape(plain: Any, table: Table, row: int, findings: Findings) -> BaseGeometry | None:
    if plain is None:
        return None
    try:
        if not _is_nested_too_deep(plain):
            return shapely.geometry.shape(plain)
    except (ShapelyError, TypeError, ValueError, KeyError, AttributeError, IndexError):
        pass
    findings.row(table, row, GEOMETRY, "not a GeoJSON geometry.", "broken")
    return None


def _is_nested_too_deep(plain: Any) -> bool:
    level = [plain]
    for _ in range(MAX_NESTING):
        level = [
            part
            for shape in level
            if isinstance(shape, Mapping) and isinstance(shape.get("geometries"), list)
            for part in shape["geometries"]
        ]
        if not level:
            return False
    return True


def flat(shape: BaseGeometry) -> BaseGeometry:
    """Return a shape without collections: the areas of a mixture, else its lines."""
    if shape.geom_type != "GeometryCollection":
        return shape
    parts = list(_parts(shape))
    if not parts:
        return shape
    most = max(int(shapely.get_dimensions(part)) for part in parts)
    of_kind = [part for part in parts if shapely.get_dimensions(part) == most]
    made: BaseGeometry = of_kind[0] if len(of_kind) == 1 else _FLAT[most](of_kind)
    return made


def _parts(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    for part in getattr(shape, "geoms", [shape]):
        if hasattr(part, "geoms"):
            yield from _parts(part)
        elif not part.is_empty:
            yield part


def point_on(shape: BaseGeometry) -> BaseGeometry:
    """Return a point on a shape, even if its border crosses itself."""
    try:
        return shape.representative_point()
    except ShapelyError:
        return shape.centroid


def is_line(shape: BaseGeometry) -> bool:
    """Return whether a shape can be the course of a link."""
    return shape.geom_type in ("LineString", "MultiLineString", "LinearRing")


def on_earth(shape: BaseGeometry) -> bool:
    """Return whether a shape lies within valid longitudes and latitudes."""
    west, south, east, north = shape.bounds
    return bool(west >= -180 and east <= 180 and south >= -90 and north <= 90)
