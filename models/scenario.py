"""A scenario: what happens, when, in which world. A frozen value, to and from a plain dict.

Reading foreign JSON with its many ways to be wrong is the work of ``data/documents/scenarios.py``;
this module holds the value and its one canonical dict form (format: ``docs/reference/format.md``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any, Literal

from models.wording import N_, _

#: The most events and measures of a scenario, wherever it is made or read.
MAX_EVENTS, MAX_MEASURES = 2_000, 1_000
#: Ids are part of addresses and files: at most so many letters.
MAX_ID = 200
#: No hour is later: ten years.
MAX_HOURS = 87_600.0

Do = Literal["fail", "degrade", "repair", "supply", "shortage", "hazard", "attack"]
MeasureDo = Literal["add_autonomy", "add_supplier", "add_source"]
Repairs = Literal["none", "typical"]
CommonCauses = Literal["none", "sampled"]


class Details:
    """A part of an event that is an object of its own: JSON that is kept as it was written."""

    __slots__ = ("text",)

    def __init__(self, plain: Any) -> None:
        self.text = json.dumps(plain, sort_keys=True, ensure_ascii=False)

    @property
    def plain(self) -> Any:
        """Return the object, as JSON gives it."""
        return json.loads(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Details) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Details({self.text})"


@dataclass(frozen=True, slots=True)
class Hit:
    """What a wide event does to one asset or link: its level, from when, how likely.

    ``to`` is what it can still do; ``after_h`` counts from the event's hour. ``lasts``: it is
    damage; else a limit that ends ``for_h`` hours later, by default with the event. ``p`` is how
    likely it is in one run of an ensemble, ``happens`` whether a single run takes it as
    happening. ``own_p``: hits of an attack share its draw; so likely this one is then hit.
    ``repairs``: its states of loss as (share, mean, standard deviation of the days of repair),
    ``for_range``: low, mode and high of ``for_h``; an ensemble draws both.
    ``words`` say what the asset meets, such as "flooded 0.8 m".
    """

    asset: str | None = None
    link: str | None = None
    to: float = 0.0
    after_h: float = 0.0
    lasts: bool = True
    p: float = 1.0
    happens: bool = True
    for_h: float | None = None
    repair_h: float | None = None
    own_p: float = 1.0
    repairs: tuple[tuple[float, float, float], ...] = ()
    for_range: tuple[float, float, float] | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happens at ``at_h``.

    ``fail`` an asset or link; ``degrade`` an asset ``to`` a level; ``repair`` an asset or link;
    ``supply`` an asset with a ``service`` until just before ``until_h`` (None: for good);
    ``hazard``: a ``field`` of intensity meets all assets and links, by ``curves`` (of ``tables``)
    or one ``threshold``. ``attack``: what ``select`` names is reached with probability ``access``
    times ``exploit`` and has an ``effect`` (an id of ATT&CK for ICS) for ``duration_h``; these
    three are ranges. ``triggered_by``: in a run of an ensemble it happens only if the event with
    this ``name``, which stands before it, does. ``shortage``: a ``share`` ``of`` the staff of a
    ``sector`` is missing until then, of which ``reserve`` is to spare.
    ``limit``, a part of other events only: an asset can do at most ``to`` until just before
    ``until_h``. ``p``, in (0, 1], is how likely it happens in one run of an ensemble (None: it
    does); a single run takes every event as happening.
    """

    at_h: float
    do: Do | Literal["limit"]
    asset: str | None = None
    link: str | None = None
    to: float | None = None
    service: str | None = None
    until_h: float | None = None
    p: float | None = None
    note: str = ""
    name: str | None = None
    triggered_by: str | None = None
    sector: str | None = None
    of: str | None = None
    share: float | None = None
    reserve: float | None = None
    hazard: str | None = None
    field: Details | None = None
    curves: Details | None = None
    tables: str | None = None
    threshold: float | None = None
    select: Details | None = None
    access: Details | None = None
    exploit: Details | None = None
    effect: str | None = None
    duration_h: Details | None = None
    #: of parts only: hours of repair in place of the asset's own, and before it can begin
    repair_h: float | None = None
    wait_h: float = 0.0
    #: what a wide event does to single things of its world; found when it is read, never stored
    hits: tuple[Hit, ...] = ()
    #: the label of an entry that is hidden from the user; set in their view only, never stored
    unseen: str = ""


@dataclass(frozen=True, slots=True)
class EventField:
    """A field of :class:`Event` that a kind of event has, and how a form asks for it.

    ``service`` is one that the asset needs, ``sector`` one that an asset is of; a ``word`` is
    one of ``words``, an ``object`` has fields of its own, a ``range`` is low, mode and high.
    ``low`` and ``high`` are in ``unit``. ``label`` names the field. ``start`` is what a form
    offers first. ``empty`` says what an optional field means while it is empty, ``missing`` what
    is wrong where a required one cannot be filled.
    """

    name: str
    unit: Literal["share", "h", "service", "sector", "word", "name", "number", "object", "range"]
    label: str
    low: float = 0.0
    high: float = MAX_HOURS
    start: float | None = None
    required: bool = True
    empty: str = ""
    missing: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EventKind:
    """What a kind of event is: the forms, words and comparisons of all rooms are made from it.

    ``things`` are what it can happen to: exactly one of them in an event; none where its fields
    say what it is about, such as a sector: forms of the page do not offer it, and show it.
    ``sentence`` follows the name of the thing and may hold ``{share}`` (of ``to``, in percent),
    ``{service}`` and ``{until}``; ``label`` is the same without values, for a choice. ``refusal``
    is what a form says of a thing that it cannot happen to.
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
_OF = EventField("of", "word", N_("Of what"), words=("staff",))
_SECTOR = EventField("sector", "sector", N_("Sector"))
_SHARE = EventField("share", "share", N_("Missing (%)"), high=1.0)
_RESERVE = EventField("reserve", "share", N_("To spare (%)"), high=0.99, required=False)
_HAZARD_FIELDS = (
    EventField("hazard", "name", N_("Hazard")),
    EventField("field", "object", N_("Field")),
    EventField("curves", "object", N_("Curves"), required=False),
    EventField("tables", "name", N_("Table of curves"), required=False),
    EventField("threshold", "number", N_("Threshold"), -1e9, 1e9, required=False),
    EventField("until_h", "h", N_("Until hour"), required=False),
)
_ATTACK_FIELDS = (
    EventField("select", "object", N_("What is attacked")),
    EventField("access", "range", N_("Access"), high=1.0),
    EventField("exploit", "range", N_("Exploit"), high=1.0),
    EventField("effect", "name", N_("Effect")),
    EventField("duration_h", "range", N_("Hours")),
)
_UNTIL = EventField("until_h", "h", N_("Until hour"), required=False, empty=N_("for good"))

#: Every kind of event, in the order in which a form offers them. What it does to a world is the
#: engines' work.
EVENT_KINDS: Mapping[str, EventKind] = {
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
    "shortage": EventKind(
        (),
        "harm",
        N_("lacks staff"),
        N_("lacks {share} % of its staff"),
        (_OF, _SECTOR, _SHARE, _RESERVE, _UNTIL),
    ),
    "hazard": EventKind((), "harm", N_("strikes"), N_("strikes"), _HAZARD_FIELDS),
    "attack": EventKind((), "harm", N_("begins"), N_("begins"), _ATTACK_FIELDS),
}
#: Fields of events that are objects of their own.
_OBJECTS = tuple(
    {
        field_.name
        for kind in EVENT_KINDS.values()
        for field_ in kind.fields
        if field_.unit in ("object", "range")
    }
)
#: What breaks things, and what people do about it.
HARM = frozenset(do for do, kind in EVENT_KINDS.items() if kind.effect == "harm")
HELP = frozenset(do for do, kind in EVENT_KINDS.items() if kind.effect == "help")


def parts_of(event: Event, staffed: Mapping[str, Sequence[str]]) -> Iterator[Event]:
    """Yield what an event does to single assets and links, as the engines take it.

    Parameters
    ----------
    event
        One event of a scenario; most are their only part.
    staffed
        The assets of the world that have staff, by sector (``World.staffed``).
    """
    if event.do in ("hazard", "attack"):
        for hit in event.hits:
            if hit.happens:
                yield from hit_parts(event, hit)
        return
    if event.do != "shortage":
        yield event
        return
    left = (1.0 - (event.share or 0.0)) / (1.0 - (event.reserve or 0.0))
    for asset in staffed.get(event.sector or "", ()):
        yield Event(event.at_h, "limit", asset, to=min(1.0, left), until_h=event.until_h)


def hit_parts(event: Event, hit: Hit) -> Iterator[Event]:
    """Yield what one hit of a wide event does; while a field is there nothing is repaired."""
    at = event.at_h + hit.after_h
    if hit.link is not None:
        yield Event(at, "fail", link=hit.link)
    elif not hit.lasts:
        until = event.until_h if hit.for_h is None else at + hit.for_h
        yield Event(at, "limit", hit.asset, to=hit.to, until_h=until)
    else:
        wait = 0.0 if event.until_h is None else max(event.until_h - at, 0.0)
        yield Event(at, "degrade", hit.asset, to=hit.to, repair_h=hit.repair_h, wait_h=wait)


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
            events=tuple(map(_event, plain.get("events", ()))),
            measures=tuple(Measure(**measure) for measure in plain.get("measures", ())),
        )


#: Fields of events that only their parts have, or that are found when a scenario is read.
_PARTS = frozenset({"hits", "repair_h", "wait_h"})


def _event(plain: Mapping[str, Any]) -> Event:
    held = {key: Details(plain[key]) for key in _OBJECTS if plain.get(key) is not None}
    return Event(**{**plain, **held})


def _present(value: Event | Measure) -> dict[str, Any]:
    """Return the fields that must be there, and of the others those that are not empty."""
    kept = (field for field in fields(value) if field.name not in _PARTS)
    pairs = ((field, getattr(value, field.name)) for field in kept)
    return {
        field.name: content.plain if isinstance(content, Details) else content
        for field, content in pairs
        if field.default is MISSING or (content is not None and content != "")
    }


def too_long() -> str:
    """Return the message that every door uses to refuse a longer scenario."""
    text = _("A scenario holds at most {events} events and {measures} measures.")
    return text.format(events=MAX_EVENTS, measures=MAX_MEASURES)
