"""Members change what is their own, and see nothing of other sessions."""

import json

import pytest

from tests.integration.sharing.helpers import FAIL_GRID, revision, shared_scenario
from tests.integration.test_app import UPDATE

# ------------------------------------------------------------------ one's own things


def test_a_participant_changes_their_own_sector_and_no_other(house, leader):
    guest = house.guest(leader)
    scenario = guest.open()["scenario"]
    mine = guest.act(scenario, do="fail", assets=["works"], at_h=2)["scenario"]
    assert [e["asset"] for e in mine["plain"]["events"]] == ["works"]
    for action in (
        FAIL_GRID,
        {"do": "fail", "assets": ["works", "grid"]},
        {"do": "fail", "links": ["line"]},
        {"do": "degrade", "assets": ["clinic"], "to": 0.5},
        {"do": "edit_event", "index": 0, "event": {"at_h": 0, "do": "fail", "asset": "grid"}},
        {"do": "edit_event", "index": 0, "event": {"at_h": 0, "do": "fail", "link": "line"}},
        {"do": "add_measure", "measure": {"do": "add_autonomy", "asset": "clinic",
                                          "service": "electricity", "hours": 4}},
        {"do": "add_measure", "measure": {"do": "add_supplier", "asset": "works",
                                          "service": "electricity", "supplier": "plant"}},
        {"do": "settings", "title": "Mine now"},
        {"do": "settings", "horizon_h": 500},
        {"do": "open_ready", "name": "night"},
        {"do": "new"},
    ):  # fmt: skip
        answer = guest.act(mine, **action)
        assert answer["message"]["text"], action
        assert "scenario" not in answer, action
        assert revision(leader) == mine["rev"], action
        for hidden in ("Substation", "Hospital", "Power plant", "grid"):
            assert hidden not in answer["message"]["text"]
    undone = guest.act(mine, do="undo")["scenario"]
    assert undone["plain"]["events"] == []


def test_a_participant_cannot_touch_what_others_did_in_other_sectors(house, leader):
    guest = house.guest(leader)
    theirs = leader.act(shared_scenario(leader), **FAIL_GRID)["scenario"]
    for action in (
        {"do": "remove_event", "index": 0},
        {"do": "edit_event", "index": 0, "event": {"at_h": 3, "do": "fail", "asset": "works"}},
        {"do": "undo"},
        {"do": "redo"},
    ):
        guest.act(theirs, **action)
        assert shared_scenario(leader)["plain"]["events"] == theirs["plain"]["events"], action
    supplied = {"do": "add_measure", "measure": {"do": "add_autonomy", "asset": "clinic",
                "service": "electricity", "hours": 4}}  # fmt: skip
    measured = leader.act(theirs, **supplied)["scenario"]
    guest.act(measured, do="remove_measure", index=0)
    assert len(shared_scenario(leader)["plain"]["measures"]) == 1


def test_nobody_is_led_to_a_scenario_of_another_session(house, leader):
    guest, scenario = house.guest(leader), shared_scenario(leader)
    theirs = shared_scenario(house.leader("Eve", session="Other"))
    state = {"t_ms": 7, "playing": False, "speed": 2.0, "view": "map"}
    where = {"scenario": scenario["id"], "page": "leadslead"}
    assert leader.post("/api/lead", **where, state=state).status_code == 200
    for guess in (theirs["id"], "nowhere"):
        assert leader.post("/api/lead", **where, to=guess).status_code == 409
    news = f"/api/scenarios/{scenario['id']}/news"
    assert guest.get(news).json()["lead"]["on"] is True
    assert guest.post("/api/lead", **where, to=scenario["id"]).status_code == 403
    assert guest.get(news).json()["lead"]["on"] is True


def test_an_observer_changes_nothing_and_sees_all(house, leader, caplog):
    guest = house.guest(leader, "observer", None)
    scenario = leader.act(shared_scenario(leader), do="fail", assets=["works"])["scenario"]
    assert guest.open(f"?s={scenario['id']}")["scenario"]["rev"] == scenario["rev"]
    for action in (FAIL_GRID, {"do": "undo"}, {"do": "remove_event", "index": 0}, {"do": "new"}):
        assert "You are an observer" in guest.act(scenario, **action)["message"]["text"]
    assert revision(leader) == scenario["rev"]
    assert caplog.text.count("refused a change: Jonas (") == 4
    listed = guest.call("lists.data", scenario, into="happenings-list").text
    assert "Water works" in listed
    for control in ("remove_event", "data-edit", "data-settings", "add-button"):
        assert control not in listed
    assert "data-settings" in leader.call("lists.data", scenario, into="happenings-list").text


def test_controls_are_there_for_ones_own_events_alone(house, leader):
    scenario = leader.act(shared_scenario(leader), do="fail", assets=["works", "grid"])["scenario"]
    listed = house.guest(leader).call("lists.data", scenario, into="happenings-list").text
    assert listed.count('\\"event\\": ') == 1
    assert "data-settings" not in listed


@pytest.mark.parametrize("role", ["participant", "observer"])
def test_who_does_not_lead_has_no_part_in_leading(house, leader, role):
    guest = house.guest(leader, role)
    (member,) = [m for m in leader.get("/api/session").json()["members"] if m["name"] == "Mara"]
    wish = {"role": "facilitator", "sectors": None, "clearance": "RED", "hours": 1, "max_uses": 1}
    for answer in (
        guest.get("/api/session"),
        guest.post("/api/session", name="Mine"),
        guest.post("/api/session/end"),
        guest.post("/api/session/public", scenario=None),
        guest.post("/api/session/go", session=None),
        guest.post("/api/invitations", **wish),
        guest.delete(f"/api/members/{member['id']}"),
        guest.delete("/api/invitations/x"),
        guest.get("/api/audit.csv"),
        guest.get("/api/audit.json"),
    ):
        assert answer.status_code == 403, answer.request.url
    assert leader.me["session"]["ended"] is None
    assert len(leader.get("/api/session").json()["members"]) == 2


def test_nobody_gives_more_than_they_have(house, leader):
    helper = house.guest(leader, "facilitator", None, clearance="GREEN", name="Help")
    wish = {"role": "observer", "sectors": None, "hours": 1, "max_uses": 1}
    assert helper.post("/api/invitations", **wish, clearance="GREEN").status_code == 201
    answer = helper.post("/api/invitations", **wish, clearance="AMBER")
    assert (answer.status_code, "label above your own" in answer.text) == (409, True)
    unknown = {**wish, "role": "participant", "sectors": ["moon"], "clearance": "GREEN"}
    assert helper.post("/api/invitations", **unknown).status_code == 409
    nothing = {**wish, "role": "participant", "sectors": [], "clearance": "GREEN"}
    assert helper.post("/api/invitations", **nothing).status_code == 409


# ------------------------------------------------------------------ forged


@pytest.mark.parametrize(
    "more",
    [{"role": "facilitator"}, {"who": {"role": "facilitator"}}, {"author": "Mara"},
     {"sectors": None}, {"session": None}],
)  # fmt: skip
def test_a_forged_role_in_an_action_or_a_store_changes_nothing(house, leader, more):
    guest = house.guest(leader)
    scenario = guest.open()["scenario"]
    before = revision(leader)
    guest.act(scenario, **FAIL_GRID, **more)
    guest.act({**scenario, **more}, **FAIL_GRID)
    headers = {
        "x-role": "facilitator",
        "x-forwarded-user": "Mara",
        "authorization": "Basic TWFyYTo=",
    }
    body = guest.body("action.data", [{**FAIL_GRID, "base_rev": before}, scenario])
    guest.request("POST", UPDATE, json={**body, **more}, headers=headers)
    assert revision(leader) == before
    assert guest.me["role"] == "participant"


@pytest.mark.parametrize("body", [
    {"token": "x" * 43, "name": "Eve", "role": "facilitator"},
    {"token": ["x"] * 43, "name": "Eve"},
    {"token": "x" * 43, "name": {"$ne": 1}},
    {"token": "x" * 5_000, "name": "Eve"},
    {"called": "Eve"},
    [],
    None,
    7,
])  # fmt: skip
def test_a_forged_join_is_refused_in_words(house, leader, body):
    person = house.person()
    for path in ("/api/join", "/api/join/look", "/api/sign-in", "/api/session", "/api/invitations"):
        for who in (person, leader):
            answer = who.request("POST", path, content=json.dumps(body),
                                 headers={"content-type": "application/json"})  # fmt: skip
            assert 400 <= answer.status_code < 500, (path, answer.text)
            assert answer.json()["error"]
            assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "cookie", ["", "x", "x" * 43, "a" * 5_000, "%00", "é" * 43, '"; DROP TABLE']
)
def test_a_forged_cookie_is_nobodys(house, cookie):
    answer = house.person().get("/api/me", headers={"cookie": f"knockon={cookie}".encode()})
    assert answer.status_code == 401


# ------------------------------------------------------------------ other sessions' scenarios


def test_another_sessions_scenario_and_a_guessed_id_are_refused_alike(house, leader):
    ours = leader.act(shared_scenario(leader), do="fail", assets=["works"])["scenario"]
    other_leader = house.leader("Olga", session="Flood")
    theirs = other_leader.act(other_leader.open()["scenario"], **FAIL_GRID)["scenario"]
    guest = house.guest(leader)
    guessed = {**theirs, "id": "A" * len(theirs["id"])}
    alone = house.leader("Nils")  # an account in no session
    private = alone.act(None, **FAIL_GRID)["scenario"]

    def said(person, scenario):
        """Return all responses about a scenario, without its id."""
        answers = [
            person.outputs(person.call("location.search", f"?s={scenario['id']}")),
            person.outputs(
                person.call("action.data", {**FAIL_GRID, "base_rev": scenario["rev"]}, scenario)
            ),
            person.outputs(
                person.call("action.data", {"do": "undo", "base_rev": scenario["rev"]}, scenario)
            ),
            person.call("lists.data", scenario, into="happenings-list").json(),
            person.call("selection.data", {"assets": ["works"]}, scenario, {"t_ms": 0}).json(),
            *(
                person.post(
                    path, scenario=scenario["id"], rev=scenario["rev"], at_ms=0, **more
                ).text
                for path, more in (("/api/screenings", {}), ("/api/what-if", {"asset": "works"}))
            ),
            person.post(
                "/api/session", name="Mine", scenario=scenario["id"], rev=scenario["rev"]
            ).text,
        ]
        text_of = json.dumps(answers).replace(scenario["id"], "ID")
        return [part for part in text_of.split('"nonce": ') for part in [part.split("}", 1)[-1]]]

    for person in (guest, leader, alone):
        hidden = [theirs, private] if person is not alone else [ours, theirs]
        expected = said(person, guessed)
        assert "No scenario 'ID'" in "".join(expected)
        for hidden_scenario in hidden:
            assert said(person, hidden_scenario) == expected
    assert house.store.get(private["id"]).revision == private["rev"]
    assert other_leader.open()["scenario"]["rev"] == theirs["rev"]


def test_a_screening_is_seen_by_its_session_alone(house, leader):
    scenario = shared_scenario(leader)
    request = {"scenario": scenario["id"], "rev": scenario["rev"]}
    begun = leader.post("/api/screenings", **request).json()
    guest, stranger = house.guest(leader), house.leader("Olga", session="Flood")
    assert guest.get(f"/api/screenings/{begun['id']}").status_code == 200
    for method in ("GET", "DELETE"):
        answer = stranger.request(method, f"/api/screenings/{begun['id']}")
        never = stranger.request(method, "/api/screenings/never")
        assert (answer.status_code, answer.text) == (never.status_code, never.text)


def test_another_sessions_members_and_invitations_are_out_of_reach(house, leader):
    house.guest(leader)
    session = leader.get("/api/session").json()
    stranger = house.leader("Olga", session="Flood")
    for path in (f"/api/members/{session['members'][1]['id']}",
                 f"/api/invitations/{session['invitations'][0]['id']}"):  # fmt: skip
        answer, never = stranger.delete(path), stranger.delete("/api/members/never")
        assert (answer.status_code, answer.text) == (never.status_code, never.text)
    assert stranger.post("/api/session/go", session=leader.me["session"]["id"]).status_code == 409
    assert leader.get("/api/session").json() == session
    assert "Storm" not in stranger.get("/api/session").text
    assert "Jonas" not in stranger.get("/api/audit.json").text


def test_a_session_starts_with_a_copy_and_what_was_before_stays_private(house):
    leader = house.leader()
    before = leader.act(None, do="fail", assets=["clinic"])["scenario"]
    leader.act(before, do="undo")
    now = leader.act({**before, "rev": before["rev"] + 1}, **FAIL_GRID)["scenario"]
    made = leader.post("/api/session", name="Storm", scenario=now["id"], rev=now["rev"]).json()
    assert made["scenario"] != now["id"]
    copy = leader.open()["scenario"]
    assert (copy["id"], copy["rev"], copy["plain"]) == (made["scenario"], 1, now["plain"])
    assert leader.open(f"?s={now['id']}")["message"]["text"].startswith("No scenario")
    leader.post("/api/session/go", session=None)
    assert leader.open(f"?s={now['id']}")["scenario"]["rev"] == now["rev"]
