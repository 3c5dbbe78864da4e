"""A run resumed from a saved state equals a run from 0 h."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.cascade.timed.engine import Solved, solve
from models.cascade.timed.figure_kernels import summary
from models.cascade.timed.prepared import prepare
from models.cascade.timed.stand import Stand, stand_at
from models.scenario import Event, Scenario
from models.units import to_ms
from models.world import World
from tests.strategies import (
    asset,
    cases,
    large_case,
    mesh_case,
    needs,
    with_links_and_measures,
    with_wide_events,
    world_of,
)

SEEDS = st.integers(0, 2**32 - 1)


def _stand(world: World, scenario: Scenario, at_ms: int) -> Stand:
    root = prepare(world, scenario.measures)
    typical = scenario.repairs == "typical"
    return stand_at(root, root.table(scenario.events), at_ms, typical=typical)


def _goes_on(world: World, scenario: Scenario, at_ms: int) -> None:
    """Check that resuming twice from one saved state gives the end of the whole run."""
    root = prepare(world, scenario.measures)
    typical, horizon = scenario.repairs == "typical", to_ms(scenario.horizon_h)
    whole = solve(root, scenario.events, horizon, typical=typical)
    stand = _stand(world, scenario, at_ms)
    for _ in range(2):
        with stand.prepared.run_state(tracing=False) as state:
            state.play(stand.rest, typical, horizon)
            figures = summary(root.ref, state.ref, root.settled_ref, root.areas, horizon)
            result = Solved(root, horizon, *figures)
        for name in ("all_levels", "all_first_losses_ms", "all_down_ms"):
            assert np.array_equal(getattr(result, name)(), getattr(whole, name)())
        assert result.person_hours == pytest.approx(whole.person_hours, abs=1e-6)


def _hours_of(scenario: Scenario) -> list[int]:
    """Return each hour at which something happens, in ms, with the moments around it."""
    hours = {to_ms(event.at_h) for event in scenario.events} | {0, to_ms(scenario.horizon_h)}
    near = {at + step for at in hours for step in (-1, 0, 1)}
    return sorted(at for at in near if 0 <= at <= to_ms(scenario.horizon_h))


@given(case=cases(demand=True, black_start=True))
@settings(max_examples=300)
def test_the_rest_of_a_run_ends_as_the_whole_run(case: tuple[World, Scenario]):
    """Before, at and after what happens, at 0 h and at the horizon."""
    for at_ms in _hours_of(case[1]):
        _goes_on(*case, at_ms)


@given(seed=SEEDS)
@settings(max_examples=150)
def test_the_rest_of_a_run_in_larger_worlds(seed: int):
    world, scenario = large_case(seed)
    scenario = with_links_and_measures(seed, world, scenario)
    scenario = with_wide_events(seed, world, scenario)
    for at_ms in Random(seed).choices(_hours_of(scenario), k=4):
        _goes_on(world, scenario, at_ms)


@given(seed=SEEDS)
@settings(max_examples=60)
def test_the_rest_of_a_run_in_meshed_networks(seed: int):
    world, result = mesh_case(seed)
    for scenario in result:
        _goes_on(world, scenario, Random(seed).choice(_hours_of(scenario)))


def test_what_lies_before_the_hour_is_not_solved_again():
    """A chain with an hour of autonomy each: two losses after 1 h belong to the saved state."""
    groups = [needs("g1", "b", "a", autonomy_h=1.0), needs("g2", "c", "b", autonomy_h=1.0)]
    world = world_of([asset(i, repair_h=12.0) for i in "abc"], groups)
    scenario = Scenario("w", (Event(1.0, "fail", "a"), Event(5.0, "fail", "b")))
    stand = _stand(world, scenario, to_ms(5.0))
    assert [event["t"] for event in stand.rest] == [to_ms(5.0)]
    assert stand.prepared.settled.tally[0]["rows"] == 3
