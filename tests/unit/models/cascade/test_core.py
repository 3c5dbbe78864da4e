"""The fail-only core says what the reference says: same assets, same hours, same binding group."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.synthetic import FAMILIES, synthetic
from models.cascade.arrays import WorldArrays, arrays_of
from models.cascade.reference.engine import run
from models.cascade.yes_or_no import Core, every_single, in_scope
from models.errors import BadInputError
from models.scenario import Event, Scenario
from models.units import to_ms
from models.world import Flow, Link, World
from tests.strategies import asset, knock_outs, needs, plain_worlds, world_of

FOREVER = 2**60
ROOT = Path(__file__).parents[4]
Losses = dict[str, tuple[int, str | None]]


def _by_reference(world: World, scenario: Scenario) -> Losses:
    """Return when each asset was lost and by which group."""
    rows = run(world, scenario).trace
    assert all(row.after == 0 and row.asset for row in rows)
    return {row.asset or "": (row.t_ms, row.group) for row in rows}


def _by_core(core: Core, scenario: Scenario) -> Losses:
    lay = core.arrays
    course = core.timed(
        [lay.number[e.asset or ""] for e in scenario.events],
        [to_ms(e.at_h) for e in scenario.events],
        to_ms(scenario.horizon_h),
    )
    return {
        lay.ids[u]: (int(t), None if g < 0 else lay.group_ids[g])
        for u, t, g in zip(course.assets, course.time_ms, course.cause, strict=True)
    }


def _names(arrays: WorldArrays, numbers: np.ndarray) -> set[str]:
    return {arrays.ids[u] for u in numbers}


@given(world=plain_worlds(), data=st.data())
@settings(max_examples=250)
def test_hours_and_binding_groups_are_the_references(world: World, data: st.DataObject):
    core = Core(arrays_of(world))
    assert in_scope(world, core.arrays)
    for _ in range(3):  # the working memory is clean again after each
        scenario = data.draw(knock_outs(world))
        assert _by_core(core, scenario) == _by_reference(world, scenario)


@pytest.mark.parametrize("family", FAMILIES)
def test_hours_in_larger_worlds_are_the_references(family):
    world = synthetic(family, 250).world()
    core = Core(arrays_of(world))
    rng = np.random.default_rng(3)
    for hits in (1, 2, 5, 20):
        chosen = rng.choice(sorted(world.assets), hits)
        hours = rng.integers(0, 30, hits) / 2
        events = tuple(Event(float(h), "fail", str(a)) for a, h in zip(chosen, hours, strict=True))
        scenario = Scenario("w", events, horizon_h=60.0)
        assert _by_core(core, scenario) == _by_reference(world, scenario)


@given(world=plain_worlds(), data=st.data())
@settings(max_examples=200)
def test_what_is_lost_in_the_end_is_what_the_reference_loses_sooner_or_later(
    world: World, data: st.DataObject
):
    core = Core(arrays_of(world))
    anyway = set(_by_reference(world, Scenario("w", horizon_h=1000.0)))
    assert _names(core.arrays, core.queue[: core.lost_anyway]) == anyway
    for _ in range(3):
        hit = data.draw(st.sets(st.sampled_from(sorted(world.assets)), max_size=3))
        events = tuple(Event(0.0, "fail", a) for a in sorted(hit))
        lost = _names(core.arrays, core.lost([core.arrays.number[a] for a in sorted(hit)]))
        assert lost | anyway == set(_by_reference(world, Scenario("w", events, horizon_h=1000.0)))
        assert not lost & anyway


@given(world=plain_worlds())
@settings(max_examples=200)
def test_every_single_knock_out_is_the_references(world: World):
    core = Core(arrays_of(world))
    lay = core.arrays
    number_of_people = [sum(x.people for x in world.people_of.get(a, ())) for a in lay.ids]
    weight = np.stack([np.ones(len(lay.ids), dtype=np.int64), number_of_people], axis=1)
    result = every_single(core, weight)
    anyway = set(_by_reference(world, Scenario("w", horizon_h=1000.0)))
    for u, item_id in enumerate(lay.ids):
        scenario = Scenario("w", (Event(0.0, "fail", item_id),), horizon_h=1000.0)
        lost = set(_by_reference(world, scenario)) - anyway
        assert result[u].tolist() == weight[[lay.number[a] for a in lost]].sum(axis=0).tolist()


@pytest.mark.parametrize("family", FAMILIES)
def test_the_forest_is_one_knock_out_after_another(family):
    core = Core(synthetic(family, 1000).arrays())
    n = len(core.arrays.ids)
    one_by_one = [len(core.lost([u])) for u in range(n)]
    assert every_single(core, np.ones((n, 1), dtype=np.int64))[:, 0].tolist() == one_by_one


@pytest.mark.parametrize("family", FAMILIES)
def test_a_forest_in_slices_is_the_forest_at_once(family, monkeypatch):
    core = Core(synthetic(family, 1000).arrays())
    weight = np.ones((1000, 1), dtype=np.int64)
    at_once = every_single(core, weight).tolist()
    monkeypatch.setattr("models.cascade.yes_or_no.core.FOREST_STEP", 1)
    calls: list[tuple[int, int]] = []
    assert every_single(core, weight, lambda *now: calls.append(now)).tolist() == at_once
    assert calls == sorted(calls) and len({of for _, of in calls}) == 1
    assert len(calls) >= calls[0][1]


def test_what_many_take_by_soft_edges_is_not_spread_for_each_of_them(monkeypatch):
    """A line of 200 falls from its head, which needs a0 and, of each other two, one: a1 or b1, …

    Each of 100 takes two of them, so all take the line, but only u0 by hard edges alone.
    """
    line, many = [f"c{i:03d}" for i in range(200)], range(100)
    groups = [needs(f"g-{b}", b, a) for a, b in pairwise(line)]
    for i in many:
        groups += [needs(f"g-{s}{i}", f"{s}{i}", f"u{i}") for s in "ab"]
        groups.append(needs(f"g-{i}", line[0], f"a{i} b{i}" if i else "a0", k=1))
    core = Core(arrays_of(world_of([asset(a) for a in [*line, *_of("uab", many)]], groups)))
    monkeypatch.setattr("models.cascade.yes_or_no.core.FOREST_STEP", 500)
    calls: list[int] = []
    result = every_single(core, np.ones((500, 1), dtype=np.int64), lambda n, _: calls.append(n))
    taken = {core.arrays.ids[u]: n for u, n in enumerate(result[:, 0].tolist())}
    assert [taken[c] for c in line] == list(range(200, 0, -1))
    assert [taken[a] for a in _of("uab", many)] == [203] * 100 + [201] + [1] * 199
    assert len(calls) < 10  # each on its own would be 20,000 losses, and 40 looks


def _of(letters: str, numbers: Iterable[int]) -> list[str]:
    return [f"{letter}{i}" for letter in letters for i in numbers]


def test_a_stopped_forest_leaves_a_clean_core():
    class StoppedError(Exception):
        pass

    def stop(done: int, of: int) -> None:
        raise StoppedError

    core = Core(synthetic("rand", 300).arrays())
    before = core.lost([7]).tolist()
    with pytest.raises(StoppedError):
        every_single(core, np.ones((300, 1), dtype=np.int64), stop)
    assert core.lost([7]).tolist() == before


def test_two_threads_with_memory_of_their_own_give_the_same_as_one():
    arrays = synthetic("infraw", 3000).arrays()
    weight = np.ones((3000, 1), dtype=np.int64)

    def work(_: int) -> list[int]:
        core = Core(arrays)
        hours = core.timed([3, 5], [0, 7], FOREVER).time_ms.tolist()
        return [*every_single(core, weight)[:, 0].tolist(), *hours]

    with ThreadPoolExecutor(2) as pool:
        first, *others = pool.map(work, range(4))
    assert all(other == first for other in others) and first == work(0)


# -- sizes and edges ---------------------------------------------------------------------------


def test_a_hub_with_a_hundred_thousand_dependents():
    n = 100_000
    table = synthetic("randand", n)
    table.table.supplier[:] = 0  # everyone hangs on the first three times over
    core = Core(table.arrays())
    hub = core.arrays.number["a00000000"]
    assert len(core.lost([hub])) == n
    assert len(core.timed([hub], [0], FOREVER).assets) == n


@pytest.mark.parametrize("n", [254, 255, 256, 257, 600])
@pytest.mark.parametrize("spare", [0, 1, 253, 254, 255, 256])
def test_large_groups_neither_trip_early_nor_late(n, spare):
    names = [f"s{i:03d}" for i in range(n)]
    if spare >= n:
        spare = n - 1
    world = world_of(
        [asset(a) for a in [*names, "c"]], [needs("g", "c", " ".join(names), k=n - spare)]
    )
    core = Core(arrays_of(world))
    consumer = core.arrays.number["c"]
    numbers = [core.arrays.number[a] for a in names]
    assert consumer not in core.lost(numbers[:spare])
    assert consumer in core.lost(numbers[: spare + 1])
    assert len(core.lost(numbers)) == n + 1  # the counter wraps; nothing more happens
    times = list(range(n))
    course = core.timed(numbers, times, FOREVER)
    assert dict(zip(course.assets, course.time_ms, strict=True))[consumer] == spare
    assert len(core.lost([consumer])) == 1  # and all is as it was


def test_at_horizon_zero_only_what_needs_no_time_happens():
    world = world_of(
        [asset(a) for a in "abcd"],
        [needs("g1", "b", "a"), needs("g2", "c", "b", autonomy_h=1.0), needs("g3", "d", "d")],
    )
    core = Core(arrays_of(world))
    course = core.timed([core.arrays.number["a"]], [0], 0)
    assert _names(core.arrays, course.assets) == {"a", "b"}
    assert len(core.timed([core.arrays.number["a"]], [1], 0).assets) == 0


def test_many_distinct_autonomies_need_no_special_case():
    n = 300
    groups = [
        needs(f"g{i:03d}", f"a{i:03d}", "a000", autonomy_h=(i * 37 % 299) / 60) for i in range(1, n)
    ]
    world = world_of([asset(f"a{i:03d}") for i in range(n)], groups)
    scenario = Scenario("w", (Event(0.0, "fail", "a000"),), horizon_h=3.0)
    core = Core(arrays_of(world))
    assert _by_core(core, scenario) == _by_reference(world, scenario)
    assert len(core._timed.lanes.ms) > 200


def test_worlds_that_need_the_timed_engine_are_told_apart():
    assets = [asset("a"), asset("b")]
    group = needs("g", "b", "a")
    plain = world_of(assets, [group])
    linked = world_of(assets, [group], [Link("l", "a", "b", "power")])
    starter = world_of([asset("a"), asset("b", black_start=True)], [group])
    source = world_of([asset("a", source_of=("power",)), asset("b")], [group])
    short = world_of(assets, [group], flows=(Flow("a", "power", supply=1.0, demand=2.0),))
    never = world_of(assets, [needs("g", "b", "a", min_supply_fraction=1.5)])
    worlds = (plain, linked, starter, source, short, never)
    supported = [in_scope(w, arrays_of(w)) for w in worlds]
    assert supported == [True, False, False, True, False, False]
    with pytest.raises(BadInputError, match="timed engine"):
        Core(arrays_of(world_of(assets, [needs("g", "b", "a", loss=0.5)])))


def test_the_compiler_is_loaded_with_the_first_cascade_only():
    code = "import sys, models.criticality.screening; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
