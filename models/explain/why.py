"""Why an asset is lost, in one sentence back to the initiating event.

Nothing here decides what fails: sentences are read off the trace. What would have kept the asset
is in ``models/explain/savings.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from models.outcome import Outcome, RowKind, StateChange, TraceRow
from models.units import hours_text
from models.wording import N_, _, p_
from models.world import Group, World

Words = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Step:
    """One link of the chain from the initiating event to the asset, earliest first.

    ``unseen``: the label of one that somebody may not see; nothing else is told of it.
    """

    row: int
    t_ms: int
    kind: RowKind
    asset: str | None
    link: str | None
    service: str | None
    group: Group | None
    unseen: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one asset is, was or will be lost. ``chain`` is empty where it never is."""

    asset: str
    sentence: str
    chain: tuple[Step, ...] = ()


def plain_words(service: str) -> str:
    """Return a service id as words; callers with a table of labels pass their own."""
    return service.replace("_", " ")


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
    world, outcome
        The world, and what came of a scenario in it.
    asset_id
        Whose loss is explained.
    at_ms
        The clock's hour; None for the first loss of the whole run.
    words
        Service id → what people call it.
    """
    row = loss_row(outcome, asset_id, at_ms)
    if row is None:
        return Explanation(asset_id, _no_loss(world, outcome, asset_id, at_ms, words))
    chain = tuple(step_of(world, r) for r in _chain(outcome, row))
    ahead = at_ms is not None and row.t_ms > at_ms
    return Explanation(asset_id, _sentence(world, outcome, row, chain, words, ahead), chain)


def loss_row(outcome: Outcome, asset_id: str, at_ms: int | None) -> TraceRow | None:
    """Return the fall that holds at ``at_ms``, else the next; the first of all for None.

    Parameters
    ----------
    outcome
        What is read.
    asset_id
        Whose fall is looked for.
    at_ms
        The hour that is looked at, in ms; None: any.
    """
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


def step_of(world: World, row: TraceRow) -> Step:
    """Return a trace row as a step of a chain."""
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
    ahead: bool,
) -> str:
    opening = _opening(world, row, ahead)
    if row.kind in ("direct", "common-cause"):
        return _("{opening}: it was hit itself.").format(opening=opening)
    reason = _reason(world, chain, words)
    if row.kind == "delivery" or (row.kind == "initial" and row.service):
        service = words(row.service or "")
        if row.after > 0:
            text = _("{opening}: the {service} left in its part of the network is short{reason}.")
        else:
            text = _(
                "{opening}: it is intact, but no path is left to a working {service} source"
                "{reason}."
            )
        return text.format(opening=opening, service=service, reason=reason)
    group = world.groups[row.group or ""]
    service = words(group.service)
    if row.kind == "initial" and not reason:
        text = _("{opening}: nothing in this world supplies its {service}.")
        return text.format(opening=opening, service=service)
    if group.autonomy_h > 0:
        since = max((outcome.trace[r].t_ms for r in row.because), default=0)
        text = _("{opening}: without {service} since {since}{reason}; its {store} lasted {hours}.")
        if ahead:
            text = _(
                "{opening}: without {service} since {since}{reason}; its {store} lasts {hours}."
            )
        return text.format(
            opening=opening,
            service=service,
            since=hours_text(since),
            reason=reason,
            store=store_words(group) or _("backup"),
            hours=hours_text(row.t_ms - since),
        )
    text = _("{opening}: no {service}{reason}; it has no backup for that.")
    return text.format(opening=opening, service=service, reason=reason)


def _opening(world: World, row: TraceRow, ahead: bool) -> str:
    """Say what becomes of the asset, and when."""
    told = {"name": world.label(row.asset or ""), "at": hours_text(row.t_ms)}
    if row.after <= 0:
        text = _("{name} will be lost at {at}") if ahead else _("{name} is lost since {at}")
        return text.format(**told)
    if ahead:
        text = _("{name} will be down to {share} % at {at}")
    else:
        text = _("{name} is down to {share} % since {at}")
    return text.format(**told, share=f"{row.after * 100:.0f}")


def _reason(world: World, chain: tuple[Step, ...], words: Words) -> str:
    """Return `` because …``: who failed it, and what began it."""
    if len(chain) < 2:
        return ""
    root, direct = chain[0], chain[-2]
    told = {
        "name": step_label(world, root),
        "service": words(root.service) if root.service else _("supply"),
        "between": step_label(world, direct),
    }
    at_once, later = _BEGAN[_began(world, root)]
    return _(at_once if len(chain) == 2 else later).format(**told)


#: what began it → said where that failed the asset itself, and where something stood between
_BEGAN: Mapping[str, tuple[str, str]] = {
    "unseen": (
        N_(" because {name} failed"),
        N_(" because {between} failed after {name} failed"),
    ),
    "hit": (
        N_(" because {name} was hit"),
        N_(" because {between} failed after {name} was hit"),
    ),
    "initial": (
        N_(" because {name} has no {service} from the start"),
        N_(" because {between} failed after {name} has no {service} from the start"),
    ),
}


def _began(world: World, root: Step) -> str:
    if root.asset in world.unseen or root.link in world.unseen:
        return "unseen"
    return "hit" if root.kind in ("direct", "common-cause") else "initial"


def _no_loss(world: World, outcome: Outcome, asset_id: str, at_ms: int | None, words: Words) -> str:
    name = world.label(asset_id)
    now = state_at(outcome, asset_id, at_ms or 0)
    if now is not None and now.state == "backup" and now.deadline_ms is not None and now.group:
        service = words(world.groups[now.group].service)
        left = hours_text(now.deadline_ms - (at_ms or 0))
        text = _("{name} works on backup: no {service}, {left} left. It is served again in time.")
        return text.format(name=name, service=service, left=left)
    if asset_id in world.hidden:
        needs = [n for n in world.unknown_needs if n.asset_id == asset_id and n.hides_state]
        services = ", ".join(sorted({words(need.service) for need in needs}))
        text = _("The data do not say who supplies {name} with {services}: its state is unknown.")
        return text.format(name=name, services=services)
    return _("{name} keeps working: nothing it needs is lost in this scenario.").format(name=name)


def store_words(group: Group) -> str:
    """Return what a group lives on for a while, as the tables call it; nothing without one."""
    return p_("buffer", group.buffer) if group.buffer else ""


def state_at(outcome: Outcome, asset_id: str, at_ms: int) -> StateChange | None:
    """Return how the asset is shown at ``at_ms``; None while it is plainly working.

    Parameters
    ----------
    outcome
        What is read.
    asset_id
        Whose state is looked for.
    at_ms
        The hour that is looked at, in ms.
    """
    past = [change for change in outcome.states.get(asset_id, ()) if change.t_ms <= at_ms]
    return past[-1] if past else None
