"""Gas, oil, hydrogen and district heat."""

from __future__ import annotations

from data.prepare.harbour.city import City, number
from data.prepare.harbour.plan import QUARTERS, Point
from data.prepare.harbour.power import feeds

#: Quarters with district heat, and the main that feeds each.
HEATED = {
    "old-harbour": "centre", "market-side": "centre", "westbank": "west", "millrise": "west",
    "kingsfield": "west", "northgate": "hill", "scholars-hill": "hill", "eastmoor": "east",
    "strand": "east",
}  # fmt: skip
MAINS: dict[str, Point] = {
    "west": (8.2, 9.3), "centre": (12.4, 8.6), "hill": (15.6, 11.2), "east": (18.2, 7.5),
}  # fmt: skip


def core(city: City) -> None:
    """Add what does not grow in number with the city."""
    _gas(city)
    city.asset("oil/refinery", "Holm refinery", "refinery", (13.5, 3.3), quarter="holm")
    city.asset("oil/depot", "Holm tank farm", "oil_depot", (13.0, 3.7), quarter="holm")
    city.asset("oil/north", "Northfield fuel depot", "oil_depot", (17.0, 15.4),
               quarter="northgate", provides=("fuel", "diesel"))  # fmt: skip
    city.asset("oil/pipeline", "Holm – Northfield product pipeline", "oil_pipeline", (15.7, 7.4),
               quarter="strand")  # fmt: skip
    city.asset("hydrogen/holm", "Holm electrolyser", "hydrogen_plant", (12.4, 3.5), quarter="holm")
    city.asset("hydrogen/store", "Moorgate hydrogen store", "hydrogen_plant", (19.8, 9.3),
               quarter="eastmoor")  # fmt: skip
    city.asset("heat/east", "Eastmoor heat plant", "heat_plant", (18.8, 7.2), quarter="eastmoor",
               source_of=("heat",))  # fmt: skip
    city.asset("heat/waste", "Northgate waste-to-energy plant", "waste_facility", (15.9, 13.4),
               quarter="northgate", source_of=("heat",))  # fmt: skip
    for key, at in MAINS.items():
        city.asset(f"heat/main-{key}", f"Heat main {key}", "heat_pipeline", at)
    for place in QUARTERS:
        if place.key in HEATED:
            at = (place.centre[0] - 0.3, place.centre[1] + 0.3)
            city.asset(f"heat/area-{place.key}", f"District heating {place.name}", "heat_network",
                       at, quarter=place.key)  # fmt: skip


def _gas(city: City) -> None:
    city.asset("gas/boundary", "Gas transport network to the north (boundary)", "gas_boundary",
               (10.0, 18.8), source_of=("gas",), repair_h=None)  # fmt: skip
    city.asset("gas/lng", "Holm LNG terminal", "lng_terminal", (10.2, 3.0), quarter="holm",
               source_of=("gas",))  # fmt: skip
    city.asset("gas/west", "Westbank gas main", "gas_pipeline", (8.6, 9.9))
    city.asset("gas/centre", "Harbour gas main", "gas_pipeline", (11.9, 6.7))
    city.asset("gas/east", "Eastmoor gas main", "gas_pipeline", (17.4, 9.0))
    city.asset("gas/compressor", "Northgate compressor", "gas_compressor", (14.0, 13.6),
               quarter="northgate")  # fmt: skip
    city.asset("gas/storage", "Millrise gas storage", "gas_storage", (4.9, 11.6),
               quarter="millrise")  # fmt: skip


def join(city: City) -> None:
    """Join the networks, and declare what they need."""
    _gas_network(city)
    _heat_network(city)
    for key in ("oil/refinery", "hydrogen/holm"):
        city.need(key, "electricity", ["hv/holm"])
    for key in ("oil/depot", "gas/lng"):
        feeds(city, key)
    for key in ("oil/north", "oil/pipeline", "heat/east", "heat/waste"):
        feeds(city, key)
    city.need("gas/compressor", "electricity", ["hv/northgate"])
    feeds(city, "gas/storage")
    city.need("oil/refinery", "hydrogen", ["hydrogen/holm", "hydrogen/store"])
    city.need("oil/refinery", "port_handling", ["port/bulk"])
    city.need("oil/depot", "fuel", ["oil/refinery"])
    city.need("oil/north", "fuel", ["oil/pipeline"])
    city.need("hydrogen/holm", "drinking_water", ["main/holm"])
    city.need("hydrogen/store", "electricity", ["hv/eastmoor"])
    city.need("hydrogen/store", "drinking_water", ["main/eastmoor"])
    city.need("gas/lng", "port_handling", ["port/bulk"])
    for key in city.of_type("fuel_station"):
        feeds(city, key)
        city.need(key, "fuel", ["oil/depot", "oil/north"])
        city.need(key, "payments", ["pay/cards"])


def _gas_network(city: City) -> None:
    link = city.link
    link("gas", "gas/boundary", "gas/west", ((8.8, 15.0),))
    link("gas", "gas/west", "gas/centre", ((9.6, 8.4),))
    link("gas", "gas/lng", "gas/centre", ((10.9, 5.4),))
    link("gas", "gas/boundary", "gas/compressor")
    link("gas", "gas/compressor", "gas/east")
    link("gas", "gas/storage", "gas/west")
    link("gas", "gas/centre", "plant/chp")
    link("gas", "gas/east", "heat/east")
    city.supply("gas/boundary", "gas", city.scaled("gas_boundary_m3h"))
    city.supply("gas/lng", "gas", city.scaled("lng_m3h"))
    city.demand("plant/chp", "gas", 0.8 * city.scaled("plant_gas_m3h"))
    city.demand("heat/east", "gas", 0.2 * city.scaled("plant_gas_m3h"))
    city.need("plant/chp", "gas", ["gas/centre"])
    city.need("heat/east", "gas", ["gas/east"])
    regulators = city.of_type("gas_pressure_station")
    for key in regulators:
        main = city.nearest("gas_pipeline", key)[0]
        feeds(city, key)
        city.need(key, "gas", [main])
        people = city.people / len(regulators)
        city.demand(main, "gas", people * number("gas_m3h_per_person"))


def _heat_network(city: City) -> None:
    link = city.link
    link("heat", "plant/chp", "heat/main-west")
    link("heat", "plant/chp", "heat/main-centre", ((11.0, 7.6),))
    link("heat", "heat/main-centre", "heat/main-hill")
    link("heat", "heat/main-hill", "heat/main-east")
    link("heat", "heat/east", "heat/main-east")
    link("heat", "heat/waste", "heat/main-hill")
    for plant in ("plant/chp", "heat/east", "heat/waste"):
        city.supply(plant, "heat", city.scaled("heat_plant_mw"))
    weights = {place.key: place.weight for place in QUARTERS}
    for key, main in HEATED.items():
        people = city.people * weights[key] / sum(weights.values()) * number("heated_share")
        city.demand(f"heat/main-{main}", "heat", people * number("heat_kw_per_person") / 1000)
        city.need(f"heat/area-{key}", "heat", [f"heat/main-{main}"])
