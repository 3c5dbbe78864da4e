"""The cascade engine with all its rules: the embedded region, a county, a hundred thousand assets.

``python -m benchmarks.engine`` runs it on a million assets, which takes minutes and 4 GB.
"""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Iterator, Sequence
from random import Random

import networkx as nx
import numpy as np

from benchmarks.synthetic import county, synthetic
from benchmarks.table import Row, alternating_ms, print_table
from data.documents.scenarios import read_scenario, ready_scenarios
from data.worlds.reader import find_world, read_world
from models.cascade.reference import engine as reference
from models.cascade.timed.engine import run, solve
from models.cascade.timed.prepared import Prepared, prepare
from models.criticality.what_if import Baseline, Things
from models.scenario import Event, Scenario
from models.units import to_ms
from models.world import World

AIM_MS = 50.0
WEEK_H = 168.0
WEEK_MS = to_ms(WEEK_H)


def rows() -> Iterator[Row]:
    """Measure single cascades, one more knock-out upon them, links, and a large deadlock."""
    yield from _ready_scenarios()
    yield from _county()
    world = synthetic("infra", 100_000).world(grid=True)
    prepared = prepare(world)
    yield from _one_more(world, prepared)
    yield _links(world, prepared)
    yield _stuck(world)


def _ready_scenarios() -> list[Row]:
    """Measure each ready scenario, alternating with a breadth-first search from what is hit."""
    folder = find_world("neubrandenburg")
    world = read_world(folder)
    graph = _graph(world)
    size = f"{len(world.assets)} assets, {len(world.groups)} groups, {len(world.links)} links"
    scenarios = []
    for _, path in ready_scenarios(folder):
        scenario = read_scenario(path, world)
        ours, search = alternating_ms(
            lambda s=scenario: run(world, s), lambda s=scenario: _reached(graph, world, s)
        )
        lost = len(run(world, scenario).assets)
        scenarios.append(
            Row(
                f"one cascade, {path.stem}",
                f"{ours:.1f} ms",
                f"< {AIM_MS:.0f} ms",
                f"{lost} lost of {size}; {ours / search:.0f} x networkx BFS ({search:.2f} ms)",
            )
        )
    return scenarios


def _county() -> Iterator[Row]:
    """Measure cases of a county: one to five assets hit in a day, all repaired in typical time."""
    world = county()
    prepared, draw, names = prepare(world), Random(1), sorted(world.assets)
    cases = [
        [Event(float(draw.randint(0, 24)), "fail", a) for a in draw.sample(names, 1 + i % 5)]
        for i in range(200)
    ]
    scenarios = [Scenario("county", tuple(c), repairs="typical") for c in cases]
    numbers, whole, slow = _medians_us(
        [lambda case=case: solve(prepared, case, WEEK_MS, typical=True) for case in cases],
        [lambda scenario=scenario: run(world, scenario) for scenario in scenarios],
        [lambda scenario=scenario: reference.run(world, scenario) for scenario in scenarios],
    )
    size = f"{len(world.assets)} assets, {len(world.groups)} groups"
    yield Row("one case of a county with loops, numbers", f"{numbers / 1e3:.2f} ms", "≤ 0.3 ms",
              f"{size}; all is repaired; {slow / numbers:.0f} x the reference")  # fmt: skip
    yield Row("one case of a county with loops, the whole outcome", f"{whole / 1e3:.2f} ms", "",
              f"{slow / whole:.0f} x the reference")  # fmt: skip


def _one_more(world: World, prepared: Prepared) -> Iterator[Row]:
    """Measure what one more knock-out takes, on top of a region that is lost."""
    kinds = ("power_plant", "substation_hv", "gas_compressor")
    feeding = [a for a in world.assets.values() if a.asset_type in kinds]
    middle = float(np.median([a.lon for a in feeding]))
    events = tuple(Event(0.0, "fail", a.asset_id) for a in feeding if a.lon < middle)
    scenario = Scenario(world.world_id, events, horizon_h=WEEK_H)
    names = Random(1).sample([a for a, asset in world.assets.items() if not asset.is_junction], 300)
    for at_h in (0.0, 100.0):
        base = Baseline(world, scenario, at_h)
        tables = [prepared.table([*events, Event(at_h, "fail", a)]) for a in names]
        ours, anew = _medians_us(
            [lambda b=base, a=a: b.beyond(Things((a,))) for a in names],
            [lambda t=t: solve(prepared, t, WEEK_MS) for t in tables],
        )
        lost = len(solve(prepared, events, WEEK_MS).assets)
        yield Row(
            f"engine with all its rules: one more at {at_h:.0f} h, infra 100,000",
            f"{anew / ours:.0f} x solving anew",
            "",
            f"{ours:.0f} µs at the median, Python and people included; {lost:,} lost anyway",
        )


def _links(world: World, prepared: Prepared) -> Row:
    """Measure a hit link: searched only around it, and the whole network."""
    tables = [
        prepared.table([Event(0.0, "fail", link=link)])
        for link in Random(1).sample(sorted(world.links), 300)
    ]

    def hit(table: np.ndarray, forest: int) -> None:
        with prepared.run_state(tracing=False) as state:
            state.live.tally["forest"] = forest
            state.play(table, False, WEEK_MS)

    near, whole = _medians_us(
        [lambda t=t: hit(t, 1) for t in tables], [lambda t=t: hit(t, 0) for t in tables]
    )
    return Row(
        "one link hit, infra 100,000 with a grid",
        f"{whole / near:.0f} x searching all",
        "",
        f"{near:.0f} µs at the median; {len(world.links):,} links",
    )


def _stuck(world: World) -> Row:
    """Measure the whole outcome where all is lost, and repair alone brings nothing back."""
    plants = [a for a, asset in world.assets.items() if asset.asset_type == "power_plant"]
    hits = [Event(0.0, "fail", a) for a in plants]
    mends = [Event(60.0 + i % 40, "repair", a) for i, a in enumerate(plants)]
    scenario = Scenario(world.world_id, (*hits, *mends), horizon_h=WEEK_H)
    prepared = prepare(world)
    table = prepared.table(scenario.events)
    with prepared.run_state(tracing=True) as state:
        state.play(table, False, WEEK_MS)
        began = time.perf_counter()
        state.deadlocks()
        search = time.perf_counter() - began
    began = time.perf_counter()
    outcome = run(world, scenario)
    taken = time.perf_counter() - began
    stuck = sum(steps[-1].state == "stuck" for steps in outcome.states.values())
    return Row(
        "whole outcome with a restart deadlock, infra 100,000",
        f"{taken:.1f} s",
        "< 10 s",
        f"{len(outcome.trace):,} rows, {stuck:,} stuck; search for what frees "
        f"{sum(len(lock.assets) for lock in outcome.deadlocks):,} of them {search:.1f} s, "
        f"{sum(len(lock.breaking) for lock in outcome.deadlocks):,} supplies",
    )


def _medians_us(*works: Sequence[object]) -> list[float]:
    """Return the median µs of each list of calls, taken in turns."""
    times: list[list[float]] = [[] for _ in works]
    for calls in zip(*works, strict=True):
        for call, taken in zip(calls, times, strict=True):
            began = time.perf_counter()
            call()
            taken.append((time.perf_counter() - began) * 1e6)
    return [float(np.median(taken)) for taken in times]


def million() -> Iterator[Row]:
    """Run a million assets through the engine with all its rules, numbers alone."""
    gc.disable()
    began = time.process_time()
    world = synthetic("infra", 1_000_000).world()
    made = time.process_time() - began
    prepared = prepare(world)
    ready = time.process_time() - began - made
    plants = [a for a, asset in world.assets.items() if asset.asset_type == "power_plant"]
    hits = [Event(0.0, "fail", a) for a in plants]
    mends = [Event(24.0 + i % 48, "repair", a) for i, a in enumerate(plants)]
    for name, events in (
        ("one plant", hits[:1]), ("all plants", hits), ("all plants, repaired", [*hits, *mends])
    ):  # fmt: skip
        table = prepared.table(events)
        (took,) = alternating_ms(lambda t=table: solve(prepared, t, WEEK_MS), repeats=3)
        lost = len(solve(prepared, table, WEEK_MS).assets)
        yield Row(f"engine with all its rules, infra 1,000,000: {name}", f"{took:,.1f} ms", "",
                  f"{lost:,} lost")  # fmt: skip
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    arrays = sum(getattr(prepared.fixed, name).nbytes for name in prepared.fixed._fields) / 1e6
    state = sum(getattr(prepared.settled, name).nbytes for name in prepared.settled._fields) / 1e6
    yield Row("the same: memory", f"{peak:,.0f} MB at the peak", "",
              f"{arrays:.0f} MB of arrays that threads share, {state:.0f} MB for each state; the "
              f"rest are the world's objects. Making the world {made:.0f} s, getting it ready "
              f"{ready:.0f} s")  # fmt: skip


def _graph(world: World) -> nx.DiGraph[str]:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(world.assets)
    for group in world.groups.values():
        graph.add_edges_from((s.asset_id, group.consumer_id) for s in group.suppliers)
    for link in world.links.values():
        graph.add_edges_from([(link.from_id, link.to_id), (link.to_id, link.from_id)])
    return graph


def _reached(graph: nx.DiGraph[str], world: World, scenario: Scenario) -> int:
    links = (world.links[e.link].from_id for e in scenario.events if e.link)
    hit = [*links, *(e.asset for e in scenario.events if e.asset)]
    seen: set[str] = set()
    for asset in hit:
        seen |= {asset, *(child for _, child in nx.bfs_edges(graph, asset))}
    return len(seen)


if __name__ == "__main__":
    print_table(list(million()))
