"""Panels that the server renders: what they say, and what their buttons do."""

import json
from dataclasses import replace

import pytest
from dash.development.base_component import Component

from layouts.panels.happenings import happenings_list
from layouts.panels.why import saved_by, saving_action, why_asset, why_nothing
from layouts.words import (
    Labels,
    ServiceWords,
    buffer_ends,
    confidence_words,
    event_words,
    measure_words,
    readable,
)
from models.cascade.reference.engine import run
from models.explain.causes import Case
from models.explain.savings import Saving, saving_changes
from models.explain.why import why
from models.scenario import Event, Measure, Scenario
from models.world import Group, Supplier
from usecases.editing.actions import apply_action, parse_action

LABELS = Labels(services={"drinking water": ServiceWords("Drinking water")})
GRID_FAILS = Scenario("tiny", events=(Event(0, "fail", asset="grid"),), horizon_h=48)


def parts(component):
    """Every component below, and the texts among them."""
    if isinstance(component, Component):
        yield component
        component = getattr(component, "children", None)
    if isinstance(component, list | tuple):
        for child in component:
            yield from parts(child)
    elif isinstance(component, Component):
        yield from parts(component)
    elif component is not None:
        yield component


def text(component):
    return " ".join(str(part) for part in parts(component) if not isinstance(part, Component))


def data(component, name):
    result = [p.to_plotly_json()["props"] for p in parts(component) if isinstance(p, Component)]
    return [props[name] for props in result if name in props]


# ------------------------------------------------------------------------ why


def test_why_says_the_sentence_and_each_step_can_be_selected(tiny_world):
    outcome = run(tiny_world, GRID_FAILS)
    shown = why_asset(tiny_world, why(Case(tiny_world, GRID_FAILS, outcome), "clinic"), LABELS)
    assert "Substation was hit" in text(shown)
    assert {"grid", "clinic"} <= set(data(shown, "data-select"))
    assert "declared" in text(shown)


def test_why_of_what_keeps_working_says_so(tiny_world):
    outcome = run(tiny_world, GRID_FAILS)
    shown = why_asset(tiny_world, why(Case(tiny_world, GRID_FAILS, outcome), "plant"), LABELS)
    assert "keeps working" in text(shown)


@pytest.mark.parametrize(
    ("grade", "said"),
    [
        ("A", "confidence A: a legal duty, or measured in an incident"),
        ("B", "confidence B: more than one source"),
        ("C", "confidence C: practice, or one source"),
        ("D", "confidence D: a guess or an assumption"),
    ],
)
def test_how_sure_a_rule_is_says_what_the_tables_mean(tiny_world, grade, said):
    outcome = run(tiny_world, GRID_FAILS)
    result = why(Case(tiny_world, GRID_FAILS, outcome), "works")
    steps = [
        replace(s, group=s.group and replace(s.group, origin="D001", confidence=grade))
        for s in result.chain
    ]
    shown = text(why_asset(tiny_world, replace(result, chain=tuple(steps)), LABELS))
    assert shown.count(said) == 2  # the step, and the weakest of all
    assert "stated by" not in shown
    assert "operator" not in shown


def test_an_unknown_grade_is_only_named():
    assert confidence_words("Assumed") == "confidence Assumed"
    assert confidence_words("") == ""


def test_without_a_selection_it_says_what_to_do():
    assert "Select an asset" in text(why_nothing())


def test_every_saving_can_be_applied_and_helps(tiny_world):
    outcome = run(tiny_world, GRID_FAILS)
    first = outcome.assets["works"].first_loss_ms
    savings = saving_changes(Case(tiny_world, GRID_FAILS, outcome), "works")
    actions = [json.loads(item) for item in data(saved_by(savings), "data-act")]
    assert actions
    for action in actions:
        plain = apply_action(tiny_world, GRID_FAILS.to_dict(), parse_action(action))
        after = run(tiny_world, Scenario.from_dict(plain)).assets.get("works")
        assert after is None or after.first_loss_ms > first


@pytest.mark.parametrize(
    "event", [Event(3, "repair", link="line"), Event(3, "supply", "works", service="electricity")]
)
def test_a_saving_becomes_an_action_of_the_contract(event):
    action = saving_action(Saving("x", event=event))
    assert parse_action(action).at_h == 3


# ----------------------------------------------------------------- happenings


def test_events_stand_in_order_of_time_and_act_on_their_own_index(tiny_world):
    scenario = Scenario(
        "tiny", events=(Event(9, "repair", asset="grid"), Event(0, "fail", asset="grid"))
    )
    shown = happenings_list(tiny_world, scenario, LABELS)
    (text,) = data(shown, "data-events")
    rows = json.loads(text)
    assert [(row["verb"], row["index"]) for row in rows] == [("fails", 1), ("is repaired", 0)]


def test_an_empty_scenario_says_what_to_do(tiny_world):
    assert "Nothing yet" in text(happenings_list(tiny_world, Scenario("tiny"), LABELS))


def test_measures_can_be_taken_back(tiny_world):
    scenario = Scenario(
        "tiny", measures=(Measure("add_autonomy", "works", "electricity", hours=4),)
    )
    shown = happenings_list(tiny_world, scenario, LABELS)
    assert "Water works: 4 h more reserve for electricity" in text(shown)
    assert {"do": "remove_measure", "index": 0} in [json.loads(x) for x in data(shown, "data-act")]


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (Event(0, "fail", asset="grid"), "Substation fails"),
        (Event(0, "degrade", asset="grid", to=0.4), "Substation drops to 40 %"),
        (Event(0, "repair", link="line"), "Power plant – Substation is repaired"),
        (
            Event(0, "supply", "works", service="electricity"),
            "Water works gets emergency electricity",
        ),
        (Event(0, "fail", asset="gone"), "gone fails"),
    ],
)
def test_events_in_words(tiny_world, event, sentence):
    assert event_words(tiny_world, event, LABELS).sentence == sentence


def test_measures_in_words(tiny_world):
    source = Measure("add_source", "plant", "electricity", supply=70)
    supplier = Measure("add_supplier", "works", "electricity", supplier="plant")
    assert "at most 70" in measure_words(tiny_world, source, LABELS)
    assert "from Power plant" in measure_words(tiny_world, supplier, LABELS)


@pytest.mark.parametrize(
    ("buffer", "said"),
    [
        ("battery", "battery ends"),
        ("diesel generator", "diesel ends"),
        ("water tank", "tank runs dry"),
        ("building_mass", "building mass runs out"),
        ("none", "reserve for electricity ends"),
    ],
)
def test_buffers_end_in_words(buffer, said):
    group = Group("g", "a", "electricity", (Supplier("b"),), buffer=buffer)
    assert buffer_ends(group, LABELS) == said


def test_ids_become_readable():
    assert readable("drinking_water") == "Drinking water"
