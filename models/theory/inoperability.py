"""Inoperability input-output models: spread of the failure of one sector through an economy.

Inoperability ``q`` [sectors] is the share of its planned output that a sector cannot produce, in
[0, 1]. ``A*`` [sectors x sectors] has in row i, column j the share of sector j's inoperability
that reaches sector i; ``c*`` [sectors] is the external perturbation of each sector.

Static model: Haimes and Jiang 2001, doi:10.1061/(ASCE)1076-0342(2001)7:1(1). Demand form from
input-output tables: Santos and Haimes 2004, doi:10.1111/j.0272-4332.2004.00540.x. Supply form:
Leung, Haimes and Santos 2007, doi:10.1061/(ASCE)1076-0342(2007)13:4(299). Dynamic model: Lian and
Haimes 2006, doi:10.1002/sys.20051; its resilience coefficient: Haimes et al. 2005,
doi:10.1061/(ASCE)1076-0342(2005)11:2(67).
"""

from __future__ import annotations

from math import log

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

#: Changes below this end the capped iteration: they do not affect results.
SETTLED = 1e-14


def technical_coefficients(transactions: ArrayLike, output: ArrayLike) -> Floats:
    """Return A: what sector j buys from sector i for one unit of its output, ``T_ij / x_j``.

    ``transactions`` [from x to] and ``output`` [sectors] are in one currency unit.
    """
    return np.asarray(transactions, dtype=np.float64) / np.asarray(output, dtype=np.float64)


def demand_interdependency(transactions: ArrayLike, output: ArrayLike) -> Floats:
    """Return A* of the demand form, ``diag(x)^-1 A diag(x) = T_ij / x_i``."""
    total = np.asarray(output, dtype=np.float64)
    return np.asarray(transactions, dtype=np.float64) / total[:, np.newaxis]


def supply_interdependency(transactions: ArrayLike, output: ArrayLike) -> Floats:
    """Return A* of the supply form: the technical coefficients transposed."""
    return technical_coefficients(transactions, output).T


def uncapped(interdependency: ArrayLike, perturbation: ArrayLike) -> Floats:
    """Return ``q = (I - A*)^-1 c*``, which may exceed 1.

    Raises
    ------
    numpy.linalg.LinAlgError
        If ``I - A*`` is singular.
    """
    a = np.asarray(interdependency, dtype=np.float64)
    q = np.linalg.solve(np.eye(len(a)) - a, np.asarray(perturbation, dtype=np.float64))
    return q.astype(np.float64)


def inoperability(interdependency: ArrayLike, perturbation: ArrayLike) -> Floats:
    """Return the smallest ``q = min(1, A* q + c*)``: no sector loses more than its whole output.

    Capping the linear solution at 1 would be wrong if a sector at 1 feeds others, so it is
    iterated from ``q = 0``. Both inputs are at least 0; convergence is fast if the spectral radius
    of ``A*`` is below 1, as in every real table.
    """
    a = np.asarray(interdependency, dtype=np.float64)
    c = np.asarray(perturbation, dtype=np.float64)
    q = np.zeros(len(c))
    while True:
        risen = np.minimum(1.0, a @ q + c)
        if np.abs(risen - q).max(initial=0.0) <= SETTLED:
            return risen
        q = risen


def course(
    interdependency: ArrayLike,
    perturbation: ArrayLike,
    resilience: ArrayLike,
    *,
    steps: int,
    perturbed: tuple[int, int],
    start: ArrayLike = 0.0,
) -> Floats:
    """Return ``q`` [steps x sectors], ``q(t+1) = q(t) + K (A* q(t) + c*(t) - q(t))``, in [0, 1].

    Parameters
    ----------
    interdependency
        A*, [sectors, sectors].
    perturbation
        c*, [sectors], in [0, 1].
    resilience
        K, [sectors], each in [0, 1] per step: rate at which a sector adapts.
    steps
        How many to compute; step 0 is the start.
    perturbed
        The first and the last step that ``perturbation`` acts on.
    start
        q(0), one number or [sectors].
    """
    a = np.asarray(interdependency, dtype=np.float64)
    c = np.asarray(perturbation, dtype=np.float64)
    k = np.asarray(resilience, dtype=np.float64)
    q = np.zeros((steps, len(c)))
    q[0] = start
    first, last = perturbed
    for t in range(steps - 1):
        acting = c if first <= t + 1 <= last else 0.0
        q[t + 1] = np.clip(q[t] + k * (a @ q[t] + acting - q[t]), 0.0, 1.0)
    return q


def resilience_coefficient(before: float, after: float, time: float, own: float) -> float:
    """Return ``k = ln(q(0) / q(T)) / (T (1 - a*_ii))``, per unit of ``time``.

    Parameters
    ----------
    before, after
        q(0) and q(T), inoperability in (0, 1], of a sector left alone.
    time
        T, in the unit that the result is per.
    own
        a*_ii, how much the sector depends on itself, below 1.
    """
    return log(before / after) / time / (1.0 - own)
