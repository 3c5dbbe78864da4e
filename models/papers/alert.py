"""A warning about an area and an hour, in the terms of the Common Alerting Protocol 1.2.

``data/exchange/cap.py`` writes it as XML. The sender decides its severity: a model that relies on
assumptions must not.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import shapely
from shapely.geometry import MultiPoint, Point, Polygon
from shapely.geometry.base import BaseGeometry

from models.errors import BadInputError
from models.space.areas import in_degrees, in_metres, utm_crs
from models.wording import _
from models.world import Cell, World

Status = Literal["Actual", "Exercise", "System", "Test", "Draft"]
Urgency = Literal["Immediate", "Expected", "Future", "Past", "Unknown"]
Severity = Literal["Extreme", "Severe", "Moderate", "Minor", "Unknown"]
Certainty = Literal["Observed", "Likely", "Possible", "Unlikely", "Unknown"]
Spot = tuple[float, float]

#: Buffer around affected assets (degrees, about 100 m), and most corners of the area.
AROUND, CORNERS = 0.001, 60
#: The same around cells of people, in metres; cells without an outline are discs of this radius:
#: half of the squares of 500 m that the embedded region's cells are made of.
AROUND_M, POINT_CELL_M = 100.0, 250.0
#: So many rings at most: what lies close together is then warned of as one.
RINGS = 20


@dataclass(frozen=True, slots=True)
class Alert:
    """One message; ``polygons`` are closed rings of (lon, lat).

    ``language``: of event, headline, description, instruction and area.
    """

    identifier: str
    sender: str
    sent: str
    headline: str
    description: str
    area: str
    polygons: tuple[tuple[Spot, ...], ...]
    event: str = "Infrastructure failure"
    language: str = "en"
    status: Status = "Exercise"
    urgency: Urgency = "Unknown"
    severity: Severity = "Unknown"
    certainty: Certainty = "Unknown"
    instruction: str = ""
    restriction: str = ""
    note: str = ""
    run_id: str = ""


def around(world: World, assets: Collection[str]) -> tuple[Spot, ...]:
    """Return a ring around assets; without any, around the whole region.

    Raises
    ------
    BadInputError
        If the region has no places.
    """
    chosen = [world.assets[a] for a in assets] or [world.assets[a] for a in world.listed]
    if not chosen:
        raise BadInputError([_("This world has no asset, so there is no area to warn of.")])
    hull = MultiPoint([(a.lon, a.lat) for a in chosen]).convex_hull.buffer(AROUND, quad_segs=2)
    step = 0.0
    while len(hull.exterior.coords) > CORNERS:
        step = 2 * step or 1e-4
        hull = shapely.simplify(hull, step)
    return ring(hull)


def over_cells(cells: Sequence[Cell]) -> tuple[tuple[Spot, ...], ...]:
    """Return rings that cover cells of people, a little wider; the largest first.

    Parameters
    ----------
    cells
        At least one.

    Returns
    -------
    At most ``RINGS`` closed rings of at most ``CORNERS`` corners. A hole counts as warned of.
    """
    crs = utm_crs(cells[0].lon, cells[0].lat)
    shapes = [in_metres(_outline(cell), crs) for cell in cells]
    margins = [AROUND_M if _has_outline(cell) else POINT_CELL_M for cell in cells]
    area = shapely.union_all(
        [shape.buffer(m, quad_segs=4) for shape, m in zip(shapes, margins, strict=True)]
    )
    step = AROUND_M
    while len(parts := _parts(area)) > RINGS:
        area, step = area.buffer(step, quad_segs=2), 2 * step
    parts.sort(key=lambda part: (-part.area, part.bounds))
    return tuple(ring(in_degrees(_with_few_corners(part), crs)) for part in parts)


def _has_outline(cell: Cell) -> bool:
    return cell.geometry is not None and cell.geometry.geom_type in ("Polygon", "MultiPolygon")


def _outline(cell: Cell) -> BaseGeometry:
    if cell.geometry is not None and _has_outline(cell):
        return shapely.force_2d(cell.geometry)
    return Point(cell.lon, cell.lat)


def _parts(area: BaseGeometry) -> list[Polygon]:
    return [Polygon(part.exterior) for part in getattr(area, "geoms", [area])]


def _with_few_corners(part: Polygon) -> Polygon:
    """Return a polygon of few corners that covers this one."""
    found, step = part, AROUND_M / 8
    while len(found.exterior.coords) > CORNERS:
        # as much wider as corners were cut off
        wider = shapely.simplify(part, step).buffer(step, join_style="mitre", mitre_limit=2.0)
        found, step = max(_parts(wider), key=lambda part: part.area), 2 * step
    return found


def ring(polygon: Polygon) -> tuple[Spot, ...]:
    """Return the outer ring, to 10 m, closed."""
    return tuple((round(x, 4), round(y, 4)) for x, y, *_ in polygon.exterior.coords)
