"""Repair times and lengths of attacks in an ensemble: closed forms, and the same by seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtr

from models.ensemble.sampling import chances_of
from models.scenario import Event, Hit, Scenario
from models.world import Asset, World

RUNS = 4_000


def _world(*ids: str) -> World:
    return World("w", "w", {i: Asset(i, i, "substation_mv", "energy", 0.0, 0.0) for i in ids})


def _drawn(world: World, scenario: Scenario, runs: int = RUNS) -> list[dict[str, Event]]:
    chances = chances_of(world, scenario)
    all_happen = np.ones(len(chances.items), dtype=bool)
    return [{e.asset: e for e in chances.events(run, all_happen) if e.asset} for run in range(runs)]


def _quake(*ids: str) -> Scenario:
    repairs = ((0.25, 1.0, 0.5), (0.75, 3.0, 4.0))
    hits = tuple(Hit(asset=i, p=0.5, repair_h=72.0, repairs=repairs) for i in ids)
    event = Event(0.0, "hazard", hazard="earthquake", hits=hits)
    return Scenario("w", (event,), repairs="typical")


def test_repair_times_are_normal_cut_at_zero_and_scaled_to_one():
    days = np.array([run["A"].repair_h for run in _drawn(_world("A"), _quake("A"))]) / 24.0
    assert days.min() >= 0

    def cdf(at: float, mean: float, spread: float) -> float:
        before = ndtr(-mean / spread)
        return (ndtr((at - mean) / spread) - before) / (1 - before)

    for at in (0.5, 1.0, 2.0, 5.0, 9.0):
        share = 0.25 * cdf(at, 1.0, 0.5) + 0.75 * cdf(at, 3.0, 4.0)
        bound = 4.0 * np.sqrt(share * (1 - share) / RUNS)
        assert (days <= at).mean() == pytest.approx(share, abs=bound)


def test_an_attack_lasts_as_long_for_all_and_its_mean_is_that_of_the_triangle():
    hits = tuple(Hit(asset=i, lasts=False, for_h=24.0, for_range=(4, 24, 72)) for i in "AB")
    scenario = Scenario("w", (Event(2.0, "attack", effect="T0826", hits=hits),))
    runs = _drawn(_world("A", "B"), scenario)
    assert all(run["A"].until_h == run["B"].until_h for run in runs)
    hours = np.array([run["A"].until_h - 2.0 for run in runs])
    assert 4 <= hours.min() < hours.max() <= 72
    spread = np.sqrt((4**2 + 24**2 + 72**2 - 4 * 24 - 4 * 72 - 24 * 72) / 18 / RUNS)
    assert hours.mean() == pytest.approx(100 / 3, abs=4 * spread)


def test_another_asset_and_another_order_of_rows_change_no_draw():
    alone = _drawn(_world("A"), _quake("A"), 50)
    both = _drawn(_world("B", "A"), _quake("B", "A"), 50)
    assert [run["A"] for run in alone] == [run["A"] for run in both]
    assert any(run["A"].repair_h != run["B"].repair_h for run in both)


def test_without_repairs_nothing_is_drawn():
    scenario = replace(_quake("A"), repairs="none")
    assert chances_of(_world("A"), scenario).timed == ()
