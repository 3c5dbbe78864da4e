"""The power network of an extract: stations and plants joined by mapped lines and circuits.

Circuits (route relations) go first: which circuit hangs on which way is known there. What no
circuit covers is joined by its geometry: an end inside a station, or near its outline, ends in
it. A line of high voltage that leads out of the extract comes from a grid outside, which is a
source. A station that no mapped line joins to a source gets one assumed link, marked so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

import networkx as nx
import numpy as np
import shapely
from shapely.geometry import LineString, Point

from data.importers.numbers import number
from data.importers.osm.assets import MappedAssets
from data.importers.osm.power_gaps import fill
from data.importers.osm.power_tables import (
    PLANTS,
    SERVICE,
    STATIONS,
    Grid,
    Power,
    kv_of,
)
from data.importers.osm.reading import Circuit, Extract, Way
from models.world import ASSUMPTION, JUNCTION, Asset, CommonCause, Link

SOURCE = "OpenStreetMap"
INSIDE_STATION = ("busbar", "bay")
Node = int | str


def build(extract: Extract, mapped: MappedAssets) -> Power:
    """Return the power network.

    Parameters
    ----------
    extract
        Lines, circuits and the box.
    mapped
        Assets with their outlines; those of this network are changed in the result alone.
    """
    return _Builder(extract, mapped).build()


class _Builder:
    def __init__(self, extract: Extract, mapped: MappedAssets) -> None:
        self.grid = Grid(mapped)
        self.extract = extract
        self._edge: shapely.Geometry | None = None
        self.west, self.south, self.east, self.north = extract.frame
        self.ways = {w.way_id: w for w in extract.power if w.tags.get("line") not in INSIDE_STATION}
        self.xy: dict[int, tuple[float, float]] = {}
        self.lonlat: dict[int, tuple[float, float]] = {}
        for way in self.ways.values():
            x, y = self.grid.transform(way.lonlat[:, 0], way.lonlat[:, 1])
            for node, px, py, place in zip(way.nodes, x, y, way.lonlat.tolist(), strict=True):
                self.xy[node] = (float(px), float(py))
                self.lonlat[node] = (place[0], place[1])
        self.kv = self._voltages()
        self.station_of = self._stations_of_nodes()

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
            a for a, x in self.grid.mapped.assets.items() if x.asset_type in (*STATIONS, *PLANTS)
        ]  # fmt: skip
        if not ids or not self.xy:
            return {}
        kinds = [self.grid.mapped.assets[a].asset_type for a in ids]
        tree = shapely.STRtree(np.array([self.grid.mapped.shapes[a] for a in ids], dtype=object))
        ends: set[int] = set()
        degree: dict[int, int] = defaultdict(int)
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
                if among is not None and (node not in among or (node in best and reach > _NEAR)):
                    continue
                if node not in ends and kinds[hit] in PLANTS:
                    continue  # a line that only crosses a solar field does not end there
                far = float(shapely.distance(points[row], self.grid.mapped.shapes[ids[hit]]))
                # inside a plant's outline there may be the station it feeds: the station counts
                rank = int(kinds[hit] in PLANTS)
                best[node] = min(best.get(node, (np.inf, 9, "")), (far, rank, ids[hit]))
        mapped = {node: station for node, (_, _, station) in best.items()}
        return mapped | {n: f"node/{n}" for n in nodes if f"node/{n}" in set(ids)}

    def _inside(self, node: int) -> bool:
        lon, lat = self.lonlat[node]
        return self.west <= lon <= self.east and self.south <= lat <= self.north

    def build(self) -> Power:
        covered: set[int] = set()
        for circuit in self.extract.circuits:
            if self._circuit(circuit):
                covered |= set(circuit.ways)
        self._lines([w for i, w in self.ways.items() if i not in covered], "")
        self._corridors()
        fill(self.grid)
        return self.grid.result

    def _circuit(self, circuit: Circuit) -> bool:
        """Add the links of one circuit; False where its ways here say nothing about ends."""
        ways = [self.ways[w] for w in circuit.ways if w in self.ways]
        if not ways:
            return False
        kv = kv_of(circuit.tags)
        name = circuit.tags.get("name") or circuit.tags.get("ref") or ""
        prefix = f"relation/{circuit.relation_id}"
        before = len(self.grid.result.links)
        self._lines(ways, prefix, kv, name)
        added = self.grid.result.links[before:]
        ends = {end for link in added for end in (link.from_id, link.to_id)}
        known = [e for e in ends if e in self.grid.mapped.assets or e.startswith("assumed/")]
        if len(known) >= 2:
            return True
        for link in added:
            for end in (link.from_id, link.to_id):
                if end.startswith(prefix):
                    self.grid.result.assets.pop(end, None)
        del self.grid.result.links[before:]
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
        mapped: set[Node] = set()
        for way in ways:
            for node, is_end in ((way.nodes[0], True), (way.nodes[-1], True)):
                if node not in graph or graph.degree(node) != 1 or not is_end:
                    continue
                if not self._inside(node) or way.is_cut or self._at_edge(node):
                    mapped.add(node)
        mapped |= {n for n in graph if isinstance(n, int) and not self._inside(n)}
        return mapped

    def _at_edge(self, node: int) -> bool:
        """Whether a node lies by the edge of what is mapped."""
        hull = self._hull()
        return bool(hull.distance(Point(self.xy[node])) <= number("edge_m"))

    def _hull(self) -> shapely.Geometry:
        if self._edge is None:
            places = [(a.lon, a.lat) for a in self.grid.mapped.assets.values()]
            middles = [Point(self.grid.transform(*place)) for place in places]
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
        self, start: Node, end: Node, parts: list[dict[str, Any]], ways: list[Way],
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
        link_id = self.grid.unique(f"{prefix or f'power/way/{way_ids[0]}'}")
        first, last = (self.grid.place(i) for i in ids)
        line = [first, *places, last]
        title = name or next((w.tags.get("name") for w in ways if w.tags.get("name")), "")
        under = any(w.tags.get("power") == "cable" for w in ways)
        kind = "cable" if under else "line"
        self.grid.result.links.append(
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

    def _asset_at(self, node: Node, raw: int, volts: float | None, way: Way, prefix: str) -> str:
        if isinstance(node, str):
            return node
        lon, lat = (round(x, 6) for x in self.lonlat[node])
        leads_out = not self._inside(node) or way.is_cut or self._at_edge(node)
        is_end = self._is_line_end(node)
        if leads_out and is_end and (volts or 0) >= number("high_voltage_kv"):
            return self._boundary(node, lon, lat, volts or 0, way)
        asset_id = f"{prefix}/node/{node}" if prefix else f"node/{node}"
        if asset_id not in self.grid.result.assets and asset_id not in self.grid.mapped.assets:
            self.grid.result.assets[asset_id] = Asset(
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
        if asset_id not in self.grid.result.assets:
            named = way.tags.get("name", "")
            called = f"Grid outside, {volts:g} kV" + (f" ({named})" if named else "")
            lon = min(max(lon, self.west), self.east)
            lat = min(max(lat, self.south), self.north)
            self.grid.result.assets[asset_id] = Asset(
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
            ids = [x.link_id for x in self.grid.result.links if x.link_id.startswith(prefix)]
            for way in circuit.ways:
                if way in self.ways:
                    carried[way] += ids
        done: set[tuple[str, ...]] = set()
        for way, ids in sorted(carried.items()):
            links = tuple(sorted(set(ids)))
            if len(links) > 1 and links not in done:
                done.add(links)
                self.grid.result.corridors.append(
                    CommonCause(f"corridor/way/{way}", "corridor", f"Shared line, way {way}",
                                (), links)
                )  # fmt: skip


#: Where a way of the lower networks states no voltage: what such lines mostly have (CIGRE MV).
_MINOR_KV = 20.0
_NEAR = 100.0


def _course(start: Node, parts: list[dict[str, Any]], station_of: Mapping[int, str]) -> list[int]:
    """Return the raw nodes along the parts, in order."""
    course: list[int] = []
    at = start
    for part in parts:
        a, b = part["line"]
        pair = (a, b) if a == at or station_of.get(a) == at else (b, a)
        course += [pair[0]] if not course or course[-1] != pair[0] else []
        course.append(pair[1])
        at = station_of.get(pair[1], pair[1])
    return course


def _thinned(line: list[tuple[float, float]]) -> list[tuple[float, float]]:
    mapped = [(round(x, 6), round(y, 6)) for x, y in line]
    return (
        [p for i, p in enumerate(mapped) if i == 0 or p != mapped[i - 1]]
        if len(set(mapped)) > 1
        else [mapped[0], (mapped[0][0] + 1e-6, mapped[0][1])]
    )
