"""Futures compared: what is best and worst, and what one changes against another."""

from dataclasses import replace

from hypothesis import given

from models.cascade.timed.engine import run
from models.impact.comparison import (
    Figures,
    Option,
    difference,
    figures,
    options_of,
    table,
    without_help,
)
from models.scenario import Event, Measure, Scenario
from models.units import to_ms
from tests.strategies import cases, with_events

FAILS = Scenario("tiny", events=(Event(0, "fail", asset="grid"),), horizon_h=48)
REPAIRED = replace(FAILS, events=(*FAILS.events, Event(12, "repair", asset="grid")))
SUPPLIED = replace(
    FAILS, events=(*FAILS.events, Event(4, "supply", asset="works", service="electricity"))
)
LONGER = replace(FAILS, measures=(Measure("add_autonomy", "works", "electricity", hours=10),))
NONE = frozenset()


def _rows(world, *scenarios, special=NONE):
    named = [(str(n), scenario) for n, scenario in enumerate(scenarios)]
    compared = [figures(world, option, special) for option in options_of(world, named)]
    return {row.name: row for row in table(compared)}, compared


def test_the_table_marks_what_is_best_and_worst(tiny_world):
    rows, compared = _rows(tiny_world, FAILS, REPAIRED, SUPPLIED, special={"hospital"})
    # the works serve 1,200 people; their eight hours end at 8 h
    assert [item.people for item in compared] == [1200, 1200, 0]
    # repaired at 12 h, they are back after an hour of restart
    assert [item.person_hours for item in compared] == [1200 * 40, 1200 * 5, 0]
    assert rows["person_hours"].best == {2}
    assert rows["person_hours"].worst == {0}
    assert rows["people"].worst == {0, 1}
    assert rows["restored"].values[0] is None
    assert rows["restored"].worst == {0, 2}
    assert rows["restored"].best == {1}
    assert rows["special"].values == (1, 1, 1)
    assert "cost_eur" not in rows


def test_equal_options_are_neither_best_nor_worst(tiny_world):
    rows, _ = _rows(tiny_world, FAILS, FAILS)
    assert all(not row.best and not row.worst for row in rows.values())


def test_stated_costs_are_added_up_and_silence_is_no_zero(tiny_world):
    priced = replace(LONGER, measures=(replace(LONGER.measures[0], cost_eur=5000.0),) * 2)
    rows, _ = _rows(tiny_world, FAILS, LONGER, priced)
    assert rows["cost_eur"].values == (None, None, 10_000.0)


def test_a_cost_is_compared_where_one_is_stated():
    base = Figures(1, 1.0, 0.0, 0, 0, 1, 1)
    (cost,) = [r for r in table([base, replace(base, cost_eur=5.0), replace(base, cost_eur=9.0)])
               if r.name == "cost_eur"]  # fmt: skip
    assert (cost.best, cost.worst) == ({1}, {2})


def test_all_are_run_up_to_the_longest_horizon(tiny_world):
    short = replace(FAILS, horizon_h=6)
    options = options_of(tiny_world, [("short", short), ("long", FAILS)])
    assert {option.outcome.horizon_ms for option in options} == {to_ms(48)}


def test_the_difference_says_who_gains_and_how(tiny_world):
    changed = difference(tiny_world, run(tiny_world, FAILS), run(tiny_world, SUPPLIED))
    kinds = {asset.asset: asset.kind for asset in changed.assets}
    # the clinic still loses its power at 24 h, but has water until then
    assert kinds == {"works": "saved", "clinic": "better"}
    works = changed.assets[0]
    assert (works.asset, works.person_hours_saved) == ("works", 1200 * 40)
    assert (works.first_a_ms, works.first_b_ms) == (to_ms(8), None)
    (water,) = changed.services
    assert (water.peak_a, water.peak_b) == (1200, 0)


def test_the_other_way_round_it_is_a_loss(tiny_world):
    changed = difference(tiny_world, run(tiny_world, SUPPLIED), run(tiny_world, FAILS))
    assert {asset.asset: asset.kind for asset in changed.assets} == {
        "works": "lost",
        "clinic": "worse",
    }
    assert changed.assets[0].person_hours_saved == -1200 * 40


def test_later_is_better(tiny_world):
    changed = difference(tiny_world, run(tiny_world, FAILS), run(tiny_world, LONGER))
    works = next(asset for asset in changed.assets if asset.asset == "works")
    assert (works.kind, works.first_b_ms) == ("better", to_ms(18))


def test_without_help_leaves_the_damage_alone():
    helped = replace(REPAIRED, measures=LONGER.measures)
    assert without_help(helped) == FAILS


@given(case=cases())
def test_nothing_differs_from_itself(case):
    world, scenario = case
    outcome = run(world, scenario)
    changed = difference(world, outcome, outcome)
    assert not changed.assets


@given(case=cases())
def test_per_asset_hours_add_up_to_those_of_all_services(case):
    world, scenario = case
    # of an asset with several services, that of the one that costs most stands for it
    world = replace(world, service_areas=tuple({a.asset_id: a for a in world.areas}.values()))
    bare = without_help(scenario)
    a, b = run(world, bare), run(world, scenario)
    changed = difference(world, a, b)
    saved = sum(service.person_hours_a - service.person_hours_b for service in changed.services)
    counted = sum(asset.person_hours_saved for asset in changed.assets)
    # junctions serve nobody, so nothing is left out
    assert abs(saved - counted) <= 1e-3 * max(1.0, abs(saved))


def test_where_everybody_lacks_something_many_missing_services_tell_options_apart(haven):
    fails = Scenario(
        "haven", (Event(0.0, "fail", "north"), Event(0.0, "fail", "south")), horizon_h=10.0
    )
    helped = with_events(fails, Event(0.0, "supply", "works", service="electricity"))
    bare, better = (
        figures(haven, Option("", item, run(haven, item)), frozenset()) for item in (fails, helped)
    )
    assert bare.person_hours == better.person_hours
    # 700 lack power and telephone; water, too, from 4 h on, and in one flat of twenty from 0 h on
    assert bare.person_hours_many == 700 * 6.0 + 35 * 4.0
    assert better.person_hours_many == 35 * 10.0
