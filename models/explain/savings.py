"""Changes that would have kept an asset: single ones, and pairs of repairs; each is run first.

A measure is tried only if it is possible there (``models/knowledge/possible.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

from models.cascade.timed.engine import run
from models.explain.causes import Case
from models.explain.why import Words, loss_row, plain_words, since_ms, store_words
from models.knowledge.possible import IsPossible, anything
from models.outcome import TraceRow
from models.scenario import Event, Measure
from models.space.nearby import nearest_first
from models.units import MS_PER_HOUR, hours_text, to_hours, to_ms
from models.wording import _
from models.world import Group, World

#: Step of times and durations, so that they are round numbers.
STEP_MS = MS_PER_HOUR // 4
#: How many alternative suppliers are tried, nearest first.
SUPPLIERS_TRIED = 3
#: For how many causes repairs are tried, alone and in pairs.
REPAIRS_TRIED = 8


@dataclass(frozen=True, slots=True)
class Saving:
    """A change that would have kept the asset, throughout or until ``until_ms``.

    Exactly one of ``event`` and ``measure`` is set: the addition to the scenario.
    ``also`` is a second event at the same hour, without which the first does not suffice.
    """

    text: str
    event: Event | None = None
    measure: Measure | None = None
    until_ms: int | None = None
    also: Event | None = None

    @property
    def events(self) -> tuple[Event, ...]:
        """Return the events to add to the scenario."""
        return tuple(event for event in (self.event, self.also) if event is not None)


def saving_changes(
    case: Case,
    asset_id: str,
    words: Words = plain_words,
    feeder_types: Collection[str] = (),
    is_possible: IsPossible = anything,
    known: Known | None = None,
) -> tuple[Saving, ...]:
    """Return the changes that would have averted the asset's first loss.

    Tried: an emergency supply, an earlier repair (of two things at once if one does not suffice),
    more hours of autonomy, one more supplier; for an asset cut off from its network, a plant that
    can run islanded. Each was run: the asset then keeps its level throughout, or at least longer
    (``until_ms``).

    Parameters
    ----------
    case
        The scenario and its outcome.
    asset_id
        Id of the asset to keep.
    words
        Service id → its label.
    feeder_types
        Types of asset that could feed a network; only assets of known capacity are tried.
    is_possible
        Whether a measure is possible for a service at a type of asset.
    known
        Cache of runs with a change; pass the same one for several assets.
    """
    row = loss_row(case.outcome, asset_id, None)
    if row is None or row.kind in ("direct", "common-cause"):
        return ()
    trial = _Trial(case, row, is_possible, {} if known is None else known)
    candidates = _candidates(trial, words, feeder_types)
    found = [saving for saving in candidates if saving is not None]
    # changes that keep it throughout come first; ties stay in the order of search
    return tuple(sorted(found, key=lambda saving: saving.until_ms is not None))


_Changes = tuple[Event | Measure, ...]
#: changes → the first loss of each asset with them, in ms
Known = dict[_Changes, dict[str, int]]


@dataclass(frozen=True, slots=True)
class _Trial:
    """Runs the scenario with changes and asks whether the asset is kept."""

    case: Case
    row: TraceRow
    is_possible: IsPossible
    known: Known

    @property
    def world(self) -> World:
        return self.case.world

    def may(self, measure: str, service: str) -> bool:
        """Whether a measure is possible at the asset."""
        asset = self.world.assets[self.row.asset or ""]
        return self.is_possible(measure, service, asset.asset_type)

    def first_loss(self, *changes: Event | Measure) -> int | None:
        """Return when the asset is first lost with the changes, None if never."""
        losses = self.known.get(changes)
        if losses is None:
            scenario = self.case.scenario
            events = tuple(change for change in changes if isinstance(change, Event))
            measures = tuple(change for change in changes if isinstance(change, Measure))
            tried = replace(scenario, events=(*scenario.events, *events), measures=measures)
            # the case's world has the scenario's own measures already
            lost = run(self.world, tried).assets
            losses = self.known[changes] = {a: loss.first_loss_ms for a, loss in lost.items()}
        return losses.get(self.row.asset or "")

    def helps(self, *changes: Event | Measure) -> bool:
        """Whether the first loss is averted."""
        first = self.first_loss(*changes)
        return first is None or first > self.row.t_ms

    def saving(self, text: str, *changes: Event | Measure) -> Saving | None:
        """Return the changes as a saving if they help, with the time until which they do."""
        if not self.helps(*changes):
            return None
        until_ms = self.first_loss(*changes)
        change, also = changes[0], changes[1] if len(changes) > 1 else None
        if isinstance(change, Measure):
            return Saving(text, measure=change, until_ms=until_ms)
        second = also if isinstance(also, Event) else None
        return Saving(text, event=change, until_ms=until_ms, also=second)


def _candidates(
    trial: _Trial, words: Words, feeder_types: Collection[str]
) -> Iterator[Saving | None]:
    group = trial.world.groups.get(trial.row.group or "")
    if group is not None and trial.may("supply", group.service):
        yield _by_supply(trial, group, words)
    yield from _by_repair(trial)
    if group is not None:
        if trial.may("add_autonomy", group.service):
            yield _by_autonomy(trial, group, words)
        if trial.may("add_supplier", group.service):
            yield _by_supplier(trial, group, words)
    elif trial.row.service is not None:
        yield _by_source(trial, words, feeder_types)


def _by_supply(trial: _Trial, group: Group, words: Words) -> Saving | None:
    """Try an emergency supply from the last quarter hour before the loss."""
    unserved, _rest = since_ms(trial.case, trial.row, trial.case.outcome.trace)
    at = max(unserved, (trial.row.t_ms - 1) // STEP_MS * STEP_MS)
    event = Event(to_hours(at), "supply", group.consumer_id, service=group.service)
    text = (
        _("an emergency supply of {service}, in place by {at}")
        if at
        else _("an emergency supply of {service}, in place at once")
    )
    said = text.format(service=words(group.service), at=hours_text(at))
    return trial.saving(said, event)


_Thing = tuple[str | None, str | None]


def _by_repair(trial: _Trial) -> Iterator[Saving | None]:
    """Return the latest repair of each cause that still helps; else of each pair of causes."""
    hits = _hits(trial)
    savings = [saving for thing in hits if (saving := _repaired(trial, hits, thing))]
    if not savings:
        pairs = combinations(hits, 2)
        savings = [saving for two in pairs if (saving := _repaired(trial, hits, *two))]
    yield from savings


def _hits(trial: _Trial) -> dict[_Thing, int]:
    """Return the assets and links whose hits caused the loss, with the moment of the last hit."""
    causes = trial.case.causes(trial.row)
    events = trial.case.scenario.events
    upstream = trial.case.upstream(trial.row.asset or "")
    first_hit: dict[_Thing, int] = {}
    for number in sorted({number for chosen in causes.sets for number in chosen}):
        for part in trial.case.parts(number):
            # no repair ends a limit, and what a wide event does elsewhere is no cause
            if part.do == "limit" or (part is not events[number] and part.asset not in upstream):
                continue
            thing = part.asset, part.link
            first_hit[thing] = max(first_hit.get(thing, 0), to_ms(part.at_h))
    return dict(list(first_hit.items())[:REPAIRS_TRIED])


def _repaired(trial: _Trial, hits: Mapping[_Thing, int], *things: _Thing) -> Saving | None:
    """Search the latest hour at which repairing these things together still helps."""
    since = max(hits[thing] for thing in things)

    def repairs(steps: int) -> list[Event]:
        at = to_hours(since + steps * STEP_MS)
        return [Event(at, "repair", asset=asset, link=link) for asset, link in things]

    most = (trial.row.t_ms - since) // STEP_MS
    steps = _last_that(lambda n: trial.helps(*repairs(n)), most)
    if not steps:
        return None
    by, names = since + steps * STEP_MS, [_thing_label(trial.world, thing) for thing in things]
    if len(names) > 1:
        text = _("{one} and {other} both repaired by {at}")
        said = text.format(one=names[0], other=names[1], at=hours_text(by))
        return trial.saving(said, *repairs(steps))
    text, gain = _("{name} repaired by {at}"), _earlier_ms(trial, things[0], by)
    if gain > 0:
        text = _("{name} repaired by {at} ({gain} earlier)")
    said = text.format(name=names[0], at=hours_text(by), gain=hours_text(gain))
    return trial.saving(said, *repairs(steps))


def _thing_label(world: World, thing: _Thing) -> str:
    asset, link = thing
    return world.label(asset or "") if link is None else world.links[link].name or link


def _earlier_ms(trial: _Trial, thing: _Thing, by_ms: int) -> int:
    """Return how much earlier this is than the scenario's own repair."""
    planned = [
        event.at_h
        for event in trial.case.scenario.events
        if event.do == "repair" and (event.asset, event.link) == thing
    ]
    return round(min(planned) * MS_PER_HOUR) - by_ms if planned else 0


def _outlasts(trial: _Trial, group: Group, steps: int) -> bool:
    """Whether these hours help only because they last past the horizon."""
    unserved, _rest = since_ms(trial.case, trial.row, trial.case.outcome.trace)
    return unserved + to_ms(group.autonomy_h) + steps * STEP_MS > trial.case.outcome.horizon_ms


def _by_autonomy(trial: _Trial, group: Group, words: Words) -> Saving | None:
    """Search the fewest additional hours of autonomy that help throughout."""

    def more(steps: int) -> Measure:
        hours = to_hours(steps * STEP_MS)
        return Measure("add_autonomy", group.consumer_id, group.service, hours=hours)

    def kept(steps: int) -> bool:
        return trial.first_loss(more(steps)) is None

    most = round(trial.case.scenario.horizon_h * MS_PER_HOUR) // STEP_MS + 1
    if not kept(most):
        return None
    steps = most - (_last_that(lambda n: kept(most - n), most - 1) or 0)
    hours = hours_text(steps * STEP_MS)
    if _outlasts(trial, group, steps):
        hours = _("{hours} (to the end of the horizon)").format(hours=hours)
    text = _("{hours} more of its own {service} ({store})")
    said = text.format(hours=hours, service=words(group.service), store=_buffer(group))
    return trial.saving(said, more(steps))


def _buffer(group: Group) -> str:
    return store_words(group) or _("backup")


def _by_supplier(trial: _Trial, group: Group, words: Words) -> Saving | None:
    """Try the nearest assets of the suppliers' types that are never lost."""
    assets = trial.world.assets
    types = {assets[s.asset_id].asset_type for s in group.suppliers}
    involved = {
        group.consumer_id,
        *(s.asset_id for s in group.suppliers),
        *trial.case.outcome.assets,
    }
    others = [
        asset
        for asset in assets.values()
        if asset.asset_type in types and asset.asset_id not in involved
    ]
    for other in nearest_first(assets[group.consumer_id], others)[:SUPPLIERS_TRIED]:
        change = Measure("add_supplier", group.consumer_id, group.service, supplier=other.asset_id)
        name = trial.world.label(other.asset_id)
        text = _("a second supplier of {service}: {name}").format(
            service=words(group.service), name=name
        )
        if (saving := trial.saving(text, change)) is not None:
            return saving
    return None


def _by_source(trial: _Trial, words: Words, feeder_types: Collection[str]) -> Saving | None:
    """Try the plants that are linked into the network, nearest first, running islanded."""
    service = trial.row.service or ""
    ends = {
        end
        for link in trial.world.links.values()
        if link.service == service
        for end in (link.from_id, link.to_id)
    }
    plants = [
        asset
        for asset in map(trial.world.assets.__getitem__, sorted(ends))
        if asset.asset_type in feeder_types
        and asset.capacity is not None
        and service not in asset.source_of
        and trial.is_possible("add_source", service, asset.asset_type)
    ]
    here = trial.world.assets[trial.row.asset or ""]
    for plant in nearest_first(here, plants)[:SUPPLIERS_TRIED]:
        text = _("{name} able to run islanded ({service})").format(
            name=trial.world.label(plant.asset_id), service=words(service)
        )
        change = Measure("add_source", plant.asset_id, service, supply=plant.capacity)
        if (saving := trial.saving(text, change)) is not None:
            return saving
    return None


def _last_that(holds: Callable[[int], bool], most: int) -> int | None:
    """Return the largest n in 0..most for which ``holds``, by halving; None if not even 0.

    ``holds`` is monotone: true up to some n and false beyond.
    """
    if most < 0 or not holds(0):
        return None
    low, high = 0, most + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
