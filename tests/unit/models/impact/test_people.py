"""Distinct people: each counted once, whatever they lack, and never more than there are."""

from dataclasses import replace
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.cascade.timed.engine import run
from models.impact.consequences import people_without
from models.impact.people import distinct_people, people_distinct, shortfalls, value_at
from models.impact.settlement import EVERYBODY
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
    delivered = [("power", s, 1.0 - x) for s, x in zip(shares, levels, strict=True)]
    assert shortfalls(delivered, []) == {("power", ""): lack}


def test_needs_at_home_are_followed_in_turn():
    chain = [UseNeed("alarm", "landline", 0.5), UseNeed("landline", "power")]
    found = shortfalls([("alarm", 1, 0), ("landline", 1, 0), ("power", 1, 1)], chain)
    assert found == {
        ("alarm", ""): 0.5,
        ("alarm", "landline"): 0.5,
        ("landline", ""): 1.0,
        ("landline", "power"): 1.0,
        ("power", ""): 1.0,
    }


def test_rows_of_services_count_use_needs_and_say_so():
    world = town(use_needs=(ROUTER,))
    found = distinct_people(world, outcome_of(world, Event(0.0, "fail", "grid")))[EVERYBODY]
    landline = found.services["landline"]
    assert (landline.peak, landline.person_hours) == (100, 1000.0)
    assert landline.by_need == {"power": ((0, 100.0),)}
    assert found.services["water"].by_need == {}


def test_only_who_would_have_the_supply_lacks_it_for_a_use_need():
    world = town(use_needs=(ROUTER,))
    cut = outcome_of(world, Event(0.0, "fail", "grid"), Event(4.0, "degrade", "exchange", to=0.25))
    landline = distinct_people(world, cut)[EVERYBODY].services["landline"]
    assert landline.course == ((0, 100.0),)
    assert landline.by_need == {"power": ((0, 100.0), (4 * 3_600_000, 25.0))}


def test_the_outcome_tells_people_by_service_at_home():
    world = town(use_needs=(ROUTER,))
    found = people_distinct(world, outcome_of(world, Event(1.0, "fail", "grid")))
    assert found["by_service"]["landline"] == {
        "peak": 100,
        "peak_h": 1.0,
        "person_hours": 900.0,
        "by_use_need": {"power": 100},
    }
    assert found["by_service"]["water"]["by_use_need"] == {}
    assert "at_least" not in found


@pytest.mark.parametrize(
    ("level", "farm", "home"), [(1.0, 0, 0), (0.95, 5.5, 0), (0.9, 10, 1), (0.38, 10, 58.2)]
)
def test_a_partial_supply_is_shed_in_the_stated_order(level, farm, home):
    world = town()
    cells = {**world.cells, "farm": replace(world.cells["farm"], shed_order=1)}
    world = replace(world, cells=cells)
    cut = outcome_of(world, Event(0.0, "degrade", "grid", to=level))
    found = distinct_people(world, cut)
    assert found[EVERYBODY].services["power"].course == ((0, pytest.approx(farm + home)),)
    assert found["over_80"].course == ((0, pytest.approx(home / 5)),)


def test_the_order_of_a_row_goes_before_that_of_its_cell():
    world = town()
    cells = {name: replace(cell, shed_order=2) for name, cell in world.cells.items()}
    servings = tuple(
        replace(serving, shed_order=1)
        if (serving.cell_id, serving.service) == ("home", "power")
        else serving
        for serving in world.servings
    )
    world = replace(world, cells=cells, servings=servings)
    cut = outcome_of(world, Event(0.0, "degrade", "grid", to=0.5))
    assert distinct_people(world, cut)["over_80"].course == ((0, pytest.approx(11.0)),)


def test_areas_of_different_services_may_be_the_same_people():
    world = world_of(
        [asset("grid"), asset("works")],
        service_areas=(ServiceArea("grid", "power", 50), ServiceArea("works", "water", 40)),
    )
    cut = outcome_of(world, Event(0.0, "fail", "grid"), Event(2.0, "fail", "works"))
    found = distinct_people(world, cut)[EVERYBODY]
    assert found.peak == 90
    assert found.at_least == ((0, 50.0), (2 * 3_600_000, 50.0))
    assert people_distinct(world, cut)["at_least"] == 50


def test_areas_of_one_service_lie_side_by_side():
    world = world_of(
        [asset("grid"), asset("other")],
        service_areas=(ServiceArea("grid", "power", 50), ServiceArea("other", "power", 40)),
    )
    cut = outcome_of(world, Event(0.0, "fail", "grid"), Event(0.0, "fail", "other"))
    found = distinct_people(world, cut)[EVERYBODY]
    assert (found.peak, found.at_least) == (90, None)


def test_a_cell_may_be_called_as_an_area_is():
    world = world_of(
        [asset("grid")],
        service_areas=(ServiceArea("grid", "power", 50),),
        cells={"area:grid": Cell("area:grid", 9, 0.0, 0.0)},
        servings=(Serving("area:grid", "grid", "water"),),
    )
    found = distinct_people(world, outcome_of(world, Event(0.0, "fail", "grid")))[EVERYBODY]
    assert (found.peak, found.at_least) == (59, ((0, 50.0),))


# --- laws ------------------------------------------------------------------------------------


@given(world=settled_worlds(), data=st.data())
def test_laws_of_distinct_people(world, data):
    """Each person once: between the worst service and the sum, and never more than there are."""
    outcome = run(world, data.draw(scenarios(world)))
    found = distinct_people(world, outcome)[EVERYBODY]
    everyone = sum(cell.people for cell in world.cells.values())
    everyone += sum(area.people for area in world.service_areas)
    assert 0 <= found.peak <= everyone
    assert sum(found.by_missing.values()) == found.peak
    assert isclose(max(people for _, people in found.course), found.peak, abs_tol=0.5)
    assert found.peak >= max((service.peak for service in found.services.values()), default=0)
    if found.at_least is not None:
        assert all(n <= value_at(found.course, t) + 1e-5 for t, n in found.at_least)


@given(world=settled_worlds(), data=st.data())
def test_who_lacks_a_service_at_home_has_no_supply_or_a_need_unmet(world, data):
    """At home, as many lack a service as its supply leaves without, and who lack its need."""
    outcome = run(world, data.draw(scenarios(world)))
    at_home = distinct_people(world, outcome)[EVERYBODY].services
    supply = people_without(world, outcome)
    assert at_home.keys() == supply.keys()
    for service, value in at_home.items():
        for t, people in value.course:
            for_need = sum(value_at(course, t) for course in value.by_need.values())
            assert isclose(people - for_need, value_at(supply[service], t), abs_tol=1e-4)


@given(world=settled_worlds(), data=st.data())
def test_shedding_takes_from_everybody_together_what_is_not_delivered(world, data):
    """38 % of a supply is 38 % of its people, in whatever order they are shed."""
    outcome = run(world, data.draw(scenarios(world)))
    even = replace(
        world,
        cells={name: replace(cell, shed_order=None) for name, cell in world.cells.items()},
        servings=tuple(replace(serving, shed_order=None) for serving in world.servings),
        use_needs=(),
    )
    ordered = replace(world, use_needs=())
    one, other = (distinct_people(w, outcome)[EVERYBODY].services for w in (even, ordered))
    for service, found in one.items():
        moments = {t for t, _ in (*found.course, *other[service].course)}
        for t in moments:
            there = value_at(other[service].course, t)
            assert isclose(value_at(found.course, t), there, abs_tol=1e-4)


@given(world=settled_worlds(), data=st.data())
def test_the_order_of_rows_changes_nobody(world, data):
    outcome = run(world, data.draw(scenarios(world)))
    shuffled = replace(
        world,
        servings=tuple(data.draw(st.permutations(world.servings))),
        cells=dict(data.draw(st.permutations(list(world.cells.items())))),
    )
    assert distinct_people(shuffled, outcome) == distinct_people(world, outcome)
