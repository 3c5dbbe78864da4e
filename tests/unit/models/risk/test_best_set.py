"""The best set of measures against trying all sets."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.risk.best_set import (
    Problem,
    Saving,
    best_set,
    cost_of,
    greedy_set,
    saved_by,
    second_best,
)


def tried(problem):
    """Return what every affordable set saves, the most first."""
    count = len(problem.measures)
    sets = (tuple(n for n in range(count) if bits >> n & 1) for bits in range(2**count))
    affordable = [s for s in sets if cost_of(problem, s) <= Fraction(problem.budget)]
    return sorted((saved_by(problem, s) for s in affordable), reverse=True)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    count = draw(st.integers(0, 6))
    amount = st.integers(0, 1000).map(lambda cents: cents / 100)
    needs = st.lists(st.sampled_from(range(count)), max_size=4) if count else st.just([])
    saving = st.builds(
        lambda worth, needs, rule: Saving(worth, tuple(sorted(set(needs))), rule),
        amount, needs, st.sampled_from(["any", "all"]),
    )  # fmt: skip
    costs = draw(st.lists(amount, min_size=count, max_size=count))
    scenarios = draw(st.lists(saving, max_size=8))
    names = tuple(f"m{n}" for n in range(count))
    return Problem(names, tuple(costs), tuple(scenarios), draw(amount) * 2)


@settings(max_examples=60, deadline=None)
@given(problems())
def test_no_set_saves_more_and_none_but_the_best_more_than_the_second(problem):
    most = tried(problem)
    best = best_set(problem)
    assert best.proven
    assert best.saved == best.bound == pytest.approx(most[0])
    assert saved_by(problem, best.chosen) == best.saved
    assert cost_of(problem, best.chosen) <= Fraction(problem.budget)
    following = second_best(problem, best)
    if len(most) > 1:
        assert following is not None and following.chosen != best.chosen
        assert following.saved == pytest.approx(most[1])
    else:
        assert following is None


@settings(max_examples=60, deadline=None)
@given(problems())
def test_greedy_is_affordable_and_its_bound_holds(problem):
    most = tried(problem)[0]
    good = greedy_set(problem)
    assert cost_of(problem, good.chosen) <= Fraction(problem.budget)
    assert good.saved == saved_by(problem, good.chosen) <= most + 1e-9
    assert good.bound >= most - 1e-9


def test_a_set_that_is_too_dear_by_less_than_the_solver_sees_is_not_chosen():
    third = 10 / 3 + 1e-12
    problem = Problem(("a", "b", "c"), (third, third, third), (Saving(1, (0, 1, 2), "all"),), 10.0)
    assert best_set(problem).saved == 0
