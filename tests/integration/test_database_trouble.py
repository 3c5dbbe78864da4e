"""A full disk, a database that is gone and back, a clock that jumps: through the whole server.

Users get a message, no acknowledged change is lost, and the server recovers by itself.
The store's own promises are in ``test_durability.py``.
"""

import asyncio
import csv
import io
import shutil
import sqlite3
import threading
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from data.store import accounts, database
from tests.integration.people import PASSWORD, House, token
from tests.integration.test_app import UPDATE
from tests.integration.test_exercises import STORM
from usecases.live import rooms, watching
from usecases.threads import MOST_CHECKS

LOST = "Your last change was not confirmed; earlier confirmed changes are kept."


@contextmanager
def full(house):
    """Have no room for anything more."""
    url = house.settings.database_url
    prepare = database._prepare_sqlite

    def with_no_room(connection, record):
        prepare(connection, record)
        used = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={used}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_prepare_sqlite", with_no_room)
        house.database.__init__(url)  # all hold the same one
        yield
    house.database.__init__(url)


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch):
    monkeypatch.setattr("data.store.accounts._HASHER", PasswordHasher(time_cost=1, memory_cost=64))
    monkeypatch.setattr("api.limits.Buckets.wait_s", lambda *_: 0.0)


@pytest.fixture
def house(tiny_world, tiny_scenario, database_url):
    house = House(tiny_world, database_url, tiny_scenario)
    yield house
    house.close()


def kept(person, scenario):
    """Return each line of the log as users see it."""
    answer = person.get(f"/api/scenarios/{scenario['id']}/log")
    assert answer.status_code == 200, answer.text
    return [(line["rev"], line["text"]) for line in answer.json()["lines"]]


def until_refused(ask):
    """Ask for the same again and again; return the answer that it could not be kept."""
    for _ in range(400):
        answer = ask()
        if answer.status_code >= 400:
            assert answer.status_code == 409, answer.text
            return answer.json()["error"]
    raise AssertionError("it never was full")


def act_until_refused(person, scenario):
    """Change a scenario until the store refuses; return its last state, and the message."""
    for n in range(400):
        response = person.act(scenario, do="settings", title=f"{n} {'A long night ' * 9}"[:120])
        if "message" in response:
            return scenario, response["message"]["text"]
        scenario = response["scenario"]
    raise AssertionError("it never was full")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_full_disk_is_told_whatever_is_done_and_nothing_is_lost(house, monkeypatch):
    leader = house.leader(session="Storm")
    guest = house.guest(leader)
    begun = leader.act(leader.open()["scenario"], do="fail", assets=["works"])["scenario"]
    other, link = house.leader("Eve"), token(leader, max_uses=500)
    # also those are let in whose visit cannot be noted any more
    monkeypatch.setattr("data.store.logins._NOTED_EVERY", timedelta(0))
    with full(house):
        last, response = act_until_refused(leader, begun)
        assert "disk is full" in response
        assert LOST in response
        assert guest.open(f"?s={last['id']}")["scenario"]["plain"] == last["plain"]
        assert kept(guest, last)[-1][0] == last["rev"]
        wish = {"role": "observer", "sectors": None, "clearance": "CLEAR"}
        for ask in (
            lambda: other.post("/api/session", name="Another"),
            lambda: leader.post("/api/invitations", **wish, hours=1, max_uses=1),
            lambda: leader.post("/api/exercises", plan=STORM),
            lambda: house.person().post("/api/join", token=link, name="Ida"),
            lambda: house.person().post("/api/sign-in", name="Mara", password=PASSWORD),
        ):
            assert LOST in until_refused(ask)
        before = kept(leader, last)
    assert kept(leader, last) == before
    assert [rev for rev, _ in before] == list(range(1, last["rev"] + 1))
    newer = leader.act(last, do="fail", assets=["grid"])["scenario"]
    assert newer["rev"] == last["rev"] + 1


@contextmanager
def gone(request, url):
    """Take the database away for a while."""
    if url.startswith("postgresql"):
        cluster = request.getfixturevalue("postgres")
        cluster.stop()
        try:
            yield
        finally:
            cluster.start()
        return
    file = Path(url.removeprefix("sqlite:///"))
    aside = file.parent / "aside"
    aside.mkdir()
    for item in file.parent.glob("*.db*"):
        shutil.move(item, aside / item.name)
    yield
    for item in aside.iterdir():
        shutil.move(item, file.parent / item.name)


def test_a_database_that_is_gone_is_told_and_all_goes_on_when_it_is_back(
    house, request, monkeypatch
):
    monkeypatch.setattr(watching, "RECHECK_S", 1e9)
    monkeypatch.setattr(rooms, "REST_S", 0.05)
    leader = house.leader(session="Storm")
    guest = house.guest(leader)
    first = leader.act(leader.open()["scenario"], do="fail", assets=["works"])["scenario"]
    action = {"do": "fail", "assets": ["grid"], "base_rev": first["rev"]}
    body = leader.body("action.data", [action, first])

    async def story():
        async with guest.watch(first) as watch:
            await watch.until(lambda stream: b"event: people" in stream.told)
            with gone(request, house.settings.database_url):
                refused = await leader.ask("POST", UPDATE, json=body)
                assert refused.status_code == 503
                assert "The scenario database" in refused.json()["error"]
                # the path of the database must not be shown
                assert "/" not in refused.json()["error"]
                page = await guest.ask("GET", "/", headers={"accept": "text/html"})
                assert page.status_code == 503
                assert "Traceback" not in page.text
                again = await guest.ask("GET", f"/api/stream?s={first['id']}&v=newpage0")
                assert again.status_code == 503
            response = leader.outputs(await leader.ask("POST", UPDATE, json=body))
            newer = response["scenario"]
            # a viewer gets it on the stream that was open all the time
            await watch.until(lambda stream: b"id: %d\n" % newer["rev"] in stream.told)
            return newer

    newer = asyncio.run(story())
    assert newer["rev"] == first["rev"] + 1
    assert [text for _, text in kept(guest, newer)][-2:] == [
        "Water works fails at 0 h",
        "Substation fails at 0 h",
    ]


def test_who_is_not_known_because_the_database_is_gone_is_told_no_more(house, request, monkeypatch):
    monkeypatch.setattr(watching, "RECHECK_S", 0.0)
    leader = house.leader(session="Storm")
    guest = house.guest(leader)
    scenario = guest.open()["scenario"]

    async def story():
        async with guest.watch(scenario) as watch:
            await watch.until(lambda stream: b"event: people" in stream.told)
            with gone(request, house.settings.database_url):
                await guest.app.server.state.live.look_again()
                await watch.until(lambda stream: stream.over)

    asyncio.run(story())


class Clock:
    """Stands in for ``datetime`` where the one clock is read."""

    def __init__(self):
        self.ahead = timedelta(0)

    def now(self, zone):
        return datetime.now(zone) + self.ahead


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("data.store.database.datetime", clock)
    return clock


def test_a_clock_that_jumps_puts_nobody_out_by_falling_back_and_changes_no_order(house, clock):
    leader = house.leader(session="Storm")
    guest = house.guest(leader)
    scenario = leader.open()["scenario"]
    for years, asset in ((0, "works"), (-10, "grid"), (0, "plant")):
        clock.ahead = timedelta(days=365 * years)
        scenario = leader.act(scenario, do="fail", assets=[asset])["scenario"]
        assert guest.open(f"?s={scenario['id']}")["scenario"]["rev"] == scenario["rev"]
    response = [text for _, text in kept(guest, scenario)][-3:]
    assert [line.split(" fails")[0] for line in response] == [
        "Water works",
        "Substation",
        "Power plant",
    ]
    assert leader.act(scenario, do="undo")["scenario"]["plain"]["events"][-1]["asset"] == "grid"


def test_a_clock_that_jumps_back_changes_no_order_of_the_audit_log_or_its_exports(house, clock):
    leader = house.leader(session="Storm")
    scenario = leader.open()["scenario"]
    acts = []
    for days, asset in ((0, "works"), (-3, "grid"), (-9, "plant"), (0, "clinic")):
        clock.ahead = timedelta(days=days)
        scenario = leader.act(scenario, do="fail", assets=[asset])["scenario"]
        token(leader)
        acts += ["scenario changed", "made an invitation"]
    lines = leader.get("/api/audit.json").json()["audit"]
    assert [line["what"] for line in lines][-len(acts) :] == acts
    assert [line["number"] for line in lines] == list(range(1, len(lines) + 1))
    table = csv.DictReader(io.StringIO(leader.get("/api/audit.csv").text))
    assert [row["what"] for row in table][: len(lines)] == [line["what"] for line in lines]


def test_a_clock_that_jumps_ahead_signs_people_out_in_words_and_loses_nothing(house, clock):
    leader = house.leader(session="Storm")
    guest, link = house.guest(leader), token(leader)
    scenario = leader.act(leader.open()["scenario"], do="fail", assets=["works"])["scenario"]
    session = leader.me["session"]["id"]
    clock.ahead = timedelta(days=3)
    for person in (leader, guest):
        answer = person.call("action.data", {"do": "undo", "base_rev": scenario["rev"]}, scenario)
        assert answer.status_code == 401
        assert answer.json()["error"].startswith("Please sign in")
    late = house.person().post("/api/join", token=link, name="Ida")
    assert "has expired" in late.json()["error"]
    again = house.leader()
    assert again.post("/api/session/go", session=session).status_code == 200
    assert again.open()["scenario"]["plain"] == scenario["plain"]
    # put right, those are in again who had been
    clock.ahead = timedelta(0)
    assert guest.open()["scenario"]["rev"] == scenario["rev"]


@pytest.fixture
def on_sqlite(tiny_world, tiny_scenario, tmp_path):
    """PostgreSQL locks rows; here one lock is enough."""
    house = House(tiny_world, f"sqlite:///{tmp_path / 'one.db'}", tiny_scenario)
    yield house
    house.close()


def test_a_locked_database_stops_who_writes_and_nobody_who_reads(on_sqlite):
    leader = on_sqlite.leader(session="Storm")
    scenario = leader.open()["scenario"]

    async def story():
        writes = [
            asyncio.create_task(
                leader.ask("POST", UPDATE, json=leader.body("action.data", [action, scenario]))
            )
            for action in [{"do": "settings", "title": f"{n}"} for n in range(40)]
        ]
        await asyncio.sleep(0.1)  # they are on their way; how far does not matter
        for _ in range(20):
            assert (await leader.ask("GET", "/api/session")).status_code == 200
        waits = [not task.done() for task in writes]
        holder.execute("ROLLBACK")
        await asyncio.gather(*writes)
        return waits

    with closing(sqlite3.connect(on_sqlite.database._path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        assert all(asyncio.run(story()))


def test_guesses_of_many_addresses_keep_nobody_waiting(house, monkeypatch):
    """Checks that never end: whatever else is asked is answered."""
    leader = house.leader(session="Storm")
    ended = threading.Event()
    monkeypatch.setattr(accounts, "_fits", lambda *_: not ended.wait(60))
    guessers = [house.person() for _ in range(60)]
    for n, guesser in enumerate(guessers):
        guesser.address = f"192.0.2.{n}"

    async def story():
        password = {"name": "Mara", "password": "wrong password"}
        guesses = [
            asyncio.create_task(guesser.ask("POST", "/api/sign-in", json=password))
            for guesser in guessers
            for _ in range(6)
        ]
        await asyncio.sleep(0.1)  # they are on their way; how far does not matter
        for _ in range(20):
            assert (await leader.ask("GET", "/api/session")).status_code == 200
        ended.set()
        return [answer.status_code for answer in await asyncio.gather(*guesses)]

    response = asyncio.run(story())
    assert set(response) == {403, 503}
    assert response.count(403) >= MOST_CHECKS
