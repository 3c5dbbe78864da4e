"""Sentences and savings on the case of one substation (tests/golden/casc-1)."""

from __future__ import annotations

import pytest

from models.cascade.reference.engine import run
from models.explain.causes import Case
from models.explain.savings import Saving, saving_changes
from models.explain.why import why
from models.outcome import Outcome
from models.scenario import Event, Scenario
from models.units import to_ms
from models.world import Link, UnknownNeed, World
from tests.strategies import asset, needs, world_of


def _case() -> tuple[World, Scenario, Outcome]:
    """SUB feeds MAST (battery 2 h), PUMP and HOSP; PUMP fills TANK (12 h), TANK feeds HOSP."""
    world = world_of(
        [asset(name) for name in ("SUB", "SPARE", "MAST", "PUMP", "TANK", "HOSP")],
        [
            needs("mast", "MAST", "SUB", autonomy_h=2, restart_h=0.1, buffer="battery"),
            needs("pump", "PUMP", "SUB", restart_h=0.5),
            needs("tank", "TANK", "PUMP", service="water", autonomy_h=12),
            needs("diesel", "HOSP", "SUB", autonomy_h=24, loss=0.9),
            needs("water", "HOSP", "TANK", service="water", autonomy_h=12, loss=0.6),
        ],
    )
    scenario = Scenario("w", (Event(0, "fail", "SUB"), Event(30, "repair", "SUB")), horizon_h=48)
    return world, scenario, run(world, scenario)


@pytest.mark.parametrize(
    ("name", "at_h", "sentence"),
    [
        ("SUB", 1, "SUB is lost since 0 h: it was hit itself."),
        ("PUMP", 1, "PUMP is lost since 0 h: no power because SUB was hit; "
                    "it has no backup for that."),
        ("MAST", 1, "MAST will be lost at 2 h: without power since 0 h because SUB was hit; "
                    "its battery lasts 2 h."),
        ("MAST", 3, "MAST is lost since 2 h: without power since 0 h because SUB was hit; "
                    "its battery lasted 2 h."),
        ("TANK", 13, "TANK is lost since 12 h: without water since 0 h because PUMP failed after "
                     "SUB was hit; its backup lasted 12 h."),
        ("HOSP", 25, "HOSP is down to 10 % since 24 h: without power since 0 h because "
                     "SUB was hit; its backup lasted 24 h."),
        ("SPARE", 3, "SPARE keeps working: nothing it needs is lost in this scenario."),
    ],
)  # fmt: skip
def test_one_sentence_back_to_the_initiating_event(name: str, at_h: float, sentence: str):
    assert why(Case(*_case()), name, to_ms(at_h)).sentence == sentence


def test_the_chain_leads_from_the_hit_to_the_asset():
    chain = why(Case(*_case()), "TANK").chain
    assert [step.asset for step in chain] == ["SUB", "PUMP", "TANK"]
    assert [step.group.group_id if step.group else None for step in chain] == [None, "pump", "tank"]


def test_every_saving_change_was_run_and_keeps_the_asset():
    world, scenario, outcome = _case()
    savings = saving_changes(Case(world, scenario, outcome), "MAST")
    assert [saving.text for saving in savings] == [
        "an emergency supply of power, in place by 1 h 45 min",
        "SUB repaired by 1 h 45 min (28 h 15 min earlier)",
        "28 h 15 min more of its own power (battery)",
        "a second supplier of power: SPARE",
    ]
    for saving in savings:
        assert "MAST" not in run(world, _with(scenario, saving)).assets


def test_one_quarter_hour_less_would_not_have_kept_it():
    world, scenario, outcome = _case()
    by_repair = saving_changes(Case(world, scenario, outcome), "TANK")[1]
    assert by_repair.event is not None
    late = Event(by_repair.event.at_h + 0.25, "repair", "SUB")
    assert "TANK" in run(world, Scenario("w", (*scenario.events, late), horizon_h=48)).assets


def test_a_hit_asset_has_no_saving_change_and_says_so():
    world, scenario, outcome = _case()
    assert saving_changes(Case(world, scenario, outcome), "SUB") == ()


def test_cut_off_from_its_network_although_intact():
    links = [Link("line", "GRID", "STATION", "power", name="the line")]
    world = world_of(
        [asset("GRID", source_of=("power",)), asset("STATION"), asset("LAMP")],
        [needs("lamp", "LAMP", "STATION")],
        links,
    )
    scenario = Scenario("w", (Event(1, "fail", link="line"),))
    case = Case(world, scenario, run(world, scenario))
    assert why(case, "STATION").sentence == (
        "STATION is lost since 1 h: it is intact, but no path is left to a working power source "
        "because the line was hit."
    )
    assert why(case, "LAMP").sentence == (
        "LAMP is lost since 1 h: no power because STATION failed after the line was hit; "
        "it has no backup for that."
    )


def test_unknown_is_said_and_never_called_working():
    world = world_of([asset("WELL")], unknown_needs=(UnknownNeed("WELL", "power", "D1", True),))
    outcome = run(world, Scenario("w"))
    assert outcome.states["WELL"][0].state == "unknown"
    assert why(Case(world, Scenario("w"), outcome), "WELL", 0).sentence == (
        "The data do not say who supplies WELL with power: its state is unknown."
    )


def _with(scenario: Scenario, saving: Saving) -> Scenario:
    events = (*scenario.events, saving.event) if saving.event else scenario.events
    measures = (*scenario.measures, saving.measure) if saving.measure else scenario.measures
    return Scenario("w", events, measures, horizon_h=scenario.horizon_h)
