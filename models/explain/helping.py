"""Actions that would help most from an hour on: each is run before it is suggested.

Actions tried: repair of a hit asset, and supply of a service to an asset that lacks it or soon
will. Only those of most effect are tried, because each takes a run of the engine.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from models.cascade.timed.engine import run, solve
from models.cascade.timed.prepared import prepare
from models.criticality.what_if import toll_of
from models.explain.why import state_at
from models.impact.people import distinct_people
from models.impact.settlement import EVERYBODY
from models.knowledge.possible import IsPossible, anything
from models.outcome import Outcome
from models.scenario import Event, Scenario
from models.units import to_hours, to_ms
from models.world import World

#: How many repairs and how many supplies are tried: the runs take a second or two at most.
REPAIRS_TRIED, SUPPLIES_TRIED = 8, 8
#: If more assets are lost, fewer are tried, and for figures only: a run with its whole outcome
#: takes seconds then.
MANY_LOST, TRIED_OF_MANY = 10_000, 3
#: An action that saves fewer person-hours and no asset does not count as help.
SOME_HOURS = 0.5


@dataclass(frozen=True, slots=True)
class Help:
    """One action at an hour, and its savings up to the horizon.

    ``people``: fewer at the worst moment, each counted once whatever they lack; ``person_hours`` of
    these people.
    """

    event: Event
    assets: int
    people: int
    person_hours: float


_Figures = tuple[int, int, float]


def helps(
    world: World,
    scenario: Scenario,
    outcome: Outcome,
    at_ms: int,
    special_types: Collection[str] = (),
    is_possible: IsPossible = anything,
) -> tuple[Help, ...]:
    """Return the single actions at ``at_ms`` that save something, most person-hours first.

    Parameters
    ----------
    world, scenario
        World and scenario of the run.
    outcome
        Outcome of the run.
    at_ms
        When the actions would begin, in ms.
    special_types
        Types of asset whose losses are counted one by one (hospitals, for example).
    is_possible
        Whether a service can be supplied at a type of asset.
    """
    is_large = len(outcome.assets) > MANY_LOST
    before = _in_numbers(world, scenario) if is_large else _measured(world, outcome)
    helpful = []
    for event in (
        *_repairs(world, outcome, at_ms),
        *_supplies(world, outcome, at_ms, special_types, is_possible),
    ):
        tried = replace(scenario, events=(*scenario.events, event))
        after = _in_numbers(world, tried) if is_large else _measured(world, run(world, tried))
        saved = _saved(event, before, after)
        if saved.assets > 0 or saved.person_hours > SOME_HOURS:
            helpful.append(saved)
    helpful.sort(
        key=lambda helped: (-helped.person_hours, -helped.assets, helped.event.asset or "")
    )
    return tuple(helpful)


def _saved(event: Event, before: _Figures, after: _Figures) -> Help:
    return Help(event, before[0] - after[0], before[1] - after[1], before[2] - after[2])


def _in_numbers(world: World, scenario: Scenario) -> _Figures:
    """Return the same, of what the scenario moved: differences count."""
    prepared = prepare(world, scenario.measures)
    horizon, typical = to_ms(scenario.horizon_h), scenario.repairs == "typical"
    solved = solve(prepared, scenario.events, horizon, typical=typical)
    down = solved.assets[solved.level_end < 1.0]
    ids = prepared.arrays.ids
    lost = sum(1 for number in down if ids[number] in world.place_of)
    return (lost, *toll_of(world, scenario))


def _measured(world: World, outcome: Outcome) -> _Figures:
    """Return assets below full at the end or ever lost for long, people and person-hours."""
    lacking = distinct_people(world, outcome)[EVERYBODY]
    return (
        sum(
            1
            for a, effect in outcome.assets.items()
            if a in world.place_of and effect.level_end < 1.0
        ),
        lacking.peak,
        lacking.person_hours,
    )


def _repairs(world: World, outcome: Outcome, at_ms: int) -> Iterator[Event]:
    """Yield the repair of each asset hit and not yet repaired, most people first."""
    at_h = to_hours(at_ms)
    assets = {r.asset for r in outcome.trace if r.kind in ("direct", "common-cause") and r.asset}
    hit = [a for a in sorted(assets) if _is_down(outcome, a, at_ms)]
    hit.sort(key=lambda asset: -_people(world, asset))
    links = [link for link, steps in sorted(outcome.link_hits.items()) if _level(steps, at_ms) <= 0]
    yield from [
        *(Event(at_h, "repair", asset=asset) for asset in hit),
        *(Event(at_h, "repair", link=link) for link in links),
    ][: _tried(outcome, REPAIRS_TRIED)]


def _supplies(
    world: World,
    outcome: Outcome,
    at_ms: int,
    special_types: Collection[str],
    is_possible: IsPossible,
) -> Iterator[Event]:
    """Yield a supply of the service that each important asset lacks now or will lack."""

    def weight(asset: str) -> tuple[bool, int, int]:
        special = world.assets[asset].asset_type in special_types
        return (not special, -_people(world, asset), outcome.assets[asset].first_loss_ms)

    lacking = {
        asset: service
        for asset, service in _lacking(world, outcome, at_ms).items()
        if is_possible("supply", service, world.assets[asset].asset_type)
    }
    fed = _fed(world, lacking)
    ranked = sorted(sorted(lacking), key=lambda asset: (-fed[asset], *weight(asset)))
    for asset in ranked[: _tried(outcome, SUPPLIES_TRIED)]:
        yield Event(to_hours(at_ms), "supply", asset=asset, service=lacking[asset])


def _tried(outcome: Outcome, usually: int) -> int:
    return usually if len(outcome.assets) <= MANY_LOST else TRIED_OF_MANY


def _lacking(world: World, outcome: Outcome, at_ms: int) -> dict[str, str]:
    """Return the missing service behind each asset's last fall, or its first after the hour."""
    lacking: dict[str, str] = {}
    for row in outcome.trace:
        group, asset = world.groups.get(row.group or ""), row.asset
        if group is None or asset not in world.place_of or row.after >= row.before:
            continue
        if row.t_ms <= at_ms or asset not in lacking:
            lacking[str(asset)] = group.service
    return lacking


def _fed(world: World, assets: Collection[str]) -> dict[str, int]:
    """Return the people served by assets, and by those that they supply directly."""
    people = {asset: _people(world, asset) for asset in world.people_of}
    fed = {asset: people.get(asset, 0) for asset in assets}
    pairs = {
        (item.asset_id, group.consumer_id)
        for group in world.groups.values()
        for item in group.suppliers
        if item.asset_id in fed
    }
    for supplier, consumer in pairs:
        fed[supplier] += people.get(consumer, 0)
    return fed


def _people(world: World, asset: str) -> int:
    return round(max((area.people for area in world.people_of.get(asset, ())), default=0))


def _is_down(outcome: Outcome, asset: str, at_ms: int) -> bool:
    now = state_at(outcome, asset, at_ms)
    return now is not None and now.level < 1.0


def _level(steps: tuple[tuple[int, float], ...], at_ms: int) -> float:
    return next((level for t, level in reversed(steps) if t <= at_ms), 1.0)
