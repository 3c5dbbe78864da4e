"""Whom an attack's selector names, how likely it is, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data.documents.scenarios import parse_scenario
from data.hazards.opening import attack_impacts
from models.cascade.timed.engine import run
from models.errors import BadInputError
from models.hazards.kinds import ATTACK_EFFECTS
from models.world import CommonCause, Link
from tests.strategies import asset, world_of


@pytest.fixture
def world():
    """Return five assets with products, one corridor."""
    products = {"old": "ACME RTU 2.0.3", "new": "acme  rtu v2.1", "bare": "ACME RTU",
                "two": "Other 1; ACME RTU 1.9", "none": "ACME RTU-X 1.0"}  # fmt: skip
    assets = [asset(name, product=text, operator="North") for name, text in products.items()]
    assets[0] = replace(assets[0], operator="South", repair_h=5)
    cause = CommonCause("trench", "corridor", asset_ids=("new",), link_ids=("l",))
    return world_of(assets, [], [Link("l", "old", "new", "data")], common_causes={"trench": cause})


def _scenario(world, select, **rest):
    event = {"at_h": 2, "do": "attack", "select": select, "access": [0.1, 0.3, 0.6],
             "exploit": 0.5, "effect": "T0826", "duration_h": [4, 24, 72], **rest}  # fmt: skip
    return parse_scenario({"world": "w", "events": [event]}, world)


@pytest.mark.parametrize(
    ("select", "chosen"),
    [
        ({"product": "ACME RTU"}, {"old", "new", "bare", "two"}),
        ({"product": "acme rtu", "version_below": "2.1"}, {"old", "bare", "two"}),
        ({"product": "ACME RTU", "version_below": "2"}, {"bare", "two"}),
        ({"product": "ACME RTU", "operator": "south"}, {"old"}),
        ({"corridor": "trench"}, {"new", "l"}),
        ({"assets": ["none"], "product": None, "operator": None}, {"none"}),
        ({"assets": ["old"], "operator": "North"}, set()),
    ],
)
def test_a_selector_names_what_meets_all_of_it(world, select, chosen):
    (event,) = _scenario(world, select).events
    assert {hit.asset or hit.link for hit in event.hits} == chosen
    assert all(hit.p == pytest.approx(1 / 3 * 0.5) for hit in event.hits)


def test_it_lasts_for_its_most_likely_hours_and_damage_until_a_repair(world):
    out = run(world, _scenario(world, {"assets": ["old"]}))
    assert [(t / 3.6e6, level) for t, level in out.levels["old"]] == [(0, 1), (2, 0), (26, 1)]
    half = run(world, _scenario(world, {"assets": ["old"]}, effect="T0828"))
    assert half.levels["old"][1][1] == 0.5
    broken = run(world, _scenario(world, {"assets": ["old"]}, effect="T0879"))
    assert broken.levels["old"][-1][1] == 0
    assert "old" not in run(world, _scenario(world, {"assets": ["old"]}, effect="T0829")).levels


@pytest.mark.parametrize(
    ("select", "rest", "says"),
    [
        ({}, {}, "names nothing"),
        ({"version_below": "1"}, {}, "names nothing"),
        ({"product": "x", "colour": "red"}, {}, "select.colour: no such field"),
        ({"product": 5}, {}, "select.product: not a text"),
        ({"product": "x", "version_below": "new"}, {}, "no number in it"),
        ({"corridor": "trenc"}, {}, "Did you mean 'trench'?"),
        ({"assets": "old"}, {}, "not a list of ids"),
        ({"assets": ["odl"]}, {}, "Did you mean 'old'?"),
        ({"product": "x"}, {"effect": "T9999"}, "no such effect"),
        ({"product": "x"}, {"access": [0.5, 0.1, 0.9]}, "not in the order"),
        ({"product": "x"}, {"access": [0.1, 0.2]}, "neither a number nor"),
        ({"product": "x"}, {"exploit": 1.5}, "from 0 to 1"),
        ({"product": "x"}, {"duration_h": [True, 1, 2]}, "neither a number nor"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(world, select, rest, says):
    with pytest.raises(BadInputError) as caught:
        _scenario(world, select, **rest)
    assert says in str(caught.value)
    assert all(line.startswith("events[0].") for line in caught.value.problems)


def test_every_effect_has_words_and_a_level():
    assert attack_impacts().keys() == ATTACK_EFFECTS.keys()
    assert all(0 <= impact.level <= 1 for impact in attack_impacts().values())
