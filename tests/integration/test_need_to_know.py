"""Every byte that the server sends to users with restricted clearance is searched."""

import itertools
import json
import re
from dataclasses import replace

import pytest

from api import door
from app import create_app
from data.documents.scenarios import parse_scenario
from data.store.scenarios import Store
from layouts import ids
from layouts.feed.picture import unpacked
from models.access import LOCAL_USER, Who
from models.rights.views import view
from settings import Settings
from tests.integration.people import House
from tests.integration.test_app import Page
from tests.labelled import labelled_world, leaks
from usecases.ports import ReadyScenario

EVENTS = [
    {"at_h": 0, "do": "fail", "asset": "orange", "note": "at Command bunker Orange"},
    {"at_h": 1, "do": "fail", "asset": "grid", "note": "seen from command bunker orange"},
    {"at_h": 1, "do": "fail", "link": "secret-line"},
    {"at_h": 2, "do": "supply", "asset": "orange", "service": "electricity", "until_h": 9},
]
MEASURES = [
    {"do": "add_autonomy", "asset": "orange", "service": "electricity", "hours": 3.0},
    {"do": "add_autonomy", "asset": "works", "service": "electricity", "hours": 1.0},
]
SECRET = {
    "world": "town",
    "title": "Attack on Fuel store Kilo",
    "seed": 1,
    "horizon_h": 48,
    "repairs": "none",
    "events": EVENTS,
    "measures": MEASURES,
}
OPEN = {**SECRET, "title": "Substation", "events": EVENTS[1:2], "measures": []}
OPEN["events"] = [{"at_h": 1, "do": "fail", "asset": "grid"}]
READER = Who("reader", "Reader", "observer", frozenset(), "CLEAR")
EDITOR = replace(READER, role="participant", sectors=None)


class Watched(Page):
    """A page that keeps every byte it was sent, with what it had asked."""

    def __init__(self, app):
        super().__init__(app)
        self.bodies = []

    def request(self, method, path, **more):
        answer = super().request(method, path, **more)
        head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        asked = json.dumps(more.get("json", ""))[:300]
        self.bodies.append((f"{method} {path} {asked}", head.encode() + b"\n" + answer.content))
        return answer


@pytest.fixture
def town(tmp_path):
    return labelled_world(tmp_path / "town")


@pytest.fixture
def store(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'test.db'}")
    yield store
    store.close()


@pytest.fixture
def page(town, store):
    ready = {"secret": ReadyScenario("secret", SECRET), "open": ReadyScenario("open", OPEN)}
    base = {"water": b'{"type":"FeatureCollection","features":[]}'}
    settings = Settings(workers=0)
    return Watched(create_app(town, store, settings, parse=parse_scenario, ready=ready, base=base))


@pytest.fixture
def asked_by(monkeypatch):
    """Say who makes all requests from here on."""
    return lambda who: monkeypatch.setattr(door, "LOCAL_USER", who)


@pytest.fixture
def secret(page, store, asked_by):
    """A scenario that a facilitator made with everything hidden in it, changed and undone."""
    asked_by(LOCAL_USER)
    scenario = page.act(None, do="open_ready", name="secret")["scenario"]
    scenario = page.act(scenario, do="fail", assets=["kilo"], at_h=3)["scenario"]
    scenario = page.act(scenario, do="undo")["scenario"]
    assert leaks(page.bodies, view_world(page), "CLEAR"), "the whole picture tells what is hidden"
    page.bodies.clear()
    return scenario


def view_world(page):
    return page.town


@pytest.fixture(autouse=True)
def _town(page, town):
    page.town = town


def _is_clean(page, clearance="CLEAR"):
    """What was sent repeats what was asked in a few errors: the guesser knew that already."""
    lines = leaks(page.bodies, page.town, clearance)
    return lines == [], lines


def walk(page, scenario):
    """Call every callback with what a page sends, and with what it should not."""
    scenarios = [scenario, {**scenario, "rev": 1}, {**scenario, "rev": 999}, None]
    values = {
        f"{ids.SCENARIO}.data": scenarios,
        f"{ids.SELECTION}.data": [{"assets": [a]} for a in page.town.assets],
        f"{ids.CLOCK}.data": [{"t_ms": t} for t in (0, 5_400_000, 40 * 3_600_000)],
        f"{ids.GRAPH_MODE}.data": ["neighbourhood", "affected", "sectors"],
        f"{ids.GRAPH_STEPS}.data": [1, 6],
        f"{ids.LOCATION}.search": [f"?s={scenario['id']}", "?s=nowhere", "", f"?s={'x' * 70}"],
        f"{ids.WHY_SAVED}.data-asked": ["abcdefghijkl:1", None],
    }
    walked = 0
    for name, known in page.app.callback_map.items():
        if "callback" not in known or ids.ACTION in str(known["inputs"]):
            continue
        parts = [*known["inputs"], *known["state"]]
        choices = [values.get(f"{p['id']}.{p['property']}", [None, "x"]) for p in parts]
        for chosen in itertools.islice(itertools.product(*choices), 120):
            told_values = iter(chosen)
            outputs = known["output"] if isinstance(known["output"], list) else [known["output"]]
            to = [
                {"id": o.component_id, "property": o.component_property.split("@")[0]}
                for o in outputs
            ]
            body = {
                "output": name,
                "outputs": to if name.startswith("..") else to[0],
                "inputs": [{**input_, "value": next(told_values)} for input_ in known["inputs"]],
                "state": [{**input_, "value": next(told_values)} for input_ in known["state"]],
                "changedPropIds": [f"{parts[0]['id']}.{parts[0]['property']}"],
            }
            answer = page.request("POST", "/_dash-update-component", json=body)
            assert answer.status_code in (200, 204), (name, chosen, answer.text)
            walked += 1
    return walked


def test_every_callback_and_route_tells_a_reader_nothing_hidden(page, secret, asked_by, store):
    asked_by(READER)
    page.get("/")
    layout = json.dumps(page.get("/_dash-layout").json())
    page.get("/_dash-dependencies")
    page.get("/healthz")
    features = "/api/worlds/" + layout.split("/api/worlds/")[1].split('"')[0]
    drawn = page.get(features)
    assert drawn.headers["cache-control"].startswith("private")
    assert "Cookie" in drawn.headers["vary"]
    page.get("/api/worlds/town/features.json")
    page.get("/api/worlds/other/features.json")
    page.get("/api/worlds/town/base/water.geojson")
    assert walk(page, secret) > 100
    screened(page, secret)
    assert every_route(page, secret) > 15
    clean, found = _is_clean(page)
    assert clean, found


def test_the_live_view_tells_a_reader_nothing_hidden(page, secret, asked_by):
    kilo = page.town.assets["kilo"]
    address = f"/api/scenarios/{secret['id']}/"
    asked_by(LOCAL_USER)
    state = {"t_ms": 7, "playing": False, "speed": 2, "view": "map"}
    state |= {"selection": ["kilo", "grid"], "at": [kilo.lon, kilo.lat, 17]}
    lead = {"scenario": secret["id"], "page": "leadslead", "state": state}
    assert page.request("POST", "/api/lead", json=lead).status_code == 200
    page.bodies.clear()

    asked_by(READER)
    for rev in range(secret["rev"] + 1):
        news = page.get(f"{address}news?rev={rev}&v=readerreader")
        assert news.status_code == 200
    assert news.json()["lead"]["selection"] == ["grid"]
    assert page.get(address + "log").json()["lines"]
    assert page.request("POST", "/api/lead", json=lead).status_code == 403
    here = {"scenario": secret["id"], "page": "readerreader"}
    assert page.request("POST", "/api/presence", json=here).status_code == 200
    clean, found = _is_clean(page)
    assert clean, found


def every_route(page, secret, but=()):
    """Ask every route there is, those of days to come too, as well as can be without knowing it."""
    shown = {"scenario": secret["id"], "rev": secret["rev"], "at_ms": 0}
    fill = {"asked": "town", "name": secret["id"], "layer": "water", "form": "json"}
    bodies = (
        shown,
        shown | {"keys": ["now", "nothing"]},
        shown | {"keys": [f"option:{secret['id']}", "nothing"]},
        *(shown | {"kind": kind, "label": "TLP:CLEAR"} for kind in ("html", "geojson", "mail")),
    )
    asked = 0
    for route in page.app.server.routes:
        path = re.sub(r"\{(\w+)[^}]*\}", lambda part: fill.get(part[1], secret["id"]), route.path)
        for method in sorted(getattr(route, "methods", None) or ()):
            # a stream never ends: every byte of it is looked through in test_stream_tells.py
            if "stream" in path or path.startswith(("/_dash-update", "/assets", *but)):
                continue
            for body in bodies if method == "POST" else (None,):
                page.request(method, path, **({"json": body} if body else {}))
                asked += 1
    for name in ("assets", "links", "dependencies", "cells", "outcome"):
        at = f"?scenario={secret['id']}&at_h=30" if name == "outcome" else ""
        for path in (f"{name}/items{at}", f"{name}/items/works{at}", f"{name}/schema", name):
            page.request("GET", f"/ogc/collections/{path}")
            asked += 1
    for path in ("", "/asset/works", "/link/line", "/dependency/works-power"):
        for form in ("html", "turtle", "jsonld"):
            page.request("GET", f"/id/{page.town.world_id}{path}?f={form}")
            asked += 1
    return asked


def screened(page, secret):
    """Screen both ways, and ask of every asset what it takes as well."""
    for kind in ("single", "pairs"):
        asked = {"scenario": secret["id"], "rev": secret["rev"], "at_ms": 0, "kind": kind}
        begun = page.request("POST", "/api/screenings", json=asked).json()
        assert "id" in begun, begun
        for asset in ("works", "grid"):
            what = {k: asked[k] for k in ("scenario", "rev", "at_ms")} | {"asset": asset}
            assert page.request("POST", "/api/what-if", json=what).status_code == 200
        page.get(f"/api/screenings/{begun['id']}")


def test_what_a_reader_sees_is_still_the_picture(page, secret, asked_by):
    asked_by(READER)
    opened = page.open(f"?s={secret['id']}")
    plain = opened["scenario"]["plain"]
    assert plain["events"][0] == {"at_h": 0, "unseen": "RED"}
    assert plain["measures"] == [{"unseen": "RED"}, MEASURES[1]]
    assert opened["scenario"]["title"] == "Attack on (not shown)"
    seen = view(page.town, "CLEAR").world.listed
    picture = unpacked(opened["picture"])
    assert {seen[a] for a in picture["states"]["a"]} >= {"grid", "works"}
    first = picture["marks"][0]["text"]
    assert first == "Something you may not see (TLP:RED) happens"
    listed = page.call("lists.data", opened["scenario"], into=ids.HAPPENINGS_LIST).text
    assert "Something you may not see (TLP:RED)" in listed
    why = page.call(
        "selection.data", {"assets": ["works"]}, opened["scenario"], {"t_ms": 7_200_000}
    )
    assert "because something you may not see (TLP:RED) failed" in why.text


def test_the_same_is_whole_for_who_may_see_it(page, secret, asked_by):
    asked_by(replace(READER, clearance="RED"))
    opened = page.open(f"?s={secret['id']}")
    assert opened["scenario"]["plain"]["events"][0]["asset"] == "orange"
    assert "Fuel store Kilo" in opened["scenario"]["title"]


@pytest.mark.parametrize(
    "action",
    [
        {"do": "fail", "assets": ["{}"]},
        {"do": "repair", "assets": ["works", "{}"]},
        {"do": "degrade", "assets": ["{}"], "to": 0.5},
        {"do": "supply", "assets": ["{}"], "service": "electricity"},
        {"do": "fail", "links": ["{}"]},
        {"do": "add_measure", "measure": {
            "do": "add_supplier", "asset": "works", "service": "electricity", "supplier": "{}"}},
        {"do": "add_measure", "measure": {
            "do": "add_source", "asset": "{}", "service": "electricity"}},
        {"do": "edit_event", "index": 1, "event": {"at_h": 1, "do": "fail", "asset": "{}"}},
        {"do": "edit_event", "index": 1, "event": {"at_h": 0, "do": "fail", "asset": "{}"}},
        {"do": "edit_event", "index": 1, "event": {"at_h": 0, "do": "fail", "link": "{}"}},
        {"do": "open_ready", "name": "{}"},
    ],
    ids=lambda action: json.dumps(action)[:60],
)  # fmt: skip
def test_a_hidden_id_is_answered_like_one_that_is_not_there(page, secret, asked_by, action):
    """Whoever guesses an id learns nothing: the two answers differ in the guessed id alone."""
    asked_by(EDITOR)
    answers = []
    for guess in ("orange", "ogneraX", "kilo", "secret-line", "secret"):
        act = json.loads(json.dumps(action).replace("{}", guess))
        text = page.act(secret, **act)["message"]["text"]
        answers.append(text.replace(guess, "…"))
    assert len(set(answers)) == 1, answers
    page.bodies = [(where, body) for where, body in page.bodies if "orange" not in where]


@pytest.mark.parametrize("near", ["oragne", "kilos", "secret-lin", "bunker"])
def test_no_hint_names_what_is_hidden(page, secret, asked_by, near):
    asked_by(EDITOR)
    page.act(secret, do="fail", assets=[near])
    page.act(secret, do="fail", links=[near])
    page.act(secret, do="open_ready", name="secre")
    clean, found = _is_clean(page)
    assert clean, found


def test_a_hidden_event_or_measure_cannot_be_changed_and_others_can(page, secret, asked_by, store):
    asked_by(EDITOR)
    for action in (
        {"do": "remove_event", "index": 0},
        {"do": "edit_event", "index": 2, "event": {"at_h": 5, "do": "fail", "asset": "works"}},
        {"do": "remove_measure", "index": 0},
    ):
        told_back = page.act(secret, **action)
        assert told_back["message"]["text"] == "You cannot change things that are hidden from you."
    assert store.get(secret["id"]).revision == secret["rev"]
    event = {"at_h": 4, "do": "fail", "asset": "grid"}
    after = page.act(secret, do="edit_event", index=1, event=event)["scenario"]
    kept = store.get(after["id"]).plain["events"]
    assert [e.get("asset", e.get("link")) for e in kept] == [
        "orange",
        "secret-line",
        "orange",
        "grid",
    ]
    assert kept[3]["note"] == EVENTS[1]["note"]
    after = page.act(after, do="remove_measure", index=1)["scenario"]
    assert store.get(after["id"]).plain["measures"] == MEASURES[:1]
    clean, found = _is_clean(page)
    assert clean, found


def test_what_others_did_meanwhile_is_told_without_what_is_hidden(page, secret, asked_by):
    asked_by(LOCAL_USER)
    theirs = page.act(secret, do="fail", assets=["works"], at_h=8)["scenario"]
    theirs = page.act(theirs, do="fail", assets=["kilo"], at_h=7)["scenario"]
    page.act(theirs, do="undo")
    page.bodies.clear()
    asked_by(EDITOR)
    text = page.act(secret, do="fail", assets=["works"], at_h=1)["message"]["text"]
    assert "omething you may not see (TLP:AMBER) happens at 7 h" in text
    assert "Water works fails at 8 h" in text
    clean, found = _is_clean(page)
    assert clean, found


def test_only_ready_scenarios_that_may_be_seen_are_offered(page, asked_by):
    asked_by(READER)
    layout = page.get("/_dash-layout").text
    assert "Substation" in layout
    assert '\\"name\\": \\"open\\"' in layout
    assert "secret" not in layout


def test_each_view_has_features_of_its_own_and_gets_no_other(page, asked_by):
    found = {}
    for clearance in ("CLEAR", "GREEN", "AMBER", "RED"):
        asked_by(replace(READER, clearance=clearance))
        layout = json.dumps(page.get("/_dash-layout").json())
        found[clearance] = "/api/worlds/" + layout.split("/api/worlds/")[1].split('"')[0]
    assert len(set(found.values())) == 4
    whole = page.get(found["RED"])
    asked_by(READER)
    page.bodies.clear()
    mine = page.get(found["RED"], headers={"if-none-match": whole.headers["etag"]})
    assert mine.status_code == 200
    assert "orange" not in mine.json()["assets"]["id"]
    assert mine.headers["cache-control"] == "private, no-cache"


def test_a_screening_is_shared_among_those_who_see_the_same(page, secret, asked_by):
    asked = {"scenario": secret["id"], "rev": secret["rev"], "at_ms": 0, "kind": "single"}
    asked_by(LOCAL_USER)
    whole = page.request("POST", "/api/screenings", json=asked).json()
    asked_by(READER)
    mine = page.request("POST", "/api/screenings", json=asked).json()
    assert mine["id"] != whole["id"]
    assert mine["of"] < whole["of"]
    assert page.get(f"/api/screenings/{whole['id']}").status_code == 404
    assert page.request("DELETE", f"/api/screenings/{whole['id']}").status_code == 404


# ------------------------------------------------------------ the public map


class Outsider(Watched):
    """Somebody without any cookie, at a house whose session has published its map."""

    def __init__(self, house, leader, scenario, session):
        super().__init__(house.app)
        self.house, self.town, self.leader = house, house.app_world, leader
        self.scenario, self.session = scenario, session


@pytest.fixture
def outsider(town, tmp_path):
    house = House(town, f"sqlite:///{tmp_path / 'house.db'}", SECRET)
    leader = house.leader(session="Drill")
    scenario = leader.act(leader.open()["scenario"], do="open_ready", name="night")["scenario"]
    assert leader.post("/api/session/public", scenario=scenario["id"]).status_code == 200
    told_session = leader.get("/api/session").json()["session"]
    assert told_session["public_link"].endswith(f"/public/{told_session['id']}")
    yield Outsider(house, leader, scenario, told_session["id"])
    house.close()


def test_the_public_map_is_there_for_everybody_and_tells_nothing_hidden(outsider):
    where = f"/public/{outsider.session}"
    text = outsider.get(where).text
    assert "Labelled town: what is out, by area" in text
    drawn = outsider.get(f"{where}/map.json").json()
    water = next(service for service in drawn["services"] if service["id"] == "drinking water")
    (cell,) = water["cells"]
    assert cell["served"] == 1200
    assert cell["without"][0] == [0, 0]
    assert cell["without"][1][1] == 1200
    assert outsider.get(f"{where}/base/water.geojson").json()["features"] == []
    outsider.get(f"{where}/base/nowhere.geojson")
    clean, found = _is_clean(outsider)
    assert clean, found
    for _, body in outsider.bodies:
        for asset in outsider.town.assets.values():
            assert asset.name.encode() not in body
            assert f"{asset.lon:.5f}".encode() not in body


@pytest.mark.parametrize("path", ["", "/map.json", "/base/water.geojson"])
def test_what_is_not_published_is_not_there_for_everybody(outsider, path):
    """Neither the id of a scenario nor another name opens a map, or says that there is one."""
    names = [outsider.scenario["id"], "other", "x" * 22, "x" * 99]
    answers = [outsider.get(f"/public/{name}{path}") for name in names]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert "town" not in answers[0].text


def test_who_leads_sees_how_it_would_be_and_closes_it_again(outsider):
    leader, where = outsider.leader, f"/public/{outsider.session}/map.json"
    assert (
        leader.get(f"/public/{outsider.scenario['id']}/map.json").json()
        == outsider.get(where).json()
    )
    assert leader.post("/api/session/public", scenario=None).status_code == 200
    assert outsider.get(where).status_code == 404
    assert leader.post("/api/session/public", scenario="nowhere").status_code == 409
    leader.post("/api/session/public", scenario=outsider.scenario["id"])
    assert outsider.get(where).status_code == 200
    assert "published the public map" in leader.get("/api/audit.csv").text
    leader.post("/api/session/end")
    assert outsider.get(where).status_code == 404


def test_only_who_leads_publishes(outsider):
    guest = outsider.house.guest(outsider.leader, sectors=("water",))
    answer = guest.post("/api/session/public", scenario=outsider.scenario["id"])
    assert answer.status_code == 403


def test_nobody_gets_nothing_of_the_world(page, asked_by):
    asked_by(Who(""))
    for path in ("/api/worlds/town/features.json", "/api/worlds/town/base/water.geojson"):
        assert page.get(path).status_code in (401, 403)
    assert "Main substation" not in page.get("/_dash-layout").text
    assert "110 kV line" not in page.get("/").text
