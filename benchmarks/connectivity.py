"""Connectivity of a synthetic road network, beside networkx asked for a path per pair."""

from __future__ import annotations

import networkx as nx
import numpy as np
from scipy.spatial import Delaunay

from benchmarks.table import Row, alternating_ms
from models.criticality.connectivity import LinkNetwork, reach

NODES, SOURCES, DEMANDS = 10_000, 5, 2_000
#: Pairs and nodes that networkx is asked for; its time is scaled up to all of them.
PAIRS_ASKED, NODES_ASKED = 100, 20
AIM = 1_000


def rows() -> list[Row]:
    """Measure reach from sources, and efficiency, each alternating with networkx on a sample."""
    network = _network(np.random.default_rng(1))
    graph = _graph(network)
    return [_sources_to_demands(network, graph), _efficiency(network, graph)]


def _sources_to_demands(network: LinkNetwork, graph: nx.Graph[int]) -> Row:
    sources = np.flatnonzero(network.source)
    demands = np.flatnonzero(network.demand)[: PAIRS_ASKED // SOURCES]
    whole = np.ones(len(network.links), dtype=bool)

    def pairs() -> list[float]:
        def inverse(source: int, demand: int) -> float:
            return 1.0 / nx.shortest_path_length(graph, source, demand, weight="length")

        return [sum(inverse(int(s), int(d)) for s in sources) for d in demands]

    assert np.allclose(reach(network, whole, sources).closeness[demands], pairs())
    ours, sample = alternating_ms(lambda: reach(network, whole, sources), pairs, repeats=5)
    theirs = sample * SOURCES * DEMANDS / PAIRS_ASKED
    return Row(
        f"connectivity, {SOURCES} x {DEMANDS:,} pairs",
        f"{theirs / ours:,.0f} x a path query per pair",
        f"≥ {AIM:,} x",
        f"{NODES:,} nodes, {len(network.links):,} links, {ours:.1f} ms; "
        f"networkx {theirs / 1000:.0f} s, from {PAIRS_ASKED} of the pairs",
    )


def _efficiency(network: LinkNetwork, graph: nx.Graph[int]) -> Row:
    whole = np.ones(len(network.links), dtype=bool)
    some = np.arange(0, NODES, NODES // (10 * NODES_ASKED))
    sampled = some[:: len(some) // NODES_ASKED]

    def searches() -> list[float]:
        distances = (nx.single_source_dijkstra_path_length(graph, int(n), weight="length")
                 for n in sampled)  # fmt: skip
        return [
            sum(1.0 / d for d in lengths.values() if d > 0) / (NODES - 1) for lengths in distances
        ]

    assert np.allclose(reach(network, whole, some).efficiency[sampled], searches())
    ours, sample = alternating_ms(lambda: reach(network, whole, some), searches, repeats=3)
    per_node, theirs = ours / len(some), sample / len(sampled)
    return Row(
        "efficiency of every node",
        f"{theirs / per_node:.0f} x networkx, a search per node",
        "",
        f"{per_node * NODES / 1000:.0f} s for the {NODES:,} nodes, before and after each; "
        f"from {len(some)} nodes, networkx from {len(sampled)}",
    )


def _network(random: np.random.Generator) -> LinkNetwork:
    """Return the Delaunay net of random places over 100 km, thinned, in one piece."""
    place = random.random((NODES, 2)) * 100_000
    corners = Delaunay(place).simplices
    sides = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    links = np.unique(np.sort(sides, axis=1), axis=0)
    length = np.hypot(*(place[links[:, 0]] - place[links[:, 1]]).T)
    # a tree of the shortest keeps it together; of the rest two in five stay
    graph = nx.Graph()
    graph.add_weighted_edges_from(zip(*links.T.tolist(), length.tolist(), strict=True))
    tree = {tuple(sorted(pair)) for pair in nx.minimum_spanning_edges(graph, data=False)}
    kept = np.array([tuple(pair) in tree for pair in links.tolist()])
    kept |= random.random(len(links)) < 0.4
    ends = random.permutation(NODES)
    source, demand = np.zeros(NODES, dtype=bool), np.zeros(NODES, dtype=bool)
    source[ends[:SOURCES]] = demand[ends[SOURCES : SOURCES + DEMANDS]] = True
    links, length = links[kept], length[kept]
    return LinkNetwork(
        service="road",
        weight="length_m",
        nodes=tuple(str(n) for n in range(NODES)),
        source=source,
        demand=demand,
        links=tuple(str(n) for n in range(len(links))),
        tail=links[:, 0],
        head=links[:, 1],
        length=length,
        directed=np.zeros(len(links), dtype=bool),
    )


def _graph(network: LinkNetwork) -> nx.Graph[int]:
    graph: nx.Graph[int] = nx.Graph()
    ends = zip(network.tail.tolist(), network.head.tolist(), strict=True)
    for (tail, head), length in zip(ends, network.length.tolist(), strict=True):
        graph.add_edge(tail, head, length=length)
    return graph
