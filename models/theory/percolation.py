"""Percolation: the share of a random network that stays connected after nodes are removed.

All networks are Erdős–Rényi (Poisson degrees) with mean degree ``k``; a share ``p`` of the nodes
is left by the attack. The giant component of one network: ``S = 1 - exp(-k S)`` (Newman, Strogatz
and Watts 2001, doi:10.1103/PhysRevE.64.026118). Two networks whose nodes depend on each other one
to one: Buldyrev et al. 2010, doi:10.1038/nature08932. A tree of n such networks:
``P = p (1 - exp(-k P))^n``, Gao et al. 2011, doi:10.1103/PhysRevLett.107.195701.
"""

from __future__ import annotations

from math import exp

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.special import lambertw

Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]


def giant_component(k: float) -> float:
    """Return S, the share of nodes in the giant component of one network; 0 up to k = 1."""
    return float(1.0 + lambertw(-k * exp(-k)).real / k) if k > 1 else 0.0


def threshold(n: int) -> tuple[float, float]:
    """Return ``k p_c`` of n networks, and ``k P`` just above it: the size of the jump.

    With ``x = k P`` the equation reads ``k p = x / (1 - exp(-x))^n``; its right side is smallest
    at ``exp(x) = 1 + n x``. For one network the results are 1 and 0: there is no jump.
    """
    if n == 1:
        return 1.0, 0.0
    x = float(brentq(lambda x: exp(x) - 1.0 - n * x, 1e-9 + (n - 1) / n, 3.0 + n, xtol=1e-14))
    return _right_side(x, n), x


def mutual_giant_component(k: float, p: float, n: int = 2) -> float:
    """Return P, the share of nodes in the mutual giant component of n networks.

    Parameters
    ----------
    k
        Mean degree of each network.
    p
        Share of nodes that are left at first.
    n
        How many networks depend on each other.
    """
    least, x = threshold(n)
    if k * p <= least:
        return 0.0
    return float(brentq(lambda x: _right_side(x, n) - k * p, max(x, 1e-12), k * p, xtol=1e-14)) / k


def _right_side(x: float, n: int) -> float:
    return x / (1.0 - exp(-x)) ** n


def simulated_mutual_giant_component(nodes: int, k: float, p: float, runs: int, seed: int) -> float:
    """Return the same share for two networks, drawn ``runs`` times, on average.

    In turns, each network keeps its largest component among the nodes left, and the other loses
    the partners of the rest, until nothing changes.

    Parameters
    ----------
    nodes
        In each network.
    k
        Mean degree of each network.
    p
        Share of nodes that are left at first.
    runs
        How often to draw.
    seed
        Of the random numbers.
    """
    random = np.random.default_rng(seed)
    return sum(_mutual_share(nodes, k, p, random) for _ in range(runs)) / runs


def _mutual_share(nodes: int, k: float, p: float, random: np.random.Generator) -> float:
    networks = [random_links(nodes, k, random) for _ in range(2)]
    left: Mask = random.random(nodes) < p
    while True:
        before = left.sum()
        for tail, head in networks:
            left = _largest_component(tail, head, left)
        if left.sum() == before:
            return float(before / nodes)


def random_links(nodes: int, k: float, random: np.random.Generator) -> tuple[Indices, Indices]:
    """Return the ends of Erdős–Rényi links of mean degree ``k``.

    Ends are drawn with replacement: a link to itself or drawn twice changes a large network's
    component by less than 1 / nodes.

    Parameters
    ----------
    nodes
        How many there are.
    k
        Mean degree.
    random
        What the links are drawn with.

    Returns
    -------
    Positions of the ends, [links] each.
    """
    links = random.binomial(nodes * (nodes - 1) // 2, k / (nodes - 1))
    ends = random.integers(nodes, size=(2, links))
    return ends[0], ends[1]


def _largest_component(tail: Indices, head: Indices, left: Mask) -> Mask:
    both = left[tail] & left[head]
    links = coo_array((np.ones(both.sum()), (tail[both], head[both])), shape=(len(left),) * 2)
    _, component = connected_components(links, directed=False)
    sizes = np.bincount(component[left], minlength=1)
    largest: Mask = left & (component == sizes.argmax())
    return largest
