"""What a bystander notices while the server is attacked: ``python -m benchmarks attacks``.

The server is the application with its real world and sign-in, as a process of its own; attackers
are another one. A facilitator clicks ten times a second, before and meanwhile; ratios are of these
two, in one run on one machine. A click knocks out one more asset: it is computed and saved. While
the database is locked nothing can be saved, so there a click opens the scenario. Server, attackers
and bystander share the machine, so the processor that an attacker needs is in the ratio.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx

from benchmarks.callers import PASSWORD, Caller, Plain
from benchmarks.page import _free_port
from benchmarks.stream import rss_mb
from benchmarks.table import Row, print_table
from data.store.accounts import Accounts
from data.store.database import Database
from settings import ROOT

BEFORE_S, MEANWHILE_S, PAUSE_S = 2.5, 6.0, 0.1
QUESTIONS, WRITES = 150, 40
AIM = "≤ 2 x, ≤ 2 s"


@dataclass(frozen=True)
class Place:
    """A running server, its database file, and the bystander in a session on it."""

    server: str
    pid: int
    file: Path
    leader: Caller
    assets: list[str]


@contextmanager
def _served() -> Iterator[Place]:
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bench.db"
        with closing(Database(f"sqlite:///{file}")) as database:
            Accounts(database).add("Mara", PASSWORD, by="benchmark")
        environment = os.environ | {
            "KNOCKON_PORT": str(port),
            "KNOCKON_DATABASE_URL": f"sqlite:///{file}",
            "KNOCKON_SIGN_IN": "on",
        }
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py")], env=environment, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            server = f"http://127.0.0.1:{port}"
            while True:
                with suppress(httpx.TransportError):
                    httpx.get(f"{server}/healthz", timeout=5)
                    break
                time.sleep(0.1)
            leader = Caller(server)
            leader.post("/api/sign-in", name="Mara", password=PASSWORD)
            leader.post("/api/session", name="Storm")
            yield Place(server, process.pid, file, leader, _assets(leader))
        finally:
            process.terminate()
            process.wait()


def _assets(caller: Caller) -> list[str]:
    layout = caller.client.get("/_dash-layout").json()
    told = caller.client.get(layout["props"]["data-features"]).json()["assets"]
    return [str(asset_id) for asset_id in told["id"]]


@contextmanager
def _attacked(place: Place, kind: str, wish: Plain | None = None) -> Iterator[None]:
    """Let attackers begin, and end them."""
    command = [sys.executable, "-m", "benchmarks.attackers", kind, place.server]
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdin is not None
    with process.stdin as pipe:
        pipe.write(json.dumps(wish or {}).encode())
    time.sleep(1.5)  # Python itself has to start
    try:
        yield
    finally:
        process.kill()
        process.wait()


class _Clicks:
    """Clicks of a bystander: each knocks out another asset and takes that back."""

    def __init__(self, place: Place) -> None:
        self._place, self._count = place, 0
        self.scenario: Plain = place.leader.call("location.search", "")["scenario"]

    def act(self) -> float:
        """Knock out one asset at an hour of its own; return how long that took, in s."""
        self._count += 1
        hour, number = divmod(self._count, len(self._place.assets))
        do = {"do": "fail", "assets": [self._place.assets[number]], "at_h": hour}
        began = time.perf_counter()
        self.scenario = self._place.leader.act(self.scenario, **do)
        took = time.perf_counter() - began
        self.scenario = self._place.leader.act(self.scenario, do="undo")
        return took

    def look(self) -> float:
        """Open the scenario; return how long that took, in s."""
        began = time.perf_counter()
        self._place.leader.call("location.search", f"?s={self.scenario['id']}")
        return time.perf_counter() - began


def _times(click: Callable[[], float], span_s: float) -> list[float]:
    end, times = time.perf_counter() + span_s, list[float]()
    while time.perf_counter() < end or len(times) < 5:
        times.append(click())
        time.sleep(PAUSE_S)
    return times


def _row(place: Place, what: str, click: Callable[[], float], kind: str, wish: Plain | None) -> Row:
    """Measure clicks before an attack and meanwhile.

    Parameters
    ----------
    place
        The server.
    what
        What the row says of the attack.
    click
        Makes a click, and returns how long it took, in s.
    kind, wish
        The attack, and what its process is told.
    """
    before, held = _times(click, BEFORE_S), rss_mb(place.pid)
    with _attacked(place, kind, wish):
        meanwhile = _times(click, MEANWHILE_S)
        holds = rss_mb(place.pid)
    ratio = median(meanwhile) / median(before)
    return Row(
        what,
        f"{ratio:.1f} x, worst {max(meanwhile):.1f} s",
        AIM,
        f"{median(before) * 1e3:.0f} → {median(meanwhile) * 1e3:.0f} ms, {len(meanwhile)} clicks; "
        f"memory {held:.0f} → {holds:.0f} MB",
    )


def rows() -> Iterator[Row]:
    """Measure one attack after the other on one server."""
    with _served() as place:
        clicks = _Clicks(place)
        _times(clicks.act, BEFORE_S)  # what is made on first use is made
        password = {"name": "Mara", "password": "wrong horse battery"}
        for what, kind, wish in (
            ("60 MB of headers on each of 4 connections", "headers", None),
            ("60 guesses of a password a second, of 60 addresses", "guesses", password),
            ("200 bodies of 900 kB that never end", "bodies", None),
        ):
            yield _row(place, f"{what}: a click", clicks.act, kind, wish)
        yield from _questions(place, clicks)
        yield _locked(place, clicks)


def _questions(place: Place, clicks: _Clicks) -> Iterator[Row]:
    """Let an observer ask 150 slow questions at once."""
    grant = {"role": "observer", "sectors": None, "clearance": "RED"}
    link = place.leader.post("/api/invitations", **grant, hours=1, max_uses=1)
    secret = link.json()["link"].partition("#")[2]
    observer = Caller(place.server, "127.0.0.3")
    observer.post("/api/join", token=secret, name="Olga")
    hits = {"do": "fail", "assets": place.assets[:60:4], "at_h": 0}
    clicks.scenario = place.leader.act(clicks.scenario, **hits)
    calls = [
        observer.body("why-saved.data-asked", f"page{n:04}:1", {"assets": [asset]}, clicks.scenario)
        for n, asset in enumerate(place.assets[:QUESTIONS])
    ]
    wish = {"cookies": observer.cookies, "calls": calls}
    order = {"scenario": clicks.scenario["id"], "rev": clicks.scenario["rev"], "at_ms": 0}

    def briefing() -> float:
        began = time.perf_counter()
        place.leader.post("/api/files", **order, kind="pdf", label="TLP:RED")
        return time.perf_counter() - began

    briefing()
    alone = median(briefing() for _ in range(3))
    with _attacked(place, "questions", wish):
        meanwhile = max(briefing() for _ in range(3))
    yield Row(
        f"{QUESTIONS} slow questions of an observer: another's briefing",
        f"{meanwhile - alone:+.1f} s",
        "≤ 2 s",
        f"{alone:.1f} → {meanwhile:.1f} s, the worst of three",
    )
    yield _row(place, "the same: a click", clicks.act, "questions", wish)


def _locked(place: Place, clicks: _Clicks) -> Row:
    """Hold the database's lock while 40 changes wait for it."""
    changes = ({"do": "settings", "title": f"Night {n}", "base_rev": 0} for n in range(WRITES))
    calls = [place.leader.body("action.data", change, clicks.scenario) for change in changes]
    wish = {"cookies": place.leader.cookies, "calls": calls}
    before = _times(clicks.look, BEFORE_S)

    with closing(sqlite3.connect(place.file, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with _attacked(place, "writes", wish):
            meanwhile = _times(clicks.look, MEANWHILE_S)
        holder.execute("ROLLBACK")
    return Row(
        f"a locked database and {WRITES} changes that wait for it: opening the scenario",
        f"{median(meanwhile) / median(before):.1f} x, worst {max(meanwhile):.1f} s",
        AIM,
        f"{median(before) * 1e3:.0f} → {median(meanwhile) * 1e3:.0f} ms, {len(meanwhile)} clicks; "
        f"memory after {rss_mb(place.pid):.0f} MB",
    )


if __name__ == "__main__":
    print_table(rows())
