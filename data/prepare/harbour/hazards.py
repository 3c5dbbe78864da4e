"""The six worked examples of the city: hazards, an attack, a shortage. Their fields are made here.

Nothing is measured: floods are strips along the river, storms and heat are areas with one value.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from data.prepare.harbour.plan import (
    HEIGHT_KM,
    RIVER,
    WIDTH_KM,
    Point,
    distance_km,
    lonlat,
    quarter,
)

Event = dict[str, Any]
#: Hours after the start at which the river has risen, the depth (m), and how far it reaches (km).
RISING = ((0.0, 0.3, 0.35), (6.0, 0.9, 0.7), (12.0, 1.6, 1.1))
FALLING_H = 60.0
#: Where the hills are steepest and where the tank farm is, with how far things go there (km).
SLOPE_KM, RELEASE_KM = 1.6, 1.4


def examples() -> dict[str, dict[str, Any]]:
    """Return title, note, horizon (h) and events of each example by file name."""
    return {
        "h1-river-flood": {
            "title": "The Merrow floods its banks (constructed)",
            "note": "The water comes in three steps, at 0 h, 6 h and 12 h. The waterworks "
            "upstream goes under at 12 h; a reservoir and a tank later the University "
            "Hospital, far from any water, has none. The bridges stand above it, the roads "
            "to them do not.",
            "horizon_h": 120, "events": _flood(),
        },
        "h2-storm": {
            "title": "A storm comes in from the west (constructed)",
            "note": "Gusts of 42 m/s over the country, 62 m/s by the coast. Lines and masts fall "
            "by their curves, the longest most often; one run of many is shown, an ensemble draws "
            "the rest.",
            "horizon_h": 96,
            "events": [
                _area(0, "wind", _box(0, 0, WIDTH_KM, HEIGHT_KM), 42, "m/s", until_h=6),
                _area(2, "wind", _box(0, 0, WIDTH_KM, 9.5), 62, "m/s", until_h=6),
            ],
        },
        "h3-earthquake": {
            "title": "An earthquake below Market Side (constructed)",
            "note": "Magnitude 6.4, in a place where none is known. Shaking by a published model, "
            "damage by published curves: stations and exchanges close to it are lost, hospitals "
            "further away stand and have no water.",
            "horizon_h": 336, "events": [_quake(6.4, "market-side")],
        },
        "h4-control-product": {
            "title": "An attack on one control product (constructed)",
            "note": "Kestrel RTU below version 3 controls stations, waterworks and pumps of "
            "different operators. One way in works for all of them at once: the spare that each "
            "counts on has the same product. No detail of any exploit is part of this.",
            "horizon_h": 120,
            "events": [{
                "at_h": 2, "do": "attack",
                "select": {"product": "Kestrel RTU", "version_below": "3"},
                "access": [0.1, 0.3, 0.6], "exploit": [0.2, 0.5, 0.9],
                "effect": "T0826", "duration_h": [6, 24, 72],
            }],
        },
        "h5-heat-and-staff": {
            "title": "Heat, and too few people at work (constructed)",
            "note": "43 °C for four days take power of lines and plants away, a third of the "
            "staff of hospitals and homes is missing from the second day on, and a transformer of "
            "Eastmoor fails in the evening of the third.",
            "horizon_h": 168,
            "events": [
                _area(0, "heat", _box(0, 0, WIDTH_KM, HEIGHT_KM), 43, "°C", until_h=96),
                {"at_h": 24, "do": "shortage", "of": "staff", "sector": "health", "share": 0.33,
                 "reserve": 0.1, "until_h": 144},
                {"at_h": 66, "do": "fail", "asset": "hv/eastmoor", "note": "overheated"},
                {"at_h": 90, "do": "repair", "asset": "hv/eastmoor", "note": "replaced"},
            ],
        },
        "h6-quake-slide-release": {
            "title": "A quake, a slide, and a release on Holm (constructed)",
            "note": "The quake may set off a slide at Northgate an hour later and a release at the "
            "tank farm half an hour later; each acts on what the quake left. A single run has all "
            "three; in an ensemble neither comes without the quake.",
            "horizon_h": 240,
            "events": [
                _quake(6.1, "northgate") | {"name": "quake"},
                _area(1, "landslide", _round(_at("northgate"), SLOPE_KM), 60, "cm")
                | {"name": "slide", "triggered_by": "quake", "p": 0.3, "threshold": 30},
                _area(0.5, "hazmat_release", _round(_at("holm"), RELEASE_KM), 2, "ratio",
                      until_h=12)
                | {"name": "release", "triggered_by": "quake", "p": 0.2, "threshold": 1},
            ],
        },
    }  # fmt: skip


def _flood() -> list[Event]:
    events = []
    for at_h, depth_m, reach_km in RISING:
        ring = _strip(RIVER, reach_km)
        events.append(_area(at_h, "flood", ring, depth_m, "m", until_h=FALLING_H))
    return events


def _area(
    at_h: float,
    hazard: str,
    ring: Sequence[Point],
    intensity: float,
    unit: str,
    until_h: float | None = None,
) -> Event:
    places = [list(lonlat(point)) for point in (*ring, ring[0])]
    polygon = {"type": "Polygon", "coordinates": [places]}
    event: Event = {"at_h": at_h, "do": "hazard", "hazard": hazard}
    event["field"] = {"polygon": polygon, "intensity": intensity, "unit": unit}
    return event if until_h is None else event | {"until_h": until_h}


def _quake(magnitude: float, below: str) -> Event:
    lon, lat = lonlat(_at(below))
    field = {"magnitude": magnitude, "lon": lon, "lat": lat, "depth_km": 10, "rake": 0,
             "model": "AkkarSandikkayaBommer2014", "im": "PGA", "vs30_m_s": 400}  # fmt: skip
    return {"at_h": 0, "do": "hazard", "hazard": "earthquake", "field": field}


def _at(key: str) -> Point:
    return quarter(key).centre


def _box(west: float, south: float, east: float, north: float) -> list[Point]:
    return [(west, south), (east, south), (east, north), (west, north)]


def _round(centre: Point, radius_km: float, corners: int = 24) -> list[Point]:
    turns = (2 * math.pi * n / corners for n in range(corners))
    return [(centre[0] + radius_km * math.cos(t), centre[1] + radius_km * math.sin(t))
            for t in turns]  # fmt: skip


def _strip(line: Sequence[Point], reach_km: float) -> list[Point]:
    """Return the ring that runs along both sides of a line, so far from its points."""
    left, right = [], []
    for n, (x, y) in enumerate(line):
        (ax, ay), (bx, by) = line[max(0, n - 1)], line[min(len(line) - 1, n + 1)]
        long = distance_km((ax, ay), (bx, by))
        dx, dy = -(by - ay) / long * reach_km, (bx - ax) / long * reach_km
        left.append((x + dx, y + dy))
        right.append((x - dx, y - dy))
    return [*left, *reversed(right)]
