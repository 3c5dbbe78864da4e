"""An edit of a scenario gives what a run of the edited scenario gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.cascade.reference import engine as reference
from models.cascade.timed.engine import Solved, prepare, run, solve
from models.cascade.timed.stand import MOST_STANDS, Session
from models.errors import UnknownIdError
from models.scenario import Event, Scenario
from models.units import to_ms
from models.world import World
from tests.strategies import (
    asset,
    cases,
    large_case,
    mesh_case,
    needs,
    scenarios,
    with_links_and_measures,
    world_of,
)

SEEDS = st.integers(0, 2**32 - 1)
_Seen = Callable[[Session, Scenario], None]


def _session(world: World, scenario: Scenario, *, tracing: bool) -> Session:
    typical, horizon = scenario.repairs == "typical", to_ms(scenario.horizon_h)
    prepared = prepare(world, scenario.measures)
    return Session(prepared, scenario.events, horizon, typical, tracing)


def _same(one: Solved, other: Solved) -> None:
    for name in ("all_levels", "all_first_losses_ms", "all_down_ms"):
        assert np.array_equal(getattr(one, name)(), getattr(other, name)())
    assert one.person_hours == pytest.approx(other.person_hours, abs=1e-6)


def _solves(session: Session, world: World, scenario: Scenario) -> None:
    typical, horizon = scenario.repairs == "typical", to_ms(scenario.horizon_h)
    prepared = prepare(world, scenario.measures)
    _same(session.solved(), solve(prepared, scenario.events, horizon, typical=typical))


@given(data=st.data(), case=cases(demand=True, black_start=True))
@settings(max_examples=300)
def test_one_more_event_or_one_less_is_a_run_of_the_reference(
    data: st.DataObject, case: tuple[World, Scenario]
):
    """Before, at and after what happens anyway, at 0 h and at the horizon."""
    world, scenario = case
    more = data.draw(scenarios(world)).events
    tracing, numbers = (_session(world, scenario, tracing=t) for t in (True, False))
    for event in more:
        tracing, numbers = tracing.with_event(event), numbers.with_event(event)
        scenario = replace(scenario, events=(*scenario.events, event))
        assert tracing.outcome() == reference.run(world, scenario)
        _solves(numbers, world, scenario)
    for event in data.draw(st.permutations(more)):
        tracing, numbers = tracing.without(event), numbers.without(event)
        scenario = replace(scenario, events=tracing.events)
        assert tracing.outcome() == reference.run(world, scenario)
        _solves(numbers, world, scenario)
    assert tracing.outcome() == reference.run(world, case[1])


@given(seed=SEEDS)
@settings(max_examples=150)
def test_edit_after_edit_in_larger_worlds(seed: int):
    world, scenario = large_case(seed)
    scenario = with_links_and_measures(seed, world, scenario)
    more = with_links_and_measures(seed + 1, world, large_case(seed)[1]).events
    _edit(Random(seed), world, scenario, list(more))


@given(seed=SEEDS)
@settings(max_examples=60)
def test_edit_after_edit_in_meshed_networks(seed: int):
    world, found = mesh_case(seed)
    _edit(Random(seed), world, found[0], [e for other in found[1:] for e in other.events])


def _edit(draw: Random, world: World, scenario: Scenario, more: list[Event]) -> None:
    tracing, numbers = (_session(world, scenario, tracing=t) for t in (True, False))
    for _ in range(6):
        events = list(scenario.events)
        if events and (not more or draw.random() < 0.4):
            events.pop(draw.randrange(len(events)))
        elif more:
            events.insert(draw.randint(0, len(events)), draw.choice(more))
        scenario = replace(scenario, events=tuple(events))
        tracing, numbers = tracing.with_events(events), numbers.with_events(events)
        assert tracing.outcome() == run(world, scenario)
        _solves(numbers, world, scenario)


def _chain() -> World:
    """Return a → b → c, an hour of autonomy each, everything repaired in half a day."""
    groups = [needs("g1", "b", "a", autonomy_h=1.0), needs("g2", "c", "b", autonomy_h=1.0)]
    return world_of([asset(i, repair_h=12.0) for i in "abc"], groups)


def test_what_lies_before_an_edit_is_not_solved_again():
    session = _session(_chain(), Scenario("w", (Event(1.0, "fail", "a"),)), tracing=False)
    edited = session.with_event(Event(5.0, "fail", "b"))
    here = edited.stand(to_ms(5.0))
    assert here is session.stand(to_ms(5.0))
    assert [e["t"] for e in edited.rest(here.at_ms)] == [to_ms(5.0)]
    # the two losses after 1 h are part of where it stands
    assert here.prepared.settled.tally[0]["rows"] == 3
    assert edited.without(Event(5.0, "fail", "b")).stand(to_ms(5.0)) is here


def test_a_later_repair_that_is_named_reaches_back_to_the_hit():
    """It takes the place of the typical repair, which was planned when the asset was hit."""
    world = _chain()
    scenario = Scenario("w", (Event(1.0, "fail", "a"), Event(2.0, "fail", "c")), repairs="typical")
    more = Event(30.0, "repair", "a")
    session = _session(world, scenario, tracing=True)
    assert session.outcome() == run(world, scenario)
    edited = session.with_event(more)
    assert edited.outcome() == run(world, replace(scenario, events=(*scenario.events, more)))


def test_only_a_few_stands_are_kept():
    session = _session(_chain(), Scenario("w"), tracing=False)
    for hour in (9.0, 2.0, 7.0, 5.0, 1.0, 3.0, 8.0):
        session = session.with_event(Event(hour, "fail", "a"))
        session.stand(to_ms(hour))
        assert len(session._stands) <= MOST_STANDS


def test_an_event_that_names_nobody_changes_nothing():
    session = _session(_chain(), Scenario("w"), tracing=False)
    with pytest.raises(UnknownIdError):
        session.with_event(Event(1.0, "fail", "d"))
    with pytest.raises(ValueError, match="tuple"):
        session.without(Event(1.0, "fail", "a"))
    _solves(session, _chain(), Scenario("w"))
