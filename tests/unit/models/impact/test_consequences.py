"""What a cascade does to people, on one substation that serves a town."""

from __future__ import annotations

from models.cascade.reference.engine import run
from models.impact.consequences import (
    SectorCount,
    lost_by_sector,
    people_summary,
    people_without,
    restored_ms,
    special_users_lost,
)
from models.outcome import Outcome
from models.scenario import Event, Scenario
from models.units import to_ms
from models.world import Asset, ServiceArea, World
from tests.strategies import asset, needs, world_of


def _town() -> tuple[World, Outcome]:
    """SUB (1,000 people) feeds HOSP, which falls to 40 % after 2 h; SUB is repaired at 10 h."""
    world = world_of(
        [
            asset("SUB"),
            Asset("HOSP", "Hospital", "hospital", "health", 0.0, 0.0),
            Asset("J", "", "junction", "energy", 0.0, 0.0),
        ],
        [needs("diesel", "HOSP", "SUB", autonomy_h=2, loss=0.6, restart_h=1)],
        service_areas=(
            ServiceArea("SUB", "power", 1000),
            ServiceArea("HOSP", "care", 500),
        ),
    )
    events = (Event(0, "fail", "SUB"), Event(10, "repair", "SUB"), Event(1, "fail", "J"))
    return world, run(world, Scenario("w", events, horizon_h=24))


def test_people_are_those_of_the_area_times_what_is_missing():
    world, outcome = _town()
    without = people_without(world, outcome)
    assert without["power"] == ((0, 1000.0), (to_ms(10), 0.0))
    assert without["care"] == ((0, 0.0), (to_ms(2), 300.0), (to_ms(11), 0.0))


def test_person_hours_are_the_area_under_the_course():
    world, outcome = _town()
    summary = people_summary(world, outcome)
    assert summary["power"] == {"peak": 1000, "person_hours": 10_000.0}
    assert summary["care"] == {"peak": 300, "person_hours": 2_700.0}


def test_direct_and_indirect_are_told_apart_and_junctions_left_out():
    world, outcome = _town()
    assert lost_by_sector(world, outcome) == {
        "energy": SectorCount(total=1, direct=1, indirect=0),
        "health": SectorCount(total=1, direct=0, indirect=1),
    }
    assert special_users_lost(world, outcome, {"hospital"}) == ("HOSP",)
    assert special_users_lost(world, outcome, {"school"}) == ()


def test_nine_tenths_restored_needs_them_all_back_where_they_are_few():
    world, outcome = _town()
    assert restored_ms(outcome) is None  # the junction is not repaired
    assert restored_ms(outcome, share=0.6) == to_ms(11)
    assert restored_ms(run(world, Scenario("w"))) == 0
