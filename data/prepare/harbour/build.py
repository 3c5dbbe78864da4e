"""The whole city: core, what grows with it, networks and needs."""

from __future__ import annotations

from data.prepare.harbour import fuels, power, society, telecom, transport, water
from data.prepare.harbour.chance import apportioned
from data.prepare.harbour.city import City, rows
from data.prepare.harbour.plan import QUARTERS, Point, scattered

SECTORS = (power, water, fuels, telecom, transport, society)
LEAST_ASSETS, MOST_ASSETS = 500, 20_000
#: Types of which every quarter has at least one.
_EVERYWHERE = ("wastewater_pumping", "mobile_site")
_FIRST = (
    "Anchor", "Amber", "Bollard", "Capstan", "Cormorant", "Curlew", "Dory", "Fathom", "Gannet",
    "Harbour", "Heron", "Kelp", "Lantern", "Linden", "Mast", "Merchant", "Oyster", "Pilot",
    "Quarry", "Rope", "Sail", "Samphire", "Tern", "Tide", "Willow",
)  # fmt: skip
_SECOND = ("Street", "Lane", "Row", "Quay", "Gate", "Hill", "Square", "Walk")


def build(seed: int, assets: int) -> City:
    """Return a city of exactly this many assets, junctions not counted.

    Raises
    ------
    ValueError
        If there are too few for the sectors, or very many.
    """
    if not LEAST_ASSETS <= assets <= MOST_ASSETS:
        raise ValueError(f"{assets} assets: from {LEAST_ASSETS} to {MOST_ASSETS} are possible.")
    city = City(seed, assets)
    for sector in SECTORS:
        sector.core(city)
    _scatter(city, assets - city.count())
    for sector in SECTORS:
        sector.join(city)
    transport.causes(city)
    return city


def _scatter(city: City, n: int) -> None:
    """Add what there is more of the larger the city is, near the people."""
    table = {row["asset_type"]: row for row in rows("scatter")}
    counts = apportioned(n, {kind: float(row["share"]) for kind, row in table.items()})
    for kind, count in counts.items():
        if kind == "substation_mv":
            power.scatter(city, count)
            continue
        per_quarter = _spread(count, at_least=1 if kind in _EVERYWHERE else 0)
        for place in QUARTERS:
            for i in range(1, per_quarter[place.key] + 1):
                key = f"{table[kind]['key']}/{place.key}-{i:02}"
                name = f"{table[kind]['label']}, {_street(city, key)}, {place.name}"
                at = _place(city, key, place.key)
                city.asset(key, name, kind, at, quarter=place.key)


def _spread(count: int, at_least: int) -> dict[str, int]:
    weights = {place.key: place.weight for place in QUARTERS}
    rest = apportioned(count - at_least * len(QUARTERS), weights)
    return {key: part + at_least for key, part in rest.items()}


def _street(city: City, key: str) -> str:
    first = city.chance.choice(_FIRST, "street", key)
    return f"{first} {city.chance.choice(_SECOND, 'street of', key)}"


def _place(city: City, key: str, quarter: str) -> Point:
    place = next(item for item in QUARTERS if item.key == quarter)
    return scattered(place, city.chance.unit("angle", key), city.chance.unit("out", key))
