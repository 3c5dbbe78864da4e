"""The running page with 100,000 assets and more: opening, clicks, playback, memory of the tab.

``python -m benchmarks.large_page [--assets N] [--plants CSV.GZ --grid FOLDER]`` measures the
embedded region for comparison, a synthetic world, and the power plants of Europe where their
data are given; see ``benchmarks/large_worlds.py``. Takes some minutes, so ``make bench`` leaves
it out.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.large_worlds import plants_world, synthetic_world
from benchmarks.table import Row, print_table
from data.exports import write_world_folder
from models.errors import KnockOnError
from tests.e2e.running import CHROMIUM_ARGUMENTS, running_app
from tests.prepare import browser

PATIENCE_S = 180
CLICKS = 7
PLAY_S = 6.0
#: changes the scenario; the times in ms until the frame with the new colours has been drawn
CHANGE = """(action) => new Promise((done) => {
  const start = performance.now(), rev = knockon.picture.rev;
  let came = 0;
  const stop = [
    knockon.on("picture", (picture) => {
      if (came || picture.rev === rev) return;
      came = performance.now();
      requestAnimationFrame(() => requestAnimationFrame(() => {
        stop.forEach((one) => one());
        const {answer_ms, colours_ms} = knockon.timing, end = performance.now();
        done({whole: end - start, answer: answer_ms, browser: end - came, script: colours_ms});
      }));
    }),
    knockon.on("message", (message) => {
      if (performance.now() - start < 100 || message.kind !== "error") return;
      stop.forEach((one) => one());
      done(null);
    }),
  ];
  // the page itself waits for a server that is there, and says when it gives up
  setTimeout(() => done(null), 150000);
  knockon.act(action);
})"""
#: those that most others hang on
SUPPLIERS = """(count) => {
  const {assets, dependencies} = knockon.world, hang = new Uint32Array(assets.length);
  for (const i of dependencies.from) hang[i]++;
  return [...hang.keys()].sort((a, b) => hang[b] - hang[a]).slice(0, count).map(i => assets[i].id);
}"""
FRAMES = """(ms) => new Promise((done) => {
  const frames = [];
  let before = performance.now();
  const end = before + ms;
  knockon.clock.set(0);
  knockon.clock.setSpeed(8);
  knockon.clock.play();
  const tick = (now) => {
    frames.push(now - before);
    before = now;
    if (now < end) requestAnimationFrame(tick); else { knockon.clock.pause(); done(frames); }
  };
  requestAnimationFrame(tick);
})"""


def rows(worlds: Sequence[tuple[str, str]], pictures: Path | None = None) -> list[Row]:
    """Measure each (name, what ``KNOCKON_WORLD`` is set to); ``pictures`` keeps screenshots."""
    flags = [*CHROMIUM_ARGUMENTS, "--enable-precise-memory-info"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser(), args=flags)
        found = [row for one in worlds for row in _rows(chromium, *one, pictures)]
        chromium.close()
    return found


def _rows(chromium: Browser, name: str, world: str, pictures: Path | None) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        with running_app(Path(folder), PATIENCE_S, KNOCKON_WORLD=world) as app:
            served = time.perf_counter() - start
            page = chromium.new_page(bypass_csp=True, viewport={"width": 1440, "height": 900})
            page.add_init_script("localStorage.setItem('knockon-tour', 'done')")
            opened = time.perf_counter()
            page.goto(app.address)
            page.wait_for_selector("#page[data-ready]", timeout=PATIENCE_S * 1000)
            usable = time.perf_counter() - opened
            _keep(page, pictures, f"{name}-quiet")
            suppliers = page.evaluate(SUPPLIERS, CLICKS)
            _first_answer(page)
            answered = time.perf_counter() - start
            yield _opening(page, name, served, usable, answered)
            yield from _clicks(page, name, suppliers)
            _keep(page, pictures, f"{name}-cascade")
            yield _playback(page, name)
            yield _memory(chromium, page, name)
            page.close()


def _first_answer(page: Page) -> None:
    """Wait until the workers stand by: what the page gives up on is asked again, differently."""
    end = time.perf_counter() + PATIENCE_S
    hours = 48.0
    while page.evaluate(CHANGE, {"do": "settings", "horizon_h": hours}) is None:
        hours += 1.0
        if time.perf_counter() > end:
            raise KnockOnError(f"No change was answered within {PATIENCE_S} s.")


def _fail(*assets: str) -> dict[str, Any]:
    return {"do": "fail", "assets": assets, "links": [], "at_h": 0}


def _opening(page: Page, name: str, served: float, usable: float, answered: float) -> Row:
    size = page.evaluate("[knockon.world.assets.length, knockon.world.links.length]")
    read_ms = page.evaluate("knockon.world.read_ms")
    packed = page.evaluate(
        "performance.getEntriesByType('resource')"
        ".find(one => one.name.includes('features.json')).encodedBodySize / 1e6"
    )
    return Row(
        f"{name}: page usable after",
        f"{usable:.1f} s",
        "",
        f"{size[0]:,} assets, {size[1]:,} links; served after {served:.0f} s, first change "
        f"answered after {answered:.0f} s; features {packed:.1f} MB packed, "
        f"read in {read_ms:.0f} ms",
    )


def _clicks(page: Page, name: str, suppliers: Sequence[str]) -> Iterator[Row]:
    """Knock each out alone, and undo; the last one stays, with all others."""
    taken, lost = [], []
    for asset in suppliers:
        page.wait_for_timeout(1_000)
        answer = page.evaluate(CHANGE, _fail(asset))
        if answer is None:
            raise KnockOnError(f"{name}: a change was not answered.")
        taken.append(answer)
        lost.append(page.evaluate("knockon.picture.losses.length"))
        page.wait_for_timeout(1_000)
        page.evaluate(CHANGE, {"do": "undo"})
    page.wait_for_timeout(1_000)
    page.evaluate(CHANGE, _fail(*suppliers))
    middle = {key: median(one[key] for one in taken) for key in taken[0]}
    yield Row(
        f"{name}: answer → colours applied",
        f"{middle['browser']:.0f} ms",
        "< 150 ms",
        f"the script's part {middle['script']:.0f} ms, then two frames; median of {CLICKS} clicks "
        f"that cost {min(lost):,} to {max(lost):,} losses",
    )
    yield Row(
        f"{name}: click → colours applied",
        f"{middle['whole']:.0f} ms",
        "",
        f"{middle['answer']:.0f} ms until the server's answer, engine included, was on the page",
    )


def _playback(page: Page, name: str) -> Row:
    page.wait_for_timeout(2_000)
    moved = page.evaluate("knockon.picture.states.t.length")
    frames = sorted(page.evaluate(FRAMES, PLAY_S * 1000))
    late = frames[int(0.95 * (len(frames) - 1))]
    return Row(
        f"{name}: frame during playback",
        f"{median(frames):.0f} ms",
        "",
        f"p95 {late:.0f} ms; {moved:,} changes of state in the picture",
    )


def _memory(chromium: Browser, page: Page, name: str) -> Row:
    heap = page.evaluate("performance.memory.usedJSHeapSize / 1e6")
    session = chromium.new_browser_cdp_session()
    told = session.send("SystemInfo.getProcessInfo")["processInfo"]
    resident = max(_resident_mb(one["id"]) for one in told if one["type"] == "renderer")
    return Row(
        f"{name}: memory of the tab", f"{resident:.0f} MB", "", f"its scripts hold {heap:.0f} MB"
    )


def _resident_mb(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1000


def _keep(page: Page, pictures: Path | None, name: str) -> None:
    if pictures is not None:
        pictures.mkdir(parents=True, exist_ok=True)
        page.wait_for_timeout(1_500)
        page.screenshot(path=pictures / f"{name}.png")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 2 and one line where something given cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large_page")
    parser.add_argument("--assets", type=int, default=100_000, help="of the synthetic world")
    parser.add_argument("--plants", type=Path, help="powerplants_europe.csv.gz")
    parser.add_argument("--grid", type=Path, help="folder with buses.csv and lines.csv")
    parser.add_argument("--pictures", type=Path, help="keep screenshots in this folder")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        try:
            made = Path(folder, "synthetic")
            write_world_folder(synthetic_world(given.assets), made)
            worlds = [("region", "neubrandenburg"), ("synthetic", str(made))]
            if given.plants and given.grid:
                write_world_folder(plants_world(given.plants, given.grid), Path(folder, "plants"))
                worlds.append(("plants", str(Path(folder, "plants"))))
            else:
                print("No --plants and --grid given: the European world is left out.")
            print_table(rows(worlds, given.pictures))
        except KnockOnError as error:
            print(error, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
