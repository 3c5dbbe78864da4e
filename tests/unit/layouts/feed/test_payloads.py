"""What is sent is what its types say; the page's scripts are checked with the same examples."""

import copy
import json

import jsonschema_rs
import pytest

from models.rights.views import view
from models.scenario import Scenario
from tests.labelled import labelled_world
from tests.payloads import EXAMPLES, PAYLOADS, SCHEMA, examples, schema
from tests.unit.layouts.feed.test_picture_change import CASES


def _read(path):
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def refuses():
    return jsonschema_rs.Draft202012Validator(schema())


def test_the_scripts_are_checked_with_the_schema_and_the_examples_of_today(tiny_world, tmp_path):
    assert _read(SCHEMA) == schema()
    sent, kept = examples(tiny_world, tmp_path / "examples.db"), _read(EXAMPLES)
    assert sent.keys() == kept.keys()
    # how many events a stream is told depends on how quickly they follow each other
    for name in kept.keys() - {"change", "people", "lead"}:
        assert sent[name] == kept[name]
    assert sent["change"][-1]["rev"] == kept["change"][-1]["rev"]


def test_what_is_sent_is_what_its_types_say(tiny_world, tmp_path, refuses):
    sent = examples(tiny_world, tmp_path / "examples.db")
    assert all(sent.values())
    assert sent.keys() >= {"features", "picture", "scenario", "change", "people", "lead", "news"}
    assert [str(error) for error in refuses.iter_errors(sent)] == []


def test_a_scenario_of_which_something_is_hidden_has_a_type_too(tmp_path, refuses):
    world = labelled_world(tmp_path)
    hours = {"do": "add_autonomy", "service": "electricity", "hours": 4.0}
    whole = {
        **Scenario(world.world_id).to_dict(),
        "events": [{"at_h": 1.0, "do": "fail", "asset": name} for name in ("kilo", "works")],
        "measures": [{**hours, "asset": name} for name in ("orange", "works")],
    }
    seen = view(world, "CLEAR").plain(whole)
    assert [set(event) for event in seen["events"]] == [{"at_h", "unseen"}, {"at_h", "do", "asset"}]
    assert set(seen["measures"][0]) == {"unseen"}
    assert [str(error) for error in refuses.iter_errors({"plain_scenario": [whole, seen]})] == []


def test_the_differences_that_scripts_are_checked_with_are_of_these_types(refuses):
    cases = _read(CASES)
    differences = {
        "picture": [case[side] for case in cases for side in ("before", "after")],
        "picture_difference": [case["change"] for case in cases],
        "plain_scenario": [case["scenario_before"] for case in cases],
        "scenario_difference": [case["scenario_change"] for case in cases],
    }
    assert [str(error) for error in refuses.iter_errors(differences)] == []


@pytest.mark.parametrize(
    "name",
    [
        "features", "picture", "scenario", "news", "comparison", "screening", "what_if", "plan",
        "exercises", "public_map",
    ],
)  # fmt: skip
def test_a_field_more_or_less_is_refused(refuses, name):
    first = _read(EXAMPLES)[name][0]
    for field in first:
        less = copy.deepcopy(first)
        del less[field]
        assert not refuses.is_valid({name: [less]}), field
    assert refuses.is_valid({name: [first]})
    assert not refuses.is_valid({name: [first | {"unknown": 1}]})


def test_every_payload_has_a_type_and_no_type_lets_everything_through():
    definitions = schema()
    assert definitions["properties"].keys() == PAYLOADS.keys()
    for name, definition in definitions["$defs"].items():
        assert definition.get("additionalProperties") is False, name
