"""The power network of an extract: stations and plants joined by mapped lines and circuits.

Circuits (route relations) go first: which circuit hangs on which way is known there. What no
circuit covers is joined by its geometry: an end inside a station, or near its outline, ends in
it. A line of high voltage that leads out of the extract comes from a grid outside, which is a
source. A station that no mapped line joins to a source gets one assumed link, marked so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import networkx as nx
import numpy as np
import shapely
from shapely.geometry import LineString, Point

from data.importers.numbers import number
from data.importers.osm.assets import Found
from data.importers.osm.reading import Circuit, Extract, Tags, Way
from models.knowledge.expressions import largest
from models.space.areas import to_metres
from models.world import ASSUMPTION, JUNCTION, Asset, CommonCause, Link

SERVICE = "electricity"
SOURCE = "OpenStreetMap"
STATIONS = ("substation_ehv", "substation_hv", "substation_mv", "converter_station",
            "rail_traction_substation")  # fmt: skip
HIGH = ("substation_ehv", "substation_hv", "converter_station")
PLANTS = ("power_plant", "battery_storage")
#: Primary energies of plants that follow the grid and cannot carry one.
FOLLOWERS = ("solar", "wind", "tidal", "wave", "battery")
INSIDE_STATION = ("busbar", "bay")
Node = int | str


@dataclass(slots=True)
class Power:
    """What the power network adds: links, junctions and boundaries, changed assets, corridors."""

    links: list[Link]
    assets: dict[str, Asset]
    corridors: list[CommonCause]
    notes: list[str]
    #: local station → the station that it is taken to hang on
    feeders: dict[str, str]


def build(extract: Extract, found: Found) -> Power:
    """Return the power network.

    Parameters
    ----------
    extract
        Lines, circuits and the box.
    found
        Assets with their outlines; those of this network are changed in the result alone.
    """
    return _Builder(extract, found).build()


def kv_of(tags: Mapping[str, str]) -> float | None:
    """Return the highest tagged voltage in kV, None where there is none."""
    volts = largest(tags.get("voltage"))
    return volts / 1000 if volts else None


class _Builder:
    def __init__(self, extract: Extract, found: Found) -> None:
        self.extract, self.found = extract, found
        self.transform = to_metres(found.crs).transform
        self.west, self.south, self.east, self.north = extract.frame
        self.ways = {w.way_id: w for w in extract.power if w.tags.get("line") not in INSIDE_STATION}
        self.xy: dict[int, tuple[float, float]] = {}
        self.lonlat: dict[int, tuple[float, float]] = {}
        for way in self.ways.values():
            x, y = self.transform(way.lonlat[:, 0], way.lonlat[:, 1])
            for node, px, py, place in zip(way.nodes, x, y, way.lonlat.tolist(), strict=True):
                self.xy[node] = (float(px), float(py))
                self.lonlat[node] = (place[0], place[1])
        self.kv = self._voltages()
        self.station_of = self._stations_of_nodes()
        self.result = Power([], {}, [], [], {})
        self.used: set[str] = set()
        #: stations whose voltage is that of a line
        self.raised: dict[str, float] = {}

    # --- reading the geometry ------------------------------------------------------------------

    def _voltages(self) -> dict[int, float | None]:
        """Return the voltage of each way; one without takes that of the line it continues."""
        kv = {way_id: kv_of(way.tags) for way_id, way in self.ways.items()}
        at: dict[int, list[int]] = defaultdict(list)
        for way_id, way in self.ways.items():
            at[way.nodes[0]].append(way_id)
            at[way.nodes[-1]].append(way_id)
        waiting = [w for w, value in kv.items() if value is not None]
        while waiting:
            way_id = waiting.pop()
            for node in (self.ways[way_id].nodes[0], self.ways[way_id].nodes[-1]):
                for other in at[node]:
                    if kv[other] is None:
                        kv[other] = kv[way_id]
                        waiting.append(other)
        for way_id, way in self.ways.items():
            if kv[way_id] is None and way.tags.get("power") == "minor_line":
                kv[way_id] = _MINOR_KV
        return kv

    def _stations_of_nodes(self) -> dict[int, str]:
        """Return the station or plant that a node of a line lies in, or ends at."""
        ids = [
            a for a, x in self.found.assets.items() if x.asset_type in (*STATIONS, *PLANTS)
        ]  # fmt: skip
        if not ids or not self.xy:
            return {}
        kinds = [self.found.assets[a].asset_type for a in ids]
        tree = shapely.STRtree(np.array([self.found.shapes[a] for a in ids], dtype=object))
        ends, degree = set(), defaultdict(int)
        for way in self.ways.values():
            ends |= {way.nodes[0], way.nodes[-1]}
            for node in way.nodes:
                degree[node] += 1
        nodes = list(self.xy)
        points = shapely.points(np.array([self.xy[n] for n in nodes]))
        best: dict[int, tuple[float, int, str]] = {}
        for reach, among in (
            (0.5, None),
            (number("snap_m"), ends),
            (number("open_snap_m"), {n for n in ends if degree[n] == 1}),
        ):
            rows, hits = tree.query(points, predicate="dwithin", distance=reach)
            for row, hit in zip(rows.tolist(), hits.tolist(), strict=True):
                node = nodes[row]
                if among is not None and (node not in among or node in best and reach > _NEAR):
                    continue
                if node not in ends and kinds[hit] in PLANTS:
                    continue  # a line that only crosses a solar field does not end there
                far = float(shapely.distance(points[row], self.found.shapes[ids[hit]]))
                # inside a plant's outline there may be the station it feeds: the station counts
                rank = int(kinds[hit] in PLANTS)
                best[node] = min(best.get(node, (np.inf, 9, "")), (far, rank, ids[hit]))
        found = {node: station for node, (_, _, station) in best.items()}
        return found | {n: f"node/{n}" for n in nodes if f"node/{n}" in set(ids)}

    def _inside(self, node: int) -> bool:
        lon, lat = self.lonlat[node]
        return self.west <= lon <= self.east and self.south <= lat <= self.north

    # --- building ------------------------------------------------------------------------------

    def build(self) -> Power:
        covered: set[int] = set()
        for circuit in self.extract.circuits:
            if self._circuit(circuit):
                covered |= set(circuit.ways)
        self._lines([w for i, w in self.ways.items() if i not in covered], "")
        self._corridors()
        self._raise_stations()
        self._plants()
        self._join_islands()
        self._drop_dead_ends()
        self._feeders()
        return self.result

    def _circuit(self, circuit: Circuit) -> bool:
        """Add the links of one circuit; False where its ways here say nothing about ends."""
        ways = [self.ways[w] for w in circuit.ways if w in self.ways]
        if not ways:
            return False
        kv = kv_of(circuit.tags)
        name = circuit.tags.get("name") or circuit.tags.get("ref") or ""
        prefix = f"relation/{circuit.relation_id}"
        before = len(self.result.links)
        self._lines(ways, prefix, kv, name)
        added = self.result.links[before:]
        ends = {end for link in added for end in (link.from_id, link.to_id)}
        known = [e for e in ends if e in self.found.assets or e.startswith("assumed/")]
        if len(known) >= 2:
            return True
        for link in added:
            for end in (link.from_id, link.to_id):
                if end.startswith(prefix):
                    self.result.assets.pop(end, None)
        del self.result.links[before:]
        return False

    def _lines(
        self, ways: Iterable[Way], prefix: str, kv: float | None = None, name: str = ""
    ) -> None:
        """Add ways as links between stations, boundaries and junctions."""
        graph: nx.MultiGraph[Node] = nx.MultiGraph()
        for way in ways:
            volts = kv or self.kv[way.way_id]
            for a, b in pairwise(way.nodes):
                one, other = self._key(a, volts), self._key(b, volts)
                if one != other and (self._inside(a) or self._inside(b)):
                    graph.add_edge(one, other, line=(a, b), way=way)
        ends = self._ends(graph, ways, kv)
        for node in ends:
            graph.nodes[node]["end"] = True
        kept = {n for n in graph if isinstance(n, str) or graph.degree(n) != 2 or n in ends}
        seen: set[tuple[Node, Node, int]] = set()
        for start in sorted(kept, key=str):
            for _, following, key in sorted(graph.edges(start, keys=True), key=str):
                self._walk(graph, kept, seen, (start, following, key), prefix, kv, name)

    def _key(self, node: int, volts: float | None) -> Node:
        return self.station_of.get(node, node)

    def _ends(self, graph: nx.MultiGraph[Node], ways: Iterable[Way], kv: float | None) -> set[Node]:
        """Return the ends that lead out of the extract."""
        found: set[Node] = set()
        for way in ways:
            for node, is_end in ((way.nodes[0], True), (way.nodes[-1], True)):
                if node not in graph or graph.degree(node) != 1 or not is_end:
                    continue
                if not self._inside(node) or way.is_cut or self._at_edge(node):
                    found.add(node)
        for node in graph:
            if isinstance(node, int) and not self._inside(node):
                found.add(node)
        return found

    def _at_edge(self, node: int) -> bool:
        """Whether a node lies by the edge of what is mapped."""
        hull = self._hull()
        return bool(hull.distance(Point(self.xy[node])) <= number("edge_m"))

    def _hull(self) -> shapely.Geometry:
        if not hasattr(self, "_edge"):
            middles = [Point(self.transform(a.lon, a.lat)) for a in self.found.assets.values()]
            middles += [shapely.centroid(s) for s in ()]
            shape = shapely.MultiPoint(middles) if middles else Point(0, 0)
            self._edge = shape.convex_hull.boundary
        return self._edge

    def _walk(
        self,
        graph: nx.MultiGraph[Node],
        kept: set[Node],
        seen: set[tuple[Node, Node, int]],
        step: tuple[Node, Node, int],
        prefix: str,
        kv: float | None,
        name: str,
    ) -> None:
        """Follow a line from one kept node to the next, and add it as a link."""
        start, node, key = step
        if (start, node, key) in seen or (node, start, key) in seen:
            return
        seen.add((start, node, key))
        previous, parts, ways = start, [graph.edges[start, node, key]], []
        ways.append(parts[0]["way"])
        while node not in kept:
            following = [(n, k) for _, n, k in graph.edges(node, keys=True)
                         if not (n == previous and k == key)]  # fmt: skip
            if len(following) != 1:
                return
            (nxt, nkey) = following[0]
            seen.add((node, nxt, nkey))
            parts.append(graph.edges[node, nxt, nkey])
            ways.append(parts[-1]["way"])
            previous, node, key = node, nxt, nkey
        if node == start:
            return
        self._link(start, node, parts, ways, prefix, kv, name)

    def _link(
        self, start: Node, end: Node, parts: list[dict[str, object]], ways: list[Way],
        prefix: str, kv: float | None, name: str,
    ) -> None:  # fmt: skip
        course = _course(start, parts, self.station_of)
        volts = kv or next((v for w in ways if (v := self.kv[w.way_id])), None)
        ids = [self._asset_at(n, course[i], volts, ways[i], prefix)
               for n, i in ((start, 0), (end, -1))]  # fmt: skip
        if ids[0] == ids[1]:
            return
        places = [self.lonlat[n] for n in course]
        metres = float(LineString([self.xy[n] for n in course]).length) if len(course) > 1 else 0.0
        way_ids = list(dict.fromkeys(w.way_id for w in ways))
        link_id = self._unique(f"{prefix or f'power/way/{way_ids[0]}'}")
        first, last = (self._place(i) for i in ids)
        line = [first, *places, last]
        title = name or next((w.tags.get("name") for w in ways if w.tags.get("name")), "")
        under = any(w.tags.get("power") == "cable" for w in ways)
        kind = "cable" if under else "line"
        self.result.links.append(
            Link(
                link_id, ids[0], ids[1], SERVICE,
                length_m=round(metres, 1),
                voltage_kv=volts,
                name=title or (f"{volts:g} kV {kind}" if volts else f"Power {kind}"),
                confidence="B",
                source=f"{SOURCE}, way {', '.join(str(w) for w in way_ids[:8])}",
                geometry=LineString(_thinned(line)),
            )
        )  # fmt: skip

    def _unique(self, wanted: str) -> str:
        link_id, number_ = wanted, 1
        while link_id in self.used:
            number_ += 1
            link_id = f"{wanted}-{number_}"
        self.used.add(link_id)
        return link_id

    def _place(self, asset_id: str) -> tuple[float, float]:
        asset = self.result.assets.get(asset_id) or self.found.assets[asset_id]
        return asset.lon, asset.lat

    def _asset_at(
        self, node: Node, raw: int, volts: float | None, way: Way, prefix: str
    ) -> str:
        if isinstance(node, str):
            return node
        lon, lat = (round(x, 6) for x in self.lonlat[node])
        leads_out = not self._inside(node) or way.is_cut or self._at_edge(node)
        is_end = self._is_line_end(node)
        if leads_out and is_end and (volts or 0) >= number("high_voltage_kv"):
            return self._boundary(node, lon, lat, volts or 0, way)
        asset_id = f"{prefix}/node/{node}" if prefix else f"node/{node}"
        if asset_id not in self.result.assets and asset_id not in self.found.assets:
            self.result.assets[asset_id] = Asset(
                asset_id, "", JUNCTION, "energy", lon, lat, source=SOURCE
            )
        return asset_id

    def _is_line_end(self, node: int) -> bool:
        if not self._inside(node):
            return True
        return sum(node in (w.nodes[0], w.nodes[-1]) for w in self.ways.values()) == 1

    def _boundary(self, node: int, lon: float, lat: float, volts: float, way: Way) -> str:
        """Add the grid that a line leads to outside: one asset per point and voltage."""
        asset_id = f"assumed/grid/{volts:g}kv/{node}"
        if asset_id not in self.result.assets:
            named = way.tags.get("name", "")
            called = f"Grid outside, {volts:g} kV" + (f" ({named})" if named else "")
            lon = min(max(lon, self.west), self.east)
            lat = min(max(lat, self.south), self.north)
            self.result.assets[asset_id] = Asset(
                asset_id, called, "substation_ehv", "energy", lon, lat, source_of=(SERVICE,),
                confidence="D", source="assumption", origin=ASSUMPTION,
                note="stands for the grid that the line leads to outside this extract",
            )  # fmt: skip
        return asset_id

    def _corridors(self) -> None:
        """Add a common cause for each way that carries more than one circuit."""
        carried: dict[int, list[str]] = defaultdict(list)
        for circuit in self.extract.circuits:
            prefix = f"relation/{circuit.relation_id}"
            ids = [x.link_id for x in self.result.links if x.link_id.startswith(prefix)]
            for way in circuit.ways:
                if way in self.ways:
                    carried[way] += ids
        done: set[tuple[str, ...]] = set()
        for way, ids in sorted(carried.items()):
            links = tuple(sorted(set(ids)))
            if len(links) > 1 and links not in done:
                done.add(links)
                self.result.corridors.append(
                    CommonCause(f"corridor/way/{way}", "corridor", f"Shared line, way {way}",
                                (), links)
                )  # fmt: skip

    def _raise_stations(self) -> None:
        """Give stations without a voltage that of the highest line that ends in them."""
        highest: dict[str, float] = {}
        for link in self.result.links:
            for end in (link.from_id, link.to_id):
                highest[end] = max(highest.get(end, 0.0), link.voltage_kv or 0.0)
        for asset in self._of(("substation_mv",)):
            tags = self.found.tags.get(asset.asset_id, {})
            kv = highest.get(asset.asset_id, 0.0)
            if kv_of(tags) is None and kv >= number("high_voltage_kv"):
                self.raised[asset.asset_id] = kv
                kind = "substation_ehv" if kv >= _EHV_KV else "substation_hv"
                note = f"its voltage is that of the line that ends in it, {kv:g} kV"
                self._change(asset.asset_id, asset_type=kind, note=note)

    def _station_kv(self, asset_id: str) -> float | None:
        known = self.raised.get(asset_id)
        return known if known else kv_of(self.found.tags.get(asset_id, {}))

    # --- what is not mapped --------------------------------------------------------------------

    def _plants(self) -> None:
        """Join plants without a line to the nearest station; say which can carry a grid."""
        joined = {end for x in self.result.links for end in (x.from_id, x.to_id)}
        real = [a for a in self._of(STATIONS) if a.asset_id in self.found.assets]
        primary = set(self.primaries())
        high = [a for a in real if a.asset_id in primary]
        for asset in self._of(("power_plant",)):
            output = asset.capacity or 0.0
            tags = self.found.tags[asset.asset_id]
            source = tags.get("plant:source") or tags.get("generator:source", "")
            if output >= number("least_source_mw") and source not in FOLLOWERS:
                self._change(asset.asset_id, source_of=(SERVICE,))
            if asset.asset_id not in joined:
                station = self._nearest(asset, high or real or self._of(HIGH))
                if station is not None:
                    self._assume(asset.asset_id, station, "no line from the plant is mapped")

    def _of(self, types: tuple[str, ...]) -> list[Asset]:
        known = self.found.assets | self.result.assets
        return [a for a in known.values() if a.asset_type in types]

    def primaries(self) -> list[str]:
        """Return the stations that local ones hang on, in order."""
        high = {a.asset_id for a in self._of(HIGH)}
        local = self._of(("substation_mv",))
        high |= {a.asset_id for a in local if (self._station_kv(a.asset_id) or 0) >= _PRIMARY_KV}
        return sorted(high)

    def _change(self, asset_id: str, **changes: object) -> None:
        asset = self.result.assets.get(asset_id) or self.found.assets[asset_id]
        self.result.assets[asset_id] = replace(asset, **changes)  # type: ignore[arg-type]

    def _nearest(self, here: Asset, others: list[Asset]) -> str | None:
        x, y = self.transform(here.lon, here.lat)
        away = []
        for other in others:
            if other.asset_id != here.asset_id:
                px, py = self.transform(other.lon, other.lat)
                away.append((float(np.hypot(px - x, py - y)), other.asset_id))
        nearest = min(away, default=None)
        return nearest[1] if nearest and nearest[0] <= number("plant_reach_m") else None

    def _assume(self, one: str, other: str, why: str) -> None:
        ends = [self._place(one), self._place(other)]
        metres = LineString([self.transform(*place) for place in ends]).length
        volts = [self._station_kv(one), self._station_kv(other)]
        kv = min(v for v in volts if v) if all(volts) else None
        self.result.links.append(
            Link(
                self._unique(f"assumed/power/{one}"), one, other, SERVICE,
                length_m=round(float(metres), 1), voltage_kv=kv, name="Assumed connection",
                origin=ASSUMPTION, confidence="D", source=f"assumption: {why}",
                geometry=LineString(ends),
            )
        )  # fmt: skip

    def _join_islands(self) -> None:
        """Join stations that no mapped line joins to a source, each by one assumed link."""
        stations = set(self.primaries())
        if not self._sources():
            self._assume_source(stations)
        sources = self._sources()
        if not sources:
            return
        graph: nx.Graph[str] = nx.Graph()
        graph.add_nodes_from(stations | sources)
        graph.add_edges_from((x.from_id, x.to_id) for x in self.result.links)
        wanted = stations | {a.asset_id for a in self._of((*STATIONS, "power_plant"))}
        parts = [set(p) for p in nx.connected_components(graph) if p & wanted]
        fed = set().union(*(p for p in parts if p & sources))
        islands = [p for p in parts if not p & sources]
        if not fed & stations and islands:
            # sources alone, none at a station: the largest island is joined to each of them
            for source in sorted(sources):
                near = self._closest({source}, set().union(*islands) & wanted)
                if near:
                    self._assume(near[2], near[1], "no line from the source is mapped")
            return self._join_islands() if len(islands) > 1 else None
        self._grow(fed, islands, stations, wanted)
        self._join_sources(stations)
        return None

    def _grow(
        self, fed: set[str], islands: list[set[str]], stations: set[str], wanted: set[str]
    ) -> None:
        while islands:
            hubs = fed & stations & set(self.found.assets) or fed & stations
            near = [
                (self._closest(p & stations or p & wanted, hubs), n)
                for n, p in enumerate(islands)
            ]
            known = [(pair, n) for pair, n in near if pair is not None]
            if not known:
                break
            (_, one, other), row = min(known)
            self._assume(one, other, "no line between them is mapped, presumably a cable")
            fed |= islands.pop(row)

    def _join_sources(self, stations: set[str]) -> None:
        """Join parts that each have a source: a grid is one where no border runs through it."""
        graph: nx.Graph[str] = nx.Graph((x.from_id, x.to_id) for x in self.result.links)
        parts = [set(p) & stations & set(self.found.assets) for p in nx.connected_components(graph)]
        parts = sorted((p for p in parts if p), key=lambda p: (-len(p), sorted(p)))
        while len(parts) > 1:
            pairs = [(self._closest(p, parts[0]), n) for n, p in enumerate(parts) if n]
            known = [(pair, n) for pair, n in pairs if pair is not None]
            if not known:
                return
            (_, one, other), row = min(known)
            self._assume(one, other, "no line between them is mapped, presumably a cable")
            parts[0] |= parts.pop(row)

    def _sources(self) -> set[str]:
        return {a.asset_id for a in (self.found.assets | self.result.assets).values()
                if SERVICE in a.source_of}  # fmt: skip

    def _assume_source(self, stations: set[str]) -> None:
        """Without any source, let the highest station be fed from a grid outside."""
        known = [self.found.assets[a] for a in stations if a in self.found.assets]
        known = known or [a for a in self._of(STATIONS) if a.asset_id in self.found.assets]
        if not known:
            return
        def height(asset: Asset) -> tuple[float, int, str]:
            tags = self.found.tags[asset.asset_id]
            return (kv_of(tags) or 0, int(bool(tags.get("name"))), asset.asset_id)

        top = max(known, key=height)
        asset_id = "assumed/grid/supply"
        self.result.assets[asset_id] = Asset(
            asset_id, "Grid outside (assumed)", "substation_ehv", "energy", top.lon, top.lat,
            source_of=(SERVICE,), confidence="D", source="assumption", origin=ASSUMPTION,
            note="no mapped line leads in from outside: the highest station is taken to be fed",
        )  # fmt: skip
        self._assume(top.asset_id, asset_id, "no line that leads in is mapped")
        self.result.notes.append(
            "No power line leads in from outside: a grid supply is assumed at "
            f"'{top.name or top.asset_id}'."
        )

    def _closest(self, some: set[str], others: set[str]) -> tuple[float, str, str] | None:
        """Return (distance in m, one, other) of the nearest pair."""
        if not some or not others:
            return None
        a, b = sorted(some), sorted(others)
        one = np.array([self.transform(*self._place(i)) for i in a])
        two = np.array([self.transform(*self._place(i)) for i in b])
        away = np.hypot(one[:, None, 0] - two[None, :, 0], one[:, None, 1] - two[None, :, 1])
        row, column = np.unravel_index(int(away.argmin()), away.shape)
        return float(away[row, column]), a[row], b[column]

    def _feeders(self) -> None:
        """Say which station each local one hangs on that no link reaches: the nearest."""
        linked = {end for x in self.result.links for end in (x.from_id, x.to_id)}
        primary = self.primaries()
        hubs = [a for a in primary if a in self.found.assets] or primary
        above = set(hubs)
        local = [
            a.asset_id for a in self._of(("substation_mv",))
            if a.asset_id not in linked and a.asset_id not in above
        ]  # fmt: skip
        if not hubs or not local:
            return
        spots = np.array([self.transform(*self._place(a)) for a in hubs])
        asked = np.array([self.transform(*self._place(a)) for a in local])
        nearest = shapely.STRtree(shapely.points(spots)).nearest(shapely.points(asked))
        self.result.feeders = {a: hubs[int(n)] for a, n in zip(local, nearest, strict=True)}

    def _drop_dead_ends(self) -> None:
        """Leave junctions out that no link names."""
        used = {end for x in self.result.links for end in (x.from_id, x.to_id)}
        self.result.assets = {
            a: x for a, x in self.result.assets.items() if not x.is_junction or a in used
        }


#: Where a way of the lower networks states no voltage: what such lines mostly have (CIGRE MV).
_MINOR_KV = 20.0
_EHV_KV = 220.0
#: From here on a station feeds local ones.
_PRIMARY_KV = 30.0
_NEAR = 100.0


def _course(
    start: Node, parts: list[dict[str, object]], station_of: Mapping[int, str]
) -> list[int]:
    """Return the raw nodes along the parts, in order."""
    course: list[int] = []
    at = start
    for part in parts:
        a, b = part["line"]  # type: ignore[misc]
        if a == at or station_of.get(a) == at:
            pair = (a, b)
        else:
            pair = (b, a)
        course += [pair[0]] if not course or course[-1] != pair[0] else []
        course.append(pair[1])
        at = station_of.get(pair[1], pair[1])
    return course


def _thinned(line: list[tuple[float, float]]) -> list[tuple[float, float]]:
    found = [(round(x, 6), round(y, 6)) for x, y in line]
    return [p for i, p in enumerate(found) if i == 0 or p != found[i - 1]] if len(
        set(found)
    ) > 1 else [found[0], (found[0][0] + 1e-6, found[0][1])]


__all__ = ["Power", "Tags", "build", "kv_of"]
