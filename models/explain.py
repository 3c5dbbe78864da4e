"""Why an asset is lost, in one sentence back to the initiating event, and what would have kept it.

Nothing here decides what fails: sentences are read off the trace, and every change that is said
to have kept an asset was run through the engine with the same scenario.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from models.cascade.reference import run
from models.nearby import nearest_first
from models.outcome import Outcome, RowKind, StateChange, TraceRow
from models.scenario import Event, Measure, Scenario
from models.units import MS_PER_HOUR, hours_text, to_hours, to_ms
from models.world import Group, World

#: Changes are looked for in steps of this long, so that people can say them.
STEP_MS = MS_PER_HOUR // 4
#: How many alternative suppliers are tried, nearest first.
SUPPLIERS_TRIED = 3

Words = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Step:
    """One link of the chain from the initiating event to the asset, earliest first."""

    row: int
    t_ms: int
    kind: RowKind
    asset: str | None
    link: str | None
    service: str | None
    group: Group | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one asset is, was or will be lost. ``chain`` is empty where it never is."""

    asset: str
    sentence: str
    chain: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Saving:
    """One change that would have kept the asset; ``until_ms`` if only for longer, not throughout.

    Exactly one of ``event`` and ``measure`` is set: what to add to the scenario to try it.
    """

    text: str
    event: Event | None = None
    measure: Measure | None = None
    until_ms: int | None = None


def plain_words(service: str) -> str:
    """Return a service id as words; callers with a table of labels pass their own."""
    return service.replace("_", " ")


# -- why ---------------------------------------------------------------------------------------


def why(
    world: World,
    outcome: Outcome,
    asset_id: str,
    at_ms: int | None = None,
    words: Words = plain_words,
) -> Explanation:
    """Explain the loss that holds at ``at_ms``, else the next one, else that there is none.

    Parameters
    ----------
    at_ms
        The clock's hour; None for the first loss of the whole run.
    words
        Service id → what people call it.
    """
    row = _loss_row(outcome, asset_id, at_ms)
    if row is None:
        return Explanation(asset_id, _no_loss(world, outcome, asset_id, at_ms, words))
    chain = tuple(_step(world, r) for r in _chain(outcome, row))
    tense = "will be lost" if at_ms is not None and row.t_ms > at_ms else ""
    return Explanation(asset_id, _sentence(world, outcome, row, chain, words, tense), chain)


def _loss_row(outcome: Outcome, asset_id: str, at_ms: int | None) -> TraceRow | None:
    falls = [r for r in outcome.trace if r.asset == asset_id and r.after < r.before]
    if at_ms is None:
        return falls[0] if falls else None
    past = [row for row in falls if row.t_ms <= at_ms]
    # an asset's own fall says more than the fall of its delivery at the same moment
    past.sort(key=lambda row: (row.t_ms, row.service is None))
    if past and not _is_back(outcome, past[-1], at_ms):
        return past[-1]
    return next((row for row in falls if row.t_ms > at_ms), past[-1] if past else None)


def _is_back(outcome: Outcome, fall: TraceRow, at_ms: int) -> bool:
    since = [
        row
        for row in outcome.trace[fall.row + 1 :]
        if (row.asset, row.service) == (fall.asset, fall.service) and row.t_ms <= at_ms
    ]
    return bool(since) and since[-1].after >= 1


def _chain(outcome: Outcome, row: TraceRow) -> list[TraceRow]:
    """Return the rows from the initiating one to ``row``, one per asset or link."""
    chain = [row]
    while chain[-1].because:
        earlier = (outcome.trace[r] for r in chain[-1].because)
        chain.append(max(earlier, key=lambda r: (r.order, -r.row)))
    chain.reverse()
    # where an asset stands twice in a row, its first row tells more: hit, then not delivering
    return [
        here
        for before, here in zip([None, *chain], chain, strict=False)
        if before is None or (before.asset, before.link) != (here.asset, here.link)
    ]


def _step(world: World, row: TraceRow) -> Step:
    group = world.groups.get(row.group) if row.group else None
    service = group.service if group else row.service
    if row.link is not None:
        service = world.links[row.link].service
    return Step(row.row, row.t_ms, row.kind, row.asset, row.link, service, group)


def step_label(world: World, step: Step) -> str:
    """Return the name of the asset or link of a step."""
    if step.link is not None:
        return world.links[step.link].name or step.link
    return world.label(step.asset or "")


def _sentence(
    world: World,
    outcome: Outcome,
    row: TraceRow,
    chain: tuple[Step, ...],
    words: Words,
    tense: str,
) -> str:
    name, at = world.label(row.asset or ""), hours_text(row.t_ms)
    what = "lost" if row.after <= 0 else f"down to {row.after * 100:.0f} %"
    opening = f"{name} will be {what} at {at}" if tense else f"{name} is {what} since {at}"
    if row.kind in ("direct", "common-cause"):
        return f"{opening}: it was hit itself."
    reason = _reason(world, chain, words)
    if row.kind == "delivery" or (row.kind == "initial" and row.service):
        service = words(row.service or "")
        if row.after > 0:
            return f"{opening}: the {service} left in its part of the network is short{reason}."
        return (
            f"{opening}: it is intact, but no path is left to a working {service} source{reason}."
        )
    group = world.groups[row.group or ""]
    service = words(group.service)
    if row.kind == "initial" and not reason:
        return f"{opening}: nothing in this world supplies its {service}."
    if group.autonomy_h > 0:
        since = max((outcome.trace[r].t_ms for r in row.because), default=0)
        buffer = group.buffer or "its backup"
        buffer = f"its {buffer}" if group.buffer else buffer
        return (
            f"{opening}: without {service} since {hours_text(since)}{reason}; {buffer} "
            f"{'lasts' if tense else 'lasted'} {hours_text(row.t_ms - since)}."
        )
    return f"{opening}: no {service}{reason}; it has no backup for that."


def _reason(world: World, chain: tuple[Step, ...], words: Words) -> str:
    """Return `` because …``: who failed it, and what began it."""
    if len(chain) < 2:
        return ""
    root, direct = chain[0], chain[-2]
    began = _began(world, root, words)
    if len(chain) == 2:
        return f" because {began}"
    return f" because {step_label(world, direct)} failed after {began}"


def _began(world: World, root: Step, words: Words) -> str:
    label = step_label(world, root)
    if root.kind in ("direct", "common-cause"):
        return f"{label} was hit"
    return f"{label} has no {words(root.service or 'supply')} from the start"


def _no_loss(world: World, outcome: Outcome, asset_id: str, at_ms: int | None, words: Words) -> str:
    name = world.label(asset_id)
    now = state_at(outcome, asset_id, at_ms or 0)
    if now is not None and now.state == "backup" and now.deadline_ms is not None and now.group:
        service = words(world.groups[now.group].service)
        left = hours_text(now.deadline_ms - (at_ms or 0))
        return f"{name} works on backup: no {service}, {left} left. It is served again in time."
    if asset_id in world.hidden:
        needs = [n for n in world.unknown_needs if n.asset_id == asset_id and n.hides_state]
        services = ", ".join(sorted({words(need.service) for need in needs}))
        return f"Nobody has told us who supplies {name} with {services}: its state is unknown."
    return f"{name} keeps working: nothing it needs is lost in this scenario."


def state_at(outcome: Outcome, asset_id: str, at_ms: int) -> StateChange | None:
    """Return how the asset is shown at ``at_ms``; None while it is plainly working."""
    past = [change for change in outcome.states.get(asset_id, ()) if change.t_ms <= at_ms]
    return past[-1] if past else None


# -- what would have kept it -------------------------------------------------------------------


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
    words
        Service id → what people call it.
    feeder_types
        Types of asset that could feed a network by themselves; only those of known capacity are
        tried.
    """
    row = _loss_row(outcome, asset_id, None)
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
    by = f"by {hours_text(at)}" if at else "at once"
    return trial.saving(f"an emergency supply of {words(group.service)}, in place {by}", event)


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
    step = _step(trial.world, root)
    label, by = step_label(trial.world, step), hours_text(root.t_ms + steps * STEP_MS)
    return trial.saving(f"{label} repaired by {by}{_earlier(trial, root, steps)}", repair(steps))


def _earlier(trial: _Trial, root: TraceRow, steps: int) -> str:
    """Return how much earlier than the scenario's own repair that is."""
    planned = [
        event.at_h
        for event in trial.scenario.events
        if event.do == "repair" and (event.asset, event.link) == (root.asset, root.link)
    ]
    if not planned:
        return ""
    gain = round(min(planned) * MS_PER_HOUR) - (root.t_ms + steps * STEP_MS)
    return f" ({hours_text(gain)} earlier)" if gain > 0 else ""


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
        hours = f"{hours} (to the end of what is looked at)"
    return trial.saving(
        f"{hours} more of its own {words(group.service)} ({_buffer(group)})", more(steps)
    )


def _buffer(group: Group) -> str:
    return group.buffer or "backup"


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
        text = f"a second supplier of {words(group.service)}: {name}"
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
        text = f"{trial.world.label(plant.asset_id)} able to run islanded ({words(service)})"
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
