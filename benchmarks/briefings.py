"""Briefings: the largest scenario of the embedded region, and one of a world of 100,000 assets."""

from __future__ import annotations

import time

from benchmarks.large_worlds import synthetic_world
from benchmarks.table import Row
from data.papers import Papers, base_files
from data.scenarios import read_scenario, ready_scenarios
from data.worlds import find_world, read_world
from labels import page_labels
from layouts.outgoing import Order, Warn
from layouts.subject import Subject
from models.cascade.engine import prepare, run
from models.scenario import Event, Scenario
from models.units import to_ms
from models.world import World

LARGE = 100_000
WARN = Warn("2026-01-01T00:00:00+00:00")


def rows() -> list[Row]:
    """Measure from the question to the bytes, engine runs and pages included."""
    folder = find_world("neubrandenburg")
    region = read_world(folder)
    named = {path.stem: read_scenario(path, region) for _, path in ready_scenarios(folder)}
    worst = named["s5-black-start-too-late"]
    large = synthetic_world(LARGE)
    plants = [a for a, asset in large.assets.items() if asset.asset_type == "power_plant"]
    events = tuple(Event(0.0, "fail", asset=plant) for plant in plants)
    blackout = Scenario(large.world_id, events=events, horizon_h=72.0)
    return [
        _row("briefing as PDF, embedded region, all cut off", region, worst, base_files(folder)),
        _row(f"briefing as PDF, {LARGE:,} assets, all power plants lost", large, blackout, {}),
    ]


def _row(what: str, world: World, scenario: Scenario, base: dict[str, bytes]) -> Row:
    prepare(world)
    papers, labels = Papers(base), page_labels()
    _made(world, scenario, papers, labels)  # once for what is made on first use
    began = time.perf_counter()
    size = _made(world, scenario, papers, labels)
    seconds = time.perf_counter() - began
    return Row(what, f"{seconds:.1f} s", "≤ 10 s", f"{size / 1000:,.0f} kB")


def _made(world: World, scenario: Scenario, papers: Papers, labels: object) -> int:
    outcome = run(world, scenario)
    about = (world, scenario, outcome, labels, to_ms(24.0), papers.run_id(world, scenario))
    return len(Order(Subject(*about), papers, WARN).made("pdf"))
