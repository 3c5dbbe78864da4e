"""Choice of the set of causes to explain first, its chain, and its words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.explain.causes import Case, Causes, Set
from models.explain.reruns import TOLERANCE
from models.hazards.kinds import KINDS
from models.outcome import TraceRow
from models.units import to_ms
from models.wording import _, n_

#: Beyond this many names, the rest is given as a number.
MOST_NAMES = 4


@dataclass(frozen=True, slots=True)
class Teller:
    """Words for the sets of events that suffice for a loss.

    ``first``: the set whose chain is shown; None if only the trace is available. ``others``: the
    further sets that the viewer may see.
    """

    case: Case
    first: Set | None
    others: tuple[Set, ...] = ()
    cut: bool = False

    def together(self) -> str:
        """Return the names of events that act only together; empty if one is enough."""
        return self._set_words(self.first) if self.first and len(self.first) > 1 else ""

    def otherwise(self, *, hit_itself: bool) -> str:
        """Return the sentence about other sufficient sets; empty if there are none."""
        if not self.others or not self.first:
            return ""
        rest = [self._set_words(chosen) for chosen in self.others]
        if hit_itself:
            text = n_(
                " It would have fallen without that: {causes} would be enough.",
                " It would have fallen without that: each of these would be enough: {causes}.",
                len(rest),
            )
            return text.format(causes=self._listed(rest))
        every = [self._set_words(self.first), *rest]
        if len(every) == 2 and not self.cut:
            text = _(" Either of these is enough: {one}, or {other}.")
            return text.format(one=every[0], other=every[1])
        return _(" Each of these is enough: {causes}.").format(causes=self._listed(every))

    def _listed(self, parts: Sequence[str]) -> str:
        more = len(parts) - MOST_NAMES
        shown = list(parts[:MOST_NAMES])
        if more > 0:
            shown.append(n_("{n} more", "{n} more", more).format(n=more))
        elif self.cut:
            shown.append(_("perhaps more"))
        return "; ".join(shown)

    def _set_words(self, chosen: Set) -> str:
        """Return the names of the things that a set of events hits."""
        names = list(dict.fromkeys(event_label(self.case, number) for number in sorted(chosen)))
        if len(names) == 1:
            return names[0]
        if len(names) == 2:
            return _("both {one} and {other}").format(one=names[0], other=names[1])
        more = len(names) - MOST_NAMES
        if more > 0:
            names = [*names[:MOST_NAMES], n_("{n} more", "{n} more", more).format(n=more)]
        return _("{names} and {last} together").format(names=", ".join(names[:-1]), last=names[-1])


def teller(case: Case, asset: str, causes: Causes) -> Teller:
    """Choose the first set: a hit on the asset itself, else the smallest; visible ones first.

    The number of hidden causes is never revealed.

    Parameters
    ----------
    case
        The scenario and its outcome.
    asset
        Id of the asset that is explained.
    causes
        The smallest sets of events that suffice for its loss.
    """
    seen = [chosen for chosen in causes.sets if not _hides(case, chosen)]
    ranked = sorted(
        seen or causes.sets[:1], key=lambda s: (not _is_own(case, asset, s), len(s), sorted(s))
    )
    if not ranked:
        return Teller(case, None)
    if not seen:
        return Teller(case, ranked[0])
    return Teller(case, ranked[0], tuple(ranked[1:]), causes.cut)


def event_label(case: Case, number: int) -> str:
    """Return the name of the thing that an event hits."""
    event, world = case.scenario.events[number], case.shown
    if event.link is not None:
        return world.links[event.link].name or event.link
    if event.hazard is not None:
        kind = KINDS.get(event.hazard)
        return _(kind.label) if kind else event.hazard.replace("_", " ")
    if event.do == "attack":
        return _("the attack")
    if event.sector is not None:
        return event.sector.replace("_", " ")
    return world.label(event.asset or "")


def _hides(case: Case, chosen: Set) -> bool:
    unseen = case.shown.unseen
    events = (case.scenario.events[number] for number in chosen)
    return any(e.asset in unseen or e.link in unseen for e in events)


def _is_own(case: Case, asset: str, chosen: Set) -> bool:
    return bool(chosen) and all(any(p.asset == asset for p in case.parts(n)) for n in chosen)


@dataclass(frozen=True, slots=True)
class Shown:
    """A falling row, and the rows from the initiating one to it; ``trace`` is theirs."""

    row: TraceRow
    chain: Sequence[TraceRow]
    trace: Sequence[TraceRow]


def shown_chain(case: Case, row: TraceRow, first: Set | None) -> Shown:
    """Return the row to explain, and the chain of rows from the initiating one to it.

    The first set alone causes each row, so the chain passes the test. If only another fall of the
    asset at that moment passes, that one is explained instead. A row of the trace may hide a
    second reason of the same moment; then the chain is that of a run of the first set alone. If
    that loses the asset at another moment, no reason is given.

    Parameters
    ----------
    case
        The scenario and its outcome.
    row
        The trace row to explain.
    first
        The set of events named first; None for the chain of all events.
    """
    shown = _in_trace(case, row, first)
    if first is None or _begins_with(case, shown.chain, first):
        return shown
    return _alone(case, row, first) or Shown(shown.row, [shown.row], shown.trace)


def _in_trace(case: Case, row: TraceRow, first: Set | None) -> Shown:
    trace = case.outcome.trace
    last = max(r.row for r in trace if (r.asset, r.t_ms) == (row.asset, row.t_ms))
    standing = case.standing(trace[last], first) if first is not None else set()

    def stands(trace_row: TraceRow) -> bool:
        return not standing or trace_row.row in standing

    if not stands(row):
        others = [r for r in trace if (r.asset, r.t_ms) == (row.asset, row.t_ms) and
                  r.after < r.before and stands(r)]  # fmt: skip
        row = min(others, key=lambda r: (r.after, r.service or ""), default=row)
    return Shown(row, _chain_to(row, trace, stands), trace)


def _begins_with(case: Case, chain: Sequence[TraceRow], first: Set) -> bool:
    """Whether a chain begins with a hit of a set of events, or without any."""
    root = chain[0]
    if not is_hit(root):
        return True
    parts = (part for number in first for part in case.parts(number))
    begun = {(part.asset, part.link, to_ms(part.at_h)) for part in parts}
    return (root.asset, root.link, root.t_ms) in begun


def _alone(case: Case, row: TraceRow, first: Set) -> Shown | None:
    """Return the fall in a run of a set of events alone; None if it falls at another moment."""
    trace = case.reruns.outcome(first).trace
    falls = [r for r in trace if (r.asset, r.t_ms) == (row.asset, row.t_ms) and r.after < r.before]
    lowest = min(falls, key=lambda r: (r.after, r.service or ""), default=None)
    if lowest is None or lowest.after > row.after + TOLERANCE:
        return None
    return Shown(lowest, _chain_to(lowest, trace, lambda _row: True), trace)


def _chain_to(
    row: TraceRow, trace: Sequence[TraceRow], stands: Callable[[TraceRow], bool]
) -> list[TraceRow]:
    chain = [row]
    while chain[-1].because:
        earlier = [trace[r] for r in chain[-1].because]
        passing = [r for r in earlier if stands(r)]
        if not passing:
            break
        chain.append(max(passing, key=lambda r: (r.order, -r.row)))
    chain.reverse()
    return _without_repeats(chain)


def is_hit(row: TraceRow) -> bool:
    """Whether a falling row is damage: of one moment with a repair, it may be called a repair."""
    return row.kind in ("direct", "common-cause") or (
        row.kind in ("repair", "restart") and row.group is None and row.after < row.before
    )


def _without_repeats(chain: Sequence[TraceRow]) -> list[TraceRow]:
    """Remove repeats: of two consecutive rows of one asset, the first is kept."""
    return [
        here
        for before, here in zip([None, *chain], chain, strict=False)
        if before is None or (before.asset, before.link) != (here.asset, here.link)
    ]
