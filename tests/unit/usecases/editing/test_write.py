"""The door for changes on a real store: of many at once nothing is lost, of a refused one nothing
stays."""

import asyncio
from dataclasses import replace

import pytest

from data.documents.scenarios import parse_scenario
from data.store.scenarios import Store
from layouts.words import Labels
from models.access import LOCAL_USER, Who, as_asked_by
from models.errors import BadInputError
from usecases.compute.computer import Computer
from usecases.desk import Desk
from usecases.editing.write import STALE, act
from usecases.seat import take_seat

THINGS = [{"assets": [asset]} for asset in ("plant", "grid", "works", "clinic")]
THINGS.append({"links": ["line"]})


@pytest.fixture
def store(database_url):
    opened = Store(database_url)
    yield opened
    opened.close()


@pytest.fixture
def desk(tiny_world, store):
    computer = Computer(tiny_world, Labels(), workers=0)
    yield Desk(tiny_world, Labels(), store, computer, parse_scenario)
    computer.close()


def somebody(number):
    return Who(f"p{number}", f"P{number}", "facilitator", None, "RED")


def make_change(desk, scenario, who=LOCAL_USER, **action):
    with as_asked_by(who):
        return asyncio.run(act(take_seat(desk), scenario, action))


def test_of_many_at_once_about_different_things_each_is_made(desk, store):
    scenario = make_change(desk, None, do="settings", title="Storm").scenario["id"]

    async def one(number, things):
        with as_asked_by(somebody(number)):
            request = {"do": "fail", "at_h": 1.0, "base_rev": 2, **things}
            return await act(take_seat(desk), scenario, request)

    async def all_at_once():
        return await asyncio.gather(*(one(n, things) for n, things in enumerate(THINGS)))

    answers = asyncio.run(all_at_once())
    assert [answer.text for answer in answers] == [""] * len(THINGS)
    now = store.get(scenario)
    assert now.revision == 2 + len(THINGS)
    assert {event.get("asset", event.get("link")) for event in now.plain["events"]} == {
        "plant", "grid", "works", "clinic", "line",
    }  # fmt: skip


def test_of_two_at_once_about_one_thing_the_second_is_refused(desk, store):
    scenario = make_change(desk, None, do="fail", assets=["grid"]).scenario["id"]
    first = make_change(
        desk, scenario, somebody(1), do="degrade", assets=["works"], to=0.5, base_rev=2
    )
    assert first.text == ""
    second = make_change(
        desk, scenario, somebody(2), do="fail", assets=["works"], at_h=3.0, base_rev=2
    )
    assert second.text.startswith(STALE)
    assert "works drops to 50 %" in second.text
    assert second.scenario["rev"] == store.get(scenario).revision == 3


def test_an_undo_does_not_mind_what_others_did_since_but_what_its_author_did(desk, store):
    scenario = make_change(desk, None, do="fail", assets=["grid"]).scenario["id"]
    make_change(desk, scenario, somebody(1), do="fail", assets=["works"], base_rev=2)
    undone = make_change(desk, scenario, do="undo", base_rev=2)
    assert undone.text == ""
    assert [event["asset"] for event in undone.scenario["plain"]["events"]] == ["works"]
    assert make_change(desk, scenario, do="redo", base_rev=2).text.startswith(STALE)
    assert store.get(scenario).revision == 4


def test_a_first_change_that_is_refused_leaves_no_scenario(desk, store):
    assert make_change(desk, None, do="fail", assets=["nowhere"]).scenario is None
    assert store.recent() == []


def test_a_scenario_whose_first_change_is_not_decided_upon_is_not_kept(store):
    def refuses(history):
        raise BadInputError([f"no, not on revision {history.newest.revision}"])

    with pytest.raises(BadInputError, match="revision 1"):
        store.create("w", "", {"world": "w"}, then=refuses)
    assert store.recent() == []


def test_everybody_is_told_of_a_change_once(desk):
    heard = []
    desk = replace(desk, on_change=lambda *one: heard.append(one))
    scenario = make_change(desk, None, do="fail", assets=["grid"], nonce="page-1").scenario["id"]
    make_change(desk, scenario, do="fail", assets=["nowhere"], base_rev=2, nonce="page-2")
    assert heard == [(scenario, 2, "page-1")]
