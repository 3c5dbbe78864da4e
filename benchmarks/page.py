"""The running page in a real browser: from start to usable, from click to colours."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

from benchmarks.table import Row
from settings import ROOT
from tests.prepare import browser

FLAGS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
#: knocks out and waits until the map has drawn the frame with the new colours
CLICK = """(id) => new Promise((done) => {
  const start = performance.now();
  let answered = 0;
  window.benchRev = knockon.picture.rev;
  const stop = knockon.on("picture", () => {
    if (!answered && knockon.picture.rev > window.benchRev) {
      answered = performance.now();
      requestAnimationFrame(() => requestAnimationFrame(() => {
        stop();
        done([performance.now() - start, performance.now() - answered]);
      }));
    }
  });
  knockon.act({do: "fail", assets: [id], links: [], at_h: 0});
})"""


def rows() -> list[Row]:
    """Measure a second start of the server, the page until usable, and ten clicks."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser(), args=FLAGS)
        # one profile for both starts: a warm start is that of somebody who was here before
        person = chromium.new_context(bypass_csp=True, viewport={"width": 1440, "height": 900})
        port = _free_port()
        with _server(Path(folder), port) as address:
            first = person.new_page()
            _usable(first, address)  # warms caches, is not counted
            first.close()
        start = time.perf_counter()
        with _server(Path(folder), port) as address:
            served = time.perf_counter() - start
            page = person.new_page()
            _usable(page, address)
            usable = time.perf_counter() - start
            assets = page.evaluate("knockon.world.assets.length")
            clicks = []
            for asset in _substations(page):
                page.wait_for_timeout(1_000)  # until the panels beside the map have followed
                clicks.append(page.evaluate(CLICK, asset))
        chromium.close()
    whole, drawn = (median(times) for times in zip(*clicks, strict=True))
    return [
        Row(
            "warm start to usable page", f"{usable:.1f} s", "< 3 s", f"server after {served:.1f} s"
        ),
        Row(
            "answer → colours applied",
            f"{drawn:.0f} ms",
            "< 100 ms",
            f"{assets} assets, software WebGL",
        ),
        Row(
            "click → colours applied, with the server's answer",
            f"{whole:.0f} ms",
            "",
            "median of clicks",
        ),
    ]


def _usable(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("#page[data-ready]", timeout=60_000)


def _substations(page: Page) -> list[str]:
    substations: list[str] = page.evaluate(
        "knockon.world.assets.filter(a => a.type.startsWith('substation')).map(a => a.id)"
    )
    return substations[:10]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _server(folder: Path, port: int) -> Iterator[str]:
    environment = os.environ | {
        "KNOCKON_PORT": str(port),
        "KNOCKON_DATABASE_URL": f"sqlite:///{folder / 'bench.db'}",
    }
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "app.py")], env=environment, stdout=subprocess.DEVNULL
    )
    try:
        while True:
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait()
