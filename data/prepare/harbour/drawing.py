"""The drawn base map: sea, river, land use, roads, railway and names."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

from data.prepare.harbour.city import City
from data.prepare.harbour.plan import (
    COAST,
    ISLAND,
    QUARTERS,
    RIVER,
    TOWNS,
    Point,
    Quarter,
    is_land,
)
from data.prepare.harbour.transport import RAIL, ROADS, place_of
from data.prepare.harbour.write import Feature, area, line, spot, write_features

#: Roads that are drawn broader; everything else between nodes is a primary road.
_TRUNK = ("road/boundary", "road/moorgate", "tunnel/merrow", "bridge/harbour")
_STREET_STEP_KM = 0.29
#: name: (middle, radii in km); industry, port and airport.
_WORKS: dict[str, tuple[Point, Point]] = {
    "container": ((10.5, 4.3), (0.7, 0.25)), "tanks": ((13.2, 3.4), (0.7, 0.5)),
    "yard": ((9.3, 6.7), (0.6, 0.3)), "gases": ((15.5, 13.1), (0.6, 0.4)),
    "foundry": ((20.8, 8.4), (0.5, 0.5)), "airfield": ((21.7, 13.7), (1.1, 0.4)),
}  # fmt: skip
_PARKS: dict[str, tuple[Point, Point]] = {
    "castle": ((13.2, 8.3), (0.25, 0.2)), "west": ((7.2, 8.9), (0.4, 0.3)),
    "campus": ((16.2, 9.9), (0.35, 0.3)), "links": ((2.0, 6.3), (0.9, 0.4)),
    "strand": ((17.2, 6.2), (0.7, 0.2)), "moor": ((21.4, 11.4), (0.9, 0.6)),
}  # fmt: skip
_WOODS: dict[str, tuple[Point, Point]] = {
    "north": ((7.6, 16.2), (2.2, 1.5)), "west": ((1.6, 10.4), (1.3, 1.6)),
    "east": ((19.4, 15.6), (2.0, 1.6)), "hill": ((17.6, 13.2), (0.9, 0.8)),
    "sandrey": ((25.4, 9.4), (1.2, 1.2)), "mill": ((3.6, 11.9), (0.8, 0.6)),
}  # fmt: skip
_LAKES: dict[str, tuple[Point, Point]] = {
    "rushmere": ((4.9, 15.0), (0.8, 0.45)), "reservoir": ((16.1, 11.1), (0.12, 0.1)),
    "moor": ((22.9, 10.6), (0.4, 0.25)),
}  # fmt: skip


def write_base(folder: Path, city: City) -> None:
    """Write the layers of the base map into a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    layers = {
        "water": _water(city),
        "wood": [area(_blob(city, key, *shape), {}) for key, shape in _WOODS.items()],
        "green": [area(_blob(city, key, *shape), {}) for key, shape in _PARKS.items()],
        "built": _built(city),
        "waterways": [line(RIVER, {"kind": "river"}), *_streams()],
        "roads_major": _major(),
        "roads_minor": [street for place in QUARTERS for street in _streets(city, place)],
        "rail": [line(_course(*piece), {"kind": "main"}) for piece in RAIL],
        "places": _places(city),
    }
    for name, features in layers.items():
        write_features(folder / f"{name}.geojson", features)


def _water(city: City) -> list[Feature]:
    """Return the sea around Holm, the river, its mouth, and lakes."""
    coast = _rounded_course(COAST)
    # the sea is cut at Holm's two ends, so that the island needs no hole
    (west, east) = ISLAND[0], ISLAND[6]
    half = ISLAND.index(east)
    north = _rounded_course(ISLAND[: half + 1])
    south = _rounded_course((*ISLAND[half:], west))
    upper = [(-40.0, 3.9), west, *north[1:], (60.0, 4.0), (60.0, 5.3), *reversed(coast),
             (-40.0, 5.4)]  # fmt: skip
    lower = [(-40.0, 3.9), (-40.0, -30.0), (60.0, -30.0), (60.0, 4.0), *south]
    lakes = [area(_blob(city, key, *shape), {}) for key, shape in _LAKES.items()]
    return [area(upper, {}), area(lower, {}), area(_ribbon(RIVER), {}), *lakes]


def _rounded_course(points: tuple[Point, ...], rounds: int = 2) -> list[Point]:
    """Cut the corners of a line, as Chaikin does."""
    course = list(points)
    for _ in range(rounds):
        cut = [course[0]]
        for (ax, ay), (bx, by) in itertools.pairwise(course):
            cut.append((0.75 * ax + 0.25 * bx, 0.75 * ay + 0.25 * by))
            cut.append((0.25 * ax + 0.75 * bx, 0.25 * ay + 0.75 * by))
        course = [*cut, course[-1]]
    return course


def _ribbon(points: tuple[Point, ...]) -> list[Point]:
    """Return the banks of the river, wider towards its mouth."""
    course = _rounded_course(points)
    left, right = [], []
    for n, ((ax, ay), (bx, by)) in enumerate(itertools.pairwise(course)):
        length = math.hypot(bx - ax, by - ay) or 1.0
        half = 0.06 + 0.16 * (n / len(course)) ** 2
        dx, dy = -(by - ay) / length * half, (bx - ax) / length * half
        left.append((ax + dx, ay + dy))
        right.append((ax - dx, ay - dy))
    return [*left, (10.6, 6.1), (11.2, 6.1), *reversed(right)]


def _blob(city: City, key: str, middle: Point, radii: Point) -> list[Point]:
    """Return an uneven round area."""
    ring = []
    for n in range(20):
        turn = 2 * math.pi * n / 20
        out = city.chance.between(0.82, 1.1, "blob", key, n)
        ring.append((middle[0] + radii[0] * out * math.cos(turn),
                     middle[1] + radii[1] * out * math.sin(turn)))  # fmt: skip
    return ring


def _built(city: City) -> list[Feature]:
    """Return the quarters, cut back from the water, and industry."""
    areas = []
    for place in QUARTERS:
        ring = []
        for x, y in _blob(city, place.key, place.centre, place.radii):
            (cx, cy), back = place.centre, 1.0
            while not is_land((cx + back * (x - cx), cy + back * (y - cy))) and back > 0.1:
                back -= 0.05
            ring.append((cx + back * (x - cx), cy + back * (y - cy)))
        areas.append(area(ring, {}))
    return areas + [area(_blob(city, key, *shape), {}) for key, shape in _WORKS.items()]


def _streams() -> list[Feature]:
    courses: tuple[tuple[Point, ...], ...] = (
        ((4.9, 14.6), (5.4, 13.2), (7.4, 13.6), (9.8, 13.6), (12.0, 13.3)),
        ((22.9, 10.4), (21.8, 9.4), (21.2, 7.6), (20.4, 6.2)),
    )
    return [line(_rounded_course(course), {"kind": "stream"}) for course in courses]


def _major() -> list[Feature]:
    roads = []
    for start, end, via in ROADS:
        trunk = any(name.startswith(_TRUNK) for name in (start, end))
        kind = "trunk" if trunk else "primary"
        roads.append(line(_course(start, end, via), {"kind": kind}))
    return roads


def _course(start: str, end: str, via: tuple[Point, ...]) -> list[Point]:
    return [place_of(start), *via, place_of(end)]


def _streets(city: City, place: Quarter) -> list[Feature]:
    """Return a turned grid of streets within a quarter, broken at the water."""
    turn = math.pi * city.chance.unit("streets", place.key) / 2
    (cx, cy), (rx, ry) = place.centre, place.radii
    reach = max(rx, ry)
    steps = int(reach / _STREET_STEP_KM)
    found = []
    for across in (0.0, math.pi / 2):
        ux, uy = math.cos(turn + across), math.sin(turn + across)
        for n in range(-steps, steps + 1):
            off = n * _STREET_STEP_KM * city.chance.between(0.9, 1.1, "row", place.key, across, n)
            run: list[Point] = []
            for m in range(-24, 25):
                along = m * reach / 24
                at = (cx + along * ux - off * uy, cy + along * uy + off * ux)
                if math.hypot((at[0] - cx) / rx, (at[1] - cy) / ry) < 0.95 and is_land(at):
                    run.append(at)
                    continue
                found += _street(run)
                run = []
            found += _street(run)
    return found


def _street(run: list[Point]) -> list[Feature]:
    """Return a straight run as a street of two points."""
    return [line((run[0], run[-1]), {"kind": "residential"})] if len(run) > 3 else []


def _places(city: City) -> list[Feature]:
    """Return names: the city, its quarters, the towns around, the sea."""
    weights = sum(place.weight for place in QUARTERS)
    city_people = 0
    places = []
    for place in QUARTERS:
        people = round(city.people * place.weight / weights)
        town = place.key in TOWNS
        city_people += 0 if town else people
        kind, rank = ("town", 2) if town else ("suburb", 3)
        at = (place.centre[0], place.centre[1] + 0.1)
        places.append(spot(at, {"name": place.name, "kind": kind, "rank": rank,
                                "people": people if town else None}))  # fmt: skip
    head = {"name": "Merrowhaven", "kind": "city", "rank": 1, "people": city_people}
    return [spot((12.4, 10.6), head), *places]
