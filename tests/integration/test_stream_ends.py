"""A stream ends with the permission: user removed, invitation revoked, session ended, signed out.

Everything runs in one event loop, as in a web process; nothing is timed but how long to wait.
"""

import asyncio

import pytest

from data.store.notes import LiveNotes
from tests.integration.people import House
from tests.integration.test_app import UPDATE
from usecases.live import rooms, watching


@pytest.fixture(autouse=True)
def _looks_only_when_told(monkeypatch):
    monkeypatch.setattr(watching, "RECHECK_S", 1e9)
    monkeypatch.setattr(rooms, "KEEP_ALIVE_S", 1e9)


@pytest.fixture
def house(tiny_world, tiny_scenario, tmp_path):
    url = f"sqlite:///{tmp_path / 'shared.db'}"
    house = House(tiny_world, url, tiny_scenario, notes=LiveNotes)
    yield house
    house.close()


@pytest.fixture
def leader(house):
    return house.leader(session="Storm")


async def _knock_out(person, scenario, asset):
    action = {"do": "fail", "assets": [asset], "base_rev": scenario["rev"]}
    body = person.body("action.data", [action, scenario])
    answer = person.outputs(await person.ask("POST", UPDATE, json=body))
    return answer["scenario"]


async def _is_told(watch):
    await watch.until(lambda stream: b"event: people" in stream.told)


async def _put_out(leader, guest):
    members = (await leader.ask("GET", "/api/session")).json()["members"]
    jonas = next(member["id"] for member in members if member["name"] == "Jonas")
    return await leader.ask("DELETE", f"/api/members/{jonas}")


async def _take_back(leader, guest):
    (link,) = (await leader.ask("GET", "/api/session")).json()["invitations"]
    return await leader.ask("DELETE", f"/api/invitations/{link['id']}")


async def _end(leader, guest):
    return await leader.ask("POST", "/api/session/end", json={})


async def _sign_out(leader, guest):
    return await guest.ask("POST", "/api/sign-out", json={})


ENDS = [_put_out, _take_back, _end, _sign_out]


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__.strip("_"))
def test_a_stream_is_over_with_the_right_to_it_and_tells_nothing_more(house, leader, end):
    guest = house.guest(leader)
    scenario = guest.open()["scenario"]

    async def story():
        async with guest.watch(scenario) as watch:
            await _is_told(watch)
            before = watch.told
            assert (await end(leader, guest)).status_code == 200
            await watch.until(lambda stream: stream.over)
            assert b"event: " not in watch.told[len(before) :]
        async with guest.watch(scenario) as again:
            await again.until(lambda stream: stream.over)
            assert again.status == 401

    asyncio.run(story())


def test_those_who_stay_are_told_on(house, leader):
    guest, stays = house.guest(leader), house.guest(leader, name="Ida")
    scenario = leader.open()["scenario"]

    async def story():
        async with guest.watch(scenario) as out, stays.watch(scenario, "staystay") as watch:
            await _is_told(watch)
            await _put_out(leader, guest)
            await out.until(lambda stream: stream.over)
            newer = await _knock_out(leader, scenario, "works")
            await watch.until(lambda stream: b"id: %d\n" % newer["rev"] in stream.told)
            assert b"event: change" not in out.told
            assert not watch.over

    asyncio.run(story())


def test_it_is_over_at_another_web_process_too(house, leader):
    other = House(
        house.app_world, house.settings.database_url, settings=house.settings, notes=LiveNotes
    )
    guest = house.guest(leader)
    scenario = guest.open()["scenario"]
    guest.app = other.app

    async def story():
        async with guest.watch(scenario) as watch:
            await _is_told(watch)
            await _put_out(leader, guest)
            await watch.until(lambda stream: stream.over)

    asyncio.run(story())
    other.close()


def test_who_is_put_out_past_all_processes_is_told_no_later_change(house, leader, monkeypatch):
    """Without a broadcast streams re-authorise by themselves, here before each event."""
    monkeypatch.setattr(watching, "RECHECK_S", 0.0)
    guest, session = house.guest(leader), leader.me["session"]["id"]
    scenario = guest.open()["scenario"]

    async def story():
        async with guest.watch(scenario) as watch:
            await _is_told(watch)
            _revoke(house, session)
            await _knock_out(leader, scenario, "works")
            await watch.until(lambda stream: stream.over)
            assert b"event: change" not in watch.told

    asyncio.run(story())


def _revoke(house, session):
    member = next(item for item in house.sessions.members(session) if item.name == "Jonas")
    house.sessions.revoke_member(session, member.id, by="test")


def test_who_was_put_out_while_the_stream_began_is_told_nothing(house, leader, monkeypatch):
    guest = house.guest(leader)
    scenario = guest.open()["scenario"]
    open_stream = watching.Watching.open

    async def put_out_first(self, page):
        viewer = await open_stream(self, page)
        _revoke(house, viewer.watcher.who.session)
        viewer.doubted = True
        return viewer

    monkeypatch.setattr(watching.Watching, "open", put_out_first)

    async def story():
        async with guest.watch(scenario) as watch:
            await watch.until(lambda stream: stream.over)
            assert b"event: " not in watch.told

    asyncio.run(story())
