"""Vulnerability and fragility curves: from the intensity at a place to damage.

A *damage* curve gives a damage ratio in [0, 1] (or a rate, which ``quantity`` names). A *states*
curve gives, for each damage state, the probability that this state or a worse one is reached.
Sources and coefficients are rows of tables; this module only evaluates them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
CurveKind = Literal["damage", "states"]
#: What a damage ratio is called where a table says no more.
DAMAGE = "damage factor"


class Response(Protocol):
    """A function of the intensity."""

    def __call__(self, im: F64) -> F64:
        """Return the value at each intensity; NaN where the intensity is NaN."""


@dataclass(frozen=True, slots=True)
class Lognormal:
    """``Phi(ln(im / median) / beta)``; ``median`` in the unit of the intensity, both above 0."""

    median: float
    beta: float

    def __call__(self, im: F64) -> F64:
        """Return the probability at each intensity; 0 at and below an intensity of 0."""
        from scipy.special import ndtr

        with np.errstate(divide="ignore", invalid="ignore"):
            found: F64 = ndtr(np.log(np.maximum(im, 0.0) / self.median) / self.beta)
        return found


@dataclass(frozen=True, slots=True)
class Points:
    """Straight lines between points; beyond the first and the last, their value."""

    x: tuple[float, ...]
    y: tuple[float, ...]

    def __call__(self, im: F64) -> F64:
        """Return the value at each intensity."""
        found: F64 = np.interp(im, self.x, self.y)
        return found


@dataclass(frozen=True, slots=True)
class Threshold:
    """``above`` at and above ``at``, else 0."""

    at: float
    above: float = 1.0

    def __call__(self, im: F64) -> F64:
        """Return the value at each intensity."""
        found: F64 = np.where(im >= self.at, self.above, 0.0)
        return np.where(np.isnan(im), np.nan, found)


@dataclass(frozen=True, slots=True)
class Sigmoid:
    """``x^power / (1 + x^power)`` with ``x = (im - zero) / (half - zero)``, 0 up to ``zero``."""

    zero: float
    half: float
    power: float

    def __call__(self, im: F64) -> F64:
        """Return the value at each intensity; one half at ``half``."""
        risen = (np.maximum(im, self.zero) - self.zero) ** self.power
        # both powers are divided by, so that neither overflows where half is next to zero
        found: F64 = risen / ((self.half - self.zero) ** self.power + risen)
        return found


@dataclass(frozen=True, slots=True)
class Power:
    """``factor * im^exponent``: rates that grow without bound."""

    factor: float
    exponent: float

    def __call__(self, im: F64) -> F64:
        """Return the value at each intensity; 0 at and below 0."""
        found: F64 = self.factor * np.maximum(im, 0.0) ** self.exponent
        return found


@dataclass(frozen=True, eq=False)
class Curve:
    """One curve of a table, with its source.

    ``responses`` are by damage state, from slight to complete; of a damage curve there is one.
    ``categories`` are the names of intensities 0, 1, 2, … where a table has words for them.
    ``lost_state``: from this state on an asset cannot do its job. ``repair_d`` are mean and
    standard deviation of the days of repair, by state. ``derates``: what it gives is a part of the
    capacity that is gone while the hazard lasts, not damage. ``also`` is the other curve that a
    table has of the same id, of the other kind.
    """

    curve_id: str
    hazard: str
    im: str
    unit: str
    asset_type: str
    kind: CurveKind
    responses: Mapping[str, Response]
    source: str
    sheet: str = ""
    component: str = ""
    quantity: str = DAMAGE
    confidence: str = ""
    note: str = ""
    categories: tuple[str, ...] = ()
    lost_state: str = ""
    repair_d: Mapping[str, tuple[float, float]] | None = None
    also: Curve | None = None
    derates: bool = False

    @property
    def is_rate(self) -> bool:
        """Whether it gives how often something breaks per length, not how much of it."""
        return "per km" in self.quantity or "/km" in self.quantity or "/m)" in self.quantity

    @cached_property
    def states(self) -> tuple[str, ...]:
        """Return the names of the damage states; none of a damage curve."""
        return tuple(self.responses) if self.kind == "states" else ()

    def p_states(self, im: F64) -> dict[str, F64]:
        """Return the probability that each state or a worse one is reached, by state."""
        return {state: self.responses[state](im) for state in self.states}

    def damage(self, im: F64) -> F64 | None:
        """Return the damage ratio; None of a curve of states."""
        if self.kind == "states":
            return None
        (response,) = self.responses.values()
        return response(im)


def state_shares(p_exceed: Sequence[F64]) -> list[F64]:
    """Return the probability of each state, of none first, from those of it or a worse one.

    Where curves of one asset cross, a worse state counts no more than a better one allows.
    """
    reached: list[F64] = []
    for p in p_exceed:
        reached.append(np.minimum(p, reached[-1]) if reached else p)
    after = [*reached[1:], np.zeros_like(reached[0])]
    return [1.0 - reached[0], *(here - worse for here, worse in zip(reached, after, strict=True))]


def restored(
    shares: Sequence[float], repair_d: Sequence[tuple[float, float]], days: F64, *, truncated: bool
) -> F64:
    """Return the expected function after ``days``, in [0, 1] (Hazus restoration curves).

    Parameters
    ----------
    shares
        The probability of no damage and of each state, as ``state_shares`` returns them.
    repair_d
        Mean and standard deviation of the days of repair of each state.
    days
        Days since the damage.
    truncated
        Whether nothing is restored before day 0: the normal curve is cut there and scaled to 1.
        Hazus' own form is not cut and gives some function at once.
    """
    total = np.full_like(days, shares[0], dtype=np.float64)
    for share, (mean, spread) in zip(shares[1:], repair_d, strict=True):
        total += share * _repaired(days, mean, spread, truncated=truncated)
    return total


def _repaired(days: F64, mean: float, spread: float, *, truncated: bool) -> F64:
    from scipy.special import ndtr

    done: F64 = ndtr((days - mean) / spread)
    if truncated:
        before = ndtr(-mean / spread)
        done = np.clip((done - before) / (1.0 - before), 0.0, 1.0)
    return done


def repair_h(mean_d: float, spread_d: float, u: float = 0.5) -> float:
    """Return the hours of repair at a quantile of a normal distribution cut at 0.

    Parameters
    ----------
    mean_d, spread_d
        Mean and standard deviation of the uncut distribution, in days.
    u
        The quantile, in (0, 1): a random number in an ensemble, one half in a single run.
    """
    from scipy.special import ndtr, ndtri

    if spread_d <= 0:
        return 24.0 * mean_d
    before = float(ndtr(-mean_d / spread_d))
    return 24.0 * max(0.0, mean_d + spread_d * float(ndtri(before + u * (1.0 - before))))
