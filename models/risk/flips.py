"""Where the order of two options turns as the weight of one criterion changes.

The weight of the criterion goes from 0 to 1; the others keep their proportions (they are equal
where all of them are 0). Along this line the difference of two scores has the sign of a piecewise
polynomial (of an analytic function for COPRAS), so that every turn is isolated by the roots of its
Chebyshev interpolant and then bisected: none is stepped over, as a search in steps would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray
from scipy.optimize import bisect

from models.risk.decisions import (
    VIKOR_V,
    DecisionTable,
    Floats,
    Method,
    aras_values,
    check_values,
    copras_parts,
    net_flows,
    normalised,
    regret,
    topsis_squares,
)

Ints = NDArray[np.intp]
#: (weights on the line [points], first options, second options) -> difference [points x pairs],
#: scaled by its own size, so that 1e-12 is nothing
Difference = Callable[[Floats, Ints, Ints], Floats]

NOTHING = 1e-12
#: Degree of the interpolant of a difference that is no polynomial.
ANALYTIC_DEGREE = 32
_IMAGINARY = 1e-6


@dataclass(frozen=True, slots=True)
class Flip:
    """Two options that change places when a criterion has this weight (others in proportion)."""

    first: str
    second: str
    criterion: str
    at_weight: float


def flips(table: DecisionTable, weight: Floats) -> list[Flip]:
    """Return every change of places of a pair of options, by pair, criterion and weight.

    Parameters
    ----------
    table
        Options x criteria, and the method.
    weight
        Weights [criteria] with sum 1, from which the proportions of the others come.

    Raises
    ------
    BadInputError
        If the method cannot use the values.
    """
    check_values(table)
    if len(table.criteria) < 2:
        return []
    first, second = np.triu_indices(len(table.options), 1)
    found = [
        Flip(table.options[first[pair]], table.options[second[pair]], criterion.id, at)
        for column, criterion in enumerate(table.criteria)
        for pair, at in _on_line(table, Line(weight, column), first, second)
    ]
    place = {option: n for n, option in enumerate(table.options)}
    return sorted(found, key=lambda flip: (place[flip.first], place[flip.second]))


class Line:
    """The weights when one criterion goes from 0 to 1."""

    def __init__(self, weight: Floats, column: int) -> None:
        others = np.array(weight, dtype=np.float64)
        others[column] = 0.0
        if others.sum() <= 0:
            others = np.ones(len(weight))
            others[column] = 0.0
        self.column = column
        self.others = others / others.sum()

    def at(self, t: float) -> Floats:
        """Return the weights [criteria] where the criterion has weight ``t``."""
        weight: Floats = (1 - t) * self.others
        weight[self.column] = t
        return weight


def _on_line(
    table: DecisionTable, line: Line, first: Ints, second: Ints
) -> Iterator[tuple[int, float]]:
    """Yield pair and weight of every turn."""
    shape = _SHAPES[table.method](table, line)
    edges = (0.0, *shape.breaks, 1.0)
    candidates: dict[int, list[float]] = {}
    for low, high in pairwise(edges):
        if high - low > NOTHING:
            for pair, root in _roots(shape, low, high, first, second):
                candidates.setdefault(pair, []).append(root)
    for pair, near in sorted(candidates.items()):
        one, other = first[pair : pair + 1], second[pair : pair + 1]

        def at(t: float, one: Ints = one, other: Ints = other) -> float:
            return float(shape.difference(np.array([t]), one, other)[0, 0])

        yield from ((pair, root) for root in _turns(at, near))


def _turns(at: Callable[[float], float], near: list[float]) -> Iterator[float]:
    """Yield the weights at which the sign changes, of those near which the difference is 0."""
    inside = sorted(min(max(root, 0.0), 1.0) for root in near)
    apart = [inside[0]]
    apart += [root for before, root in pairwise(inside) if root - before > 1e-9]
    probes = [0.0, *((a + b) / 2 for a, b in pairwise(apart)), 1.0]
    # right at 0 or 1 whole groups of criteria have no weight: look from just inside
    probes[0], probes[-1] = min(1e-9, apart[0] / 2), max(1 - 1e-9, (1 + apart[-1]) / 2)
    before = None
    for probe in probes:
        value = at(probe)
        if abs(value) <= NOTHING:
            continue
        if before is not None and before[1] * value < 0:
            # halving also finds a jump: where VIKOR's spread is nothing, its score has one
            yield float(bisect(at, before[0], probe, xtol=1e-15, rtol=1e-14, maxiter=200))
        before = (probe, value)


def _roots(
    shape: Shape, low: float, high: float, first: Ints, second: Ints
) -> Iterator[tuple[int, float]]:
    """Yield pair and place of the zeros of all differences on one smooth piece."""
    nodes = chebyshev.chebpts1(shape.degree + 1)
    t = low + (high - low) * (nodes + 1) / 2
    values = shape.difference(t, first, second)
    basis = chebyshev.chebvander(nodes, shape.degree)
    coefficients = np.linalg.solve(basis, values)
    size = np.abs(coefficients).sum(axis=0)
    flat = size <= NOTHING
    surely_none = np.abs(coefficients[0]) > (size - np.abs(coefficients[0])) * (1 + 1e-9)
    for pair in np.flatnonzero(~flat & ~surely_none):
        series = chebyshev.chebtrim(coefficients[:, pair], NOTHING * size[pair])
        for root in chebyshev.chebroots(series) if len(series) > 1 else ():
            if abs(root.imag) < _IMAGINARY and abs(root.real) <= 1 + 1e-9:
                yield int(pair), low + (high - low) * (float(root.real) + 1) / 2


# --- differences of scores, method by method -------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shape:
    """The difference of two scores along a line: where its pieces meet, and their degree."""

    difference: Difference
    degree: int
    breaks: tuple[float, ...] = ()


def _linear(values: Floats, line: Line) -> Shape:
    """Return the shape of scores that are weighted sums of ``values`` [options x criteria]."""
    ends = np.stack([values @ line.others, values[:, line.column]])  # [2 x options]
    size = max(float(np.abs(values).max()), NOTHING)

    def difference(t: Floats, first: Ints, second: Ints) -> Floats:
        score = (1 - t)[:, None] * ends[0] + t[:, None] * ends[1]
        return np.asarray((score[:, first] - score[:, second]) / size)

    return Shape(difference, 1)


def _topsis(table: DecisionTable, line: Line) -> Shape:
    """D-(a)/D+(a) against D-(b)/D+(b): squared and multiplied out, of degree 4."""
    scaled = normalised(table.values, table.types, table.norm)

    def difference(t: Floats, first: Ints, second: Ints) -> Floats:
        squares = [topsis_squares(scaled, line.at(float(time))) for time in t]
        toward, away = (np.stack(part) for part in zip(*squares, strict=True))
        return (
            np.asarray(away[:, first] * toward[:, second] - away[:, second] * toward[:, first])
            / size
        )

    at = topsis_squares(scaled, line.at(0.5))
    size = max(float(at[0].max() * at[1].max()), NOTHING**4)
    return Shape(difference, 4)


def _vikor(table: DecisionTable, line: Line) -> Shape:
    """Piecewise quadratic: S is linear, R the larger of two lines, both spread to [0, 1]."""
    far = regret(table)
    ends = np.stack([far @ line.others, far[:, line.column]])
    others = (far * line.others).max(axis=1)
    own = far[:, line.column]

    def parts(t: Floats) -> tuple[Floats, Floats]:
        total = (1 - t)[:, None] * ends[0] + t[:, None] * ends[1]
        return total, np.maximum((1 - t)[:, None] * others, t[:, None] * own)

    def difference(t: Floats, first: Ints, second: Ints) -> Floats:
        total, worst = parts(t)
        wide, deep = np.ptp(total, axis=1)[:, None], np.ptp(worst, axis=1)[:, None]
        # a part in which nothing differs counts for nothing, as in the score
        wide_, deep_ = np.where(wide > NOTHING, wide, 1.0), np.where(deep > NOTHING, deep, 1.0)
        many = total[:, first] - total[:, second]
        single = worst[:, first] - worst[:, second]
        return np.asarray(VIKOR_V * many * deep_ + (1 - VIKOR_V) * single * wide_)

    return Shape(difference, 2, _vikor_breaks(ends, others, own))


def _vikor_breaks(ends: Floats, others: Floats, own: Floats) -> tuple[float, ...]:
    """Return where an option's R has its kink, or S or R get another smallest or largest."""
    total = others + own
    kinks = np.unique((others[total > 0] / total[total > 0]).clip(0, 1))
    edges = np.unique(np.concatenate([[0.0], kinks, [1.0]]))
    breaks = {*edges.tolist(), *_switches(ends[0], ends[1] - ends[0], 0.0, 1.0)}
    for low, high in pairwise(edges):
        slopes = np.where((1 - (low + high) / 2) * others > (low + high) / 2 * own, -others, own)
        breaks |= {*_switches(np.where(slopes < 0, others, 0.0), slopes, low, high)}
    return tuple(sorted(t for t in breaks if 0 < t < 1))


def _switches(start: Floats, slope: Floats, low: float, high: float) -> Iterator[float]:
    """Yield where another of the lines ``start + slope t`` becomes the largest or the smallest."""
    for sign in (1.0, -1.0):
        level, rise, t = sign * start, sign * slope, low
        values = level + rise * t
        now = int(np.lexsort((rise, values))[-1])
        while True:
            gain = rise - rise[now]
            steeper = gain > NOTHING
            if not steeper.any():
                break
            meets = (level[now] - level[steeper]) / gain[steeper]
            t = max(t, float(meets.min()))
            if t >= high:
                break
            yield t
            at = np.flatnonzero(steeper)[meets <= meets.min() + NOTHING]
            now = int(at[np.argmax(rise[at])])


def _copras(table: DecisionTable, line: Line) -> Shape:
    """Gains plus a share of all costs by their inverse, multiplied by both options' costs."""

    def difference(t: Floats, first: Ints, second: Ints) -> Floats:
        sums = [copras_parts(table, line.at(float(time))) for time in t]
        gains, costs = (np.stack(part) for part in zip(*sums, strict=True))
        plain = gains[:, first] - gains[:, second]
        top = costs.max(axis=1, keepdims=True)
        if not (top > 0).all():
            return np.asarray(plain)
        scaled = costs / top
        shares = (1 / scaled).sum(axis=1, keepdims=True)
        a, b = scaled[:, first], scaled[:, second]
        total = scaled.sum(axis=1, keepdims=True) * top
        return np.asarray(plain * a * b * shares + total * (b - a))

    # a pole lies at or beyond an end; towards both ends the pieces shrink faster than it comes near
    shrinking = [4.0**-k for k in range(1, 13)]
    breaks = (*reversed(shrinking), 0.5, *(1 - item for item in shrinking))
    return Shape(difference, ANALYTIC_DEGREE, breaks)


_SHAPES: Mapping[Method, Callable[[DecisionTable, Line], Shape]] = {
    "topsis": _topsis,
    "vikor": _vikor,
    "promethee2": lambda table, line: _linear(net_flows(table), line),
    "wsm": lambda table, line: _linear(normalised(table.values, table.types, table.norm), line),
    "mabac": lambda table, line: _linear(normalised(table.values, table.types, table.norm), line),
    "aras": lambda table, line: _linear(aras_values(table)[1:], line),
    "copras": _copras,
}
