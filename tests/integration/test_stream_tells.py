"""Streams contain no byte of hidden things, nor of hours that an exercise withholds."""

import asyncio
import json

import pytest

from layouts.feed.picture import unpacked
from models.rights.views import view
from tests.integration.people import House
from tests.integration.test_app import UPDATE
from tests.integration.test_exercises import STORM
from tests.integration.test_need_to_know import SECRET
from tests.labelled import labelled_world, leaks
from usecases.live import rooms


@pytest.fixture
def town(tmp_path):
    return labelled_world(tmp_path / "town")


async def _act(person, scenario, **action):
    action["base_rev"] = scenario["rev"]
    body = person.body("action.data", [action, scenario])
    answer = person.outputs(await person.ask("POST", UPDATE, json=body))
    return answer.get("scenario") or pytest.fail(answer["message"]["text"])


def _changes(watch):
    """Return the changes in a stream, in order."""
    events = watch.told.decode().split("\n\n")
    return [
        json.loads(event.split("data: ", 1)[1]) for event in events if "event: change\n" in event
    ]


async def _is_at(watch, scenario):
    await watch.until(lambda stream: any(c["rev"] >= scenario["rev"] for c in _changes(stream)))


async def _lead(leader, scenario, town, **more):
    """Lead everybody to something hidden; the place on the map is that of the fuel store."""
    kilo = town.assets["kilo"]
    state = {"t_ms": 7, "playing": False, "speed": 2.0, "view": "map"}
    state |= {"selection": ["kilo", "grid"], "at": [kilo.lon, kilo.lat, 17.0]} | more
    lead = {"scenario": scenario["id"], "page": "leadslead", "state": state}
    assert (await leader.ask("POST", "/api/lead", json=lead)).status_code == 200


STEPS = [
    {"do": "fail", "assets": ["kilo"], "at_h": 3},
    {"do": "fail", "assets": ["works", "orange"], "at_h": 4},
    {"do": "fail", "links": ["secret-line", "line"], "at_h": 4},
    {"do": "supply", "assets": ["orange"], "service": "electricity", "at_h": 5},
    {"do": "add_measure", "measure": {"do": "add_autonomy", "asset": "orange",
                                      "service": "electricity", "hours": 4}},
    {"do": "settings", "title": "Command bunker Orange is next"},
    {"do": "edit_event", "index": 0, "event": {"at_h": 1, "do": "fail", "asset": "kilo"}},
    {"do": "remove_event", "index": 0},
    {"do": "undo"},
    {"do": "redo"},
]  # fmt: skip


def test_no_byte_of_a_stream_tells_its_reader_what_is_hidden(town, tmp_path, monkeypatch):
    """One reader follows change by change, another comes again at each revision."""
    monkeypatch.setattr(rooms, "KEPT", 100)
    house = House(town, f"sqlite:///{tmp_path / 'house.db'}", SECRET)
    leader = house.leader(session="Drill")
    reader = house.guest(leader, "observer", None, clearance="CLEAR")
    scenario = leader.act(leader.open()["scenario"], do="open_ready", name="night")["scenario"]
    begun = scenario | {"rev": 0}

    async def story(now):
        parts = []
        async with leader.watch(begun, "leadslead") as whole, reader.watch(begun) as watch:
            for step in STEPS:
                now = await _act(leader, now, **step)
                await _lead(leader, now, town, t_ms=now["rev"])
                for stream_ in (whole, watch):
                    await _is_at(stream_, now)
                    await stream_.until(
                        lambda stream, rev=now["rev"]: b'"t_ms":%d' % rev in stream.told
                    )
            for rev in range(now["rev"]):
                async with reader.watch(now | {"rev": rev}, "againagain") as again:
                    await _is_at(again, now)
                parts.append((f"from {rev}", again.told))
        return [("as it went", watch.told), *parts], [("whole", whole.told)], _changes(watch)[0]

    sent, whole, first = asyncio.run(story(scenario))
    assert leaks(whole, town, "CLEAR"), "whoever may see everything is told of it"
    assert leaks(sent, town, "CLEAR") == []
    drawn = unpacked(first["picture"])
    seen = view(town, "CLEAR").world.listed
    assert {seen[a] for a in drawn["states"]["a"]} >= {"grid", "works"}, "the rest is told"
    house.close()


def test_a_stream_tells_the_room_nothing_that_an_exercise_holds_back(tiny_world, tmp_path):
    """Whoever leads looks at the same scenario, and sees all of it."""
    house = House(tiny_world, f"sqlite:///{tmp_path / 'house.db'}")
    leader = house.leader(session="Storm")
    guest = house.guest(leader, clearance="RED")
    plan = leader.post("/api/exercises", plan=STORM).json()["id"]
    run = leader.post(f"/api/exercises/{plan}/runs").json()["id"]
    leader.post(f"/api/runs/{run}", do="start")
    where = leader.post(f"/api/runs/{run}", do="release", inject="hit").json()
    shown = {"id": where["scenario"], "rev": 0}

    async def story():
        async with leader.watch(shown) as leads, guest.watch(shown, "guestguest") as room:
            for stream_ in (leads, room):
                await _is_at(stream_, where)
            newer = await _act(
                guest, shown | {"rev": where["rev"]}, do="repair", assets=["works"], at_h=40
            )
            for stream_ in (leads, room):
                await _is_at(stream_, newer)
        return _changes(leads), _changes(room)

    leads, room = asyncio.run(story())
    assert len(leads[0]["picture"]["losses"]["t"]) == 3
    for change in room:
        # the substation, which was knocked out before everybody's eyes
        assert change["from"] is None
        assert len(change["picture"]["losses"]["t"]) == 1
    house.close()
