"""Waste water: gravity sewers go on without power, lifting stations do not, works spill.

No sewer is mapped. The town drains by gravity but for its low ground beside the lake and the
river; low ground and every village are lifting areas with an assumed station each.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from data.prepare.numbers import filled, value
from data.prepare.people import Homes
from data.prepare.served import DIGITS, Owners, Served
from models.space.areas import in_degrees
from models.world import ASSUMPTION, Asset

SERVICE = "waste_water"
GRAVITY = "assumed/sewers-town"
HOW = "gravity in the town; lifted within {low_ground_m} m of the lake and in villages"


def network(
    homes: Homes, lifted: NDArray[np.bool_], quarters: Sequence[str], names: dict[str, str],
    crs: str,
) -> tuple[Served, dict[str, Asset]]:  # fmt: skip
    """Return what drains each home, and the lifting stations that are assumed for it.

    Parameters
    ----------
    homes
        Where people live.
    lifted
        Whose waste water is lifted.
    quarters
        The settlement of each home, by id.
    names
        Names of settlements, by id.
    crs
        The projection that the homes are in.
    """
    areas = np.array(quarters, dtype=object)
    counts = {q: int(homes.people[lifted & (areas == q)].sum()) for q in sorted(set(quarters))}
    kept = [q for q, count in counts.items() if count >= value("least_lifted")]
    owners: Owners = np.full(len(homes.people), GRAVITY, dtype=object)
    middles = {q: _middle(homes, lifted & (areas == q)) for q in kept}
    for row in np.flatnonzero(lifted).tolist():
        area = areas[row] if areas[row] in middles else _nearest(homes.xy[row], middles)
        owners[row] = _station_id(area)
    stations = {_station_id(q): _station(q, names[q], middles[q], crs) for q in kept}
    return Served(SERVICE, owners, HOW), stations


def _middle(homes: Homes, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
    middle: NDArray[np.float64] = np.average(homes.xy[rows], axis=0, weights=homes.people[rows])
    return middle


def _nearest(xy: NDArray[np.float64], middles: dict[str, NDArray[np.float64]]) -> str:
    return min(middles, key=lambda q: (float(np.hypot(*(middles[q] - xy))), q))


def _station_id(quarter: str) -> str:
    return f"assumed/lifting/{quarter.split('/')[1]}"


def _station(quarter: str, name: str, middle: NDArray[np.float64], crs: str) -> Asset:
    place = in_degrees(shapely.Point(middle), crs)
    return Asset(
        _station_id(quarter),
        f"Sewage lift station, {name}",
        "wastewater_pumping",
        "water",
        round(place.x, DIGITS),
        round(place.y, DIGITS),
        confidence="D",
        source="assumption",
        origin=ASSUMPTION,
        note=filled(
            "no sewer is mapped: villages and ground within {low_ground_m} m of the lake are "
            "taken to be lifted, by one station each"
        ),
    )
