"""Spreads the tagged inhabitants of places over the residential buildings. Modelled, not counted.

Weights: footprint x floors, floors from the tag, else guessed from the footprint. Sums of the
tagged places stay exact (largest remainder).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from data.prepare.numbers import value
from data.prepare.osm import Extract, Tags
from models.knowledge.expressions import largest
from models.space.areas import in_metres, largest_remainder, to_metres

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
PARTS_OF_TOWN = ("suburb", "neighbourhood")
SETTLEMENTS = ("town", "village", "hamlet", "suburb", "neighbourhood", "isolated_dwelling")
Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
Place = tuple[tuple[float, float], Tags]


@dataclass(frozen=True)
class Homes:
    """Where people live: places in metres and how many at each."""

    xy: Numbers
    people: Whole
    #: of the building: tagged, or guessed from its footprint
    floors: Numbers

    @property
    def buildings(self) -> int:
        """Return how many buildings count as homes."""
        return len(self.people)


def spread(extract: Extract, crs: str) -> Homes:
    """Return the homes of the region."""
    land = [
        in_metres(area, crs)
        for element, area in sorted(extract.areas.items())
        if _tags(extract, element).get("landuse") in NO_LIVING
    ]
    tree = shapely.STRtree(land)
    points, weights, floors = [], [], []
    for element, area in sorted(extract.areas.items()):
        tags = _tags(extract, element)
        if tags.get("building", "no") == "no" or not extract.frame.contains(area.centroid):
            continue
        shape = in_metres(area, crs)
        weight = _weight(tags, shape.area)
        if weight and not len(tree.query(shape.centroid, predicate="within")):
            points.append((shape.centroid.x, shape.centroid.y))
            weights.append(weight)
            floors.append(weight / shape.area)
    xy = np.array(points)
    return Homes(xy, _people(extract, crs, xy, weights), np.array(floors))


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
    if other or footprint_m2 < value("least_footprint_m2"):
        return 0.0
    tagged = largest(tags.get("building:levels") or tags.get("levels"))
    return footprint_m2 * (tagged or _floors(footprint_m2))


def _floors(footprint_m2: float) -> float:
    """Guess the floors of a house from its footprint."""
    for size in ("large", "medium"):
        if footprint_m2 >= value(f"{size}_house_from_m2"):
            return value(f"{size}_house_floors")
    return value("small_house_floors")


def _people(extract: Extract, crs: str, homes: Numbers, weights: list[float]) -> Whole:
    counts = inhabitants(extract)
    places = _places(extract)
    xy = np.array([to_metres(crs).transform(*place) for place, _ in places.values()])
    number_of = _number_giver(places, xy, counts)
    members: dict[str, list[int]] = defaultdict(list)
    for row, home in enumerate(homes):
        nearest = int(np.hypot(*(xy - home).T).argmin())
        members[number_of[nearest]].append(row)
    people = np.zeros(len(homes), dtype=np.int64)
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


def _number_giver(places: dict[str, Place], xy: Numbers, counts: dict[str, int]) -> list[str]:
    """Return for each place the place whose number it shares.

    Parts of the town, all mapped as nodes, take the town's number.
    """
    ids = list(places)
    town = next(i for i in ids if places[i][1]["place"] == "town" and i in counts)
    givers = [row for row, i in enumerate(ids) if counts.get(i, 0) >= value("least_place")]
    found = []
    for row, place_id in enumerate(ids):
        kind = places[place_id][1]["place"]
        if place_id in counts:
            found.append(place_id)
        elif kind in PARTS_OF_TOWN and place_id.startswith("node/"):
            found.append(town)
        else:
            nearest = givers[int(np.hypot(*(xy[givers] - xy[row]).T).argmin())]
            found.append(ids[nearest])
    return found


def municipalities(extract: Extract, homes: Homes, crs: str) -> list[str]:
    """Return the name of the town or village that each home belongs to: the nearest one.

    Parts of the town count as the town; a hamlet as its nearest village.

    Parameters
    ----------
    extract
        Where settlements are.
    homes
        Where people live, in metres.
    crs
        The projection that they are in.
    """
    places = {i: place for i, place in _places(extract).items() if "name" in place[1]}
    town = town_of(extract)
    named = [
        (spot, town if tags["place"] in PARTS_OF_TOWN else tags["name"])
        for spot, tags in places.values()
        if tags["place"] in ("town", "village", *PARTS_OF_TOWN)
    ]
    xy = np.array([to_metres(crs).transform(*spot) for spot, _ in named])
    return [named[int(np.hypot(*(xy - home).T).argmin())][1] for home in homes.xy]


def quarters(extract: Extract, homes: Homes, crs: str) -> tuple[list[str], dict[str, str]]:
    """Return the nearest town, village or part of the town of each home, and their names by id.

    Parameters
    ----------
    extract
        Where settlements are.
    homes
        Where people live, in metres.
    crs
        The projection that they are in.
    """
    places = {
        element: place
        for element, place in _places(extract).items()
        if "name" in place[1] and place[1]["place"] in ("town", "village", *PARTS_OF_TOWN)
    }
    ids = list(places)
    xy = np.array([to_metres(crs).transform(*spot) for spot, _ in places.values()])
    # some places are mapped twice, as a point and as an area
    by_name: dict[str, str] = {}
    for element, (_, tags) in places.items():
        by_name.setdefault(tags["name"], element)
    first = [by_name[places[element][1]["name"]] for element in ids]
    nearest = [first[int(np.hypot(*(xy - home).T).argmin())] for home in homes.xy]
    return nearest, {element: name for name, element in by_name.items()}


def town_of(extract: Extract) -> str:
    """Return the name of the town with the most inhabitants."""
    towns = (tags for _, tags in _places(extract).values() if tags["place"] == "town")
    return max(towns, key=lambda tags: int(tags.get("population", "0")))["name"]
