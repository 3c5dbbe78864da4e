"""The outcome of a run of the compiled engine, read from its arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

import numpy as np

from models.cascade.arrays import Array
from models.cascade.joined import joined
from models.cascade.timed.arrays import ROW_KINDS, Live
from models.cascade.timed.prepared import Prepared
from models.outcome import STATES, AssetOutcome, Deadlock, Outcome, StateChange, Supply, TraceRow

_Steps = list[tuple[int, float]]
_Key = TypeVar("_Key")


def outcome_of(
    prepared: Prepared, live: Live, deadlocks: tuple[Array, ...], horizon_ms: int
) -> Outcome:
    """Return the outcome of a run that has just ended.

    Parameters
    ----------
    prepared
        World that the run was computed on.
    live
        Its state at the horizon, traced.
    deadlocks
        As ``RunState.deadlocks`` returns them.
    horizon_ms
        When the run stopped, in ms.
    """
    trace = _trace(prepared, live)
    levels: dict[str, _Steps] = {}
    delivery: dict[tuple[str, str], _Steps] = {}
    links: dict[str, _Steps] = {}
    first_fall: dict[str, TraceRow] = {}
    for row in trace:
        if row.asset is None:
            _step(links, row.link or "", row)
            continue
        if row.after < row.before and row.asset not in first_fall:
            first_fall[row.asset] = row
        if row.service is None:
            _step(levels, row.asset, row)
        else:
            _step(delivery, (row.asset, row.service), row)
    states = _states(prepared, live)
    delivers = _Deliveries(prepared, live, sorted(first_fall))
    assets = {}
    for asset, level, at_end, in_networks in delivers:
        courses = [levels.get(asset), *(delivery.get((asset, name)) for name in in_networks)]
        row = first_fall[asset]
        assets[asset] = AssetOutcome(
            level,
            at_end,
            # never displayed as anything else: it fell and returned within one instant
            states[asset][-1].state if asset in states else "working",
            row.t_ms,
            _down_ms([course for course in courses if course], horizon_ms),
            row.order,
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
    arrays, networks = prepared.arrays, prepared.networks
    n = len(arrays.ids)
    rows = live.rows[: live.tally[0]["rows"]]
    pool = live.pool[: live.tally[0]["pool"]].tolist()
    net = prepared.fixed.slot["net"]
    columns = (
        rows[name].tolist()
        for name in ("t", "value", "asset", "link", "before", "after", "kind", "group", "order")
    )
    causes_of: dict[tuple[int, int], tuple[int, ...]] = {}
    spans = zip(rows["because"].tolist(), rows["n_because"].tolist(), strict=True)
    trace = []
    for row, (t, value, asset, link, before, after, kind, group, order, span) in enumerate(
        zip(*columns, spans, strict=True)
    ):
        because = causes_of.get(span)
        if because is None:
            because = causes_of[span] = tuple(pool[span[0] : span[0] + span[1]])
        trace.append(
            TraceRow(
                row,
                t,
                arrays.ids[asset] if asset >= 0 else None,
                before,
                after,
                ROW_KINDS[kind],
                arrays.group_ids[group] if group >= 0 else None,
                because,
                order,
                networks.link_ids[link] if link >= 0 else None,
                networks.services[net[value - n]] if value >= n else None,
            )
        )
    return tuple(trace)


def _states(prepared: Prepared, live: Live) -> dict[str, tuple[StateChange, ...]]:
    """Follow each asset's list of states back from the last."""
    arrays = prepared.arrays
    shown = live.shown[: live.tally[0]["shown"]]
    changes = list(
        map(
            StateChange,
            shown["t"].tolist(),
            (STATES[state] for state in shown["state"].tolist()),
            shown["level"].tolist(),
            shown["delivered"].tolist(),
            (end if end >= 0 else None for end in shown["deadline"].tolist()),
            (arrays.group_ids[group] if group >= 0 else None for group in shown["group"].tolist()),
            shown["locked"].astype(bool).tolist(),
        )
    )
    before = shown["before"].tolist()
    last = live.asset["shown"]
    # few of very many assets change: visiting all in the order of their ids is slower
    moved = np.flatnonzero(last >= 0)
    named = zip(map(arrays.ids.__getitem__, moved.tolist()), last[moved].tolist(), strict=True)
    states = {}
    for asset, newest in sorted(named):
        at, steps = before[newest], [changes[newest]]
        while at >= 0:
            steps.append(changes[at])
            at = before[at]
        states[asset] = tuple(reversed(steps))
    return states


class _Deliveries:
    """What assets deliver of each service at the end."""

    def __init__(self, prepared: Prepared, live: Live, assets: Sequence[str]) -> None:
        self._prepared, self._value, self._assets = prepared, live.value, assets
        #: deliveries of assets outside link networks, by what they provide and their level
        self._alike: dict[tuple[tuple[str, ...], float], dict[str, float]] = {}

    def __iter__(self) -> Iterator[tuple[str, float, Mapping[str, float], Sequence[str]]]:
        """Yield each asset with its level, what it delivers, and its networks' services."""
        arrays, fixed = self._prepared.arrays, self._prepared.fixed
        numbers = np.array([arrays.number[asset] for asset in self._assets], np.int64)
        first, end = (fixed.asset[name][numbers].tolist() for name in ("first_slot", "end_slot"))
        levels = self._value[numbers].tolist()
        for asset, a, level, slots in zip(
            self._assets, numbers.tolist(), levels, zip(first, end, strict=True), strict=True
        ):
            if slots[0] == slots[1]:
                yield asset, level, self._alone(self._prepared.provides[a], level), ()
            else:
                yield asset, level, *self._in_networks(a, level, slots)

    def _alone(self, provides: tuple[str, ...], level: float) -> Mapping[str, float]:
        levels = self._alike.get((provides, level))
        if levels is None:
            levels = self._alike[provides, level] = dict.fromkeys(sorted(provides), level)
        return levels

    def _in_networks(
        self, a: int, level: float, slots: tuple[int, int]
    ) -> tuple[Mapping[str, float], Sequence[str]]:
        fixed, n = self._prepared.fixed, len(self._prepared.arrays.ids)
        services = self._prepared.networks.services
        at = {services[fixed.slot[s]["net"]]: n + s for s in fixed.slots[slice(*slots)].tolist()}
        every = sorted({*self._prepared.provides[a], *at})
        reached = {name: float(self._value[at[name]]) if name in at else level for name in every}
        return reached, sorted(at)


def _step(courses: dict[_Key, _Steps], key: _Key, row: TraceRow) -> None:
    """Add a row to the course of its asset or link."""
    steps = courses.get(key)
    if steps is None:
        steps = courses[key] = [(0, 1.0)]
    if steps[-1][0] == row.t_ms:
        steps.pop()
    steps.append((row.t_ms, row.after))


def _down_ms(courses: list[_Steps], horizon_ms: int) -> int:
    """Return the ms at level 0 or delivering 0 in a link network."""
    if len(courses) == 1:
        down, until = 0, horizon_ms
        for since, level in reversed(courses[0]):
            if level <= 0:
                down += until - since
            until = since
        return down
    times = sorted({t for course in courses for t, _ in course} | {horizon_ms})
    return sum(
        until - since
        for since, until in pairwise(times)
        if any(_at(course, since) <= 0 for course in courses)
    )


def _at(course: _Steps, t: int) -> float:
    return next(level for since, level in reversed(course) if since <= t)


def _deadlocks(prepared: Prepared, arrays: tuple[Array, ...]) -> tuple[Deadlock, ...]:
    assets, starts, pairs, pair_starts, became, freed = arrays
    from models.cascade.timed.deadlock_kernels import NOT_MADE, SMALLEST

    ids, fixed = prepared.arrays.ids, prepared.fixed
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
    return joined(made, ((int(one), int(other)) for one, other in freed.reshape(-1, 2)))
