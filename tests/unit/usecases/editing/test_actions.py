"""The one door for changes: form, effect, and that nothing else changes."""

from copy import deepcopy

import pytest

from models.errors import BadInputError
from models.scenario import MAX_EVENTS
from usecases.editing.actions import apply_action, parse_action

EMPTY = {"world": "tiny", "seed": 1, "horizon_h": 48, "repairs": "none", "events": []}


def after(world, plain, **action):
    return apply_action(world, plain, parse_action(action))


def test_what_fails_is_put_in_order_of_time(tiny_world):
    plain = after(tiny_world, EMPTY, do="fail", assets=["grid"], at_h=5)
    plain = after(tiny_world, plain, do="fail", assets=["plant", "works"], links=["line"], at_h=2)
    named = [(e["at_h"], e.get("asset") or e.get("link")) for e in plain["events"]]
    assert named == [(2, "plant"), (2, "works"), (2, "line"), (5, "grid")]


def test_the_scenario_given_stays_as_it_is(tiny_world):
    before = deepcopy(EMPTY)
    after(tiny_world, EMPTY, do="fail", assets=["grid"])
    assert before == EMPTY


def test_the_same_again_is_said_not_made(tiny_world):
    plain = after(tiny_world, EMPTY, do="fail", assets=["grid"])
    with pytest.raises(BadInputError, match="already"):
        after(tiny_world, plain, do="fail", assets=["grid"])


def test_an_event_is_edited_in_its_place_and_removed(tiny_world):
    plain = after(tiny_world, EMPTY, do="fail", assets=["grid"])
    event = {"at_h": 3, "do": "degrade", "asset": "grid", "to": 0.5}
    plain = after(tiny_world, plain, do="edit_event", index=0, event=event)
    assert plain["events"] == [event]
    assert after(tiny_world, plain, do="remove_event", index=0)["events"] == []


@pytest.mark.parametrize("do", ["remove_event", "remove_measure"])
def test_what_is_not_in_the_list_cannot_be_removed(tiny_world, do):
    with pytest.raises(BadInputError, match="no longer exists"):
        after(tiny_world, EMPTY, do=do, index=0)


def test_supply_keeps_its_end(tiny_world):
    plain = after(
        tiny_world,
        EMPTY,
        do="supply",
        assets=["clinic"],
        service="electricity",
        at_h=1,
        until_h=9,
    )
    assert plain["events"][0]["until_h"] == 9


def test_measures_and_settings(tiny_world):
    measure = {"do": "add_autonomy", "asset": "works", "service": "electricity", "hours": 4}
    plain = after(tiny_world, EMPTY, do="add_measure", measure=measure)
    assert plain["measures"] == [measure]
    with pytest.raises(BadInputError, match="already"):
        after(tiny_world, plain, do="add_measure", measure=measure)
    priced = after(tiny_world, plain, do="cost_measure", index=0, cost_eur=5000.0)
    assert priced["measures"] == [{**measure, "cost_eur": 5000.0}]
    with pytest.raises(BadInputError, match="already"):
        after(tiny_world, priced, do="add_measure", measure=measure)
    free = after(tiny_world, priced, do="cost_measure", index=0, cost_eur=None)
    assert free["measures"] == [measure]
    with pytest.raises(BadInputError, match="measure no longer exists"):
        after(tiny_world, plain, do="cost_measure", index=1, cost_eur=1.0)
    plain = after(tiny_world, plain, do="settings", title="Storm", repairs="typical")
    assert (plain["title"], plain["repairs"], plain["horizon_h"]) == ("Storm", "typical", 48)
    assert after(tiny_world, plain, do="remove_measure", index=0)["measures"] == []


def test_an_unknown_asset_is_answered_with_a_hint(tiny_world):
    with pytest.raises(BadInputError, match="Did you mean 'grid'"):
        after(tiny_world, EMPTY, do="fail", assets=["girdd"])


def test_a_scenario_cannot_grow_without_end(tiny_world):
    many = [{"at_h": 1, "do": "repair", "asset": "grid", "note": str(i)} for i in range(MAX_EVENTS)]
    with pytest.raises(BadInputError, match="at most"):
        after(tiny_world, {**EMPTY, "events": many}, do="fail", assets=["grid"])


@pytest.mark.parametrize(
    "given",
    [
        None,
        {"do": "fail", "assets": [], "extra": 1},
        {"do": "fail", "assets": ["grid"], "at_h": float("nan")},
        {"do": "fail", "assets": ["grid"], "at_h": float("inf")},
        {"do": "fail", "assets": ["grid"], "at_h": "0"},
        {"do": "fail", "assets": ["grid"], "at_h": True},
        {"do": "degrade", "assets": ["grid"], "to": 1.5},
        {"do": "fail", "assets": ["x" * 201]},
        {"do": "settings", "repairs": "magic"},
    ],
)
def test_a_wrong_form_is_refused_without_repeating_it(given):
    with pytest.raises(BadInputError) as error:
        parse_action(given)
    assert "x" * 100 not in str(error.value)
