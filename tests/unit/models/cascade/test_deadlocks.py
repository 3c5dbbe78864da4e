"""The search for what frees a restart deadlock: the reference's, within what is tried."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import outcome
from models.cascade.reference import engine as reference
from models.cascade.timed.engine import run
from models.outcome import Outcome, Supply
from models.scenario import Event, Scenario
from models.world import Link, World
from tests.strategies import (
    asset,
    large_case,
    needs,
    with_events,
    with_links_and_measures,
    world_of,
)

SEEDS = st.integers(0, 2**32 - 1)
MANY = settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _both(world: World, scenario: Scenario) -> Outcome:
    outcome = run(world, scenario)
    assert outcome == reference.run(world, scenario)
    return outcome


def _locked_case(seed: int) -> tuple[World, Scenario]:
    """Return rings that hang on each other, all hit and repaired: each waits for itself."""
    draw = Random(seed)
    groups, names = [], []
    for ring in range(draw.randint(1, 5)):
        inside = [f"r{ring}-{i}" for i in range(draw.randint(1, 6))]
        for i, item in enumerate(inside):
            others = draw.sample(inside, draw.randint(1, len(inside)))
            k = draw.randint(1, len(others))
            groups.append(needs(f"g{item}", item, " ".join(others), k=k))
            if names and draw.random() < 0.4:
                more = " ".join(draw.sample(names, min(len(names), draw.randint(1, 2))))
                groups.append(needs(f"h{item}", item, more, service="water", restart_h=i % 2))
        names += inside
    draw.shuffle(names)
    hits = [Event(draw.choice([0.0, 1.0]), "fail", name) for name in names]
    mends = [Event(draw.choice([2.0, 3.0, 5.0]), "repair", name) for name in names]
    world = world_of([asset(name, restart_h=draw.choice([0.0, 1.0])) for name in names], groups)
    return world, Scenario("w", (*hits, *mends), horizon_h=8.0)


@given(seed=SEEDS, most_sets=st.integers(0, 40), most_tries=st.integers(0, 120))
@MANY
def test_rings_are_searched_as_far_as_in_the_reference(
    monkeypatch: pytest.MonkeyPatch, seed: int, most_sets: int, most_tries: int
):
    monkeypatch.setattr(outcome, "MOST_SETS_TRIED", most_sets)
    monkeypatch.setattr(outcome, "MOST_TRIES", most_tries)
    world, scenario = _locked_case(seed)
    deadlocks = _both(world, scenario).deadlocks
    assert all(lock.searched or not (lock.breaking or lock.smallest) for lock in deadlocks)


@given(seed=SEEDS, most_sets=st.integers(0, 40))
@MANY
def test_what_cannot_be_left_out_is_that_of_the_reference(
    monkeypatch: pytest.MonkeyPatch, seed: int, most_sets: int
):
    monkeypatch.setattr(outcome, "MOST_SETS_TRIED", most_sets)
    world, scenario = large_case(seed)
    scenario = with_links_and_measures(seed, world, scenario)
    draw, names = Random(seed), sorted(world.assets)
    hits = [Event(draw.choice([0.0, 1.0]), "fail", name) for name in names]
    mends = [Event(draw.choice([2.0, 3.0]), "repair", name) for name in names]
    _both(world, with_events(scenario, *hits, *mends))


def test_the_largest_deadlock_is_searched_first(monkeypatch: pytest.MonkeyPatch):
    """Two of two and one of three assets; what may be tried is enough for the three alone."""
    pairs = ("a1", "a2"), ("b1", "b2"), ("c1", "c2", "c3")
    groups = [
        needs(f"g{point}", point, ring[(i + 1) % len(ring)])
        for ring in pairs
        for i, point in enumerate(ring)
    ]
    names = [point for ring in pairs for point in ring]
    events = [Event(0.0, "fail", n) for n in names] + [Event(1.0, "repair", n) for n in names]
    world = world_of([asset(n) for n in names], groups)
    monkeypatch.setattr(outcome, "MOST_TRIES", 4)
    deadlocks = _both(world, Scenario("w", tuple(events), horizon_h=4.0)).deadlocks
    assert [(lock.assets[0], lock.searched, len(lock.breaking)) for lock in deadlocks] == [
        ("a1", False, 0),
        ("b1", False, 0),
        ("c1", True, 1),
    ]


def test_a_thousand_stuck_assets_take_a_moment():
    """A ring of 30 that needs all its members; a thousand others hang on it, ten deep."""
    ring = [f"r{i:02}" for i in range(30)]
    groups = [needs(f"g{a}", a, " ".join(b for b in ring if b != a), k=29) for a in ring]
    others = [f"o{i:04}" for i in range(1_000)]
    groups += [
        needs(f"g{a}", a, ring[i % 30] if i < 100 else others[i - 100])
        for i, a in enumerate(others)
    ]
    world = world_of([asset(a) for a in (*ring, *others)], groups)
    hits = [Event(0.0, "fail", a) for a in ring]
    mends = [Event(1.0, "repair", a) for a in ring]
    outcome = run(world, Scenario("w", (*hits, *mends), horizon_h=2.0))
    (lock,) = outcome.deadlocks
    assert lock.assets == tuple(ring) and len(lock.breaking) == 29
    assert sum(steps[-1].state == "stuck" for steps in outcome.states.values()) == 1_030
    assert sum(steps[-1].locked for steps in outcome.states.values()) == 30


def _hit_and_repaired(world: World, names: str, *more: Event) -> Outcome:
    hits = [Event(0.0, "fail", name) for name in names]
    mends = [Event(1.0, "repair", name) for name in names]
    return _both(world, Scenario("w", (*hits, *mends, *more), horizon_h=4.0))


def test_sets_that_one_supply_frees_are_told_as_one():
    """A and B wait for each other; C and D do so, too, and C is content with A."""
    groups = [
        needs("a", "A", "B"),
        needs("b", "B", "A"),
        needs("c", "C", "D A"),
        needs("d", "D", "C"),
    ]
    world = world_of([asset(name) for name in "ABCD"], groups)
    (lock,) = _hit_and_repaired(world, "ABCD").deadlocks
    assert (lock.assets, lock.breaking) == (("A", "B", "C", "D"), (Supply("A", "power"),))
    # needing both, C must be supplied as well: two deadlocks
    apart = world_of(
        list(world.assets.values()), [*groups[:2], needs("c", "C", "D A", k=2), groups[3]]
    )
    assert [lock.assets for lock in _hit_and_repaired(apart, "ABCD").deadlocks] == [
        ("A", "B"),
        ("C", "D"),
    ]


def test_nobody_waits_for_who_is_cut_off():
    """X gets power from P or, through its network, from Y; Y's only line is down."""
    world = world_of(
        [asset("G", source_of=("power",)), asset("P"), asset("X"), asset("Y")],
        [
            needs("x", "X", "P Y"),
            needs("p", "P", "X", service="telecom"),
            needs("y", "Y", "X", service="telecom"),
        ],
        [Link("line", "G", "Y", "power")],
    )
    down = _hit_and_repaired(world, "PXY", Event(0.0, "fail", link="line"))
    assert [lock.assets for lock in down.deadlocks] == [("P", "X")]
    assert down.assets["Y"].state_end == "stuck"
