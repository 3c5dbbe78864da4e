"""Electricity: 380 kV entries, the 110 kV ring, plants, 20 kV rings and who is joined to them."""

from __future__ import annotations

import itertools
import math

from data.prepare.harbour.chance import apportioned
from data.prepare.harbour.city import City, number
from data.prepare.harbour.plan import (
    BRIDGE_NORTH,
    BRIDGE_SOUTH,
    QUARTERS,
    Point,
    scattered,
)

STATIONS: dict[str, tuple[str, Point]] = {
    "old-harbour": ("Old Harbour 110/20 kV", (12.2, 7.0)),
    "market-side": ("Market Side 110/20 kV", (14.1, 8.9)),
    "westbank": ("Westbank 110/20 kV", (8.9, 7.3)),
    "millrise": ("Millrise 110/20 kV", (5.6, 10.9)),
    "kingsfield": ("Kingsfield 110/20 kV", (9.3, 12.5)),
    "northgate": ("Northgate 110/20 kV", (15.3, 12.6)),
    "scholars-hill": ("Scholars' Hill 110/20 kV", (17.3, 10.4)),
    "eastmoor": ("Eastmoor 110/20 kV", (19.0, 8.6)),
    "holm": ("Holm 110/20 kV", (12.0, 4.1)),
    "upper-merrow": ("Upper Merrow 110/20 kV", (12.6, 15.2)),
    "sandrey": ("Sandrey 110/20 kV", (23.2, 7.5)),
}
#: The 110 kV circuits between stations: a ring, with Holm and Sandrey outside it.
RING = (
    ("ehv/northfield", "hv/upper-merrow"), ("hv/upper-merrow", "hv/kingsfield"),
    ("hv/kingsfield", "hv/millrise"), ("hv/millrise", "hv/westbank"),
    ("hv/westbank", "hv/old-harbour"), ("hv/old-harbour", "hv/market-side"),
    ("hv/market-side", "hv/scholars-hill"), ("hv/scholars-hill", "hv/northgate"),
    ("hv/northgate", "ehv/northfield"), ("ehv/moorgate", "hv/scholars-hill"),
    ("ehv/moorgate", "hv/eastmoor"), ("hv/eastmoor", "hv/market-side"),
)  # fmt: skip
#: Most local stations on one 20 kV ring.
ON_A_RING = 7


def core(city: City) -> None:
    """Add what does not grow in number with the city."""
    city.asset("grid/north", "380 kV grid to the north (boundary)", "substation_ehv", (16.2, 18.8),
               source_of=("electricity",), repair_h=None)  # fmt: skip
    city.asset("grid/east", "380 kV grid to the east (boundary)", "substation_ehv", (26.8, 11.2),
               source_of=("electricity",), repair_h=None)  # fmt: skip
    city.asset("ehv/northfield", "Northfield 380/110 kV", "substation_ehv", (15.4, 16.2))
    city.asset("ehv/moorgate", "Moorgate 380/110 kV", "substation_ehv", (21.0, 10.6))
    for key, (name, at) in STATIONS.items():
        city.asset(f"hv/{key}", name, "substation_hv", at, quarter=key)
    mw = "MW"
    city.asset("plant/chp", "Merrow CHP plant (gas)", "power_plant", (9.7, 6.8), quarter="westbank",
               source_of=("electricity", "heat"), provides=("electricity", "heat"),
               capacity=city.scaled("chp_mw"), unit=mw)  # fmt: skip
    city.asset("plant/turbine", "Kingsfield gas turbine (black start)", "power_plant", (8.4, 12.9),
               source_of=("electricity",), black_start=True, restart_h=1.0, quarter="kingsfield",
               capacity=city.scaled("turbine_mw"), unit=mw,
               note="burns diesel from its own tank and starts without the grid")  # fmt: skip
    city.asset(
        "plant/wind",
        "Skerry offshore wind park",
        "power_generator",
        (14.6, 0.9),
        source_of=("electricity",),
        capacity=2.5 * city.scaled("wind_mw"),
        unit=mw,
    )
    city.asset("plant/converter", "Skerry converter station", "converter_station", (12.9, 3.1),
               quarter="holm", note="unmanned; grid-forming: it can carry Holm alone, and runs "
               "only while it is reached by remote control")  # fmt: skip
    city.asset("plant/solar", "Upper Merrow solar field", "power_generator", (10.4, 16.6),
               quarter="upper-merrow", product="Lumen Inverter 3.0", operator="Merrow Power",
               note="follows the grid, never feeds a dead network")  # fmt: skip
    city.asset("plant/battery", "Eastmoor grid battery", "battery_storage", (18.6, 8.9),
               quarter="eastmoor", note="a minute reserve; follows the grid")  # fmt: skip
    city.asset("control/grid", "Grid control centre", "grid_control_centre", (13.1, 8.2),
               quarter="old-harbour")  # fmt: skip


def scatter(city: City, n: int) -> None:
    """Add the local stations, near the people they serve."""
    weights = {place.key: place.weight for place in QUARTERS}
    more = apportioned(n - 2 * len(QUARTERS), weights)
    counts = {key: part + 2 for key, part in more.items()}
    for place in QUARTERS:
        for i in range(1, counts[place.key] + 1):
            # a golden angle spreads them evenly; the seed turns and shakes the pattern
            angle = (i * 0.381966 + city.chance.unit("mv", place.key)) % 1.0
            out = (i - 0.5 + 0.6 * city.chance.unit("mv", place.key, i)) / (counts[place.key] + 1)
            at = scattered(place, angle, min(0.99, out))
            city.asset(f"mv/{place.key}-{i:02}", f"Local station {place.name} {i}",
                       "substation_mv", at, quarter=place.key)  # fmt: skip


def join(city: City) -> None:
    """Join everything to the networks, with supply and demand."""
    city.link("electricity", "grid/north", "ehv/northfield", voltage_kv=380.0)
    city.link("electricity", "grid/east", "ehv/moorgate", voltage_kv=380.0)
    city.link("electricity", "ehv/northfield", "ehv/moorgate", ((19.4, 14.6),), voltage_kv=380.0)
    for start, end in RING:
        city.link("electricity", start, end, voltage_kv=110.0)
    _double(city, "ehv/moorgate", "hv/sandrey", ((22.4, 9.4),), "corridor/sandrey-towers",
            "Both 110 kV circuits to Sandrey hang on the same towers")  # fmt: skip
    bridge = (BRIDGE_NORTH, BRIDGE_SOUTH)
    city.link("electricity", "hv/old-harbour", "hv/holm", bridge, voltage_kv=110.0)
    city.link("electricity", "hv/market-side", "hv/holm", ((13.0, 7.1), *bridge), voltage_kv=110.0)
    city.link("electricity", "plant/chp", "hv/westbank", voltage_kv=110.0)
    city.link("electricity", "plant/turbine", "hv/kingsfield", voltage_kv=110.0)
    city.link("electricity", "plant/converter", "hv/holm", voltage_kv=110.0)
    city.link("electricity", "plant/wind", "plant/converter", ((13.9, 2.0),), voltage_kv=110.0)
    for key in STATIONS:
        _rings(city, key)
    _balance(city)
    _needs(city)


def _double(city: City, start: str, end: str, via: tuple[Point, ...], key: str, name: str) -> None:
    first = city.link("electricity", start, end, via, voltage_kv=110.0)
    second = city.link("electricity", start, end, via, voltage_kv=110.0, n=2)
    city.cause(key, name, links=(first, second))


def _rings(city: City, station: str) -> None:
    """Put the local stations of a 110/20 kV station on closed 20 kV rings."""
    for place in QUARTERS:
        if place.hv != station:
            continue
        hv = f"hv/{station}"
        locals_ = [key for key in city.of_type("substation_mv") if city.quarters[key] == place.key]
        around = sorted(locals_, key=lambda key: (_angle(city, place.centre, key), key))
        rings = -(-len(around) // ON_A_RING)
        size = -(-len(around) // rings)
        for first in range(0, len(around), size):
            ring = [hv, *around[first : first + size], hv]
            for n, (a, b) in enumerate(itertools.pairwise(ring)):
                twice = 2 if len(ring) == 3 and n else 1
                city.link("electricity", a, b, voltage_kv=20.0, n=twice)


def _angle(city: City, centre: Point, key: str) -> float:
    x, y = city.places[key]
    return round(math.atan2(y - centre[1], x - centre[0]), 6)


def _balance(city: City) -> None:
    for boundary in ("grid/north", "grid/east"):
        city.supply(boundary, "electricity", city.scaled("grid_mw"))
    city.supply("plant/chp", "electricity", city.scaled("chp_mw"))
    city.supply("plant/turbine", "electricity", city.scaled("turbine_mw"))
    city.supply("plant/wind", "electricity", city.scaled("wind_mw"), "wind")
    load = {place.key: place.weight for place in QUARTERS}
    for place in QUARTERS:
        stations = [key for key in city.of_type("substation_mv") if city.quarters[key] == place.key]
        people = city.people * load[place.key] / sum(load.values())
        for key in stations:
            mw = people * number("kw_per_person") / 1000 / len(stations)
            city.demand(key, "electricity", mw)
    city.demand("hv/holm", "electricity", city.scaled("holm_mw"))
    mainland = [key for key in STATIONS if key != "holm"]
    for key in mainland:
        city.demand(f"hv/{key}", "electricity", city.scaled("industry_mw") / len(mainland))


def _needs(city: City) -> None:
    for key in (*city.of_type("substation_hv"), "ehv/northfield", "ehv/moorgate"):
        city.need(key, "remote_control", ["control/grid"])
    city.need("plant/chp", "electricity", ["hv/westbank"])
    city.need("plant/chp", "cooling_water", ["water/intake"])
    city.need("plant/turbine", "diesel", ["oil/depot", "oil/north"])
    city.need("plant/turbine", "electricity", ["hv/kingsfield"])
    city.need("plant/converter", "remote_control", ["exchange/holm"])
    city.need("plant/wind", "remote_control", ["exchange/holm"])
    city.need("plant/solar", "electricity", city.nearest("substation_mv", "plant/solar"))
    city.need("plant/solar", "remote_control", ["exchange/upper-merrow"])
    city.need("plant/battery", "electricity", ["hv/eastmoor"])


def feeds(city: City, key: str, n: int = 1, k: int = 1) -> None:
    """Declare electricity from the nearest local stations of the asset's own quarter.

    Parameters
    ----------
    city
        What is built.
    key
        The asset.
    n, k
        How many stations, and how many of them are enough.
    """
    near = city.nearest("substation_mv", key, n, city.quarters[key])
    city.need(key, "electricity", near, k=k)
