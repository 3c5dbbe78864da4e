"""Roads, railways, pipes and fibre as link networks, contracted to junctions.

A kept node is one where not exactly two pieces meet, the middle of a bridge or tunnel, a place
where the network leaves the extract, or an asset such as a station. What lies between two kept
nodes is one link.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import networkx as nx
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString

from data.importers.numbers import number
from data.importers.osm.assets import DIGITS, SOURCE, MappedAssets
from data.importers.osm.kinds import Tags
from data.importers.osm.reading import Extract, Way
from data.knowledge.reader import asset_types
from models.space.areas import to_metres
from models.world import ASSUMPTION, JUNCTION, Asset, Link

UNNAMED = {
    "road": "Road", "rail": "Railway", "heat": "Heat pipe", "gas": "Gas pipe",
    "drinking_water": "Water main", "fuel": "Fuel pipe", "waste_water": "Sewer",
    "communications": "Telecom cable",
}  # fmt: skip
SECTOR = {"road": "transport", "rail": "transport", "drinking_water": "water",
          "waste_water": "water", "communications": "telecom"}  # fmt: skip
#: service → types whose assets feed its network
PRODUCERS = {
    "drinking_water": ("water_works", "water_pumping_station", "water_reservoir", "water_tower"),
    "heat": ("heat_plant", "power_plant"), "gas": ("gas_storage", "lng_terminal"),
    "fuel": ("refinery", "oil_depot"), "waste_water": ("wastewater_plant",),
    "communications": ("telecom_exchange", "data_centre"),
}  # fmt: skip
#: service → types that take their place on its network, besides its producers
ON_NETWORK = {
    "rail": ("rail_station",), "gas": ("gas_pressure_station", "gas_compressor", "power_plant"),
    "heat": ("hospital",),
}  # fmt: skip
ENTERED = ("road", "rail")
#: Degrees by which a course may be simplified: about 4 m.
_TOLERANCE_DEGREES = 4e-5


@dataclass(slots=True)
class Network:
    """Links of one service and the assets that they need."""

    links: list[Link] = field(default_factory=list)
    assets: dict[str, Asset] = field(default_factory=dict)
    #: assets that lie on the network, and the node each took the place of
    taken: dict[str, int] = field(default_factory=dict)
    #: links of parts without a source
    left_out: int = 0


Node = int | str


@dataclass(slots=True)
class _Piece:
    start: Node
    end: Node
    nodes: list[int]
    way: Way


def build(extract: Extract, mapped: MappedAssets, ways: Sequence[Way], service: str) -> Network:
    """Return the network of some ways.

    Parameters
    ----------
    extract
        Where the box is.
    mapped
        Assets with their places in metres.
    ways
        What the network is made of.
    service
        What its links carry. Stations and producers take the place of the nearest node.
    """
    types = (*PRODUCERS.get(service, ()), *ON_NETWORK.get(service, ()))
    on = [a for a, x in mapped.assets.items() if x.asset_type in types]
    return _Builder(extract, mapped, service).build(ways, on)


class _Builder:
    def __init__(self, extract: Extract, mapped: MappedAssets, service: str) -> None:
        self.extract, self.mapped, self.service = extract, mapped, service
        self.west, self.south, self.east, self.north = extract.frame
        self.lonlat: dict[int, tuple[float, float]] = {}
        self.stands: dict[int, str] = {}
        self.structures: dict[str, Way] = {}
        self.leads_out: dict[int, Way] = {}
        self.network = Network()
        self.used: set[str] = set()
        self.found_links: list[tuple[str, str, str, Tags]] = []
        self.courses: list[NDArray[np.float64]] = []

    def build(self, ways: Sequence[Way], on: Iterable[str]) -> Network:
        if not ways:
            return self.network
        uses: dict[int, int] = defaultdict(int)
        for way in ways:
            for node, place in zip(way.nodes, way.lonlat.tolist(), strict=True):
                self.lonlat[node] = (place[0], place[1])
                uses[node] += 1
            uses[way.nodes[0]] += 1
            uses[way.nodes[-1]] += 1
        self._stand_in(on)
        pieces: list[_Piece] = []
        for way in ways:
            pieces += self._pieces(way, uses)
        self._edges(ways, uses)
        for piece in self._joined(pieces):
            self._link(piece)
        self._make_links()
        self._feed()
        return self.network

    def _feed(self) -> None:
        """Give each part of the network a source, or leave it out.

        Sources are the grid outside and what produces the service. A road or railway network of
        some size without a way out (an island) gets an assumed entry at its middle.
        """
        graph: nx.Graph[str] = nx.Graph()
        for link in self.network.links:
            length = link.length_m or 0.0
            graph.add_edge(link.from_id, link.to_id, length=length)
        total = sum(link.length_m or 0.0 for link in self.network.links)
        dropped: set[str] = set()
        for part in nx.connected_components(graph):
            if any(self.service in self._known(a).source_of for a in part):
                continue
            makers = sorted(
                a for a in part if self._known(a).asset_type in PRODUCERS.get(self.service, ())
            )
            length = graph.subgraph(part).size(weight="length")
            if makers:
                for maker in makers:
                    asset = self._known(maker)
                    services = (*asset.source_of, self.service)
                    self.network.assets[maker] = replace(asset, source_of=services)
            elif self.service in ENTERED and length >= number("least_part") * total:
                self._enter(part)
            else:
                dropped |= part
        if dropped:
            self.network.left_out = sum(x.from_id in dropped for x in self.network.links)
            self.network.links = [x for x in self.network.links if x.from_id not in dropped]
            self.network.assets = {
                a: x for a, x in self.network.assets.items()
                if a not in dropped or not x.is_junction
            }  # fmt: skip

    def _enter(self, part: set[str]) -> None:
        junctions = sorted(a for a in part if self._known(a).is_junction) or sorted(part)
        places = np.array([(self._known(a).lon, self._known(a).lat) for a in junctions])
        away = np.hypot(*(places - np.median(places, axis=0)).T)
        asset_id = junctions[int(away.argmin())]
        asset = self._known(asset_id)
        if not asset.is_junction:
            services = (*asset.source_of, self.service)
            self.network.assets[asset_id] = replace(asset, source_of=services)
            return
        self.network.assets[asset_id] = replace(
            asset, name=f"{UNNAMED[self.service]} network (assumed entry)",
            asset_type=f"{self.service}_boundary", source_of=(self.service,), confidence="D",
            source="assumption", origin=ASSUMPTION,
            note="the network does not lead out of the extract: it is taken to work from here",
        )  # fmt: skip

    def _stand_in(self, on: Iterable[str]) -> None:
        ids = list(on)
        if not ids:
            return
        nodes = list(self.lonlat)
        transform = to_metres(self.mapped.crs).transform
        places = np.array([self.lonlat[n] for n in nodes])
        x, y = transform(places[:, 0], places[:, 1])
        tree = shapely.STRtree(shapely.points(x, y))
        spots = np.array([self.mapped.shapes[a] for a in ids], dtype=object)
        rows, hits = tree.query_nearest(
            spots, max_distance=number("station_reach_m"), all_matches=False
        )
        for row, hit in zip(rows.tolist(), hits.tolist(), strict=True):
            if nodes[hit] not in self.stands:
                self.stands[nodes[hit]] = ids[row]
                self.network.taken[ids[row]] = nodes[hit]

    def _inside(self, node: int) -> bool:
        lon, lat = self.lonlat[node]
        return self.west <= lon <= self.east and self.south <= lat <= self.north

    def _pieces(self, way: Way, uses: dict[int, int]) -> list[_Piece]:
        """Cut a way where others meet it; a bridge or tunnel becomes a node in its middle."""
        inside = [self._inside(n) for n in way.nodes]
        kind = _structure(way.tags)
        if kind and all(inside) and self.service in ("road", "rail"):
            middle = f"way/{way.way_id}"
            self.structures[middle] = way
            half = max(1, len(way.nodes) // 2)
            first, last = list(way.nodes[: half + 1]), list(way.nodes[half:])
            if len(way.nodes) == 2:
                first, last = [way.nodes[0]], [way.nodes[1]]
            return [
                _Piece(way.nodes[0], middle, first, way),
                _Piece(middle, way.nodes[-1], last, way),
            ]
        mapped: list[_Piece] = []
        part: list[int] = []
        for row, node in enumerate(way.nodes):
            near = (
                inside[row]
                or (row and inside[row - 1])
                or (row + 1 < len(inside) and inside[row + 1])
            )
            if not near:
                part = []
                continue
            part.append(node)
            if not inside[row]:
                self.leads_out.setdefault(node, way)
            is_cut = uses[node] > 1 or node in self.stands or not inside[row]
            if is_cut and len(part) > 1:
                mapped.append(_Piece(part[0], node, part, way))
                part = [node] if inside[row] else []
        if len(part) > 1:
            mapped.append(_Piece(part[0], part[-1], part, way))
        return mapped

    def _edges(self, ways: Sequence[Way], uses: dict[int, int]) -> None:
        """Note the dead ends by the edge of the extract: the network leads on there."""
        if self.service not in ("road", "rail", "gas", "drinking_water"):
            return
        margin = number("road_edge_m") / 111_000
        for way in ways:
            for node in (way.nodes[0], way.nodes[-1]):
                if uses[node] != 2 or not self._inside(node):
                    continue
                lon, lat = self.lonlat[node]
                edge = min(lon - self.west, self.east - lon, lat - self.south, self.north - lat)
                if way.is_cut or edge < margin:
                    self.leads_out.setdefault(node, way)

    def _joined(self, pieces: list[_Piece]) -> list[_Piece]:
        """Join pieces over nodes where just two of them meet."""
        at: dict[Node, list[int]] = defaultdict(list)
        for row, piece in enumerate(pieces):
            at[piece.start].append(row)
            at[piece.end].append(row)
        kept = {
            n for n, rows in at.items()
            if len(rows) != 2 or isinstance(n, str) or n in self.stands or n in self.leads_out
            # water takes the road up to a bridge, not the bridge: they are links of their own
            or len({_structure(pieces[row].way.tags) for row in rows}) > 1
        }  # fmt: skip
        done: set[int] = set()
        mapped: list[_Piece] = []
        for node in sorted(kept, key=str):
            for row in at[node]:
                mapped += [] if row in done else [self._walk(pieces, at, kept, done, node, row)]
        return [p for p in mapped if p.start != p.end]

    def _walk(
        self, pieces: list[_Piece], at: dict[Node, list[int]], kept: set[Node],
        done: set[int], node: Node, row: int,
    ) -> _Piece:  # fmt: skip
        start, way = node, pieces[row].way
        nodes: list[int] = []
        while True:
            done.add(row)
            piece = pieces[row]
            forward = piece.start == node
            part = piece.nodes if forward else piece.nodes[::-1]
            nodes += part[1:] if nodes and nodes[-1] == part[0] else part
            node = piece.end if forward else piece.start
            if not way.tags.get("name") and piece.way.tags.get("name"):
                way = piece.way
            if node in kept:
                return _Piece(start, node, nodes, way)
            following = [r for r in at[node] if r != row]
            if not following or following[0] in done:
                return _Piece(start, node, nodes, way)
            row = following[0]

    def _link(self, piece: _Piece) -> None:
        ids = [self._asset(piece.start, piece.way), self._asset(piece.end, piece.way)]
        if ids[0] == ids[1]:
            return
        first, last = (self._known(i) for i in ids)
        line = [(first.lon, first.lat), *(self.lonlat[n] for n in piece.nodes),
                (last.lon, last.lat)]  # fmt: skip
        count, plain = 1, f"{self.service}/{_short(ids[0])}-{_short(ids[1])}"
        link_id = plain
        while link_id in self.used:
            count += 1
            link_id = f"{plain}-{count}"
        self.used.add(link_id)
        self.found_links.append((link_id, ids[0], ids[1], piece.way.tags))
        self.courses.append(np.array(line))

    def _make_links(self) -> None:
        """Measure and thin all courses at once."""
        if not self.courses:
            return
        rows = np.repeat(np.arange(len(self.courses)), [len(c) for c in self.courses])
        degrees = np.round(np.concatenate(self.courses), DIGITS)
        x, y = to_metres(self.mapped.crs).transform(degrees[:, 0], degrees[:, 1])
        metres = shapely.linestrings(np.column_stack([x, y]), indices=rows)
        lengths = np.round(shapely.length(metres), 1).tolist()
        drawn = shapely.linestrings(degrees, indices=rows)
        drawn = shapely.simplify(drawn, _TOLERANCE_DEGREES, preserve_topology=False)
        for (link_id, first, last, tags), length, line in zip(
            self.found_links, lengths, drawn, strict=True
        ):
            self.network.links.append(
                Link(
                    link_id, first, last, self.service, length_m=length,
                    name=tags.get("ref") or tags.get("name") or UNNAMED[self.service],
                    structure=_structure(tags),
                    confidence="B", source=SOURCE, geometry=line,
                )
            )  # fmt: skip

    def _known(self, asset_id: str) -> Asset:
        return self.network.assets.get(asset_id) or self.mapped.assets[asset_id]

    def _asset(self, node: Node, way: Way) -> str:
        """Return the asset at a kept node, made if it is not there."""
        if isinstance(node, str):
            return self._structure(node)
        if node in self.stands:
            return self.stands[node]
        lon, lat = (round(c, DIGITS) for c in self.lonlat[node])
        if node in self.leads_out and self.service in ("road", "rail", "gas"):
            return self._boundary(node, lon, lat)
        asset_id = f"node/{node}"
        if asset_id not in self.mapped.assets and asset_id not in self.network.assets:
            self.network.assets[asset_id] = Asset(
                asset_id, "", JUNCTION, SECTOR.get(self.service, "energy"), lon, lat, source=SOURCE
            )
        return asset_id

    def _structure(self, asset_id: str) -> str:
        if asset_id not in self.network.assets and asset_id not in self.mapped.assets:
            way = self.structures[asset_id]
            kind = asset_types()[f"{self.service}_{_structure(way.tags)}"]
            places = [self.lonlat[n] for n in way.nodes]
            middle = LineString(places).interpolate(0.5, normalized=True)
            over = way.tags.get("bridge:name") or way.tags.get("name") or way.tags.get("ref")
            self.network.assets[asset_id] = Asset(
                asset_id,
                f"{kind.short_label}, {over}" if over else f"{kind.short_label} {asset_id}",
                kind.asset_type, "transport",
                round(middle.x, DIGITS), round(middle.y, DIGITS),
                repair_h=kind.repair_h, confidence="B", source=SOURCE,
            )  # fmt: skip
        return asset_id

    def _boundary(self, node: int, lon: float, lat: float) -> str:
        asset_id = f"assumed/{self.service}/{node}"
        if asset_id not in self.network.assets:
            lon = min(max(lon, self.west), self.east)
            lat = min(max(lat, self.south), self.north)
            tags = self.leads_out[node].tags
            called = tags.get("ref") or tags.get("name")
            label = f"{UNNAMED[self.service]} to the outside"
            self.network.assets[asset_id] = Asset(
                asset_id, f"{label}, {called}" if called else label,
                f"{self.service}_boundary", SECTOR.get(self.service, "energy"), lon, lat,
                source_of=(self.service,), confidence="D", source="assumption",
                origin=ASSUMPTION,
                note=f"the {self.service} network is taken to lead on where it leaves the extract",
            )  # fmt: skip
        return asset_id


def _structure(tags: Tags) -> str:
    if tags.get("bridge", "no") != "no":
        return "bridge"
    return "tunnel" if tags.get("tunnel", "no") not in ("no", "culvert") else ""


def _short(asset_id: str) -> str:
    kind, _, number_ = asset_id.partition("/")
    return f"{kind[0]}{number_}"
