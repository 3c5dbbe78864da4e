"""Exercises over HTTP: design, run, branch, predict, reveal, rewind, debrief; who sees what."""

import asyncio
import io
import json
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI
from pypdf import PdfReader

from api import door, exercises
from app import create_app
from data.documents.exercises import parse_exercise
from data.documents.scenarios import parse_scenario
from data.exchange.papers import Papers
from data.store.exercises import ExerciseStore
from data.store.scenarios import Store
from layouts.words import Labels
from models.access import LOCAL_USER, NotAllowedError, Who, as_asked_by
from models.exercise import rules
from settings import Settings
from usecases import asking, reading
from usecases.compute.computer import Computer
from usecases.desk import Desk
from usecases.exercise.curtain import Curtain
from usecases.exercise.papers import ExercisePapers
from usecases.exercise.plans import Exercises, Plans
from usecases.exercise.runs import Runs
from usecases.seat import take_seat

PLANS, RUNS = "/api/exercises", "/api/runs"
SECRET, LATER = "only the facilitator knows", "what has not come yet"
PEOPLE = {
    "lea": Who("lea", "Lea", "facilitator", None, "RED"),
    "wim": Who("wim", "Wim", "participant", frozenset({"water"}), "GREEN"),
    "ela": Who("ela", "Ela", "participant", frozenset({"energy"}), "GREEN"),
    "obi": Who("obi", "Obi", "observer", frozenset(), "GREEN"),
    "eve": Who("eve", "Eve", "facilitator", None, "RED", session="another"),
    "local": LOCAL_USER,
}
STORM = {
    "title": "Storm",
    "note": SECRET,
    "scenario": {"horizon_h": 48},
    "roles": [
        {"id": "water", "name": "Water", "sectors": ["water"]},
        {"id": "grid", "name": "Grid", "sectors": ["energy"]},
    ],
    "injects": [
        {"id": "hit", "at_min": 0, "kind": "knock_out", "title": "Substation out",
         "assets": ["grid"], "at_h": 0, "note": SECRET},
        {"id": "next", "at_min": 5, "kind": "question", "title": "What fails next?",
         "bands_h": [4, 12, 24]},
        {"id": "gen", "at_min": 10, "kind": "question", "title": "Where does the generator go?",
         "options": ["Works", "Clinic"], "to": ["water"]},
        {"id": "late", "at_min": 20, "kind": "message", "title": LATER,
         "when": {"test": "not_done", "do": "supply", "asset": "works", "by_min": 15}},
    ],
}  # fmt: skip


class Clock:
    """The time of a test: it only moves when set."""

    def __init__(self):
        self.ms = 1_700_000_000_000

    def __call__(self):
        return self.ms

    def minutes(self, n):
        self.ms += round(n * 60_000)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def server(tiny_world, tmp_path, clock):
    store = Store(f"sqlite:///{tmp_path / 'k.db'}")
    computer = Computer(tiny_world, Labels(), 0, papers=Papers())
    logs = ExerciseStore(store.database)
    desk = Desk(tiny_world, Labels(), store, computer, parse_scenario, {}, Curtain(logs))
    shared = Exercises(desk, logs, parse_exercise, now=clock)
    made = FastAPI()
    runs = Runs(shared)
    papers = ExercisePapers(desk, runs)
    exercises.register(made, tiny_world, shared, Plans(shared), runs, papers)
    made.state.desk, made.state.store = desk, store

    async def identify(cookies):
        return PEOPLE[cookies["who"]]

    made.add_middleware(door.Door, identify=identify)
    yield made
    computer.close()
    store.close()


class Person:
    """A user with a browser: sends requests and returns the responses."""

    def __init__(self, client, name):
        self.client, self.cookies = client, {"cookie": f"who={name}"}

    async def get(self, path):
        return await self.client.get(path, headers=self.cookies)

    async def post(self, path, body=None, status=200):
        answer = await self.client.post(path, json=body or {}, headers=self.cookies)
        assert answer.status_code == status, answer.text
        return answer.json()


@asynccontextmanager
async def room(server):
    transport = httpx.ASGITransport(app=server)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield {name: Person(client, name) for name in PEOPLE}


def story(server, steps):
    async def run():
        async with room(server) as people:
            return await steps(people)

    return asyncio.run(run())


async def begun(people, plan=STORM):
    """Return the address of a started run, led by Lea."""
    made = await people["lea"].post(PLANS, {"plan": plan}, 201)
    run = await people["lea"].post(f"{PLANS}/{made['id']}/runs", {}, 201)
    where = f"{RUNS}/{run['id']}"
    await people["lea"].post(where, {"do": "start"})
    return where


# --- designing -------------------------------------------------------------------------------


def test_a_plan_is_made_step_by_step_and_every_step_can_be_undone_and_made_again(server):
    async def steps(people):
        lea = people["lea"]
        plan = await lea.post(PLANS, {}, 201)
        where, shown = f"{PLANS}/{plan['id']}", []

        async def change(**command):
            nonlocal plan
            plan = await lea.post(where, {"base": plan["rev"], "change": command})
            shown.append([(inject["id"], inject["at_min"]) for inject in plan["plan"]["injects"]])

        message = {"kind": "message", "title": "One", "at_min": 5}
        await change(do="put", inject=message)
        await change(do="put", inject=message | {"title": "Two"})
        await change(do="swap", inject="i2", by=-1)
        await change(do="time", inject="i1", at_min=30)
        await change(do="copy", inject="i2")
        await change(do="remove", inject="i2")
        for _ in range(3):
            await change(do="undo")
        await change(do="redo")
        return shown, plan

    shown, plan = story(server, steps)
    assert shown == [
        [("i1", 5)],
        [("i1", 5), ("i2", 5)],
        [("i2", 5), ("i1", 5)],
        [("i2", 5), ("i1", 30)],
        [("i2", 5), ("i3", 5), ("i1", 30)],
        [("i3", 5), ("i1", 30)],
        [("i2", 5), ("i3", 5), ("i1", 30)],
        [("i2", 5), ("i1", 30)],
        [("i2", 5), ("i1", 5)],
        [("i2", 5), ("i1", 30)],
    ]
    assert plan["can_undo"] and plan["can_redo"]


def test_a_change_on_something_older_is_refused_and_others_win(server):
    async def steps(people):
        plan = await people["lea"].post(PLANS, {}, 201)
        body = {"base": plan["rev"], "change": {"do": "put", "inject": {
            "kind": "message", "title": "One", "at_min": 5}}}  # fmt: skip
        await people["lea"].post(f"{PLANS}/{plan['id']}", body)
        return await people["lea"].post(f"{PLANS}/{plan['id']}", body, 409)

    assert "Another user has just changed this exercise" in story(server, steps)["error"]


@pytest.mark.parametrize(
    ("inject", "said"),
    [
        ({"title": "x" * 10_000}, "title: longer than 120 characters"),
        ({"title": ""}, "title: empty"),
        ({"kind": "flood"}, "kind: not one of"),
        ({"kind": "knock_out"}, "needs assets or links"),
        ({"kind": "knock_out", "assets": ["gird"], "at_h": 0}, "Did you mean 'grid'?"),
        ({"kind": "supply", "assets": ["works"], "at_h": 0, "service": "gas"}, "needs electricity"),
        ({"at_min": -1}, "at_min: below 0"),
        ({"options": ["a"]}, "only a question has options"),
        ({"colour": "red"}, "no such field"),
        ({"when": {"test": "answered", "inject": "nobody", "option": "x"}}, "no question"),
    ],
)
def test_an_inject_that_cannot_be_is_refused_in_words(server, inject, said):
    async def steps(people):
        plan = await people["lea"].post(PLANS, {}, 201)
        fields = {"kind": "message", "title": "One", "at_min": 5} | inject
        body = {"base": plan["rev"], "change": {"do": "put", "inject": fields}}
        return await people["lea"].post(f"{PLANS}/{plan['id']}", body, 409)

    error = story(server, steps)["error"]
    assert said in error and len(error) < 500


def test_only_facilitators_design_and_other_sessions_do_not_exist(server):
    async def steps(people):
        made = await people["lea"].post(PLANS, {"plan": STORM}, 201)
        where = f"{PLANS}/{made['id']}"
        codes = [(await people[name].get(where)).status_code for name in ("wim", "obi", "eve")]
        await people["wim"].post(PLANS, {}, 403)
        lists = [(await people[name].get(PLANS)).json() for name in ("lea", "wim", "eve")]
        return codes, lists

    codes, (leas, wims, eves) = story(server, steps)
    assert codes == [403, 403, 409]
    assert len(leas["plans"]) == 1 and wims["plans"] == eves["plans"] == []


# --- who sees what ---------------------------------------------------------------------------


def test_notes_and_what_is_to_come_never_leave_for_participants(server):
    async def steps(people):
        where = await begun(people)
        await people["lea"].post(where, {"do": "release", "inject": "hit"})
        await people["lea"].post(where, {"do": "note", "text": SECRET})
        seen = {name: (await people[name].get(where)).text for name in ("wim", "obi", "ela")}
        seen["room"] = (await people["lea"].get(where + "?room=1")).text
        refused = [
            (await people["wim"].get(f"{where}/{page}")).status_code
            for page in ("debrief.html", "debrief.pdf", "debrief.csv", "debrief.json",
                         "cards.html?notes=1")
        ]  # fmt: skip
        return seen, refused, (await people["lea"].get(where)).text

    seen, refused, leads = story(server, steps)
    assert SECRET in leads and LATER in leads
    for who, text in seen.items():
        assert SECRET not in text and LATER not in text and "gen" not in text, who
        assert "Substation out" in text, who
    assert refused == [403] * 5


def test_what_is_for_some_is_not_told_to_others_and_only_they_answer(server):
    async def steps(people):
        where = await begun(people)
        await people["lea"].post(where, {"do": "release", "inject": "gen"})
        answer = {"do": "answer", "inject": "gen", "answer": "Works"}
        await people["ela"].post(where, answer, 403)
        wims = await people["wim"].post(where, answer)
        wrong = await people["wim"].post(where, answer | {"answer": "Moon"}, 409)
        return wims, (await people["ela"].get(where)).json(), wrong

    wims, elas, wrong = story(server, steps)
    assert wims["injects"][0]["mine"] == {"Wim": "Works"}
    assert elas["injects"] == []
    assert wrong["error"] == "This is not one of the answers: 'Works', 'Clinic'."


def test_a_participant_steers_nothing_and_an_observer_says_nothing(server):
    async def steps(people):
        where = await begun(people)
        for command in ("pause", "end"):
            await people["wim"].post(where, {"do": command}, 403)
        for command in ("release", "skip", "rewind"):
            await people["wim"].post(where, {"do": command, "inject": "hit"}, 403)
        await people["wim"].post(where, {"do": "note", "text": "x"}, 403)
        await people["obi"].post(where, {"do": "decide", "text": "x"}, 403)
        await people["wim"].post(where, {"do": "decide", "text": "Save diesel"})
        return (await people["lea"].get(where)).json()

    assert [decision["who"] for decision in story(server, steps)["decisions"]] == ["Wim"]


def test_who_joins_late_sees_what_was_released_to_them(server):
    async def steps(people):
        where = await begun(people)
        await people["lea"].post(where, {"do": "release", "inject": "hit"})
        await people["lea"].post(where, {"do": "release", "inject": "gen"})
        listed = (await people["wim"].get(PLANS)).json()["runs"]
        return where, listed, (await people["wim"].get(where)).json()

    where, listed, seen = story(server, steps)
    assert [f"{RUNS}/{item['id']}" for item in listed] == [where]
    assert [inject["id"] for inject in seen["injects"]] == ["hit", "gen"]
    assert seen["phase"] == "running"


def test_the_page_of_a_participant_is_drawn_no_further_than_the_room_knows(server):
    async def steps(people):
        where = await begun(people)
        await people["lea"].post(where, {"do": "release", "inject": "hit"})
        await people["lea"].post(where, {"do": "show", "hour": 6})
        return (await people["lea"].get(where)).json()["scenario"]

    scenario = story(server, steps)
    desk = server.state.desk

    async def horizon(name):
        with as_asked_by(PEOPLE[name]):
            seat = take_seat(desk)
            drawn = await asking.picture(seat, await reading.current(seat, scenario))
            return drawn["horizon_ms"] / 3_600_000

    async def briefing(name):
        with as_asked_by(PEOPLE[name]):
            seat = take_seat(desk)
            await asking.file(seat, await reading.current(seat, scenario), {"kind": "mail"})

    with pytest.raises(NotAllowedError, match="reveal what comes next"):
        asyncio.run(briefing("wim"))
    assert asyncio.run(horizon("wim")) == 6
    assert asyncio.run(horizon("lea")) == 48


# --- running ---------------------------------------------------------------------------------


def test_a_knock_out_happens_in_the_scenario_and_only_once(server):
    async def steps(people):
        where = await begun(people)
        first = await people["lea"].post(where, {"do": "release", "inject": "hit"})
        again = await people["lea"].post(where, {"do": "release", "inject": "hit"}, 409)
        return first, again

    first, again = story(server, steps)
    events = server.state.store.get(first["scenario"]).plain["events"]
    assert events == [{"at_h": 0.0, "do": "fail", "asset": "grid"}]
    assert "was released already. Rewind to it" in again["error"]
    (started, hit) = server.state.store.history(first["scenario"])
    assert hit.reason == "Inject: Substation out" and hit.author == "lea"
    assert started.kind == "created"


def test_two_facilitators_who_release_at_once_release_once(server):
    async def steps(people):
        where = await begun(people)
        ask = {"do": "release", "inject": "hit"}
        headers = people["lea"].cookies
        both = await asyncio.gather(
            *(people["lea"].client.post(where, json=ask, headers=headers) for _ in range(2))
        )
        return sorted(item.status_code for item in both), (await people["lea"].get(where)).json()

    codes, seen = story(server, steps)
    assert codes == [200, 409]
    assert len(server.state.store.get(seen["scenario"]).plain["events"]) == 1


def test_predict_reveal_discuss(server, clock):
    async def steps(people):
        where = await begun(people)
        await people["lea"].post(where, {"do": "release", "inject": "hit"})
        await people["lea"].post(where, {"do": "release", "inject": "next"})
        wim = {"do": "predict", "id": "next", "marks": {"works": 1, "plant": 0}}
        await people["wim"].post(where, wim)
        during = [(await people[name].get(where)).json() for name in ("lea", "ela", "wim")]
        await people["ela"].post(where, wim | {"marks": {"works": 2}})
        await people["lea"].post(where, {"do": "reveal", "id": "next"})
        late = await people["wim"].post(where, wim, 409)
        return during, late, (await people["ela"].get(where)).json()

    (leas, elas, wims), late, after = story(server, steps)
    assert [page["predictions"][0]["in"] for page in (leas, elas, wims)] == [1, 1, 1]
    assert leas["predictions"][0]["mine"] == elas["predictions"][0]["mine"] == {}
    assert "works" not in json.dumps(leas["predictions"])
    assert wims["predictions"][0]["mine"] == {"Wim": {"works": 1, "plant": 0}}
    assert late["error"] == "This prediction is not open. Wait for the next one."
    shown = after["predictions"][0]["reveal"]
    verdicts = {
        verdict["asset"]: (verdict["verdict"], verdict["at_h"]) for verdict in shown["judged"]
    }
    assert verdicts == {"works": ("hit", 8.0), "clinic": ("surprise", 8.5), "plant": ("miss", None)}
    assert [item["asset"] for item in shown["discussion"]] == ["clinic", "works", "plant"]
    assert shown["scores"][0] == {"by": "Wim", "hits": 1, "near": 0, "misses": 1, "surprises": 1}
    assert after["known_h"] == 24


def test_an_inject_waits_for_what_the_room_does(server, clock):
    async def steps(people):
        where = await begun(people)
        seen = [(await people["lea"].get(where)).json()["holds"]]
        clock.minutes(16)
        seen.append((await people["lea"].get(where)).json()["holds"])
        return seen

    assert story(server, steps) == [{"late": None}, {"late": True}]


def test_what_the_room_did_in_time_counts_also_after_a_rewind(server, clock):
    async def steps(people):
        where = await begun(people)
        run = await people["lea"].post(where, {"do": "release", "inject": "hit"})
        clock.minutes(3)
        await people["lea"].post(where, {"do": "release", "inject": "next"})
        store = server.state.store
        saved = store.get(run["scenario"])
        supplied = {"at_h": 2.0, "do": "supply", "asset": "works", "service": "electricity"}
        events = [*saved.plain["events"], supplied]
        store.write(saved.id, saved.plain | {"events": events}, saved.revision, author="wim")
        await people["lea"].post(where, {"do": "skip", "inject": "gen"})
        clock.minutes(2)
        back = await people["lea"].post(where, {"do": "rewind", "inject": "gen"})
        return back, (await people["lea"].get(where)).json()

    back, seen = story(server, steps)
    assert seen["take"] == 2 and seen["phase"] == "paused"
    assert len(server.state.store.get(back["scenario"]).plain["events"]) == 2


def test_a_rewind_across_a_branch_loses_nothing(server, clock):
    async def steps(people):
        lea, where = people["lea"], await begun(people)
        first = await lea.post(where, {"do": "release", "inject": "hit"})
        clock.minutes(5)
        await lea.post(where, {"do": "release", "inject": "next"})
        second = await lea.post(where, {"do": "rewind", "inject": "next"})
        await lea.post(where, {"do": "resume"})
        clock.minutes(5)
        await lea.post(where, {"do": "release", "inject": "gen"})
        third = await lea.post(where, {"do": "rewind", "inject": "hit"})
        return first, second, third

    first, second, third = story(server, steps)
    takes = [item["scenario"] for item in (first, second, third)]
    assert len(set(takes)) == 3, "each take goes on in a scenario of its own"
    assert [len(server.state.store.get(take).plain["events"]) for take in takes] == [1, 1, 0]
    assert second["clock_ms"] == 5 * 60_000 and third["clock_ms"] == 0
    assert [inject["status"] for inject in third["injects"]] == ["waiting"] * 4
    assert third["aside"] == [{"take": 1, "lines": 2}, {"take": 2, "lines": 3}]
    names = {branch.name for branch in server.state.store.branches(takes[0])}
    assert names == {"", "Take 2: Storm", "Take 3: Storm"}


def test_an_empty_exercise_and_one_of_500_injects_run(server):
    many = [
        {"id": f"m{n}", "at_min": 7, "kind": "message", "title": f"No. {n}"} for n in range(500)
    ]

    async def steps(people):
        lea = people["lea"]
        empty = await begun(people, {"title": "Nothing"})
        await lea.post(empty, {"do": "end"})
        page = (await lea.get(f"{empty}/debrief.html")).text
        where = await begun(people, {"title": "Much", "injects": many})
        for name in ("m0", "m499"):
            await lea.post(where, {"do": "release", "inject": name})
        too_many = {"title": "Too much", "injects": [*many, many[0] | {"id": "one-more"}]}
        refused = await lea.post(PLANS, {"plan": too_many}, 409)
        return page, (await lea.get(where)).json(), refused

    page, seen, refused = story(server, steps)
    assert "Nothing was decided" in page
    assert [inject["id"] for inject in seen["injects"]] == [f"m{n}" for n in range(500)]
    assert [inject["status"] for inject in seen["injects"]].count("released") == 2
    assert refused["error"] == "injects: more than 500 entries."


def test_no_news_is_told_shortly(server, clock):
    async def steps(people):
        where = await begun(people)
        first = (await people["lea"].get(where)).json()
        clock.minutes(2)
        seen = f"{where}?line={first['line']}&rev={first['rev']}"
        return (await people["lea"].get(seen)).json()

    short = story(server, steps)
    assert short["same"] and short["clock_ms"] == 120_000 and "injects" not in short


# --- what leaves the room --------------------------------------------------------------------


def test_markup_in_names_is_shown_as_text_and_formulas_are_no_formulas(server):
    nasty = "<script>alert(1)</script>"

    async def steps(people):
        plan = STORM | {"title": nasty}
        plan["injects"] = [*STORM["injects"][:1], {
            "id": "q", "at_min": 1, "kind": "question", "title": f"<b>{nasty}",
            "options": ["<i>yes", "=1+1"]}]  # fmt: skip
        where, local = await begun(people, plan), people["lea"]
        await local.post(where, {"do": "release", "inject": "q"})
        for text in ("=cmd()", nasty):
            await people["wim"].post(where, {"do": "decide", "text": text})
        await people["wim"].post(where, {"do": "decide", "text": "x" * 10_000}, 409)
        pages = [(await local.get(f"{where}/{page}")).text
                 for page in ("debrief.html", "cards.html", "cards.html?notes=1")]  # fmt: skip
        table = (await local.get(f"{where}/debrief.csv")).text
        return pages, table, await local.get(f"{where}/debrief.pdf")

    pages, table, paper = story(server, steps)
    for page in pages:
        assert "<script>" not in page and "&lt;script&gt;" in page and "<b>" not in page
    assert "'=cmd()" in table and ",=cmd()" not in table
    reader = PdfReader(io.BytesIO(paper.content))
    assert "<script>alert(1)</script>" in "".join(page.extract_text() for page in reader.pages)


def test_cards_have_the_notes_only_where_they_are_asked_for(server):
    async def steps(people):
        made = await people["lea"].post(PLANS, {"plan": STORM}, 201)
        where = f"{PLANS}/{made['id']}"
        plain = (await people["lea"].get(f"{where}/cards.html")).text
        noted = (await people["lea"].get(f"{where}/cards.html?notes=1")).text
        file = await people["lea"].get(f"{where}/exercise.json")
        again = await people["lea"].post(PLANS, {"plan": file.json()}, 201)
        return plain, noted, again["plan"] == made["plan"]

    plain, noted, same = story(server, steps)
    assert SECRET not in plain and SECRET in noted
    assert "Only if Water works was not supplied by 0:15." in noted
    assert plain.count("<article") == 2 + 4 and noted.count("<article") == 4
    assert same, "a plan saved as a file is the same when it is opened again"


def test_the_debrief_says_what_each_decision_changed(server, clock):
    async def steps(people):
        where = await begun(people)
        run = await people["lea"].post(where, {"do": "release", "inject": "hit"})
        clock.minutes(4)
        store = server.state.store
        saved = store.get(run["scenario"])
        supplied = {"at_h": 2.0, "do": "supply", "asset": "works", "service": "electricity"}
        events = [*saved.plain["events"], supplied]
        store.write(saved.id, saved.plain | {"events": events}, saved.revision,
                    "Generator for the works", author="wim")  # fmt: skip
        await people["wim"].post(where, {"do": "decide", "text": "Save diesel", "reason": "Scarce"})
        paper = await people["lea"].get(f"{where}/debrief.pdf")
        return (await people["lea"].get(f"{where}/debrief.json")).json(), paper

    debrief, paper = story(server, steps)
    made, said = sorted(debrief["decisions"], key=lambda decision: decision["person_hours"] is None)
    assert made["who"] == "Wim" and made["what"] == "Generator for the works"
    assert made["people"] == -1200 and made["person_hours"] == -1200 * 40
    assert (said["what"], said["reason"]) == ("Save diesel", "Scarce")
    hit = next(item for item in debrief["course"] if item["title"] == "Substation out")
    assert hit["people"] == 1200 and hit["person_hours"] == 1200 * 40
    assert debrief["toll"] == {
        "people": 0, "person_hours": 0, "services": [["drinking water", 0.0]],
    }  # fmt: skip
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.headers["content-disposition"] == 'attachment; filename="debrief.pdf"'
    reader = PdfReader(io.BytesIO(paper.content))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "en"
    words = " ".join(" ".join(page.extract_text().split()) for page in reader.pages)
    assert "Save diesel – Why: Scarce" in words and "1,200 fewer people" in words
    assert SECRET not in words and LATER not in words


# --- the whole application -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (PLANS, "no json", 400),
        (PLANS, '{"ready": 3}', 400),
        (PLANS, '{"ready": "moon"}', 409),
        (f"{PLANS}/x", '{"base": 0, "change": {}}', 409),
        (f"{RUNS}/x", "[]", 409),
        (f"{RUNS}/x", '{"do": "explode"}', 409),
        (f"{RUNS}/x", '{"do": "start", "more": 1}', 409),
    ],
)
def test_bad_questions_get_words(tiny_world, tmp_path, path, body, status):
    store = Store(f"sqlite:///{tmp_path / 'k.db'}")
    app = create_app(tiny_world, store, Settings(workers=0))

    async def ask():
        transport = httpx.ASGITransport(app=app.server)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            headers = {"content-type": "application/json"}
            right = await client.post(path, content=body, headers=headers)
            form = await client.post(path, content=body, headers={"content-type": "text/plain"})
            return right, form

    right, form = asyncio.run(ask())
    store.close()
    assert (right.status_code, form.status_code) == (status, 415)
    assert right.json()["error"]


def test_a_room_that_fills_the_log_keeps_nobody_from_steering_and_ending(server, monkeypatch):
    monkeypatch.setattr(rules, "MAX_LINES", 12)
    monkeypatch.setattr(rules, "KEPT_FOR_STEERING", 4)
    monkeypatch.setattr(rules, "MAX_LINES_EACH", 5)

    async def steps(people):
        where = await begun(people)
        decided = {"do": "decide", "text": "again"}
        for _ in range(5):
            await people["wim"].post(where, decided)
        own = await people["wim"].post(where, decided, 409)
        for _ in range(2):
            await people["ela"].post(where, decided)
        full = await people["ela"].post(where, decided, 409)
        await people["lea"].post(where, {"do": "release", "inject": "hit"})
        for _ in range(3):
            await people["lea"].post(where, {"do": "note", "text": "full"})
        await people["lea"].post(where, {"do": "note", "text": "full"}, 409)
        await people["lea"].post(where, {"do": "pause"})
        ended = await people["lea"].post(where, {"do": "end"})
        return own["error"], full["error"], ended["phase"]

    own, full, phase = story(server, steps)
    assert "You have made too many entries" in own
    assert "log of this run is full" in full
    assert phase == "ended"
