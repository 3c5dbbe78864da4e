"""A scenario: what happens, when, in which world. A frozen value, to and from a plain dict.

Reading foreign JSON with its many ways to be wrong is the work of ``data/documents/scenarios.py``;
this module holds the value and its one canonical dict form (format: ``docs/reference/format.md``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Literal

from models.wording import N_, _

#: The most events and measures of a scenario, wherever it is made or read.
MAX_EVENTS, MAX_MEASURES = 2_000, 1_000
#: Ids are part of addresses and files: at most so many letters.
MAX_ID = 200
#: No hour is later: ten years.
MAX_HOURS = 87_600.0

Do = Literal["fail", "degrade", "repair", "supply"]
MeasureDo = Literal["add_autonomy", "add_supplier", "add_source"]
Repairs = Literal["none", "typical"]
CommonCauses = Literal["none", "sampled"]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happens at ``at_h``.

    ``fail`` an asset or link; ``degrade`` an asset ``to`` a level; ``repair`` an asset or link;
    ``supply`` an asset with a ``service`` until just before ``until_h`` (None: for good).
    ``p``, in (0, 1], is how likely it happens in one run of an ensemble (None: it does); a
    single run takes every event as happening.
    """

    at_h: float
    do: Do
    asset: str | None = None
    link: str | None = None
    to: float | None = None
    service: str | None = None
    until_h: float | None = None
    p: float | None = None
    note: str = ""
    #: the label of an entry that is hidden from the user; set in their view only, never stored
    unseen: str = ""


@dataclass(frozen=True, slots=True)
class EventField:
    """A field of :class:`Event` that a kind of event has, and how a form asks for it.

    ``service`` is one that the asset needs. ``low`` and ``high`` are in ``unit``. ``label`` names
    the field. ``start`` is what a form offers first. ``empty`` says what an optional field means
    while it is empty, ``missing`` what is wrong where a required one cannot be filled.
    """

    name: Literal["to", "service", "until_h"]
    unit: Literal["share", "h", "service"]
    label: str
    low: float = 0.0
    high: float = MAX_HOURS
    start: float | None = None
    required: bool = True
    empty: str = ""
    missing: str = ""


@dataclass(frozen=True, slots=True)
class EventKind:
    """What a kind of event is: the forms, words and comparisons of all rooms are made from it.

    ``things`` are what it can happen to: exactly one of them in an event. ``sentence`` follows
    the name of the thing and may hold ``{share}`` (of ``to``, in percent), ``{service}`` and
    ``{until}``; ``label`` is the same without values, for a choice. ``refusal`` is what a form
    says of a thing that it cannot happen to.
    """

    things: tuple[Literal["asset", "link"], ...]
    effect: Literal["harm", "help"]
    label: str
    sentence: str
    fields: tuple[EventField, ...] = ()
    refusal: str = ""


_TO = EventField("to", "share", N_("Down to (%)"), high=1.0, start=0.5)
_SERVICE = EventField(
    "service",
    "service",
    N_("Service"),
    missing=N_("This asset needs no service that could be supplied."),
)
_UNTIL = EventField("until_h", "h", N_("Until hour"), required=False, empty=N_("for good"))

#: Every kind of event, in the order in which a form offers them. What it does to a world is the
#: engines' work.
EVENT_KINDS: Mapping[Do, EventKind] = {
    "fail": EventKind(("asset", "link"), "harm", N_("fails"), N_("fails")),
    "degrade": EventKind(
        ("asset",),
        "harm",
        N_("drops to a part"),
        N_("drops to {share} %"),
        (_TO,),
        N_("A line has no part load: it can only fail or be repaired."),
    ),
    "supply": EventKind(
        ("asset",),
        "help",
        N_("gets an emergency supply"),
        N_("gets emergency {service}"),
        (_SERVICE, _UNTIL),
        N_("A line cannot be supplied: it can only fail or be repaired."),
    ),
    "repair": EventKind(("asset", "link"), "help", N_("is repaired"), N_("is repaired")),
}
#: What breaks things, and what people do about it.
HARM = frozenset(do for do, kind in EVENT_KINDS.items() if kind.effect == "harm")
HELP = frozenset(do for do, kind in EVENT_KINDS.items() if kind.effect == "help")


@dataclass(frozen=True, slots=True)
class Measure:
    """A lasting change to the world that the scenario tries out.

    ``add_autonomy``: ``hours`` more for the asset's groups of ``service``;
    ``add_supplier``: ``supplier`` joins these groups as an alternative;
    ``add_source``: the asset feeds ``service`` into its link network by itself, with at most
    ``supply`` (None: without limit), e.g. a plant that can run islanded. ``cost_eur`` is what
    users say it costs, None if not stated; it moves no result.
    """

    do: MeasureDo
    asset: str
    service: str
    hours: float | None = None
    supplier: str | None = None
    supply: float | None = None
    cost_eur: float | None = None
    note: str = ""
    unseen: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Same scenario, same world: same outcome, bit for bit.

    ``common_cause`` ``sampled``: in ensembles a failed member of a common-cause group takes each
    other member along with the group's ``beta``.
    """

    world: str
    events: tuple[Event, ...] = ()
    measures: tuple[Measure, ...] = ()
    horizon_h: float = 168.0
    repairs: Repairs = "none"
    common_cause: CommonCauses = "none"
    seed: int = 1
    title: str = ""
    note: str = ""
    #: the view of whoever wrote the title on a page (``Seen.signature``); empty if unknown
    title_tlp: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the plain form; empty fields of events and measures are left out."""
        head: dict[str, Any] = {"world": self.world}
        head |= {
            key: text for key in ("title", "title_tlp", "note") if (text := getattr(self, key))
        }
        head |= {
            "seed": self.seed,
            "horizon_h": self.horizon_h,
            "repairs": self.repairs,
        }
        if self.common_cause != "none":
            head["common_cause"] = self.common_cause
        return head | {
            "events": [_present(event) for event in self.events],
            "measures": [_present(measure) for measure in self.measures],
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Scenario:
        """Build from a plain form that ``data/documents/scenarios.py`` has checked."""
        rest = {k: v for k, v in plain.items() if k not in ("events", "measures")}
        return cls(
            **rest,
            events=tuple(Event(**event) for event in plain.get("events", ())),
            measures=tuple(Measure(**measure) for measure in plain.get("measures", ())),
        )


def _present(value: Event | Measure) -> dict[str, Any]:
    """Return the fields that must be there, and of the others those that are not empty."""
    pairs = ((field, getattr(value, field.name)) for field in fields(value))
    return {
        field.name: content
        for field, content in pairs
        if field.default is MISSING or (content is not None and content != "")
    }


def too_long() -> str:
    """Return the message that every door uses to refuse a longer scenario."""
    text = _("A scenario holds at most {events} events and {measures} measures.")
    return text.format(events=MAX_EVENTS, measures=MAX_MEASURES)
