"""Events without an asset of their own (hazards, attacks) and triggers, as a way in."""

import json
import math

import pytest

from data.hazards.rasters import projection
from models.errors import BadInputError
from tests.integration.people import House
from tests.integration.test_held_back import plan
from tests.labelled import labelled_world

ATTACK = {"at_h": 1, "do": "attack", "access": 1.0, "exploit": 1.0, "effect": "T0826",
          "duration_h": 5.0}  # fmt: skip
FUTURE = [{"at_h": 5, "do": "fail", "asset": "clinic", "name": "dam breaks"},
          {"at_h": 30, "do": "repair", "asset": "grid", "triggered_by": "dam breaks"}]  # fmt: skip


def star(corners):
    """A ring whose every edge crosses almost all others."""
    turn = 2 * math.pi * (corners // 2) / corners
    ring = [[round(13.2 + 0.1 * math.cos(i * turn), 6), round(53.5 + 0.1 * math.sin(i * turn), 6)]
            for i in range(corners)]  # fmt: skip
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def hazard(field):
    return {"at_h": 1, "do": "hazard", "hazard": "flood", "field": field, "threshold": 0.5}


def drawn(corners, **further):
    return hazard({"polygon": star(corners), "intensity": 1.0, "unit": "m", **further})


def failing(leader, asset="works"):
    return leader.act(leader.open()["scenario"], do="fail", assets=[asset], at_h=1)["scenario"]


def edited(person, shown, event, index=0):
    """Return what comes of an edit: its message, and the scenario."""
    answer = person.act(shown, do="edit_event", index=index, event=event)
    return (answer.get("message") or {}).get("text", ""), answer.get("scenario")


@pytest.fixture
def house(tiny_world, tmp_path):
    house = House(tiny_world, f"sqlite:///{tmp_path / 'house.db'}")
    yield house
    house.close()


@pytest.fixture
def leader(house):
    return house.leader(session="Storm")


@pytest.fixture
def town(tmp_path):
    house = House(labelled_world(tmp_path / "town"), f"sqlite:///{tmp_path / 'town.db'}")
    house.accounts.add("Mara", "correct horse battery", clearance="RED", by="test")
    leader = house.leader(session="Night")
    yield leader, house.guest(leader, "facilitator", None, name="Lou", clearance="CLEAR")
    house.close()


@pytest.mark.parametrize(
    ("corners", "message"),
    [(101, "crosses itself too often"), (901, "crosses itself too often"),
     (6001, "at most 2000 items")],
)  # fmt: skip
def test_a_polygon_full_of_crossings_is_refused_before_it_is_mended(
    leader, monkeypatch, corners, message
):
    def mend(*_):
        raise AssertionError("it would take minutes and gigabytes")

    monkeypatch.setattr("shapely.make_valid", mend)
    text, _ = edited(leader, failing(leader), drawn(corners))
    assert message in text


def test_a_system_of_coordinates_names_no_file(leader):
    now = failing(leader)
    for crs in ("+proj=utm +zone=33 +nadgrids=/etc/hosts", "+INIT = /etc/hosts:x"):
        text, _ = edited(leader, now, drawn(5, crs=crs))
        assert "field.polygon.crs: Extra inputs are not permitted" in text
        with pytest.raises(BadInputError, match="no system of coordinates that is known"):
            projection(crs, "events[0]")


def test_a_field_names_no_file_of_the_server(leader):
    now = failing(leader)
    for name in ("../world.json", "/etc/hosts", "/dev/zero", "http://127.0.0.1/a",
                 "/vsicurl/http://127.0.0.1/a", "NETCDF:/etc/hosts:a"):  # fmt: skip
        for field in ({"file": name}, {"cap": name}, {"shakemap": name}, {"track": name},
                      {"water_level_m": 1.0, "dem": name}):  # fmt: skip
            text, _ = edited(leader, now, hazard(field))
            assert text.startswith("This event cannot be added: field")


def test_who_may_not_make_an_event_has_nothing_computed(house, leader):
    guest = house.guest(leader, "participant", ("water",))
    shown = guest.open(f"?s={failing(leader)['id']}")["scenario"]
    for event in (hazard({"file": "nothing.tif"}), drawn(5)):
        text, _ = edited(guest, shown, event)
        assert "only your own sectors" in text


def test_triggers_tell_nothing_that_is_still_to_come(house, leader):
    guest = house.guest(leader, "participant", None, clearance="RED")
    began = leader.post("/api/exercises", plan=plan(FUTURE))
    run = leader.post(f"/api/exercises/{began.json()['id']}/runs").json()["id"]
    leader.post(f"/api/runs/{run}", do="start")
    leader.post(f"/api/runs/{run}", do="release", inject="hit")
    seen = leader.post(f"/api/runs/{run}", do="show", hour=2).json()
    shown = guest.open(f"?s={seen['scenario']}")["scenario"]
    mine = guest.act(shown, do="fail", assets=["works"], at_h=10)["scenario"]
    index = next(i for i, e in enumerate(mine["plain"]["events"]) if e.get("asset") == "works")
    event = {"at_h": 10, "do": "fail", "asset": "works"}
    for field in ("name", "triggered_by"):
        texts = {edited(guest, mine, {**event, field: guess}, index)[0]
                 for guess in ("dam breaks", "dam break", "something else")}  # fmt: skip
        assert len(texts) == 1, "a right and a wrong guess get one answer"
        assert "would reveal what comes next" in texts.pop()


def test_an_attack_on_what_is_hidden_is_covered(town):
    leader, low = town
    shown = failing(leader, "grid")
    for select in ({"corridor": "near-orange"}, {"operator": "Acme"}):
        text, shown = edited(leader, shown, {**ATTACK, "select": select})
        assert not text
        seen = low.open(f"?s={shown['id']}")["scenario"]["plain"]["events"]
        assert [set(one) for one in seen] == [{"at_h", "unseen"}]


def test_names_of_events_are_not_told(town):
    leader, low = town
    grid = {"at_h": 1, "do": "fail", "asset": "grid"}
    _, shown = edited(leader, failing(leader, "grid"), {**grid, "name": "Fuel store Kilo burns"})
    seen = low.open(f"?s={shown['id']}")["scenario"]
    assert "Kilo" not in json.dumps(seen)
    text, moved = edited(low, seen, {**grid, "at_h": 2})
    assert not text
    whole = leader.open(f"?s={moved['id']}")["scenario"]["plain"]["events"]
    assert [(one["at_h"], one["name"]) for one in whole] == [(2, "Fuel store Kilo burns")]


@pytest.mark.parametrize("right, wrong", [
    ({"operator": "Acme"}, {"operator": "Nobody"}),
    ({"corridor": "near-orange"}, {"corridor": "near-nobody"}),
    ({"assets": ["orange"]}, {"assets": ["nobody"]}),
])  # fmt: skip
def test_who_selects_by_guesses_learns_nothing(town, right, wrong):
    _leader, low = town
    texts, now = [], failing(low, "grid")
    for select in (right, wrong):
        text, _ = edited(low, now, {**ATTACK, "select": select})
        guess = next(iter(select.values()))
        texts.append(text.replace(guess if isinstance(guess, str) else guess[0], "GUESS"))
    assert texts[0] == texts[1] != ""
