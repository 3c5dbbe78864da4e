"""The outcome of a run of the compiled engine, read off its arrays."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from models.cascade.engine_arrays import ROW_KINDS, Live
from models.cascade.layout import Array
from models.outcome import STATES, AssetOutcome, Deadlock, Outcome, StateChange, Supply, TraceRow

if TYPE_CHECKING:
    from models.cascade.engine import Prepared

_Steps = list[tuple[int, float]]


def outcome_of(
    prepared: Prepared, live: Live, deadlocks: tuple[Array, ...], horizon_ms: int
) -> Outcome:
    """Return the outcome of a run that has just ended."""
    trace = _trace(prepared, live)
    states = _states(prepared, live)
    levels: dict[str, _Steps] = {}
    delivery: dict[tuple[str, str], _Steps] = {}
    links: dict[str, _Steps] = {}
    first_fall: dict[str, TraceRow] = {}
    for row in trace:
        if row.asset is None:
            _step(links.setdefault(row.link or "", [(0, 1.0)]), row)
            continue
        if row.after < row.before and row.asset not in first_fall:
            first_fall[row.asset] = row
        if row.service is None:
            _step(levels.setdefault(row.asset, [(0, 1.0)]), row)
        else:
            _step(delivery.setdefault((row.asset, row.service), [(0, 1.0)]), row)
    delivers = _Deliveries(prepared, live)
    assets = {}
    for asset, row in sorted(first_fall.items()):
        a = prepared.layout.number[asset]
        at_end, in_networks = delivers.of(a)
        courses = [levels.get(asset), *(delivery.get((asset, name)) for name in in_networks)]
        assets[asset] = AssetOutcome(
            level_end=delivers.level(a),
            delivers_end=at_end,
            # what fell and came back within its only moments was never shown as anything else
            state_end=states[asset][-1].state if asset in states else "working",
            first_loss_ms=row.t_ms,
            down_ms=_down_ms([course for course in courses if course], horizon_ms),
            order=row.order,
        )
    return Outcome(
        horizon_ms=horizon_ms,
        trace=trace,
        assets=assets,
        states=states,
        levels={asset: tuple(steps) for asset, steps in sorted(levels.items())},
        delivery={key: tuple(steps) for key, steps in sorted(delivery.items())},
        link_hits={link: tuple(steps) for link, steps in sorted(links.items())},
        deadlocks=_deadlocks(prepared, deadlocks),
    )


def _trace(prepared: Prepared, live: Live) -> tuple[TraceRow, ...]:
    layout, networks = prepared.layout, prepared.networks
    n = len(layout.ids)
    rows = live.rows[: live.tally[0]["rows"]]
    pool = live.pool[: live.tally[0]["pool"]].tolist()
    net = prepared.fixed.slot["net"]
    columns = (
        rows[name].tolist()
        for name in ("t", "value", "asset", "link", "before", "after", "kind", "group", "order")
    )
    known: dict[tuple[int, int], tuple[int, ...]] = {}
    spans = zip(rows["because"].tolist(), rows["n_because"].tolist(), strict=True)
    trace = []
    for row, (t, value, asset, link, before, after, kind, group, order, span) in enumerate(
        zip(*columns, spans, strict=True)
    ):
        because = known.get(span)
        if because is None:
            because = known[span] = tuple(pool[span[0] : span[0] + span[1]])
        trace.append(
            TraceRow(
                row,
                t,
                layout.ids[asset] if asset >= 0 else None,
                before,
                after,
                ROW_KINDS[kind],
                layout.group_ids[group] if group >= 0 else None,
                because,
                order,
                networks.link_ids[link] if link >= 0 else None,
                networks.services[net[value - n]] if value >= n else None,
            )
        )
    return tuple(trace)


def _states(prepared: Prepared, live: Live) -> dict[str, tuple[StateChange, ...]]:
    """Follow each asset's list of states back from the last."""
    layout = prepared.layout
    shown = live.shown[: live.tally[0]["shown"]]
    names = ("t", "state", "level", "delivered", "deadline", "group", "locked", "before")
    entries = list(zip(*(shown[name].tolist() for name in names), strict=True))
    last = live.asset["shown"]
    found = {}
    # of very many assets few are moved: to look at all in the order of their ids takes longer
    for a in sorted(np.flatnonzero(last >= 0).tolist(), key=layout.ids.__getitem__):
        changes = []
        at = int(last[a])
        while at >= 0:
            t, state, level, delivered, deadline, group, locked, before = entries[at]
            changes.append(
                StateChange(
                    t,
                    STATES[state],
                    level,
                    delivered,
                    deadline if deadline >= 0 else None,
                    layout.group_ids[group] if group >= 0 else None,
                    bool(locked),
                )
            )
            at = before
        found[layout.ids[a]] = tuple(reversed(changes))
    return found


class _Deliveries:
    """What assets deliver of each service at the end."""

    def __init__(self, prepared: Prepared, live: Live) -> None:
        fixed = prepared.fixed
        self._prepared = prepared
        self._value = live.value
        self._first, self._end = fixed.asset["first_slot"], fixed.asset["end_slot"]

    def level(self, a: int) -> float:
        """Return the level of the asset."""
        return float(self._value[a])

    def of(self, a: int) -> tuple[dict[str, float], list[str]]:
        """Return what the asset delivers of each service, and its networks' services."""
        provides, first, end = self._prepared.provides[a], self._first[a], self._end[a]
        if first == end:
            return dict.fromkeys(sorted(provides), self.level(a)), []
        fixed, n = self._prepared.fixed, len(self._prepared.layout.ids)
        services = self._prepared.networks.services
        at = {services[fixed.slot[s]["net"]]: n + s for s in fixed.slots[first:end].tolist()}
        every = sorted({*provides, *at})
        return {service: float(self._value[at.get(service, a)]) for service in every}, sorted(at)


def _step(steps: _Steps, row: TraceRow) -> None:
    if steps[-1][0] == row.t_ms:
        steps.pop()
    steps.append((row.t_ms, row.after))


def _down_ms(courses: list[_Steps], horizon_ms: int) -> int:
    """Return the ms at level 0 or delivering 0 in a link network."""
    if len(courses) == 1:
        ends = [t for t, _ in courses[0][1:]] + [horizon_ms]
        spans = zip(courses[0], ends, strict=True)
        return sum(until - since for (since, level), until in spans if level <= 0)
    times = sorted({t for course in courses for t, _ in course} | {horizon_ms})
    return sum(
        until - since
        for since, until in pairwise(times)
        if any(_at(course, since) <= 0 for course in courses)
    )


def _at(course: _Steps, t: int) -> float:
    return next(level for since, level in reversed(course) if since <= t)


def _deadlocks(prepared: Prepared, found: tuple[Array, ...]) -> tuple[Deadlock, ...]:
    assets, starts, pairs, pair_starts, became = found
    from models.cascade.deadlock_kernels import NOT_MADE, SMALLEST

    ids, fixed = prepared.layout.ids, prepared.fixed
    made = []
    for ring, (begin, end) in enumerate(pairwise(starts.tolist())):
        breaking = []
        for pair in pairs[pair_starts[ring] : pair_starts[ring + 1]].tolist():
            g = int(fixed.pair_group[fixed.pair_ptr[pair]])
            breaking.append(Supply(ids[int(fixed.group[g]["owner"])], prepared.needs[g]))
        made.append(
            Deadlock(
                tuple(sorted(ids[a] for a in assets[begin:end].tolist())),
                tuple(breaking),
                smallest=bool(became[ring] == SMALLEST),
                searched=bool(became[ring] != NOT_MADE),
            )
        )
    return tuple(sorted(made, key=lambda one: one.assets))
