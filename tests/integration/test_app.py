"""The whole application on a tiny world, driven over HTTP; no browser."""

import asyncio
import gzip
import json
import re

import httpx
import pytest

from app import create_app
from data import scripts
from data.documents.scenarios import parse_scenario
from data.store.scenarios import Store
from layouts.feed.picture import unpacked
from models.errors import BadInputError, KnockOnError
from settings import Settings
from usecases.compute import jobs
from usecases.ports import ReadyScenario

UPDATE = "/_dash-update-component"
#: places in the features: by id
CLINIC, GRID, PLANT, WORKS = range(4)


class Page:
    """Talks to the application the way Dash's renderer does."""

    def __init__(self, app):
        self.app = app

    def request(self, method, path, **more):
        async def ask():
            transport = httpx.ASGITransport(app=self.app.server)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://127.0.0.1:8050"
            ) as client:
                return await client.request(method, path, **more)

        return asyncio.run(ask())

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def body(self, first_input, values, into=""):
        """The call of the first callback with this first input, with these values.

        ``into`` names an output, where several have the same input.
        """
        name, callback = next(
            (name, callback)
            for name, callback in self.app.callback_map.items()
            if "callback" in callback
            and "{id}.{property}".format(**callback["inputs"][0]) == first_input
            and into in name
        )
        outputs = (
            callback["output"] if isinstance(callback["output"], list) else [callback["output"]]
        )
        targets = [
            {"id": o.component_id, "property": o.component_property.split("@")[0]} for o in outputs
        ]
        values = iter(values)
        return {
            "output": name,
            "outputs": targets if name.startswith("..") else targets[0],
            "inputs": [{**input_, "value": next(values, None)} for input_ in callback["inputs"]],
            "state": [{**input_, "value": next(values, None)} for input_ in callback["state"]],
            "changedPropIds": [first_input],
        }

    def call(self, first_input, *values, into=""):
        return self.request("POST", UPDATE, json=self.body(first_input, values, into))

    def outputs(self, response):
        assert response.status_code == 200, response.text
        return {
            name: props.get("data", props.get("children"))
            for name, props in response.json()["response"].items()
        }

    def open(self, search=""):
        return self.outputs(self.call("location.search", search))

    def act(self, scenario, **action):
        action.setdefault("base_rev", scenario["rev"] if scenario else 0)
        return self.outputs(self.call("action.data", action, scenario))


@pytest.fixture
def store(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'test.db'}")
    yield store
    store.close()


@pytest.fixture
def page(tiny_world, tiny_scenario, store):
    app = create_app(
        tiny_world,
        store,
        Settings(workers=0),
        parse=parse_scenario,
        ready={"night": ReadyScenario("night", {**tiny_scenario, "title": "Night"})},
        base={"water": b'{"type":"FeatureCollection","features":[]}'},
    )
    return Page(app)


# ------------------------------------------------------------------- the page


def test_the_page_is_served_with_its_language_and_headers(page):
    answer = page.get("/")
    assert answer.status_code == 200
    assert '<html lang="en">' in answer.text
    assert "<title>Knock-on</title>" in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe-eval" not in answer.headers["content-security-policy"]


def test_nothing_on_the_page_comes_from_elsewhere(page):
    text = page.get("/").text
    addresses = [part.split('"')[0] for part in text.split('src="')[1:] + text.split('href="')[1:]]
    assert addresses
    assert all(address.startswith("/") for address in addresses)


def test_the_layout_is_served(page):
    assert page.get("/_dash-layout").status_code == 200


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/_mcp", "/nowhere"])
def test_there_are_no_pages_about_ourselves(page, path):
    assert page.get(path).status_code == 404


def test_a_missing_map_library_names_a_command_that_there_is(monkeypatch):
    monkeypatch.setattr(scripts, "find_spec", lambda _: None)
    with pytest.raises(BadInputError, match="'make run'"):
        scripts.map_library()


def test_health(page, tiny_world):
    answer = page.get("/healthz").json()
    assert (answer["status"], answer["world"]) == ("ok", tiny_world.world_id)


# ------------------------------------------------------------------- features


def test_features_are_cached_for_good_under_their_version(page):
    layout = json.dumps(page.get("/_dash-layout").json())
    address = "/api/worlds/" + layout.split("/api/worlds/")[1].split('"')[0]
    answer = page.get(address)
    assert "immutable" in answer.headers["cache-control"]
    assert answer.json()["title"] == "Tiny town"
    again = page.get(address, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_features_without_their_version_are_asked_for_again(page):
    answer = page.get("/api/worlds/tiny/features.json?v=old")
    assert answer.headers["cache-control"] == "no-cache"


def test_features_travel_packed(page):
    async def ask():
        transport = httpx.ASGITransport(app=page.app.server)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1:8050"
        ) as client:
            ask_for = client.build_request("GET", "/api/worlds/tiny/features.json")
            answer = await client.send(ask_for, stream=True)
            return answer.headers, b"".join([part async for part in answer.aiter_raw()])

    headers, raw = asyncio.run(ask())
    assert headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(raw))["id"] == "tiny"


@pytest.mark.parametrize(
    "path",
    [
        "/api/worlds/other/features.json",
        "/api/worlds/tiny/base/secret.geojson",
        "/api/worlds/tiny/base/../../../app.geojson",
        "/api/worlds/tiny/base/..%2F..%2Fapp.geojson",
        "/vendor/..%2f..%2fapp.py",
        "/vendor/ipywidget.js",
        "/assets/../app.py",
        "/assets/..%2fapp.py",
        "/page/0123456789abcdef/main.js",
        "/page/..%2f..%2fapp.py",
    ],
)
def test_only_known_names_are_served(page, path):
    answer = page.get(path)
    assert answer.status_code == 404
    assert "import" not in answer.text


def test_the_base_map_and_the_map_library_are_served(page):
    assert page.get("/api/worlds/tiny/base/water.geojson").json()["features"] == []
    assert "maplibregl" in page.get("/vendor/maplibre-gl.js").text
    versioned = re.findall(r'"(/vendor/[^"]+\?v=[0-9a-f]{64})"', page.get("/").text)
    assert len(versioned) == 2
    for address in versioned:
        assert "immutable" in page.get(address).headers["cache-control"]


def test_what_the_page_loads_later_is_served(page):
    script = page.get(re.search(r'href="([^"]+/panels/people\.js)"', page.get("/").text)[1]).text
    address = re.search(r'PLOTLY = "([^"]+)"', script)[1]
    assert "Plotly" in page.get(address).text[:100_000]
    layout = json.dumps(page.get("/_dash-layout").json())
    assert layout.count('"data-later"') == 2 and '"type": "AgGrid"' not in layout


def test_the_page_has_one_entry_and_its_modules_never_change(page):
    frame = page.get("/").text
    entry = re.search(r'<script src="(/page/[0-9a-f]{16}/)main\.js" type="module">', frame)
    assert entry is not None
    # Dash itself loads nothing but the bridge
    assert re.findall(r'<script src="/?assets/([^?"]+)', frame) == ["bridge.js"]
    preloaded = re.findall(r'<link rel="modulepreload" href="([^"]+)">', frame)
    assert len(preloaded) > 50
    assert all(address.startswith(entry[1]) for address in preloaded)
    for name in ("main.js", "base/words.js", "doors/public.js"):
        answer = page.get(entry[1] + name)
        assert answer.headers["content-type"].startswith("text/javascript")
        assert "immutable" in answer.headers["cache-control"]
    assert page.get(entry[1] + "base/nothing.js").status_code == 404
    assert page.get(entry[1] + "../../app.py").status_code == 404


# -------------------------------------------------------------------- changes


def test_looking_leaves_nothing_in_the_store(page, store):
    shown = page.open()
    assert shown["scenario"]["id"] is None
    assert unpacked(shown["picture"])["losses"] == []
    assert store.recent() == []


def test_a_knock_out_is_saved_computed_and_undone(page, store):
    empty = page.open()["scenario"]
    told = page.act(empty, do="fail", assets=["grid"], at_h=0)
    scenario, picture = told["scenario"], told["picture"]
    assert store.get(scenario["id"]).revision == scenario["rev"] == picture["rev"]
    assert [loss["a"] for loss in unpacked(picture)["losses"]] == [GRID, WORKS, CLINIC]
    assert picture["people"][0]["peak"] == 1200
    changed = page.act(scenario, do="settings", title="Storm")["scenario"]
    assert changed["title"] == "Storm"
    back = page.act(changed, do="undo")["scenario"]
    assert (back["title"], back["can_redo"]) == ("", True)


def test_a_saved_scenario_opens_from_its_address(page):
    saved = page.act(None, do="fail", assets=["grid"])["scenario"]
    told = page.open(f"?s={saved['id']}&t=7.33")
    assert told["scenario"] == saved


def test_an_unknown_scenario_gives_a_message_and_an_empty_one(page):
    told = page.open("?s=nowhere")
    assert "nowhere" in told["message"]["text"]
    assert told["scenario"]["id"] is None


def test_a_ready_scenario_opens_as_a_new_one(page):
    told = page.act(None, do="open_ready", name="night")
    assert told["scenario"]["title"] == "Night"
    assert told["picture"]["summary"]["direct"] == 1


def test_a_stale_change_is_refused_and_shows_what_stands(page):
    mine = page.act(None, do="fail", assets=["grid"])["scenario"]
    theirs = page.act(mine, do="fail", assets=["plant"], at_h=5)["scenario"]
    told = page.act(mine, do="repair", assets=["plant"], at_h=6)
    text = told["message"]["text"]
    assert "Another user" in text
    assert "Changed in the meantime: a user at" in text
    assert "Power plant fails at 5 h" in text
    assert "Substation" not in text  # that was before
    assert told["scenario"] == theirs
    assert told["picture"]["rev"] == theirs["rev"]


def test_a_base_that_is_no_number_is_refused_in_words(page):
    scenario = page.act(None, do="fail", assets=["grid"])["scenario"]
    answer = page.act(scenario, do="no such thing", base_rev=True)
    assert "Something went wrong" not in answer["message"]["text"]
    assert "picture" not in answer


def test_a_stale_change_about_other_things_is_made_on_what_stands(page):
    mine = page.act(None, do="fail", assets=["grid"])["scenario"]
    theirs = page.act(mine, do="fail", assets=["plant"], at_h=5)["scenario"]
    told = page.act(mine, do="fail", assets=["works"], at_h=6)
    assert "message" not in told
    assert told["scenario"]["rev"] == theirs["rev"] + 1
    assert [e["asset"] for e in told["scenario"]["plain"]["events"]] == ["grid", "plant", "works"]


def test_what_depends_on_all_is_refused_when_stale(page):
    mine = page.act(None, do="fail", assets=["grid"])["scenario"]
    theirs = page.act(mine, do="settings", horizon_h=12)["scenario"]
    for action in (
        {"do": "fail", "assets": ["works"]},
        {"do": "settings", "title": "Storm"},
        {"do": "remove_event", "index": 0},
        {"do": "undo"},
    ):
        told = page.act(mine, **action)
        assert "Another user" in told["message"]["text"]
        assert told["scenario"] == theirs


def test_two_viewers_do_not_disturb_each_other(page):
    one = page.act(None, do="fail", assets=["grid"])["scenario"]
    other = page.act(None, do="fail", assets=["works"])["scenario"]
    assert one["id"] != other["id"]
    assert page.open(f"?s={one['id']}")["scenario"] == one


# --------------------------------------------------------------------- panels


def test_the_panels_follow_the_scenario_and_the_selection(page):
    scenario = page.act(None, do="fail", assets=["grid"])["scenario"]
    events = page.call("lists.data", scenario)
    assert "Substation" in events.text
    selection = {"assets": ["clinic"], "from": "map"}
    why = page.call("selection.data", selection, scenario, {"t_ms": 0})
    assert "Hospital" in why.text


def test_the_panels_are_of_the_revision_that_the_page_holds(page):
    mine = page.act(None, do="fail", assets=["works"])["scenario"]
    page.act(mine, do="fail", assets=["plant"])
    events = page.call("lists.data", mine).text
    assert "Water works" in events
    assert "Power plant" not in events
    why = page.call("selection.data", {"assets": ["plant"]}, mine, {"t_ms": 0})
    assert "keeps working" in why.text
    graph = page.call("selection.data", {}, mine, "affected", 2, into="dependency-graph")
    assert "Power plant" not in graph.text


def test_the_answer_to_a_change_brings_the_panels_of_its_revision(page):
    first = page.act(None, do="fail", assets=["works"])
    beside = first["beside"]
    assert (beside["id"], beside["rev"]) == (first["scenario"]["id"], first["scenario"]["rev"])
    assert (beside["undo"], beside["redo"]) == (True, False)
    lists = page.outputs(page.call("lists.data", first["scenario"]))
    assert beside["happenings"] == lists["happenings-list"]
    assert beside["options"] == lists["options-list"]


def test_a_revision_that_never_was_leaves_the_panels_and_says_so(page):
    mine = page.act(None, do="fail", assets=["works"])["scenario"]
    answer = page.call("lists.data", {**mine, "rev": 99}, into="happenings-list")
    assert "Revision 99" in answer.text
    assert "happenings-list" not in answer.text
    why = page.call("selection.data", {"assets": ["works"]}, {**mine, "rev": 99}, {"t_ms": 0})
    assert "Revision 99" in why.text


def test_what_would_have_kept_it_is_cleared_first_and_answered_then(page):
    scenario = page.act(None, do="fail", assets=["grid"])["scenario"]
    selection = {"assets": ["works"]}
    first = page.call("selection.data", selection, scenario, None, into="why-saved").json()
    cleared = first["response"]["why-saved"]
    assert "Searching" in json.dumps(cleared["children"])
    assert "data-act" not in json.dumps(cleared["children"])
    mark = cleared["data-asked"]
    answer = page.call("why-saved.data-asked", mark, selection, scenario)
    assert "Would have prevented it" in answer.text
    again = page.call("selection.data", selection, scenario, mark, into="why-saved").json()
    assert again["response"]["why-saved"]["data-asked"] != mark
    none = page.call("selection.data", {}, scenario, mark, into="why-saved").json()
    assert none["response"]["why-saved"]["children"] == []


def test_what_would_have_kept_it_says_when_it_cannot_be_known(page, monkeypatch):
    scenario = page.act(None, do="fail", assets=["grid"])["scenario"]

    def savings(*_):
        raise KnockOnError("Too slow today.")

    monkeypatch.setattr(jobs, "savings", savings)
    told = page.outputs(page.call("why-saved.data-asked", "x", {"assets": ["works"]}, scenario))
    assert "Too slow today." in json.dumps(told["why-saved"])


# ------------------------------------------------------------- hostile callers


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8050", "localhost.evil.example", ""]
)
def test_requests_for_another_host_are_refused(page, host):
    body = page.body("location.search", [""])
    for answer in (
        page.get("/", headers={"host": host}),
        page.request("POST", UPDATE, json=body, headers={"host": host}),
    ):
        assert answer.status_code == 421
        assert "answers only as" in answer.json()["error"]
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("host", ["localhost:8050", "LOCALHOST", "127.0.0.1:1", "[::1]:8050"])
def test_this_machine_has_several_names(page, host):
    assert page.get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    ("bound_to", "host", "status"),
    [
        ("0.0.0.0", "map.example", 200),  # noqa: S104
        ("::", "map.example", 200),
        ("192.0.2.7", "192.0.2.7:8050", 200),
        ("2001:db8::7", "[2001:db8::7]:8050", 200),
        ("192.0.2.7", "map.example", 421),
    ],
)
def test_the_address_bound_to_is_a_name_too(tiny_world, store, bound_to, host, status):
    app = create_app(tiny_world, store, Settings(host=bound_to, workers=0))
    assert Page(app).get("/healthz", headers={"host": host}).status_code == status


@pytest.mark.parametrize(
    "action",
    [
        {"do": "fail", "assets": ["gird"]},
        {"do": "fail", "assets": [{"$ne": 1}]},
        {"do": "fail", "assets": ["grid"], "at_h": -1},
        {"do": "fail", "assets": ["grid"], "base_rev": 10**30},
        {"do": "fail", "assets": ["grid"], "at_h": "NaN"},
        {"do": "fail", "assets": ["grid"], "at_h": 1e300},
        {"do": "fail", "assets": ["grid"] * 3000},
        {"do": "fail", "assets": ["grid"], "role": "admin"},
        {"do": "drop_tables"},
        {"do": "edit_event", "index": 400, "event": {"at_h": 0, "do": "fail", "asset": "grid"}},
        {"do": "edit_event", "index": 0, "event": {"at_h": 0, "do": "fail", "asset": "none"}},
        {"do": "supply", "assets": ["plant"], "service": "heat"},
        {"do": "settings", "horizon_h": 1e9},
        {"do": "settings", "title": "x" * 5000},
        {"do": "open_ready", "name": "../../etc/passwd"},
        {"do": "add_measure", "measure": {"do": "add_autonomy", "asset": "works", "service": "x"}},
    ],
)
def test_a_forged_change_gives_a_message_and_changes_nothing(page, store, action):
    saved = page.act(None, do="fail", assets=["works"], at_h=3)["scenario"]
    told = page.act(saved, **action)
    assert told["message"]["text"]
    assert "Traceback" not in told["message"]["text"]
    assert store.get(saved["id"]).revision == saved["rev"]


@pytest.mark.parametrize("action", [[], "fail", 7, True, {}, {"do": None}, {"do": {"a": 1}}])
def test_what_is_no_action_gives_a_message(page, action):
    told = page.outputs(page.call("action.data", action, None))
    assert told["message"]["text"]


@pytest.mark.parametrize("scenario", [[], "x", 7, {"id": 7}, {"id": "../x"}, {"id": "a" * 500}])
def test_a_forged_scenario_store_gives_a_message(page, scenario):
    for first_input, values in [
        ("action.data", [{"do": "fail", "assets": ["grid"]}, scenario]),
        ("lists.data", [scenario]),
        ("selection.data", [{"assets": ["grid"]}, scenario, {"t_ms": 0}]),
    ]:
        answer = page.call(first_input, *values)
        assert answer.status_code == 200
        assert "Reload the page" in answer.text
        assert "Traceback" not in answer.text


@pytest.mark.parametrize("selection", [7, "x", [], {"assets": 7}, {"assets": ["nobody"]}])
@pytest.mark.parametrize("clock", [None, "x", {"t_ms": "x"}, {"t_ms": -5}, {"t_ms": 1e300}])
def test_a_forged_selection_or_clock_shows_the_empty_panel(page, selection, clock):
    answer = page.call("selection.data", selection, None, clock)
    assert answer.status_code == 200
    assert "Select an asset" in answer.text


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"output": 7},
        {"output": "nobody.data"},
        {"output": "..scenario.data...picture.data...message.data.."},
        {"output": "..scenario.data...picture.data...message.data..", "inputs": "x"},
        {"output": "..scenario.data...picture.data...message.data..", "inputs": [1]},
    ],
)
def test_a_malformed_call_is_refused_in_words(page, body):
    page.get("/")
    json_type = {"content-type": "application/json"}
    answer = page.request("POST", UPDATE, content=json.dumps(body), headers=json_type)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_inputs_and_outputs_cannot_be_exchanged(page):
    good = page.body("location.search", [""])
    for change in (
        {"inputs": [{"id": "location", "property": "href", "value": ""}]},
        {"outputs": [{"id": "left", "property": "children"}] * 3},
        {"outputs": {"id": "left", "property": "children"}},
        {"state": [{"id": "scenario", "property": "data", "value": 1}]},
        {"changedPropIds": [1]},
    ):
        answer = page.request("POST", UPDATE, json={**good, **change})
        assert answer.status_code == 400, change


def test_what_is_not_json_is_refused(page):
    answer = page.request("POST", UPDATE, content=b"{", headers={"content-type": "text/plain"})
    assert answer.status_code == 415
    json_type = {"content-type": "application/json"}
    assert page.request("POST", UPDATE, content=b"{", headers=json_type).status_code == 400
    deep = b"[" * 200_000
    assert page.request("POST", UPDATE, content=deep, headers=json_type).status_code == 400


def test_a_large_body_is_refused_with_and_without_its_length(page):
    large = b"x" * 1_100_000

    async def parts():
        yield large

    for content in (large, parts()):
        answer = page.request("POST", UPDATE, content=content)
        assert answer.status_code == 413


def test_a_fault_inside_a_callback_becomes_a_message(page, monkeypatch):
    def broken(*_):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(Store, "get", broken)
    answer = page.call("lists.data", {"id": "abc", "rev": 1})
    assert answer.status_code == 200
    assert "Something went wrong" in answer.text
    assert "secret" not in answer.text
