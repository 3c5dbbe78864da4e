"""Common-cause failures: how a probability of failure splits over one, two, … members at once.

``Q[k - 1]`` is the probability that one particular set of k members fails from a cause of their
own. Beta factor: Fleming 1975. Multiple Greek letter and alpha factor: NUREG/CR-4780, CR-5485.
Binomial shock: Atwood 1986.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import comb, expm1, prod

import numpy as np
import numpy.typing as npt

from models.hazards.curves import F64


def beta_factor(q: float, beta: float, m: int) -> list[float]:
    """Return Q of m members of which all fail together with probability ``beta * q``.

    Parameters
    ----------
    q
        Probability that a member fails, of any cause.
    beta
        The part of it that takes all members.
    m
        How many members there are, from 2.
    """
    return [(1.0 - beta) * q, *([0.0] * (m - 2)), beta * q]


def multiple_greek_letter(q: float, letters: Sequence[float], m: int) -> list[float]:
    """Return Q of m members by beta, gamma, delta and so on.

    Parameters
    ----------
    q
        Probability that a member fails, of any cause.
    letters
        Each the probability that the cause reaches one more member, given that it reached the
        last; those left out are 0.
    m
        How many members there are.
    """
    rho = [1.0, *letters[: m - 1], *([0.0] * (m - 1 - len(letters))), 0.0]
    return [prod(rho[:k]) * (1.0 - rho[k]) * q / comb(m - 1, k - 1) for k in range(1, m + 1)]


def alpha_factor(q: float, alpha: Sequence[float], *, staggered: bool = False) -> list[float]:
    """Return Q of as many members as there are alphas.

    Parameters
    ----------
    q
        Probability that a member fails, of any cause.
    alpha
        ``alpha[k - 1]``: the part of failure events that take exactly k members.
    staggered
        Whether members were tested one after the other where the alphas come from.
    """
    m = len(alpha)
    total = sum(k * a for k, a in enumerate(alpha, start=1))
    parts = (a if staggered else k * a / total for k, a in enumerate(alpha, start=1))
    return [part * q / comb(m - 1, k - 1) for k, part in enumerate(parts, start=1)]


def alpha_to_letters(alpha: Sequence[float]) -> list[float]:
    """Return beta, gamma and so on of the same model, without staggered tests."""
    weights = [k * a for k, a in enumerate(alpha, start=1)]
    tails = [sum(weights[k:]) for k in range(len(weights))]
    return [after / before for before, after in pairwise(tails)]


def all_fail(q: Sequence[float]) -> float:
    """Return the probability that all of two or three members fail, by rare events."""
    if len(q) == 2:
        return q[0] ** 2 + q[1]
    return q[0] ** 3 + 3 * q[0] * q[1] + q[2]


def two_of_three_fail(q: Sequence[float]) -> float:
    """Return the probability that two or more of three members fail, by rare events."""
    return 3 * q[0] ** 2 + 3 * q[1] + q[2]


@dataclass(frozen=True, slots=True)
class Shock:
    """A binomial shock: its rate per time, and the conditional probability of each member.

    ``alone`` is the rate of a member's failures of its own.
    """

    rate: float
    p: float
    alone: float = 0.0

    def p_shock(self, t: float) -> float:
        """Return the probability of a shock within ``t``."""
        return -expm1(-self.rate * t)

    def p_all(self, m: int, t: float) -> float:
        """Return the probability that a shock takes all of m members within ``t``."""
        return self.p_shock(t) * self.p**m

    def p_any(self, m: int, t: float) -> float:
        """Return the probability that a shock takes at least one of m members within ``t``."""
        return self.p_shock(t) * (1.0 - (1.0 - self.p) ** m)


def sample_shock(shock: Shock, t: float, u: F64) -> npt.NDArray[np.bool_]:
    """Return who fails: the shock first, then its members, then failures of their own.

    Parameters
    ----------
    shock
        The model.
    t
        The time that is looked at.
    u
        Uniform numbers in [0, 1), [runs, 1 + 2 m]: of the shock, of members, of their own.

    Returns
    -------
    [runs, m] whether each member fails.
    """
    m = (u.shape[1] - 1) // 2
    struck = u[:, :1] < shock.p_shock(t)
    taken: npt.NDArray[np.bool_] = struck & (u[:, 1 : 1 + m] < shock.p)
    return taken | (u[:, 1 + m :] < -expm1(-shock.alone * t))


def sample_sets(q: Sequence[float], m: int, u: F64) -> npt.NDArray[np.bool_]:
    """Return who fails by Q: each set of members by itself, the largest sets first.

    Parameters
    ----------
    q
        As the models above return it.
    m
        How many members there are.
    u
        Uniform numbers in [0, 1), [runs, 2^m - 1].

    Returns
    -------
    [runs, m] whether each member fails.
    """
    from itertools import combinations

    failed = np.zeros((len(u), m), dtype=np.bool_)
    sets = (some for k in range(m, 0, -1) for some in combinations(range(m), k))
    for column, some in enumerate(sets):
        failed[:, list(some)] |= (u[:, column] < q[len(some) - 1])[:, None]
    return failed
