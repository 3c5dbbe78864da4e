"""The log says what was done in the words of the page."""

from dataclasses import replace

import pytest

from layouts.words import Labels
from models.change import difference
from models.scenario import Event, Measure, Scenario
from usecases.reasons import what_changed

GRID = Event(0, "fail", asset="grid")
WORKS = Event(5.5, "degrade", asset="works", to=0.5)
LINE = Event(1, "fail", link="line")
MORE = Measure("add_autonomy", "clinic", "electricity", hours=12)
BEFORE = Scenario("tiny", events=(GRID,), measures=(MORE,), horizon_h=48)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"events": (GRID, WORKS)}, "Water works drops to 50 % at 5 h 30 min"),
        ({"events": ()}, "no longer: Substation fails at 0 h"),
        (
            {"events": (replace(GRID, at_h=3.0),)},
            "Substation fails at 3 h; no longer: Substation fails at 0 h",
        ),
        ({"events": (GRID, LINE, WORKS), "title": "Storm"}, "1 more"),
        ({"measures": ()}, "no longer: Hospital"),
        ({"title": "Storm"}, "title 'Storm'"),
        ({"horizon_h": 24.0, "repairs": "typical"}, "horizon 24 h; typical repairs"),
        ({}, ""),
    ],
)
def test_a_change_is_said_in_a_line(tiny_world, changed, message):
    after = replace(BEFORE, **changed)
    said = what_changed(tiny_world, difference(BEFORE.to_dict(), after.to_dict()), Labels())
    assert message in said if message else said == ""
    assert len(said.splitlines()) <= 1
