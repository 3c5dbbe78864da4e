"""Drinking water by pressure zone: each has its own store, and they empty one after the other.

Heights are not in the extract. The ground rises from lake and river, so distance from them stands
in for height in the town; villages are a zone of their own. Around the mapped works people have
theirs.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from data.prepare.numbers import value
from data.prepare.osm import Extract
from data.prepare.people import Homes
from data.prepare.served import Owners
from models.space.areas import in_metres

LOW, MIDDLE, HIGH, VILLAGES = (
    f"assumed/water-zone/{name}" for name in ("low", "middle", "high", "villages")
)


def basin(extract: Extract, crs: str, name: str) -> BaseGeometry:
    """Return the lake and the river that bear a name, in metres.

    Parameters
    ----------
    extract
        Where they are.
    crs
        The projection.
    name
        What their names begin with.
    """
    shapes = [
        in_metres(shape, crs)
        for _, tags, shape in extract.elements()
        if tags.get("name", "").startswith(name)
        and (tags.get("natural") == "water" or tags.get("waterway") in ("river", "riverbank"))
    ]
    return shapely.union_all(shapes)


def zones(homes: Homes, in_town: NDArray[np.bool_], water: BaseGeometry) -> Owners:
    """Return the pressure zone of each home.

    Parameters
    ----------
    homes
        Where people live, in metres.
    in_town
        Who lives in the town.
    water
        The lake and the river, in the same projection.
    """
    away_m = shapely.distance(shapely.points(homes.xy), water)
    owners: Owners = np.full(len(homes.people), VILLAGES, dtype=object)
    owners[in_town] = HIGH
    owners[in_town & (away_m <= value("middle_zone_m"))] = MIDDLE
    owners[in_town & (away_m <= value("low_zone_m"))] = LOW
    return owners
