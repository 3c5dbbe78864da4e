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
NO_HOMES = frozenset(
    "garage garages shed hut industrial commercial retail warehouse church chapel school "
    "kindergarten university college hospital public civic office train_station hangar barn "
    "farm_auxiliary greenhouse stable cowshed service transformer_tower roof ruins bunker "
    "kiosk supermarket storage_tank tank silo digester construction carport boathouse collapsed "
    "prefabricated manufacture government shop sports_hall roundhouse".split()
)
#: Keys that say that a building is something else.
OTHER_USE = ("amenity", "shop", "power", "man_made", "office", "historic", "railway", "aeroway")
#: Land on which nobody is counted as living.
NO_LIVING = frozenset(("allotments", "garages", "industrial", "commercial", "retail", "railway"))
LEAST_FOOTPRINT_M2 = 45.0
#: (footprint from, floors) where no floors are tagged.
FLOORS = ((350.0, 5.0), (220.0, 3.0), (0.0, 1.5))
#: A village without a number shares the number of the nearest place of at least this many.
LEAST_PLACE = 100


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
    nodes = sorted(
        n for n, t in extract.node_tags.items() if "place" in t and extract.inside(n)
        and t["place"] in ("town", "village", "hamlet", "suburb", "neighbourhood",
                           "isolated_dwelling")
    )  # fmt: skip
    xy = np.array([to_metres(crs).transform(*extract.places[n]) for n in nodes])
    number_of = _number_giver(extract, nodes, xy, counts)
    members: dict[str, list[int]] = defaultdict(list)
    for row, home in enumerate(homes):
        nearest = int(np.hypot(*(xy - home).T).argmin())
        members[number_of[nearest]].append(row)
    people = np.zeros(len(homes), dtype=int)
    for place, rows in sorted(members.items()):
        people[rows] = largest_remainder(counts[place], [weights[row] for row in rows])
    return people


def _number_giver(
    extract: Extract, nodes: list[int], xy: np.ndarray, counts: dict[str, int]
) -> list[str]:
    """Return for each place the place whose number it shares."""
    towns = [n for n in nodes if extract.node_tags[n]["place"] == "town" and f"node/{n}" in counts]
    givers = [n for n in nodes if counts.get(f"node/{n}", 0) >= LEAST_PLACE]
    found = []
    for row, node in enumerate(nodes):
        if f"node/{node}" in counts:
            found.append(f"node/{node}")
            continue
        suburb = extract.node_tags[node]["place"] in ("suburb", "neighbourhood")
        pool = towns[:1] if suburb else givers
        rows = [nodes.index(n) for n in pool]
        nearest = rows[int(np.hypot(*(xy[rows] - xy[row]).T).argmin())]
        found.append(f"node/{nodes[nearest]}")
    return found
