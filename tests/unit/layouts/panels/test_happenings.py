"""The list of what happens: its rows hold what the events say, exactly enough to give it back."""

import json
from dataclasses import replace

import pytest

from layouts.panels.happenings import happenings_list
from layouts.words import Labels
from models.access import LOCAL_USER
from models.scenario import Event, Scenario


def rows(shown):
    """The events' rows as sent to the browser."""
    (row_data,) = [
        child.to_plotly_json()["props"]["data-events"]
        for child in shown.children
        if child is not None and "data-events" in child.to_plotly_json()["props"]
    ]
    return json.loads(row_data)


@pytest.mark.parametrize("to", [0, 0.333, 1 / 3, 0.07])
def test_a_row_has_the_exact_event_that_its_form_changes(tiny_world, to):
    event = Event(0.1, "degrade", asset="grid", to=to, p=0.25, note="storm")
    (row,) = rows(happenings_list(tiny_world, Scenario("tiny", events=(event,)), Labels()))
    assert Event(**row["event"]) == event
    assert "25 % likely · storm" in row["detail"]


def test_a_line_that_the_world_has_can_be_opened_from_its_row(tiny_world):
    events = (Event(0, "fail", link="line"), Event(0, "fail", link="gone"))
    shown = rows(happenings_list(tiny_world, Scenario("tiny", events=events), Labels()))
    assert [row.get("line") for row in shown] == ["line", None]


def test_an_event_that_somebody_may_not_see_tells_its_hour_alone(tiny_world):
    event = Event(3, "fail", asset="grid", note="secret", unseen="RED")
    (row,) = rows(happenings_list(tiny_world, Scenario("tiny", events=(event,)), Labels()))
    assert set(row) == {"hour", "who", "verb", "do", "index"}
    assert "grid" not in json.dumps(row) and row["do"] == "unseen"


def test_who_may_not_change_is_told_no_event_to_change(tiny_world):
    events = Scenario("tiny", events=(Event(0, "fail", asset="grid"),))
    viewer = replace(LOCAL_USER, role="observer")
    (row,) = rows(happenings_list(tiny_world, events, Labels(), viewer))
    assert "event" not in row and row["asset"] == "grid"


def test_a_row_costs_no_component(tiny_world):
    """Hundreds of events are as many components as one."""

    def components(count):
        scenario = Scenario("tiny", events=(Event(0, "fail", asset="grid"),) * count)
        return sum(1 for _ in happenings_list(tiny_world, scenario, Labels())._traverse())

    assert components(300) == components(1)
