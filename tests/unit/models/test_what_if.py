"""What one more knock-out takes on top of a scenario."""

from __future__ import annotations

from hypothesis import given, settings

from models.cascade.reference import run
from models.scenario import Event, Scenario
from models.what_if import Things, candidates, causes_of, extras, pair_count, pairs_of
from models.world import CommonCause, Link, ServiceArea, World
from tests.strategies import asset, cases, needs, world_of


def _town() -> World:
    """Grid → works → clinic; a line from the grid to the far end; grid and mast share a place."""
    return world_of(
        [
            *(asset(a, source_of=("road",)) for a in ("grid", "far")),
            *(asset(a) for a in ("works", "clinic", "mast")),
        ],
        [needs("g1", "works", "grid"), needs("g2", "clinic", "works", autonomy_h=2.0)],
        [Link("l", "grid", "far", "road")],
        service_areas=(ServiceArea("works", "water", 100), ServiceArea("clinic", "care", 10)),
        common_causes={
            "place": CommonCause("place", "location", asset_ids=("grid", "mast"), link_ids=("l",)),
            "alone": CommonCause("alone", "location", asset_ids=("far",)),
        },
    )


def test_what_is_lost_anyway_is_not_counted_again():
    world = _town()
    already = Scenario("w", (Event(0, "fail", "works"),), horizon_h=10)
    grid, works = extras(world, already, [Things(("grid",)), Things(("works",))], 4.0)
    assert (grid.lost, grid.people, grid.person_hours) == ({"grid"}, 0, 0.0)
    assert (works.lost, works.people) == (frozenset(), 0)


def test_the_hour_of_the_knock_out_decides_how_long_people_go_without():
    (late,) = extras(_town(), Scenario("w", horizon_h=10), [Things(("grid",))], 4.0)
    assert late.lost == {"grid", "works", "clinic"}
    assert late.people == 110
    assert late.person_hours == 100 * 6 + 10 * 4


def test_candidates_are_assets_and_causes_of_several():
    world = _town()
    assert set(candidates(world)) == {"grid", "works", "clinic", "mast", "far", "cause:place"}
    assert candidates(world)["cause:place"] == Things(("grid", "mast"), ("l",))
    assert causes_of(world) == {"grid": ("place",), "mast": ("place",)}
    assert len(pairs_of(world)) == pair_count(world) == 10


@given(case=cases(demand=True, black_start=True))
@settings(max_examples=60)
def test_each_is_the_difference_of_two_runs(case: tuple[World, Scenario]):
    world, scenario = case
    lost = set(run(world, scenario).assets)
    for name, extra in zip(
        sorted(world.assets),
        extras(world, scenario, [Things((a,)) for a in sorted(world.assets)], 1.0),
        strict=True,
    ):
        more = Scenario(
            "w", (*scenario.events, Event(1.0, "fail", name)),
            horizon_h=scenario.horizon_h, repairs=scenario.repairs,
        )  # fmt: skip
        assert extra.lost == set(run(world, more).assets) - lost
