"""Curves, restoration and pipe repairs against published values."""

from __future__ import annotations

import numpy as np
import pytest

from data.hazards.curves import curve_of_id, default_curves, embedded_curves
from models.hazards.curves import (
    Curve,
    Lognormal,
    Points,
    Power,
    Sigmoid,
    Threshold,
    repair_h,
    restored,
    state_shares,
)
from models.hazards.kinds import factor_between
from models.hazards.pipes import p_no_repair, rate_by_deformation, rate_by_shaking

#: Hazus: low-voltage substation, unanchored, at a PGA of 0.30 g.
EXCEEDED = (0.900871867549569, 0.6126381742446891, 0.37717533390527547, 0.011998749631412562)


def test_hazus_substation_states_and_restoration():
    curve = curve_of_id("F0005")
    p = curve.p_states(np.array([0.3]))
    assert [float(p[s][0]) for s in curve.states] == pytest.approx(EXCEEDED, abs=1e-12)
    shares = [float(s[0]) for s in state_shares(list(p.values()))]
    assert shares[0] == pytest.approx(0.09912813245043095, abs=1e-12)
    assert sum(shares) == pytest.approx(1.0)
    days = np.array([0.0, 1, 3, 7, 30, 90])
    times = [curve.repair_d[s] for s in curve.states]
    assert times == [(1, 0.5), (3, 1.5), (7, 3.5), (30, 15)]
    plain = restored(shares, times, days, truncated=False)
    published = [0.11962308630558625, 0.2808305232286954, 0.5517279510473077,
                 0.8052621301479579, 0.9940006251751944, 0.9999996199846988]  # fmt: skip
    assert plain == pytest.approx(published, abs=1e-12)
    cut = restored(shares, times, days, truncated=True)
    assert cut[0] == pytest.approx(shares[0])  # nothing is repaired at once
    assert (np.diff(cut) >= 0).all()


def test_the_middle_of_a_repair_time_is_that_of_the_cut_normal():
    assert repair_h(10, 0) == 240
    assert repair_h(10, 1e-6) == pytest.approx(240)
    days = repair_h(1, 2) / 24
    shares = restored([0.0, 1.0], [(1, 2)], np.array([days]), truncated=True)
    assert shares[0] == pytest.approx(0.5)
    assert repair_h(1, 2, 1e-12) == pytest.approx(0, abs=1e-6)


def test_pipe_repairs():
    assert rate_by_shaking(30, 1) == pytest.approx(0.21063125873886443, abs=1e-12)
    assert rate_by_shaking(30, 0.3) == pytest.approx(0.06318937762165933, abs=1e-12)
    assert p_no_repair(rate_by_shaking(30, 1), 10) == pytest.approx(0.12168584609084658, abs=1e-12)
    assert rate_by_deformation(6, 1) == pytest.approx(2.7274996291762768, abs=1e-12)
    assert rate_by_shaking(10, 1) * 6.096e-3 == pytest.approx(0.00010840391283597274, abs=1e-12)
    brittle = curve_of_id("F0121")
    assert brittle.is_rate
    assert brittle.damage(np.array([30.0]))[0] == pytest.approx(rate_by_shaking(30, 1))


@pytest.mark.parametrize(
    ("response", "at", "gives"),
    [
        (Lognormal(2.0, 0.5), [-1, 0, 2, np.inf], [0, 0, 0.5, 1]),
        (Points((1.0, 3.0), (0.2, 0.6)), [0, 1, 2, 9], [0.2, 0.2, 0.4, 0.6]),
        (Threshold(2.0), [1.999, 2.0, 3.0], [0, 1, 1]),
        (Sigmoid(295.0, 409.4, 3.0), [200, 295, 409.4], [0, 0, 0.5]),
        (Power(2.0, 3.0), [-1, 0, 2], [0, 0, 16]),
    ],
)
def test_responses_at_their_ends(response, at, gives):
    assert response(np.array(at, float)) == pytest.approx(gives)
    assert np.isnan(response(np.array([np.nan]))).all()


def test_every_curve_of_the_project_has_a_source_and_stays_in_bounds():
    im = np.linspace(0, 100, 500)
    for curve in embedded_curves():
        assert curve.source, curve.curve_id
        assert curve.confidence in "ABCD"
        if curve.kind == "states":
            assert curve.lost_state in curve.states
            values = list(curve.p_states(im).values())
        else:
            values = [curve.damage(im)]
        for some in values:
            assert (some >= 0).all()
            assert curve.is_rate or (some <= 1).all()
    assert all(isinstance(curve, Curve) for curve in default_curves().values())


def test_units():
    assert factor_between("cm", "m") == pytest.approx((0.01, 0))
    assert factor_between("m/s", "km/h") == pytest.approx((3.6, 0))
    assert factor_between("%g", "g") == pytest.approx((0.01, 0))
    factor, offset = factor_between("K", "°C")
    assert 300 * factor + offset == pytest.approx(26.85)
    assert factor_between("m", "m/s") is None
