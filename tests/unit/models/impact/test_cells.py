"""Cells of people over time: what is missing where, and how many lack something."""

from dataclasses import replace
from math import isclose

from hypothesis import given
from hypothesis import strategies as st

from models.cascade.timed.engine import run
from models.impact.cells import by_municipality, cell_courses, moment_at
from models.impact.people import distinct_people, value_at
from models.impact.settlement import EVERYBODY
from models.scenario import Event, Scenario
from models.units import to_ms
from tests.strategies import scenarios, settled_worlds


def courses(world, *events):
    outcome = run(world, Scenario(world.world_id, events=events, horizon_h=24))
    return cell_courses(world, outcome)


def test_cells_lack_what_their_suppliers_and_use_needs_leave_out(haven):
    found = courses(haven, Event(0.0, "fail", "north"))
    assert sorted(found) == ["church", "mill", "quay"]
    assert [(now.t_ms, now.services) for now in found["church"]] == [
        (0, ("electricity",)),
        (to_ms(4.0), ("drinking_water", "electricity")),
    ]
    assert found["quay"][0].services == ("electricity", "fixed_telecom")
    assert all(now.part == 1.0 for now in found["mill"])


def test_the_first_to_be_shed_go_dark_first(haven):
    found = courses(haven, Event(0.0, "degrade", "north", to=0.5))
    # 500 of 1,000 lose power: all of the quay (400), a third of the mill (300), nobody else
    assert moment_at(found["quay"], 0).part == 1.0
    assert isclose(moment_at(found["mill"], 0).part, 1 / 3)
    assert moment_at(found["mill"], 0).services == ()
    assert "church" not in found or moment_at(found["church"], 0).part == 0.0


def test_municipalities_are_sums_of_their_cells(haven):
    outcome = run(haven, Scenario("haven", events=(Event(0.0, "fail", "north"),), horizon_h=24))
    north, south = by_municipality(haven, cell_courses(haven, outcome), 0)
    assert north == ("North Haven", 1000, 1000.0)
    assert south == ("Southby", 540, 0.0)


@given(world=settled_worlds(), data=st.data())
def test_cells_add_up_to_the_distinct_people(world, data):
    world = replace(world, service_areas=())
    outcome = run(world, data.draw(scenarios(world)))
    found = cell_courses(world, outcome)
    lacking = distinct_people(world, outcome)[EVERYBODY]
    moments = {now.t_ms for course in found.values() for now in course}
    for t_ms in moments | {t for t, _ in lacking.course}:
        here = sum(
            world.cells[cell].people * moment_at(course, t_ms).part
            for cell, course in found.items()
        )
        assert isclose(here, value_at(lacking.course, t_ms), abs_tol=1e-4)
