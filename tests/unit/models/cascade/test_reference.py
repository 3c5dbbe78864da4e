"""Rules of docs/model.md that one small case each pins down."""

from __future__ import annotations

import pytest

from models.cascade.reference.engine import run
from models.outcome import Outcome
from models.scenario import Event, Measure, Scenario
from models.units import hours_text, to_hours
from models.world import Flow, Group, Link, Supplier, World
from tests.strategies import asset, needs, world_of


def _course(outcome: Outcome, name: str) -> list[tuple[float, float]]:
    return [(to_hours(t), level) for t, level in outcome.levels.get(name, ())]


def _pair(**fields: object) -> World:
    """S feeds C with power."""
    return world_of([asset("S"), asset("C")], [needs("g", "C", "S", **fields)])


def test_autonomy_holds_to_the_last_millisecond():
    world = _pair(autonomy_h=8)
    down = Event(0, "fail", "S")
    saved = run(world, Scenario("w", (down, Event(7.99, "repair", "S"))))
    tied = run(world, Scenario("w", (down, Event(8, "repair", "S"))))
    assert _course(saved, "C") == []
    # supply back at the very moment is too late: lost, and back at once
    assert [(r.t_ms, r.asset, r.after) for r in tied.trace if r.asset == "C"] == [
        (28_800_000, "C", 0.0),
        (28_800_000, "C", 1.0),
    ]


def test_a_store_refills_evenly_and_drains_from_what_is_in_it():
    world = _pair(autonomy_h=4, recharge_h=8)
    events = (
        Event(0, "fail", "S"), Event(2, "repair", "S"),  # 2 h used, 2 h left
        Event(4, "fail", "S"),  # 2 h of 8 h recharged: 3 h in store
    )  # fmt: skip
    assert _course(run(world, Scenario("w", events)), "C") == [(0, 1), (7, 0)]


def test_a_restart_interrupted_begins_anew():
    world = _pair(restart_h=3)
    events = (
        Event(0, "fail", "S"), Event(1, "repair", "S"),
        Event(2, "fail", "S"), Event(5, "repair", "S"),
    )  # fmt: skip
    assert _course(run(world, Scenario("w", events)), "C") == [(0, 0), (8, 1)]


def test_typical_repair_begins_anew_with_a_second_hit():
    world = world_of([asset("S", repair_h=10, restart_h=1)])
    hits = (Event(0, "fail", "S"), Event(6, "degrade", "S", to=0.5))
    typical = run(world, Scenario("w", hits, repairs="typical"))
    assert _course(typical, "S") == [(0, 0), (17, 1)]
    assert [(to_hours(c.t_ms), c.state) for c in typical.states["S"]] == [
        (0, "under-repair"), (6, "under-repair"), (16, "restarting"), (17, "working"),
    ]  # fmt: skip
    assert _course(run(world, Scenario("w", hits)), "S") == [(0, 0)]


def test_two_lost_inputs_do_not_hurt_twice():
    groups = [needs("a", "C", "S", loss=0.5), needs("b", "C", "T", service="water", loss=0.4)]
    world = world_of([asset("S"), asset("T"), asset("C")], groups)
    outcome = run(world, Scenario("w", (Event(0, "fail", "S"), Event(1, "fail", "T"))))
    assert _course(outcome, "C") == [(0, 0.5)]


def test_shares_are_summed_exactly_and_k_plays_no_part():
    suppliers = tuple(Supplier(f"S{i}", 0.1) for i in range(10))
    group = Group("g", "C", "power", suppliers, k=10, min_supply_fraction=1.0)
    world = world_of([asset("C"), *(asset(s.asset_id) for s in suppliers)], [group])
    assert run(world, Scenario("w")).trace == ()
    assert _course(run(world, Scenario("w", (Event(0, "fail", "S3"),))), "C") == [(0, 0)]


def test_a_short_part_delivers_supply_over_demand():
    world = world_of(
        [asset("PLANT"), asset("TOWN"), asset("MILL")],
        links=[Link("l", "PLANT", "TOWN", "power"), Link("m", "TOWN", "MILL", "power")],
        flows=(
            Flow("PLANT", "power", supply=60.0),
            Flow("TOWN", "power", demand=50.0),
            Flow("MILL", "power", demand=50.0),
        ),
    )
    outcome = run(world, Scenario("w", (Event(2, "fail", link="m"),)))
    assert outcome.delivery["TOWN", "power"] == ((0, 0.6), (7_200_000, 1.0))
    assert outcome.delivery["MILL", "power"] == ((0, 0.6), (7_200_000, 0.0))
    assert outcome.assets["MILL"].state_end == "failed-cascade"
    assert outcome.assets["MILL"].level_end == 1.0


def test_links_carry_only_along_their_direction():
    world = world_of(
        [asset("S", source_of=("power",)), asset("A"), asset("B")],
        links=[Link("l", "S", "A", "power", directed=True), Link("m", "B", "S", "power", True)],
    )
    assert set(run(world, Scenario("w")).assets) == {"B"}


def test_an_emergency_supply_serves_until_just_before_its_end():
    world = _pair()
    events = (Event(0, "fail", "S"), Event(0, "supply", "C", service="power", until_h=5))
    assert _course(run(world, Scenario("w", events)), "C") == [(0, 1), (5, 0)]


def test_a_black_start_returns_by_itself_once():
    world = world_of(
        [asset("S"), asset("C", black_start=True)], [needs("g", "C", "S", restart_h=2)]
    )
    outcome = run(world, Scenario("w", (Event(0, "fail", "S"),)))
    assert _course(outcome, "C") == [(0, 0), (2, 1)]


def test_degrade_lowers_those_who_need_more():
    groups = [
        needs("strict", "A", "S", min_supply_fraction=0.6),
        needs("modest", "B", "S", min_supply_fraction=0.4),
    ]
    world = world_of([asset("S"), asset("A"), asset("B")], groups)
    outcome = run(world, Scenario("w", (Event(0, "degrade", "S", to=0.5),)))
    assert {a: course.level_end for a, course in outcome.assets.items()} == {"S": 0.5, "A": 0.0}


def test_the_deadlock_of_three_needs_one_supply_only():
    ring = [needs("a", "A", "C"), needs("b", "B", "A"), needs("c", "C", "B", service="water")]
    world = world_of([asset("A"), asset("B"), asset("C")], ring)
    outcome = run(world, Scenario("w", (Event(0, "fail", "A"), Event(1, "repair", "A"))))
    (deadlock,) = outcome.deadlocks
    assert deadlock.assets == ("A", "B", "C")
    assert [(s.asset, s.service) for s in deadlock.breaking] == [("A", "power")]


def test_a_measure_changes_the_world_of_its_scenario_only():
    world = _pair()
    more = Measure("add_autonomy", "C", "power", hours=3)
    down = (Event(0, "fail", "S"),)
    assert _course(run(world, Scenario("w", down, (more,))), "C") == [(0, 1), (3, 0)]
    assert _course(run(world, Scenario("w", down)), "C") == [(0, 0)]


@pytest.mark.parametrize("horizon_h", [0, 5])
def test_what_falls_at_the_horizon_still_counts(horizon_h: float):
    world = _pair()
    scenario = Scenario("w", (Event(horizon_h, "fail", "S"),), horizon_h=horizon_h)
    assert set(run(world, scenario).assets) == {"S", "C"}


@pytest.mark.parametrize(
    ("ms", "text"),
    [(0, "0 h"), (60_000, "1 min"), (27_600_000, "7 h 40 min"), (28_800_000, "8 h"),
     (183_600_000, "2 d 3 h"), (186_300_000, "2 d 3 h 45 min"), (172_800_000, "2 d"),
     (175_500_000, "2 d 45 min"), (25_500_000, "7 h 5 min")],
)  # fmt: skip
def test_hours_are_said_as_people_say_them(ms: int, text: str):
    assert hours_text(ms) == text


def _scenario(*events: Event) -> Scenario:
    return Scenario("w", events, horizon_h=8.0)


def test_a_named_repair_counts_instead_of_the_typical_one():
    world = world_of([asset("S", repair_h=2, restart_h=1)])
    events = (Event(0, "fail", "S"), Event(5, "repair", "S"))
    typical = run(world, Scenario("w", events, repairs="typical"))
    assert _course(typical, "S") == [(0, 0), (6, 1)]


def test_an_asset_that_waits_after_its_repair_returns_by_restart():
    world = world_of([asset("A", restart_h=1.0)])
    trace = run(world, _scenario(Event(0, "fail", "A"), Event(2, "repair", "A"))).trace
    assert [(to_hours(r.t_ms), r.kind) for r in trace] == [(0, "direct"), (3, "restart")]


def test_a_group_that_does_not_bind_is_no_cause_of_a_return():
    world = world_of([asset("X"), asset("A")], [needs("g", "A", "X", loss=0.0, restart_h=1.0)])
    events = [Event(0, "fail", "X"), Event(0, "fail", "A")]
    events += [Event(1, "repair", "X"), Event(2, "repair", "A")]
    last = run(world, _scenario(*events)).trace[-1]
    assert (last.asset, last.kind, last.group, last.because) == ("A", "repair", None, ())


def test_a_hit_that_lowers_nothing_is_no_cause_of_a_loss():
    world = _pair(autonomy_h=1)
    last = run(world, _scenario(Event(0, "fail", "S"), Event(1, "degrade", "C", to=1.0))).trace[-1]
    assert (last.asset, last.kind, last.group, last.because) == ("C", "autonomy", "g", (0,))


def test_a_return_names_only_what_rose_since_the_loss():
    world = world_of([asset("X"), asset("Y"), asset("c")], [needs("g", "c", "X Y", k=2)])
    events = [Event(0, "fail", "X"), Event(1, "repair", "X")]
    events += [Event(2, "fail", "Y"), Event(3, "repair", "Y")]
    last = run(world, _scenario(*events)).trace[-1]
    assert (last.asset, last.because) == ("c", (6,))


def test_a_balance_that_is_even_in_decimals_is_no_shortage():
    world = world_of(
        [asset("s"), asset("d"), asset("e")],
        links=[Link("l", "s", "d", "power"), Link("m", "s", "e", "power")],
        flows=(
            Flow("s", "power", supply=0.3),
            Flow("d", "power", demand=0.1),
            Flow("e", "power", demand=0.2),
        ),
    )
    assert run(world, Scenario("w")).trace == ()


def test_deadlocks_are_told_apart_and_broken_where_it_takes_least():
    own_loops = world_of(
        [asset(x) for x in "abst"],
        [needs("g", "a", "a"), needs("h", "b", "b")],
        [Link("l", "a", "s", "power"), Link("m", "b", "t", "power")],
        flows=(Flow("a", "power", supply=1.0), Flow("b", "power", supply=1.0)),
    )
    events = [Event(0, "fail", x) for x in "ab"] + [Event(1, "repair", x) for x in "ab"]
    deadlocks = run(own_loops, _scenario(*events)).deadlocks
    assert [deadlock.assets for deadlock in deadlocks] == [("a",), ("b",)]
    behind = world_of(
        [asset("a"), asset("b", source_of=("power",)), asset("c", source_of=("power",))],
        [needs("g", "a", "a"), needs("h", "b", "a"), needs("i", "c", "b")],
    )
    deadlocks = run(behind, _scenario(Event(0, "fail", "a"), Event(1, "repair", "a"))).deadlocks
    assert [deadlock.assets for deadlock in deadlocks] == [("a",)]
    upstream = world_of(
        [asset("X"), asset("Y"), asset("A")],
        [
            needs("g", "A", "X A"),
            needs("h", "A", "X A", service="water"),
            needs("i", "X", "Y"),
        ],
    )
    events = [Event(0, "fail", "Y"), Event(0, "fail", "A"), Event(1, "repair", "A")]
    (deadlock,) = run(upstream, _scenario(*events)).deadlocks
    assert [(s.asset, s.service) for s in deadlock.breaking] == [("X", "power")]
