"""Distinct people: each counted once, whatever they lack, and never more than there are."""

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.cascade.timed.engine import run
from models.impact.consequences import people_summary
from models.impact.people import EVERYBODY, distinct_people, shortfalls
from models.scenario import Event, Scenario
from models.world import Cell, ServiceArea, Serving, UseNeed
from tests.strategies import asset, needs, scenarios, settled_worlds, world_of

ROUTER = UseNeed("landline", "power")


def outcome_of(world, *events, horizon_h=10.0):
    scenario = Scenario(world.world_id, horizon_h=horizon_h, events=events)
    return run(world, scenario)


def town(*, use_needs=()):
    """Two cells; grid serves both with power, works the first with water, which needs power 2 h.

    grid --> works (2 h)      home: 100 people, 20 of them old; power, water, landline
         --> farm             farm: 10 people; power
    exchange
    """
    return world_of(
        [asset("grid"), asset("works"), asset("exchange")],
        [needs("works-power", "works", "grid", autonomy_h=2.0)],
        cells={
            "farm": Cell("farm", 10, 0.0, 0.0),
            "home": Cell("home", 100, 0.0, 0.0, groups=(("over_80", 20),)),
        },
        servings=(
            Serving("farm", "grid", "power"),
            Serving("home", "exchange", "landline"),
            Serving("home", "grid", "power"),
            Serving("home", "works", "water"),
        ),
        use_needs=use_needs,
    )


def test_a_person_who_lacks_two_services_counts_once():
    world = town()
    found = distinct_people(world, outcome_of(world, Event(0.0, "fail", "grid")))[EVERYBODY]
    assert found.course == ((0, 110.0),)
    assert (found.peak, found.person_hours) == (110, 1100.0)


def test_by_missing_is_of_the_moment_of_the_peak_and_adds_up_to_it():
    world = town()
    cut = outcome_of(world, Event(0.0, "fail", "works"), Event(3.0, "fail", "grid"))
    found = distinct_people(world, cut)[EVERYBODY]
    assert (found.peak, found.peak_ms) == (110, 3 * 3_600_000)
    assert found.by_missing == {1: 10, 2: 100}


def test_groups_are_counted_in_the_same_way():
    world = town()
    found = distinct_people(world, outcome_of(world, Event(0.0, "fail", "works")))
    assert (found[EVERYBODY].peak, found["over_80"].peak) == (100, 20)
    assert found["over_80"].by_missing == {1: 20}


def test_a_router_without_power_is_no_landline_though_the_exchange_runs():
    cut = Event(0.0, "fail", "grid")
    without, with_it = town(), town(use_needs=(ROUTER,))
    alone = distinct_people(without, outcome_of(without, cut))[EVERYBODY]
    at_home = distinct_people(with_it, outcome_of(with_it, cut))[EVERYBODY]
    assert alone.by_missing == {1: 110}
    assert at_home.by_missing == {1: 10, 2: 100}


def test_areas_of_one_asset_are_one_cell():
    world = world_of(
        [asset("exchange")],
        service_areas=(ServiceArea("exchange", "landline", 50), ServiceArea("exchange", "web", 40)),
    )
    found = distinct_people(world, outcome_of(world, Event(0.0, "fail", "exchange")))[EVERYBODY]
    assert (found.peak, found.by_missing) == (50, {1: 10, 2: 40})


def test_areas_of_a_service_with_servings_are_not_counted_again():
    world = world_of(
        [asset("grid")],
        service_areas=(ServiceArea("grid", "power", 1_000),),
        cells={"home": Cell("home", 100, 0.0, 0.0)},
        servings=(Serving("home", "grid", "power"),),
    )
    assert distinct_people(world, outcome_of(world, Event(0.0, "fail", "grid")))[""].peak == 100


def test_partial_supply_leaves_that_part_of_the_people_without():
    world = town()
    found = distinct_people(world, outcome_of(world, Event(0.0, "degrade", "grid", to=0.38)))
    assert found[EVERYBODY].course[0] == (0, 110 * 0.62)


@pytest.mark.parametrize(("shares", "lack"), [((1.0, 1.0), 0.5), ((0.5, 0.5), 0.5), ((0.5,), 0.5)])
def test_shares_above_one_count_as_parts_of_their_sum(shares, lack):
    levels = [0.0, *([1.0] * (len(shares) - 1))]
    found = shortfalls([("power", s, x) for s, x in zip(shares, levels, strict=True)], [])
    assert found == {"power": lack}


def test_needs_at_home_are_followed_in_turn():
    chain = [UseNeed("alarm", "landline", 0.5), UseNeed("landline", "power")]
    found = shortfalls([("alarm", 1, 1), ("landline", 1, 1), ("power", 1, 0)], chain)
    assert found == {"alarm": 0.5, "landline": 1.0, "power": 1.0}


@given(world=settled_worlds(), data=st.data())
def test_laws_of_distinct_people(world, data):
    """Each person once: between the worst service and the sum, and never more than there are."""
    scenario = data.draw(scenarios(world))
    outcome = run(world, scenario)
    found = distinct_people(world, outcome)[EVERYBODY]
    everyone = sum(cell.people for cell in world.cells.values())
    everyone += sum(area.people for area in world.service_areas)
    assert 0 <= found.peak <= everyone
    assert sum(found.by_missing.values()) == found.peak
    assert isclose(max(people for _, people in found.course), found.peak, abs_tol=0.5)
    if not world.servings:
        worst = max((one["peak"] for one in people_summary(world, outcome).values()), default=0)
        assert found.peak >= worst
