"""The running page with 100,000 assets and more: opening, clicks, playback, memory of the tab.

``python -m benchmarks.large_page [--assets N] [--plants CSV.GZ --grid FOLDER]`` measures the
embedded region for comparison, a synthetic world, and the power plants of Europe where their
data are given; ``--world FOLDER`` measures worlds that ``benchmarks/large_worlds.py`` has written
before, and nothing else. Takes some minutes, so ``make bench`` leaves it out.

Beside each time stands what the page's main thread worked for it and how long it waited for a
processor that others had: on a busy machine only the first of them says something of the page.
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
from data.exchange.exports import write_world_folder
from models.errors import KnockOnError
from tests.e2e.running import CHROMIUM_ARGUMENTS, running_app
from tests.prepare import browser

PATIENCE_S = 900
CLICKS, MANY = 7, 30
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
      done({said: message.text});
    }),
  ];
  // the page itself waits for a server that is there, and says when it gives up
  setTimeout(() => done(null), 300000);
  knockon.act(action);
})"""
#: those that most others hang on
SUPPLIERS = """(count) => {
  const {assets, dependencies} = knockon.world, hang = new Uint32Array(assets.length);
  for (const i of dependencies.from) hang[i]++;
  return [...hang.keys()].sort((a, b) => hang[b] - hang[a]).slice(0, count).map(i => assets[i].id);
}"""
#: some from all over the table
ANY = """(count) => {
  const {assets} = knockon.world, step = Math.floor(assets.length / count);
  return [...Array(count).keys()].map(n => assets[n * step + (step >> 1)].id);
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
        table = [row for world in worlds for row in _rows(chromium, *world, pictures)]
        chromium.close()
    return table


def _rows(chromium: Browser, name: str, world: str, pictures: Path | None) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        with running_app(Path(folder), PATIENCE_S, KNOCKON_WORLD=world) as app:
            served = time.perf_counter() - start
            page = chromium.new_page(bypass_csp=True, viewport={"width": 1440, "height": 900})
            page.add_init_script("localStorage.setItem('knockon-tour', 'done')")
            opened = time.perf_counter()
            page.goto(app.address, timeout=PATIENCE_S * 1000)
            page.wait_for_selector("#page[data-ready]", timeout=PATIENCE_S * 1000)
            usable = time.perf_counter() - opened
            _keep(page, pictures, f"{name}-quiet")
            suppliers = page.evaluate(SUPPLIERS, MANY)
            thread = _main_thread(chromium)
            _change(page, {"do": "settings", "horizon_h": 48.0}, thread)
            answered = time.perf_counter() - start
            yield _opening(page, name, served, usable, answered)
            some = page.evaluate(ANY, CLICKS)
            yield from _clicks(page, f"{name}, any asset", some, thread)
            yield from _clicks(page, f"{name}, a supplier of many", suppliers[:CLICKS], thread)
            yield _many(page, name, suppliers, thread)
            _keep(page, pictures, f"{name}-cascade")
            yield _playback(page, name, thread)
            yield _memory(page, name, thread)
            page.close()


def _main_thread(chromium: Browser) -> int:
    """Return the page's renderer process: of several, the one with most CPU time."""
    processes = chromium.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    pages = (int(process["id"]) for process in processes if process["type"] == "renderer")
    return max(pages, key=lambda process: _work_ms(process)[0])


def _work_ms(process: int) -> tuple[float, float]:
    """Return for how long its main thread has worked, and waited for a processor."""
    fields = Path(f"/proc/{process}/task/{process}/schedstat").read_text(encoding="ascii").split()
    return int(fields[0]) / 1e6, int(fields[1]) / 1e6


def _change(page: Page, action: dict[str, Any], process: int) -> dict[str, float]:
    """Make a change; its times, and what the page's main thread did meanwhile."""
    work, waited = _work_ms(process)
    answer = page.evaluate(CHANGE, action)
    if answer is None or "said" in answer:
        said = "no answer" if answer is None else answer["said"]
        raise KnockOnError(f"A change was not made ({action['do']}): {said}")
    after, later = _work_ms(process)
    return {**answer, "work": after - work, "waited": later - waited}


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


def _clicks(page: Page, name: str, suppliers: Sequence[str], process: int) -> Iterator[Row]:
    """Knock each out alone, and undo."""
    taken, lost = [], []
    for asset in suppliers:
        page.wait_for_timeout(1_000)
        taken.append(_change(page, _fail(asset), process))
        lost.append(page.evaluate("knockon.picture.losses.length"))
        page.wait_for_timeout(1_000)
        _change(page, {"do": "undo"}, process)
    least = min(item["browser"] for item in taken)
    middle = {key: median(item[key] for item in taken) for key in taken[0]}
    yield Row(
        f"{name}: answer → colours applied",
        f"{middle['browser']:.0f} ms",
        "< 150 ms",
        f"the script's part {middle['script']:.0f} ms, then two frames; median of {CLICKS} clicks "
        f"that cost {min(lost):,} to {max(lost):,} losses; quickest {least:.0f} ms",
    )
    yield Row(
        f"{name}: click → colours applied",
        f"{middle['whole']:.0f} ms",
        "",
        f"{middle['answer']:.0f} ms until the server's answer, engine included, was on the page; "
        f"the page's main thread worked {middle['work']:.0f} ms and waited {middle['waited']:.0f}",
    )


def _many(page: Page, name: str, suppliers: Sequence[str], process: int) -> Row:
    """Knock all out at once; they stay."""
    page.wait_for_timeout(1_000)
    answer = _change(page, _fail(*suppliers), process)
    return Row(
        f"{name}: {len(suppliers)} knock-outs at once: answer → colours applied",
        f"{answer['browser']:.0f} ms",
        "< 150 ms",
        f"{page.evaluate('knockon.picture.losses.length'):,} losses; whole {answer['whole']:.0f} "
        f"ms, in which the main thread worked {answer['work']:.0f} ms and waited "
        f"{answer['waited']:.0f}",
    )


def _playback(page: Page, name: str, process: int) -> Row:
    page.wait_for_timeout(2_000)
    moved = page.evaluate("knockon.picture.states.t.length")
    work, waited = _work_ms(process)
    frames = sorted(page.evaluate(FRAMES, PLAY_S * 1000))
    after, later = _work_ms(process)
    late = frames[int(0.95 * (len(frames) - 1))]
    return Row(
        f"{name}: frame during playback",
        f"{median(frames):.0f} ms",
        "",
        f"p95 {late:.0f} ms; {moved:,} changes of state in the picture; the main thread worked "
        f"{(after - work) / len(frames):.0f} ms a frame and waited "
        f"{(later - waited) / len(frames):.0f}",
    )


def _memory(page: Page, name: str, process: int) -> Row:
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    counted = session.send("Memory.getDOMCounters")
    heap = page.evaluate("performance.memory.usedJSHeapSize / 1e6")
    return Row(
        f"{name}: memory of the tab",
        f"{_resident_mb(process):.0f} MB",
        "",
        f"its scripts hold {heap:.0f} MB; {counted['nodes']:,} nodes, "
        f"{counted['jsEventListeners']:,} listeners",
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
    parser.add_argument("--world", type=Path, action="append", help="a world's folder, as it is")
    parsed = parser.parse_args(arguments)
    if parsed.world:
        return _print([(folder.name, str(folder)) for folder in parsed.world], parsed.pictures)
    with tempfile.TemporaryDirectory() as folder:
        try:
            made = Path(folder, "synthetic")
            write_world_folder(synthetic_world(parsed.assets), made)
            worlds = [("region", "neubrandenburg"), ("synthetic", str(made))]
            if parsed.plants and parsed.grid:
                write_world_folder(plants_world(parsed.plants, parsed.grid), Path(folder, "plants"))
                worlds.append(("plants", str(Path(folder, "plants"))))
            else:
                print("No --plants and --grid given: the European world is left out.")
        except KnockOnError as error:
            print(error, file=sys.stderr)
            return 2
        return _print(worlds, parsed.pictures)


def _print(worlds: Sequence[tuple[str, str]], pictures: Path | None) -> int:
    try:
        print_table(rows(worlds, pictures))
    except KnockOnError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
