"""Futures compared: a table over any number of options, and the difference between two of them.

All options are run up to the same hour, the longest horizon among them; else the one that looks
ahead least would seem best. What counts as lost is what the page counts: below full delivery.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from models.cascade.timed.engine import run
from models.impact.consequences import (
    delivery_course,
    person_hours,
    restored_ms,
    special_users_lost,
)
from models.impact.environment import spilled_m3
from models.impact.people import distinct_people
from models.impact.settlement import EVERYBODY
from models.outcome import Outcome
from models.scenario import HELP, Measure, Scenario
from models.units import MS_PER_HOUR, to_hours
from models.world import World

#: What became of an asset in B, seen from A.
Kind = Literal["saved", "lost", "better", "worse"]
KINDS: tuple[Kind, ...] = ("saved", "better", "worse", "lost")
#: Less than this is no difference: 0.36 s of full loss, or that much of a person-hour.
SOME = 1e-4
#: So many services at once are many: as the page's headline counts.
MANY = 3


@dataclass(frozen=True, slots=True)
class Option:
    """One future: what it is called, what happens in it and what becomes of it."""

    name: str
    scenario: Scenario
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Figures:
    """One option in numbers.

    ``people`` who lack something at the worst moment, each counted once; ``person_hours`` of these,
    and ``person_hours_many`` of people who lack ``MANY`` services or more: where everybody lacks
    one, these still tell options apart.
    ``restored_ms``: when 90 % of what was lost is back; None if never.
    ``down_most`` and ``down_end``: assets below full delivery at the worst moment and at the end.
    ``sewage_m3``: sewage spilled untreated, 0 where no works are known.
    ``cost_eur`` of its measures as far as stated, None where no measure has one.
    """

    people: int
    person_hours: float
    person_hours_many: float
    special: int
    restored_ms: int | None
    down_most: int
    down_end: int
    cost_eur: float | None = None
    sewage_m3: float = 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """One measure over all options, with the places of the best and the worst."""

    name: str
    values: tuple[float | None, ...]
    best: frozenset[int]
    worst: frozenset[int]


@dataclass(frozen=True, slots=True)
class AssetDifference:
    """One asset that fares differently; ``lost_h`` are hours weighted by what is not delivered."""

    asset: str
    kind: Kind
    first_a_ms: int | None
    first_b_ms: int | None
    lost_a_h: float
    lost_b_h: float
    person_hours_saved: float


@dataclass(frozen=True, slots=True)
class ServiceDifference:
    """People without one service at home in A and in B: at the worst moment, and person-hours."""

    service: str
    peak_a: int
    peak_b: int
    person_hours_a: float
    person_hours_b: float


@dataclass(frozen=True, slots=True)
class Difference:
    """What B changes against A; assets by person-hours saved, then by hours.

    ``person_hours_saved``: of people who lack something, each counted once; negative where B is
    the worse.
    """

    assets: tuple[AssetDifference, ...]
    services: tuple[ServiceDifference, ...]
    person_hours_saved: float = 0.0

    def count(self, kind: Kind) -> int:
        """Return how many assets fare so."""
        return sum(asset.kind == kind for asset in self.assets)


def options_of(world: World, named: Sequence[tuple[str, Scenario]]) -> tuple[Option, ...]:
    """Run scenarios up to the longest horizon among them."""
    horizon = max((scenario.horizon_h for _, scenario in named), default=0.0)
    tried = [(name, replace(scenario, horizon_h=horizon)) for name, scenario in named]
    return tuple(Option(name, scenario, run(world, scenario)) for name, scenario in tried)


def without_help(scenario: Scenario) -> Scenario:
    """Return a scenario without what people do about it: measures, supplies, repairs."""
    kept = tuple(event for event in scenario.events if event.do not in HELP)
    return replace(scenario, events=kept, measures=())


def figures(world: World, option: Option, special_types: Collection[str]) -> Figures:
    """Return one option in numbers.

    Parameters
    ----------
    world
        What both options are in.
    option
        With its outcome.
    special_types
        Types of asset whose losses are counted one by one (hospitals, for example).
    """
    lacking = distinct_people(world, option.outcome)[EVERYBODY]
    most, end = _down(world, option.outcome)
    return Figures(
        people=lacking.peak,
        person_hours=lacking.person_hours,
        person_hours_many=person_hours(lacking.at_least_n(MANY), option.outcome.horizon_ms),
        special=len(special_users_lost(world, option.outcome, special_types)),
        restored_ms=restored_ms(option.outcome),
        down_most=most,
        down_end=end,
        cost_eur=_cost_eur(option.scenario.measures),
        sewage_m3=spilled_m3(world, option.outcome) or 0.0,
    )


def _cost_eur(measures: Sequence[Measure]) -> float | None:
    """Return what measures cost together as far as somebody said."""
    known = [m.cost_eur for m in measures if m.cost_eur is not None]
    return sum(known) if known else None


def _down(world: World, outcome: Outcome) -> tuple[int, int]:
    """Return how many assets are below full delivery at most at once, and at the end."""
    steps: dict[int, int] = {}
    for asset, changes in outcome.states.items():
        if world.assets[asset].is_junction:
            continue
        before = False
        for change in changes:
            now = change.delivered < 1.0
            steps[change.t_ms] = steps.get(change.t_ms, 0) + now - before
            before = now
    most = count = 0
    for t in sorted(steps):
        count += steps[t]
        most = max(most, count)
    return most, count


#: The rows of the table: name, how it is read off the figures. Less is better in all of them.
MEASURED: Mapping[str, Callable[[Figures], float | None]] = {
    "people": lambda side: side.people,
    "person_hours": lambda side: side.person_hours,
    "person_hours_many": lambda side: side.person_hours_many,
    "special": lambda side: side.special,
    "restored": lambda side: None if side.restored_ms is None else to_hours(side.restored_ms),
    "down_most": lambda side: side.down_most,
    "down_end": lambda side: side.down_end,
    "sewage_m3": lambda side: side.sewage_m3,
    "cost_eur": lambda side: side.cost_eur,
}


#: A row that has this value for every option is left out.
_NO_ROW: Mapping[str, float | None] = {
    "cost_eur": None,
    "person_hours_many": 0.0,
    "sewage_m3": 0.0,
}


def table(found: Sequence[Figures]) -> tuple[Row, ...]:
    """Return a row per measure with its best and worst options; equal ones are not told apart.

    What is never restored is worse than any hour. A cost that nobody stated is neither.
    """
    rows = []
    for name, read in MEASURED.items():
        values = tuple(read(side) for side in found)
        # what nobody stated, or what comes about in no option, is no row
        if name in _NO_ROW and all(value == _NO_ROW[name] for value in values):
            continue
        never = None if name == "cost_eur" else float("inf")
        ranked = {i: never if v is None else v for i, v in enumerate(values)}
        known = {i: v for i, v in ranked.items() if v is not None}
        low, high = min(known.values(), default=0.0), max(known.values(), default=0.0)
        differ = high - low > SOME
        best = frozenset(i for i, v in known.items() if differ and v - low <= SOME)
        worst = frozenset(i for i, v in known.items() if differ and v == high)
        rows.append(Row(name, values, best, worst))
    return tuple(rows)


# --- two of them -----------------------------------------------------------------------------


def difference(world: World, a: Outcome, b: Outcome) -> Difference:
    """Return what B changes against A, asset by asset and service by service.

    Parameters
    ----------
    world
        What both ran in.
    a, b
        What came of the scenario compared with, and of the other.
    """
    touched = (a.assets.keys() | b.assets.keys()) & world.place_of.keys()
    found = [
        difference for asset in touched if (difference := _asset(world, a, b, asset)) is not None
    ]
    found.sort(
        key=lambda difference: (
            -abs(difference.person_hours_saved),
            _gain(difference),
            difference.asset,
        )
    )
    in_a, in_b = (distinct_people(world, outcome)[EVERYBODY] for outcome in (a, b))
    services = (
        ServiceDifference(
            service,
            in_a.services[service].peak,
            in_b.services[service].peak,
            in_a.services[service].person_hours,
            in_b.services[service].person_hours,
        )
        for service in world.served
    )
    saved = in_a.person_hours - in_b.person_hours
    return Difference(tuple(found), tuple(services), saved)


def _gain(difference: AssetDifference) -> float:
    return -abs(difference.lost_a_h - difference.lost_b_h)


def _asset(world: World, a: Outcome, b: Outcome, asset: str) -> AssetDifference | None:
    in_a, in_b = a.assets.get(asset), b.assets.get(asset)
    first_a = in_a.first_loss_ms if in_a else None
    first_b = in_b.first_loss_ms if in_b else None
    lost_a, lost_b = _lost_h(a, asset), _lost_h(b, asset)
    saved = _person_hours(world, a, asset) - _person_hours(world, b, asset)
    # people first; where nobody gains or loses, the hours
    kind = _kind(first_a, first_b, saved if abs(saved) > SOME else lost_a - lost_b)
    if kind is None:
        return None
    return AssetDifference(asset, kind, first_a, first_b, lost_a, lost_b, saved)


def _kind(first_a: int | None, first_b: int | None, gained: float) -> Kind | None:
    if first_b is None:
        return "saved"
    if first_a is None:
        return "lost"
    if abs(gained) > SOME:
        return "better" if gained > 0 else "worse"
    if first_a != first_b:
        return "better" if first_b > first_a else "worse"
    return None


def _lost_h(outcome: Outcome, asset: str) -> float:
    """Return the hours lost, each weighted by the part that is not delivered."""
    courses = [(change.t_ms, change.delivered) for change in outcome.states.get(asset, ())]
    ends = [*courses, (outcome.horizon_ms, 1.0)]
    return sum((1.0 - level) * (t - since) for (since, level), (t, _) in pairwise(ends)) / (
        MS_PER_HOUR
    )


def _person_hours(world: World, outcome: Outcome, asset: str) -> float:
    """Return the person-hours without what an asset gives: of the service that costs most."""
    most = 0.0
    for area in world.people_of.get(asset, ()):
        ends = (*delivery_course(outcome, asset, area.service), (outcome.horizon_ms, 1.0))
        hours = sum((1.0 - level) * (t - since) for (since, level), (t, _) in pairwise(ends))
        most = max(most, area.people * hours / MS_PER_HOUR)
    return most
