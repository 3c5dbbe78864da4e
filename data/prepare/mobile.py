"""The mobile networks: assumed sites, each of which stands for all operators' sites around it.

Sites of the operators are not mapped. The squares of ``cell_m`` that people live in are halved by
people, across the longer side, while more people than ``people_per_mobile_site`` live in a part or
it is wider than ``mobile_cell_m``. A mapped tower takes the place of the assumed site of the part
whose middle is nearest to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import shapely
from numpy.typing import NDArray

from data.prepare.numbers import value
from data.prepare.people import Homes, Numbers, Whole
from data.prepare.served import DIGITS, Owners, Served
from models.space.areas import in_degrees, to_metres
from models.world import ASSUMPTION, Asset

SERVICE = "mobile_telecom"
HOW = "assumed site of all operators around it"
NOTE = (
    "operators' sites are not mapped: stands for those of all networks around it; no operator has "
    "confirmed one"
)


def network(
    homes: Homes, mapped: Mapping[str, Asset], where: Callable[[float, float], str], crs: str
) -> tuple[Served, dict[str, Asset]]:
    """Return which site serves each home, and the sites that are assumed for it.

    Parameters
    ----------
    homes
        Where people live.
    mapped
        The mapped towers, by id.
    where
        Names a place by lon and lat.
    crs
        The projection that the homes are in.
    """
    square_of, squares = _squares(homes)
    parts = list(_halved(squares, np.arange(len(squares.people))))
    middles = np.array([_middle(squares, rows) for rows in parts])
    site_of: dict[int, str] = {}
    for asset_id, tower in sorted(mapped.items()):
        away = np.hypot(*(middles - to_metres(crs).transform(tower.lon, tower.lat)).T)
        site_of.setdefault(int(away.argmin()), asset_id)
    owners: Owners = np.full(len(homes.people), "", dtype=object)
    assumed: dict[str, Asset] = {}
    named: Counter[str] = Counter()
    for number, rows in enumerate(parts):
        if number not in site_of:
            site = _site(number + 1, middles[number], where, named, crs)
            assumed[site.asset_id] = site
            site_of[number] = site.asset_id
        owners[np.isin(square_of, rows) & (homes.people > 0)] = site_of[number]
    return Served(SERVICE, owners, HOW), assumed


def _squares(homes: Homes) -> tuple[NDArray[np.intp], Homes]:
    """Return the square of each home, and the squares as homes of all their people."""
    places = np.floor(homes.xy / value("cell_m")).astype(int)
    found, square_of = np.unique(places, axis=0, return_inverse=True)
    square_of = square_of.reshape(-1)
    people = np.bincount(square_of, weights=homes.people, minlength=len(found)).astype(np.int64)
    middles = (found + 0.5) * value("cell_m")
    return square_of, Homes(middles, people, np.zeros(len(found)))


def _halved(homes: Homes, rows: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    """Yield the rows of homes of each part, west before east and south before north."""
    extent = np.ptp(homes.xy[rows], axis=0)
    people: Whole = homes.people[rows]
    few = people.sum() <= value("people_per_mobile_site")
    if (few and extent.max() <= value("mobile_cell_m")) or len(rows) == 1:
        yield rows
        return
    along = homes.xy[rows, int(extent.argmax())]
    order = np.argsort(along, kind="stable")
    so_far = np.cumsum(people[order])
    middle = int(np.searchsorted(so_far, so_far[-1] / 2)) + 1
    cut = min(max(middle, 1), len(rows) - 1)
    yield from _halved(homes, np.sort(rows[order[:cut]]))
    yield from _halved(homes, np.sort(rows[order[cut:]]))


def _middle(homes: Homes, rows: NDArray[np.intp]) -> Numbers:
    middle: Numbers = np.average(homes.xy[rows], axis=0, weights=homes.people[rows])
    return middle


def _site(
    number: int,
    middle: Numbers,
    where: Callable[[float, float], str],
    named: Counter[str],
    crs: str,
) -> Asset:
    place = in_degrees(shapely.Point(middle), crs)
    lon, lat = (round(x, DIGITS) for x in (place.x, place.y))
    street = where(lon, lat)
    named[street] += 1
    numbered = f"{street} {named[street]}" if named[street] > 1 else street
    return Asset(
        f"assumed/mobile/{number:02}", f"Mobile sites, {numbered}", "mobile_site", "telecom",
        lon, lat, confidence="D", source="assumption", origin=ASSUMPTION, note=NOTE,
    )  # fmt: skip
