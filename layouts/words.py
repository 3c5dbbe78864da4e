"""The page's words: labels of services, sectors and types, and sentences about events.

Labels come from the knowledge tables; whatever they lack is made readable from its id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from models.explain.why import store_words
from models.hazards.kinds import ATTACK_EFFECTS, KINDS, unit_sign
from models.knowledge.possible import IsPossible, anything
from models.outcome import State
from models.rights.need_to_know import covered
from models.scenario import EVENT_KINDS, Event, Measure
from models.units import hours_text, to_ms
from models.wording import N_, _, number, p_, spoken
from models.world import ASSUMPTION, DECLARED, Group, World

#: What stops when a buffer of this type has run out.
_BUFFER_ENDS = {
    "battery": N_("battery ends"),
    "diesel": N_("diesel ends"),
    "generator": N_("generator fuel ends"),
    "fuel": N_("fuel runs out"),
    "tank": N_("tank runs dry"),
    "reservoir": N_("reservoir runs dry"),
    "thermal": N_("stored heat is used up"),
    "stock": N_("stock runs out"),
}

STATE_LABELS: Mapping[State, str] = {
    "working": N_("Working"),
    "backup": N_("On backup"),
    "degraded": N_("Degraded"),
    "failed-direct": N_("Hit"),
    "failed-cascade": N_("Lost by cascade"),
    "under-repair": N_("Under repair"),
    "restarting": N_("Restarting"),
    "stuck": N_("Restart deadlock"),
    "unknown": N_("Unknown"),
}

_STATE_WORDS: Mapping[State, str] = {
    "working": N_("working"),
    "backup": N_("on backup"),
    "degraded": N_("degraded"),
    "failed-direct": N_("hit"),
    "failed-cascade": N_("lost by cascade"),
    "under-repair": N_("under repair"),
    "restarting": N_("restarting"),
    "stuck": N_("restart deadlock"),
    "unknown": N_("unknown"),
}

#: how sure a rule or a fact is, as docs/reference/format.md defines it; not who stated it
_CONFIDENCE = {
    "A": N_("a legal duty, or measured in an incident"),
    "B": N_("more than one source, or mapped on the ground"),
    "C": N_("practice, or one source"),
    "D": N_("a guess or an assumption"),
}


_BASIS = {
    "declared": N_("declared"),
    "inferred": N_("inferred"),
    "assumed": N_("assumed"),
}


def readable(identifier: str) -> str:
    """Return an id as words: ``drinking_water`` becomes ``Drinking water``."""
    words = identifier.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


@dataclass(frozen=True, slots=True)
class ServiceWords:
    """How a service is called, and what people are without when it is gone."""

    label: str
    people_label: str = ""
    unit: str = "people"
    in_panel: bool = True


@dataclass(frozen=True)
class Labels:
    """All labels the page knows, by id, and which types stand out.

    They are kept in English, as the knowledge tables have them; the methods give them in the
    language that is spoken.

    ``special_types``: their loss hurts people beyond their number. ``feeder_types``: they could
    feed a network by themselves. Both are columns of the table of types. ``is_possible`` says
    which measures somebody can take.
    """

    services: Mapping[str, ServiceWords] = field(default_factory=dict)
    sectors: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)
    special_types: frozenset[str] = frozenset()
    feeder_types: frozenset[str] = frozenset()
    is_possible: IsPossible = anything

    def service(self, identifier: str) -> str:
        """Return what a service is called."""
        label = self.services.get(identifier)
        return p_("service", label.label) if label else readable(identifier)

    def in_panel(self, identifier: str) -> bool:
        """Return whether people without this service are counted on the page."""
        return identifier not in self.services or self.services[identifier].in_panel

    def people_label(self, identifier: str) -> str:
        """Return what people are without: ``electricity`` in *people without electricity*."""
        label = self.services.get(identifier)
        text = label.people_label if label else ""
        return p_("people without", text) if text else self.service(identifier)

    def sector(self, identifier: str) -> str:
        """Return what a sector is called."""
        text = self.sectors.get(identifier, "")
        return p_("sector", text) if text else readable(identifier)

    def asset_type(self, identifier: str) -> str:
        """Return what an asset type is called."""
        text = self.types.get(identifier, "")
        return p_("asset type", text) if text else readable(identifier)


def lower_first(text: str) -> str:
    """Return a label for the middle of a sentence; abbreviations and German nouns keep capitals."""
    if text[1:2].isupper() or spoken().keeps_capitals:
        return text
    return text[:1].lower() + text[1:]


def upper_first(text: str) -> str:
    """Return a text for the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def buffer_ends(group: Group, labels: Labels) -> str:
    """Say what happens when this group's hours are over: ``battery ends``."""
    kind = group.buffer.lower()
    for word, text in _BUFFER_ENDS.items():
        if word in kind:
            return _(text)
    if kind and kind != "none":
        said = store_words(group)
        # an unknown one is given by its id
        said = readable(kind) if said == group.buffer else said
        return _("{store} runs out").format(store=lower_first(said))
    service = lower_first(labels.service(group.service))
    return _("reserve for {service} ends").format(service=service)


def basis_of(origin: str) -> str:
    """Return how an edge is known: ``declared``, ``assumed`` or ``inferred``."""
    if origin == DECLARED:
        return "declared"
    return "assumed" if origin == ASSUMPTION else "inferred"


def basis_words(basis: str) -> str:
    """Return a basis as the page says it."""
    return _(_BASIS[basis])


def state_label(state: State) -> str:
    """Return what a state is called."""
    return _(STATE_LABELS[state])


def state_words(state: State) -> str:
    """Return what a state is called in the middle of a sentence."""
    return _(_STATE_WORDS[state])


def confidence_words(grade: str) -> str:
    """Say how sure a rule or a fact is: ``confidence B: more than one source``."""
    if not grade:
        return ""
    words = _CONFIDENCE.get(grade)
    if not words:
        return _("confidence {grade}").format(grade=grade)
    return _("confidence {grade}: {meaning}").format(grade=grade, meaning=_(words))


def graded(grade: str) -> str:
    """Return a grade of confidence with its meaning: ``B: more than one source``."""
    words = _CONFIDENCE.get(grade)
    return _("{grade}: {meaning}").format(grade=grade, meaning=_(words)) if words else grade


@dataclass(frozen=True, slots=True)
class EventWords:
    """One event in words: who, what becomes of it, and the small print."""

    who: str
    verb: str
    detail: str

    @property
    def sentence(self) -> str:
        """Return it in one line."""
        return f"{self.who} {self.verb}"


def link_label(world: World, link_id: str) -> str:
    """Return a link's name, or its two ends where it has none."""
    link = world.links.get(link_id)
    if link is None:
        return link_id
    return link.name or f"{world.label(link.from_id)} – {world.label(link.to_id)}"


def event_words(world: World, event: Event, labels: Labels) -> EventWords:
    """Say what one event of the scenario does."""
    if event.unseen:
        return EventWords(upper_first(covered(event.unseen)), _("happens"), "")
    if event.link is not None:
        who, kind = link_label(world, event.link), p_("event", "line")
    elif event.asset is not None and event.asset in world.assets:
        who = world.label(event.asset)
        kind = labels.asset_type(world.assets[event.asset].asset_type)
    elif event.sector is not None:
        who, kind = labels.sector(event.sector), p_("event", "sector")
    elif event.hazard is not None:
        who, kind = hazard_label(event.hazard), _struck(event)
    elif event.do == "attack":
        effect = ATTACK_EFFECTS.get(event.effect or "", event.effect or "")
        who, kind = p_("event", "Attack"), f"{_(effect)} · {_struck(event)}".strip(" ·")
    else:
        who, kind = event.asset or "?", ""
    return EventWords(who, _verb(event, labels), _detail(event, kind))


def hazard_label(hazard: str) -> str:
    """Return what a kind of hazard is called."""
    kind = KINDS.get(hazard)
    return _(kind.label) if kind else readable(hazard)


def _intensity(event: Event) -> str:
    """Say how strong a drawn field is, or a quake."""
    # a change is said of plain events, whose field is still plain
    plain: Any = getattr(event.field, "plain", event.field)
    if not isinstance(plain, Mapping):
        return ""
    if (magnitude := plain.get("magnitude")) is not None:
        return _("magnitude {value}").format(value=_as_stated(magnitude))
    steps = [step.get("intensity") for step in plain.get("steps") or () if "intensity" in step]
    value = max(steps, default=plain.get("intensity"))
    kind = KINDS.get(event.hazard or "")
    unit = plain.get("unit") or (kind.unit if kind else "")
    return f"{_as_stated(value)} {unit_sign(unit)}".strip() if value is not None else ""


def _threshold(event: Event) -> str:
    if event.threshold is None:
        return ""
    return _("lost from {value}").format(value=_as_stated(event.threshold))


def _struck(event: Event) -> str:
    """Say how strong a hazard is, and how many assets and lines it breaks where that is known."""
    said = [part for part in (_intensity(event), _threshold(event)) if part]
    return " · ".join([*said, *([_broken(event)] if event.hits else [])])


def _broken(event: Event) -> str:
    broken = [hit for hit in event.hits if hit.happens]
    assets, lines = (
        sum(h.asset is not None for h in broken),
        sum(h.link is not None for h in broken),
    )
    return _("{assets} assets and {lines} lines hit").format(assets=assets, lines=lines)


def _verb(event: Event, labels: Labels) -> str:
    return _(EVENT_KINDS[event.do].sentence).format(
        share=round(100 * (event.to or event.share or 0)),
        service=lower_first(labels.service(event.service or "")),
        until=hours_text(to_ms(event.until_h or 0)),
    )


def _detail(event: Event, kind: str) -> str:
    until, chance = "", ""
    if event.until_h is not None:
        until = _("until {at}").format(at=hours_text(to_ms(event.until_h)))
    if event.p is not None:
        chance = _("{percent} % likely").format(percent=_as_stated(100 * event.p))
    cause = _("triggered by {name}").format(name=event.triggered_by) if event.triggered_by else ""
    return " · ".join(part for part in (kind, until, chance, cause, event.note) if part)


def measure_words(world: World, measure: Measure, labels: Labels) -> str:
    """Say what one measure changes, and what it costs where that is stated."""
    if measure.unseen:
        return upper_first(covered(measure.unseen))
    cost = f" ({number(measure.cost_eur)} €)" if measure.cost_eur is not None else ""
    return _measured(world, measure, labels) + cost


def _measured(world: World, measure: Measure, labels: Labels) -> str:
    who = world.label(measure.asset) if measure.asset in world.assets else measure.asset
    service = lower_first(labels.service(measure.service))
    if measure.do == "add_autonomy":
        hours = hours_text(to_ms(measure.hours or 0))
        return _("{who}: {hours} more reserve for {service}").format(
            who=who, hours=hours, service=service
        )
    if measure.do == "add_supplier":
        in_world = measure.supplier in world.assets if measure.supplier else False
        other = world.label(measure.supplier) if in_world and measure.supplier else measure.supplier
        return _("{who}: second supply of {service} from {other}").format(
            who=who, service=service, other=other
        )
    if measure.supply is None:
        return _("{who}: feeds {service} in by itself").format(who=who, service=service)
    return _("{who}: feeds {service} in by itself, at most {limit}").format(
        who=who, service=service, limit=_as_stated(measure.supply)
    )


def _as_stated(value: float) -> str:
    """Return a number with no more digits than it was entered with: ``37.5``, ``40``."""
    # the sign between the digits is the language's own
    return f"{value:g}".replace(".", number(0.5, 1)[1])
