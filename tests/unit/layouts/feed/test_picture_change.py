"""A difference between two pictures makes exactly the second of the first.

``python -m tests.unit.layouts.feed.test_picture_change`` writes the cases that the browser's
side is checked with (``tests/browser_units/changes.test.mjs``).
"""

import json
import tempfile
from itertools import pairwise
from pathlib import Path

import pytest

from layouts.feed.columns import read
from layouts.feed.picture import addressed, packed, picture
from layouts.feed.picture_change import IndexedPicture, picture_change, scenario_change, splice
from layouts.words import Labels, ServiceWords
from models.cascade.reference.engine import run
from models.change import difference
from models.scenario import Scenario
from tests.conftest import TABLES, WORLD

CASES = Path(__file__).resolve().parents[3] / "browser_units" / "picture_changes.json"
LABELS = Labels(services={"electricity": ServiceWords("Electricity", "without electricity")})
OWNER = {"states": "a", "links": "k", "losses": "a", "cells": "c"}


def fail(asset, at_h=0):
    return {"at_h": at_h, "do": "fail", "asset": asset}


BASE = {"world": "tiny", "seed": 1, "horizon_h": 48, "repairs": "none", "measures": []}
GRID, PLANT, WORKS = fail("grid"), fail("plant", 5), fail("works", 3)
LINE = {"at_h": 2, "do": "fail", "link": "line"}
#: what stands, one after another
COURSE = [
    {**BASE, "events": []},
    {**BASE, "events": [GRID]},
    {**BASE, "events": [GRID, WORKS]},
    {**BASE, "events": [GRID, LINE, WORKS, PLANT]},
    {**BASE, "events": [GRID, WORKS, PLANT], "horizon_h": 12},
    {**BASE, "events": [WORKS], "horizon_h": 12, "repairs": "typical", "title": "Storm"},
    {**BASE, "events": [LINE], "horizon_h": 12, "repairs": "typical", "title": "Storm"},
    {**BASE, "events": []},
]


@pytest.fixture
def pictures(tiny_world):
    return drawn(tiny_world)


def drawn(world):
    """Return the plain scenarios of the course, each with its picture as it travels."""
    scenarios = [Scenario.from_dict(plain) for plain in COURSE]
    payload = [
        packed(picture(world, scenario, run(world, scenario), LABELS)) for scenario in scenarios
    ]
    return [
        (scenario.to_dict(), addressed(payload, "x", n))
        for n, (scenario, payload) in enumerate(zip(scenarios, payload, strict=True))
    ]


def rows(columns):
    return [tuple(row) for row in zip(*(read(column) for column in columns.values()), strict=True)]


def applied(before, change):
    """Put a difference into a picture, as simply as can be said."""
    result = dict(before)
    for name, owner in OWNER.items():
        place = list(before[name]).index(owner)
        kept = rows(before[name])
        if name in change:
            gone = set(read(change[name]["of"]))
            kept = [row for row in kept if row[place] not in gone] + rows(change[name]["rows"])
        result[name] = set(kept)
    for name in ("horizon_ms", "deadlocks", "summary", "lacking", "at_least", "groups", "spill"):
        result[name] = change.get(name, before[name])
    if "marks" in change:
        at, go, come = change["marks"]
        result["marks"] = [*before["marks"][:at], *come, *before["marks"][at + go :]]
    if "services" in change:
        there = {person["service"]: person for person in [*before["people"], *change["people"]]}
        result["people"] = [there[service] for service in change["services"]]
    return result


def test_a_difference_between_any_two_makes_one_of_the_other(pictures):
    for _, before in pictures:
        for _, after in pictures:
            result = applied(before, picture_change(IndexedPicture(before), IndexedPicture(after)))
            assert result == {
                **after,
                **{n: set(rows(after[n])) for n in OWNER},
                "rev": result["rev"],
            }


def test_nothing_changed_is_next_to_nothing(pictures):
    for plain, payload in pictures:
        assert picture_change(IndexedPicture(payload), IndexedPicture(payload)) == {}
        assert scenario_change(difference(plain, plain)) == {"set": {}, "unset": []}


def test_one_more_hit_tells_only_of_what_it_changes(pictures):
    (_, before), (_, after) = pictures[1], pictures[2]
    change = picture_change(IndexedPicture(before), IndexedPicture(after))
    assert read(change["states"]["of"]) == [0, 3]  # the works, and the clinic that needs them
    assert "links" not in change


@pytest.mark.parametrize(
    ("before", "after", "rows_told"),
    [
        ("abc", "abxc", [2, 0, ["x"]]),
        ("abc", "ac", [1, 1, []]),
        ("aab", "ab", [1, 1, []]),
        ("", "ab", [0, 0, ["a", "b"]]),
        ("abc", "xyz", [0, 3, ["x", "y", "z"]]),
        ("ab", "ab", [2, 0, []]),
    ],
)
def test_a_list_is_told_by_what_came_and_went(before, after, rows_told):
    assert splice(before, after) == rows_told


def cases(world):
    """Return what the browser's side is checked with."""
    course = drawn(world)
    pairs = [*pairwise(course), (course[6], course[1])]
    return [
        {
            "before": before,
            "after": after,
            "change": picture_change(IndexedPicture(before), IndexedPicture(after)),
            "scenario_before": plain_before,
            "scenario_after": plain_after,
            "scenario_change": scenario_change(difference(plain_before, plain_after)),
        }
        for (plain_before, before), (plain_after, after) in pairs
    ]


def test_the_browser_is_checked_with_what_the_server_sends_today(tiny_world):
    assert json.loads(CASES.read_text(encoding="utf-8")) == cases(tiny_world)


if __name__ == "__main__":
    from data.worlds.reader import read_world

    with tempfile.TemporaryDirectory() as place:
        for file, text in {"world.json": json.dumps(WORLD), **TABLES}.items():
            (Path(place) / file).write_text(text, encoding="utf-8")
        found = cases(read_world(Path(place)))
    CASES.write_text(json.dumps(found, ensure_ascii=False) + "\n", encoding="utf-8")
