"""The payloads that the browser gets for a world and an outcome."""

import json
from dataclasses import replace

import pytest
from shapely.geometry import box

from layouts.feed.columns import read, table
from layouts.feed.features import features
from layouts.feed.picture import LINK_DARK, LINK_HIT, packed, picture, unpacked
from layouts.words import Labels, ServiceWords
from models.cascade.reference.engine import run
from models.outcome import STATES
from models.scenario import Event, Scenario
from models.units import MS_PER_HOUR

#: places in the features: by id
CLINIC, GRID, PLANT, WORKS = range(4)

#: tables within the table of assets
NESTED = ("people", "shapes")

LABELS = Labels(services={"electricity": ServiceWords("Electricity", "without electricity")})


@pytest.fixture
def drawn(tiny_world):
    def draw(*events, horizon_h=48):
        scenario = Scenario("tiny", events=events, horizon_h=horizon_h)
        return picture(tiny_world, scenario, run(tiny_world, scenario), LABELS)

    return draw


def states_of(drawn, a):
    columns = drawn["states"]
    rows = zip(columns["t"], columns["a"], columns["s"], strict=True)
    return [(t / MS_PER_HOUR, STATES[s]) for t, i, s in rows if i == a]


def test_features_have_what_the_page_draws(tiny_world):
    payload = features(tiny_world, LABELS, {"water": "/water"})
    assets = {
        name: read(column) for name, column in payload["assets"].items() if name not in NESTED
    }
    assert assets["id"] == list(tiny_world.assets)
    people = table(payload["assets"]["people"])
    assert {"a": WORKS, "service": "drinking water", "n": 1200} in people
    needs = (("drinking water", "declared"), ("electricity", "declared"))
    assert assets["needs"][CLINIC] == needs
    links = {name: read(column) for name, column in payload["links"].items()}
    assert links["points"][0] == 2
    assert degrees(links["lon"][:2]) == [13.1, 13.2]
    assert degrees(links["lat"][:2]) == [53.5, 53.55]
    assert payload["states"] == list(STATES)
    json.dumps(payload, allow_nan=False)


def test_a_shape_goes_with_its_asset_only(tiny_world):
    grid = replace(tiny_world.assets["grid"], geometry=box(13.0, 53.5, 13.1, 53.6))
    shaped = replace(tiny_world, assets={**tiny_world.assets, "grid": grid})
    shapes = features(shaped, LABELS, {})["assets"]["shapes"]
    assert shapes["a"] == [GRID]
    assert shapes["shape"][0]["type"] == "Polygon"


def test_a_packed_picture_is_the_same_one(drawn):
    payload = drawn(Event(0, "fail", asset="grid"), Event(2, "fail", link="line"))
    again = unpacked(json.loads(json.dumps(packed(payload))))
    assert again == payload


def degrees(column):
    return [(number - 180_000_000) / 1_000_000 for number in column]


def test_nothing_happens_nothing_is_said(drawn):
    payload = drawn()
    assert payload["losses"] == payload["marks"] == payload["deadlocks"] == []
    assert payload["people"][0]["n"] == [0]
    assert payload["summary"] == {
        "direct": 0,
        "indirect": 0,
        "unknown": 0,
        "people_peak": 0,
        "restored_90_ms": 0,
    }


def test_people_who_lack_something_are_told_once_each(drawn):
    payload = drawn(Event(0, "fail", asset="grid"))
    assert payload["lacking"] == [{"t": [0, 8 * MS_PER_HOUR], "n": [0, 1200]}]


def test_a_hit_goes_on_over_backup_to_loss(drawn):
    payload = drawn(Event(0, "fail", asset="grid"))
    assert states_of(payload, GRID)[-1] == (0, "failed-direct")
    assert states_of(payload, WORKS)[-2:] == [(0, "backup"), (8, "failed-cascade")]
    assert [(loss["t"] / MS_PER_HOUR, loss["a"]) for loss in payload["losses"]] == [
        (0, GRID),
        (8, WORKS),
        (8.5, CLINIC),
    ]
    assert payload["losses"][1]["people_total"] == 1200
    assert payload["losses"][1]["text"] == "reserve for electricity ends"
    assert payload["people"][0]["peak"] == 1200
    assert payload["people"][0]["person_hours"] == 1200 * 40
    assert (payload["summary"]["direct"], payload["summary"]["indirect"]) == (1, 2)


def test_backup_says_until_when(drawn):
    payload = drawn(Event(0, "fail", asset="grid"))
    columns = payload["states"]
    rows = zip(columns["a"], columns["s"], columns["d"], strict=True)
    ends = [d for a, s, d in rows if (a, s) == (WORKS, STATES.index("backup"))]
    assert ends == [8 * MS_PER_HOUR]


def test_links_are_hit_or_dark(drawn):
    assert drawn(Event(1, "fail", link="line"))["links"]["s"] == [LINK_HIT]
    dark = drawn(Event(1, "fail", asset="plant"))["links"]
    assert (dark["t"], dark["s"]) == ([MS_PER_HOUR], [LINK_DARK])


def test_columns_are_equally_long_and_in_order(drawn):
    payload = drawn(Event(3, "fail", asset="grid"), Event(9, "repair", asset="grid"))
    lengths = {len(column) for column in payload["states"].values()}
    assert len(lengths) == 1
    assert payload["states"]["t"] == sorted(payload["states"]["t"])
    assert [mark["text"] for mark in payload["marks"]] == [
        "Substation fails",
        "Substation is repaired",
    ]
    json.dumps(payload, allow_nan=False)


def test_a_picture_is_the_same_each_time(drawn):
    event = Event(0, "fail", asset="grid")
    assert json.dumps(drawn(event)) == json.dumps(drawn(event))


def test_features_name_each_dependency_by_places_and_how_it_is_known(tiny_world):
    payload = features(tiny_world, LABELS, {})
    rows = [tuple(row.values()) for row in table(payload["dependencies"])]
    assert (GRID, WORKS, "electricity", "d") in rows
    assert {row[0] for row in rows} <= set(range(len(tiny_world.assets)))
    assert len(set(rows)) == len(rows)
