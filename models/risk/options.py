"""Measures that a scenario could have had: each acts on one named parameter, with a range.

What a measure does, costs and rules out is a row of a knowledge table (:class:`Effect`); an
:class:`Option` is that row at one asset, need, sector, product or common cause of a world.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from models.ensemble.sampling import key_of
from models.measures import with_measures
from models.scenario import HARM, Event, Hit, Measure, Scenario
from models.world import World

Bound = Literal["low", "mode", "high"]
#: Finds what the hazards of a scenario hit in a world.
Strike = Callable[[World, Scenario], Scenario]


@dataclass(frozen=True, slots=True)
class Effect:
    """One row of the table of measures.

    ``change``: ``add`` or ``times`` the parameter, by ``low``, ``mode`` or ``high``. ``place_h``
    are hours until it is in place: of what is built *before*, or, *during*, from hour 0 on.
    """

    measure: str
    label: str
    subject: str
    parameter: str
    change: str
    low: float
    mode: float
    high: float
    unit: str
    cost_eur: float
    place_h: float
    when: str
    conflicts: tuple[str, ...]
    source: str
    confidence: str
    note: str

    def by(self, bound: Bound) -> float:
        """Return by how much the parameter changes."""
        found: float = getattr(self, bound)
        return found


@dataclass(frozen=True, slots=True)
class Option:
    """A measure at one place: ``subject`` is an asset, sector, product or common cause."""

    effect: Effect
    subject: str
    service: str = ""
    supplier: str = ""

    @property
    def option_id(self) -> str:
        """Return its id, unique in a world."""
        return ":".join(filter(None, (self.effect.measure, self.subject, self.service)))

    def rules_out(self, other: Option) -> bool:
        """Whether the two cannot be taken together."""
        named = (
            other.effect.measure in self.effect.conflicts
            or self.effect.measure in other.effect.conflicts
        )
        return named and self.subject == other.subject


@dataclass(frozen=True, eq=False)
class Case:
    """A world and a scenario, and how its hazards find what they hit."""

    world: World
    scenario: Scenario
    strike: Strike
    _raised: dict[tuple[str, Bound], Scenario]

    @classmethod
    def of(cls, world: World, scenario: Scenario, strike: Strike) -> Case:
        """Return the case of a scenario whose hazards know what they hit.

        Parameters
        ----------
        world
            The world.
        scenario
            The scenario, effects of its hazards included.
        strike
            Adds these effects to a changed scenario.
        """
        return cls(world, scenario, strike, {})

    def with_options(
        self, options: Sequence[Option], bound: Bound = "mode"
    ) -> tuple[World, Scenario]:
        """Return the world and the scenario with some measures.

        Parameters
        ----------
        options
            What is taken.
        bound
            Which value of its range each has.
        """
        world, scenario = self.world, self.scenario
        for option in options:
            by = option.effect.by(bound)
            kind = option.effect.measure
            if kind in ("raise", "sandbags"):
                scenario = self._raised_at(scenario, option, bound)
            elif kind == "harden":
                scenario = _hits(scenario, {option.subject}, by)
            elif kind == "diversify_product":
                scenario = _hits(scenario, _changed_over(world, option, by), 0.0)
            elif kind == "mobile_generator":
                scenario = _supplied(scenario, option, by)
            elif kind == "separate_corridor":
                group = world.common_causes[option.subject]
                cause = replace(group, beta=(group.beta or 0.0) * by)
                causes = {**world.common_causes, option.subject: cause}
                world = replace(world, common_causes=causes)
            elif kind == "more_crews":
                scenario = _sooner(world, scenario, option.subject, by)
        return world, scenario

    def lasting(self, world: World, options: Sequence[Option], bound: Bound = "mode") -> World:
        """Return the world of one run with what measures change in its numbers.

        Parameters
        ----------
        world
            With the numbers of the run.
        options
            What is taken.
        bound
            Which value of its range each has.
        """
        changes: list[Measure] = []
        assets = world.assets
        for option in options:
            by = option.effect.by(bound)
            if option.effect.measure == "add_autonomy":
                changes.append(Measure("add_autonomy", option.subject, option.service, hours=by))
            elif option.effect.measure == "add_supplier":
                changes.append(
                    Measure(
                        "add_supplier", option.subject, option.service, supplier=option.supplier
                    )
                )
            elif option.effect.measure == "more_crews":
                assets = {
                    i: replace(a, repair_h=a.repair_h * by)
                    if a.sector == option.subject and a.repair_h is not None
                    else a
                    for i, a in assets.items()
                }
        if assets is not world.assets:
            world = replace(world, assets=assets)
        return with_measures(world, changes)

    def _raised_at(self, scenario: Scenario, option: Option, bound: Bound) -> Scenario:
        """Return the scenario whose floods meet one asset higher up."""
        key = (option.effect.measure, bound)
        if key not in self._raised:
            by = option.effect.by(bound)
            higher = {
                i: replace(a, plinth_height_m=a.plinth_height_m + by)
                for i, a in self.world.assets.items()
            }
            self._raised[key] = self.strike(replace(self.world, assets=higher), self.scenario)
        events = list(scenario.events)
        for place, raised in enumerate(self._raised[key].events):
            if raised.do != "hazard" or raised.hazard != "flood":
                continue
            first = min((h.after_h for h in events[place].hits if h.asset == option.subject),
                        default=0.0)  # fmt: skip
            during = option.effect.when == "during"
            if during and raised.at_h + first < option.effect.place_h:
                continue
            other = [h for h in events[place].hits if h.asset != option.subject]
            own = [h for h in raised.hits if h.asset == option.subject]
            events[place] = replace(events[place], hits=(*other, *own))
        return replace(scenario, events=tuple(events))


def _hits(scenario: Scenario, subjects: Iterable[str], by: float) -> Scenario:
    """Return the scenario in which some assets are hit less often."""
    hit, events = frozenset(subjects), []
    for event in scenario.events:
        if event.hits:
            shared = event.do == "attack"
            hits = tuple(_less(h, by, shared) if h.asset in hit else h for h in event.hits)
            event = replace(event, hits=tuple(h for h in hits if h.p * h.own_p > 0))
        elif event.do in HARM and event.asset in hit and event.p is not None:
            event = replace(event, p=event.p * by)
        events.append(event)
    return replace(scenario, events=tuple(events))


def _less(hit: Hit, by: float, shared: bool) -> Hit:
    # hits of an attack share its draw; that one of them is spared all the same is its own
    return replace(hit, own_p=hit.own_p * by) if shared else replace(hit, p=hit.p * by)


def _changed_over(world: World, option: Option, keeps: float) -> frozenset[str]:
    """Return the assets that get another product: a part of those that have it, by their ids."""
    having = [i for i, a in world.assets.items() if product_of(a.product) == option.subject]
    ranked = sorted(having, key=lambda i: key_of(0, "diversify", i))
    return frozenset(ranked[round(keeps * len(ranked)) :])


def product_of(text: str) -> str:
    """Return a product's name without its version."""
    words = text.split()
    return " ".join(words[:-1]) if len(words) > 1 and words[-1][0].isdigit() else text


def _supplied(scenario: Scenario, option: Option, after_h: float) -> Scenario:
    first = min((e.at_h for e in scenario.events if e.do in HARM), default=0.0)
    event = Event(first + after_h, "supply", option.subject, service=option.service)
    return replace(scenario, events=(*scenario.events, event))


def _sooner(world: World, scenario: Scenario, sector: str, by: float) -> Scenario:
    """Return the scenario in which what hazards damage in a sector is repaired sooner."""

    def sooner(hit: Hit) -> Hit:
        is_here = hit.asset is not None and world.assets[hit.asset].sector == sector
        if not is_here or hit.repair_h is None:
            return hit
        repairs = tuple((share, mean * by, spread * by) for share, mean, spread in hit.repairs)
        return replace(hit, repair_h=hit.repair_h * by, repairs=repairs)

    events = (replace(e, hits=tuple(map(sooner, e.hits))) for e in scenario.events)
    return replace(scenario, events=tuple(events))
