"""Digital infrastructure and space: exchanges, backbone, data centres, ground stations."""

from __future__ import annotations

from data.prepare.harbour.city import City
from data.prepare.harbour.plan import BRIDGE_NORTH, BRIDGE_SOUTH, QUARTERS, Point
from data.prepare.harbour.power import feeds

EXCHANGES: dict[str, Point] = {
    "old-harbour": (12.9, 7.7), "market-side": (13.5, 9.0), "westbank": (8.0, 8.3),
    "millrise": (6.3, 10.2), "kingsfield": (8.8, 11.6), "northgate": (14.6, 11.8),
    "scholars-hill": (16.7, 9.6), "eastmoor": (19.6, 8.1), "holm": (11.6, 3.9),
    "upper-merrow": (12.1, 15.5), "sandrey": (23.8, 7.1),
}  # fmt: skip
#: The backbone: a ring, with Holm on two fibres and three quarters outside it.
RING = (
    ("exchange/old-harbour", "exchange/market-side"),
    ("exchange/market-side", "exchange/scholars-hill"),
    ("exchange/scholars-hill", "exchange/northgate"),
    ("exchange/northgate", "exchange/kingsfield"), ("exchange/kingsfield", "exchange/millrise"),
    ("exchange/millrise", "exchange/westbank"), ("exchange/westbank", "exchange/old-harbour"),
    ("exchange/scholars-hill", "exchange/eastmoor"), ("exchange/eastmoor", "exchange/sandrey"),
    ("exchange/northgate", "exchange/upper-merrow"),
)  # fmt: skip
#: The product that most exchanges have, also those that are meant to stand in for each other.
MERIDIAN = "Halvard Meridian 4.1"
_SAME = ("old-harbour", "market-side", "westbank", "eastmoor", "holm")
DATA_CENTRES: dict[str, tuple[str, Point, str]] = {
    "quay": ("Quay Street data centre", (12.6, 7.2), "old-harbour"),
    "holm": ("Holm data centre", (11.2, 4.1), "holm"),
    "campus": ("Campus data centre", (17.0, 9.5), "scholars-hill"),
}


def core(city: City) -> None:
    """Add what does not grow in number with the city."""
    for key, at in EXCHANGES.items():
        name = next(place.name for place in QUARTERS if place.key == key)
        product = MERIDIAN if key in _SAME else "Northlight Core 7.0"
        city.asset(f"exchange/{key}", f"Exchange {name}", "telecom_exchange", at, quarter=key,
                   product=product)  # fmt: skip
    for key, (name, at, place) in DATA_CENTRES.items():
        city.asset(f"data/{key}", name, "data_centre", at, quarter=place)
    city.asset("fibre/north", "Fibre to the north (boundary)", "fibre_line", (15.2, 18.8),
               source_of=("backhaul",), repair_h=None)  # fmt: skip
    city.asset("fibre/sea", "Western Approach submarine cable (boundary)", "submarine_cable",
               (9.0, 0.3), source_of=("backhaul",))  # fmt: skip
    city.asset("fibre/landing", "Holm cable landing station", "cable_landing_station", (10.4, 3.6),
               quarter="holm")  # fmt: skip
    city.asset("net/ixp", "Merrow internet exchange", "ixp", (12.7, 7.3), quarter="old-harbour")
    city.asset("net/dns", "Name servers of the region", "dns_tld", (12.8, 7.0),
               quarter="old-harbour")  # fmt: skip
    city.asset("net/ferry", "Ferry Systems managed services", "managed_service", (14.2, 9.6),
               quarter="market-side")  # fmt: skip
    city.asset("net/mast", "Scholars' Hill transmitter", "broadcast_tower", (17.6, 9.9),
               quarter="scholars-hill")  # fmt: skip
    city.asset("space/dunes", "Dunes ground station", "satellite_ground_station", (2.6, 7.2),
               quarter="dunes")  # fmt: skip
    city.asset("space/upper", "Upper Merrow ground station", "satellite_ground_station",
               (13.6, 17.0), quarter="upper-merrow")  # fmt: skip
    city.asset("space/time", "Satellite navigation and time (boundary)", "gnss_service",
               (1.2, 1.2), repair_h=24.0)  # fmt: skip


def join(city: City) -> None:
    """Join the backbone, and declare what it needs."""
    _backbone(city)
    for key in EXCHANGES:
        me = f"exchange/{key}"
        feeds(city, me)
        city.need(me, "backhaul", [me])
        city.need(me, "time", ["space/time"])
    for key, (_name, _at, place) in DATA_CENTRES.items():
        feeds(city, f"data/{key}", 2)
        city.need(f"data/{key}", "backhaul", [_exchange(place)])
    city.need("data/quay", "cooling_water", ["water/intake"])
    feeds(city, "fibre/landing")
    city.need("net/ixp", "hosting", ["data/quay"])
    city.need("net/dns", "hosting", ["data/quay", "data/campus"])
    city.need("net/ferry", "hosting", ["data/holm", "data/quay"])
    feeds(city, "net/mast")
    for key, exchange in (("space/dunes", "westbank"), ("space/upper", "upper-merrow")):
        feeds(city, key)
        city.need(key, "backhaul", [f"exchange/{exchange}"])
    city.need("control/grid", "communications", ["exchange/old-harbour", "exchange/market-side"])
    feeds(city, "control/grid", 2)
    for key in city.of_type("mobile_site"):
        feeds(city, key)
        city.need(key, "backhaul", [nearest_exchange(city, key)])
    _causes(city)


def _backbone(city: City) -> None:
    for start, end in RING:
        city.link("backhaul", start, end)
    bridge = (BRIDGE_NORTH, BRIDGE_SOUTH)
    city.link("backhaul", "exchange/old-harbour", "exchange/holm", bridge)
    city.link("backhaul", "exchange/market-side", "exchange/holm", ((12.9, 7.2), *bridge))
    city.link("backhaul", "fibre/sea", "fibre/landing")
    city.link("backhaul", "fibre/landing", "exchange/holm")
    city.link("backhaul", "fibre/north", "exchange/northgate", ((15.4, 14.8),))
    city.link("backhaul", "net/ixp", "exchange/old-harbour")


def _exchange(place: str) -> str:
    return f"exchange/{place}"


def nearest_exchange(city: City, key: str) -> str:
    """Return the exchange of the asset's quarter, else the nearest."""
    return city.nearest("telecom_exchange", key, 1, city.quarters[key])[0]


def _causes(city: City) -> None:
    same = [_exchange(key) for key in EXCHANGES if city.assets[_exchange(key)].product == MERIDIAN]
    city.cause("product/halvard-meridian", f"{MERIDIAN}: one fault stops these exchanges", same)
    by_version: dict[str, list[str]] = {}
    for key, made in sorted(city.assets.items()):
        outside = made.name.endswith("(boundary)")
        if made.product.startswith("Kestrel RTU") and not outside:
            by_version.setdefault(made.product, []).append(key)
    for product, members in by_version.items():
        number = product.rsplit(" ", 1)[1]
        city.cause(f"version/kestrel-rtu-{number}", f"Telecontrol {product}", members)
    city.cause("vendor/halvard-fabric", "All three data centres run Halvard Fabric",
               [f"data/{key}" for key in DATA_CENTRES])  # fmt: skip
