"""The published cases of other cascade models, and what holds of them beyond those numbers."""

from __future__ import annotations

from dataclasses import replace
from math import exp, factorial

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.knowledge.theory_cases import theory_cases
from models.errors import BadInputError
from models.theory import inoperability as iim
from models.theory import overload, percolation, threshold
from models.theory.checks import MODELS, check, described

CASES = theory_cases()


@pytest.mark.parametrize("case", CASES, ids=[case.case for case in CASES])
def test_a_published_case_comes_out(case):
    findings = check(case)
    assert findings
    assert all(finding.agrees for finding in findings), "\n".join(described(case, findings))


def test_every_model_has_a_case():
    assert {case.model for case in CASES} == MODELS.keys()


def test_a_wrong_number_is_noticed_and_shown():
    (case,) = theory_cases(["IIM-1"])
    wrong = replace(case, expected={"q": [0.5714285714, 0.71428571]})
    findings = check(wrong)
    assert [finding.agrees for finding in findings] == [False]
    assert "  q: DIFFERS, not within 1e-09" in list(described(wrong, findings))
    assert not check(replace(case, expected={"q": [0.5714285714]}))[0].agrees
    (bound,) = theory_cases(["PERC-MC-2.3"])
    assert not check(replace(bound, expected={"P_inf": {"above": 0.01}}))[0].agrees


def test_cases_are_named_alone_or_by_kind():
    assert [case.case for case in theory_cases(["iim-2", "ML"])] == ["IIM-2", "ML-1", "ML-2"]
    with pytest.raises(BadInputError) as raised:
        theory_cases(["WATS", "IIM-2", "nonsense"])
    assert raised.value.problems == (
        "No published case 'WATS'. Did you mean 'WATTS'?",
        "No published case 'NONSENSE'. There are IIM, DIIM, PERC, ER, WATTS, ML.",
    )


# --- inoperability ----------------------------------------------------------------------------


@st.composite
def economies(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Return A* with row sums below 1, and c*."""
    n = draw(st.integers(1, 4))
    cell = st.integers(0, 10).map(lambda x: x / 10)
    matrix = np.array([[draw(cell) for _ in range(n)] for _ in range(n)])
    sums = np.maximum(1.0, matrix.sum(axis=1, keepdims=True) / 0.9)
    return matrix / sums, np.array([draw(cell) for _ in range(n)])


@given(economies())
def test_the_cap_is_a_fixed_point_and_the_linear_answer_where_that_is_below_one(economy):
    a, c = economy
    q, linear = iim.inoperability(a, c), iim.uncapped(a, c)
    assert q == pytest.approx(np.minimum(1.0, a @ q + c), abs=1e-12)
    assert (q <= linear + 1e-12).all()
    if (linear <= 1).all():
        assert q == pytest.approx(linear, abs=1e-12)


def test_a_capped_sector_feeds_others_with_all_it_has_and_no_more():
    """Cutting the linear answer (2, 1) off would leave the second sector at 1."""
    a, c = [[0.5, 0.0], [0.5, 0.0]], [1.0, 0.0]
    assert iim.uncapped(a, c) == pytest.approx([2.0, 1.0])
    assert iim.inoperability(a, c) == pytest.approx([1.0, 0.5])


@given(economies(), st.sampled_from([0.3, 0.7, 1.0]))
def test_the_course_ends_in_the_static_answer(economy, speed):
    a, c = economy
    steps = 800
    q = iim.course(a, c, np.full(len(c), speed), steps=steps, perturbed=(1, steps))
    assert q.shape == (steps, len(c))
    assert q[-1] == pytest.approx(iim.inoperability(a, c), abs=1e-6)


def test_left_alone_a_sector_recovers_at_its_coefficient():
    """As the formula reads, for a small coefficient: exp(-k (1 - a) T) of what it began with."""
    k = iim.resilience_coefficient(before=0.5, after=0.05, time=10_000, own=0.1)
    q = iim.course([[0.1]], [0.0], [k], steps=10_001, perturbed=(0, 0), start=[0.5])
    assert q[-1, 0] == pytest.approx(0.05, rel=1e-3)


# --- percolation ------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3, 5, 10])
@pytest.mark.parametrize("k", [1.2, 3.0, 6.0])
@pytest.mark.parametrize("p", [0.3, 0.7, 1.0])
def test_the_mutual_component_solves_its_equation(n, k, p):
    share = percolation.mutual_giant_component(k, p, n)
    assert share == pytest.approx(p * (1 - exp(-k * share)) ** n, abs=1e-10)
    least, lost = percolation.threshold(n)
    assert (share > 0) == (k * p > least)
    assert not share or k * share >= lost - 1e-9


@pytest.mark.parametrize("k", [0.5, 1.0, 1.001, 1.5, 4.0])
def test_one_network_alone_is_the_giant_component(k):
    share = percolation.giant_component(k)
    assert share == pytest.approx(percolation.mutual_giant_component(k, 1.0, n=1), abs=1e-9)


# --- thresholds -------------------------------------------------------------------------------


@pytest.mark.parametrize("phi", [0.1, 0.12, 0.18, 0.25])
def test_the_window_ends_where_the_sum_over_degrees_equals_the_mean(phi):
    for z in threshold.window(phi):
        degrees = range(int(1 / phi + 1e-9) + 1)
        weighted = sum(k * (k - 1) * exp(-z) * z**k / factorial(k) for k in degrees)
        assert weighted == pytest.approx(z, rel=1e-9)


@pytest.mark.parametrize("phi", [0.26, 1 / 3, 0.5, 1.0])
def test_there_is_no_window_where_neighbours_are_too_steady(phi):
    assert threshold.window(phi) is None


def test_everything_in_reach_falls_where_one_neighbour_is_enough():
    """With a threshold of nearly 0 a cascade is the component of its seed."""
    result = threshold.simulated_share_of_global_cascades(2_000, 3.0, 1e-6, 50, seed=3)
    assert result == pytest.approx(percolation.giant_component(3.0), abs=0.1)
    assert threshold.simulated_share_of_global_cascades(2_000, 0.5, 1e-6, 50, seed=3) == 0


# --- overload ---------------------------------------------------------------------------------


@given(st.integers(4, 12), st.integers(0, 10_000), st.sampled_from([0.0, 0.2, 1.0]))
def test_nobody_is_overloaded_in_the_end_and_the_graph_is_kept(n, seed, alpha):
    graph = nx.gnp_random_graph(n, 0.4, seed=seed)
    before = nx.Graph(graph)
    end = overload.cascade(graph, 0, alpha)
    assert nx.utils.graphs_equal(graph, before)
    assert end.largest <= end.alive <= n - 1
    assert (end.rounds == 0) == (end.alive == n - 1)
    # every pair through one node is n (n - 1) / 2 at most: with that much to spare nobody fails
    assert overload.cascade(graph, 0, alpha=n * n).alive == n - 1
