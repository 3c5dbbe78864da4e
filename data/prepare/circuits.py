"""Circuits as links between stations: their course along the mapped lines, and shared ways.

Which circuit hangs on which way is told by the route relations and the table of circuits, never
by the geometry alone: a six-cable line carries two circuits that only pass.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import dist

import networkx as nx
from shapely.geometry import LineString

from data.prepare.numbers import value
from data.prepare.osm import Extract
from models.space.areas import to_metres
from models.world import Asset, CommonCause, Link

Row = Mapping[str, str]
#: What the table of circuits is about where its ways do not say (``docs/data.md``, step 5).
USUAL_KV = 110.0


def links(
    rows: Sequence[Row], assets: Mapping[str, Asset], extract: Extract, crs: str
) -> list[Link]:
    """Return one link per row of the table of circuits.

    Parameters
    ----------
    rows
        Of the table of circuits.
    assets
        The stations that they join, by id.
    extract
        Where the lines run.
    crs
        The projection in which lengths are in metres.
    """
    return [_link(row, assets, extract, crs) for row in rows]


def corridors(rows: Sequence[Row], extract: Extract) -> list[CommonCause]:
    """Return a common-cause group for each way that carries more than one circuit."""
    carried: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        for way in _ways(row):
            carried[way].append(row["link_id"])
    found = []
    for way, link_ids in sorted(carried.items()):
        cables = extract.ways[way][1].get("cables", "0")
        if len(link_ids) > 1 and int(cables) >= value("least_shared_cables"):
            kv = _voltage_kv("electricity", [way], extract)
            name = f"Shared {kv:g} kV line, way {way}"
            found.append(
                CommonCause(f"corridor/way/{way}", "corridor", name, (), tuple(sorted(link_ids)))
            )
    return found


def _ways(row: Row) -> list[int]:
    return [int(way) for way in row["ways"].split("|") if way]


def _link(row: Row, assets: Mapping[str, Asset], extract: Extract, crs: str) -> Link:
    ends = [assets[row[end]] for end in ("from_id", "to_id")]
    course = [(a.lon, a.lat) for a in ends]
    if row["ways"]:
        graph = _graph(extract, _ways(row), crs)
        first, last = (_nearest(graph, extract, a, crs) for a in ends)
        path = nx.shortest_path(graph, first, last, weight="length")
        course = [course[0], *(extract.places[n] for n in path), course[1]]
    line = LineString(course)
    return Link(
        row["link_id"],
        row["from_id"],
        row["to_id"],
        row["service"],
        length_m=round(LineString([to_metres(crs).transform(*c) for c in course]).length, 1),
        voltage_kv=_voltage_kv(row["service"], _ways(row), extract),
        name=row["name"],
        origin=row["origin"],
        confidence=row["confidence"],
        source=row["note"],
        geometry=line,
    )


def _voltage_kv(service: str, ways: Sequence[int], extract: Extract) -> float | None:
    """Return the voltage that the first tagged way tells; circuits without one are 110 kV."""
    if service != "electricity":
        return None
    told = (extract.ways[way][1].get("voltage", "") for way in ways)
    return next((int(volts) / 1000 for volts in told if volts.isdecimal()), USUAL_KV)


def _graph(extract: Extract, ways: Sequence[int], crs: str) -> nx.Graph[int]:
    graph: nx.Graph[int] = nx.Graph()
    for way in ways:
        nodes = extract.ways[way][0]
        xy = {n: to_metres(crs).transform(*extract.places[n]) for n in nodes}
        for a, b in pairwise(nodes):
            if extract.inside(a) and extract.inside(b):
                graph.add_edge(a, b, length=LineString([xy[a], xy[b]]).length)
    return graph


def _nearest(graph: nx.Graph[int], extract: Extract, asset: Asset, crs: str) -> int:
    project = to_metres(crs).transform
    here = project(asset.lon, asset.lat)

    def distance(node: int) -> tuple[float, int]:
        return dist(here, project(*extract.places[node])), node

    return min(graph.nodes, key=distance)
