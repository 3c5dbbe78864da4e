"""Exercises about labelled things: every byte that is sent is searched."""

import asyncio

import pytest

from data.documents.exercises import parse_exercise
from data.documents.scenarios import parse_scenario
from data.store.exercises import ExerciseStore
from data.store.scenarios import Store
from layouts.words import Labels
from models.access import NotAllowedError, Who, as_asked_by
from models.errors import BadInputError
from tests.labelled import labelled_world, needles
from usecases.compute.computer import Computer
from usecases.desk import Desk
from usecases.exercise.curtain import Curtain
from usecases.exercise.plans import Exercises, Plans
from usecases.exercise.runs import Runs

WHOLE = Who("lea", "Lea", "facilitator", None, "RED")
LOW = Who("lou", "Lou", "facilitator", None, "GREEN")
ROOM = Who("wim", "Wim", "participant", None, "CLEAR")
PLAN = {
    "title": "Night at Command bunker Orange",
    "injects": [
        {"id": "a", "at_min": 0, "kind": "knock_out", "title": "Grid", "assets": ["grid"],
         "at_h": 0},
        {"id": "b", "at_min": 1, "kind": "repair", "title": "Orange calls", "assets": ["orange"],
         "at_h": 1},
        {"id": "c", "at_min": 2, "kind": "message", "title": "News from Fuel store Kilo"},
        {"id": "d", "at_min": 3, "kind": "status_report", "title": "Report", "at_h": 9},
        {"id": "e", "at_min": 4, "kind": "question", "title": "Next?", "at_h": 0,
         "bands_h": [4, 24]},
    ],
}  # fmt: skip


@pytest.fixture
def shared(tmp_path):
    world = labelled_world(tmp_path / "town")
    store = Store(f"sqlite:///{tmp_path / 'k.db'}")
    computer, logs = Computer(world, Labels(), 0), ExerciseStore(store.database)
    desk = Desk(world, Labels(), store, computer, parse_scenario, {}, Curtain(logs))
    yield Exercises(desk, logs, parse_exercise)
    computer.close()
    store.close()


async def _run(shared):
    """Run the plan through its reveal, led by a user with full clearance."""
    runs = Runs(shared)
    with as_asked_by(WHOLE):
        plan = await Plans(shared).begin(None, PLAN)
        run = (await runs.open(plan["id"]))["id"]
        await runs.act(run, {"do": "start"})
        for inject in PLAN["injects"]:
            await runs.act(run, {"do": "release", "inject": inject["id"]})
        marks = {"orange": 1, "works": 1}
        await runs.act(run, {"do": "predict", "id": "e", "marks": marks, "name": "Lea"})
        await runs.act(run, {"do": "decide", "text": "Diesel for Orange", "reason": "Kilo is out"})
        await runs.act(run, {"do": "reveal", "id": "e"})
        return plan["id"], run, await runs.look(run)


def test_no_byte_of_a_run_tells_what_somebody_may_not_see(shared):
    async def story():
        _, run, whole = await _run(shared)
        with as_asked_by(ROOM):
            return whole, await Runs(shared).look(run), await shared.listed()

    whole, seen, listed = asyncio.run(story())
    hidden = needles(shared.desk.world, "CLEAR")
    bodies = f"{seen} {listed}"
    assert [text for text in hidden if text in bodies] == []
    assert any(text in str(whole) for text in hidden), "the search finds what is there"
    assert [inject["title"] for inject in seen["injects"][:2]] == [
        "Grid", "Something happens that you may not see",
    ]  # fmt: skip
    judged = {verdict["asset"] for verdict in seen["predictions"][0]["reveal"]["judged"]}
    all_judged = {verdict["asset"] for verdict in whole["predictions"][0]["reveal"]["judged"]}
    assert "orange" in all_judged and "orange" not in judged and "works" in judged
    report = next(inject["report"] for inject in seen["injects"] if "report" in inject)
    assert {sector["sector"] for sector in report["sectors"]} <= {"energy", "water", "people"}


def test_who_may_not_see_everything_of_a_plan_leads_it_not(shared):
    async def story():
        plan, run, _ = await _run(shared)
        with as_asked_by(LOW):
            runs, plans = Runs(shared), Plans(shared)
            answers = [plans.look(plan), plans.standing(plan), runs.open(plan), runs.look(run)]
            answers += [runs.plan_of(run), runs.debrief(run), runs.act(run, {"do": "end"})]
            answers.append(plans.change(plan, 1, {"do": "undo"}))
            for ask in answers:
                with pytest.raises(NotAllowedError) as refused:
                    await ask
                assert "Orange" not in str(refused.value)

    asyncio.run(story())


def test_a_hidden_asset_is_answered_like_one_that_is_not_there(shared):
    async def said(asset):
        inject = {"at_min": 0, "kind": "repair", "title": "x", "assets": [asset], "at_h": 0}
        with as_asked_by(LOW):
            plan = await Plans(shared).begin(None, None)
            change = {"do": "put", "inject": inject}
            with pytest.raises(BadInputError) as refused:
                await Plans(shared).change(plan["id"], plan["rev"], change)
            return str(refused.value).replace(asset, "X")

    assert asyncio.run(said("orange")) == asyncio.run(said("ozymga"))


def test_what_is_marked_must_be_there_for_who_marks_it(shared):
    async def story():
        runs = Runs(shared)
        with as_asked_by(WHOLE):
            plan = await Plans(shared).begin(None, PLAN | {"title": "Night"})
            run = (await runs.open(plan["id"]))["id"]
            await runs.act(run, {"do": "start"})
            await runs.act(run, {"do": "release", "inject": "e"})
        for asset in ("orange", "nothing"):
            with as_asked_by(ROOM), pytest.raises(BadInputError, match="does not exist here"):
                await runs.act(run, {"do": "predict", "id": "e", "marks": {asset: 0}})

    asyncio.run(story())
