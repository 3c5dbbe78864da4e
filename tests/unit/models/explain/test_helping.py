"""What would help most from an hour on; each act was run."""

from dataclasses import replace

import pytest

from models.cascade.timed.engine import run
from models.explain.helping import helps
from models.scenario import Event, Scenario
from models.units import to_ms

FAILS = Scenario("tiny", events=(Event(0, "fail", asset="grid"),), horizon_h=48)


def _helps(world, scenario, at_h):
    return helps(world, scenario, run(world, scenario), to_ms(at_h), {"hospital"})


def test_the_repair_and_the_supply_are_ranked_by_person_hours(tiny_world):
    result = _helps(tiny_world, FAILS, 4)
    ranked = [(item.event.do, item.event.asset, item.person_hours) for item in result]
    # both keep the works running throughout: 1,200 people for the 40 h after their reserve ends
    assert ranked[:2] == [("repair", "grid", 1200 * 40), ("supply", "works", 1200 * 40)]
    assert all(item.event.at_h == 4 for item in result)


def test_acting_late_saves_less_and_after_the_end_nothing(tiny_world):
    early, late = _helps(tiny_world, FAILS, 4)[0], _helps(tiny_world, FAILS, 40)[0]
    assert early.person_hours > late.person_hours > 0
    assert _helps(tiny_world, replace(FAILS, events=()), 4) == ()


def test_in_numbers_alone_they_are_the_same(tiny_world, monkeypatch):
    whole = [_helps(tiny_world, FAILS, at_h) for at_h in (0, 4, 24)]
    monkeypatch.setattr("models.explain.helping.MANY_LOST", 0)
    alone = [_helps(tiny_world, FAILS, at_h) for at_h in (0, 4, 24)]
    assert alone == whole
    assert any(item.people for some in whole for item in some)


@pytest.mark.parametrize("at_h", [0, 8, 24, 48])
def test_each_saves_what_it_says(tiny_world, at_h):
    from models.impact.consequences import people_summary

    def hours(scenario):
        return people_summary(tiny_world, run(tiny_world, scenario))["drinking water"][
            "person_hours"
        ]

    for help_ in _helps(tiny_world, FAILS, at_h):
        tried = replace(FAILS, events=(*FAILS.events, help_.event))
        assert hours(FAILS) - hours(tried) == pytest.approx(help_.person_hours)
