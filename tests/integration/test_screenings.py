"""Screenings over HTTP, with real worker processes: progress, sharing, stopping, bad questions."""

import asyncio
import time

import httpx
import pytest

from app import create_app
from data.store.scenarios import Store
from settings import Settings
from usecases import screening

SCREENINGS, WHAT_IF = "/api/screenings", "/api/what-if"


@pytest.fixture
def app(tiny_world, tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'k.db'}")
    made = create_app(tiny_world, store, Settings(workers=0))
    yield made
    store.close()


def _story(app, steps):
    async def run():
        transport = httpx.ASGITransport(app=app.server)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await steps(client)

    return asyncio.run(run())


async def _finished(client, screening):
    end = time.monotonic() + 60
    while screening["state"] == "running":
        assert time.monotonic() < end
        await asyncio.sleep(0.02)
        screening = (await client.get(f"{SCREENINGS}/{screening['id']}")).json()
    return screening


def test_every_asset_is_knocked_out_and_ranked_and_the_answer_is_shared(app):
    async def steps(client):
        begun = await client.post(SCREENINGS, json={"kind": "single"})
        assert begun.status_code == 202
        first = await _finished(client, begun.json())
        again = (await client.post(SCREENINGS, json={"kind": "single"})).json()
        later = (await client.post(SCREENINGS, json={"kind": "single", "at_ms": 1})).json()
        return first, again, await _finished(client, later)

    first, again, later = _story(app, steps)
    assert first["state"] == "done" and first["done"] == first["of"] == 4
    ranked = {row["id"]: (row["assets"], row["people"]) for row in first["rows"]}
    assert ranked == {"plant": (4, 1200), "grid": (3, 1200), "works": (2, 1200), "clinic": (1, 0)}
    assert first["rows"][0]["id"] == "works", "without its store it costs most person-hours"
    assert again == first
    assert later["id"] != first["id"]


def test_pairs_tell_what_neither_takes_alone(app):
    async def steps(client):
        begun = (await client.post(SCREENINGS, json={"kind": "pairs"})).json()
        return await _finished(client, begun)

    screening = _story(app, steps)
    assert screening["done"] == screening["of"] == 6
    assert screening["rows"] == [], "in a chain no two take more than each alone"


def test_one_that_is_stopped_ends_and_leaves_nothing_running(app, monkeypatch):
    monkeypatch.setattr(screening, "PIECE_S", 0.0)  # one knock-out a piece

    async def steps(client):
        begun = (await client.post(SCREENINGS, json={})).json()
        stopped = (await client.delete(f"{SCREENINGS}/{begun['id']}")).json()
        await asyncio.sleep(0.1)
        after = (await client.get(f"{SCREENINGS}/{begun['id']}")).json()
        anew = (await client.post(SCREENINGS, json={})).json()
        return stopped, after, await _finished(client, anew)

    stopped, after, anew = _story(app, steps)
    assert stopped["state"] == after["state"] == "cancelled"
    assert after["done"] == stopped["done"] < after["of"]
    assert anew["state"] == "done"


def test_it_goes_on_for_others_who_asked_the_same(app, monkeypatch):
    monkeypatch.setattr(screening, "PIECE_S", 0.0)

    async def steps(client):
        mine = (await client.post(SCREENINGS, json={})).json()
        theirs = (await client.post(SCREENINGS, json={})).json()
        stopped = (await client.delete(f"{SCREENINGS}/{mine['id']}")).json()
        return stopped, await _finished(client, theirs)

    stopped, finished = _story(app, steps)
    assert stopped["state"] in ("running", "done")
    assert finished["state"] == "done"


def test_nobody_who_looks_stops_it(app, monkeypatch):
    monkeypatch.setattr(screening, "FORGOTTEN_S", -1.0)

    async def steps(client):
        begun = (await client.post(SCREENINGS, json={})).json()
        return await _finished(client, begun)

    assert _story(app, steps)["state"] == "cancelled"


def test_what_if_this_too(app):
    async def steps(client):
        return (await client.post(WHAT_IF, json={"asset": "works", "at_ms": 0})).json()

    assert _story(app, steps) == {"assets": 2, "people": 1200, "person_hours": 1200.0 * 168}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (SCREENINGS, {"kind": "triples"}, 400),
        (SCREENINGS, {"at_ms": -1}, 400),
        (SCREENINGS, {"at_ms": True}, 400),
        (SCREENINGS, {"scenario": "../etc", "rev": 1}, 400),
        (SCREENINGS, {"scenario": "nobody-made-this", "rev": 1}, 409),
        (SCREENINGS, {"more": 1}, 400),
        (SCREENINGS, [], 400),
        (WHAT_IF, {}, 400),
        (WHAT_IF, {"asset": "nowhere"}, 409),
        (WHAT_IF, {"asset": "x" * 1000}, 400),
    ],
)
def test_a_forged_question_is_refused_in_words(app, path, body, status):
    async def steps(client):
        return await client.post(path, json=body)

    answer = _story(app, steps)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_a_form_of_another_site_is_refused(app):
    async def steps(client):
        kind = {"content-type": "text/plain"}
        return (
            await client.post(SCREENINGS, content="{}", headers=kind),
            await client.get(f"{SCREENINGS}/unknown"),
            await client.delete(f"{SCREENINGS}/unknown"),
        )

    form, unknown, stopped = _story(app, steps)
    assert form.status_code == 415
    assert unknown.status_code == stopped.status_code == 404


def test_too_many_at_once_and_too_large_a_question_are_refused(app, monkeypatch):
    monkeypatch.setattr(screening, "AT_ONCE", 1)
    monkeypatch.setattr(screening, "MOST_RUNS", 5)

    async def steps(client):
        begun = (await client.post(SCREENINGS, json={})).json()
        second = await client.post(SCREENINGS, json={"at_ms": 5})
        await _finished(client, begun)
        return second, await client.post(SCREENINGS, json={"kind": "pairs"})

    second, large = _story(app, steps)
    assert "screenings are already running" in second.json()["error"]
    assert "6 runs; the page allows 5" in large.json()["error"]
