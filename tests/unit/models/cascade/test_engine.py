"""The compiled engine gives what the reference gives, row by row, on every world we can draw."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import fsum
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.documents.scenarios import read_scenario, ready_scenarios
from data.worlds.reader import find_world, read_world
from models.cascade.compile.exact_kernels import add_exactly, rounded_12, share_of, total_of
from models.cascade.compile.refs import INDICES
from models.cascade.reference import engine as reference
from models.cascade.timed.engine import Solved, run, solve
from models.cascade.timed.prepared import prepare
from models.errors import UnknownIdError
from models.impact.consequences import people_summary
from models.outcome import Outcome
from models.scenario import Event, Measure, Scenario
from models.units import MS_PER_HOUR, to_ms
from models.world import Link, World
from tests.strategies import (
    asset,
    cases,
    large_case,
    mesh_case,
    needs,
    with_links_and_measures,
    with_wide_events,
    world_of,
)

GOLDEN = Path(__file__).parents[3] / "golden"
SEEDS = st.integers(0, 2**32 - 1)


@given(case=cases(demand=True, black_start=True))
@settings(max_examples=500)
def test_the_outcome_is_that_of_the_reference(case: tuple[World, Scenario]):
    world, scenario = case
    assert run(world, scenario) == reference.run(world, scenario)


@given(seed=SEEDS)
@settings(max_examples=400)
def test_the_outcome_is_that_of_the_reference_in_larger_worlds(seed: int):
    world, scenario = large_case(seed)
    scenario = with_links_and_measures(seed, world, scenario)
    scenario = with_wide_events(seed, world, scenario)
    assert run(world, scenario) == reference.run(world, scenario)


@given(seed=SEEDS)
@settings(max_examples=100)
def test_what_kernels_read_as_unsigned_is_never_below_zero(seed: int):
    world, scenario = large_case(seed)
    scenario = with_links_and_measures(seed, world, scenario)
    prepared = prepare(world, scenario.measures)
    with prepared.run_state(tracing=True) as state:
        state.play(prepared.table(scenario.events), True, to_ms(scenario.horizon_h))
        tables = prepared.fixed, prepared.settled, state.live
        read = {(i, f): getattr(t, f) for i, t in enumerate(tables) for f in t._fields}
        assert {f for _, f in read} >= INDICES
        assert all((array >= 0).all() for (_, f), array in read.items() if f in INDICES)


@given(seed=SEEDS)
@settings(max_examples=100)
def test_meshed_networks_are_those_of_the_reference_run_after_run(seed: int):
    world, scenarios = mesh_case(seed)
    prepared = prepare(world)
    for scenario in scenarios:
        outcome = reference.run(world, scenario)
        assert run(world, scenario) == outcome
        typical = scenario.repairs == "typical"
        solved = solve(prepared, scenario.events, to_ms(scenario.horizon_h), typical=typical)
        _agrees(world, outcome, solved)


@pytest.mark.parametrize("case", ["casc-1", "casc-2", "casc-3"])
def test_the_golden_cases_are_those_of_the_reference(case: str):
    folder = GOLDEN / case / "input"
    world = read_world(folder)
    scenario = read_scenario(folder / "scenario.json", world)
    assert run(world, scenario) == reference.run(world, scenario)


def test_the_embedded_region_is_that_of_the_reference():
    folder = find_world("neubrandenburg")
    world = read_world(folder)
    paths = [path for _, path in ready_scenarios(folder)]
    assert len(paths) == 5
    for path in paths:
        scenario = read_scenario(path, world)
        assert run(world, scenario) == reference.run(world, scenario), path.stem


# -- solving without a trace -----------------------------------------------------------------------


def _agrees(world: World, outcome: Outcome, solved: Solved) -> None:
    ids = solved.prepared.arrays.ids
    first, down = solved.all_first_losses_ms().tolist(), solved.all_down_ms().tolist()
    assert {a: t for a, t in zip(ids, first, strict=True) if t >= 0} == {
        a: course.first_loss_ms for a, course in outcome.assets.items()
    }
    for a, ms, level in zip(ids, down, solved.all_levels().tolist(), strict=True):
        course = outcome.assets.get(a)
        assert (ms, level) == ((course.down_ms, course.level_end) if course else (0, 1.0)), a
    hours = {s: numbers["person_hours"] for s, numbers in people_summary(world, outcome).items()}
    names = solved.prepared.services
    assert dict(zip(names, solved.person_hours, strict=True)) == pytest.approx(hours, abs=1e-3)


@given(seed=SEEDS)
@settings(max_examples=150)
def test_solving_gives_the_numbers_of_the_run(seed: int):
    world, scenario = large_case(seed)
    scenario = with_links_and_measures(seed, world, scenario)
    scenario = with_wide_events(seed, world, scenario)
    scenario = replace(scenario, measures=())
    typical = scenario.repairs == "typical"
    solved = solve(prepare(world), scenario.events, to_ms(scenario.horizon_h), typical=typical)
    _agrees(world, run(world, scenario), solved)


@given(seed=SEEDS)
@settings(max_examples=20)
def test_a_prepared_world_is_as_new_after_each_run(seed: int):
    """A day of random events, many days in sequence: no drift between them."""
    world, _ = large_case(seed)
    prepared = prepare(world)
    draw = Random(seed)
    for day in range(8):
        events = tuple(_some_event(draw, world) for _ in range(draw.randint(0, 30)))
        scenario = Scenario("w", events, horizon_h=24.0, repairs=draw.choice(["none", "typical"]))  # type: ignore[arg-type]
        typical = scenario.repairs == "typical"
        solved = solve(prepared, events, 24 * MS_PER_HOUR, typical=typical)
        outcome = reference.run(world, scenario)
        _agrees(world, outcome, solved)
        assert day % 3 or run(world, scenario) == outcome


@given(seed=SEEDS)
@settings(max_examples=25)
def test_the_trace_of_a_day_does_not_drift_from_the_levels(seed: int):
    """Replayed to any hour, it gives the levels that a run without a trace has there."""
    world, _ = large_case(seed)
    draw, prepared = Random(seed), prepare(world)
    events = tuple(_some_event(draw, world) for _ in range(60))
    typical = draw.random() < 0.5
    scenario = Scenario("w", events, horizon_h=24.0, repairs="typical" if typical else "none")
    outcome = run(world, scenario)
    replayed: dict[tuple[str | None, str | None, str | None], float] = {}
    rows = list(outcome.trace)
    for hour in range(25):
        while rows and rows[0].t_ms <= hour * MS_PER_HOUR:
            row = rows.pop(0)
            what = row.asset, row.service, row.link
            assert replayed.get(what, 1.0) == row.before
            replayed[what] = row.after
        levels = solve(prepared, events, hour * MS_PER_HOUR, typical=typical).all_levels()
        for a, level in zip(prepared.arrays.ids, levels.tolist(), strict=True):
            assert replayed.get((a, None, None), 1.0) == level
    assert not rows
    for a, course in outcome.assets.items():
        for service, delivered in course.delivers_end.items():
            level = replayed.get((a, None, None), 1.0)
            assert replayed.get((a, service, None), level) == delivered


def _some_event(draw: Random, world: World) -> Event:
    at = draw.choice([draw.uniform(0, 24), float(draw.randint(0, 24))])
    asset = draw.choice(sorted(world.assets))
    if world.links and draw.random() < 0.3:
        do = draw.choice(["fail", "repair"])
        return Event(at, do, link=draw.choice(sorted(world.links)))  # type: ignore[arg-type]
    do = draw.choice(["fail", "repair", "supply"])
    if do == "supply":
        return Event(at, "supply", asset, service="power", until_h=at + draw.choice([1.0, 5.0]))
    return Event(at, do, asset)  # type: ignore[arg-type]


def test_threads_share_a_prepared_world():
    world, scenario = large_case(7)
    prepared = prepare(world)
    tables = [prepared.table([Event(1.0, "fail", asset)]) for asset in sorted(world.assets)] * 20
    alone = [solve(prepared, table, 24 * MS_PER_HOUR) for table in tables]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda table: solve(prepared, table, 24 * MS_PER_HOUR), tables))
    for one, other in zip(alone, together, strict=True):
        assert np.array_equal(one.all_down_ms(), other.all_down_ms())
        assert np.array_equal(one.person_hours, other.person_hours)
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda _: run(world, scenario), range(20)))
    assert all(outcome == runs[0] for outcome in runs)


# -- the edges of what can be asked ----------------------------------------------------------------


def _equal(world: World, *events: Event, **rest: object) -> Outcome:
    scenario = Scenario("w", events, **rest)  # type: ignore[arg-type]
    outcome = run(world, scenario)
    assert outcome == reference.run(world, scenario)
    return outcome


@pytest.mark.parametrize("k", [1, 255, 256, 299, 300])
def test_groups_too_large_for_a_byte(k: int):
    names = [f"s{i:03}" for i in range(300)]
    world = world_of([asset(n) for n in [*names, "c"]], [needs("g", "c", " ".join(names), k=k)])
    hits = [Event(float(i), "fail", n) for i, n in enumerate(names[: 301 - k])]
    lost = _equal(world, *hits, horizon_h=400.0).assets["c"]
    assert lost.first_loss_ms == (300 - k) * MS_PER_HOUR


def test_many_rows_and_a_hub_with_many_dependents():
    names = [f"c{i}" for i in range(5_000)]
    groups = [needs(f"g{n}", n, "hub", autonomy_h=float(i % 90)) for i, n in enumerate(names)]
    world = world_of([asset(n) for n in ["hub", *names]], groups)
    outcome = run(world, Scenario("w", (Event(0.0, "fail", "hub"),), horizon_h=100.0))
    assert len(outcome.trace) == 5_001
    assert outcome.assets["c89"].first_loss_ms == 89 * MS_PER_HOUR
    assert outcome.trace[1].because == (0,)
    solved = solve(prepare(world), [Event(0.0, "fail", "hub")], 50 * MS_PER_HOUR)
    assert (solved.first_loss_ms >= 0).sum() == 1 + sum(i % 90 <= 50 for i in range(5_000))


def test_a_hub_with_a_hundred_thousand_dependents():
    names = [f"c{i}" for i in range(100_000)]
    groups = [needs(f"g{n}", n, "hub", autonomy_h=float(i % 300)) for i, n in enumerate(names)]
    world = world_of([asset(n) for n in ["hub", *names]], groups)
    hit, mend = Event(1.0, "fail", "hub"), Event(100.5, "repair", "hub")
    solved = solve(prepare(world), [hit, mend], 400 * MS_PER_HOUR)
    hours = [i % 300 for i in range(100_000) if i % 300 < 100]
    assert len(solved.assets) == 1 + len(hours)
    assert solved.all_down_ms().sum() == sum(99.5 - h for h in [0, *hours]) * MS_PER_HOUR
    assert solved.all_levels().min() == 1.0  # all are back


def test_decades_do_not_overflow():
    group = needs("g", "b", "a", autonomy_h=87_600.0, recharge_h=87_599.7)
    events = (Event(0.0, "fail", "a"), Event(40_000.0, "repair", "a"), Event(80_000.3, "fail", "a"))
    _equal(world_of([asset("a"), asset("b")], [group]), *events, horizon_h=87_600.0)


def test_a_horizon_of_nothing_and_a_world_of_nothing():
    world = world_of([asset("a"), asset("b")], [needs("g", "b", "a")])
    outcome = _equal(world, Event(0.0, "fail", "a"), Event(1.0, "repair", "a"), horizon_h=0.0)
    assert set(outcome.assets) == {"a", "b"}
    assert _equal(world_of([]), horizon_h=5.0).trace == ()


def test_equal_times_and_the_same_event_twice():
    group = needs("g", "b", "a", autonomy_h=1.0, restart_h=1.0)
    world = world_of([asset("a", repair_h=1.0, restart_h=1.0), asset("b")], [group])
    fail, mend = Event(1.0, "fail", "a"), Event(2.0, "repair", "a")
    _equal(world, fail, fail, mend, mend, fail, Event(2.0, "degrade", "a", to=0.5), horizon_h=9.0)
    _equal(world, fail, mend, fail, repairs="typical", horizon_h=9.0)


def test_more_durations_than_queues():
    names = [f"c{i}" for i in range(200)]
    groups = [
        needs(f"g{n}", n, "hub", autonomy_h=0.1 + i * 0.37 % 50, restart_h=1 / (i + 1))
        for i, n in enumerate(names)
    ]
    world = world_of([asset(n) for n in ["hub", *names]], groups)
    _equal(world, Event(0.0, "fail", "hub"), Event(30.0, "repair", "hub"), horizon_h=60.0)


def test_an_id_that_is_not_there():
    world = world_of([asset("aa"), asset("b")], links=[Link("ab", "aa", "b", "power")])
    for event in (Event(0.0, "fail", "a"), Event(0.0, "fail", link="abc")):
        with pytest.raises(UnknownIdError):
            run(world, Scenario("w", (event,)))


def test_a_deadlock_too_large_for_an_exact_search():
    """Each of sixty needs four others: no set is shown to be smallest, none can be left out."""
    names = [f"a{i:02}" for i in range(60)]
    groups = [
        needs(f"g{name}", name, " ".join(names[(i + j) % 60] for j in range(1, 5)), k=4)
        for i, name in enumerate(names)
    ]
    hits = [Event(0.0, "fail", n) for n in names]
    mends = [Event(1.0, "repair", n) for n in names]
    world = world_of([asset(n) for n in names], groups)
    (deadlock,) = _equal(world, *hits, *mends, horizon_h=4.0).deadlocks
    assert len(deadlock.assets) == 60 and not deadlock.smallest
    assert len(deadlock.breaking) == 4


# -- sums and roundings ----------------------------------------------------------------------------

UNIT = st.floats(0, 1) | st.fractions(0, 1, max_denominator=10**12).map(float)


@given(x=UNIT | st.integers(0, 2**14).map(lambda n: n / 2**14), nudge=st.sampled_from([0, 5e-13]))
@settings(max_examples=500)
def test_rounding_is_that_of_python(x: float, nudge: float):
    x = min(1.0, x + nudge)
    assert rounded_12(x) == round(x, 12)


@given(items=st.lists(st.floats(-1e18, 1e18) | st.sampled_from([0.1, 0.3, 1 / 3, 1e16, 2**-60])))
@settings(max_examples=500)
def test_sums_are_those_of_python(items: list[float]):
    partials, n = np.zeros(64), 0
    for x in items:
        n = add_exactly(partials, n, x)
    assert total_of(partials, n) == fsum(items)


@given(whole=st.integers(1, 4 * 10**11), full=st.integers(0, 4 * 10**11), data=st.data())
def test_shares_of_long_times_do_not_overflow(whole: int, full: int, data: st.DataObject):
    passed = data.draw(st.integers(0, whole - 1))
    assert share_of(passed, full, whole) == passed * full // whole


# -- worlds with measures --------------------------------------------------------------------------


def test_measures_are_tried_on_a_changed_world():
    world = world_of([asset("a"), asset("b")], [needs("g", "b", "a")])
    more = Measure("add_autonomy", "b", "power", hours=2.0)
    scenario = Scenario("w", (Event(0.0, "fail", "a"),), (more,), horizon_h=4.0)
    assert run(world, scenario).assets["b"].first_loss_ms == 2 * MS_PER_HOUR
    assert run(world, replace(scenario, measures=())).assets["b"].first_loss_ms == 0
    assert run(world, scenario) == reference.run(world, scenario)
