"""Sign in, start a session, invite, join, be removed: over HTTP."""

import pytest
from sqlalchemy import text

from data.store.access_rows import secret_hash
from tests.integration.people import PASSWORD, token
from tests.integration.sharing.helpers import (
    FAIL_GRID,
    leader_with,
    refused,
    revision,
    set_column,
    shared_scenario,
)

# ------------------------------------------------------------------ coming in


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
    said = {refused(house, item) for item in (used, over, taken_back, "x" * 43)}
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


# ------------------------------------------------------------------ being removed


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
