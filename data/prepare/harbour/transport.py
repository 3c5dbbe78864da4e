"""Port, roads, railway, airport, trams and buses."""

from __future__ import annotations

from data.prepare.harbour.city import City
from data.prepare.harbour.plan import BRIDGE_NORTH, BRIDGE_SOUTH, QUARTERS, Point, quarter
from data.prepare.harbour.power import feeds
from data.prepare.harbour.telecom import nearest_exchange

#: Main roads between nodes: (from, to, through). Nodes are quarters, bridges and boundaries.
ROADS: tuple[tuple[str, str, tuple[Point, ...]], ...] = (
    ("road/boundary-west", "road/rushmere", ()),
    ("road/rushmere", "road/millrise", ((4.6, 12.2),)),
    ("road/millrise", "road/dunes", ((4.6, 8.8),)),
    ("road/dunes", "road/westbank", ((6.0, 7.4),)),
    ("road/millrise", "road/westbank", ()),
    ("road/millrise", "road/kingsfield", ((7.6, 11.4),)),
    ("road/westbank", "bridge/old-merrow", ((10.0, 8.6),)),
    ("bridge/old-merrow", "road/market-side", ((12.2, 9.0),)),
    ("road/westbank", "tunnel/merrow", ((9.6, 7.5),)),
    ("tunnel/merrow", "road/old-harbour", ()),
    ("road/old-harbour", "road/market-side", ()),
    ("road/old-harbour", "bridge/harbour", ((12.6, 6.6),)),
    ("bridge/harbour", "road/holm", ((12.0, 4.3),)),
    ("road/kingsfield", "bridge/north", ((10.6, 12.3),)),
    ("bridge/north", "road/northgate", ((13.2, 12.3),)),
    ("road/kingsfield", "road/upper-merrow", ((10.4, 14.0),)),
    ("road/upper-merrow", "road/boundary-north", ((11.4, 17.4),)),
    ("road/northgate", "road/boundary-north", ((14.4, 16.4),)),
    ("road/northgate", "road/market-side", ()),
    ("road/northgate", "road/scholars-hill", ()),
    ("road/market-side", "road/scholars-hill", ()),
    ("road/old-harbour", "road/strand", ((14.6, 6.9),)),
    ("road/strand", "road/eastmoor", ()),
    ("road/scholars-hill", "road/eastmoor", ()),
    ("road/eastmoor", "road/sandrey", ((21.6, 8.0),)),
    ("road/eastmoor", "road/moorgate", ((20.6, 10.4),)),
    ("road/moorgate", "road/boundary-east", ((24.2, 12.4),)),
)
BRIDGES: dict[str, tuple[str, str, Point]] = {
    "bridge/harbour": ("road_bridge", "Harbour Bridge", (12.25, 5.4)),
    "bridge/old-merrow": ("road_bridge", "Old Merrow Bridge", (10.95, 8.75)),
    "bridge/north": ("road_bridge", "Kingsfield Bridge", (11.85, 12.4)),
    "tunnel/merrow": ("road_tunnel", "Merrow Tunnel", (10.9, 7.3)),
}
RAIL: tuple[tuple[str, str, tuple[Point, ...]], ...] = (
    ("rail/boundary-north", "rail/upper-merrow", ((12.9, 17.4),)),
    ("rail/upper-merrow", "rail/northgate", ((13.9, 14.4),)),
    ("rail/northgate", "rail/central", ((14.0, 10.8),)),
    ("rail/central", "rail/bridge", ((12.2, 9.1),)),
    ("rail/bridge", "rail/westbank", ((9.8, 8.4),)),
    ("rail/westbank", "rail/millrise", ()),
    ("rail/millrise", "rail/boundary-west", ((3.0, 11.6),)),
    ("rail/central", "rail/eastmoor", ((16.4, 8.4),)),
    ("rail/eastmoor", "rail/airport", ((20.8, 10.8),)),
    ("rail/eastmoor", "rail/sandrey", ((21.4, 7.2),)),
)
STATIONS: dict[str, tuple[str, Point, str]] = {
    "upper-merrow": ("Upper Merrow", (12.5, 15.7), "north"),
    "northgate": ("Northgate", (14.2, 12.3), "north"),
    "central": ("Merrowhaven Central", (13.4, 8.8), "central"),
    "westbank": ("Westbank", (8.5, 8.6), "central"),
    "millrise": ("Millrise", (5.9, 9.7), "central"),
    "eastmoor": ("Eastmoor", (18.9, 8.3), "east"),
    "airport": ("Airport", (21.9, 13.0), "east"),
    "sandrey": ("Sandrey", (23.4, 6.8), "east"),
}
BOXES: dict[str, Point] = {"north": (14.0, 12.6), "central": (13.0, 9.0), "east": (18.5, 8.4)}
BOUNDARIES: dict[str, Point] = {"north": (12.2, 18.8), "west": (0.2, 14.6), "east": (26.8, 13.2)}
RAIL_BOUNDARIES: dict[str, Point] = {"north": (12.6, 18.8), "west": (0.2, 11.2)}
RAIL_BRIDGE, MOORGATE = (10.95, 9.0), (21.2, 12.0)


def place_of(key: str) -> Point:
    """Return where a node of road or railway is, km."""
    sort, _, name = key.partition("/")
    if key in BRIDGES:
        return BRIDGES[key][2]
    if key == "rail/bridge":
        return RAIL_BRIDGE
    if name.startswith("boundary-"):
        return (RAIL_BOUNDARIES if sort == "rail" else BOUNDARIES)[name.removeprefix("boundary-")]
    if sort == "rail":
        return STATIONS[name][1]
    return MOORGATE if name == "moorgate" else quarter(name).centre


def core(city: City) -> None:
    """Add what does not grow in number with the city."""
    for key, at in BOUNDARIES.items():
        city.asset(f"road/boundary-{key}", f"Road to the {key} (boundary)", "road_boundary", at,
                   source_of=("road",))  # fmt: skip
    for place in QUARTERS:
        city.junction(f"road/{place.key}", f"Crossroads {place.name}", place.centre)
    city.junction("road/moorgate", "Moorgate interchange", MOORGATE)
    for key, (kind, name, at) in BRIDGES.items():
        city.asset(key, name, kind, at)
    _rail(city)
    _port_and_air(city)
    city.asset("road/control", "Traffic control centre", "traffic_management", (13.9, 10.0),
               quarter="market-side")  # fmt: skip
    city.asset("transit/west", "Westbank tram and bus depot", "transit_depot", (7.4, 7.4),
               quarter="westbank")  # fmt: skip
    city.asset("transit/east", "Eastmoor hydrogen bus depot", "transit_depot", (20.0, 8.8),
               quarter="eastmoor")  # fmt: skip
    city.asset("transit/central", "Central bus station", "bus_station", (13.2, 8.95),
               quarter="market-side")  # fmt: skip
    city.asset("post/hub", "Northgate parcel hub", "parcel_hub", (15.8, 12.9), quarter="northgate")


def _rail(city: City) -> None:
    for key, at in RAIL_BOUNDARIES.items():
        city.asset(f"rail/boundary-{key}", f"Railway to the {key} (boundary)", "rail_boundary", at,
                   source_of=("rail",))  # fmt: skip
    for key, (name, at, _box) in STATIONS.items():
        near = city.quarter_of(at, QUARTERS).key
        city.asset(f"rail/{key}", f"Station {name}", "rail_station", at, quarter=near)
    for key, at in BOXES.items():
        near = city.quarter_of(at, QUARTERS).key
        city.asset(f"rail/box-{key}", f"Signal box {key}", "rail_signal_box", at, quarter=near)
    city.asset("rail/bridge", "Merrow railway bridge", "rail_bridge", RAIL_BRIDGE)
    city.asset("rail/traction-grid", "Traction power grid (boundary)", "traction_boundary",
               (13.8, 18.8), source_of=("traction_power",), repair_h=None)  # fmt: skip
    for key, at in (("north", (14.7, 13.2)), ("east", (19.2, 9.0))):
        city.asset(f"rail/traction-{key}", f"Traction station {key}", "rail_traction_substation",
                   at)  # fmt: skip


def _port_and_air(city: City) -> None:
    for key, name, at in (
        ("container", "Holm container terminal", (10.6, 4.4)),
        ("bulk", "Holm oil and bulk terminal", (13.3, 4.1)),
        ("ro-ro", "Old Harbour ferry and ro-ro terminal", (13.5, 6.3)),
    ):
        near = "old-harbour" if key == "ro-ro" else "holm"
        imports = ("medical_oxygen", "treatment_chemicals") if key == "container" else ()
        city.asset(f"port/{key}", name, "port", at, quarter=near,
                   provides=("port_handling", *imports))  # fmt: skip
    city.asset("port/ferry", "Holm ferry landing", "ferry_terminal", (12.5, 4.55), quarter="holm")
    city.asset("port/lock", "Merrow lock", "lock", (10.7, 6.6), quarter="westbank")
    city.asset("air/airport", "Moorgate Airport", "airport", (21.6, 13.6), quarter="eastmoor")
    city.asset("air/tower", "Moorgate tower", "air_traffic_control", (21.3, 13.3),
               quarter="eastmoor")  # fmt: skip


def join(city: City) -> None:
    """Join the networks, and declare what they need."""
    for start, end, via in ROADS:
        city.link("road", start, end, via)
    for start, end, via in RAIL:
        city.link("rail", start, end, via)
    city.link("traction_power", "rail/traction-grid", "rail/traction-north")
    city.link("traction_power", "rail/traction-north", "rail/traction-east", ((16.4, 11.4),))
    _rail_needs(city)
    _port_needs(city)
    _air_needs(city)
    feeds(city, "tunnel/merrow", 2)
    for key in city.of_type("traffic_management"):
        feeds(city, key)
        city.need(key, "communications", [nearest_exchange(city, key)])
    for key in city.of_type("metro_station"):
        feeds(city, key, 2)
    for key in ("transit/west", "transit/east", "transit/central", "post/hub"):
        feeds(city, key)
    city.need("transit/west", "diesel", ["oil/depot", "oil/north"])
    city.need("transit/east", "hydrogen", ["hydrogen/holm", "hydrogen/store"])
    city.need("post/hub", "road", ["road/northgate"])


def _rail_needs(city: City) -> None:
    for key, (_name, _at, box) in STATIONS.items():
        me = f"rail/{key}"
        feeds(city, me)
        city.need(me, "signalling", [f"rail/box-{box}"])
        traction = "rail/traction-east" if box == "east" else "rail/traction-north"
        city.need(me, "traction_power", [traction])
        city.need(me, "rail_radio", ["exchange/market-side", "exchange/eastmoor"])
        city.need(me, "rail", [me])
    for key in city.of_type("rail_signal_box"):
        feeds(city, key, 2)
    city.need("rail/traction-north", "electricity", ["hv/northgate"])
    city.need("rail/traction-east", "electricity", ["hv/eastmoor"])


def _port_needs(city: City) -> None:
    for key in ("port/container", "port/bulk", "port/ro-ro"):
        feeds(city, key, 2)
        city.need(key, "hosting", ["data/holm", "data/quay"])
        city.need(key, "satellite_data", ["space/dunes", "space/upper"])
    for key in ("port/container", "port/bulk"):
        city.need(key, "road", ["road/holm"])
    city.need("port/ro-ro", "road", ["road/old-harbour"])
    feeds(city, "port/ferry")
    feeds(city, "port/lock")


def _air_needs(city: City) -> None:
    feeds(city, "air/airport", 2, k=2)
    city.need("air/airport", "air_navigation", ["air/tower"])
    city.need("air/airport", "jet_fuel", ["oil/depot"])
    city.need("air/airport", "fire_water", ["main/eastmoor"])
    feeds(city, "air/tower")
    city.need("air/tower", "communications", ["exchange/eastmoor", "exchange/scholars-hill"])
    city.need("air/tower", "time", ["space/time"])


def bridge_links(city: City) -> list[str]:
    """Return the links that cross the Harbour Bridge, of whatever service."""
    crossing = (BRIDGE_NORTH, BRIDGE_SOUTH)
    return sorted(
        key for key, course in city.courses.items() if all(end in course for end in crossing)
    )


def causes(city: City) -> None:
    """State that the bridge carries everything that leads to Holm."""
    city.cause("corridor/harbour-bridge", "Everything that leads to Holm crosses one bridge",
               ["bridge/harbour"], bridge_links(city))  # fmt: skip
