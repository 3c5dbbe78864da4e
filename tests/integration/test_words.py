"""Texts sent to restricted users contain nothing hidden from them, on any route."""

import asyncio
import csv
import io
import json

import pytest

from data.worlds.reader import read_world
from models.rights.views import view
from tests.integration.people import House, token
from tests.integration.test_need_to_know import SECRET
from tests.labelled import labelled_world, leaks, write_labelled

FAIL_GRID = {"do": "fail", "assets": ["grid"], "at_h": 0}


class Home(House):
    """A house in which every byte that was sent is kept, by who got it."""

    def clean(self, *people):
        """Return what of the hidden was sent to these people, who may see CLEAR things alone."""
        return leaks([body for person in people for body in person.bodies], self.app_world, "CLEAR")


def watched(person):
    """Keep all that a person is sent."""
    person.bodies, ask = [], person.ask

    async def kept(method, path, **more):
        answer = await ask(method, path, **more)
        head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        person.bodies.append((f"{method} {path}", head.encode() + b"\n" + answer.content))
        return answer

    person.ask = kept
    return person


@pytest.fixture
def town(tmp_path):
    return labelled_world(tmp_path / "town")


@pytest.fixture
def house(town, tmp_path):
    house = Home(town, f"sqlite:///{tmp_path / 'house.db'}", SECRET)
    yield house
    house.close()


@pytest.fixture
def leader(house):
    """Somebody who may see everything, in a session called after something hidden."""
    house.accounts.add("Mara", "correct horse battery", clearance="RED", by="test")
    return house.leader(session="Night at Command bunker Orange")


@pytest.fixture
def low(house, leader):
    """A facilitator who may see CLEAR things alone."""
    return watched(house.guest(leader, "facilitator", None, name="Lou", clearance="CLEAR"))


@pytest.fixture
def secret(leader):
    """A scenario that names hidden things, with a log that does."""
    scenario = leader.act(leader.open()["scenario"], do="open_ready", name="night")["scenario"]
    return leader.act(scenario, do="fail", assets=["kilo"], at_h=3)["scenario"]


# ------------------------------------------------------------------- errors


@pytest.mark.parametrize("step", ["undo", "redo"])
def test_a_step_without_a_base_revision_tells_no_reason(house, leader, low, secret, step):
    now = low.act(secret, do="fail", assets=["works"], at_h=2)["scenario"]
    leader.act(now, do="fail", assets=["orange"], at_h=5)
    action = {"do": step}
    answer = low.outputs(low.call("action.data", action, now))
    assert "has changed in the meantime" in answer["message"]["text"]
    assert "Mara" in answer["message"]["text"], "who changed it meanwhile is told"
    assert house.clean(low) == []


def test_an_undo_that_collides_with_something_hidden_tells_nothing_of_it(house, leader, low):
    scenario = leader.act(leader.open()["scenario"], do="open_ready", name="night")["scenario"]
    mine = low.act(scenario, do="fail", assets=["works"], at_h=2)["scenario"]
    index = next(i for i, e in enumerate(house.store.within(leader.me["session"]["id"])
                 .get(mine["id"]).plain["events"]) if e.get("asset") == "works")  # fmt: skip
    event = {"at_h": 2, "do": "fail", "asset": "kilo"}
    theirs = leader.act(mine, do="edit_event", index=index, event=event)["scenario"]
    answer = low.act(theirs, do="undo")
    assert "cannot be undone" in answer["message"]["text"]
    assert "Water works fails at 2 h" in answer["message"]["text"]
    assert house.clean(low) == []


# ------------------------------------------------------------------- logs


def test_the_first_line_of_an_option_is_not_its_name(house, leader, low, secret):
    leader.act(secret, do="branch", name="Without Fuel store Kilo")
    family = low.open(f"?s={secret['id']}")
    ids = {
        branch.id
        for branch in house.store.within(leader.me["session"]["id"]).branches(secret["id"])
    }
    assert len(ids) == 2
    for item_id in ids:
        log = low.get(f"/api/scenarios/{item_id}/log").json()["lines"]
        assert log[0]["kind"] == "created"
        low.get(f"/api/scenarios/{item_id}/news?rev=0&v=lowlowlow")

    async def story():
        for item_id in ids:
            async with low.watch({"id": item_id, "rev": 0}, "lowlowlow") as watch:
                await watch.until(lambda stream: b"event: change" in stream.told)
                low.bodies.append(("stream", watch.told))

    asyncio.run(story())
    assert family["scenario"]["id"] == secret["id"]
    assert house.clean(low) == []


@pytest.mark.parametrize("form", ["csv", "json"])
def test_the_audit_log_tells_a_low_facilitator_nothing_hidden(house, leader, low, secret, form):
    order = {"scenario": secret["id"], "rev": secret["rev"], "at_ms": 0, "kind": "csv"}
    assert leader.post("/api/files", **order).status_code == 200
    leader.act(secret, do="branch", name="Without Fuel store Kilo")
    low.act(secret, do="fail", assets=["grid"], at_h=9)
    audit = low.get(f"/api/audit.{form}")
    assert audit.status_code == 200
    assert house.clean(low) == []
    for part in ("kilo", "orange", "zulu"):
        assert part not in audit.text.casefold(), "nor as a file's name"
    lines = audit.json()["audit"] if form == "json" else list(csv.DictReader(io.StringIO(
        audit.text)))  # fmt: skip
    acts = {(line["who"].split(" ")[0], line["what"]) for line in lines}
    assert ("Mara", "took a file") in acts, "that it was taken is told"
    own = next(
        line for line in lines if line["who"].startswith("Lou") and "changed" in line["what"]
    )
    assert "Main substation" in own["detail"], "their own acts are told whole"
    assert "kilo" in leader.get(f"/api/audit.{form}").text.casefold()


# ------------------------------------------------------------------- names and hashes


def test_who_only_holds_a_link_reads_no_hidden_name(house, leader):
    stranger = watched(house.person())
    invited = stranger.post("/api/join/look", token=token(leader, "observer", None, "CLEAR"))
    assert invited.json()["session"] == "Night at (not shown)"
    whole = stranger.post("/api/join/look", token=token(leader, "observer", None, "RED"))
    assert whole.json()["session"] == "Night at Command bunker Orange"
    stranger.bodies.pop()
    assert house.clean(stranger) == []


def test_a_member_reads_the_session_without_hidden_names(house, leader, low):
    assert low.me["session"]["name"] == "Night at (not shown)"
    assert low.get("/api/session").json()["session"]["name"] == "Night at (not shown)"
    assert house.clean(low) == []


def test_a_session_of_somebody_low_is_called_as_they_wrote_it(house):
    house.accounts.add("Lou", "correct horse battery", clearance="CLEAR", by="test")
    low = watched(house.leader("Lou", session="Is it Command bunker Orange?"))
    guest = house.guest(low, "observer", None, clearance="CLEAR")
    for viewer in (low, guest):
        assert viewer.me["session"]["name"] == "Is it Command bunker Orange?"


def test_a_sector_that_only_hidden_things_are_in_is_not_there(house, leader, low):
    def offered(person):
        return {sector["id"] for sector in person.get("/api/session").json()["sectors"]}

    assert offered(leader) - offered(low) == {"health", "ict"}
    wish = {"role": "participant", "clearance": "CLEAR", "hours": 1, "max_uses": 1}
    guesses = [low.post("/api/invitations", sectors=[s], **wish) for s in ("ict", "nowhere")]
    assert {(guess.status_code, guess.text) for guess in guesses} == {(409, guesses[0].text)}
    refused = leader.post("/api/invitations", sectors=["ict", "water"], **wish)
    assert "see nothing of one of these sectors" in refused.json()["error"]
    leader.post("/api/invitations", sectors=["ict", "water"], **wish | {"clearance": "RED"})
    seen = low.get("/api/session").json()["invitations"]
    assert ["Water"] in [item["sectors"] for item in seen]
    assert "ict" not in json.dumps(seen).casefold()


def changed_world(folder):
    """The same town, of which something hidden changed: what is seen of it is equal."""
    write_labelled(folder)
    table = folder / "assets.csv"
    before = table.read_text(encoding="utf-8")
    text = before.replace("13.245678,53.556789,fuel,,5", "13.111111,53.522222,fuel,,77")
    assert text != before
    table.write_text(text, encoding="utf-8")
    return read_world(folder)


def test_no_hash_tells_that_something_hidden_is_another(house, leader, low, tmp_path):
    other = changed_world(tmp_path / "changed")
    assert other.sha256 != house.app_world.sha256
    assert view(other, "CLEAR").world.sha256 == ""
    layout = json.dumps(low.get("/_dash-layout").json())
    address = "/api/worlds/" + layout.split("/api/worlds/")[1].split('"')[0]
    sent = [low.get("/healthz").text, low.get(address).text, layout]
    assert leader.get("/healthz").json()["sha256"] == house.app_world.sha256
    for text in sent:
        assert house.app_world.sha256 not in text
        assert house.app_world.sha256[:16] not in text
    twin = Home(other, f"sqlite:///{tmp_path / 'twin.db'}", SECRET)
    twin.accounts.add("Mara", "correct horse battery", clearance="RED", by="test")
    again = twin.guest(twin.leader(session="x"), "facilitator", None, clearance="CLEAR")
    assert again.get("/healthz").text == sent[0]
    assert again.get(address).json() == low.get(address).json(), "at the same address: equal"
    twin.close()


def test_the_public_map_is_the_same_whatever_hidden_changes(house, leader, secret):
    session = leader.me["session"]["id"]
    leader.post("/api/session/public", scenario=secret["id"])

    def revision():
        return house.person().get(f"/public/{session}/map.json").json()["revision"]

    before = revision()
    event = {"at_h": 40, "do": "fail", "asset": "kilo", "note": "x"}
    index = len(secret["plain"]["events"]) - 1
    after = leader.act(secret, do="edit_event", index=index, event=event)["scenario"]
    assert after["rev"] > secret["rev"]
    assert revision() == before
    leader.act(after, do="settings", horizon_h=24)
    assert revision() != before


def test_the_name_of_a_screening_can_be_worked_out_by_nobody(house, leader, low, secret, tmp_path):
    """It was a hash of the whole scenario and world: guesses about both could be tried."""
    shown = {"scenario": secret["id"], "rev": secret["rev"], "at_ms": 0, "kind": "single"}
    names = [low.post("/api/screenings", **shown).json()["id"] for _ in range(2)]
    assert names[0] == names[1]
    house2 = Home(house.app_world, house.settings.database_url, SECRET)
    again = house2.person()
    again.cookies = low.cookies
    assert again.post("/api/screenings", **shown).json()["id"] != names[0]


# ------------------------------------------------------------------- what somebody wrote

GUESSES = ["Is Command bunker Orange there", "Is nothing there"]


@pytest.mark.parametrize("guess", GUESSES)
def test_a_title_comes_back_as_it_was_written(house, leader, low, secret, guess):
    """It came back covered if it named something hidden: names could be guessed."""
    friend = house.guest(leader, "observer", None, name="Flo", clearance="CLEAR")
    now = low.act(secret, do="settings", title=guess)["scenario"]
    assert now["title"] == guess
    assert friend.open(f"?s={now['id']}")["scenario"]["title"] == guess
    log = low.get(f"/api/scenarios/{now['id']}/log").json()["lines"]
    assert log[-1]["text"] == f"title '{guess}'"
    later = low.act(now, do="fail", assets=["works"], at_h=4)["scenario"]
    assert low.open(f"?s={now['id']}")["scenario"]["title"] == guess
    theirs = leader.act(later, do="settings", title="The leader on Orange, at Fuel store Kilo")
    assert "Kilo" not in low.open(f"?s={now['id']}")["scenario"]["title"]
    assert low.act(theirs["scenario"], do="undo")["scenario"]["title"] != guess
    back = leader.act(low.open(f"?s={now['id']}")["scenario"], do="undo")["scenario"]
    assert low.open(f"?s={back['id']}")["scenario"]["title"] == guess, "an undo brings it back"


@pytest.mark.parametrize("guess", GUESSES)
def test_an_option_is_called_as_it_was_named(house, leader, low, secret, guess):
    friend = house.guest(leader, "observer", None, name="Flo", clearance="CLEAR")
    leader.act(secret, do="branch", name=GUESSES[0])
    answer = low.act(secret, do="branch", name=guess)
    assert answer.get("message") is None, "nothing is refused because of a hidden name"
    option = answer["scenario"]["id"]
    for viewer in (low, friend):
        names = json.dumps(viewer.open(f"?s={option}"))
        assert guess in names
        assert names.count("(not shown)") >= 1, "the leader's own name for it stays covered"
    again = low.act(secret, do="branch", name=guess)["message"]["text"]
    assert "exists" in again


def of_plan(person, plan):
    return person.get(f"/api/exercises/{plan}").json()


@pytest.mark.parametrize("guess", GUESSES)
def test_the_texts_of_an_exercise_come_back_as_they_were_written(house, leader, low, guess):
    """A plan that named something hidden was refused to the very facilitator who wrote it."""
    begun = low.post("/api/exercises", plan={"title": guess, "injects": []})
    assert begun.status_code == 201, begun.text
    plan, rev = begun.json()["id"], begun.json()["rev"]
    inject = {"at_min": 0, "kind": "message", "title": guess, "text": guess, "id": "one"}
    question = {"at_min": 1, "kind": "question", "title": guess, "bands_h": [4.0], "id": "two"}
    for inject_id in (inject, question):
        put = low.post(
            f"/api/exercises/{plan}", base=rev, change={"do": "put", "inject": inject_id}
        )
        assert put.status_code == 200, put.text
        rev = put.json()["rev"]
    moved = low.post(
        f"/api/exercises/{plan}", base=rev, change={"do": "time", "inject": "one", "at_min": 2}
    )
    assert [item["title"] for item in moved.json()["plan"]["injects"]] == [guess, guess]
    assert "signatures" not in moved.text
    entry = low.get("/api/exercises").json()["plans"][0]
    assert entry["title"] == guess
    run = low.post(f"/api/exercises/{plan}/runs").json()["id"]
    low.post(f"/api/runs/{run}", do="start")
    low.post(f"/api/runs/{run}", do="release", inject="one")
    low.post(f"/api/runs/{run}", do="release", inject="two")
    room = house.guest(leader, "participant", None, name="Flo", clearance="CLEAR")
    for seen in (low.get(f"/api/runs/{run}").json(), room.get(f"/api/runs/{run}").json()):
        assert seen["title"] == guess
        assert [item["title"] for item in seen["injects"]][:2] == [guess, guess]
        assert seen["predictions"][0]["title"] == guess
    scenario = room.open(f"?s={seen['scenario']}")["scenario"]
    assert scenario["title"] == guess


def test_what_somebody_who_sees_more_writes_into_a_plan_is_judged(house, leader, low):
    plan = low.post("/api/exercises", plan={"title": "Open", "injects": []}).json()
    inject = {"at_min": 0, "kind": "message", "title": "Look at Command bunker Orange"}
    where = f"/api/exercises/{plan['id']}"
    put = leader.post(where, base=plan["rev"], change={"do": "put", "inject": inject}).json()
    assert low.get(where).status_code == 403
    copied = leader.post(where, base=put["rev"], change={"do": "copy", "inject": "i1"}).json()
    leader.post(where, base=copied["rev"], change={"do": "remove", "inject": "i1"})
    assert low.get(where).status_code == 403, "a copy keeps whose it is"
    about = {"do": "about", "fields": {"note": "for the crew of Fuel store Kilo"}}
    other = low.post("/api/exercises", plan={"title": "Open too"}).json()
    leader.post(f"/api/exercises/{other['id']}", base=other["rev"], change=about)
    assert low.get(f"/api/exercises/{other['id']}").status_code == 403
    assert house.clean(low) == []


# ------------------------------------------------------------------- exercises

PLAN = {
    "title": "Night shift",
    "scenario": {"horizon_h": 48},
    "injects": [
        {"id": "kilo", "at_min": 0, "kind": "message", "title": "Call from Fuel store Kilo"},
        {"id": "grid", "at_min": 1, "kind": "knock_out", "title": "Grid", "assets": ["grid"],
         "at_h": 0},
        {"id": "orange", "at_min": 2, "kind": "question", "title": "Command bunker Orange next?",
         "bands_h": [4, 24], "at_h": 0},
        {"id": "ask", "at_min": 3, "kind": "question", "title": "Whom do you call?"},
        {"id": "secret-line", "at_min": 9, "kind": "message", "title": "Not yet"},
    ],
}  # fmt: skip


@pytest.fixture
def run(leader):
    """A run with covered injects released, one open, and one that is still to come."""
    plan = leader.post("/api/exercises", plan=PLAN).json()["id"]
    run = leader.post(f"/api/exercises/{plan}/runs").json()["id"]
    leader.post(f"/api/runs/{run}", do="start")
    for inject in ("kilo", "grid", "orange", "ask"):
        answer = leader.post(f"/api/runs/{run}", do="release", inject=inject)
        assert answer.status_code == 200, answer.text
    return run


def test_ids_beside_covered_titles_tell_nothing_and_still_work(house, leader, run):
    room = watched(house.guest(leader, "participant", None, name="Wim", clearance="CLEAR"))
    where = f"/api/runs/{run}"
    seen = room.get(where).json()
    assert [inject["title"] for inject in seen["injects"]][::3] == [
        "Something happens that you may not see", "Whom do you call?",
    ]  # fmt: skip
    (prediction,) = seen["predictions"]
    marks = {"works": 0}
    assert room.post(where, do="predict", id=prediction["id"], marks=marks).status_code == 200
    assert room.get(where).json()["predictions"][0]["mine"] == {"Wim": marks}
    ask = seen["injects"][3]["id"]
    assert room.post(where, do="answer", inject=ask, answer="The depot").status_code == 200
    assert room.get(where).json()["injects"][3]["mine"] == {"Wim": "The depot"}
    asks = ({"do": "answer", "answer": "x"}, "inject"), ({"do": "predict", "marks": {}}, "id")
    guesses = [
        room.post(where, **ask, **{key: name})
        for ask, key in asks
        for name in ("orange", "kilo", "secret-line", "secret-lin", "nothing")
    ]
    assert {(guess.status_code, guess.text) for guess in guesses} == {(409, guesses[0].text)}
    leader.post(where, do="reveal", id="orange")
    assert room.get(where).json()["predictions"][0]["reveal"]
    assert house.clean(room) == []


def test_nobody_in_the_room_is_hinted_at_what_is_still_to_come(house, leader, run):
    """An unknown id was answered with the nearest one of the plan."""
    room = house.guest(leader, "participant", None, name="Wim", clearance="RED")
    near = room.post(f"/api/runs/{run}", do="answer", inject="secret-lin", answer="x")
    assert "secret-line" not in near.text
    assert room.post(f"/api/runs/{run}", do="answer", inject="ask", answer="x").status_code == 200


def test_a_low_facilitator_leads_what_others_made_secret(house, leader, low):
    """Others' notes and free answers were sent whole; their hidden changes stopped the run."""
    plan = low.post("/api/exercises", plan={"title": "Drill", "injects": [
        PLAN["injects"][1], PLAN["injects"][3],
    ]}).json()["id"]  # fmt: skip
    run = low.post(f"/api/exercises/{plan}/runs").json()["id"]
    where = f"/api/runs/{run}"
    scenario = low.post(where, do="start").json()["scenario"]
    shown = leader.open(f"?s={scenario}")["scenario"]
    leader.act(shown, do="fail", assets=["orange"], at_h=1)
    assert low.post(where, do="release", inject="grid").status_code == 200
    low.post(where, do="release", inject="ask")
    leader.post(where, do="note", text="Orange is out")
    low.post(where, do="note", text="I wonder about Orange")
    high = house.guest(leader, "participant", None, name="Ria", clearance="RED")
    high.post(where, do="answer", inject="ask", answer="Fuel store Kilo")
    low.bodies.clear()
    seen = low.get(where).json()
    assert [note["text"] for note in seen["notes"]] == ["(not shown)", "I wonder about Orange"]
    assert seen["injects"][1]["answers"] == [{"who": "Ria", "answer": "(not shown)"}]
    low.bodies.clear()
    low.post(where, do="pause")
    low.post(where, do="resume")
    low.open(f"?s={scenario}")
    found = [item for item in house.clean(low) if "orange" not in item]
    assert found == []
