"""Why an asset is lost, in words back to the initiating events that caused it.

Nothing here decides what fails: sentences come from the trace, and each event they name passes the
NESS test (``models/explain/causes.py``). Changes that would have kept the asset are in
``models/explain/savings.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from models.explain.causes import Case, Causes
from models.explain.telling import Shown, Teller, is_hit, shown_chain, teller
from models.outcome import Outcome, RowKind, StateChange, TraceRow
from models.units import hours_text, to_ms
from models.wording import N_, _, p_
from models.world import Group, World

Words = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class ChainStep:
    """One link of the chain from the initiating event to the asset, earliest first.

    ``row`` is its place in the trace, or in that of a run of its causes alone. ``unseen``: the
    label of a redacted step; everything else about it is left out.
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
    """Why one asset is, was or will be lost. ``chain`` is empty if it never is."""

    asset: str
    sentence: str
    chain: tuple[ChainStep, ...] = ()


def plain_words(service: str) -> str:
    """Return a service id as words, for callers without a table of labels."""
    return service.replace("_", " ")


def why(
    case: Case, asset_id: str, at_ms: int | None = None, words: Words = plain_words
) -> Explanation:
    """Explain the loss in effect at ``at_ms``, else the next one, else say that there is none.

    Parameters
    ----------
    case
        The scenario and its outcome.
    asset_id
        Who is lost.
    world, outcome
        The world, and what came of a scenario in it.
    asset_id
        Whose loss is explained.
    at_ms
        The clock's hour; None for the first loss of the whole run.
    words
        Service id → what people call it.
    """
    row = loss_row(case.outcome, asset_id, at_ms)
    if row is None:
        return Explanation(asset_id, _no_loss(case, asset_id, at_ms, words))
    return explained(case, row, case.causes(row), words, at_ms=at_ms)


def explained(
    case: Case, row: TraceRow, causes: Causes, words: Words = plain_words, *, at_ms: int | None
) -> Explanation:
    """Explain a falling row by the sets of events that suffice for it.

    Parameters
    ----------
    case
        The scenario and its outcome.
    row
        The fall.
    causes
        The smallest sets of events that suffice.
    words
        Service id → what people call it.
    at_ms
        The clock's hour; a later row is described in the future tense.
    """
    text = teller(case, row.asset or "", causes)
    shown = shown_chain(case, row, text.first)
    chain = tuple(step_of(case.shown, r) for r in shown.chain)
    ahead = at_ms is not None and row.t_ms > at_ms
    sentence = _Sentence(case, shown, chain, text, words, ahead).text()
    return Explanation(row.asset or "", sentence, chain)


def loss_row(outcome: Outcome, asset_id: str, at_ms: int | None) -> TraceRow | None:
    """Return the fall in effect at ``at_ms``, else the next; the first of all for None.

    Of several at a moment, the one to the lowest level; an asset's level takes precedence over its
    deliveries.

    Parameters
    ----------
    outcome
        The outcome of the run.
    asset_id
        Id of the asset.
    at_ms
        The hour, in ms; None: any.
    """
    rows = [row for row in outcome.trace if row.asset == asset_id]
    falls = [row for row in rows if row.after < row.before]
    if at_ms is None:
        return _lowest(falls)
    holding = []
    for service in {row.service for row in falls}:
        course = [row for row in rows if row.service == service and row.t_ms <= at_ms]
        if course and course[-1].after < 1:
            last = [row for row in course if row.after < row.before][-1]
            holding.append((course[-1].after, last.t_ms, service or "", last))
    if holding:
        return min(holding)[-1]
    ahead = [row for row in falls if row.t_ms > at_ms]
    past = [row for row in falls if row.t_ms <= at_ms]
    return _lowest(ahead) or (past[-1] if past else None)


def _lowest(falls: Sequence[TraceRow]) -> TraceRow | None:
    """Return the fall of the first moment that leads to the lowest level."""
    first = [row for row in falls if row.t_ms == falls[0].t_ms]
    last = {row.service: row for row in first}
    return min(last.values(), key=lambda row: (row.after, row.service or ""), default=None)


def step_of(world: World, row: TraceRow) -> ChainStep:
    """Return a trace row as a step of a chain."""
    group = world.groups.get(row.group) if row.group else None
    service = group.service if group else row.service
    if row.link is not None:
        service = world.links[row.link].service
    kind = "direct" if is_hit(row) and row.kind != "common-cause" else row.kind
    return ChainStep(row.row, row.t_ms, kind, row.asset, row.link, service, group)


def step_label(world: World, step: ChainStep) -> str:
    """Return the name of the asset or link of a step."""
    if step.link is not None:
        return world.links[step.link].name or step.link
    return world.label(step.asset or "")


def since_ms(case: Case, row: TraceRow, trace: Sequence[TraceRow]) -> tuple[int, bool]:
    """Return when the group of a row last became unserved, and whether a supply ended then.

    Parameters
    ----------
    case
        The scenario and its outcome.
    row
        A fall by a group.
    trace
        The trace that it is of.
    """
    group = case.world.groups[row.group or ""]
    since = max((trace[r].t_ms for r in row.because), default=0)
    mine = [
        (to_ms(e.at_h), to_ms(e.until_h))
        for e in case.scenario.events
        if e.do == "supply"
        and (e.asset, e.service) == (group.consumer_id, group.service)
        and e.until_h is not None
        and e.until_h > e.at_h
    ]
    ends = [end for _begin, end in mine if since < end <= row.t_ms]
    return (max(ends), True) if ends else (since, False)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """The sentence about a falling row."""

    case: Case
    shown: Shown
    chain: tuple[ChainStep, ...]
    teller: Teller
    words: Words
    ahead: bool

    @property
    def row(self) -> TraceRow:
        return self.shown.row

    def text(self) -> str:
        opening, row = self._opening(), self.row
        if is_hit(row):
            met = _met(self.case, row)
            text = _("{opening}: {met}.") if met else _("{opening}: it was hit itself.")
            hit = text.format(opening=opening, met=met)
            return hit + self.teller.otherwise(hit_itself=True)
        if row.kind == "delivery" or (row.kind == "initial" and row.service):
            found = self._delivery(opening)
        else:
            found = self._group(opening)
        return found + self.teller.otherwise(hit_itself=False)

    def _delivery(self, opening: str) -> str:
        if self.row.after > 0:
            text = _("{opening}: the {service} left in its part of the network is short{reason}.")
        else:
            text = _(
                "{opening}: it is intact, but no path is left to a working {service} source"
                "{reason}."
            )
        service = self.words(self.row.service or "")
        return text.format(opening=opening, service=service, reason=self._reason())

    def _group(self, opening: str) -> str:
        group, reason = self.case.shown.groups[self.row.group or ""], self._reason()
        fields = {"opening": opening, "service": self.words(group.service), "reason": reason}
        since, is_end = since_ms(self.case, self.row, self.shown.trace)
        if self.row.kind == "initial" and not reason:
            return _("{opening}: nothing in this world supplies its {service}.").format(**fields)
        if self.row.t_ms > since:
            text = _STORED[self.ahead, is_end]
            hours = hours_text(self.row.t_ms - since)
            fields |= {"since": hours_text(since), "hours": hours}
            return _(text).format(**fields, store=store_words(group) or _("backup"))
        if is_end:
            text = _("{opening}: no {service} since its emergency supply ended{reason}.")
        else:
            text = _("{opening}: no {service}{reason}; it has no backup for that.")
        return text.format(**fields)

    def _opening(self) -> str:
        """Return what happens to the asset, and when."""
        row, ahead = self.row, self.ahead
        fields = {"name": self.case.shown.label(row.asset or ""), "at": hours_text(row.t_ms)}
        if row.after <= 0:
            text = _("{name} will be lost at {at}") if ahead else _("{name} is lost since {at}")
            return text.format(**fields)
        if ahead:
            text = _("{name} will be down to {share} % at {at}")
        else:
            text = _("{name} is down to {share} % since {at}")
        return text.format(**fields, share=f"{row.after * 100:.0f}")

    def _reason(self) -> str:
        """Return `` because …``: the failed suppliers, and the initiating events."""
        if len(self.chain) < 2:
            return ""
        world, root, direct = self.case.shown, self.chain[0], self.chain[-2]
        began = _began(world, root)
        together = self.teller.together() if began == "hit" else ""
        fields = {
            "name": together or step_label(world, root),
            "service": self.words(root.service) if root.service else _("supply"),
            "between": step_label(world, direct),
        }
        at_once, later = _BEGAN["together" if together else began]
        return _(at_once if len(self.chain) == 2 else later).format(**fields)


#: (is it in the future, did an emergency supply end) → sentence about a store that ran out
_STORED: Mapping[tuple[bool, bool], str] = {
    (False, False): N_(
        "{opening}: without {service} since {since}{reason}; its {store} lasted {hours}."
    ),
    (True, False): N_(
        "{opening}: without {service} since {since}{reason}; its {store} lasts {hours}."
    ),
    (False, True): N_(
        "{opening}: without {service} since its emergency supply ended at {since}{reason}; "
        "its {store} lasted {hours}."
    ),
    (True, True): N_(
        "{opening}: without {service} since its emergency supply ends at {since}{reason}; "
        "its {store} lasts {hours}."
    ),
}

#: kind of initiating event → text if it failed the asset directly, and if through others
_BEGAN: Mapping[str, tuple[str, str]] = {
    "unseen": (
        N_(" because {name} failed"),
        N_(" because {between} failed after {name} failed"),
    ),
    "hit": (
        N_(" because {name} was hit"),
        N_(" because {between} failed after {name} was hit"),
    ),
    "together": (
        N_(" because {name} were hit"),
        N_(" because {between} failed after {name} were hit"),
    ),
    "initial": (
        N_(" because {name} has no {service} from the start"),
        N_(" because {between} failed after {name} has no {service} from the start"),
    ),
}


def _met(case: Case, row: TraceRow) -> str:
    """Say what an asset met in a wide event at the moment of a row; nothing where none did it."""
    said = []
    for event in case.scenario.events:
        said += [
            hit.words
            for hit in event.hits
            if hit.asset == row.asset and hit.happens and hit.words
            and to_ms(event.at_h + hit.after_h) == row.t_ms
        ]  # fmt: skip
        if event.do == "shortage" and to_ms(event.at_h) == row.t_ms and (
            case.world.assets[row.asset or ""].sector == event.sector
        ):  # fmt: skip
            text = _("{share} % of its staff is missing")
            said.append(text.format(share=round(100 * (event.share or 0))))
    return "; ".join(dict.fromkeys(said))


def _began(world: World, root: ChainStep) -> str:
    if root.asset in world.unseen or root.link in world.unseen:
        return "unseen"
    return "hit" if root.kind in ("direct", "common-cause") else "initial"


def _no_loss(case: Case, asset_id: str, at_ms: int | None, words: Words) -> str:
    world = case.shown
    name = world.label(asset_id)
    now = state_at(case.outcome, asset_id, at_ms or 0)
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
    """Return the label of a group's store in the tables; empty without one."""
    return p_("buffer", group.buffer) if group.buffer else ""


def state_at(outcome: Outcome, asset_id: str, at_ms: int) -> StateChange | None:
    """Return the displayed state at ``at_ms``; None while the asset is working.

    Parameters
    ----------
    outcome
        The outcome of the run.
    asset_id
        Id of the asset.
    at_ms
        The hour, in ms.
    """
    past = [change for change in outcome.states.get(asset_id, ()) if change.t_ms <= at_ms]
    return past[-1] if past else None
