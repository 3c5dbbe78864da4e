"""The list of what happens: its forms hold what the events say, exactly enough to give it back."""

import pytest
from dash.development.base_component import Component

from layouts.happenings import happenings_list
from layouts.words import Labels
from models.scenario import Event, Scenario


def parts(component):
    """Every component of a part of the page."""
    children = getattr(component, "children", None)
    yield component
    for child in children if isinstance(children, list | tuple) else [children]:
        if isinstance(child, Component):
            yield from parts(child)


def props(component, name):
    found = [part.to_plotly_json()["props"] for part in parts(component)]
    return [one for one in found if one.get("name") == name]


@pytest.mark.parametrize(("to", "percent"), [(0, 0), (0.333, 33.3), (1 / 3, 33.3333), (0.07, 7)])
def test_the_form_of_a_part_load_shows_the_share_it_has(tiny_world, to, percent):
    scenario = Scenario("tiny", events=(Event(0, "degrade", asset="grid", to=to),))
    (field,) = props(happenings_list(tiny_world, scenario, Labels()), "to_percent")
    assert field["value"] == percent
    assert field["max"] == 100


def test_an_event_of_a_line_opens_the_line(tiny_world):
    scenario = Scenario("tiny", events=(Event(0, "fail", link="line"),))
    shown = happenings_list(tiny_world, scenario, Labels())
    told = [part.to_plotly_json()["props"] for part in parts(shown)]
    assert [one["data-open-line"] for one in told if "data-open-line" in one] == ["line"]
