"""Cookies, pages from elsewhere, limits, and the same without sign-in."""

import pytest

from api import limits
from settings import Settings
from tests.integration.people import PASSWORD, SETTINGS, House, token
from tests.integration.sharing.helpers import FAIL_GRID, guess, revision, shared_scenario
from tests.integration.test_app import UPDATE

# ------------------------------------------------------------------ cookies, forgery


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


# ------------------------------------------------------------------ limits


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
    # a known browser counts by itself: guesses from its address leave it all its own
    assert [guess(owner).status_code for _ in range(5)] == [403] * 5
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


# ------------------------------------------------------------------ without sign-in


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
