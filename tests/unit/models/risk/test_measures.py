"""Measures of a world: what they change, which are chosen, what reruns say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data.knowledge.measure_effects import measure_effects
from models.knowledge.possible import anything
from models.risk.best_set import Problem, Saving, best_set
from models.risk.measure_choice import choose
from models.risk.measure_runs import Runs
from models.risk.options import Case, Option, product_of
from models.scenario import Event, Hit, Scenario
from models.world import Asset, Group, ServiceArea, Supplier, World


def _world() -> World:
    """Return two stations, each with a pump behind it that has served people."""
    assets = [Asset(i, i, "substation_mv", "energy", 0.0, 0.0) for i in ("S1", "S2")]
    assets += [Asset(i, i, "water_works", "water", 0.0, 0.0) for i in ("P1", "P2")]
    groups = {f"g{n}": Group(f"g{n}", f"P{n}", "electricity", (Supplier(f"S{n}"),)) for n in (1, 2)}
    areas = (ServiceArea("P1", "drinking_water", 1000), ServiceArea("P2", "drinking_water", 10))
    return World("w", "w", {a.asset_id: a for a in assets}, groups=groups, service_areas=areas)


def _case(*events: Event, **fields: object) -> Case:
    scenario = Scenario("w", events, horizon_h=10.0, **fields)  # type: ignore[arg-type]
    return Case.of(_world(), scenario, lambda w, s: s)


def test_the_measure_with_most_people_behind_it_is_chosen():
    case = _case(Event(0.0, "fail", "S1"), Event(0.0, "fail", "S2"))
    choice = choose(case, measure_effects(), 120_000, 1, is_possible=anything)
    (chosen,) = choice.selection.chosen
    assert choice.options[chosen].subject in ("P1", "S1")
    assert choice.selection.proven
    assert choice.loss == pytest.approx(10_100.0)
    assert choice.saved == pytest.approx(10_000.0)
    assert choice.second is not None
    assert choice.second.saved <= choice.selection.saved


def test_a_larger_budget_never_saves_less():
    case = _case(Event(0.0, "fail", "S1"), Event(0.0, "fail", "S2"))
    saved = [
        choose(case, measure_effects(), budget, 1, is_possible=anything).saved
        for budget in (0, 120_000, 240_000)
    ]
    assert saved == sorted(saved)
    assert saved[0] == 0.0
    assert saved[-1] == pytest.approx(10_100.0)


def test_what_conflicts_is_never_taken_together():
    problem = Problem(
        ("a", "b"), (1.0, 1.0), (Saving(5.0, (0,), "any"), Saving(4.0, (1,), "any")), 9.0, ((1, 0),)
    )
    assert best_set(problem).chosen == (0,)
    assert best_set(problem, containing=[(0,)]).chosen == (1,)


def test_hardening_lowers_how_often_an_asset_is_hit():
    effects = measure_effects()
    case = _case(Event(0.0, "fail", "S1", p=0.5))
    _, scenario = case.with_options([Option(effects["harden"], "S1")])
    assert scenario.events[0].p == pytest.approx(0.5 * effects["harden"].mode)


def test_hardening_leaves_alone_what_is_certain():
    case = _case(Event(0.0, "fail", "S1"))
    _, scenario = case.with_options([Option(measure_effects()["harden"], "S1")])
    assert scenario == case.scenario


def test_an_asset_spared_by_an_attack_leaves_the_draw_of_the_others():
    hits = (Hit(asset="S1", p=0.2), Hit(asset="S2", p=0.2))
    case = _case(Event(0.0, "attack", effect="T0826", hits=hits))
    _, scenario = case.with_options([Option(measure_effects()["harden"], "S1")])
    assert [hit.p for hit in scenario.events[0].hits] == [0.2, 0.2]
    assert scenario.events[0].hits[0].own_p < 1.0 == scenario.events[0].hits[1].own_p


def test_runs_without_measures_are_the_runs_of_the_ensemble():
    from models.ensemble.ensemble import all_runs

    case = _case(Event(0.0, "fail", "S1", p=0.5), Event(2.0, "fail", "S2", p=0.3))
    base = Runs(case, 64).base
    _, whole = all_runs(case.world, case.scenario, 64)
    assert [run.total for run in base] == pytest.approx(whole.person_hours[:, 0].tolist())


def test_sandbags_help_only_where_they_are_in_place_before_the_water():
    effects = measure_effects()

    def strike(world: World, scenario: Scenario) -> Scenario:
        flood = scenario.events[0]
        wet = tuple(h for h in flood.hits if world.assets[h.asset or ""].plinth_height_m < 0.5)
        return replace(scenario, events=(replace(flood, hits=wet),))

    for at_h, left in ((1.0, 1), (12.0, 0)):
        event = Event(at_h, "hazard", hazard="flood", hits=(Hit(asset="S1"),))
        case = Case.of(_world(), Scenario("w", (event,)), strike)
        _, scenario = case.with_options([Option(effects["sandbags"], "S1")])
        assert len(scenario.events[0].hits) == left


def test_a_generator_cannot_stand_beside_more_autonomy():
    effects = measure_effects()
    one = Option(effects["mobile_generator"], "P1", "electricity")
    assert one.rules_out(Option(effects["add_autonomy"], "P1", "electricity"))
    assert not one.rules_out(Option(effects["add_autonomy"], "P2", "electricity"))


def test_every_row_of_the_table_has_a_range_a_source_and_conflicts_that_exist():
    effects = measure_effects()
    for effect in effects.values():
        assert effect.low <= effect.mode <= effect.high
        assert effect.source
        assert effect.confidence in "ABCD"
        assert set(effect.conflicts) <= effects.keys()
        if "assumed" in effect.note and "judgement" in effect.source:
            assert effect.confidence == "D"


@pytest.mark.parametrize(
    ("text", "name"), [("Kestrel RTU 3.1", "Kestrel RTU"), ("RTU", "RTU"), ("", "")]
)
def test_a_product_is_named_without_its_version(text: str, name: str):
    assert product_of(text) == name
