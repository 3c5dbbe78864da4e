"""Subject of a briefing, map or warning: one run at one hour, with derived content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from layouts.feed.picture import picture
from layouts.paper.people_layer import shaded_cells
from layouts.paper.situation_map import Base, Situation, situation_map, states_at
from layouts.words import Labels, event_words, state_words
from models.outcome import Outcome, State
from models.papers.briefing import MAX_TEXT, cut
from models.scenario import HARM, HELP, Scenario
from models.units import hours_text, to_ms
from models.wording import _, n_, number
from models.world import World

#: Most assets named on the map.
NAMED = 10


@dataclass(frozen=True)
class Subject:
    """Subject of a briefing: one run at one hour, with its label."""

    world: World
    scenario: Scenario
    outcome: Outcome
    labels: Labels
    at_ms: int
    run_id: str
    #: the TLP line, such as ``TLP:AMBER``; empty if none is set
    label: str = ""
    #: time of creation, in words
    made: str = ""

    @cached_property
    def drawn(self) -> Mapping[str, Any]:
        """Return the page's picture of the outcome."""
        return picture(self.world, self.scenario, self.outcome, self.labels)

    @cached_property
    def situation(self) -> Situation:
        """Return the situation at the hour."""
        world, links = self.world, list(self.world.links)
        links_drawn = self.drawn["links"]
        rows = zip(links_drawn["t"], links_drawn["k"], links_drawn["s"], strict=True)
        now = {k: s for t, k, s in rows if t <= self.at_ms}
        states = states_at(self.drawn["states"], world.listed, self.at_ms)
        return Situation(
            at_ms=self.at_ms,
            states=states,
            links_hit=frozenset(links[k] for k, s in now.items() if s == 1),
            links_dark=frozenset(links[k] for k, s in now.items() if s == 2),
            acts=acts_of(self.scenario, self.at_ms),
            named=_worth_naming(self, states),
            cells=shaded_cells(world, self.outcome, self.at_ms),
        )

    @property
    def title(self) -> str:
        """Return the title of the scenario."""
        return cut(self.scenario.title or _("Untitled scenario"), 100)

    @property
    def lead(self) -> str:
        """Return the one sentence that summarises the situation."""
        return _lead(self)

    def map(self, base: Base) -> str:
        """Return the situation as a map."""
        return situation_map(self.world, base, self.situation, self.map_words)

    @property
    def map_words(self) -> str:
        """Return the text alternative of the map."""
        counts: dict[State, int] = {}
        for state in self.situation.states.values():
            counts[state] = counts.get(state, 0) + 1
        from_labels = ", ".join(f"{number(n)} {state_words(s)}" for s, n in sorted(counts.items()))
        return _("Map at {at}: {what}.").format(
            at=hours_text(self.at_ms), what=from_labels or _("everything works")
        )


def acts_of(scenario: Scenario, at_ms: int) -> dict[str, str]:
    """Return the assets with actions up to an hour: measures, supplies, repairs."""
    acts: dict[str, str] = {measure.asset: measure.do for measure in scenario.measures}
    for event in scenario.events:
        if event.do in HELP and event.asset and to_ms(event.at_h) <= at_ms:
            acts[event.asset] = event.do
    return acts


def _lead(subject: Subject) -> str:
    began = _began(subject)
    course = subject.drawn["lacking"][0]
    horizon = hours_text(subject.outcome.horizon_ms)
    most = max(course["n"])
    if not most:
        return _("{began} Nobody is without a service in {horizon}.").format(
            began=began, horizon=horizon
        )
    peak_at = course["t"][course["n"].index(most)]
    peak = _("At most {n}, first at {at}.").format(n=number(most), at=hours_text(peak_at))
    if people_at(course, subject.at_ms) == most:
        peak = _("This is the maximum over {horizon}.").format(horizon=horizon)
    return cut(f"{began} {lacking_words(subject.drawn, subject.at_ms)} {peak}", MAX_TEXT)


def lacking_words(drawn: Mapping[str, Any], at_ms: int) -> str:
    """Say how many people lack something at an hour, each counted once, as the page does."""
    courses = drawn["lacking"]
    any_one, two, three = (
        people_at(courses[n], at_ms) if n < len(courses) else 0 for n in range(3)
    )
    least = people_at(drawn["at_least"], at_ms) if drawn["at_least"] else any_one
    if not any_one:
        return _("Nobody lacks anything.")
    if least < any_one:
        text = _(
            "Between {least} and {most} people lack something: areas of different services may "
            "overlap."
        )
        return text.format(least=number(least), most=number(any_one))
    if three == any_one > 1:
        text = _("{n} people lack something, all of them three services or more.")
    elif three:
        text = n_(
            "{n} person lacks three services or more.",
            "{n} people lack something, {more} of them three services or more.",
            any_one,
        )
    elif two == any_one > 1:
        text = _("{n} people lack something, all of them two services.")
    elif two:
        text = n_(
            "{n} person lacks two services.",
            "{n} people lack something, {more} of them two services.",
            any_one,
        )
    else:
        text = n_("{n} person lacks something.", "{n} people lack something.", any_one)
    return text.format(n=number(any_one), more=number(three or two))


def _began(subject: Subject) -> str:
    events = [e for e in subject.scenario.events if e.do in HARM]
    if not events:
        return _("Nothing has been knocked out.")
    events.sort(key=lambda event: event.at_h)
    first = event_words(subject.world, events[0], subject.labels).sentence
    what, at, more = cut(first, 110), hours_text(to_ms(events[0].at_h)), len(events) - 1
    if not more:
        return _("{what} at {at}.").format(what=what, at=at)
    text = n_("{what} and {n} more at {at}.", "{what} and {n} more at {at}.", more)
    return text.format(what=what, n=more, at=at)


def people_at(course: Mapping[str, Any], at_ms: int) -> int:
    """Return the people of a course at an hour."""
    return next(
        (n for t, n in reversed(list(zip(course["t"], course["n"], strict=True))) if t <= at_ms), 0
    )


def people_of(world: World, asset: str) -> int:
    """Return the most people that an asset serves with one service."""
    return round(max((area.people for area in world.people_of.get(asset, ())), default=0))


def names(world: World, assets: Sequence[str], most: int) -> str:
    """Return the first names, and the number of others."""
    # names may contain commas
    listed = "; ".join(cut(world.label(a), 44) for a in assets[:most])
    more = len(assets) - most
    if more <= 0:
        return listed
    return n_("{names} and {n} more", "{names} and {n} more", more).format(
        names=listed, n=number(more)
    )


def _worth_naming(subject: Subject, states: Mapping[str, str]) -> list[str]:
    """Return the assets to name on the map: hits, deadlocks, then those serving most people."""
    order = {"failed-direct": 0, "stuck": 1}
    lost = [a for a, s in states.items() if s not in ("unknown", "backup")]
    lost.sort(
        key=lambda a: (
            order.get(states[a], 2),
            -people_of(subject.world, a),
            subject.world.assets[a].asset_type not in subject.labels.special_types,
            a,
        )
    )
    return lost[:NAMED]
