"""The single changes that would have kept an asset; each was run before it is said."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from models.cascade.timed.engine import run
from models.explain.why import Words, loss_row, plain_words, step_label, step_of, store_words
from models.outcome import Outcome, TraceRow
from models.scenario import Event, Measure, Scenario
from models.space.nearby import nearest_first
from models.units import MS_PER_HOUR, hours_text, to_hours, to_ms
from models.wording import _
from models.world import Group, World

#: Changes are looked for in steps of this long, so that people can say them.
STEP_MS = MS_PER_HOUR // 4
#: How many alternative suppliers are tried, nearest first.
SUPPLIERS_TRIED = 3


@dataclass(frozen=True, slots=True)
class Saving:
    """One change that would have kept the asset; ``until_ms`` if only for longer, not throughout.

    Exactly one of ``event`` and ``measure`` is set: what to add to the scenario to try it.
    """

    text: str
    event: Event | None = None
    measure: Measure | None = None
    until_ms: int | None = None


def saving_changes(
    world: World,
    scenario: Scenario,
    outcome: Outcome,
    asset_id: str,
    words: Words = plain_words,
    feeder_types: Collection[str] = (),
) -> tuple[Saving, ...]:
    """Return the single changes that would have averted the asset's first loss.

    Looked for: an emergency supply, an earlier repair, more hours of autonomy, one more
    supplier; for an asset cut off from its network, a plant that can run islanded. Each was run:
    the asset then keeps its level throughout, or at least longer (``until_ms``).

    Parameters
    ----------
    world, scenario
        What ran.
    outcome
        What came of it.
    asset_id
        What is to be saved.
    words
        Service id → what people call it.
    feeder_types
        Types of asset that could feed a network by themselves; only those of known capacity are
        tried.
    """
    row = loss_row(outcome, asset_id, None)
    if row is None or row.kind in ("direct", "common-cause"):
        return ()
    trial = _Trial(world, scenario, row)
    candidates = _candidates(trial, outcome, words, feeder_types)
    found = [saving for saving in candidates if saving is not None]
    # what keeps it throughout comes first; the order of looking decides among equals
    return tuple(sorted(found, key=lambda saving: saving.until_ms is not None))


@dataclass(frozen=True, slots=True)
class _Trial:
    """Runs the scenario with one change and asks whether the asset is kept."""

    world: World
    scenario: Scenario
    row: TraceRow

    def first_loss(self, change: Event | Measure) -> int | None:
        """Return when the asset is first lost with the change, None if never."""
        if isinstance(change, Event):
            tried = replace(self.scenario, events=(*self.scenario.events, change))
        else:
            tried = replace(self.scenario, measures=(*self.scenario.measures, change))
        found = run(self.world, tried).assets.get(self.row.asset or "")
        return found.first_loss_ms if found else None

    def helps(self, change: Event | Measure) -> bool:
        """Whether the first loss is averted."""
        first = self.first_loss(change)
        return first is None or first > self.row.t_ms

    def saving(self, text: str, change: Event | Measure) -> Saving | None:
        """Return the change as a saving if it helps, with how long it does."""
        first = self.first_loss(change)
        if first is not None and first <= self.row.t_ms:
            return None
        if isinstance(change, Event):
            return Saving(text, event=change, until_ms=first)
        return Saving(text, measure=change, until_ms=first)


def _candidates(
    trial: _Trial, outcome: Outcome, words: Words, feeder_types: Collection[str]
) -> Iterator[Saving | None]:
    group = trial.world.groups.get(trial.row.group or "")
    if group is not None:
        yield _by_supply(trial, group, outcome, words)
    yield _by_repair(trial, outcome)
    if group is not None:
        yield _by_autonomy(trial, group, outcome, words)
        yield _by_supplier(trial, group, outcome, words)
    elif trial.row.service is not None:
        yield _by_source(trial, words, feeder_types)


def _by_supply(trial: _Trial, group: Group, outcome: Outcome, words: Words) -> Saving | None:
    """Try an emergency supply from the last quarter hour before the loss."""
    unserved = max((outcome.trace[r].t_ms for r in trial.row.because), default=0)
    at = max(unserved, (trial.row.t_ms - 1) // STEP_MS * STEP_MS)
    event = Event(to_hours(at), "supply", group.consumer_id, service=group.service)
    text = (
        _("an emergency supply of {service}, in place by {at}")
        if at
        else _("an emergency supply of {service}, in place at once")
    )
    said = text.format(service=words(group.service), at=hours_text(at))
    return trial.saving(said, event)


def _by_repair(trial: _Trial, outcome: Outcome) -> Saving | None:
    """Look for the latest repair of the one initiating asset or link that still helps."""
    roots = _roots(outcome, trial.row)
    if len(roots) != 1:
        return None
    root = roots[0]

    def repair(steps: int) -> Event:
        at = root.t_ms + steps * STEP_MS
        return Event(to_hours(at), "repair", asset=root.asset, link=root.link)

    most = (trial.row.t_ms - root.t_ms) // STEP_MS
    steps = _last_that(lambda n: trial.helps(repair(n)), most)
    if not steps:
        return None
    step = step_of(trial.world, root)
    label, by = step_label(trial.world, step), hours_text(root.t_ms + steps * STEP_MS)
    text, gain = _("{name} repaired by {at}"), _earlier_ms(trial, root, steps)
    if gain > 0:
        text = _("{name} repaired by {at} ({gain} earlier)")
    said = text.format(name=label, at=by, gain=hours_text(gain))
    return trial.saving(said, repair(steps))


def _earlier_ms(trial: _Trial, root: TraceRow, steps: int) -> int:
    """Return how much earlier than the scenario's own repair that is."""
    planned = [
        event.at_h
        for event in trial.scenario.events
        if event.do == "repair" and (event.asset, event.link) == (root.asset, root.link)
    ]
    if not planned:
        return 0
    return round(min(planned) * MS_PER_HOUR) - (root.t_ms + steps * STEP_MS)


def _roots(outcome: Outcome, row: TraceRow) -> list[TraceRow]:
    """Return the initiating rows that this row goes back to."""
    seen: set[int] = set()
    frontier = [row.row]
    while frontier:
        here = frontier.pop()
        if here not in seen:
            seen.add(here)
            frontier += outcome.trace[here].because
    rows = (outcome.trace[r] for r in sorted(seen))
    return [r for r in rows if r.kind in ("direct", "common-cause") and r.after < r.before]


def _outlasts(trial: _Trial, group: Group, outcome: Outcome, steps: int) -> bool:
    """Whether these hours only reach past the horizon, since nothing serves the group again."""
    unserved = max((outcome.trace[r].t_ms for r in trial.row.because), default=0)
    return unserved + to_ms(group.autonomy_h) + steps * STEP_MS > outcome.horizon_ms


def _by_autonomy(trial: _Trial, group: Group, outcome: Outcome, words: Words) -> Saving | None:
    """Look for the fewest further hours of autonomy that help throughout."""

    def more(steps: int) -> Measure:
        hours = to_hours(steps * STEP_MS)
        return Measure("add_autonomy", group.consumer_id, group.service, hours=hours)

    def kept(steps: int) -> bool:
        return trial.first_loss(more(steps)) is None

    most = round(trial.scenario.horizon_h * MS_PER_HOUR) // STEP_MS + 1
    if not kept(most):
        return None
    steps = most - (_last_that(lambda n: kept(most - n), most - 1) or 0)
    hours = hours_text(steps * STEP_MS)
    if _outlasts(trial, group, outcome, steps):
        hours = _("{hours} (to the end of the horizon)").format(hours=hours)
    text = _("{hours} more of its own {service} ({store})")
    said = text.format(hours=hours, service=words(group.service), store=_buffer(group))
    return trial.saving(said, more(steps))


def _buffer(group: Group) -> str:
    return store_words(group) or _("backup")


def _by_supplier(trial: _Trial, group: Group, outcome: Outcome, words: Words) -> Saving | None:
    """Try the nearest assets of the suppliers' types that are never lost."""
    assets = trial.world.assets
    types = {assets[s.asset_id].asset_type for s in group.suppliers}
    known = {group.consumer_id, *(s.asset_id for s in group.suppliers)}
    others = [
        asset
        for asset in assets.values()
        if asset.asset_type in types and asset.asset_id not in known | outcome.assets.keys()
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

    ``holds`` is true up to some n and false beyond: more of a good thing never hurts.
    """
    if most < 0 or not holds(0):
        return None
    low, high = 0, most + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
