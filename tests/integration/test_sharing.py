"""Sign in, start a session, invite, join, change only one's own, be removed: over HTTP."""

import csv
import io
import json

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from api import limits
from data.store.sessions import secret_hash
from settings import Settings
from tests.integration.people import PASSWORD, SETTINGS, House, token
from tests.integration.test_app import UPDATE

FAIL_GRID = {"do": "fail", "assets": ["grid"], "at_h": 0}


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch):
    """Hash as ever, but with little work; ``test_accounts.py`` has the real thing."""
    monkeypatch.setattr("data.store.accounts._HASHER", PasswordHasher(time_cost=1, memory_cost=64))


@pytest.fixture
def house(tiny_world, tiny_scenario, tmp_path):
    house = House(tiny_world, f"sqlite:///{tmp_path / 'shared.db'}", tiny_scenario)
    yield house
    house.close()


@pytest.fixture
def leader(house):
    return house.leader(session="Storm")


def shared_scenario(leader):
    return leader.open()["scenario"]


def set_column(house, statement, **values):
    with house.database.writing() as db:
        db.execute(text(statement), values)


def revision(leader):
    return shared_scenario(leader)["rev"]


# ------------------------------------------------------------------- coming in


def test_who_is_not_signed_in_is_shown_where_to_and_gets_back(house):
    nobody = house.person()
    page = nobody.get("/?s=abc&t=3", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in?to=s%3Dabc%26t%3D3")
    assert nobody.get("/sign-in").status_code == 200
    assert nobody.get("/api/me").status_code == 401
    assert nobody.get("/healthz").json() == {"status": "ok"}


def test_an_account_signs_in_and_out(house):
    leader = house.leader()
    assert (leader.me["name"], leader.me["role"], leader.me["session"]) == (
        "Mara",
        "facilitator",
        None,
    )
    assert leader.get("/").status_code == 200
    kept = dict(leader.cookies)
    assert leader.post("/api/sign-out").status_code == 200
    assert dict(leader.cookies).keys() == {"knockon-device"}  # lets nobody in
    leader.cookies.update(kept)  # somebody held on to it
    assert leader.get("/api/me").status_code == 401


@pytest.mark.parametrize("name", ["Mara", "Nobody", "", "' OR 1=1 --", "x" * 120])
def test_a_wrong_name_and_a_wrong_password_are_answered_alike(house, name):
    house.accounts.add("Mara", PASSWORD, by="test")
    person = house.person()
    answer = person.post("/api/sign-in", name=name or " ", password="wrong password")  # noqa: S106
    assert answer.status_code == 403
    assert "Wrong name or password" in answer.json()["error"]
    assert "set-cookie" not in answer.headers


def test_a_disabled_account_is_out_with_the_next_request(house, leader):
    house.accounts.disable("Mara", by="test")
    assert leader.get("/api/me").status_code == 401
    again = house.person().post("/api/sign-in", name="Mara", password=PASSWORD)
    assert again.status_code == 403


def test_signing_in_gives_a_new_cookie_each_time(house):
    person = house.leader()
    first = dict(person.cookies)
    person.post("/api/sign-in", name="Mara", password=PASSWORD)
    assert dict(person.cookies) != first
    assert leader_with(house, first).get("/api/me").status_code == 401


def leader_with(house, cookies):
    person = house.person()
    person.cookies.update(cookies)
    return person


def test_what_a_person_was_told_is_kept_by_nobody(leader):
    scenario = shared_scenario(leader)
    for answer in (
        leader.get("/"),
        leader.get("/_dash-layout"),
        leader.call("lists.data", scenario),
        leader.get("/api/me"),
        leader.get("/api/session"),
        leader.get("/api/audit.csv"),
    ):
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store", answer.request.url


def test_an_invitation_lets_in_and_says_before_into_what(house, leader):
    secret = token(leader)
    guest = house.person()
    invitation = guest.post("/api/join/look", token=secret).json()
    assert invitation == {"session": "Storm", "role": "participant", "sectors": ["Water"]}
    assert guest.post("/api/join", token=secret, name="Jonas").status_code == 200
    me = guest.me
    assert (me["name"], me["role"], me["sectors"]) == ("Jonas", "participant", ["water"])
    assert (me["clearance"], me["session"]["name"]) == ("AMBER", "Storm")
    assert guest.open()["scenario"]["id"] == shared_scenario(leader)["id"]


def test_the_secret_of_an_invitation_is_in_no_answer_log_or_table(house, leader, caplog):
    secret = token(leader)
    guest = house.person()
    seen = [guest.get("/join").text, guest.post("/api/join/look", token=secret).text]
    seen.append(guest.post("/api/join", token=secret, name="Jonas").text)
    seen += [leader.get("/api/session").text, leader.get("/api/audit.json").text, caplog.text]
    with house.database.reading() as db:
        for table in ("invitation", "member", "login", "audit"):
            seen.append(str(db.execute(text(f"SELECT * FROM {table}")).all()))  # noqa: S608
    assert not [part for part in seen if secret in part]
    cookie = next(iter(dict(guest.cookies).values()))
    assert not [part for part in seen if cookie in part]


def test_the_link_keeps_its_secret_behind_the_hash(leader):
    wish = {"role": "observer", "sectors": None, "clearance": "GREEN"}
    made = leader.post("/api/invitations", **wish, hours=1, max_uses=1).json()
    assert made["link"].startswith("http://127.0.0.1:8050/join#")
    assert made["qr"].startswith("data:image/svg+xml")


def refused(house, secret):
    person = house.person()
    looked = person.post("/api/join/look", token=secret)
    joined = person.post("/api/join", token=secret, name="Eve")
    assert looked.status_code == joined.status_code == 409
    assert not dict(person.cookies)
    return joined.json()["error"]


def test_every_invitation_that_cannot_be_used_is_refused_alike(house, leader):
    used = token(leader, max_uses=1)
    house.person().post("/api/join", token=used, name="First")
    over = token(leader)
    set_column(
        house,
        "UPDATE invitation SET expires = '2020-01-01T00:00:00' WHERE token_hash = :h",
        h=secret_hash(over),
    )
    taken_back = token(leader)
    newest = leader.get("/api/session").json()["invitations"][0]["id"]
    leader.delete(f"/api/invitations/{newest}")
    said = {refused(house, one) for one in (used, over, taken_back, "x" * 43)}
    assert len(said) == 1
    ended = token(leader)
    leader.post("/api/session/end")
    assert refused(house, ended) in said


def test_one_use_is_one_person_even_at_once(house, leader):
    from concurrent.futures import ThreadPoolExecutor

    secret = token(leader, max_uses=3)

    def join(n):
        try:
            house.sessions.join(secret, f"P{n}")
        except Exception as error:
            return type(error).__name__
        return "in"

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(join, range(8)))
    assert sorted(answers) == ["NoEntryError"] * 5 + ["in"] * 3


# -------------------------------------------------------------- being removed


def test_who_is_put_out_is_nobody_from_the_next_request_on(house, leader):
    guest, other = house.guest(leader), house.guest(leader, name="Ida")
    (member,) = [m for m in leader.get("/api/session").json()["members"] if m["name"] == "Jonas"]
    before = revision(leader)
    scenario = guest.open()["scenario"]
    assert leader.delete(f"/api/members/{member['id']}").status_code == 200
    assert guest.get("/api/me").status_code == 401
    action = {"do": "fail", "assets": ["works"], "base_rev": scenario["rev"]}
    assert guest.call("action.data", action, scenario).status_code == 401
    assert revision(leader) == before
    assert other.get("/api/me").status_code == 200


def test_taking_an_invitation_back_puts_out_who_came_by_it(house, leader):
    guest = house.guest(leader)
    (invitation,) = leader.get("/api/session").json()["invitations"]
    leader.delete(f"/api/invitations/{invitation['id']}")
    assert guest.get("/api/me").status_code == 401
    assert leader.get("/api/me").status_code == 200


def test_the_end_of_a_session_puts_out_all_but_who_led_it_who_may_look(house, leader):
    guest, helper = house.guest(leader), house.guest(leader, "facilitator", None, name="Help")
    session = leader.me["session"]["id"]
    scenario = shared_scenario(leader)
    assert helper.post("/api/session/end").status_code == 200
    assert guest.get("/api/me").status_code == helper.get("/api/me").status_code == 401
    assert leader.me["role"] == "observer"
    assert leader.open()["scenario"]["id"] == scenario["id"]
    answer = leader.act(scenario, **FAIL_GRID)
    assert "You are an observer" in answer["message"]["text"]
    assert house.store.within(session).get(scenario["id"]).revision == scenario["rev"]
    assert leader.post("/api/session/go", session=None).status_code == 200
    assert (leader.me["role"], leader.me["session"]) == ("facilitator", None)


@pytest.mark.parametrize("column", ["expires", "revoked"])
def test_a_sign_in_that_is_over_is_nobodys(house, column):
    leader = house.leader()
    set_column(house, f"UPDATE login SET {column} = '2020-01-01T00:00:00+00:00'")  # noqa: S608
    assert leader.get("/api/me").status_code == 401


def test_being_there_keeps_one_signed_in_but_not_for_ever(house):
    leader = house.leader()

    def expires():
        with house.database.reading() as db:
            return db.execute(text("SELECT expires FROM login")).scalar_one()

    first = expires()
    set_column(house, "UPDATE login SET last_seen = '2026-01-01T00:00:00+00:00'")
    assert leader.get("/api/me").status_code == 200
    assert expires() > first
    old = "2020-01-01T00:00:00.000000+00:00"
    set_column(house, f"UPDATE login SET created = '{old}', last_seen = '{old}'")  # noqa: S608
    leader.get("/api/me")
    assert leader.get("/api/me").status_code == 401


# ------------------------------------------------------------- one's own things


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


# ---------------------------------------------------------------------- forged


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


# ------------------------------------------------------- other sessions' scenarios


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


# --------------------------------------------------------------- cookies, forgery


def test_the_cookie_is_for_our_pages_alone(house, leader):
    answer = house.person().post("/api/join", token=token(leader), name="Jonas")
    flags = answer.headers["set-cookie"].lower().replace(" ", "").split(";")
    assert {"httponly", "samesite=lax", "path=/", "max-age=604800"} <= set(flags)
    assert not any(flag.startswith("domain") for flag in flags)


def test_behind_https_the_cookie_is_secure_and_for_this_host_alone(tiny_world, tmp_path):
    settings = Settings(workers=0, sign_in=True, public_url="https://map.example")
    house = House(tiny_world, f"sqlite:///{tmp_path / 'shared.db'}", settings=settings)
    house.accounts.add("Mara", PASSWORD, by="test")
    person = house.person("https://map.example")
    answer = person.post("/api/sign-in", name="Mara", password=PASSWORD)
    assert answer.headers["set-cookie"].startswith("__Host-knockon=")
    assert "; Secure" in answer.headers["set-cookie"]
    assert "max-age=" in answer.headers["strict-transport-security"]
    assert person.post("/api/session", name="Storm").status_code == 201
    wish = {"role": "observer", "sectors": None, "clearance": "GREEN"}
    made = person.post("/api/invitations", **wish, hours=1, max_uses=1).json()
    assert made["link"].startswith("https://map.example/join#")
    assert house.person("https://evil.example").get("/sign-in").status_code == 421
    house.close()


FOREIGN = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "http://evil.example"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1:9999"},
    {"origin": "http://127.0.0.1:8050.evil.example"},
    {"origin": "http://evil.example", "sec-fetch-site": "same-origin"},
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_page_from_elsewhere_cannot_act_for_who_is_signed_in(house, leader, headers):
    scenario = shared_scenario(leader)
    body = leader.body("action.data", [{**FAIL_GRID, "base_rev": scenario["rev"]}, scenario])
    for method, path, more in (
        ("POST", UPDATE, {"json": body}),
        ("POST", "/api/session/end", {"json": {}}),
        ("POST", "/api/sign-out", {"json": {}}),
        ("POST", "/api/sign-in", {"json": {"name": "Mara", "password": PASSWORD}}),
        ("DELETE", "/api/members/x", {}),
        ("PUT", "/api/session", {"json": {}}),
    ):
        answer = leader.request(method, path, headers=headers, **more)
        assert answer.status_code == 403, (path, answer.status_code)
    assert leader.me["session"]["ended"] is None
    assert revision(leader) == scenario["rev"]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_what_a_form_of_another_site_can_send_is_refused(house, leader, kind):
    headers = {"content-type": kind} if kind else {}
    for path in (UPDATE, "/api/session/end", "/api/sign-out", "/api/invitations"):
        answer = leader.request("POST", path, content=b"{}", headers=headers)
        assert answer.status_code == 415, path
    assert leader.me["session"]["ended"] is None


def test_our_own_pages_may_act(leader):
    headers = {"origin": "http://127.0.0.1:8050", "sec-fetch-site": "same-origin"}
    answer = leader.request("POST", "/api/session/end", json={}, headers=headers)
    assert answer.status_code == 200


# ----------------------------------------------------------------------- limits


@pytest.fixture
def _time_stands_still(monkeypatch):
    """Buckets get no new tokens, however slow this machine is."""

    class Still(limits.Buckets):
        def __init__(self, per_second, burst):
            super().__init__(per_second, burst, clock=lambda: 0.0)

    monkeypatch.setattr("api.limits.Buckets", Still)
    monkeypatch.setattr("api.sharing.Buckets", Still)


@pytest.mark.usefixtures("_time_stands_still")
def test_passwords_are_tried_a_few_times_then_no_more(house):
    house.accounts.add("Mara", PASSWORD, by="test")
    person = house.person()
    answers = [
        person.post("/api/sign-in", name="Mara", password="wrong password").status_code  # noqa: S106
        for _ in range(12)
    ]
    assert answers == [403] * 10 + [429] * 2
    right = person.post("/api/sign-in", name="Mara", password=PASSWORD)
    assert right.status_code == 429
    assert int(right.headers["retry-after"]) >= 1


def guess(person, name="Mara"):
    return person.post("/api/sign-in", name=name, password="wrong password")  # noqa: S106


@pytest.mark.usefixtures("_time_stands_still")
@pytest.mark.parametrize("name", ["Mara", "no such name"])
def test_tries_are_counted_by_the_account_whatever_is_typed(house, monkeypatch, name):
    house.accounts.add("Mara", PASSWORD, by="test")
    monkeypatch.setattr(limits.Buckets, "wait_s", lambda *_: 0.0)
    person = house.person()
    spellings = [name, f" {name}", f"{name}\n", f"{name}\u0000", f"{name}{' ' * 60}x"] * 3
    assert [guess(person, typed).status_code for typed in spellings] == [403] * 10 + [429] * 5


@pytest.mark.usefixtures("_time_stands_still")
def test_nobody_locks_an_owner_out_from_elsewhere_or_from_the_same_address(house):
    owner, here, elsewhere = house.leader(), house.person(), house.person()
    owner.post("/api/sign-out")
    here.address = elsewhere.address = "192.0.2.7"
    here.address = owner.address
    for other in (here, elsewhere):
        while guess(other).status_code != 429:
            pass
    fresh = house.person()
    fresh.address = "2001:db8::1"
    for person in (fresh, owner):  # the owner's browser is known from before
        assert person.post("/api/sign-in", name="Mara", password=PASSWORD).status_code == 200


@pytest.mark.usefixtures("_time_stands_still")
def test_a_known_browser_is_known_for_its_account_and_password_alone(house):
    owner = house.leader()
    house.accounts.add("Jo", PASSWORD, by="test")
    owner.address = "192.0.2.9"
    while guess(house.person()).status_code != 429:
        pass
    owner.address = "127.0.0.1"
    assert guess(owner, "Jo").status_code == 429
    assert guess(owner).status_code == 403
    house.accounts.set_password("Mara", PASSWORD + " anew", by="test")
    assert guess(owner).status_code == 429


@pytest.mark.usefixtures("_time_stands_still")
def test_one_persons_flood_of_requests_is_refused_and_others_go_on(house, leader):
    guest = house.guest(leader)
    statuses = [guest.post("/api/what-if").status_code for _ in range(201)]
    assert statuses == [400] * 200 + [429]
    assert leader.post("/api/what-if").status_code == 400


# -------------------------------------------------------- rights end with their root


def member(leader, name):
    (member,) = [m for m in leader.get("/api/session").json()["members"] if m["name"] == name]
    return member


@pytest.fixture
def line_of_guests(house, leader):
    """Mara let in Gil, who leads too; Gil let in Ina; she leads too, and let in Jo."""
    gil = house.guest(leader, "facilitator", None, "Gil", clearance="AMBER")
    ina = house.guest(gil, "facilitator", None, "Ina", clearance="AMBER")
    return gil, ina, house.guest(ina, name="Jo")


def test_the_overview_tells_who_let_in_whom(leader, line_of_guests):
    members = leader.get("/api/session").json()["members"]
    names = {one["id"]: one["name"] for one in members}
    hosts = {one["name"]: names.get(one["host"]) for one in members}
    assert hosts == {"Mara": None, "Gil": "Mara", "Ina": "Gil", "Jo": "Ina"}
    invitations = leader.get("/api/session").json()["invitations"]
    assert sorted(one["host"] for one in invitations) == ["Gil", "Ina", "Mara"]


@pytest.mark.parametrize("by_link", [False, True])
def test_who_goes_takes_along_every_link_and_place_that_came_from_them(
    house, leader, line_of_guests, by_link
):
    gil, ina, jo = line_of_guests
    open_link = token(ina)
    stays = house.guest(leader, name="Ida")
    (link,) = [
        one["id"]
        for one in leader.get("/api/session").json()["invitations"]
        if one["host"] == "Mara" and one["role"] == "facilitator"
    ]
    where = f"/api/invitations/{link}" if by_link else f"/api/members/{member(leader, 'Gil')['id']}"
    assert leader.delete(where).status_code == 200
    for person in (gil, ina, jo):
        assert person.get("/api/me").status_code == 401
    assert stays.me["name"] == "Ida"
    late = house.person().post("/api/join", token=open_link, name="Late")
    assert late.status_code == 409
    left = [one for one in leader.get("/api/session").json()["invitations"] if one["open"]]
    assert {one["host"] for one in left} == {"Mara"}


def test_nobody_puts_out_who_started_the_session_or_let_them_in(house, leader, line_of_guests):
    gil, ina, _ = line_of_guests
    mara, above = member(leader, "Mara")["id"], member(leader, "Gil")["id"]
    other = house.guest(leader, "facilitator", None, "Eva", clearance="AMBER")
    for person, name in ((gil, mara), (ina, mara), (other, mara), (ina, above)):
        assert person.delete(f"/api/members/{name}").status_code == 403
    assert leader.me["role"] == gil.me["role"] == "facilitator"
    assert other.delete(f"/api/members/{above}").status_code == 200


def test_a_link_that_was_being_made_by_who_was_put_out_lets_nobody_in(house, leader):
    gil = house.guest(leader, "facilitator", None, "Gil", clearance="AMBER")
    late = token(gil)
    leader.delete(f"/api/members/{member(leader, 'Gil')['id']}")
    set_column(house, "UPDATE invitation SET revoked = NULL")  # as if it had come a moment later
    assert house.person().post("/api/join", token=late, name="Late").status_code == 409


def test_a_changed_password_and_a_disabled_account_end_older_cookies(house, leader):
    again = house.leader()
    house.accounts.set_password("Mara", PASSWORD + " anew", by="test")
    assert [one.get("/api/me").status_code for one in (leader, again)] == [401, 401]
    new = house.person()
    answer = new.post("/api/sign-in", name="Mara", password=PASSWORD + " anew")
    assert answer.status_code == 200
    house.accounts.disable("Mara", by="test")
    house.accounts.disable("Mara", by="test", again=True)
    assert new.get("/api/me").status_code == 401


# -------------------------------------------------------------------- audit log


def test_the_audit_log_tells_who_did_what_and_keeps_no_secret(house, leader):
    guest = house.guest(leader)
    scenario = guest.open()["scenario"]
    guest.act(scenario, do="fail", assets=["works"])
    (member,) = [m for m in leader.get("/api/session").json()["members"] if m["name"] == "Jonas"]
    request = {"scenario": scenario["id"], "rev": scenario["rev"], "at_ms": 0, "kind": "csv"}
    assert leader.post("/api/files", **request, label="TLP:RED").status_code == 200
    leader.delete(f"/api/members/{member['id']}")
    lines = leader.get("/api/audit.json").json()["audit"]
    acts = [(line["who"].split(" (")[0], line["what"]) for line in lines]
    for act in (("Mara", "started the session"), ("Mara", "made an invitation"),
                ("Jonas", "joined"), ("Jonas", "scenario changed"), ("Mara", "took a file"),
                ("Mara", "put out")):  # fmt: skip
        assert act in acts
    assert [line["number"] for line in lines] == list(range(1, len(lines) + 1))
    assert sorted(line["made_at"] for line in lines) == [line["made_at"] for line in lines]
    table = list(csv.DictReader(io.StringIO(leader.get("/api/audit.csv").text)))
    assert [row["what"] for row in table][: len(lines)] == [line["what"] for line in lines]
    assert table[-1]["what"] == "took the audit log"  # that the first was taken is in the second


def test_a_name_is_no_formula_in_the_exported_table(house, leader):
    house.guest(leader, name="=HYPERLINK(1)")
    cells = [row["who"] for row in csv.DictReader(io.StringIO(leader.get("/api/audit.csv").text))]
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)
    assert not any(cell.startswith("=") for cell in cells)


def test_refused_passwords_are_in_the_log_but_not_what_was_typed(house):
    house.accounts.add("Mara", PASSWORD, by="test")
    for name in ("Mara", "typed my password here"):
        house.person().post("/api/sign-in", name=name, password="secret password 1")  # noqa: S106
    lines = [line for line in house.sessions.audit() if line.what == "was not let in"]
    assert [line.who for line in lines] == ["Mara", "somebody"]
    assert "typed" not in str(lines)
    assert "secret" not in str(lines)


# ------------------------------------------------------------- without sign-in


def test_alone_nobody_signs_in_and_there_is_nothing_to_sign_in_to(tiny_world, tmp_path):
    url = f"sqlite:///{tmp_path / 'alone.db'}"
    house = House(tiny_world, url, settings=Settings(workers=0))
    person = house.person()
    me = person.me
    assert (me["sign_in"], me["leads"], me["session"]) == (False, True, None)
    assert person.get("/sign-in").status_code == person.get("/join").status_code == 404
    assert person.get("/api/session").status_code == 404
    assert person.post("/api/sign-in", name="a", password="b").status_code in (404, 405)  # noqa: S106
    assert person.act(None, **FAIL_GRID)["scenario"]["rev"] == 2
    house.close()


def test_the_settings_of_these_tests_are_those_of_a_server():
    assert SETTINGS.sign_in
