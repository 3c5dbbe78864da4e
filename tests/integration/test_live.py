"""The live view over HTTP, without a browser: two web processes on one database, and refusals."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.e2e.running import ROOT

PATIENCE_S = 120
ANA, BEN = "anaanaanaana", "benbenbenben"


class Web:
    """One web process, spoken to as the page does."""

    def __init__(self, address: str, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.client = httpx.Client(
            base_url=address, timeout=PATIENCE_S, limits=httpx.Limits(max_connections=None)
        )

    def act(self, page, scenario=None, **action):
        """Make a change by Dash's own route; return the scenario and the message."""
        callbacks = self.client.get("/_dash-dependencies").json()
        action |= {"base_rev": scenario["rev"] if scenario else 0, "nonce": f"{page}-1"}
        body = {
            "output": next(
                callback["output"]
                for callback in callbacks
                if callback["inputs"][0]["id"] == "action"
            ),
            "outputs": [
                {"id": item, "property": "data"}
                for item in ("scenario", "picture", "beside", "message")
            ],
            "inputs": [{"id": "action", "property": "data", "value": action}],
            "state": [{"id": "scenario", "property": "data", "value": scenario}],
            "changedPropIds": ["action.data"],
        }
        outputs = self.client.post("/_dash-update-component", json=body).json()["response"]
        return outputs.get("scenario", {}).get("data"), outputs.get("message", {}).get("data")

    @contextmanager
    def watch(self, scenario, page, **more) -> Iterator[Events]:
        """Open a stream."""
        query = {"s": scenario["id"], "rev": scenario["rev"], "v": page} | more
        with self.client.stream("GET", "/api/stream", params=query) as answer:
            yield Events(answer)

    def post(self, path, **body):
        return self.client.post(path, json=body)


class Events:
    """The events of a stream."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer, self._lines = answer, answer.iter_lines()

    def next(self, kind, is_wanted=lambda payload: True):
        """Return the next event of a kind that is wanted; others are passed over."""
        event = ""
        for line in self._lines:
            if line.startswith("event: "):
                event = line[7:]
            elif line.startswith("data: ") and event == kind:
                payload = json.loads(line[6:])
                if is_wanted(payload):
                    return payload
        raise AssertionError(f"the stream ended without '{kind}'")

    def read_to_the_end(self):
        """Read until the server has ended the stream in order."""
        for _ in self._lines:
            pass


@contextmanager
def serving(world: Path, database_url: str, log: Path) -> Iterator[Web]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "KNOCKON_PORT": str(port),
        "KNOCKON_DATABASE_URL": database_url,
        "KNOCKON_WORLD": str(world),
    }
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=output, stderr=output
        )
        web = Web(f"http://127.0.0.1:{port}", process)
        try:
            wait_until_well(web, log)
            yield web
        finally:
            web.client.close()
            process.terminate()
            process.wait(PATIENCE_S)


def wait_until_well(web, log):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and web.process.poll() is None:
        try:
            web.client.get("/healthz")
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"The application did not start. It said:\n{log.read_text()}")


@pytest.fixture
def webs(tiny_world_folder, database_url, tmp_path):
    """Two web processes on one database."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(serving(tiny_world_folder, database_url, tmp_path / f"{n}.log"))
            for n in range(2)
        ]


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_two_web_processes_share_what_happens_who_is_here_and_who_leads(webs):
    one, two = webs
    scenario, _ = one.act(ANA, do="fail", assets=["works"])
    with (
        one.watch(scenario, ANA, name="Ana") as ana,
        two.watch(scenario, BEN, name="Ben", view="list") as ben,
    ):
        for events in (ana, ben):
            here = events.next("people", lambda event: event["count"] == 2)["people"]
            assert [(p["name"], p["view"]) for p in here] == [("Ana", "map"), ("Ben", "list")]

        newer, _ = two.act(BEN, scenario, do="fail", assets=["grid"])
        assert newer["rev"] == scenario["rev"] + 1
        change = ana.next("change")
        assert (change["from"], change["rev"]) == (scenario["rev"], newer["rev"])
        assert change["scenario"]["events"][2] == [newer["plain"]["events"][1]]
        assert change["log"][-1]["text"] == "Substation fails at 0 h"

        # both act on the same revision at two processes: both are made
        one.act(ANA, newer, do="fail", assets=["plant"])
        last, _ = two.act(BEN, newer, do="repair", assets=["clinic"], at_h=5)
        assert len(last["plain"]["events"]) == 4
        assert ana.next("change", lambda event: event["rev"] == last["rev"])
        assert ben.next("change", lambda event: event["rev"] == last["rev"])

        state = {"t_ms": 7, "playing": False, "speed": 2, "view": "graph", "selection": ["grid"]}
        led = one.post("/api/lead", scenario=scenario["id"], page=ANA, state=state)
        assert led.status_code == 200
        lead = ben.next("lead")
        assert (lead["on"], lead["name"], lead["t_ms"]) == (True, "Ana", 7)
        assert lead["selection"] == ["grid"]
        # the leader opens another scenario: followers learn which one
        other, _ = one.act(ANA, do="fail", assets=["plant"])
        one.post("/api/lead", scenario=scenario["id"], page=ANA, to=other["id"])
        gone = ben.next("lead")
        assert (gone["on"], gone["page"], gone["to"]) == (False, ANA, other["id"])

        # a page that reconnects late gets the missing events, an up-to-date one none
        news = f"/api/scenarios/{scenario['id']}/news"
        late = two.client.get(news, params={"rev": scenario["rev"], "v": BEN}).json()
        assert late["change"]["rev"] == last["rev"]
        now = two.client.get(news, params={"rev": last["rev"], "v": BEN}).json()
        assert now["change"] is None

        # it stops at once although streams are open
        two.process.terminate()
        assert two.process.wait(PATIENCE_S) == 0
        ben.read_to_the_end()


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    """One web process on a tiny world."""
    from tests.conftest import TABLES, WORLD

    folder = tmp_path_factory.mktemp("live")
    world = folder / "tiny"
    world.mkdir()
    for name, text in {"world.json": json.dumps(WORLD), **TABLES}.items():
        (world / name).write_text(text, encoding="utf-8")
    with serving(world, f"sqlite:///{folder / 'live.db'}", folder / "app.log") as started:
        yield started


def test_a_stream_is_not_gathered_and_tells_the_whole_to_whom_holds_something_unknown(web):
    scenario, _ = web.act(ANA, do="fail", assets=["grid"])
    with web.watch({"id": scenario["id"], "rev": 0}, ANA) as events:
        assert events.answer.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in events.answer.headers
        change = events.next("change")
        assert change["from"] is None
        assert change["scenario"]["plain"] == scenario["plain"]
        assert change["picture"]["summary"]["direct"] == 1


def test_one_person_may_hold_so_many_streams_and_no_more(web):
    scenario, _ = web.act(ANA, do="fail", assets=["grid"])
    with ExitStack() as stack:
        held = [stack.enter_context(web.watch(scenario, f"page{n:08}")) for n in range(24)]
        for events in held:
            events.next("people")
        more = web.client.get(
            "/api/stream", params={"s": scenario["id"], "v": "onemore0", "rev": scenario["rev"]}
        )
        assert more.status_code == 503
        assert "You have too many live connections" in more.json()["error"]
    # they are free again once they are gone
    end = time.monotonic() + PATIENCE_S
    while web.client.get(f"/api/scenarios/{scenario['id']}/news").json()["people"]["count"] > 1:
        assert time.monotonic() < end


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"s": "../x", "v": ANA}, 400),
        ({"s": "x" * 65, "v": ANA}, 400),
        ({"v": ANA}, 400),
        ({"s": "nowhere", "v": "short"}, 400),
        ({"s": "nowhere", "v": ANA, "rev": "-1"}, 400),
        ({"s": "nowhere", "v": ANA, "rev": "9" * 30}, 400),
        ({"s": "nowhere", "v": ANA, "view": "everything"}, 400),
        ({"s": "nowhere", "v": ANA, "name": "x" * 41}, 400),
        ({"s": "nowhere", "v": ANA}, 503),
    ],
)
def test_a_forged_stream_is_refused_in_words(web, query, status):
    answer = web.client.get("/api/stream", params=query)
    assert answer.status_code == status
    assert "Traceback" not in answer.json()["error"]


@pytest.mark.parametrize(
    "state",
    [
        {"t_ms": -1},
        {"t_ms": 1e300},
        {"speed": 0},
        {"speed": float("nan")},
        {"view": "secret"},
        {"selection": ["x"] * 300},
        {"at": [1e9, 0, 1]},
        {"role": "facilitator"},
    ],
)
def test_a_forged_lead_is_refused_and_leads_nobody(web, state):
    scenario, _ = web.act(ANA, do="fail", assets=["grid"])
    good = {"t_ms": 7, "playing": False, "speed": 2, "view": "graph", "selection": []}
    body = json.dumps({"scenario": scenario["id"], "page": ANA, "state": good | state})
    answer = web.client.post(
        "/api/lead", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 400
    plain = web.client.post("/api/lead", content=body, headers={"content-type": "text/plain"})
    assert plain.status_code == 415
    assert web.client.get(f"/api/scenarios/{scenario['id']}/news").json()["lead"] is None


def test_the_log_is_told_to_whom_may_see_the_scenario(web):
    scenario, _ = web.act(ANA, do="fail", assets=["grid"])
    lines = web.client.get(f"/api/scenarios/{scenario['id']}/log").json()["lines"]
    assert [(line["rev"], line["kind"]) for line in lines] == [(1, "created"), (2, "changed")]
    assert [line["page"] for line in lines] == [ANA, ANA]
    assert web.client.get("/api/scenarios/nowhere/log").status_code == 409
