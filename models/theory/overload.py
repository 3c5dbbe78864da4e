"""Cascades by overload (Motter and Lai 2002, doi:10.1103/PhysRevE.66.065102).

Flow follows shortest paths. A node's load is the number of pairs whose path runs
through it or ends there (betweenness with end points); it can carry ``(1 + alpha)`` times its load
in the whole network. All nodes overloaded after a loss fail at once, and so on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import networkx as nx

#: Tolerance of loads, which are sums of fractions.
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Overload:
    """The end of a cascade: nodes in the ``largest`` part, nodes ``alive``, ``rounds`` of failures.

    The attack itself does not count as a round.
    """

    largest: int
    alive: int
    rounds: int


def loads(graph: nx.Graph[Any]) -> dict[Any, float]:
    """Return the number of pairs that each node lies on the shortest paths of."""
    betweenness: dict[Any, float] = nx.betweenness_centrality(
        graph, normalized=False, endpoints=True
    )
    return betweenness


def cascade(graph: nx.Graph[Any], attacked: Any, alpha: float) -> Overload:
    """Remove ``attacked`` and then all overloaded nodes, until none is left; ``graph`` is kept.

    Parameters
    ----------
    graph
        Left as it is.
    attacked
        The node that is removed first.
    alpha
        Tolerance: a node carries 1 + alpha times its load in the whole graph.
    """
    capacity = {node: (1.0 + alpha) * load for node, load in loads(graph).items()}
    left = graph.copy()
    left.remove_node(attacked)
    rounds = 0
    while over := [n for n, load in loads(left).items() if load > capacity[n] + TOLERANCE]:
        left.remove_nodes_from(over)
        rounds += 1
    largest = max((len(part) for part in nx.connected_components(left)), default=0)
    return Overload(largest, len(left), rounds)
