"""Roads and railways as link networks, contracted to junctions.

A kept node is one where not exactly two pieces meet, a border point, a bridge, or an asset such
as a station. Everything between two kept nodes is one link.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import dist

import shapely
from shapely.geometry import LineString
from shapely.ops import substring

from data.prepare.osm import Extract, Tags
from models.space.areas import to_metres

Coordinates = list[tuple[float, float]]


@dataclass
class Piece:
    """A stretch between two nodes of the raw graph."""

    start: str
    end: str
    line: Coordinates
    name: str
    ways: tuple[int, ...]

    def reversed(self) -> Piece:
        """Return it the other way round."""
        return Piece(self.end, self.start, self.line[::-1], self.name, self.ways)


@dataclass
class Network:
    """The raw graph: pieces, places of its nodes, and what some nodes stand for."""

    pieces: list[Piece] = field(default_factory=list)
    places: dict[str, tuple[float, float]] = field(default_factory=dict)
    borders: dict[str, str] = field(default_factory=dict)
    bridges: dict[str, Tags] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)


def build(extract: Extract, wanted: Callable[[Tags], bool], border_prefix: str) -> Network:
    """Collect the pieces of all wanted ways inside the frame, with border points and bridges.

    A pipe over a bridge stays a pipe: only roads and railways have bridges as nodes.

    Parameters
    ----------
    extract
        What OpenStreetMap has.
    wanted
        Whether a way of these tags belongs to the network.
    border_prefix
        What ids of points on the region's border begin with.
    """
    network = Network()
    for way, (nodes, tags) in sorted(extract.ways.items()):
        if wanted(tags):
            _add_way(network, extract, way, nodes, tags, border_prefix)
    return network


def _add_way(
    network: Network,
    extract: Extract,
    way: int,
    nodes: tuple[int, ...],
    tags: Tags,
    border_prefix: str,
) -> None:
    name = tags.get("ref") or tags.get("name") or ""
    inside = [extract.inside(n) for n in nodes]
    is_way = "highway" in tags or "railway" in tags
    if is_way and tags.get("bridge", "no") != "no" and all(inside):
        _add_bridge(network, extract, way, nodes, tags, name)
        return
    for (a, a_in), (b, b_in) in zip(
        zip(nodes, inside, strict=True), list(zip(nodes, inside, strict=True))[1:], strict=False
    ):
        if not (a_in or b_in) or a not in extract.places or b not in extract.places:
            continue
        start, end = f"node/{a}", f"node/{b}"
        line = [extract.places[a], extract.places[b]]
        if not (a_in and b_in):
            cut = _crossing(extract, LineString(line))
            border = f"{border_prefix}/{way}" + ("" if a_in else "-in")
            network.borders[border] = name
            start, end = (start, border) if a_in else (border, end)
            line = [line[0], cut] if a_in else [cut, line[1]]
        network.places[start], network.places[end] = line[0], line[1]
        network.pieces.append(Piece(start, end, line, name, (way,)))


def _crossing(extract: Extract, line: LineString) -> tuple[float, float]:
    point = line.intersection(extract.frame.exterior)
    first = shapely.get_geometry(point, 0) if point.geom_type != "Point" else point
    return round(first.x, 7), round(first.y, 7)


def _add_bridge(
    network: Network, extract: Extract, way: int, nodes: tuple[int, ...], tags: Tags, name: str
) -> None:
    line, middle = extract.line(way), f"way/{way}"
    halves = [substring(line, *part, normalized=True) for part in ((0, 0.5), (0.5, 1))]
    first, last = f"node/{nodes[0]}", f"node/{nodes[-1]}"
    network.places[first], network.places[last] = line.coords[0], line.coords[-1]
    network.places[middle] = halves[0].coords[-1]
    network.bridges[middle] = tags
    network.pieces.append(Piece(first, middle, list(halves[0].coords), name, (way,)))
    network.pieces.append(Piece(middle, last, list(halves[1].coords), name, (way,)))


def stand_in(network: Network, node: str, asset_id: str) -> None:
    """Let an asset, e.g. a station, take the place of a node.

    Parameters
    ----------
    network
        Changed in place.
    node
        What gives way.
    asset_id
        What comes in its place.
    """
    for piece in network.pieces:
        piece.start = asset_id if piece.start == node else piece.start
        piece.end = asset_id if piece.end == node else piece.end
    network.places[asset_id] = network.places.pop(node)
    network.kept.add(asset_id)


def nearest_node(network: Network, lon: float, lat: float, crs: str) -> tuple[float, str]:
    """Return (distance in m, node) of the nearest plain node.

    Parameters
    ----------
    network
        Where to look.
    lon, lat
        From where, in degrees.
    crs
        The projection in which distances are in metres.
    """
    project = to_metres(crs).transform
    here = project(lon, lat)
    return min(
        (dist(here, project(*place)), node)
        for node, place in network.places.items()
        if node.startswith("node/")
    )


def contract(network: Network, roots: Iterable[str] = ()) -> list[Piece]:
    """Join pieces over nodes of degree two; drop loops and what no border or root reaches."""
    at: dict[str, list[Piece]] = defaultdict(list)
    for piece in network.pieces:
        at[piece.start].append(piece)
        at[piece.end].append(piece.reversed())
    special = set(network.borders) | set(network.bridges) | network.kept
    kept = {node for node, pieces in at.items() if len(pieces) != 2 or node in special}
    found: dict[tuple[object, ...], Piece] = {}
    for node in sorted(kept):
        for piece in at[node]:
            whole = _walk(piece, at, kept)
            if whole.start != whole.end:
                key = tuple(sorted((tuple(whole.line), tuple(whole.line[::-1]))))
                found.setdefault(key, whole)
    reached = _reached(found.values(), {*network.borders, *roots})
    return [piece for piece in found.values() if piece.start in reached]


def _walk(piece: Piece, at: dict[str, list[Piece]], kept: set[str]) -> Piece:
    line, ways, node, previous = list(piece.line), list(piece.ways), piece.end, piece
    names = [piece.name]
    while node not in kept:
        one, other = at[node]
        following = other if one.line == previous.line[::-1] else one
        line += following.line[1:]
        ways += following.ways
        names.append(following.name)
        node, previous = following.end, following
    name = next((n for n in names if n), "")
    return Piece(piece.start, node, line, name, tuple(dict.fromkeys(ways)))


def _reached(pieces: Iterable[Piece], borders: Iterable[str]) -> set[str]:
    neighbours: dict[str, set[str]] = defaultdict(set)
    for piece in pieces:
        neighbours[piece.start].add(piece.end)
        neighbours[piece.end].add(piece.start)
    reached: set[str] = set()
    queue = sorted(borders)
    while queue:
        node = queue.pop()
        if node not in reached:
            reached.add(node)
            queue.extend(neighbours[node])
    return reached
