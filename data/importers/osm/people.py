"""Where people live, from place tags and buildings: squares with the people of their homes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from data.importers.numbers import number
from data.importers.osm.assets import in_metres_all
from data.importers.osm.kinds import Tags
from data.importers.osm.reading import SETTLEMENTS, Extract
from models.knowledge.expressions import largest
from models.space.areas import largest_remainder, to_metres
from models.world import Cell

#: Values of ``building`` that are no homes.
NO_HOMES = frozenset((
    "garage", "garages", "shed", "hut", "industrial", "commercial", "retail", "warehouse",
    "church", "chapel", "cathedral", "mosque", "school", "kindergarten", "university", "college",
    "hospital", "public", "civic", "office", "train_station", "transportation", "hangar", "barn",
    "farm_auxiliary", "greenhouse", "stable", "cowshed", "sty", "service", "transformer_tower",
    "roof", "ruins", "bunker", "kiosk", "supermarket", "storage_tank", "tank", "silo", "digester",
    "construction", "carport", "boathouse", "collapsed", "manufacture", "government", "shop",
    "sports_hall", "sports_centre", "stadium", "parking", "hotel", "fire_station", "toilets",
    "tower", "water_tower", "castle", "religious", "grandstand", "pavilion", "container",
))  # fmt: skip
#: Keys that say that a building is something else.
OTHER_USE = ("amenity", "shop", "power", "man_made", "office", "historic", "railway", "aeroway",
             "tourism", "leisure", "industrial")  # fmt: skip
TOTALS = ("country", "state", "county", "province", "region", "municipality")
SOURCE = "modelled: inhabitants of places spread over residential buildings"
PARTS = ("suburb", "neighbourhood", "quarter", "borough")
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class People:
    """Cells, and what a reader should know about them."""

    cells: list[Cell]
    tagged: int
    estimated: int
    places: int


def cells(extract: Extract, crs: str) -> People:
    """Return squares of homes with their people.

    Places with a tagged number share it among their homes. Homes of other places are counted by
    floor area; where the file states the total of a country, they share what is left of it.

    Parameters
    ----------
    extract
        Buildings and places.
    crs
        The projection whose axes the squares follow.
    """
    xy, floor_m2 = _homes(extract, crs)
    names, spots, counts = _places(extract, crs)
    if not len(xy):
        return _at_places(names, spots, counts, crs)
    place_of = _nearest_place(xy, spots)
    counted = [row for row, count in enumerate(counts) if count is not None]
    if counted and _total(extract) is None:
        # where most homes are of places with a number, the rest shares that of the nearest one
        known = np.isin(place_of, counted)
        if floor_m2[known].sum() >= number("counted_share") * floor_m2.sum():
            tree = shapely.STRtree(shapely.points(spots[counted]))
            place_of = np.array(counted)[tree.nearest(shapely.points(xy))]
    people = np.zeros(len(xy), dtype=np.int64)
    estimated: list[int] = []
    for place in sorted(set(place_of.tolist())):
        rows = np.flatnonzero(place_of == place)
        if place >= 0 and counts[place] is not None:
            people[rows] = largest_remainder(int(counts[place] or 0), floor_m2[rows].tolist())
        else:
            estimated += rows.tolist()
    tagged = int(people.sum())
    if estimated:
        rows = np.array(sorted(estimated))
        total = round(float(floor_m2[rows].sum()) / number("floor_m2_per_person"))
        rest = (_total(extract) or 0) - tagged
        total = min(total, rest) if rest > 0 else total
        people[rows] = largest_remainder(total, floor_m2[rows].tolist())
    labels = [names[p] if p >= 0 else "" for p in place_of.tolist()]
    result = _squares(xy, people, labels, crs)
    return People(result, tagged, int(people.sum()) - tagged, sum(c is not None for c in counts))


def _homes(extract: Extract, crs: str) -> tuple[Numbers, Numbers]:
    """Return the middle of each home in metres, and its floor area in m2."""
    if not extract.buildings:
        return np.zeros((0, 2)), np.zeros(0)
    shapes = in_metres_all(np.array(extract.buildings, dtype=object), crs)
    areas = shapely.area(shapes)
    middles = shapely.centroid(shapes)
    frame = in_metres_all(np.array([shapely.box(*extract.frame)], dtype=object), crs)[0]
    shapely.prepare(frame)
    keep = shapely.contains_xy(frame, shapely.get_x(middles), shapely.get_y(middles))
    keep &= areas >= number("least_footprint_m2")
    keep &= np.array([_is_home(tags) for tags in extract.building_tags], dtype=bool)
    if extract.no_living:
        land = in_metres_all(np.array(extract.no_living, dtype=object), crs)
        rows = shapely.STRtree(land).query(middles, predicate="within")[0]
        keep[np.unique(rows)] = False
    rows = np.flatnonzero(keep)
    floors = np.array([_floors(extract.building_tags[r], float(areas[r])) for r in rows.tolist()])
    return shapely.get_coordinates(middles[rows]), areas[rows] * floors


def _is_home(tags: Tags) -> bool:
    return tags.get("building") not in NO_HOMES and not any(key in tags for key in OTHER_USE)


def _floors(tags: Tags, footprint_m2: float) -> float:
    tagged = largest(tags.get("building:levels") or tags.get("levels"))
    if tagged and 0 < tagged < 100:
        return tagged
    for size in ("large", "medium"):
        if footprint_m2 >= number(f"{size}_house_from_m2"):
            return number(f"{size}_house_floors")
    return number("small_house_floors")


def _places(extract: Extract, crs: str) -> tuple[list[str], Numbers, list[int | None]]:
    """Return names, places in metres and numbers of inhabitants of the settlements inside.

    A part of a town without a number belongs to the next settlement with one.
    """
    west, south, east, north = extract.frame
    names, spots, counts = [], [], []
    for _, tags, shape in extract.places:
        middle = shape.centroid
        if tags.get("place") not in SETTLEMENTS:
            continue
        if not (west <= middle.x <= east and south <= middle.y <= north):
            continue
        people = int(p) if (p := tags.get("population", "")).isdecimal() else None
        if people is None and tags["place"] in PARTS:
            continue
        names.append(tags.get("name", ""))
        spots.append((middle.x, middle.y))
        counts.append(people)
    if not spots:
        return [], np.zeros((0, 2)), []
    lonlat = np.array(spots)
    x, y = to_metres(crs).transform(lonlat[:, 0], lonlat[:, 1])
    return names, np.column_stack([x, y]), counts


def _nearest_place(xy: Numbers, spots: Numbers) -> NDArray[np.int64]:
    if not len(spots):
        return np.full(len(xy), -1, dtype=np.int64)
    tree = shapely.STRtree(shapely.points(spots))
    result = np.full(len(xy), -1, dtype=np.int64)
    rows, hits = tree.query_nearest(
        shapely.points(xy), max_distance=number("place_reach_m"), all_matches=False
    )
    result[rows] = hits
    return result


def _total(extract: Extract) -> int | None:
    """Return the inhabitants of the country that the file is of, where it says so."""
    west, south, east, north = extract.frame
    result = [
        int(tags["population"])
        for element, tags, shape in extract.places
        if tags.get("place") in TOTALS and tags.get("population", "").isdecimal()
        and element.startswith("node/")
        and west <= shape.centroid.x <= east and south <= shape.centroid.y <= north
    ]  # fmt: skip
    return max(result, default=None)


def _at_places(names: list[str], spots: Numbers, counts: list[int | None], crs: str) -> People:
    """Without buildings, people live at the middle of their place."""
    known = [row for row, count in enumerate(counts) if count]
    xy = spots[known]
    people = np.array([counts[row] for row in known], dtype=np.int64)
    result = _squares(xy, people, [names[row] for row in known], crs) if known else []
    return People(result, int(people.sum()) if known else 0, 0, len(known))


def _squares(xy: Numbers, people: NDArray[np.int64], labels: list[str], crs: str) -> list[Cell]:
    size = number("cell_m")
    squares = np.floor(xy / size).astype(np.int64)
    members: dict[tuple[int, int, str], list[int]] = defaultdict(list)
    for row in np.flatnonzero(people > 0).tolist():
        members[int(squares[row, 0]), int(squares[row, 1]), labels[row]].append(row)
    back = to_metres(crs)
    result: list[Cell] = []
    parts: dict[tuple[int, int], int] = defaultdict(int)
    for (east, north, label), rows in sorted(members.items()):
        count = people[rows]
        x, y = np.average(xy[rows], axis=0, weights=count)
        lon, lat = back.transform(x, y, direction="INVERSE")
        parts[east, north] += 1
        cell_id = f"cell/{east}-{north}"
        if parts[east, north] > 1:
            cell_id += f"-{parts[east, north]}"
        result.append(
            Cell(cell_id, int(count.sum()), round(float(lon), 5), round(float(lat), 5), label,
                 confidence="D", source=SOURCE)
        )  # fmt: skip
    return result
