"""Options on criteria: published numbers, laws of the methods, and every flip of a pair."""

from __future__ import annotations

from itertools import combinations
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import BadInputError
from models.risk.decisions import Criterion, DecisionTable, Method, criteria_weights, ranks, scores
from models.risk.flips import Line, flips

METHODS = get_args(Method)
#: Five options on four criteria, the first a cost.
VALUES = [[250, 16, 12, 5], [200, 16, 8, 3], [300, 32, 16, 4], [275, 32, 8, 4], [225, 16, 16, 2]]
WEIGHTS = (0.35, 0.25, 0.25, 0.15)


def table(values, weights, better, method, norm=None, weighting="given"):
    criteria = tuple(
        Criterion(f"c{n}", weight, kind)
        for n, (weight, kind) in enumerate(zip(weights, better, strict=True))
    )
    options = tuple(f"o{n}" for n in range(len(values)))
    return DecisionTable(options, criteria, np.array(values, dtype=float), method, norm, weighting)


def example(method, norm=None, weighting="given"):
    return table(VALUES, WEIGHTS, ("less", "more", "more", "more"), method, norm, weighting)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        # Hwang and Yoon 1981, vector normalisation
        ("topsis", [0.4459356188143432, 0.37004172275499064, 0.6299582772450093,
                    0.49361914448943617, 0.47582681545947575]),
        # Brans and Vincke 1985, usual preference function
        ("promethee2", [0.025, -0.0375, 0.0625, -0.1375, 0.0875]),
    ],
)  # fmt: skip
def test_published_scores_come_out(method, expected):
    made = example(method)
    assert scores(made, criteria_weights(made)) == pytest.approx(expected, abs=1e-9)


def test_copras_divides_by_costs():
    # Zavadskas, Kaklauskas and Sarka 1994, by hand: one gain, one cost, equal weights
    made = table([[1, 2], [3, 2], [2, 4]], (0.5, 0.5), ("more", "less"), "copras")
    gain = np.array([1, 3, 2]) / 6 / 2
    cost = np.array([2, 2, 4]) / 8 / 2
    total = gain + cost.sum() / (cost * (1 / cost).sum())
    assert scores(made, criteria_weights(made)) == pytest.approx(total / total.max(), abs=1e-12)


def test_vikor_by_hand():
    made = table([[0, 1], [1, 0], [0.6, 0.6]], (0.5, 0.5), ("more", "more"), "vikor")
    # S = .5 .5 .4, R = .5 .5 .2
    assert scores(made, criteria_weights(made)) == pytest.approx([1, 1, 0])
    assert ranks(scores(made, criteria_weights(made)), less_is_better=True) == [2, 2, 1]


def test_weights_from_the_values():
    entropy = criteria_weights(example("wsm", weighting="entropy"))
    share = np.array(VALUES) / np.array(VALUES).sum(axis=0)
    spread = 1 + (share * np.log(share)).sum(axis=0) / np.log(5)
    assert entropy == pytest.approx(spread / spread.sum(), abs=1e-12)
    for weighting in ("entropy", "critic", "merec"):
        weight = criteria_weights(example("wsm", weighting=weighting))
        assert weight.sum() == pytest.approx(1) and (weight >= 0).all()
    # CRITIC sees which way is better: two criteria that say the same count less than the third
    made = table([[1, 9, 1], [2, 8, 3], [3, 7, 2]], (0, 0, 0), ("more", "less", "more"), "wsm",
                 weighting="critic")  # fmt: skip
    first, second, third = criteria_weights(made)
    assert first == pytest.approx(second) and third > first


def test_what_a_method_cannot_use_is_refused_with_its_place():
    made = table([[1, 0], [2, 1]], (0.5, 0.5), ("more", "less"), "copras")
    with pytest.raises(BadInputError, match=r"values\[0\]\[1\].*'c1' of 'o0' must be above 0"):
        scores(made, criteria_weights(made))
    with pytest.raises(BadInputError, match="above 0"):
        criteria_weights(table([[1], [2]], (0,), ("more",), "wsm"))


@st.composite
def tables(draw: st.DrawFn, methods=METHODS) -> DecisionTable:
    options = draw(st.integers(2, 6))
    criteria = draw(st.integers(1, 4))
    cell = st.integers(1, 30).map(float)
    values = draw(
        st.lists(st.lists(cell, min_size=criteria, max_size=criteria),
                 min_size=options, max_size=options)
    )  # fmt: skip
    weights = draw(st.lists(st.integers(1, 9), min_size=criteria, max_size=criteria))
    kinds = st.sampled_from(["more", "less"])
    better = draw(st.lists(kinds, min_size=criteria, max_size=criteria))
    shares = [weight / sum(weights) for weight in weights]
    return table(values, shares, better, draw(st.sampled_from(methods)))


@given(tables())
def test_a_dominated_option_never_beats_the_one_that_dominates_it(made):
    found = scores(made, criteria_weights(made)) * (-1 if made.less_is_better else 1)
    goodness = made.values * made.types
    for a, b in combinations(range(len(made.options)), 2):
        if (goodness[a] >= goodness[b]).all():
            assert found[a] >= found[b] - 1e-9


@given(tables(methods=("topsis",)), st.integers(0, 3), st.sampled_from([0.01, 3.0, 1000.0]))
def test_the_unit_of_a_criterion_changes_no_score(made, column, factor):
    scaled = made.values.copy()
    scaled[:, column % len(made.criteria)] *= factor
    other = DecisionTable(made.options, made.criteria, scaled, "topsis", "vector", "given")
    weight = criteria_weights(made)
    assert scores(other, weight) == pytest.approx(scores(made, weight), abs=1e-9)


def scanned(made, weight, steps=400):
    """Yield (first, second, criterion, below, above) of each flip that a walk in steps meets."""
    for column in range(len(made.criteria)):
        line, before = Line(weight, column), None
        for t in (np.arange(steps) + 0.5) / steps:
            found = scores(made, line.at(t))
            order = np.sign((found[:, None] - found[None, :]).round(11))
            if before is not None:
                for a, b in zip(*np.nonzero(np.triu(order * before < 0)), strict=True):
                    yield a, b, column, t - 1 / steps, t
            before = order


@settings(max_examples=60)
@given(tables())
def test_every_flip_is_found_and_is_one(made):
    weight = criteria_weights(made)
    found = flips(made, weight)
    for flip in found:
        column = int(flip.criterion[1:])
        line = Line(weight, column)
        pair = [made.options.index(flip.first), made.options.index(flip.second)]
        if made.method != "vikor":  # whose score jumps where its options do not spread
            first, second = scores(made, line.at(flip.at_weight))[pair]
            assert abs(first - second) < 1e-9
        below, above = (
            np.subtract(*scores(made, line.at(flip.at_weight + step))[pair])
            for step in (-1e-6, 1e-6)
        )
        near = [match for match in found if match is not flip and match.criterion == flip.criterion
                and abs(match.at_weight - flip.at_weight) < 2e-6]  # fmt: skip
        # of VIKOR with few options whole stretches are ties: the order turns across one
        tied = made.method == "vikor" and min(abs(below), abs(above)) < 1e-9
        assert below * above < 0 or tied or near or not 1e-6 < flip.at_weight < 1 - 1e-6
    if len(made.criteria) == 1:
        return
    named = {(f.first, f.second, f.criterion, f.at_weight) for f in found}
    for a, b, column, low, high in scanned(made, weight):
        assert any(
            (made.options[a], made.options[b], f"c{column}") == name[:3]
            and low - 1e-9 <= name[3] <= high + 1e-9
            for name in named
        )


def test_a_linear_flip_is_where_the_lines_meet():
    made = table([[10, 0], [0, 5]], (0.5, 0.5), ("more", "more"), "wsm", "minmax")
    (first, second) = flips(made, criteria_weights(made))
    assert (first.criterion, first.at_weight) == ("c0", pytest.approx(0.5))
    assert (second.criterion, second.at_weight) == ("c1", pytest.approx(0.5))
