"""Drinking water from well to tap, and waste water from lift to plant."""

from __future__ import annotations

from data.prepare.harbour.city import City, number
from data.prepare.harbour.plan import BRIDGE_NORTH, BRIDGE_SOUTH, QUARTERS, Point
from data.prepare.harbour.power import feeds

#: Zones of the network: their store, where it stands, and the transport station that fills it.
ZONES: dict[str, tuple[str, str, Point, str]] = {
    "harbour": ("water_reservoir", "Castle Mound reservoir", (13.3, 8.4), "river"),
    "west": ("water_reservoir", "Millrise reservoir", (6.9, 9.5), "west"),
    "hill": ("water_reservoir", "Scholars' Hill reservoir", (16.0, 10.9), "hill"),
    "strand": ("water_reservoir", "Eastmoor reservoir", (18.1, 8.0), "hill"),
    "upper": ("water_tower", "Upper Merrow water tower", (11.4, 16.3), "hill"),
    "sandrey": ("water_tower", "Sandrey water tower", (22.9, 6.5), "hill"),
    "holm": ("water_tower", "Holm water tower", (11.1, 3.5), ""),
}
TRANSPORT: dict[str, tuple[str, Point, str]] = {
    "river": ("Riverside high-lift pumps", (11.9, 9.6), "market-side"),
    "west": ("Westbank high-lift pumps", (7.9, 9.0), "westbank"),
    "hill": ("Northgate high-lift pumps", (14.3, 12.9), "northgate"),
}
PLANTS: dict[str, tuple[str, Point]] = {
    "west": ("Dunes waste water plant", (3.0, 6.0)),
    "east": ("Strand waste water plant", (17.8, 6.0)),
    "holm": ("Holm waste water plant", (10.1, 3.4)),
    "sandrey": ("Sandrey waste water plant", (24.6, 6.2)),
}


def core(city: City) -> None:
    """Add works, stores, mains and plants."""
    for n, at in enumerate(((12.6, 17.2), (11.9, 17.5), (11.2, 17.3), (10.8, 17.8)), start=1):
        city.asset(f"well/{n}", f"Upper Merrow well field {n}", "water_source", at,
                   provides=("raw_water",), quarter="upper-merrow")  # fmt: skip
    city.asset("water/intake", "Riverside river intake", "water_source", (11.6, 10.4),
               quarter="market-side")  # fmt: skip
    city.asset("works/upper", "Upper Merrow waterworks", "water_works", (12.4, 16.6),
               quarter="upper-merrow", source_of=("drinking_water",))  # fmt: skip
    city.asset("works/river", "Riverside waterworks", "water_works", (12.0, 10.1),
               quarter="market-side", source_of=("drinking_water",))  # fmt: skip
    for key, (name, at, near) in TRANSPORT.items():
        city.asset(f"pump/{key}", name, "water_pumping_station", at, quarter=near)
    for key, (kind, name, at, _pump) in ZONES.items():
        city.asset(f"store/{key}", name, kind, at, source_of=("drinking_water",))
    for place in QUARTERS:
        at = (place.centre[0] + 0.25, place.centre[1] - 0.2)
        city.asset(f"main/{place.key}", f"Water main {place.name}", "water_main", at,
                   quarter=place.key)  # fmt: skip
    city.junction("main/holm-inlet", "Holm inlet", (12.0, 4.5), "water")
    for key, (name, at) in PLANTS.items():
        near = city.quarter_of(at, QUARTERS).key
        city.asset(f"sewage/{key}", name, "wastewater_plant", at, quarter=near,
                   source_of=("sewage_treatment",))  # fmt: skip


def join(city: City) -> None:
    """Join the two networks, and declare what they need."""
    _transport(city)
    _zones(city)
    _sewers(city)
    for key in city.of_type("water_source", "water_pumping_station", "water_works"):
        feeds(city, key, 2)
    city.need("works/upper", "raw_water", [f"well/{n}" for n in (1, 2, 3, 4)], k=2)
    city.need("works/river", "raw_water", ["water/intake"])
    for key in city.of_type("water_works"):
        city.need(key, "treatment_chemicals", ["gases/plant", "port/container"])
    for key in PLANTS:
        feeds(city, f"sewage/{key}", 2)
    for key in city.of_type("wastewater_pumping"):
        feeds(city, key)
    city.cause("operator/water-control", "One control system steers both waterworks",
               ["works/upper", "works/river"])  # fmt: skip


def _transport(city: City) -> None:
    """Works and high-lift pumps; the pumps take what their zones use."""
    link = city.link
    link("drinking_water", "works/upper", "pump/hill", ((14.0, 15.2),))
    link("drinking_water", "works/upper", "pump/west", ((9.6, 14.6), (7.6, 11.4)))
    link("drinking_water", "works/river", "pump/river")
    link("drinking_water", "pump/river", "pump/west", ((10.4, 9.3),))
    link("drinking_water", "pump/river", "pump/hill", ((12.9, 11.2),))
    for works in ("works/upper", "works/river"):
        city.supply(works, "drinking_water", city.scaled("works_m3d"))
    for place in QUARTERS:
        pump = "pump/river" if place.zone == "holm" else f"pump/{ZONES[place.zone][3]}"
        city.demand(pump, "drinking_water", _use(city, place.key))


def _zones(city: City) -> None:
    """Each zone hangs on its store; Holm on two mains that share the bridge."""
    for place in QUARTERS:
        city.link("drinking_water", f"store/{place.zone}", f"main/{place.key}")
        city.demand(f"main/{place.key}", "drinking_water", _use(city, place.key))
    bridge = (BRIDGE_NORTH, BRIDGE_SOUTH)
    city.link("drinking_water", "main/old-harbour", "main/holm-inlet", bridge)
    city.link("drinking_water", "main/market-side", "main/holm-inlet", ((13.0, 7.0), *bridge))
    city.demand("main/holm-inlet", "drinking_water", _use(city, "holm"))
    for key, (_kind, _name, _at, pump) in ZONES.items():
        zone = [place.key for place in QUARTERS if place.zone == key]
        use = sum(_use(city, place) for place in zone)
        city.supply(f"store/{key}", "drinking_water", number("reservoir_factor") * use)
        city.need(f"store/{key}", "drinking_water", [f"pump/{pump}" if pump else "main/holm-inlet"])


def _use(city: City, key: str) -> float:
    weights = {place.key: place.weight for place in QUARTERS}
    people = city.people * weights[key] / sum(weights.values())
    return people * number("water_m3_per_person")


def _sewers(city: City) -> None:
    """Lifts of a quarter pump to its main lift, the one nearest to the plant."""
    plant_of = {place.key: place.sewage for place in QUARTERS}
    lifts = city.of_type("wastewater_pumping")
    for key in PLANTS:
        city.supply(f"sewage/{key}", "sewage_treatment", city.scaled("sewage_m3d"))
    for key in lifts:
        place = city.quarters[key]
        plant = f"sewage/{plant_of[place]}"
        same = [other for other in lifts if city.quarters[other] == place]
        main = city.nearest("wastewater_pumping", plant, 1, place)[0]
        city.link("sewage_treatment", key, plant if key == main else main)
        city.demand(key, "sewage_treatment", _use(city, place) / len(same))
