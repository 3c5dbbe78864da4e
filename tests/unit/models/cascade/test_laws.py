"""The laws of docs/model.md, each as a property of the reference engine."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from models.cascade.reference.engine import run
from models.impact.consequences import Steps
from models.outcome import Outcome, StateChange
from models.scenario import Event, Scenario
from models.world import Link, Supplier, World
from tests.strategies import HOURS, asset, cases, needs, with_events, world_of, worlds

NEVER = 10**12


def _at(steps: Steps, t: int) -> float:
    return next(level for since, level in reversed(steps) if since <= t)


def _never_above(lower: Outcome, upper: Outcome) -> None:
    """Assert that no level or delivery of ``lower`` is above that of ``upper`` at any time."""
    whole: Steps = ((0, 1.0),)
    for low, high in ((lower.levels, upper.levels), (lower.delivery, upper.delivery)):
        for key in {*low, *high}:
            one, other = low.get(key, whole), high.get(key, whole)
            for t in {t for t, _ in (*one, *other)}:
                assert _at(one, t) <= _at(other, t) + 1e-9, (key, t)


@given(case=cases(), data=st.data())
@settings(max_examples=400)
def test_knocking_out_more_never_helps_anyone(case: tuple[World, Scenario], data: st.DataObject):
    world, scenario = case
    victim = data.draw(st.sampled_from(sorted(world.assets)))
    worse = with_events(scenario, Event(data.draw(HOURS), "fail", victim))
    _never_above(run(world, worse), run(world, scenario))


@given(case=cases(), data=st.data())
@settings(max_examples=400)
def test_one_more_supplier_or_autonomy_never_brings_a_failure_forward(
    case: tuple[World, Scenario], data: st.DataObject
):
    world, scenario = case
    eligible = [g for g in world.groups.values() if g.k == 1 or g.has_shares]
    if not eligible:
        return
    group = data.draw(st.sampled_from(eligible))
    if data.draw(st.booleans()):
        better = replace(group, autonomy_h=group.autonomy_h + data.draw(HOURS))
    else:
        new = data.draw(st.sampled_from(sorted(world.assets)))
        if any(s.asset_id == new for s in group.suppliers):
            return
        share = 0.5 if group.has_shares else None
        better = replace(group, suppliers=(*group.suppliers, Supplier(new, share)))
    other = replace(world, groups={**world.groups, group.group_id: better})
    before, after = run(world, scenario).assets, run(other, scenario).assets
    for name, result in after.items():
        assert name in before and result.first_loss_ms >= before[name].first_loss_ms


@given(case=cases(demand=True, black_start=True), data=st.data())
@settings(max_examples=300)
def test_shuffling_and_renaming_change_nothing(case: tuple[World, Scenario], data: st.DataObject):
    world, scenario = case
    ids = sorted(world.assets)
    new = dict(
        zip(ids, data.draw(st.permutations([f"z{i}" for i in range(len(ids))])), strict=True)
    )
    other = replace(
        world,
        assets={
            new[a]: replace(world.assets[a], asset_id=new[a])
            for a in data.draw(st.permutations(ids))
        },
        links={
            name: replace(link, from_id=new[link.from_id], to_id=new[link.to_id])
            for name, link in reversed(world.links.items())
        },
        groups={
            name: replace(
                group,
                consumer_id=new[group.consumer_id],
                suppliers=tuple(
                    replace(s, asset_id=new[s.asset_id]) for s in reversed(group.suppliers)
                ),
            )
            for name, group in reversed(world.groups.items())
        },
        flows=tuple(replace(flow, asset_id=new[flow.asset_id]) for flow in reversed(world.flows)),
    )
    renamed = replace(
        scenario,
        events=tuple(
            replace(
                event,
                asset=new[event.asset] if event.asset else None,
                hits=tuple(
                    replace(hit, asset=new[hit.asset]) if hit.asset else hit for hit in event.hits
                ),
            )
            for event in scenario.events
        ),
    )
    one, two = run(world, scenario), run(other, renamed)
    assert {new[a]: result for a, result in one.assets.items()} == dict(two.assets)
    assert {new[a]: steps for a, steps in one.levels.items()} == dict(two.levels)
    assert {(new[a], s): steps for (a, s), steps in one.delivery.items()} == dict(two.delivery)
    assert {new[a]: _shown(c) for a, c in one.states.items()} == {
        a: _shown(c) for a, c in two.states.items()
    }
    assert _rows(one, new) == _rows(two, {i: i for i in new.values()})


def _shown(changes: tuple[StateChange, ...]) -> list[StateChange]:
    """Return the states without the group, which ids may settle."""
    return [change._replace(group=None) for change in changes]


def _rows(outcome: Outcome, name: dict[str, str]) -> list[tuple[object, ...]]:
    """Return the trace without row numbers and groups, which ids may settle."""
    return sorted(
        (r.t_ms, name.get(r.asset or "", ""), r.link or "", r.service or "", r.before, r.after,
         r.kind, r.order, len(r.because))
        for r in outcome.trace
    )  # fmt: skip


@given(names=st.sets(st.sampled_from("abcdef"), min_size=1), data=st.data())
def test_without_edges_only_the_chosen_fail(names: set[str], data: st.DataObject):
    hit = data.draw(st.sets(st.sampled_from(sorted(names))))
    world = world_of([asset(name) for name in sorted(names)])
    outcome = run(world, Scenario("w", tuple(Event(0, "fail", name) for name in sorted(hit))))
    assert set(outcome.assets) == hit


@given(size=st.integers(1, 6), at=HOURS)
def test_a_loop_fails_only_from_outside_and_needs_an_outside_start(size: int, at: float):
    names = [f"a{i}" for i in range(size)]
    ring = [needs(f"g{i}", names[i], names[i - 1]) for i in range(size)]
    world = world_of([asset(name) for name in names], ring)
    assert run(world, Scenario("w")).trace == ()
    blow = (Event(at, "fail", "a0"), Event(at + 1, "repair", "a0"))
    locked = run(world, Scenario("w", blow))
    assert {course.state_end for course in locked.assets.values()} == {"stuck"}
    (deadlock,) = locked.deadlocks
    assert set(deadlock.assets) == set(names)
    assert len(deadlock.breaking) == 1
    start = Event(at + 2, "supply", deadlock.breaking[0].asset, service="power")
    freed = run(world, Scenario("w", (*blow, start)))
    assert {course.state_end for course in freed.assets.values()} == {"working"}
    assert freed.deadlocks == ()


@given(size=st.integers(2, 6))
def test_a_part_without_a_source_is_dark_however_much_it_feeds_itself(size: int):
    names = [f"a{i}" for i in range(size)]
    links = [Link(f"l{i}", names[i - 1], names[i], "power") for i in range(size)]
    ring = [needs(f"g{i}", names[i], names[i - 1]) for i in range(size)]
    outcome = run(world_of([asset(name) for name in names], ring, links), Scenario("w"))
    assert {course.delivers_end["power"] for course in outcome.assets.values()} == {0.0}
    assert len(outcome.assets) == size
    assert {row.kind for row in outcome.trace} == {"initial"}


@given(case=cases(demand=True, black_start=True))
@settings(max_examples=400)
def test_the_trace_replays_and_each_row_names_earlier_causes(case: tuple[World, Scenario]):
    world, scenario = case
    outcome = run(world, scenario)
    now: dict[tuple[str | None, str | None, str | None], float] = {}
    for number, row in enumerate(outcome.trace):
        thing = (row.asset, row.link, row.service)
        assert row.row == number
        assert now.get(thing, 1.0) == row.before != row.after
        now[thing] = row.after
        assert all(earlier < number for earlier in row.because)
        orders = [
            outcome.trace[b].order + (outcome.trace[b].asset != row.asset) for b in row.because
        ]
        assert row.order == max(orders, default=0)
    assert all(one.t_ms <= two.t_ms for one, two in pairwise(outcome.trace))
    for name, steps in outcome.levels.items():
        assert now[name, None, None] == steps[-1][1]
    for (name, service), steps in outcome.delivery.items():
        assert now[name, None, service] == steps[-1][1]


@given(case=cases(demand=True, black_start=True))
@settings(max_examples=300)
def test_same_scenario_same_outcome(case: tuple[World, Scenario]):
    world, scenario = case
    assert run(world, scenario) == run(world, scenario)


@given(case=cases(demand=True, black_start=True))
@settings(max_examples=300)
def test_what_is_shown_agrees_with_the_levels(case: tuple[World, Scenario]):
    world, scenario = case
    outcome = run(world, scenario)
    for name, changes in outcome.states.items():
        assert changes[0].t_ms == 0 or changes[0].state != "working"
        for change in changes:
            assert change.level == _at(outcome.levels.get(name, ((0, 1.0),)), change.t_ms)
            whole = change.level >= 1 and change.delivered >= 1
            nothing = change.level <= 0 or change.delivered <= 0
            assert (change.state in ("working", "backup")) <= whole
            assert (change.state == "degraded") <= (not whole and not nothing)
            assert change.state not in ("failed-direct", "failed-cascade") or nothing
            assert change.deadline_ms is None or change.deadline_ms > change.t_ms


@given(case=cases(demand=True, black_start=True))
@settings(max_examples=200)
def test_the_breaking_set_frees_every_deadlock(case: tuple[World, Scenario]):
    world, scenario = case
    horizon = scenario.horizon_h
    outcome = run(world, replace(scenario, repairs="none"))
    if not outcome.deadlocks:
        return
    # let what is under way finish first, then supply every set
    late = replace(scenario, repairs="none", horizon_h=horizon + 100)
    still = run(world, late)
    starts = [
        Event(horizon + 50, "supply", s.asset, service=s.service)
        for deadlock in still.deadlocks
        for s in deadlock.breaking
    ]
    assert run(world, with_events(late, *starts)).deadlocks == ()


@given(world=worlds(demand=True, black_start=True))
@settings(max_examples=200)
def test_nothing_happens_by_itself_but_what_the_world_cannot_serve(world: World):
    outcome = run(world, Scenario("w", horizon_h=8.0))
    assert {row.kind for row in outcome.trace} <= {"initial", "autonomy", "cascade", "delivery",
                                                  "restart"}  # fmt: skip
    if outcome.trace:
        assert outcome.trace[0].kind == "initial" or outcome.trace[0].t_ms > 0
