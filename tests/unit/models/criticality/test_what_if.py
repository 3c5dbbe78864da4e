"""What one more knock-out takes on top of a scenario."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.cascade.reference.engine import run
from models.criticality.what_if import (
    Baseline,
    Extra,
    Things,
    candidates,
    causes_of,
    pair_count,
    pairs_of,
    toll_of,
)
from models.errors import UnknownIdError
from models.impact.people import distinct_people
from models.impact.settlement import EVERYBODY
from models.outcome import Outcome
from models.scenario import Event, Scenario
from models.world import CommonCause, Link, ServiceArea, World
from tests.strategies import (
    HOURS,
    asset,
    cases,
    large_case,
    needs,
    scenarios,
    settled_worlds,
    with_events,
    with_links_and_measures,
    with_wide_events,
    world_of,
)


def _town() -> World:
    """Grid → works → clinic; a line from the grid to the far end; grid and mast share a place."""
    return world_of(
        [
            *(asset(a, source_of=("road",)) for a in ("grid", "far")),
            *(asset(a) for a in ("works", "clinic", "mast")),
        ],
        [needs("g1", "works", "grid"), needs("g2", "clinic", "works", autonomy_h=2.0)],
        [Link("l", "grid", "far", "road")],
        service_areas=(ServiceArea("works", "water", 100), ServiceArea("clinic", "care", 10)),
        common_causes={
            "place": CommonCause("place", "location", asset_ids=("grid", "mast"), link_ids=("l",)),
            "alone": CommonCause("alone", "location", asset_ids=("far",)),
        },
    )


def _lost(base: Baseline, extra: Extra) -> set[str]:
    return {base.arrays.ids[a] for a in extra.lost.tolist()}


def test_what_is_lost_anyway_is_not_counted_again():
    already = Scenario("w", (Event(0, "fail", "works"),), horizon_h=10)
    base = Baseline(_town(), already, 4.0)
    grid, works = base.beyond(Things(("grid",))), base.beyond(Things(("works",)))
    assert (_lost(base, grid), grid.people, grid.person_hours) == ({"grid"}, 0, 0.0)
    assert (_lost(base, works), works.people) == (set(), 0)


def test_the_hour_of_the_knock_out_decides_how_long_people_go_without():
    base = Baseline(_town(), Scenario("w", horizon_h=10), 4.0)
    late = base.beyond(Things(("grid",)))
    assert _lost(base, late) == {"grid", "works", "clinic"}
    assert late.people == 110
    assert late.person_hours == 100 * 6 + 10 * 4


def test_only_what_is_shown_is_counted():
    world, quiet = _town(), Scenario("w", horizon_h=10)
    base = Baseline(world, quiet, 4.0, shown={"grid", "clinic"}, besides={"water"})
    grid = base.beyond(Things(("grid",)))
    assert _lost(base, grid) == {"grid", "clinic"}
    assert (grid.people, grid.person_hours) == (10, 10 * 4)


def test_a_knock_out_beyond_the_horizon_takes_nothing():
    base = Baseline(_town(), Scenario("w", (Event(3.0, "fail", "works"),), horizon_h=10), 11.0)
    late = base.beyond(Things(("grid",)))
    assert (len(late.lost), late.people, late.person_hours) == (0, 0, 0.0)


def test_what_is_not_there_is_said():
    base = Baseline(_town(), Scenario("w"), 1.0)
    for things in (Things(("gird",)), Things(links=("m",))):
        with pytest.raises(UnknownIdError):
            base.beyond(things)


def test_candidates_are_assets_and_causes_of_several():
    world = _town()
    assert set(candidates(world)) == {"grid", "works", "clinic", "mast", "far", "cause:place"}
    assert candidates(world)["cause:place"] == Things(("grid", "mast"), ("l",))
    assert causes_of(world) == {"grid": ("place",), "mast": ("place",)}
    assert len(pairs_of(world)) == pair_count(world) == 10


@given(case=cases(demand=True, black_start=True), at_h=HOURS)
@settings(max_examples=150)
def test_each_is_the_difference_of_two_runs(case: tuple[World, Scenario], at_h: float):
    world, scenario = case
    _agrees(world, scenario, at_h)


@given(seed=st.integers(0, 2**32 - 1), at_h=HOURS)
@settings(max_examples=60)
def test_each_is_the_difference_of_two_runs_in_larger_worlds(seed: int, at_h: float):
    world, scenario = large_case(seed)
    scenario = with_links_and_measures(seed, world, scenario)
    _agrees(world, with_wide_events(seed, world, scenario), at_h)


@given(case=cases(demand=True, black_start=True), hits=st.integers(1, 4))
@settings(max_examples=100)
def test_each_is_the_difference_of_two_runs_at_the_hour_of_the_first_hits(
    case: tuple[World, Scenario], hits: int
):
    world, scenario = case
    others = [event for event in scenario.events if event.at_h > 0]
    first = [Event(0.0, "fail", asset) for asset in sorted(world.assets)[:hits]]
    _agrees(world, replace(scenario, events=(*first, *others)), 0.0)


def _agrees(world: World, scenario: Scenario, at_h: float) -> None:
    before = run(world, scenario)
    people, hours = _people(world, before)
    base = Baseline(world, scenario, at_h)
    for things in [Things((a,)) for a in sorted(world.assets)[:12]] + [
        Things(links=(link,)) for link in sorted(world.links)[:4]
    ]:
        hits = [Event(at_h, "fail", a) for a in things.assets]
        hits += [Event(at_h, "fail", link=link) for link in things.links]
        after = run(world, with_events(scenario, *hits))
        extra = base.beyond(things)
        assert _lost(base, extra) == set(after.assets) - set(before.assets)
        more_people, more_hours = _people(world, after)
        assert extra.people == more_people - people
        assert extra.person_hours == pytest.approx(more_hours - hours, abs=1e-3)


@given(world=settled_worlds(), data=st.data())
def test_the_toll_of_a_run_is_that_of_its_outcome(world, data):
    scenario = data.draw(scenarios(world))
    people, hours = toll_of(world, scenario)
    assert (people, pytest.approx(hours, abs=1e-3)) == _people(world, run(world, scenario))


def _people(world: World, outcome: Outcome) -> tuple[float, float]:
    lacking = distinct_people(world, outcome)[EVERYBODY]
    return lacking.peak, lacking.person_hours
