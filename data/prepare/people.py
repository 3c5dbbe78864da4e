"""Spreads the tagged inhabitants of places over the residential buildings. Modelled, not counted.

Weights: footprint x floors, floors from the tag, else guessed from the footprint. Sums of the
tagged places stay exact (largest remainder).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import shapely

from data.prepare.osm import Extract, Tags
from models.areas import in_metres, largest_remainder, to_metres
from models.expressions import largest

#: Values of ``building`` that are no homes.
NO_HOMES = frozenset((
    "garage", "garages", "shed", "hut", "industrial", "commercial", "retail", "warehouse",
    "church", "chapel", "school", "kindergarten", "university", "college", "hospital",
    "public", "civic", "office", "train_station", "hangar", "barn", "farm_auxiliary",
    "greenhouse", "stable", "cowshed", "service", "transformer_tower", "roof", "ruins",
    "bunker", "kiosk", "supermarket", "storage_tank", "tank", "silo", "digester",
    "construction", "carport", "boathouse", "collapsed", "prefabricated", "manufacture",
    "government", "shop", "sports_hall", "roundhouse",
))  # fmt: skip
#: Keys that say that a building is something else.
OTHER_USE = ("amenity", "shop", "power", "man_made", "office", "historic", "railway", "aeroway",
             "tourism", "leisure")  # fmt: skip
#: Land on which nobody is counted as living.
NO_LIVING = frozenset(("allotments", "garages", "industrial", "commercial", "retail", "railway"))
LEAST_FOOTPRINT_M2 = 45.0
#: (footprint from, floors) where no floors are tagged.
FLOORS = ((350.0, 5.0), (220.0, 3.0), (0.0, 1.5))
#: A village without a number shares the number of the nearest place of at least this many.
LEAST_PLACE = 100
SETTLEMENTS = ("town", "village", "hamlet", "suburb", "neighbourhood", "isolated_dwelling")
Place = tuple[tuple[float, float], Tags]


@dataclass(frozen=True)
class Homes:
    """Where people live: places in metres and how many at each."""

    xy: np.ndarray
    people: np.ndarray
    kept: int
    dropped: int


def spread(extract: Extract, crs: str) -> Homes:
    """Return the homes of the region."""
    land = [
        in_metres(area, crs)
        for element, area in sorted(extract.areas.items())
        if _tags(extract, element).get("landuse") in NO_LIVING
    ]
    tree = shapely.STRtree(land)
    points, weights, seen = [], [], 0
    for element, area in sorted(extract.areas.items()):
        tags = _tags(extract, element)
        if tags.get("building", "no") == "no" or not extract.frame.contains(area.centroid):
            continue
        seen += 1
        shape = in_metres(area, crs)
        weight = _weight(tags, shape.area)
        if weight and not len(tree.query(shape.centroid, predicate="within")):
            points.append((shape.centroid.x, shape.centroid.y))
            weights.append(weight)
    xy = np.array(points)
    return Homes(xy, _people(extract, crs, xy, weights), len(points), seen - len(points))


def inhabitants(extract: Extract) -> dict[str, int]:
    """Return the tagged inhabitants of the places inside the box."""
    return {
        f"node/{node}": int(tags["population"])
        for node, tags in sorted(extract.node_tags.items())
        if "place" in tags and tags.get("population", "").isdecimal() and extract.inside(node)
    }


def _tags(extract: Extract, element: str) -> Tags:
    kind, number = element.split("/")
    if kind == "way":
        return extract.ways[int(number)][1]
    return extract.relations[int(number)]


def _weight(tags: Tags, footprint_m2: float) -> float:
    other = tags["building"] in NO_HOMES or any(key in tags for key in OTHER_USE)
    if other or footprint_m2 < LEAST_FOOTPRINT_M2:
        return 0.0
    floors = largest(tags.get("building:levels") or tags.get("levels"))
    if not floors:
        floors = next(floors for least, floors in FLOORS if footprint_m2 >= least)
    return footprint_m2 * floors


def _people(extract: Extract, crs: str, homes: np.ndarray, weights: list[float]) -> np.ndarray:
    counts = inhabitants(extract)
    places = _places(extract)
    xy = np.array([to_metres(crs).transform(*place) for place, _ in places.values()])
    number_of = _number_giver(places, xy, counts)
    members: dict[str, list[int]] = defaultdict(list)
    for row, home in enumerate(homes):
        nearest = int(np.hypot(*(xy - home).T).argmin())
        members[number_of[nearest]].append(row)
    people = np.zeros(len(homes), dtype=int)
    for place, rows in sorted(members.items()):
        people[rows] = largest_remainder(counts[place], [weights[row] for row in rows])
    return people


def _places(extract: Extract) -> dict[str, Place]:
    """Return the settlements inside the box, mapped as nodes or as areas."""
    found: dict[str, Place] = {}
    for element, tags, shape in extract.elements():
        if tags.get("place") in SETTLEMENTS and extract.frame.covers(shape.centroid):
            found[element] = ((shape.centroid.x, shape.centroid.y), tags)
    return found


def _number_giver(places: dict[str, Place], xy: np.ndarray, counts: dict[str, int]) -> list[str]:
    """Return for each place the place whose number it shares.

    Parts of the town, all mapped as nodes, take the town's number.
    """
    ids = list(places)
    town = next(i for i in ids if places[i][1]["place"] == "town" and i in counts)
    givers = [row for row, i in enumerate(ids) if counts.get(i, 0) >= LEAST_PLACE]
    found = []
    for row, place_id in enumerate(ids):
        kind = places[place_id][1]["place"]
        if place_id in counts:
            found.append(place_id)
        elif kind in ("suburb", "neighbourhood") and place_id.startswith("node/"):
            found.append(town)
        else:
            nearest = givers[int(np.hypot(*(xy[givers] - xy[row]).T).argmin())]
            found.append(ids[nearest])
    return found
