"""The plan of the city in kilometres: coast, river, island, quarters; and its place on the globe.

The place is open ocean far from any land (48 N, 25 W, above the Mid-Atlantic Ridge), so that no
picture of it can be taken for a real town.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]

ORIGIN_LON, ORIGIN_LAT = -25.0, 48.0
KM_PER_DEGREE_LAT = 111.2
KM_PER_DEGREE_LON = KM_PER_DEGREE_LAT * math.cos(math.radians(ORIGIN_LAT))
WIDTH_KM, HEIGHT_KM = 27.0, 19.0
DIGITS = 5


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter or a neighbouring municipality.

    Attributes
    ----------
    key, name
        Part of ids, and the name people read.
    centre, radii
        An ellipse, km.
    weight
        Its part of the people.
    hv
        Key of the 110/20 kV station that feeds it.
    zone
        Key of the zone of the drinking water network.
    sewage
        Key of the waste water plant its lifts pump to.
    old
        How old its people are: 1 is the average.
    """

    key: str
    name: str
    centre: Point
    radii: Point
    weight: float
    hv: str
    zone: str
    sewage: str
    old: float = 1.0


QUARTERS = (
    Quarter("old-harbour", "Old Harbour", (12.7, 7.5), (1.2, 0.9), 9, "old-harbour", "harbour",
            "east", 1.1),
    Quarter("market-side", "Market Side", (13.6, 9.4), (1.3, 1.0), 12, "market-side", "harbour",
            "east", 0.9),
    Quarter("westbank", "Westbank", (8.3, 8.0), (1.6, 1.2), 13, "westbank", "west", "west"),
    Quarter("millrise", "Millrise", (6.0, 10.4), (1.4, 1.2), 10, "millrise", "west", "west", 1.2),
    Quarter("dunes", "Dunes", (4.2, 6.6), (1.5, 0.8), 6, "westbank", "west", "west", 1.5),
    Quarter("kingsfield", "Kingsfield", (9.0, 11.9), (1.5, 1.1), 8, "kingsfield", "hill", "west"),
    Quarter("northgate", "Northgate", (14.8, 12.2), (1.5, 1.2), 10, "northgate", "hill", "east"),
    Quarter("scholars-hill", "Scholars' Hill", (16.9, 9.9), (1.3, 1.1), 9, "scholars-hill", "hill",
            "east", 0.6),
    Quarter("eastmoor", "Eastmoor", (19.4, 8.0), (1.5, 1.2), 9, "eastmoor", "strand", "east"),
    Quarter("strand", "Strand", (16.4, 6.8), (1.5, 0.8), 7, "eastmoor", "strand", "east", 1.4),
    Quarter("holm", "Holm", (11.5, 3.7), (1.5, 0.6), 6, "holm", "holm", "holm", 0.8),
    Quarter("upper-merrow", "Upper Merrow", (12.0, 15.8), (1.2, 0.9), 3, "upper-merrow", "upper",
            "west", 1.2),
    Quarter("sandrey", "Sandrey", (23.6, 7.0), (1.2, 0.9), 4, "sandrey", "sandrey", "sandrey", 1.6),
    Quarter("rushmere", "Rushmere", (3.4, 14.0), (1.1, 0.9), 2, "millrise", "upper", "west", 1.1),
)  # fmt: skip

#: Towns of their own; the rest are quarters of Merrowhaven.
TOWNS = ("upper-merrow", "sandrey", "rushmere")

COAST: tuple[Point, ...] = (
    (-4, 5.4), (0, 5.0), (1.8, 4.9), (3.2, 5.2), (4.6, 5.0), (6.2, 5.6), (7.4, 6.2), (8.8, 6.3),
    (9.7, 6.0), (10.4, 6.3), (11.3, 6.3), (11.9, 6.2), (12.6, 5.9), (13.6, 6.0), (14.6, 5.6),
    (16.0, 5.4), (17.6, 5.3), (19.0, 5.8), (20.2, 6.2), (21.2, 5.8), (22.4, 5.3), (23.8, 5.5),
    (25.2, 5.2), (27.0, 5.6), (31, 5.3),
)  # fmt: skip
RIVER: tuple[Point, ...] = (
    (13.2, 19.2), (12.9, 17.6), (13.6, 16.2), (13.0, 14.6), (12.0, 13.3), (11.8, 12.0),
    (11.2, 10.6), (11.3, 9.4), (10.9, 8.3), (10.9, 7.2), (10.9, 6.2),
)  # fmt: skip
ISLAND: tuple[Point, ...] = (
    (9.3, 3.9), (9.8, 4.5), (10.8, 4.7), (12.0, 4.8), (13.0, 4.5), (13.9, 4.0), (14.1, 3.4),
    (13.4, 2.8), (12.2, 2.6), (11.0, 2.5), (9.9, 2.9), (9.3, 3.4),
)  # fmt: skip
#: Northern and southern end of the Harbour Bridge, the only fixed way to Holm.
BRIDGE_NORTH, BRIDGE_SOUTH = (12.4, 6.05), (12.1, 4.72)
_BY_KEY = {quarter.key: quarter for quarter in QUARTERS}


def quarter(key: str) -> Quarter:
    """Return a quarter by key."""
    return _BY_KEY[key]


def lonlat(point: Point) -> tuple[float, float]:
    """Return a place of the plan (km) in degrees, rounded to about 1 m."""
    x, y = point
    lon, lat = ORIGIN_LON + x / KM_PER_DEGREE_LON, ORIGIN_LAT + y / KM_PER_DEGREE_LAT
    return round(lon, DIGITS), round(lat, DIGITS)


def bbox() -> list[float]:
    """Return west, south, east and north of the world, degrees."""
    return [*lonlat((0.0, 0.0)), *lonlat((WIDTH_KM, HEIGHT_KM))]


def distance_km(a: Point, b: Point) -> float:
    """Return the distance of two places of the plan, km."""
    return math.hypot(a[0] - b[0], a[1] - b[1])


def length_km(line: Sequence[Point]) -> float:
    """Return the length of a line, km."""
    return sum(distance_km(a, b) for a, b in itertools.pairwise(line))


def inside(point: Point, ring: Sequence[Point]) -> bool:
    """Whether a place is inside a ring of places."""
    x, y = point
    within = False
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            within = not within
    return within


def off_centre(place: Quarter, point: Point) -> float:
    """Return how far out a place is in a quarter: 0 in its centre, 1 on its edge."""
    (cx, cy), (rx, ry) = place.centre, place.radii
    return math.hypot((point[0] - cx) / rx, (point[1] - cy) / ry)


def is_land(point: Point) -> bool:
    """Whether a place is on the mainland or on Holm, and not in the river."""
    if inside(point, ISLAND):
        return True
    north = [*COAST, (31.0, 30.0), (-4.0, 30.0)]
    return inside(point, north) and to_line_km(point, RIVER) > 0.22


def to_line_km(point: Point, line: Sequence[Point]) -> float:
    """Return the distance of a place to a line, km."""
    best = math.inf
    for (ax, ay), (bx, by) in itertools.pairwise(line):
        dx, dy = bx - ax, by - ay
        along = ((point[0] - ax) * dx + (point[1] - ay) * dy) / (dx * dx + dy * dy)
        along = min(1.0, max(0.0, along))
        best = min(best, distance_km(point, (ax + along * dx, ay + along * dy)))
    return best


def scattered(place: Quarter, angle: float, out: float) -> Point:
    """Return a place in a quarter, moved inwards until it is on land.

    Parameters
    ----------
    place
        The quarter.
    angle, out
        Where in it: numbers in [0, 1).
    """
    (cx, cy), (rx, ry) = place.centre, place.radii
    turn, reach = 2 * math.pi * angle, 0.95 * math.sqrt(out)
    for step in range(20):
        r = reach * (1 - step / 20)
        point = (cx + rx * r * math.cos(turn), cy + ry * r * math.sin(turn))
        if is_land(point):
            return point
    return place.centre
