"""Single assets and pairs, ranked: the same as trying every one of them in the reference."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.synthetic import synthetic
from models.cascade.reference.engine import run
from models.cascade.yes_or_no import Core
from models.cascade.yes_or_no import pairs as core_pairs
from models.criticality import screening
from models.criticality.screening import By, Pair, pairs, singles
from models.errors import BadInputError
from models.impact.people import distinct_people, people_served
from models.impact.settlement import EVERYBODY
from models.scenario import Event, Scenario
from models.world import CommonCause, Link, ServiceArea, World
from tests.strategies import asset, needs, plain_worlds, settled_worlds, world_of, worlds

RANKINGS: tuple[By, ...] = ("assets", "people", "person-hours")
Loss = tuple[set[str], int, float]


def _tried(world: World, hits: tuple[str, ...], horizon_h: float) -> Loss:
    """Return who is lost in the reference, the people and the person-hours."""
    events = tuple(Event(0.0, "fail", a) for a in hits)
    outcome = run(world, Scenario("w", events, horizon_h=horizon_h))
    lacking = distinct_people(world, outcome)[EVERYBODY]
    lost = {a for a in outcome.assets if not world.assets[a].is_junction}
    return lost, lacking.peak, lacking.person_hours


def _trier(world: World, horizon_h: float) -> Callable[..., Loss]:
    anyway = _tried(world, (), horizon_h)

    def take(*hits: str) -> Loss:
        lost, people, hours = _tried(world, hits, horizon_h)
        return lost - anyway[0], people - anyway[1], hours - anyway[2]

    return take


def _screened(world: World) -> list[str]:
    return sorted(a for a, thing in world.assets.items() if not thing.is_junction)


def _check_singles(world: World, by: By, horizon_h: float | None, tried_h: float) -> None:
    take = _trier(world, tried_h)
    screened = singles(world, by, horizon_h=horizon_h)
    assert sorted(row.asset for row in screened.rows) == _screened(world)
    for row in screened.rows:
        lost, people, hours = take(row.asset)
        assert (row.assets, row.people) == (len(lost), people)
        if row.person_hours is not None:
            assert row.person_hours == pytest.approx(hours, abs=1e-3)
    ranked = [getattr(row, screening._FIELD[by]) for row in screened.rows]
    assert ranked == sorted(ranked, reverse=True)
    assert singles(world, by, horizon_h=horizon_h, top=2).rows == screened.rows[:2]


@given(world=plain_worlds(), by=st.sampled_from(RANKINGS))
@settings(max_examples=60)
def test_singles_of_a_plain_world(world: World, by: By):
    _check_singles(world, by, None, 168.0 if by == "person-hours" else 1000.0)
    _check_singles(world, by, 2.0, 2.0)


@given(world=worlds(demand=True, black_start=True), by=st.sampled_from(RANKINGS))
@settings(max_examples=100)
def test_singles_of_any_world(world: World, by: By):
    _check_singles(world, by, 5.0, 5.0)


@given(world=settled_worlds(), by=st.sampled_from(RANKINGS))
@settings(max_examples=60)
def test_singles_of_a_world_with_cells(world: World, by: By):
    _check_singles(world, by, 5.0, 5.0)


def _check_pairs(world: World, by: By, horizon_h: float | None, tried_h: float) -> None:
    take = _trier(world, tried_h)
    names = _screened(world)
    alone = {a: take(a) for a in names}
    screened = pairs(world, by, horizon_h=horizon_h, top=1000)
    hidden = {(pair.first, pair.second): pair for pair in screened.hidden}
    worst = {(pair.first, pair.second): pair for pair in screened.worst}
    assert list(worst) == sorted(worst, key=lambda ends: _key(worst[ends], by, ""))
    assert list(hidden) == sorted(hidden, key=lambda ends: _key(hidden[ends], by, "_only"))
    assert worst.keys() == set(combinations(names, 2)) and screened.screened == len(worst)
    for (a, b), pair in worst.items():
        lost, people, hours = take(a, b)
        only = lost - alone[a][0] - alone[b][0]
        more = hours - alone[a][2] - alone[b][2]
        assert (pair.assets, pair.people) == (len(lost), people)
        assert (pair.assets_only, pair.people_only) == (len(only), people_served(world, only))
        if pair.person_hours is not None:
            assert pair.person_hours == pytest.approx(hours, abs=1e-3)
            assert pair.person_hours_only == pytest.approx(more, abs=1e-3)
        if only:
            assert hidden.pop((a, b)) == pair
    assert all((pair.person_hours_only or 0) > 0 for pair in hidden.values())
    for top in (1, 3):  # the same figures without trying all; equals may be others
        few = pairs(world, by, horizon_h=horizon_h, top=top)
        assert (few.n_hidden, few.hidden) == (screened.n_hidden, screened.hidden[:top])
        figures = [
            [getattr(p, screening._FIELD[by]) for p in item.worst] for item in (few, screened)
        ]
        assert figures[0] == pytest.approx(figures[1][:top])
        assert all(worst[p.first, p.second] == p for p in few.worst)


def _key(pair: Pair, by: By, suffix: str) -> tuple[object, ...]:
    main = getattr(pair, screening._FIELD[by] + suffix)
    return (-main, -getattr(pair, f"assets{suffix}"), pair.first, pair.second)


@given(world=plain_worlds(largest=6), by=st.sampled_from(RANKINGS))
@settings(max_examples=60)
def test_pairs_of_a_plain_world(world: World, by: By):
    _check_pairs(world, by, None, 168.0 if by == "person-hours" else 1000.0)


@given(world=worlds(demand=True, black_start=True), by=st.sampled_from(RANKINGS))
@settings(max_examples=60)
def test_pairs_of_any_world(world: World, by: By):
    _check_pairs(world, by, 5.0, 5.0)


@pytest.mark.parametrize("family", ["infra", "infraw", "rand"])
def test_pairs_of_two_hundred_assets_are_those_of_trying_all(family):
    core = Core(synthetic(family, 200).arrays())
    weight = np.ones((200, 1), dtype=np.int64)
    everyone = np.arange(200, dtype=np.int32)
    cascades = core_pairs.every_cascade(core, everyone, weight)
    hidden = core_pairs.hidden_pairs(core, cascades, weight)
    result = {
        (min(a, b), max(a, b)): (both, only)
        for a, b, both, only in zip(
            hidden.first.tolist(), hidden.second.tolist(),
            hidden.both[:, 0].tolist(), hidden.only[:, 0].tolist(), strict=True,
        )
    }  # fmt: skip
    alone = [set(core.lost([u]).tolist()) for u in range(200)]
    tried, totals = {}, []
    for a, b in combinations(range(200), 2):
        lost = set(core.lost([a, b]).tolist())
        totals.append(len(lost))
        if only := lost - alone[a] - alone[b]:
            tried[a, b] = (len(lost), len(only))
    assert result == tried and tried
    worst = core_pairs.worst_pairs(hidden, cascades, everyone, weight, 0, 50)
    assert worst.both[:, 0].tolist() == sorted(totals, reverse=True)[:50]


def test_groups_of_very_many_suppliers_hide_pairs_too():
    names = [f"s{i:02d}" for i in range(70)]
    feeders = [needs(f"f{i:02d}", name, f"x{i % 3}") for i, name in enumerate(names)]
    groups = [*feeders, needs("g", "c", " ".join(names), k=24)]
    world = world_of([asset(a) for a in [*names, "c", "x0", "x1", "x2"]], groups)
    result = pairs(world, top=5)
    assert [(p.first, p.second, p.assets_only) for p in result.hidden[:2]] == [
        ("x0", "x1", 1), ("x0", "x2", 1),
    ]  # fmt: skip
    assert result.n_hidden == 2  # x1 and x2 leave 24


# -- what else is told -------------------------------------------------------------------------


@pytest.fixture
def two_feeds():
    """Either of ``a`` and ``b`` feeds ``c``, which serves 100; ``a`` and ``c`` share a trench."""
    return world_of(
        [asset(x) for x in "abc"],
        [needs("g", "c", "a b", k=1)],
        service_areas=(ServiceArea("c", "power", 100),),
        common_causes={
            "trench": CommonCause("trench", "location", asset_ids=("a", "c")),
            "alone": CommonCause("alone", "vendor", asset_ids=("b",)),
            "line": CommonCause("line", "corridor", asset_ids=("b",), link_ids=("l",)),
        },
    )


def test_common_causes_stand_beside_the_rows(two_feeds):
    result = {row.asset: row.causes for row in singles(two_feeds).rows}
    assert result == {"a": ("trench",), "b": ("line",), "c": ("trench",)}
    pair_causes = {(p.first, p.second): p.causes for p in pairs(two_feeds).worst}
    assert pair_causes == {("a", "b"): (), ("a", "c"): ("trench",), ("b", "c"): ()}


def test_two_feeds_are_one_hidden_pair(two_feeds):
    result = pairs(two_feeds, "people")
    assert result.hidden == (Pair("a", "b", 3, 100, 1, 100),)
    assert (result.n_hidden, result.screened) == (1, 3)


def test_what_is_lost_anyway_is_nobodys_fault():
    world = world_of([asset(x) for x in "ab"], [needs("g", "b", "a", k=2)])
    assert {row.asset: row.assets for row in singles(world).rows} == {"a": 1, "b": 0}


def test_junctions_are_neither_knocked_out_nor_counted():
    junction = asset("j")
    object.__setattr__(junction, "asset_type", "junction")
    world = world_of([asset("a"), junction], [needs("g", "j", "a")])
    assert [(row.asset, row.assets) for row in singles(world).rows] == [("a", 1)]


def test_worlds_of_nothing_and_of_one():
    assert singles(world_of([])).rows == () and pairs(world_of([])).worst == ()
    assert pairs(world_of([asset("a")])).screened == 0


def test_progress_is_told_and_can_stop_the_work(two_feeds):
    class StoppedError(Exception):
        pass

    def stop(done: int, of: int) -> None:
        calls.append((done, of))
        raise StoppedError

    linked = world_of([asset("a"), asset("b")], [], [Link("l", "a", "b", "power")])
    for world in (two_feeds, linked):
        for work in (singles, pairs):
            calls: list[tuple[int, int]] = []
            with pytest.raises(StoppedError):
                work(world, tell=stop)
            assert len(calls) == 1


def test_too_many_pairs_are_refused_with_numbers(monkeypatch):
    links = [Link(f"l{i}", "a0", f"a{i}", "power") for i in range(1, 5)]
    linked = world_of([asset(f"a{i}") for i in range(5)], [], links)
    with pytest.raises(BadInputError, match=r"10 timed runs; the limit is 9.* single assets"):
        pairs(linked, most_runs=9)
    dense = synthetic("rand", 300).world()
    for limit in ("MOST_MEMBERS", "MOST_CANDIDATES", "MOST_READ"):
        with monkeypatch.context() as patch:
            patch.setattr(core_pairs, limit, 100)
            with pytest.raises(BadInputError, match=r"limit 100\).*single assets"):
                pairs(dense)


def test_a_pair_that_takes_a_consumer_twice_counts_it_once():
    groups = [needs("g1", "c", "a b"), needs("g2", "c", "b a")]
    world = world_of([asset(x) for x in "abcd"], groups)
    assert [(p.assets, p.assets_only) for p in pairs(world).hidden] == [(3, 1)]
