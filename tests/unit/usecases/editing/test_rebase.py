"""Of two at once: the later change is made on the newest only where it says the same there."""

import json
from collections import Counter

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from models.change import difference
from models.errors import KnockOnError
from tests import hostile
from usecases.editing.actions import apply_action, named_by, parse_action
from usecases.editing.rebase import rebased

BASE = {
    "world": "tiny",
    "title": "Night",
    "horizon_h": 48.0,
    "repairs": "none",
    "events": [{"at_h": 0.0, "do": "fail", "asset": "grid"}],
    "measures": [],
}
FAIL_WORKS = {"do": "fail", "assets": ["works"], "at_h": 3.0}


def made(world, plain, action):
    return apply_action(world, plain, parse_action(action))


def on_newest(world, then, now, action):
    """Return the newest scenario with an action that was meant for an older one; None if unfit."""
    mine = difference(then, made(world, then, action))
    return rebased(mine, difference(then, now), now, named_by(parse_action(action)))


def entries(plain):
    return Counter(json.dumps(entry) for name in ("events", "measures") for entry in plain[name])


@pytest.mark.parametrize(
    ("theirs", "fits"),
    [
        ({"do": "fail", "assets": ["clinic"]}, True),
        ({"do": "settings", "title": "Storm"}, True),
        ({"do": "remove_event", "index": 0}, True),
        ({"do": "fail", "assets": ["works"], "at_h": 9.0}, False),
        ({"do": "repair", "assets": ["works"], "at_h": 9.0}, False),
        ({"do": "settings", "horizon_h": 2.0}, False),
        ({"do": "settings", "repairs": "typical"}, False),
    ],
)
def test_what_is_about_other_things_fits_and_nothing_else(tiny_world, theirs, fits):
    now = made(tiny_world, BASE, theirs)
    assert (on_newest(tiny_world, BASE, now, FAIL_WORKS) is not None) is fits


@pytest.mark.parametrize(
    "mine",
    [
        {"do": "remove_event", "index": 0},
        {"do": "edit_event", "index": 0, "event": {"at_h": 1.0, "do": "fail", "asset": "works"}},
        {"do": "settings", "horizon_h": 24.0},
    ],
)
def test_what_takes_away_or_changes_never_fits(tiny_world, mine):
    now = made(tiny_world, BASE, {"do": "fail", "assets": ["clinic"]})
    assert on_newest(tiny_world, BASE, now, mine) is None


def test_what_an_action_names_counts_though_it_changes_nothing_there(tiny_world):
    # the grid is down already, so a knock-out of both adds the works alone; others repair the grid
    both = {"do": "fail", "assets": ["grid", "works"], "at_h": 0.0}
    now = made(tiny_world, BASE, {"do": "remove_event", "index": 0})
    assert on_newest(tiny_world, BASE, now, both) is None


actions = hostile.actions(["x"]).map(lambda action: {**action, "base_rev": 1})


@settings(suppress_health_check=list(HealthCheck))
@given(before=st.lists(actions, max_size=3), theirs=actions, mine=actions)
def test_whatever_fits_adds_the_same_to_the_newest_as_to_what_its_author_saw(
    tiny_world, before, theirs, mine
):
    then = BASE
    for action in before:
        then = attempted(tiny_world, then, action)
    now = attempted(tiny_world, then, theirs)
    try:
        meant = made(tiny_world, then, mine)
    except (KnockOnError, KeyError):  # cannot be made at all
        assume(False)
    result = on_newest(tiny_world, then, now, mine)
    assume(result is not None)
    assert entries(result) == entries(now) + (entries(meant) - entries(then))
    # as if its author had done it just now
    assert entries(result) == entries(made(tiny_world, now, mine))


def attempted(world, plain, action):
    """Return the scenario after an action, or as it was where it cannot be made."""
    try:
        return made(world, plain, action)
    except (KnockOnError, KeyError):  # options, undo: no change of the plain scenario
        return plain
