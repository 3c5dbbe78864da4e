"""Need to know: a user's view of the world, and redacted answers about the whole world.

The engine always computes with the whole world. Every answer of the server goes through a
:class:`Seen` first: things with a label above the user's clearance are left out of their world, and
covered where an answer needs them (*something you may not see (TLP:AMBER)*). Users who may see
everything get the very world that was loaded, at no cost. What is hidden from whom and why is in
``docs/reference/rights.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from models.access import LABELS, Tlp
from models.explain.savings import Saving
from models.explain.why import ChainStep, Explanation, Words
from models.hazards.attack import selected_assets
from models.impact.consequences import Steps
from models.impact.environment import SEWER, known_spill
from models.impact.people import Lacking, distinct_people
from models.impact.settlement import EVERYBODY
from models.outcome import Deadlock, Outcome, TraceRow
from models.rights.scrubbing import Scrubber
from models.scenario import Event, Measure, Scenario
from models.wording import _
from models.world import SEWAGE_TREATMENT, World

#: the clearance that sees everything
WHOLE: Tlp = "RED"


#: for whoever labels a world; a decision, with its reasons in ``docs/reference/rights.md``
WHAT_LABELS_LEAVE = (
    "labels hide what a thing is and where, not what its failure does: people, service and buffer "
    "of a hidden asset can be worked out by trying out failures. Label its service, too, if that "
    "must not be (docs/reference/rights.md)."
)


def notes_on_labels(world: World) -> tuple[str, ...]:
    """Return what whoever labelled a world should know; nothing if it has no labels."""
    return (WHAT_LABELS_LEAVE,) if labels_in_use(world) else ()


def covered(label: str) -> str:
    """Return the words for something hidden, for the middle of a sentence."""
    return _("something you may not see ({label})").format(label=f"TLP:{label}")


def labels_in_use(world: World) -> tuple[Tlp, ...]:
    """Return the labels above CLEAR that anything of a world carries, from open to closed."""
    things = (world.assets.values(), world.links.values(), world.markings)
    labels = {item.tlp for some in things for item in some}
    return tuple(label for label in LABELS[1:] if label in labels)


def view_of(used: Sequence[Tlp], clearance: Tlp) -> Tlp:
    """Return the canonical clearance of an equal view: there are few different views."""
    seen = [label for label in used if LABELS.index(label) <= LABELS.index(clearance)]
    if len(seen) == len(used):
        return WHOLE
    return seen[-1] if seen else LABELS[0]


@dataclass(frozen=True)
class Seen:
    """The world as a user with this clearance may see it.

    ``world`` has only what they may see. ``veiled`` has everything, under covered names: sentences
    are made with it. ``hidden`` are the ids of assets and links left out, ``services`` and
    ``layers`` the names of those, each with its label. ``scrub`` redacts names and ids of hidden
    things in a text that a user wrote.
    """

    clearance: Tlp
    whole: World
    world: World
    veiled: World
    hidden: Mapping[str, Tlp] = field(default_factory=dict)
    links: Mapping[str, Tlp] = field(default_factory=dict)
    services: Mapping[str, Tlp] = field(default_factory=dict)
    layers: Mapping[str, Tlp] = field(default_factory=dict)
    scrub: Scrubber = field(default_factory=Scrubber)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is hidden."""
        return self.world is self.whole

    def words(self, words: Words) -> Words:
        """Return how services are called, with the hidden ones covered."""

        def redacted(service: str) -> str:
            label = self.services.get(service)
            if label is None:
                return words(service)
            return _("a service you may not see ({label})").format(label=f"TLP:{label}")

        return redacted if self.services else words

    def read(self, text: str, written_by: str) -> str:
        """Return a text that a user wrote, as this one may read it.

        Parameters
        ----------
        text
            What was written.
        written_by
            The view of its author (:attr:`signature`); empty if unknown.

        Returns
        -------
        The text as it was written if its author saw no more than this user: a redaction would show
        them which of the names that they try are hidden. Otherwise the redacted text.
        """
        return text if self.is_theirs(written_by) else self.scrub(text)

    def is_theirs(self, written_by: str) -> bool:
        """Return whether the author of a text saw no more than this user."""
        if self.is_whole:
            return True
        order: Sequence[str] = LABELS
        return written_by in order and order.index(written_by) <= order.index(self.clearance)

    @property
    def signature(self) -> str:
        """Return what is kept beside a text that this user writes; empty if they see everything."""
        return "" if self.is_whole else self.clearance

    # --- scenarios

    def label_of_event(self, event: Event) -> Tlp | None:
        """Return why an event may not be seen; None if it may."""
        return closest(
            self.hidden.get(event.asset or ""),
            self.links.get(event.link or ""),
            self.services.get(event.service or ""),
            *(self.hidden.get(asset) for asset in selected_assets(event)),
        )

    def label_of_measure(self, measure: Measure) -> Tlp | None:
        """Return why a measure may not be seen; None if it may."""
        return closest(
            self.hidden.get(measure.asset),
            self.hidden.get(measure.supplier or ""),
            self.services.get(measure.service),
        )

    def scenario(self, scenario: Scenario) -> Scenario:
        """Return a redacted scenario; hidden entries keep their place in the list and their hour.

        Notes are left out: they may reveal anything. They are not redacted, since their authors
        would see from it which names are hidden; only facilitators write the title and the note of
        the whole.
        """
        if self.is_whole:
            return scenario
        return replace(
            scenario,
            title=self.read(scenario.title, scenario.title_tlp),
            title_tlp="",
            note=self.scrub(scenario.note),
            events=tuple(map(self._event, scenario.events)),
            measures=tuple(map(self._measure, scenario.measures)),
        )

    def _event(self, event: Event) -> Event:
        label = self.label_of_event(event)
        if label is not None:
            return Event(event.at_h, "fail", unseen=label)
        return replace(event, note="")

    def _measure(self, measure: Measure) -> Measure:
        label = self.label_of_measure(measure)
        if label is not None:
            return Measure("add_source", "", "", unseen=label)
        return replace(measure, note="")

    def plain(self, plain: Mapping[str, Any]) -> dict[str, Any]:
        """Return the plain form of a scenario to look at; of what is hidden its hour and label."""
        if self.is_whole:
            return {key: value for key, value in plain.items() if key != "title_tlp"}
        redacted = self.scenario(Scenario.from_dict(plain)).to_dict()
        for name, kept in (("events", ("at_h", "unseen")), ("measures", ("unseen",))):
            redacted[name] = [
                {key: item[key] for key in kept} if "unseen" in item else item
                for item in redacted[name]
            ]
        return redacted

    def names_hidden(self, plain: Mapping[str, Any], written_by: str = "") -> bool:
        """Return whether anything of a scenario may not be seen.

        Parameters
        ----------
        plain
            The scenario in its plain form.
        written_by
            The signature of the author of its texts; empty if unknown.
        """
        if self.is_whole:
            return False
        scenario = Scenario.from_dict(plain)
        if self.is_theirs(written_by):
            entries = (*map(self.label_of_event, scenario.events),
                       *map(self.label_of_measure, scenario.measures))  # fmt: skip
            return any(entries)
        return self.scenario(scenario).to_dict() != plain

    # --- answers of the engine

    def outcome(self, outcome: Outcome) -> Outcome:
        """Return the part of an outcome about visible things; no sum is made from it."""
        if self.is_whole:
            return outcome
        assets, links = self.world.assets, self.world.links
        return replace(
            outcome,
            trace=self._trace(outcome.trace),
            assets={a: effect for a, effect in outcome.assets.items() if a in assets},
            states={a: state for a, state in outcome.states.items() if a in assets},
            levels={a: level for a, level in outcome.levels.items() if a in assets},
            delivery={
                (a, service): value
                for (a, service), value in outcome.delivery.items()
                if a in assets and service not in self.services
            },
            link_hits={k: link_hit for k, link_hit in outcome.link_hits.items() if k in links},
            deadlocks=tuple(lock for lock in map(self._deadlock, outcome.deadlocks) if lock),
        )

    def _trace(self, trace: Sequence[TraceRow]) -> tuple[TraceRow, ...]:
        """Return the rows of visible things, renumbered; hidden reasons are left out."""
        kept = [row for row in trace if self._shows(row)]
        number = {row.row: i for i, row in enumerate(kept)}
        return tuple(
            row._replace(row=i, because=tuple(number[r] for r in row.because if r in number))
            for i, row in enumerate(kept)
        )

    def _shows(self, row: TraceRow) -> bool:
        there = row.asset in self.world.assets or row.link in self.world.links
        return there and row.service not in self.services

    def _deadlock(self, lock: Deadlock) -> Deadlock | None:
        assets = tuple(a for a in lock.assets if a not in self.hidden)
        label = closest(
            *(self.hidden.get(a) for a in lock.assets),
            *(self.hidden.get(s.asset) or self.services.get(s.service) for s in lock.breaking),
        )
        if label is None or not assets:
            return lock if assets else None
        breaking = tuple(
            s
            for s in lock.breaking
            if s.asset in self.world.assets and s.service not in self.services
        )
        return replace(lock, assets=assets, breaking=breaking, unseen=label)

    def people_lacking(self, outcome: Outcome) -> dict[str, Lacking]:
        """Return who lacks services that may be seen, of the whole outcome, also by group.

        These are sums over a region, and the people concerned know it themselves: they stay whole.
        Groups are named by the cells: they are left out where no cell may be seen.
        """
        found = distinct_people(self.whole, outcome, self.services)
        return found if self.world.cells else {EVERYBODY: found[EVERYBODY]}

    def sewage_spilled(self, outcome: Outcome) -> Steps | None:
        """Return the people whose sewage is spilled; None unless all sewers and works are seen.

        Unlike what people lack, nobody notices it at home.
        """
        drains = (s for s in self.whole.servings if s.service in (SEWER, SEWAGE_TREATMENT))
        is_hidden = any(s.asset_id in self.hidden or s.service in self.services for s in drains)
        return None if is_hidden else known_spill(self.whole, outcome)

    def explanation(self, found: Explanation) -> Explanation:
        """Return a reason that was made with ``veiled``, without the steps behind the cover."""
        if self.is_whole:
            return found
        steps: list[ChainStep] = []
        for step in map(self._step, found.chain):
            # the number of hidden ones in a row is never shown
            if not (step.unseen and steps and steps[-1].unseen):
                steps.append(step)
        return replace(found, chain=tuple(steps))

    def _step(self, step: ChainStep) -> ChainStep:
        label = closest(
            self.hidden.get(step.asset or ""),
            self.links.get(step.link or ""),
            self.services.get(step.service or ""),
        )
        if label is not None:
            return ChainStep(step.row, step.t_ms, "initial", None, None, None, None, label)
        group = self.world.groups.get(step.group.group_id) if step.group else None
        return replace(step, group=group)

    def savings(self, found: Iterable[Saving]) -> tuple[Saving, ...]:
        """Return the changes that this user may know of."""
        if self.is_whole:
            return tuple(found)
        return tuple(
            saving
            for saving in found
            if not any(self.label_of_event(event) for event in saving.events)
            and not (saving.measure and self.label_of_measure(saving.measure))
        )


def closest(*labels: Tlp | None) -> Tlp | None:
    """Return the closest of some labels; None where there is none."""
    return max((label for label in labels if label), key=LABELS.index, default=None)
