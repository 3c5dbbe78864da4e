"""Briefings: the largest scenario of the embedded region, from the question to the bytes."""

from __future__ import annotations

import time

from benchmarks.table import Row
from data.documents.scenarios import read_scenario, ready_scenarios
from data.exchange.papers import Papers
from data.worlds.base_map import base_files
from data.worlds.reader import find_world, read_world
from labels import page_labels
from layouts.paper.outgoing import Order, Warn
from layouts.paper.subject import Subject
from models.cascade.timed.engine import run
from models.cascade.timed.prepared import prepare
from models.units import to_ms

WARN = Warn("2026-01-01T00:00:00+00:00")


def rows() -> list[Row]:
    """Measure it with all engine runs and pages; what is made on first use was made before."""
    folder = find_world("neubrandenburg")
    world = read_world(folder)
    (path,) = [p for _, p in ready_scenarios(folder) if p.stem == "s5-black-start-too-late"]
    scenario, papers, labels = read_scenario(path, world), Papers(base_files(folder)), page_labels()
    prepare(world)

    def made() -> int:
        outcome = run(world, scenario)
        about = (world, scenario, outcome, labels, to_ms(24.0), papers.run_id(world, scenario))
        return len(Order(Subject(*about), papers, WARN).made("pdf"))

    made()
    began = time.perf_counter()
    size = made()
    figure = f"{time.perf_counter() - began:.1f} s"
    return [
        Row("briefing as PDF, embedded region, all cut off", figure, "≤ 10 s", f"{size // 1000} kB")
    ]
