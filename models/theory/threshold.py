"""Threshold cascades on random networks (Watts 2002, doi:10.1073/pnas.082090499).

A node fails once at least the share ``phi`` of its neighbours has failed. On a Poisson network of
mean degree ``z`` a single failure can spread without bound within a window of ``z``: below it
the network is not connected, above it nodes have too many neighbours to be tipped by one.
"""

from __future__ import annotations

from math import floor

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize_scalar
from scipy.sparse import coo_array
from scipy.special import gammaincc

from models.theory.percolation import random_links

#: Tolerance of comparisons of shares, so that 1/phi = 10 is 10.
TOLERANCE = 1e-9
#: From this share of nodes on a cascade counts as global.
GLOBAL = 0.1


def window(phi: float) -> tuple[float, float] | None:
    """Return the range of mean degrees in which global cascades can happen; None if it is empty.

    The ends solve ``sum over k <= 1/phi of k (k - 1) p_k = z``. For Poisson degrees the sum is
    ``z^2 P(degree <= floor(1/phi) - 2)``, a regularised incomplete gamma function.
    """
    vulnerable = floor(1.0 / phi + TOLERANCE)  # nodes up to this degree are tipped by one failure
    if vulnerable < 2:
        return None

    def excess(z: float) -> float:
        return float(z * gammaincc(vulnerable - 1, z) - 1.0)

    peak = minimize_scalar(lambda z: -excess(z), bounds=(0.0, 2.0 * vulnerable), method="bounded").x
    if excess(peak) <= 0:
        return None
    low = brentq(excess, 0.0, peak, xtol=1e-13)
    return float(low), float(brentq(excess, peak, 10.0 * vulnerable, xtol=1e-13))


def simulated_share_of_global_cascades(
    nodes: int, z: float, phi: float, runs: int, seed: int
) -> float:
    """Return the share of drawn networks in which one failed node brings down more than a tenth.

    Parameters
    ----------
    nodes
        In each drawn network.
    z
        Mean degree.
    phi
        Threshold: a node fails once this share of its neighbours has.
    runs
        How often to draw.
    seed
        Of the random numbers.
    """
    random = np.random.default_rng(seed)
    return sum(_cascade(nodes, z, phi, random) > GLOBAL for _ in range(runs)) / runs


def _cascade(nodes: int, z: float, phi: float, random: np.random.Generator) -> float:
    """Return the share of nodes that fail after one of them, in one network."""
    tail, head = random_links(nodes, z, random)
    ends = (np.concatenate([tail, head]), np.concatenate([head, tail]))
    touches = coo_array((np.ones(len(ends[0])), ends), shape=(nodes, nodes)).tocsr()
    needed = np.maximum(phi * touches.sum(axis=1) - TOLERANCE, TOLERANCE)
    failed: NDArray[np.bool_] = np.zeros(nodes, dtype=bool)
    failed[random.integers(nodes)] = True
    fallen = 0
    while fallen < (fallen := int(failed.sum())):
        failed |= touches @ failed.astype(np.float64) >= needed
    return fallen / nodes
