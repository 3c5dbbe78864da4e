"""Every callback and every route refuses unauthenticated requests, and nothing changes.

The few that answer them are in a short list, which is reviewed with every change.
"""

import re

import pytest
from starlette.routing import Mount

from api.door import OPEN, PUBLIC, STATIC
from data.store.scenarios import Store
from models.access import NOBODY, NotAllowedError, Who, as_asked_by, asking
from tests.integration.people import House
from tests.integration.test_app import UPDATE
from usecases.desk import Desk
from usecases.seat import take_seat

#: what answers people who are not signed in, and why it may
REVIEWED = {
    "/healthz": "says only that we are well",
    "/sign-in": "the page where people sign in; holds nothing of a world",
    "/join": "the page where people join; holds nothing of a session",
    "/api/sign-in": "takes a name and a password",
    "/api/join": "takes an invitation",
    "/api/join/look": "tells who has an invitation what it lets into",
    "/sign-in/organisation": "sends a browser to the organisation's sign-in",
    "/sign-in/organisation/back": "takes what the organisation says",
}
#: scripts, styles and libraries, the same for everybody everywhere
REVIEWED_PUBLIC = "/public/"  # the safe public map, of sessions that published theirs alone
REVIEWED_STATIC = (
    "/assets/",
    "/page/",
    "/_dash-component-suites/",
    "/vendor/",
    "/words/",
    "/_favicon.ico",
)


@pytest.fixture
def house(tiny_world, tiny_scenario, tmp_path):
    house = House(tiny_world, f"sqlite:///{tmp_path / 'shared.db'}", tiny_scenario)
    yield house
    house.close()


def everything(house):
    """Return all that is kept, to see that nothing of it changed."""
    with house.database.reading() as db:
        tables = db.connection().exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        )
        return {
            name: db.connection().exec_driver_sql(f"SELECT * FROM {name}").all()  # noqa: S608
            for (name,) in tables
        }


def routes(house):
    for route in house.app.server.routes:
        path = re.sub(r"\{[^}]*\}", "x", route.path)
        if isinstance(route, Mount):
            yield "GET", path + "/"
            continue
        for method in sorted(route.methods):
            yield method, path


def test_what_is_open_is_what_was_reviewed():
    assert set(OPEN) == set(REVIEWED)
    assert STATIC == REVIEWED_STATIC
    assert PUBLIC == REVIEWED_PUBLIC


def test_where_no_map_was_published_the_public_routes_say_only_that(house):
    nobody, before = house.person(), everything(house)
    walked = [(method, path) for method, path in routes(house) if path.startswith(PUBLIC)]
    assert {method for method, _ in walked} <= {"GET", "HEAD"}
    assert len(walked) >= 3
    for method, path in walked:
        answer = nobody.request(method, path)
        assert answer.status_code == 404, path
        assert "There is no public map here" in answer.text
        assert house.app_world.title not in answer.text
    assert everything(house) == before


def test_every_route_refuses_who_is_not_signed_in(house):
    nobody, before = house.person(), everything(house)
    walked = [
        (method, path)
        for method, path in routes(house)
        if path not in REVIEWED and not path.startswith((*REVIEWED_STATIC, PUBLIC))
    ]
    assert len(walked) > 20
    for method, path in walked:
        answer = nobody.request(method, path, **({"json": {}} if method != "GET" else {}))
        assert answer.status_code == 401, (method, path, answer.status_code)
        assert answer.json()["error"].startswith("Please sign in")
    assert everything(house) == before


def test_every_route_withstands_who_is_signed_in_and_sends_nothing_sensible(house):
    leader = house.leader(session="Storm")
    for method, path in routes(house):
        if path in ("/api/sign-out", "/api/session/end"):
            continue  # these are meant so
        for body in ({}, {"x": 1}, [], "x"):
            answer = leader.request(method, path, **({"json": body} if method != "GET" else {}))
            assert answer.status_code < 500, (method, path, body)
            assert "Traceback" not in answer.text


@pytest.mark.parametrize("cookie", [None, "knockon=" + "x" * 43])
def test_every_callback_refuses_who_is_not_signed_in(house, cookie):
    scenario = house.store.create("tiny", "", {"world": "tiny", "events": []})
    nobody, before = house.person(), everything(house)
    headers = {"cookie": cookie} if cookie else {}
    on_server = [callback for callback in house.app.callback_map.values() if "callback" in callback]
    assert len(on_server) >= 7
    for name, callback in house.app.callback_map.items():
        if "callback" not in callback:
            continue
        body = call(name, callback, {"id": scenario.id, "rev": 1, "do": "fail", "assets": ["grid"]})
        answer = nobody.request("POST", UPDATE, json=body, headers=headers)
        assert answer.status_code == 401, name
    assert everything(house) == before


def call(name, callback, value):
    """A well-formed call of a callback in which every input and state is ``value``."""
    outputs = callback["output"] if isinstance(callback["output"], list) else [callback["output"]]
    targets = [
        {"id": o.component_id, "property": o.component_property.split("@")[0]} for o in outputs
    ]
    first = callback["inputs"][0]
    return {
        "output": name,
        "outputs": targets if name.startswith("..") else targets[0],
        "inputs": [{**input_, "value": value} for input_ in callback["inputs"]],
        "state": [{**input_, "value": value} for input_ in callback["state"]],
        "changedPropIds": [f"{first['id']}.{first['property']}"],
    }


@pytest.mark.parametrize("who", [NOBODY, Who("x", "X", "public", frozenset(), "CLEAR", "s")])
def test_behind_the_gate_every_callback_and_route_asks_for_a_seat_itself(house, who, monkeypatch):
    """The inner of two doors: who got past the gate, by whatever fault, still gets nothing."""
    seats = []

    def counted():
        seats.append(1)
        return asking()

    monkeypatch.setattr("usecases.seat.asking", counted)  # as take_seat knows it
    monkeypatch.setattr("api.door.is_open", lambda _: True)

    async def identified(*_):
        return who

    monkeypatch.setattr("usecases.sharing.Sharing.identify", identified)
    house = House(house.app_world, house.settings.database_url)
    nobody, before = house.person(), everything(house)
    for name, callback in house.app.callback_map.items():
        if "callback" not in callback:
            continue
        seats.clear()
        body = call(name, callback, {"id": "abc", "rev": 1, "do": "fail", "assets": ["grid"]})
        answer = nobody.request("POST", UPDATE, json=body)
        assert seats, f"{name} asks for no seat"
        assert answer.status_code == 200
        assert "Please sign in" in answer.text, name
    assert everything(house) == before
    with as_asked_by(who), pytest.raises(NotAllowedError):
        take_seat(Desk.__new__(Desk))


def test_a_store_of_another_session_has_nothing_of_ours(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'x.db'}")
    made = store.create("w", "", {})
    assert [head.id for head in store.recent()] == [made.id]
    assert store.within("other").recent() == []
    store.close()


def test_a_public_map_is_there_once_it_is_published_and_not_longer(house):
    leader, nobody = house.leader(session="Storm"), house.person()
    session = leader.me["session"]["id"]
    scenario = leader.open()["scenario"]["id"]
    hidden = [nobody.get(f"/public/{name}/map.json") for name in (session, scenario, "guessed")]
    assert {(item.status_code, item.text) for item in hidden} == {(404, hidden[0].text)}
    assert leader.post("/api/session/public", scenario=scenario).status_code == 200
    assert nobody.get(f"/public/{session}").status_code == 200
    assert nobody.get(f"/public/{session}/map.json").status_code == 200
    assert nobody.get(f"/public/{scenario}/map.json").status_code == 404
    leader.post("/api/session/public", scenario=None)
    assert nobody.get(f"/public/{session}/map.json").status_code == 404
    leader.post("/api/session/public", scenario=scenario)
    leader.post("/api/session/end")
    assert nobody.get(f"/public/{session}/map.json").status_code == 404
