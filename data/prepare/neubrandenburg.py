"""Builds ``data/regions/neubrandenburg`` from the raw extract; same input, same bytes.

    python -m data.prepare.neubrandenburg [--osm FILE] [--powerplants FILE] [--out FOLDER]

Without ``--osm`` the Debian source package is fetched with apt (see ``fetch.py``). The list of
power plants is ``powerplants.csv`` of the source distribution of PyPI's powerplantmatching 0.9.1:
``pip download --no-deps --no-binary :all: powerplantmatching==0.9.1``. What a person decided
stands in the tables beside this file: corrections, assumed assets, circuits, overrides.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import shapely
from shapely.geometry import LineString

from data.knowledge import reader as knowledge
from data.prepare import assets as find_assets
from data.prepare import (
    base,
    circuits,
    describe,
    fetch,
    local,
    medium_voltage,
    network,
    osm,
    people,
    plants,
    served,
    supply,
    tables,
)  # fmt: skip
from data.prepare.numbers import filled, value
from models.knowledge.dependencies import (
    Inferred,
    Region,
    co_located,
    infer,
    services_provided,
)
from models.knowledge.rules import Override
from models.space.areas import Sites, in_metres, to_metres, utm_crs
from models.world import ASSUMPTION, JUNCTION, Asset, CommonCause, Group, Link, Serving

HERE = Path(__file__).parent
REGION = HERE.parent / "regions" / "neubrandenburg"
MAIN_ROADS = frozenset(
    f"{kind}{end}"
    for kind in ("motorway", "trunk", "primary", "secondary", "tertiary")
    for end in ("", "_link")
)
SIDE_TRACKS = ("spur", "yard", "siding", "crossover")
UNNAMED_LINK = {
    "road": "Road", "rail": "Railway", "heat": "Heat pipe", "electricity": medium_voltage.NAME,
}  # fmt: skip
#: The rule that says how close assets share a place.
SAME_PLACE = "D078"
DIGITS = 5


def main() -> None:
    """Build the region from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--osm", type=Path, help="neubrandenburg.osm.bz2; fetched with apt if absent"
    )
    parser.add_argument("--powerplants", type=Path, help="powerplants.csv; kept as it is if absent")
    parser.add_argument("--out", type=Path, default=REGION)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        raw = told.osm or fetch.fetch_osm(Path(folder))
        fetch.verified(raw, fetch.OSM_SHA256)
        if told.powerplants:
            fetch.verified(told.powerplants, fetch.POWERPLANTS_SHA256)
        build(raw, told.powerplants, told.out)


def build(raw: Path, powerplants: Path | None, out: Path) -> None:
    """Build every file of the region but LICENSE, NOTICE and the scenarios.

    Parameters
    ----------
    raw
        The extract of OpenStreetMap.
    powerplants
        The table of powerplantmatching; None: the one that was kept of it is read.
    out
        The region's folder.
    """
    (out / "base").mkdir(parents=True, exist_ok=True)
    extract = osm.read(raw)
    west, south, east, north = extract.bounds
    crs = utm_crs((west + east) / 2, (south + north) / 2)
    units = plants.generation(out / "base" / "generation.csv", powerplants, extract)
    corrections = tables.read_rows(HERE / "neubrandenburg_corrections.csv")
    found = find_assets.find(extract, corrections, units, crs)
    world = dict(found.assets)
    world |= find_assets.assumed(tables.read_rows(HERE / "neubrandenburg_assumed.csv"))
    facts: dict[str, dict[str, str]] = {a: dict(t) for a, t in found.facts.items()}
    rows = tables.read_rows(HERE / "neubrandenburg_circuits.csv")
    links = _roads(extract, world, crs) + _rails(extract, world, facts, crs)
    links += _pipes(extract, world, rows, crs)
    lines, feeds = _medium_voltage(extract, world, crs)
    links += lines
    _add_junctions(world, rows, extract)
    links += circuits.links(rows, world, extract, crs)
    _mark_heated(facts, found.shapes, extract, crs)
    homes = people.spread(extract, crs)
    in_places = people.municipalities(extract, homes, crs)
    served_by = supply.supply(extract, world, links, homes, in_places, crs)
    cells, servings = served.cells(homes, served_by, in_places, crs)
    world = _with_provides(world, links, servings)
    inferred = _infer(world, links, facts, local.overrides(world, homes, served_by, crs), crs)
    _write(out, world, links, inferred, feeds)
    causes = [*circuits.corridors(rows, extract), *_same_place(world)]
    tables.write_common_causes(out / "common_cause.csv", causes)
    demand = local.demand(served.people_by_station(homes, world, crs))
    tables.write_rows(out / "flows.csv", demand)
    tables.write_cells(out / "people.csv", cells)
    tables.write_servings(out / "served.csv", servings)
    for name, features in base.layers(extract, crs).items():
        tables.write_features(out / "base" / f"{name}.geojson", features)
    describe.write(out, extract, homes, units, world)


def _write(
    out: Path,
    world: Mapping[str, Asset],
    links: Iterable[Link],
    inferred: Inferred,
    feeds: Sequence[Group],
) -> None:
    tables.write_assets(out / "assets.csv", world.values())
    tables.write_links(out / "links.geojson", links)
    hours = {g: rule.autonomy_h for g, rule in inferred.rule_of.items()}
    tables.write_groups(out / "dependencies.csv", [*inferred.groups, *feeds], hours)
    tables.write_unknowns(out / "unknowns.csv", inferred.unknown_needs)


def _infer(
    world: Mapping[str, Asset],
    links: list[Link],
    facts: Mapping[str, Mapping[str, str]],
    from_homes: Sequence[Override],
    crs: str,
) -> Inferred:
    works = [a for a in world.values() if a.asset_type == "water_works"]
    sites = Sites.of(works, crs)
    polygons = {
        a.asset_id: shapely.Point(sites.point(a.asset_id)).buffer(value("works_reach_m"))
        for a in works
    }
    assets = {a.asset_id: a for a in world.values() if not a.is_junction}
    rules = knowledge.rules()
    entries = {a.asset_id: a for a in world.values() if a.is_junction}
    region = Region(
        assets | entries, links, facts, polygons, local_reach_m=value("local_reach_m"), crs=crs
    )
    listed = knowledge.read_overrides(HERE / "neubrandenburg_overrides.csv")
    overrides = (*listed, *from_homes)
    return infer(region, rules, [replace(o, note=filled(o.note)) for o in overrides])


def _roads(extract: osm.Extract, world: dict[str, Asset], crs: str) -> list[Link]:
    roads = network.build(extract, lambda t: t.get("highway") in MAIN_ROADS, "assumed/road")
    return _as_links(network.contract(roads), roads, "road", world, crs)


def _rails(
    extract: osm.Extract, world: dict[str, Asset], facts: dict[str, dict[str, str]], crs: str
) -> list[Link]:
    def wanted(tags: osm.Tags) -> bool:
        return tags.get("railway") == "rail" and tags.get("service") not in SIDE_TRACKS

    rails = network.build(extract, wanted, "assumed/rail")
    wired = _wired_nodes(extract, wanted)
    for asset in [a for a in world.values() if a.asset_type == "rail_station"]:
        distance, node = network.nearest_node(rails, asset.lon, asset.lat, crs)
        if distance < value("station_reach_m"):
            if int(node.split("/")[1]) in wired:
                facts[asset.asset_id]["electrified"] = "contact_line"
            network.stand_in(rails, node, asset.asset_id)
    return _as_links(network.contract(rails), rails, "rail", world, crs)


def _pipes(
    extract: osm.Extract, world: dict[str, Asset], rows: list[dict[str, str]], crs: str
) -> list[Link]:
    """Return the mapped heat pipes; joints to plants and over gaps stand in the circuits."""
    pipes = network.build(extract, lambda t: t.get("substance") == "heat", "assumed/heat")
    joints = {row[end] for row in rows if row["service"] == "heat" for end in ("from_id", "to_id")}
    pipes.kept |= joints & set(pipes.places)
    return _as_links(network.contract(pipes, pipes.kept), pipes, "heat", world, crs)


def _medium_voltage(
    extract: osm.Extract, world: dict[str, Asset], crs: str
) -> tuple[list[Link], list[Group]]:
    """Return the mapped 20 kV lines, and what each of their pieces is taken to hang on.

    A local station that is mapped on a line is a node of it; so it stays when lines are joined.
    """
    lines = network.build(extract, medium_voltage.is_line, medium_voltage.OPEN_END)
    lines.kept |= {a for a, x in world.items() if x.asset_type == "substation_mv"} & set(
        lines.places
    )
    links = _as_links(network.contract(lines, lines.places), lines, "electricity", world, crs)
    (rule,) = (rule for rule in knowledge.rules() if rule.rule_id == medium_voltage.RULE)
    stations = [a for a in world.values() if a.asset_type == "substation_hv"]
    feeds = medium_voltage.feeds(links, world, stations, rule, crs)
    for group in feeds:
        world[group.consumer_id] = medium_voltage.fed(world[group.consumer_id], world, group)
    return links, feeds


def _wired_nodes(extract: osm.Extract, wanted: object) -> set[int]:
    return {
        node
        for nodes, tags in extract.ways.values()
        if tags.get("electrified") == "contact_line"
        for node in nodes
    }


def _as_links(
    pieces: list[network.Piece],
    net: network.Network,
    service: str,
    world: dict[str, Asset],
    crs: str,
) -> list[Link]:
    links: list[Link] = []
    used: Counter[str] = Counter()
    for piece in sorted(pieces, key=lambda p: (p.start, p.end, p.line)):
        for end in (piece.start, piece.end):
            if end not in world:
                world[end] = _end(end, net, service)
        first, last = world[piece.start], world[piece.end]
        line = [(first.lon, first.lat), *piece.line[1:-1], (last.lon, last.lat)]
        link_id = f"{service}/{_short(piece.start)}-{_short(piece.end)}"
        used[link_id] += 1
        links.append(
            _link(
                f"{link_id}-{used[link_id]}" if used[link_id] > 1 else link_id,
                piece,
                service,
                line,
                crs,
            )
        )
    return links


def _short(node: str) -> str:
    kind, _, number = node.partition("/")
    return f"{kind[0]}{number}"


def _link(
    link_id: str, piece: network.Piece, service: str, line: network.Coordinates, crs: str
) -> Link:
    metres = LineString([to_metres(crs).transform(*c) for c in line])
    course = shapely.simplify(metres, 3.0)
    kept = shapely.get_coordinates(course)
    lookup = {tuple(m): c for m, c in zip(metres.coords, line, strict=True)}
    return Link(
        link_id,
        piece.start,
        piece.end,
        service,
        length_m=round(metres.length, 1),
        voltage_kv=medium_voltage.KV if service == "electricity" else None,
        name=piece.name or UNNAMED_LINK[service],
        confidence="B",
        source="OpenStreetMap",
        geometry=LineString([lookup[tuple(xy)] for xy in kept]),
    )


def _end(node: str, net: network.Network, service: str) -> Asset:
    """Return the asset at the end of a link: a border point, a bridge or a plain junction."""
    lon, lat = (round(c, DIGITS) for c in net.places[node])
    if node.startswith(medium_voltage.OPEN_END):
        return medium_voltage.open_end(node, lon, lat)
    if node in net.borders:
        label = {"road": "Road to the outside", "rail": "Railway to the outside"}[service]
        name = f"{label}, {net.borders[node]}" if net.borders[node] else label
        return Asset(
            node, name, f"{service}_boundary", "transport", lon, lat, source_of=(service,),
            confidence="D", source="assumption", origin=ASSUMPTION,
            note=f"the {service} is taken to lead on where it leaves the region",
        )  # fmt: skip
    if node in net.bridges:
        tags, kind = net.bridges[node], knowledge.asset_types()[f"{service}_bridge"]
        over = tags.get("bridge:name") or tags.get("name") or tags.get("ref") or ""
        name = f"{kind.short_label}, {over}" if over else f"{kind.short_label} {node}"
        return Asset(
            node, name, kind.asset_type, "transport", lon, lat, repair_h=kind.repair_h,
            confidence="B", source="OpenStreetMap",
        )  # fmt: skip
    sector = "transport" if service in ("road", "rail") else "energy"
    return Asset(node, "", JUNCTION, sector, lon, lat, source="OpenStreetMap")


def _add_junctions(
    world: dict[str, Asset], rows: list[dict[str, str]], extract: osm.Extract
) -> None:
    for row in rows:
        for end in (row["from_id"], row["to_id"]):
            if end not in world and end.startswith("node/"):
                lon, lat = (round(c, DIGITS) for c in extract.places[int(end.split("/")[1])])
                world[end] = Asset(end, "", JUNCTION, "energy", lon, lat, source="OpenStreetMap")


def _mark_heated(
    facts: dict[str, dict[str, str]],
    shapes: Mapping[str, shapely.Geometry],
    extract: osm.Extract,
    crs: str,
) -> None:
    pipes = served.heat_pipes(extract, crs)
    for asset_id, shape in shapes.items():
        metres = in_metres(shape, crs)
        if metres.distance(pipes) <= value("heat_reach_m"):
            facts[asset_id]["district_heating"] = "yes"


def _with_provides(
    world: Mapping[str, Asset], links: Iterable[Link], servings: Iterable[Serving]
) -> dict[str, Asset]:
    """Say what each asset provides: by the rules, by its links, by the people it serves."""
    by_type = services_provided(knowledge.rules())
    provides = {a: set(by_type.get(x.asset_type, ())) for a, x in world.items()}
    for link in links:
        for end in (link.from_id, link.to_id):
            provides[end].add(link.service)
    for serving in servings:
        provides[serving.asset_id].add(serving.service)
    return {
        a: asset if asset.is_junction else replace(asset, provides=tuple(sorted(provides[a])))
        for a, asset in world.items()
    }


def _same_place(world: Mapping[str, Asset]) -> tuple[CommonCause, ...]:
    """Return what stands together, among mapped assets that others depend on."""
    types = knowledge.asset_types()
    mapped = [
        asset
        for asset in world.values()
        if not asset.is_junction
        and asset.origin != ASSUMPTION
        and (asset.provides or types[asset.asset_type].criticality >= value("least_criticality"))
    ]
    (rule,) = (rule for rule in knowledge.rules() if rule.rule_id == SAME_PLACE)
    return co_located(mapped, rule.reach_m)


if __name__ == "__main__":
    main()
