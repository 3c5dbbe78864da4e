"""Ensembles: 512 runs at once equal 512 single runs, for any workers and chunk sizes."""

from __future__ import annotations

import pickle
import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from models.cascade.arrays import WorldArrays, arrays_of
from models.cascade.compile.random_kernels import happens, uniform
from models.cascade.reference.engine import run
from models.cascade.yes_or_no.batch import BATCH, aligned_rows
from models.cascade.yes_or_no.batch_kernels import add_where, spread, tally
from models.ensemble.ensemble import Ensemble, StoppedError, ensemble, wilson
from models.ensemble.job import Job, on_threads
from models.ensemble.sampling import (
    Draws,
    chances_of,
    key_of,
    lanes_of,
    triangular,
    varied_ranges,
    with_values,
)
from models.impact.consequences import people_summary
from models.scenario import Event, Hit, Measure, Scenario
from models.world import CommonCause, Flow, Group, Link, Range, ServiceArea, Supplier, World
from tests.strategies import asset, cases, needs, world_of

# --- 512 at once are 512 single ones ---------------------------------------------------------


@st.composite
def yes_or_no_worlds(draw: st.DrawFn, most: int = 14) -> World:
    """Worlds with loops and k of n, n up to 12, in which lost or not is all there is."""
    ids = [f"a{i:02d}" for i in range(draw(st.integers(1, most)))]
    asset_ids = st.sampled_from(ids)
    groups = []
    for n in range(draw(st.integers(0, 16))):
        chosen = draw(st.lists(asset_ids, min_size=1, max_size=12, unique=True))
        k = draw(st.integers(1, len(chosen)))
        groups.append(needs(f"g{n}", draw(asset_ids), " ".join(sorted(chosen)), k=k))
    areas = [ServiceArea(i, s, 7 * n + 1) for n, i in enumerate(ids) for s in ("heat", "power")]
    return world_of([asset(i) for i in ids], groups, service_areas=tuple(areas[::3]))


def failures(arrays: WorldArrays, hits: np.ndarray) -> np.ndarray:
    """Let failures spread in plain numpy; ``hits`` and the result are [assets, runs] of bool."""
    failed = hits.copy()
    while True:
        before = failed.copy()
        for g, owner in enumerate(arrays.owner):
            suppliers = arrays.supplier[arrays.sup_ptr[g] : arrays.sup_ptr[g + 1]]
            failed[owner] |= failed[suppliers].sum(axis=0) >= int(arrays.trip[g])
        if (failed == before).all():
            return failed


def spread_rows(arrays: WorldArrays, hits: np.ndarray) -> np.ndarray:
    """Let failures spread in the kernel."""
    rows = aligned_rows(len(hits))
    if len(hits):
        rows[:] = np.packbits(hits, axis=1, bitorder="little").view(np.uint64)
    spread(
        arrays.block_ptr, arrays.group_ptr, arrays.sup_ptr, arrays.supplier, arrays.trip,
        arrays.fed_ptr, arrays.fed, arrays.owner, rows,
    )  # fmt: skip
    return rows


@given(world=yes_or_no_worlds(), seed=st.integers(0, 2**32), p=st.sampled_from([0.02, 0.3, 0.8]))
@settings(max_examples=200)
def test_the_kernel_fails_what_plain_rules_fail(world: World, seed: int, p: float):
    arrays = arrays_of(world)
    hits = np.random.default_rng(seed).random((len(arrays.ids), BATCH)) < p
    rows = spread_rows(arrays, hits)
    expected = failures(arrays, hits)
    assert (lanes_of(rows) == expected).all()

    counted = np.arange(len(rows)) % 3 > 0
    valid = np.packbits(np.arange(BATCH) < 300, bitorder="little").view(np.uint64).reshape(1, 8)
    times, totals = np.zeros(len(rows), np.uint64), np.zeros(BATCH, np.int64)
    tally(rows, counted, valid, times, totals)
    assert (times == expected[:, :300].sum(axis=1)).all()
    assert (totals == np.where(np.arange(BATCH) < 300, expected[counted].sum(axis=0), 0)).all()
    sums, people = np.zeros(BATCH, np.int64), np.arange(len(rows)) * 10**9
    add_where(rows, np.arange(len(rows)), people, sums)
    assert (sums == people @ expected).all()


@pytest.mark.parametrize(("n", "k"), [(300, 1), (300, 300), (300, 299), (300, 45), (255, 1)])
def test_large_groups_count_right(n: int, k: int):
    names = [f"s{i:03d}" for i in range(n)]
    big = needs("g", "c", " ".join(names), k=k)
    arrays = arrays_of(world_of([asset(name) for name in [*names, "c"]], [big]))
    share = np.linspace(0, 1, BATCH)
    hits = np.random.default_rng(n * k).random((n + 1, BATCH)) < share
    hits[:, -1] = True
    assert (lanes_of(spread_rows(arrays, hits)) == failures(arrays, hits)).all()


def test_what_can_never_be_served_fails_in_every_run():
    arrays = arrays_of(world_of([asset("a"), asset("b"), asset("c")], [needs("g", "b", "a")]))
    arrays = replace(arrays, trip=np.zeros(1, np.uint8))
    rows = spread_rows(arrays, np.zeros((3, BATCH), bool))
    assert lanes_of(rows).all(axis=1).tolist() == [name == "b" for name in arrays.ids]


@st.composite
def failing(draw: st.DrawFn, world: World) -> Scenario:
    """Scenarios of failures alone, some at the same moment, some after the horizon."""
    ids = sorted(world.assets)
    events = [
        Event(
            draw(st.sampled_from([0.0, 1.0, 2.5, 9.0])), "fail", draw(st.sampled_from(ids)),
            p=draw(st.none() | st.sampled_from([0.03, 0.4, 0.9])),
        )
        for _ in range(draw(st.integers(0, 6)))
    ]  # fmt: skip
    return Scenario("w", tuple(events), horizon_h=4.0, common_cause="sampled")


@given(data=st.data())
@settings(max_examples=60)
def test_runs_at_once_are_runs_of_the_reference(data: st.DataObject):
    world = data.draw(yes_or_no_worlds(most=7))
    cause = CommonCause("c", "fuel", asset_ids=tuple(sorted(world.assets))[:3], beta=0.5)
    world = replace(world, common_causes={"c": cause})
    job = Job(world, data.draw(failing(world)), runs=20)
    assert job.why_timed == ""
    part, happened = job.chunk(0), lanes_of(job.chances.rows(0))
    assert part is not None
    times = dict.fromkeys(job.assets, 0)
    for lane in range(20):
        events = tuple(
            c.event for c, row in zip(job.chances.items, happened, strict=True) if row[lane]
        )
        outcome = run(world, replace(job.scenario, events=events))
        people = people_summary(world, outcome)
        for name in outcome.assets:
            times[name] += 1
        assert part.lost[lane] == len(outcome.assets)
        assert part.peak[lane].tolist() == [people[s]["peak"] for s in job.services]
        expected = [people[s]["person_hours"] for s in job.services]
        assert part.person_hours[lane].tolist() == pytest.approx(expected)
    assert part.times.tolist() == [times[name] for name in job.assets]


def with_bounds(world: World) -> World:
    """Let every autonomy above 0 vary by half, and every repair time."""
    ranges = [
        Range("assets", (a.asset_id,), "repair_h", a.repair_h / 2, a.repair_h * 2)
        for a in world.assets.values()
        if a.repair_h
    ]
    ranges += [
        Range("dependencies", (g.group_id,), "autonomy_h", g.autonomy_h / 2, g.autonomy_h * 2)
        for g in world.groups.values()
        if g.autonomy_h
    ]
    return replace(world, ranges=tuple(ranges))


def bounds_everywhere(world: World) -> World:
    """Return the world with bounds around every number that may have some."""
    stated = [("assets", (a.asset_id,), c, getattr(a, c)) for a in world.assets.values()
              for c in ("repair_h", "restart_h")]  # fmt: skip
    columns = ("autonomy_h", "recharge_h", "restart_h", "loss", "min_supply_fraction")
    for g in world.groups.values():
        stated += [("dependencies", (g.group_id,), c, getattr(g, c)) for c in columns]
        stated += [
            ("dependencies", (g.group_id, s.asset_id), "share", s.share) for s in g.suppliers
        ]
    for f in world.flows:
        stated += [
            ("flows", (f.asset_id, f.service), c, getattr(f, c)) for c in ("supply", "demand")
        ]
    ranges = tuple(
        Range(table, row, column, x / 2, min(x + 1.0, 1.0) if column in FRACTIONS else x + 1.0)  # type: ignore[arg-type]
        for table, row, column, x in stated
        if x is not None
    )
    return replace(world, ranges=ranges)


#: Numbers that end at 1.
FRACTIONS = ("loss", "min_supply_fraction")


@given(
    data=st.data(),
    kinds=st.fixed_dictionaries({"demand": st.booleans(), "black_start": st.booleans()}),
)
@settings(max_examples=80)
def test_timed_runs_are_runs_of_the_reference(data: st.DataObject, kinds: dict[str, bool]):
    world, scenario = data.draw(cases(**kinds))
    world = data.draw(st.sampled_from([lambda w: w, with_bounds, bounds_everywhere]))(world)
    if world.groups and data.draw(st.booleans()):
        group = next(iter(world.groups.values()))
        more = Measure("add_autonomy", group.consumer_id, group.service, hours=1.0)
        scenario = replace(scenario, measures=(more,))
    events = tuple(replace(e, p=0.6) if n % 2 else e for n, e in enumerate(scenario.events))
    job = Job(world, replace(scenario, events=events), 4)
    part = job.empty(0, 4)
    assert job._timed(part, lambda: False)
    happened, values = lanes_of(job.chances.rows(0)), job.draws.values(0, 4)
    times = dict.fromkeys(job.assets, 0)
    for i in range(4):
        events = tuple(
            c.event for c, row in zip(job.chances.items, happened, strict=True) if row[i]
        )
        drawn = with_values(world, job.draws.ranges, values[i].tolist())
        outcome = run(drawn, replace(scenario, events=events))
        people = people_summary(world, outcome)
        for name in outcome.assets:
            times[name] += 1
        assert part.lost[i] == len(outcome.assets)
        assert part.peak[i].tolist() == [people[s]["peak"] for s in job.services]
        expected = [people[s]["person_hours"] for s in job.services]
        assert part.person_hours[i].tolist() == pytest.approx(expected, abs=1e-4)
    assert part.times.tolist() == [times[name] for name in job.assets]


# --- the same, whoever does it ---------------------------------------------------------------


def same(one: Ensemble, other: Ensemble) -> bool:
    return replace(one, chunk_runs=0) == replace(other, chunk_runs=0)


@given(case=cases())
@settings(max_examples=15)
def test_timed_runs_are_the_same_in_any_pieces(case: tuple[World, Scenario]):
    world, scenario = with_bounds(case[0]), case[1]
    events = tuple(replace(e, p=0.6) if n % 2 else e for n, e in enumerate(scenario.events))
    scenario = replace(scenario, events=events)
    whole = ensemble(world, scenario, 21, chunk_runs=21)
    assert same(whole, ensemble(world, scenario, 21, chunk_runs=4, runner=on_threads(3)))
    shuffled = replace(
        world,
        assets=dict(reversed(world.assets.items())),
        groups=dict(reversed(world.groups.items())),
        service_areas=world.service_areas[::-1],
        ranges=world.ranges[::-1],
    )
    assert same(whole, ensemble(shuffled, scenario, 21))


def storm() -> tuple[World, Scenario]:
    """Return 40 assets in a ring, each needing one of the two before it, and a storm."""
    ids = [f"a{i:02d}" for i in range(40)]
    groups = [needs(f"g{i}", ids[i], f"{ids[i - 1]} {ids[i - 2]}") for i in range(40)]
    areas = tuple(ServiceArea(i, "power", 100 + n) for n, i in enumerate(ids))
    world = world_of([asset(i) for i in ids], groups, service_areas=areas)
    events = tuple(Event(0.0, "fail", i, p=0.01 * (n % 9 + 1)) for n, i in enumerate(ids))
    return world, Scenario("w", events, horizon_h=10.0, seed=5)


def test_runs_at_once_are_the_same_in_any_pieces():
    world, scenario = storm()
    whole = ensemble(world, scenario, 3000)
    assert whole.route == "yes-or-no" and 0 < whole.lost.spread.mean < 40
    for chunk_runs, threads in ((512, 1), (100, 3), (777, 2), (3000, 1)):
        runner = on_threads(threads)
        assert same(whole, ensemble(world, scenario, 3000, chunk_runs=chunk_runs, runner=runner))
    assert ensemble(world, scenario, 3000) == whole
    other = ensemble(world, replace(scenario, seed=6), 3000)
    assert other.lost != whole.lost


def test_fewer_runs_are_the_first_of_more():
    world, scenario = storm()
    few, many = Job(world, scenario, 700).chunk(0), Job(world, scenario, 1000).chunk(0)
    assert few is not None and many is not None
    assert (few.lost == many.lost[:700]).all()


def test_a_job_goes_anywhere_and_is_the_same_there():
    world, scenario = storm()
    job = Job(world, scenario, 600)
    here = job.chunk(0)
    there = pickle.loads(pickle.dumps(job)).chunk(0)  # noqa: S301
    assert world.groups_of and here is not None and there is not None
    assert (here.lost == there.lost).all() and (here.person_hours == there.person_hours).all()


def test_cancelling_leaves_nothing_running():
    world, scenario = storm()
    done = []
    with pytest.raises(StoppedError, match="nothing is left running"):
        ensemble(
            world, scenario, 200_000, runner=on_threads(2),
            progress=lambda n, of: done.append((n, of)), stop=lambda: len(done) > 1,
        )  # fmt: skip
    assert 1 < len(done) < done[0][1]
    assert not [t for t in threading.enumerate() if t.name.startswith("ensemble")]


def test_a_fault_in_a_chunk_is_told_and_leaves_nothing_running():
    world, scenario = storm()
    scenario = replace(scenario, events=(Event(0.0, "fail", "nobody"),))
    with pytest.raises(KeyError):
        ensemble(world, scenario, 50_000, runner=on_threads(2))
    assert not [t for t in threading.enumerate() if t.name.startswith("ensemble")]


def test_progress_counts_every_chunk():
    world, scenario = storm()
    calls = []
    ensemble(world, scenario, 1000, chunk_runs=300, progress=lambda n, of: calls.append((n, of)))
    assert calls == [(1, 4), (2, 4), (3, 4), (4, 4)]


# --- chance ----------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [1e-4, 0.003, 0.0299, 0.0301, 0.06, 0.3, 0.5, 0.77, 0.999])
def test_events_happen_as_often_and_as_independently_as_said(p: float):
    """Fixed seeds: bounds at four standard deviations, or one in ten thousand, never flicker."""
    keys = np.array([key_of(1, str(i)) for i in range(400)], dtype=np.uint64)
    chances = np.full(400, p)
    happened = np.empty((20, 400, BATCH), bool)
    rows = np.empty((400, 8), np.uint64)
    for batch in range(20):
        happens(keys, chances, batch, rows)
        happened[batch] = lanes_of(rows)
    n = happened.size
    assert abs(happened.mean() - p) < 4 * np.sqrt(p * (1 - p) / n)
    # how many of the 512 runs: binomial
    counts = happened.sum(axis=2).ravel()
    edges = np.unique(stats.binom.ppf([0.02, 0.2, 0.4, 0.6, 0.8, 0.98], BATCH, p))
    shares = np.diff([0, *stats.binom.cdf(edges, BATCH, p), 1])
    seen = np.bincount(np.searchsorted(edges, counts), minlength=len(shares))
    kept = shares * len(counts) > 1
    expected = shares[kept] / shares[kept].sum() * seen[kept].sum()
    assert stats.chisquare(seen[kept], expected).pvalue > 1e-4
    # which runs: all alike
    per_lane = happened.sum(axis=(0, 1))
    assert stats.chisquare(per_lane).pvalue > 1e-4
    # neighbours in run, batch and key know nothing of each other
    for a, b in (
        (happened[:, :, 1:], happened[:, :, :-1]),
        (happened[1:], happened[:-1]),
        (happened[:, 1:], happened[:, :-1]),
    ):
        both = (a & b).mean()
        assert abs(both - p * p) < 5 * np.sqrt(p * p * (1 - p * p) / a.size) + 5 / a.size


def test_sure_and_impossible_events():
    rows = np.empty((3, 8), np.uint64)
    happens(np.arange(3, dtype=np.uint64), np.array([1.0, 0.0, 1.0 - 2**-53]), 0, rows)
    assert lanes_of(rows).mean(axis=1).tolist() == [1.0, 0.0, 1.0]


def test_numbers_are_spread_evenly_and_know_nothing_of_each_other():
    keys = np.array([key_of(7, str(i)) for i in range(50)], dtype=np.uint64)
    u = np.empty((4000, 50))
    uniform(keys, 0, u)
    assert stats.kstest(u.ravel(), "uniform").pvalue > 1e-4
    correlations = np.corrcoef(np.concatenate([u, np.roll(u, 1, axis=0)], axis=1).T)
    off = correlations[~np.eye(100, dtype=bool)]
    assert np.abs(off).max() < 5.5 / np.sqrt(4000)
    tail = np.empty((100, 50))
    uniform(keys, 3900, tail)
    assert (tail == u[3900:]).all()


@given(
    low=st.floats(-1e3, 1e3),
    widths=st.tuples(st.floats(0, 1e3), st.floats(0, 1e3)).filter(lambda w: sum(w) > 1e-3),
    u=st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=5),
)
@settings(max_examples=200)
def test_triangular_quantiles_are_those_of_scipy(
    low: float, widths: tuple[float, float], u: list[float]
):
    mode, high = low + widths[0], low + sum(widths)
    quantiles = triangular(np.array(u), *(np.array(x) for x in (low, mode, high)))
    c = min(1.0, max(0.0, (mode - low) / (high - low)))
    expected = stats.triang.ppf(u, c, loc=low, scale=high - low)
    assert quantiles == pytest.approx(expected, rel=1e-6, abs=1e-6 * (high - low))
    assert ((low <= quantiles) & (quantiles <= high)).all()


def sampled(world: World, scenario: Scenario) -> dict[tuple[str, ...], bytes]:
    """Return every random number of the first runs by the name of what it belongs to."""
    draws = Draws.of(world, varied_ranges(world, scenario), scenario.seed)
    values = draws.values(0, 50)
    values_of = {(*r.row, r.column): values[:, i].tobytes() for i, r in enumerate(draws.ranges)}
    chances = chances_of(world, scenario)
    for chance, row in zip(chances.items, chances.rows(3), strict=True):
        values_of["event", chance.group, chance.event.asset or ""] = row.tobytes()
    return values_of


def test_one_asset_more_changes_no_other_numbers():
    world, scenario = storm()
    groups = {g: replace(group, autonomy_h=2.0) for g, group in world.groups.items()}
    cause = CommonCause("c", "vendor", asset_ids=("a01", "a02"), beta=0.5)
    world = with_bounds(replace(world, groups=groups, common_causes={"c": cause}))
    scenario = replace(scenario, common_cause="sampled")
    before = sampled(world, scenario)
    ranges = (Range("assets", ("Z",), "repair_h", 1.0, 3.0), *world.ranges)
    assets = {"Z": asset("Z", repair_h=2.0), **world.assets}
    cause = replace(cause, asset_ids=("Z", "a01", "a02"))
    larger = replace(world, assets=assets, ranges=ranges, common_causes={"c": cause})
    after = sampled(
        larger, replace(scenario, events=(Event(0.0, "fail", "Z", p=0.5), *scenario.events))
    )
    del after["event", "", "Z"], after["event", "c", "Z"]
    # a shock also follows the new member's failure, so it may only happen more often
    for item in ("a01", "a02"):
        old, new = (np.frombuffer(d.pop(("event", "c", item)), np.uint64) for d in (before, after))
        assert (old & ~new == 0).all() and (old != new).any()
    assert before == after and len(before) == 80


def test_a_common_cause_takes_members_along_with_its_beta():
    ids = ["a", "b", "c", "far"]
    causes = {
        "near": CommonCause("near", "location", asset_ids=("a", "b", "c"), beta=0.25),
        "line": CommonCause("line", "corridor", asset_ids=("a",), link_ids=("l",), beta=1.0),
        "none": CommonCause("none", "fuel", asset_ids=("a", "far")),
    }
    link = Link("l", "b", "c", "power")
    world = world_of([asset(i) for i in ids], links=[link], common_causes=causes)
    scenario = Scenario("w", (Event(1.0, "fail", "a", p=0.5), Event(1.0, "fail", "b", p=0.1)))
    assert len(chances_of(world, scenario).items) == 2
    chances = chances_of(world, replace(scenario, common_cause="sampled"))
    assert [(c.event.asset or c.event.link, c.group, c.after) for c in chances.items] == [
        ("a", "", ()), ("l", "line", (0,)), ("b", "", ()),
        ("a", "near", (2,)), ("b", "near", (0,)), ("c", "near", (0, 2)),
    ]  # fmt: skip
    rows = np.concatenate([lanes_of(chances.rows(n)) for n in range(40)], axis=1)
    a, line, b, a_by_b, b_by_a, c = rows
    assert (line == a).all()
    n = rows.shape[1]
    assert not (a_by_b & ~b).any() and not (b_by_a & ~a).any() and not (c & ~(a | b)).any()
    assert b_by_a.sum() / a.sum() == pytest.approx(0.25, abs=4 * np.sqrt(0.19 / (n * 0.5)))
    assert c.sum() / (a | b).sum() == pytest.approx(0.25, abs=4 * np.sqrt(0.19 / (n * 0.55)))


def test_what_is_varied_and_what_is_not_is_told():
    groups = [needs("g", "b", "a", autonomy_h=3.0, restart_h=1.0)]
    ranges = (
        Range("assets", ("a",), "repair_h", 1.0, 3.0),
        Range("dependencies", ("g",), "autonomy_h", 2.0, 4.0),
        Range("dependencies", ("g",), "restart_h", 1.0, 2.0),
        Range("flows", ("a", "power"), "demand", 4.0, 4.0),
    )
    world = world_of(
        [asset("a", repair_h=2.0), asset("b")], groups, ranges=ranges,
        common_causes={"c": CommonCause("c", "fuel", asset_ids=("a", "b"), beta=0.1),
                       "d": CommonCause("d", "fuel", asset_ids=("a", "b"))},
    )  # fmt: skip
    scenario = Scenario("w", (Event(0.0, "fail", "a"), Event(1.0, "fail", "b", p=0.5)))
    scope = ensemble(world, scenario, 3).scope
    assert scope.numbers == {"dependencies.autonomy_h": 1}
    assert scope.still == {
        "assets.repair_h": 1, "dependencies.restart_h": 1, "flows.demand": 1,
    }  # fmt: skip
    assert (scope.events, scope.certain, scope.shocks) == (1, 1, 0)
    assert (scope.groups_off, scope.groups_without) == (1, 1)
    typical = replace(scenario, repairs="typical", common_cause="sampled")
    scope = ensemble(world, typical, 3).scope
    assert set(scope.numbers) == {
        "assets.repair_h", "dependencies.autonomy_h", "dependencies.restart_h",
    }  # fmt: skip
    assert (scope.shocks, scope.groups_off) == (2, 0)


def test_every_kind_of_number_can_be_set():
    group = Group("g", "b", "power", (Supplier("a", 0.5), Supplier("b", 0.5)), autonomy_h=1.0)
    world = world_of([asset("a"), asset("b")], [group], flows=(Flow("a", "power", 3.0),))
    ranges = (
        Range("assets", ("a",), "restart_h", 0.0, 9.0),
        Range("dependencies", ("g",), "loss", 0.0, 1.0),
        Range("dependencies", ("g", "b"), "share", 0.0, 1.0),
        Range("flows", ("a", "power"), "supply", 0.0, 9.0),
    )
    assert Draws.of(world, ranges, 1).mode.tolist() == [0.0, 1.0, 0.5, 3.0]
    new = with_values(world, ranges, [4.0, 0.6, 0.7, 5.0])
    assert (new.assets["a"].restart_h, new.assets["b"]) == (4.0, world.assets["b"])
    assert (new.groups["g"].loss, new.groups["g"].autonomy_h) == (0.6, 1.0)
    assert [s.share for s in new.groups["g"].suppliers] == [0.5, 0.7]
    assert new.flows == (Flow("a", "power", 5.0),)
    assert with_values(world, (), []) == world


# --- what is made of the runs ----------------------------------------------------------------


def test_an_uncertain_battery_decides():
    """The clinic's battery lasts 2 to 6 h, most likely 4 h; power is back after 5 h.

    P(battery < 5 h) = 1 - (6 - 5)² / ((6 - 2)(6 - 4)) = 7/8.
    """
    groups = [needs("g", "clinic", "grid", autonomy_h=4.0), needs("h", "mast", "grid")]
    ranges = (
        Range("dependencies", ("g",), "autonomy_h", 2.0, 6.0),
        Range("dependencies", ("g",), "recharge_h", 0.0, 6.0),
    )
    world = world_of(
        [asset("clinic"), asset("grid"), asset("mast")], groups, ranges=ranges,
        service_areas=(ServiceArea("clinic", "care", 1000),),
    )  # fmt: skip
    events = (Event(0.0, "fail", "grid"), Event(5.0, "repair", "grid"))
    outcome = ensemble(world, Scenario("w", events, horizon_h=24.0), 600, runner=on_threads(2))
    assert (outcome.route, outcome.why) == ("timed", "a number is uncertain")
    clinic = outcome.frequency["clinic"]
    assert clinic.low < 7 / 8 < clinic.high
    assert list(outcome.frequency) == ["grid", "mast", "clinic"]
    assert outcome.peak["care"].spread.p50 == 1000 and outcome.peak["care"].spread.p05 == 0
    hours = outcome.person_hours["care"]
    assert hours.spread.p95 == pytest.approx(1000 * (5 - 2 - np.sqrt(0.05 * 8)), rel=0.1)
    (driver,) = hours.drivers
    assert driver.names == ("dependencies", "g", "autonomy_h") and driver.correlation < -0.98
    assert outcome.ranked_runs == 600


def test_means_settle_and_say_how_sure_they_are():
    world, scenario = storm()
    steps = ensemble(world, scenario, 4000).lost.convergence
    assert [step.runs for step in steps] == list(range(200, 4001, 200))
    assert steps[0].standard_error is None
    errors = [step.standard_error or 0.0 for step in steps[1:]]
    assert errors[-1] < max(errors[:5])
    assert abs(steps[9].mean - steps[-1].mean) < 4 * errors[8]
    assert [step.runs for step in ensemble(world, scenario, 3).lost.convergence] == [1, 2, 3]


def test_wilson_intervals_are_those_of_scipy():
    times = np.array([0, 1, 5, 37, 99, 100])
    low, high = wilson(times, 100)
    for k, a, b in zip(times, low, high, strict=True):
        expected = stats.binomtest(int(k), 100).proportion_ci(method="wilson")
        assert (a, b) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_without_chance_one_run_says_it_all():
    world = world_of([asset("a"), asset("b")], [needs("g", "b", "a")])
    quiet = ensemble(world, Scenario("w"), 5)
    assert quiet.frequency == {} and quiet.lost.spread.p95 == 0 and quiet.lost.drivers == ()
    sure = ensemble(world, Scenario("w", (Event(0.0, "fail", "a"),)), 5)
    assert (sure.runs, [f.times for f in sure.frequency.values()]) == (1, [1, 1])
    assert (sure.lost.spread.mean, sure.lost.spread.p05) == (2, 2)


def test_a_course_is_computed_once_where_only_what_happens_differs():
    world = world_of([asset("a"), asset("b")], [needs("g", "b", "a", autonomy_h=2.0)])
    events = (Event(0.0, "fail", "a", p=0.5), Event(1.0, "repair", "a", p=0.5))
    job = Job(world, Scenario("w", events, horizon_h=9.0), 300)
    parts = [job.chunk(n) for n in range(job.chunks)]
    assert sum(part.times.sum() for part in parts if part) > 100
    assert len(job._courses) == 4


def test_hits_of_wide_events_are_drawn_and_triggered_events_follow_their_trigger():
    world = world_of([asset(name) for name in "ABCD"])
    quake = Event(0, "hazard", hazard="earthquake", p=0.5, name="quake", hits=(
        Hit(asset="A", p=0.8), Hit(asset="B", p=1.0)))  # fmt: skip
    slide = Event(1, "fail", "C", p=0.5, triggered_by="quake")
    attack = Event(0, "attack", hits=(Hit(asset="D", p=0.25, lasts=False, for_h=5),))
    scenario = Scenario("w", (quake, slide, attack), horizon_h=8)
    result = ensemble(world, scenario, 4_000)
    for name, p in {"A": 0.4, "B": 0.5, "C": 0.25, "D": 0.25}.items():
        share = result.frequency[name].share
        assert abs(share - p) <= 4 * (p * (1 - p) / 4_000) ** 0.5, name
    rows = chances_of(world, scenario).rows(0)
    base, a, b, c = rows[:4]
    assert not (a & ~base).any()
    assert (b == base).all()
    assert not (c & ~base).any()
