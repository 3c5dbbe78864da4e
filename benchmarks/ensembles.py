"""Ensembles: 512 runs at once beside a plain search, sampler beside numpy, threads beside one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
from numba import njit

from benchmarks.synthetic import Family, synthetic
from benchmarks.table import Row, alternating_ms
from data.documents.scenarios import read_scenario, ready_scenarios
from data.worlds.reader import find_world, read_world
from models.cascade.arrays import Array, WorldArrays
from models.cascade.compile.random_kernels import happens
from models.cascade.timed.engine import run
from models.cascade.yes_or_no.batch import BATCH, aligned_rows
from models.cascade.yes_or_no.batch_kernels import spread
from models.ensemble.job import Job, on_threads
from models.scenario import Event, Scenario

ASSETS = 100_000
#: The storm: so likely does an asset fail in 30 % of the area, and elsewhere.
NEAR, FAR = 0.05, 0.002
AIMS: dict[Family, str] = {"infra": "≥ 225 x", "infraw": "", "rand": ""}


def rows() -> list[Row]:
    """Measure the cascade on three kinds of world, the sampler, and threads."""
    return [
        *(_at_once(family, aim) for family, aim in AIMS.items()),
        _sampler(),
        _threads(),
        _timed(),
    ]


def _at_once(family: Family, aim: str) -> Row:
    """Compare links followed a second: 512 runs at once, and a breadth-first search.

    The search begins where it reaches nearly everything; its rate counts the links it follows.
    """
    world = synthetic(family, ASSETS)
    arrays = world.arrays()
    hits = aligned_rows(ASSETS)
    happens(_keys(ASSETS), _chances(ASSETS), 0, hits)
    failed = aligned_rows(ASSETS)

    def reset() -> None:
        failed[:] = hits

    def at_once() -> int:
        reset()
        return _spread(arrays, failed)

    plants = world.of_kind(arrays, "power_plant")
    start = plants if len(plants) else np.arange(0, ASSETS, 1000, dtype=np.int32)
    search = _search(arrays, start)
    evaluated, followed = at_once() / ASSETS, search()
    share = np.bitwise_count(failed).mean() / 64
    whole, copied, plain = alternating_ms(at_once, reset, search, repeats=15)
    ratio = len(arrays.supplier) * BATCH / (whole - copied) / (followed / plain)
    return Row(
        f"ensemble, {family} {ASSETS // 1000}k: link-runs per second over links of a plain search",
        f"{ratio:.0f} x",
        aim,
        f"{whole - copied:.1f} ms for {BATCH} runs, {share:.0%} fail, each asset evaluated "
        f"{evaluated:.2f} times; search {plain:.1f} ms for {followed:,} links",
    )


def _spread(arrays: WorldArrays, failed: Array) -> int:
    evaluated: int = spread(
        arrays.block_ptr, arrays.group_ptr, arrays.sup_ptr, arrays.supplier, arrays.trip,
        arrays.fed_ptr, arrays.fed, arrays.owner, failed,
    )  # fmt: skip
    return evaluated


def _search(arrays: WorldArrays, start: Array) -> Callable[[], int]:
    onward = arrays.owner[arrays.fed]
    seen, queue = np.zeros(len(arrays.ids), np.uint8), np.empty(len(arrays.ids), np.int32)
    return lambda: int(breadth_first(arrays.fed_ptr, onward, start, seen, queue))


@njit(cache=True, nogil=True)
def breadth_first(ptr, onward, start, seen, queue):  # type: ignore[no-untyped-def]
    """Follow every link once from ``start``; return how many there were."""
    seen[:] = 0
    reached = 0
    for v in start:
        seen[v] = 1
        queue[reached] = v
        reached += 1
    followed, at = 0, 0
    while at < reached:
        v = queue[at]
        at += 1
        followed += ptr[v + 1] - ptr[v]
        for i in range(ptr[v], ptr[v + 1]):
            w = onward[i]
            if not seen[w]:
                seen[w] = 1
                queue[reached] = w
                reached += 1
    return followed


def _sampler() -> Row:
    """Compare drawing who fails in 512 runs with numpy's random numbers."""
    keys, p, hits = _keys(ASSETS), _chances(ASSETS), aligned_rows(ASSETS)
    rng = np.random.default_rng(1)
    ours, numpys = alternating_ms(
        lambda: happens(keys, p, 1, hits), lambda: rng.random((ASSETS, BATCH)) < p[:, None]
    )
    return Row(
        f"sampler, {BATCH} runs of {ASSETS // 1000}k assets, over numpy's random",
        f"{numpys / ours:.0f} x",
        "≥ 30 x",
        f"{ours:.1f} ms; numpy {numpys:.0f} ms",
    )


def _threads() -> Row:
    """Compare whole runs of an ensemble on one and on two threads."""
    world = synthetic("infra", 20_000).world()
    groups = {name: replace(group, autonomy_h=0.0) for name, group in world.groups.items()}
    ids, p = sorted(world.assets), _chances(len(world.assets)).tolist()
    events = tuple(Event(0.0, "fail", asset, p=x) for asset, x in zip(ids, p, strict=True))
    scenario = Scenario(world.world_id, events)
    job = Job(replace(world, groups=groups), scenario, runs=20 * BATCH)

    def on(threads: int) -> int:
        return sum(len(part.lost) for part in on_threads(threads)(job, lambda: False))

    def busy(threads: int) -> int:
        with ThreadPoolExecutor(threads) as pool:
            return sum(pool.map(count, [20_000_000] * 4))

    one, two, alone, both = alternating_ms(
        lambda: on(1), lambda: on(2), lambda: busy(1), lambda: busy(2)
    )
    return Row(
        f"ensemble, infra 20k, {job.runs:,} runs from sample to people: two threads over one",
        f"{one / two:.1f} x",
        "",
        f"{one:.0f} ms on one thread, {two:.0f} ms on two; a loop in registers, which needs "
        f"nothing but a second core that is free, {alone / both:.1f} x",
    )


def _timed() -> Row:
    """Compare runs of the embedded region, its buffers uncertain, to single runs with a trace."""
    folder = find_world("neubrandenburg")
    world = read_world(folder)
    scenario = read_scenario(ready_scenarios(folder)[0][1], world)
    job = Job(world, scenario, runs=1000)
    many, one = alternating_ms(lambda: job.chunk(0), lambda: run(world, scenario))
    each = many / job.chunk_runs
    return Row(
        "ensemble, timed, embedded region, one run",
        f"{each:.2f} ms",
        "",
        f"{len(job.draws.ranges)} numbers drawn in each; one cascade with its trace {one:.1f} ms",
    )


@njit(cache=True, nogil=True)
def count(steps):  # type: ignore[no-untyped-def]
    """Keep one core busy."""
    x = np.uint64(1)
    for _ in range(steps):
        x = x * np.uint64(0x5851F42D4C957F2D) + np.uint64(1)
    return x & np.uint64(1)


def _keys(n: int) -> Array:
    return np.random.default_rng(2).integers(0, 2**64, n, dtype=np.uint64)


def _chances(n: int) -> Array:
    return np.where(np.random.default_rng(3).random(n) < 0.3, NEAR, FAR)
