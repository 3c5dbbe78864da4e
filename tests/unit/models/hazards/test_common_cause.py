"""Common-cause models against published arithmetic, their samplers against binomial bounds."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from models.hazards.common_cause import (
    Shock,
    all_fail,
    alpha_factor,
    alpha_to_letters,
    beta_factor,
    multiple_greek_letter,
    sample_sets,
    sample_shock,
    two_of_three_fail,
)

ALPHA = [0.95, 0.03, 0.02]


def test_beta_factor():
    q = beta_factor(0.001, 0.1, 2)
    assert q == pytest.approx([0.0009, 0.0001], abs=1e-15)
    assert all_fail(q) == pytest.approx(0.00010081, abs=1e-15)
    assert beta_factor(0.001, 0.1, 4)[1:3] == [0, 0]


def test_multiple_greek_letter():
    q = multiple_greek_letter(0.001, [0.1, 0.3], 3)
    assert q == pytest.approx([0.0009, 3.5e-05, 3e-05], abs=1e-15)
    assert all_fail(q) == pytest.approx(3.0095229e-05, abs=1e-15)
    assert two_of_three_fail(q) == pytest.approx(0.00013743, abs=1e-15)
    assert multiple_greek_letter(0.001, [0.1], 2) == pytest.approx(beta_factor(0.001, 0.1, 2))


def test_alpha_factor():
    q = alpha_factor(0.001, ALPHA)
    expected = [0.0008878504672897195, 2.803738317757009e-05, 5.607476635514018e-05]
    assert q == pytest.approx(expected, abs=1e-15)
    assert alpha_factor(0.001, ALPHA, staggered=True) == pytest.approx([0.00095, 1.5e-05, 2e-05])
    letters = alpha_to_letters(ALPHA)
    assert letters == pytest.approx([0.11214953271028036, 0.5], abs=1e-15)
    assert multiple_greek_letter(0.001, letters, 3) == pytest.approx(q, abs=1e-15)


@pytest.mark.parametrize("m", [2, 3, 5])
def test_every_model_keeps_the_probability_of_a_member(m):
    from math import comb

    alpha = [0.9 / 2**k for k in range(m)]
    for q in (beta_factor(0.01, 0.3, m), multiple_greek_letter(0.01, [0.3, 0.2], m),
              alpha_factor(0.01, alpha)):  # fmt: skip
        assert sum(comb(m - 1, k) * q[k] for k in range(m)) == pytest.approx(0.01)


def test_binomial_shock():
    shock = Shock(0.01, 0.5, 0.02)
    assert shock.p_shock(1) == pytest.approx(0.009950166250831893, abs=1e-15)
    assert shock.p_all(3, 1) == pytest.approx(0.0012437707813539867, abs=1e-15)
    assert shock.p_any(3, 1) == pytest.approx(0.008706395469477907, abs=1e-15)


def _within(times, runs, p):
    """Whether a count is where 99.99 % of counts are."""
    return abs(times / runs - p) <= 3.9 * sqrt(p * (1 - p) / runs)


def test_the_samplers_are_as_likely_as_the_models():
    runs, draw = 200_000, np.random.default_rng(7)
    shock = Shock(0.5, 0.5, 0.1)
    failed = sample_shock(shock, 1.0, draw.random((runs, 7)))
    own = -np.expm1(-0.1)
    alone = shock.p_shock(1) * 0.5 + (1 - shock.p_shock(1) * 0.5) * own
    assert _within(failed[:, 0].sum(), runs, alone)
    every = shock.p_shock(1) * (0.5 + 0.5 * own) ** 3 + (1 - shock.p_shock(1)) * own**3
    assert _within(failed.all(axis=1).sum(), runs, every)
    q = multiple_greek_letter(0.1, [0.4, 0.5], 3)
    sets = sample_sets(q, 3, draw.random((runs, 7)))
    exact = 1 - (1 - q[2]) * (1 - q[1]) ** 2 * (1 - q[0])
    assert _within(sets[:, 1].sum(), runs, exact)
