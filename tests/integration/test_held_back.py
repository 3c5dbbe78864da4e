"""What is still to come in an exercise changes no byte of what the room is sent.

Two houses have the same exercise, up to the hour that the room knows; afterwards something else
happens. Everything that a participant can ask gets the same bytes in both.
"""

import asyncio
import json
import re

import pytest

from tests.integration.people import House
from tests.integration.test_need_to_know import every_route, screened, walk
from tests.integration.test_words import watched

#: what the plan begins with after the hour that the room knows: in one house, and in the other
FUTURES = (
    [{"at_h": 5, "do": "fail", "asset": "clinic", "note": "the dam breaks"},
     {"at_h": 30, "do": "repair", "asset": "grid"}],
    [{"at_h": 6, "do": "supply", "asset": "works", "service": "electricity"},
     {"at_h": 20, "do": "fail", "asset": "plant"}, {"at_h": 40, "do": "fail", "link": "line"}],
)  # fmt: skip
HOUR = 2.0


def plan(future):
    """A drill that begins with something now, and with a future."""
    return {
        "title": "Storm",
        "scenario": {"horizon_h": 48, "events": [{"at_h": 1, "do": "degrade", "asset": "plant",
                                                  "to": 0.9}, *future]},
        "injects": [
            {"id": "hit", "at_min": 0, "kind": "knock_out", "title": "Substation out",
             "assets": ["grid"], "at_h": 0},
            {"id": "later", "at_min": 9, "kind": "message", "title": f"Then {len(future)}"},
        ],
    }  # fmt: skip


@pytest.fixture
def rooms(tiny_world, tmp_path):
    """Return the same room at both houses: a participant, the scenario, the leader, the run."""
    houses, found = [], []
    for number, future in enumerate(FUTURES):
        house = House(tiny_world, f"sqlite:///{tmp_path / f'{number}.db'}")
        leader = house.leader(session="Storm")
        guest = house.guest(leader, "participant", None, clearance="RED")
        began = leader.post("/api/exercises", plan=plan(future))
        assert began.status_code == 201, began.text
        run = leader.post(f"/api/exercises/{began.json()['id']}/runs").json()["id"]
        leader.post(f"/api/runs/{run}", do="start")
        leader.post(f"/api/runs/{run}", do="release", inject="hit")
        seen = leader.post(f"/api/runs/{run}", do="show", hour=HOUR).json()
        guest.town = tiny_world
        watched(guest)
        shown = guest.open(f"?s={seen['scenario']}")["scenario"]
        found.append((guest, shown, leader, run))
        houses.append(house)
    yield found
    for house in houses:
        house.close()


@pytest.fixture(autouse=True)
def _no_limit(monkeypatch):
    """Let a participant ask as fast as a test does: what is refused in between depends on time."""
    monkeypatch.setattr("api.limits.Buckets.wait_s", lambda *_: 0.0)


def alike(body):
    """Return what was sent without what is drawn by lot or says the time."""
    text = body.decode("utf-8", errors="replace")
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:[\d.]+(\+00:00|Z)?", "TIME", text)
    text = re.sub(r"\d\d:\d\d UTC", "TIME", text)
    text = re.sub(r'"(nonce|clock_ms|min|came_min)": ?[\d.]+', "NUMBER", text)
    text = re.sub(r"\d\d:\d\d:\d\d GMT", "TIME", text)
    text = re.sub(r'"end_id":"[^"]*"', "DASH", text)
    text = re.sub(r"\(([\w-]{6})\)", "(ID)", text)
    text = re.sub(r"\b[0-9a-f]{24}\b", "SCREENING", text)
    text = re.sub(r"[\w-]{43}", "COOKIE", text)
    text = re.sub(r"(?<![\w-])[\w-]{22}(?![\w-])", "ID", text)
    return re.sub(r"(content-length|etag): .*", "", text)


def compared(rooms):
    ours, theirs = ([(path, alike(body)) for path, body in guest.bodies]
                    for guest, *_ in rooms)  # fmt: skip
    assert len(ours) == len(theirs) > 0
    for (path, one), (_path, other) in zip(ours, theirs, strict=True):
        assert one == other, f"{path} tells what is still to come"


def test_no_callback_and_no_route_tells_what_is_still_to_come(rooms):
    for guest, shown, _leader, run in rooms:
        walk(guest, shown)
        screened(guest, shown)
        for path in ("", "?room=true", "/debrief.json", "/cards.html"):
            guest.get(f"/api/runs/{run}{path}")
        guest.get("/api/exercises")
        late = {"scenario": shown["id"], "rev": shown["rev"], "at_ms": 30 * 3_600_000}
        refused = guest.post("/api/what-if", **late, asset="works")
        assert "would reveal what comes next" in refused.text
        guest.get(f"/public/{shown['id']}/map.json")
        assert every_route(guest, shown, but=("/api/sign-out",)) > 40
    compared(rooms)


def test_no_stream_and_no_other_option_tells_it(rooms):
    for guest, shown, leader, _run in rooms:
        option = leader.act(leader.open(f"?s={shown['id']}")["scenario"], do="branch", name="B")
        beside = {"id": option["scenario"]["id"], "rev": option["scenario"]["rev"]}
        guest.act(shown, do="open_option", id=beside["id"])
        keys = [f"option:{shown['id']}", f"option:{beside['id']}"]
        for item in (shown, beside):
            page = {"scenario": item["id"], "rev": item["rev"], "at_ms": 0}
            assert guest.post("/api/comparisons", **page, keys=keys).status_code == 409
            assert guest.post("/api/screenings", **page, kind="single").status_code == 202
            guest.get(f"/api/scenarios/{item['id']}/news?rev=0&v=guestguest")

        async def story(guest=guest, beside=beside, shown=shown):
            for item in (shown, beside):
                async with guest.watch({**item, "rev": 0}, "guestguest") as watch:
                    await watch.until(lambda stream: b"event: change" in stream.told)
                    guest.bodies.append(("stream", watch.told))

        asyncio.run(story())
    compared(rooms)


def test_the_public_map_ends_where_the_room_is_for_everybody(rooms):
    for guest, shown, leader, run in rooms:
        leader.post("/api/session/public", scenario=shown["id"])
        session = leader.me["session"]["id"]
        published = guest.get(f"/public/{session}/map.json").json()
        assert published["horizon_h"] == HOUR
        preview = leader.get(f"/public/{shown['id']}/map.json").json()
        assert preview == published
        leader.post(f"/api/runs/{run}", do="end")
        assert leader.get(f"/public/{shown['id']}/map.json").json()["horizon_h"] == 48
    compared(rooms)


def test_the_room_changes_what_it_sees_at_its_place(rooms):
    """The page of a participant has fewer events than there are: places are not the same."""
    (guest, shown, leader, _), _ = rooms
    assert [event["at_h"] for event in shown["plain"]["events"]] == [0, 1]
    mine = guest.act(shown, do="fail", assets=["works"], at_h=40)["scenario"]
    assert [event["at_h"] for event in mine["plain"]["events"]] == [0, 1, 40]
    moved = guest.act(mine, do="edit_event", index=2,
                      event={"at_h": 10, "do": "fail", "asset": "works"})["scenario"]  # fmt: skip
    whole = leader.open(f"?s={shown['id']}")["scenario"]["plain"]["events"]
    assert [(item["at_h"], item["asset"]) for item in whole] == [
        (0, "grid"), (1, "plant"), (5, "clinic"), (10, "works"), (30, "grid"),
    ]  # fmt: skip
    gone = guest.act(moved, do="remove_event", index=2)["scenario"]
    assert len(leader.open(f"?s={shown['id']}")["scenario"]["plain"]["events"]) == 4
    beyond = guest.act(gone, do="remove_event", index=3)
    assert beyond["message"]["kind"] == "error"
    assert "clinic" not in json.dumps(beyond)
    assert len(leader.open(f"?s={shown['id']}")["scenario"]["plain"]["events"]) == 4
