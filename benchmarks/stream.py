"""Many viewers of one scenario on one process, and a day of one room.

``make bench`` prints it; so does ``python -m benchmarks.stream [viewers] [seconds] [updates]``.
``python -m benchmarks.stream plain [viewers] [seconds] [turns]`` compares sse-starlette's response
with Starlette's own, in turns on the same load.

The server is the application with its real world, as a process of its own. Each of the viewers is a
connection that reads its stream; some read nothing at all. Once a second somebody knocks out one
more asset through the page's own door. Lag is from the moment when that was asked to the moment
when a viewer has the event: the cascade is in it.
"""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx

from benchmarks.page import _free_port
from benchmarks.table import Row, print_table
from settings import ROOT
from tests.watchers import Source

VIEWERS, SECONDS, UPDATES_A_DAY = 2_000, 30, 86_400
#: the outputs of a change, in their order
_CHANGED = ("scenario", "picture", "beside", "message")
_TICKS = os.sysconf("SC_CLK_TCK")
#: every viewer is a different user, as in a session with sign-in
SERVER = """
import sys
from api import connections, door
from models.access import Who
# all of them come from one address here, as by a proxy
connections.MAX_CONNECTIONS_PER_ADDRESS = connections.MAX_CONNECTIONS
async def somebody(cookies):
    return Who(cookies.get("viewer", "who acts"), "", "facilitator", None, "RED")
door.everybody_is_local = somebody
import app
sys.exit(app.main())
"""
#: the same with Starlette's own response for the streams
PLAIN = """
from contextlib import suppress
from starlette.responses import StreamingResponse
from api import stream
from api.door import who_now
class Plain(StreamingResponse):
    def __init__(self, live, viewer, scope):
        events = live.events(viewer, lambda: who_now(scope))
        kept = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(events, headers=kept, media_type="text/event-stream")
        self.leave = lambda: live.leave(viewer)
    async def __call__(self, scope, receive, send):
        try:
            with suppress(OSError):
                await super().__call__(scope, receive, send)
        finally:
            self.leave()
stream._Events = Plain
"""


def cpu_s(pid: int) -> float:
    """Return the processor time of one process, without that of its workers."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def rss_mb(pid: int) -> float:
    """Return how much memory a process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


@contextmanager
def _server(before: str = "") -> Iterator[tuple[str, int]]:
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "KNOCKON_PORT": str(port),
            "KNOCKON_DATABASE_URL": f"sqlite:///{folder}/bench.db",
        }
        command = [sys.executable, "-c", before + SERVER]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        try:
            address = f"http://127.0.0.1:{port}"
            while True:
                with suppress(httpx.TransportError):
                    httpx.get(f"{address}/healthz", timeout=5)
                    break
                time.sleep(0.1)
            yield address, process.pid
        finally:
            process.terminate()
            process.wait()


class Room:
    """The viewers and what they have received."""

    def __init__(self, address: str, scenario: str) -> None:
        self.host, self.port = address.removeprefix("http://").split(":")
        self.scenario = scenario
        self.asked: dict[int, float] = {}
        self.lags: list[float] = []
        self.received = self.connected = 0

    async def watch(self, number: int, rev: int) -> None:
        """Read one viewer's stream for good; note when each revision came."""
        reader, _ = await self._open(number, rev)
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head:
            raise RuntimeError(f"A stream was refused: {head.decode()}")
        self.connected += 1
        while line := await reader.readline():
            self.received += len(line)
            if line.startswith(b"id: "):
                sent_at = self.asked.get(int(line[4:]))
                if sent_at is not None:
                    self.lags.append((time.perf_counter() - sent_at) * 1000)

    async def stall(self, number: int, rev: int) -> Any:
        """Open a stream and never read from it."""
        return await self._open(number, rev, limit=1024)

    async def _open(self, number: int, rev: int, limit: int = 2**20) -> Any:
        # no address may hold 2,000 connections
        mine = (f"127.0.1.{1 + number % 200}", 0)
        reader, writer = await asyncio.open_connection(
            self.host, int(self.port), limit=limit, local_addr=mine
        )
        address = f"/api/stream?s={self.scenario}&v=viewer{number:06}&rev={rev}"
        headers = f"Host: {self.host}:{self.port}\r\nCookie: viewer=v{number}\r\n"
        writer.write(f"GET {address} HTTP/1.1\r\n{headers}\r\n".encode())
        await writer.drain()
        return reader, writer


def act(address: str, scenario: dict[str, Any] | None, action: dict[str, Any]) -> dict[str, Any]:
    """Make a change as the page does, by Dash's own route."""
    outputs = [{"id": output, "property": "data"} for output in _CHANGED]
    name = _output_of_acting(address)
    body = {
        "output": name,
        "outputs": outputs,
        "inputs": [{"id": "action", "property": "data", "value": action}],
        "state": [{"id": "scenario", "property": "data", "value": scenario}],
        "changedPropIds": ["action.data"],
    }
    answer = httpx.post(f"{address}/_dash-update-component", json=body, timeout=60)
    changed: dict[str, Any] = answer.json()["response"]["scenario"]["data"]
    return changed


@cache
def _output_of_acting(address: str) -> str:
    callbacks = httpx.get(f"{address}/_dash-dependencies", timeout=60).json()
    return str(
        next(
            callback["output"] for callback in callbacks if callback["inputs"][0]["id"] == "action"
        )
    )


async def _run(address: str, pid: int, viewers: int, seconds: int) -> tuple[Room, dict[str, float]]:
    assets = _assets(address)
    scenario = act(address, None, {"do": "fail", "assets": [assets[0]], "base_rev": 0})
    room = Room(address, scenario["id"])
    stalled = _stalled(viewers)
    held = [await room.stall(10**5 + n, scenario["rev"]) for n in range(stalled)]
    tasks = []
    for n in range(viewers - stalled):
        tasks.append(asyncio.create_task(room.watch(n, scenario["rev"])))
        if n % 50 == 0:
            await asyncio.sleep(0.05)
    while room.connected < viewers - stalled:
        await asyncio.sleep(0.1)
    await asyncio.sleep(3)  # presence has been broadcast to all
    # the acting itself is not the stream's: measured apart, without viewers it costs the same
    own = await _updates(address, room, scenario, assets, seconds, pid)
    for task in tasks:
        task.cancel()
    del held
    return room, own


async def _updates(
    address: str, room: Room, scenario: dict[str, Any], assets: list[str], seconds: int, pid: int
) -> dict[str, float]:
    started, cpu, mine = time.perf_counter(), cpu_s(pid), time.process_time()
    room.received, memory = 0, rss_mb(pid)
    for n in range(seconds):
        await asyncio.sleep(max(0, started + n - time.perf_counter()))
        # knocked out, then repaired: a picture that stays of one size
        do = {"do": "fail", "assets": [assets[1 + n % 20]], "at_h": n // 20}
        room.asked[scenario["rev"] + 1] = time.perf_counter()
        action = do | {"base_rev": scenario["rev"]}
        scenario = await asyncio.to_thread(act, address, scenario, action)
    await asyncio.sleep(2)
    took = time.perf_counter() - started
    return {
        "share": (cpu_s(pid) - cpu) / took,
        "client": (time.process_time() - mine) / took,
        "before": memory,
        "after": rss_mb(pid),
        "updates": seconds,
    }


def _assets(address: str) -> list[str]:
    layout = httpx.get(f"{address}/_dash-layout", timeout=60).json()
    assets = httpx.get(address + layout["props"]["data-features"], timeout=60).json()["assets"]
    return [str(asset_id) for asset_id in assets["id"]][:200:8]


def _stalled(viewers: int) -> int:
    return viewers // 10


def _rows(room: Room, viewers: int, own: dict[str, float]) -> list[Row]:
    stalled = _stalled(viewers)
    reading = viewers - stalled
    expected = reading * own["updates"]
    lags = sorted(room.lags) or [0.0]
    p95 = quantiles(lags, n=20)[-1] if len(lags) > 20 else lags[-1]
    size = room.received / max(1, len(lags))
    return [
        Row(
            f"{viewers:,} stream viewers, one update a second: web process",
            f"{100 * own['share']:.0f} % of a core",
            "<= 25 %",
            f"{stalled} stalled; the act itself included; {size / 1000:.1f} kB an update",
        ),
        Row(
            "the same: lag from the act to a viewer, median (95 %)",
            f"{median(lags):.0f} ms ({p95:.0f} ms)",
            "<= 250 ms",
            f"{len(lags):,} of {expected:,.0f} events read, others coalesced; "
            f"reading them took {100 * own['client']:.0f} % of a core beside it",
        ),
        Row(
            "the same: memory of the web process, before and after",
            f"{own['before']:.0f} → {own['after']:.0f} MB",
            "",
            "",
        ),
    ]


# ------------------------------------------------------------------- a day


async def _day(updates: int) -> Row:
    """Drive one room with an update for each second of a day, as fast as it goes."""
    from usecases.live.hub import Hub
    from usecases.live.together import MOST_NAMED

    source = Source()
    hub = Hub(source)
    viewers = [hub.enter(source.watcher(n), "day", f"viewer{n:04}", 0) for n in range(50)]
    for n, viewer in enumerate(viewers):
        viewer.room.scene.met(viewer.watcher, viewer.id, f"Name {n}", "map", streaming=True)
    reading = [asyncio.create_task(_read(item)) for item in viewers[10:]]  # ten are stalled
    await _drive(hub, source, viewers, 2_000)
    tracemalloc.start()
    before, start = tracemalloc.get_traced_memory()[0], time.perf_counter()
    rss = rss_mb(os.getpid())
    await _drive(hub, source, viewers, updates)
    after, took = tracemalloc.get_traced_memory()[0], time.perf_counter() - start
    tracemalloc.stop()
    for task in reading:
        task.cancel()
    hub.close()
    span = "a simulated day" if updates == UPDATES_A_DAY else "part of a day"
    return Row(
        f"{span}: {updates:,} updates, 40 viewers, 10 stalled, joining and leaving",
        f"{(after - before) / 1e3:+.0f} kB",
        "flat",
        f"Python's own memory; process {rss:.0f} → {rss_mb(os.getpid()):.0f} MB; {took:.0f} s; "
        f"at most {MOST_NAMED} named",
    )


async def _drive(hub: Any, source: Any, viewers: list[Any], updates: int) -> None:
    room = viewers[0].room
    for n in range(updates):
        source.rev += 1
        hub.made("day", source.rev, f"viewer{n % 50:04}-{n}")
        while room.rev < source.rev:
            await asyncio.sleep(0)
        if n % 60 == 0:  # a viewer connects and disconnects
            guest = hub.enter(source.watcher(n), "day", f"guest{n:06}", source.rev)
            room.scene.met(guest.watcher, guest.id, "", "map", streaming=True)
            hub.leave(guest)
            room.scene._people.pop(guest.id, None)


async def _read(viewer: Any) -> None:
    while await viewer.news():
        pass


def rows(
    viewers: int = VIEWERS, seconds: int = SECONDS, updates: int = UPDATES_A_DAY
) -> Iterator[Row]:
    """Measure the streams of one process, then a day of one room."""
    _allow_many_files()
    with _server() as (address, pid):
        room, own = asyncio.run(_run(address, pid, viewers, seconds))
        yield from _rows(room, viewers, own)
    yield asyncio.run(_day(updates))


def against_plain(viewers: int = VIEWERS, seconds: int = SECONDS, turns: int = 3) -> Iterator[Row]:
    """Measure the same load with sse-starlette's response and with Starlette's own, in turns."""
    _allow_many_files()
    shares: dict[str, list[float]] = {"": [], PLAIN: []}
    lags: dict[str, list[float]] = {"": [], PLAIN: []}
    for _ in range(turns):
        for kind in shares:
            with _server(kind) as (address, pid):
                room, own = asyncio.run(_run(address, pid, viewers, seconds))
            shares[kind].append(own["share"])
            lags[kind].append(median(room.lags or [0.0]))
            name = "plain" if kind else "sse-starlette"
            print(f"{name}: {own['share']:.3f} of a core, {lags[kind][-1]:.0f} ms", file=sys.stderr)
    for what, found, unit in (("web process, share of a core", shares, 100), ("lag, ms", lags, 1)):
        here, plain = (median(found[kind]) for kind in ("", PLAIN))
        each = ", ".join(
            f"{one * unit:.0f}/{other * unit:.0f}"
            for one, other in zip(found[""], found[PLAIN], strict=True)
        )
        name = f"{viewers:,} viewers, sse-starlette over a plain response: {what}"
        yield Row(name, f"{here / plain:.2f} x", "", f"each turn: {each}")


def _allow_many_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 3 * VIEWERS:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20_000), hard))


if __name__ == "__main__":
    plain = sys.argv[1:2] == ["plain"]
    numbers = [int(argument) for argument in sys.argv[1 + plain :]]
    print_table((against_plain if plain else rows)(*numbers[:3]))
