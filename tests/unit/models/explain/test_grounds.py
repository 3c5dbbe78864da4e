"""Assumptions behind a result, unknown needs, and the order of restarts."""

from dataclasses import replace

from models.cascade.timed.engine import run
from models.explain.grounds import grounds, returns, unknowns, waves
from models.scenario import Event, Scenario
from models.units import to_ms
from models.world import UnknownNeed

FAILS = Scenario("tiny", events=(Event(0, "fail", asset="grid"),), horizon_h=48)


def test_losses_are_counted_by_what_they_rest_on(tiny_world):
    by_service = {ground.service: ground for ground in grounds(tiny_world, run(tiny_world, FAILS))}
    # the works lose power; the clinic water, half an hour later, and power at 24 h
    assert by_service["electricity"].losses == 1
    assert by_service["electricity"].autonomy_h == (8, 8)
    assert by_service["drinking water"].losses == 1


def test_what_hides_a_state_is_told_first(tiny_world):
    needs = (UnknownNeed("works", "chemicals"), UnknownNeed("clinic", "staff", hides_state=True))
    missing = unknowns(replace(tiny_world, unknown_needs=needs))
    assert [(item.asset_type, item.hides_state) for item in missing] == [
        ("hospital", True), ("water_works", False),
    ]  # fmt: skip


def test_waves_are_in_the_order_of_what_waits_for_what(tiny_world):
    outcome = run(tiny_world, FAILS)
    assert [(w.order, w.assets) for w in waves(tiny_world, outcome, to_ms(0))] == [(0, ("grid",))]
    late = waves(tiny_world, outcome, to_ms(30))
    assert [(w.order, w.assets) for w in late] == [
        (0, ("grid",)),
        (1, ("works",)),
        (2, ("clinic",)),
    ]


def test_returns_are_in_time_order_and_for_good(tiny_world):
    back = replace(FAILS, events=(*FAILS.events, Event(12, "repair", asset="grid")))
    rows = returns(tiny_world, run(tiny_world, back))
    assert [asset for _, asset in rows] == ["grid", "works", "clinic"]
    assert rows[0][0] == to_ms(12)
    assert returns(tiny_world, run(tiny_world, FAILS)) == ()
