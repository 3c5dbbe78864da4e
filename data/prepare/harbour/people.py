"""Where people live, how many of them are old or ill, and who serves them."""

from __future__ import annotations

import math

from data.prepare.harbour.chance import apportioned
from data.prepare.harbour.city import CONFIDENCE, SOURCE, City, number
from data.prepare.harbour.fuels import HEATED
from data.prepare.harbour.plan import (
    QUARTERS,
    Point,
    Quarter,
    is_land,
    lonlat,
    off_centre,
)

Row = dict[str, object]
#: Half a side of a square, as seen from its middle: where its corners are.
_CORNERS = ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))


def cells(city: City) -> tuple[list[Row], list[Row]]:
    """Return the rows of ``people.csv`` and ``served.csv``."""
    weights = {place.key: place.weight for place in QUARTERS}
    counts = apportioned(city.people, weights)
    squares = _squares()
    people: list[Row] = []
    served: list[Row] = []
    for place in QUARTERS:
        own = squares[place.key]
        density = {at: _density(city, place, at) for at in own}
        inhabitants = apportioned(counts[place.key], density)
        for n, at in enumerate(own, start=1):
            key = f"cell/{place.key}-{n:02}"
            if inhabitants[at]:
                people.append(_cell(city, place, key, at, inhabitants[at]))
                served += _served(city, place, key, at)
    return people, served


def _squares() -> dict[str, list[Point]]:
    """Return the middles of the squares of each quarter; each belongs to one."""
    side = number("cell_m") / 1000
    found: dict[str, list[Point]] = {place.key: [] for place in QUARTERS}
    for i in range(2, 54):
        for j in range(4, 38):
            at = (round((i + 0.5) * side, 6), round((j + 0.5) * side, 6))
            nearest = min(QUARTERS, key=lambda place: off_centre(place, at))
            if off_centre(nearest, at) <= 1.15 and is_land(at):
                found[nearest.key].append(at)
    return found


def _density(city: City, place: Quarter, at: Point) -> float:
    out = off_centre(place, at)
    return math.exp(-1.2 * out * out) * city.chance.between(0.6, 1.4, "density", *at)


def _cell(city: City, place: Quarter, key: str, at: Point, people: int) -> Row:
    half = number("cell_m") / 2000
    corners = [lonlat((at[0] + half * dx, at[1] + half * dy)) for dx, dy in _CORNERS]
    ring = ", ".join(f"{lon} {lat}" for lon, lat in corners)
    lon, lat = lonlat(at)
    spread = number("quarter_spread")
    old = 1 + spread * (place.old - 1) / 0.6 + city.chance.between(-0.1, 0.1, "old", key)
    groups = {
        "over_80": round(people * number("over_80_share") * old),
        "care_at_home": round(people * number("care_at_home_share") * old),
        "dialysis": _rounded(city, people * number("dialysis_share"), key),
    }
    return {
        "cell_id": key, "people": people, "lon": lon, "lat": lat, "municipality": place.name,
        **groups, "confidence": CONFIDENCE, "source": SOURCE, "geometry": f"POLYGON (({ring}))",
    }  # fmt: skip


def _rounded(city: City, exact: float, key: str) -> int:
    """Return a small number as a whole one, up or down by chance, so that sums stay right."""
    return int(exact) + (city.chance.unit("dialysis", key) < exact % 1)


def _served(city: City, place: Quarter, key: str, at: Point) -> list[Row]:
    quarter = place.key
    exchange = city.nearest("telecom_exchange", at, 1, quarter)[0]
    lift = city.nearest("wastewater_pumping", at, 1, quarter)[0]
    first, second = city.nearest("mobile_site", at, 2)
    rest = number("second_site_share")
    rows = [
        ("electricity", city.nearest("substation_mv", at, 1, quarter)[0], 1.0),
        ("drinking_water", f"main/{quarter}", 1.0),
        ("waste_water", lift, 1.0),
        ("sewage_treatment", lift, 1.0),
        ("fixed_telecom", exchange, 1.0),
        ("mobile_telecom", first, round(1 - rest, 3)),
        ("mobile_telecom", second, rest),
        ("acute_care", city.nearest("hospital", at)[0], 1.0),
    ]
    if quarter in HEATED:
        rows.append(("heat", f"heat/area-{quarter}", number("heated_share")))
    return [
        {"cell_id": key, "asset_id": asset, "service": service,
         "share": "" if share == 1 else share, "origin": "declared", "confidence": CONFIDENCE,
         "source": SOURCE}
        for service, asset, share in rows
    ]  # fmt: skip
