"""Main effects against functions whose indices are known, and of a small world."""

from __future__ import annotations

import numpy as np
import pytest

from models.ensemble.ensemble import all_runs
from models.ensemble.influence import first_order, influences
from models.scenario import Event, Scenario
from models.world import Range, ServiceArea
from tests.strategies import asset, needs, world_of

RUNS = 10_000


def test_ishigami():
    x = np.random.default_rng(4).uniform(-np.pi, np.pi, (RUNS, 4))
    y = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    found = [first_order(values, y) for values in x.T]
    assert found == pytest.approx([0.3139, 0.4424, 0.0, 0.0], abs=0.02)


def test_a_sum_of_numbers_and_of_an_event():
    random = np.random.default_rng(7)
    x = random.uniform(0, 1, (RUNS, 2))
    happened = (random.uniform(size=RUNS) < 0.3).astype(float)
    y = 1.0 * x[:, 0] + 2.0 * x[:, 1] + happened
    parts = np.array([1 / 12, 4 / 12, 0.3 * 0.7])
    found = [first_order(values, y) for values in (*x.T, happened)]
    assert found == pytest.approx(parts / parts.sum(), abs=0.02)


def test_what_does_not_vary_has_no_influence():
    steady, varied = np.ones(100), np.arange(100.0)
    assert first_order(steady, varied) == first_order(varied, steady) == 0
    assert first_order(np.arange(10.0), np.arange(10.0)) == 0  # too few runs to say


def test_inputs_of_a_world_are_named_by_table_row_and_column():
    """Ten minutes of battery more or less decide nothing where the outage has a chance of its own.

    Person-hours are 1000 x (24 h - battery) where the grid fails and 0 elsewhere.
    """
    world = world_of(
        [asset("clinic"), asset("grid")], [needs("g", "clinic", "grid", autonomy_h=4.0)],
        ranges=(Range("dependencies", ("g",), "autonomy_h", 2.0, 6.0),),
        service_areas=(ServiceArea("clinic", "care", 1000),),
    )  # fmt: skip
    events = (Event(0.0, "fail", "grid", p=0.5),)
    ranked = influences(*all_runs(world, Scenario("w", events, horizon_h=24.0), 4000))
    first, second = ranked
    assert (first.table, first.row, first.column) == ("events", ("0",), "p")
    assert (second.table, second.row, second.column) == ("dependencies", ("g",), "autonomy_h")
    assert second.result == "person-hours: care"
    # in 1000 person-hours: the battery's variance is 2²/6 h², it counts in half of the runs
    variance = 0.25 * 4 / 6 + 0.25 * 4 / 6 + 20**2 / 4
    assert second.index == pytest.approx(0.25 * 4 / 6 / variance, abs=0.02)
    assert first.low is not None and first.low <= first.index <= first.high
    assert influences(*all_runs(world, Scenario("w"), 50))[0].index == 0
