"""Ground motion as its models have it."""

from __future__ import annotations

import math

import pytest

from models.hazards.ground_motion import Site, beyond_range, model_name, motion

SITES = [Site(6.0, 0, 10, 760), Site(6.5, 0, 20, 760), Site(7.0, 0, 50, 400)]


@pytest.mark.parametrize(
    ("name", "median", "sigma"),
    [
        ("ASB14", [0.14558208, 0.10663426, 0.0668714], 0.7121),
        ("BSSA14", [0.18174134, 0.12179123, 0.09134752], 0.60508594),
    ],
)
def test_medians_and_spread(name, median, sigma):
    found = [motion(model_name(name), site) for site in SITES]
    assert [match.median_g for match in found] == pytest.approx(median, abs=1e-6)
    for match in found:
        assert match.sigma_ln == pytest.approx(sigma, abs=1e-6)
        assert math.hypot(match.tau_ln, match.phi_ln) == pytest.approx(sigma, abs=1e-4)


def test_kawashima_as_wntr_has_it():
    found = [motion("Kawashima1984", Site(6.5, 0, r, 760)).median_g for r in (5, 10, 20, 50)]
    expected = [0.2859712865449104, 0.24304586560288366, 0.18520463101245616, 0.10448012970331264]
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "alike", "apart"),
    [("ASB14", (30, 0, 150), (90, 60)), ("BSSA14", (30, 0, -160), (40, 90))],
)
def test_each_model_has_its_own_edges_of_strike_slip(name, alike, apart):
    def at(rake: float) -> float:
        return motion(model_name(name), Site(6, rake, 10, 760)).median_g

    assert len({at(rake) for rake in alike}) == 1
    assert len({at(rake) for rake in apart}) == 1
    assert at(alike[0]) != at(apart[0])


def test_a_site_beyond_the_data_is_told():
    assert beyond_range(model_name("asb14"), Site(8.2, 0, 250, 100)) == [
        "magnitude 8.2 is outside 4 to 8",
        "distance 250 km is above 200 km",
        "vs30 100 m/s is outside 150 to 1200 m/s",
    ]
