"""Prepared worlds: arrays for the kernels, settled at 0 h, and reusable states for runs."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from models import outcome
from models.cascade.arrays import F64, I32, I64, Array, WorldArrays, arrays_of
from models.cascade.timed.arrays import (
    ASSET_RESTART,
    AUTONOMY,
    EVENT,
    GROUP_RESTART,
    HIT,
    LIMIT,
    LINK_HIT,
    LINK_MEND,
    MEND,
    NEVER,
    NONE,
    REPAIR,
    SUPPLY_OFF,
    SUPPLY_ON,
    Fixed,
    Live,
    fixed_of,
    live_of,
)
from models.cascade.timed.network_arrays import NetworkArrays, network_arrays_of
from models.errors import UnknownIdError
from models.measures import with_measures
from models.scenario import Event, Measure, parts_of
from models.units import to_ms
from models.world import World

#: Initial room for trace rows; a run that needs more is repeated with more room.
_ROOM = 1024
#: How many variants of a world, by measures, are kept.
_MOST_VARIANTS = 8


def prepare(world: World, measures: tuple[Measure, ...] = ()) -> Prepared:
    """Return the prepared world with these measures, settled at 0 h.

    It is made once per world and measures; only the latest few variants of a world are kept.

    Raises
    ------
    UnknownIdError
        If a measure names what the world does not have.
    """
    by_measures = _PREPARED.get(id(world))
    if by_measures is None:
        by_measures = _PREPARED[id(world)] = {}
        weakref.finalize(world, _PREPARED.pop, id(world), None)
    prepared = by_measures.get(measures)
    if prepared is None:
        prepared = by_measures[measures] = _prepared(with_measures(world, measures))
        for old in [m for m in list(by_measures) if m][:-_MOST_VARIANTS]:
            by_measures.pop(old, None)
    return prepared


class Areas(NamedTuple):
    """The people that values serve: ``ptr`` [n + S + 1] leads to ``service`` and ``people``.

    ``base`` are the people without each service in the settled world.
    """

    ptr: I32
    service: I32
    people: F64
    base: F64


@dataclass(frozen=True, eq=False)
class Prepared:
    """A world of n assets for the kernels. Read-only: threads may share it."""

    arrays: WorldArrays
    networks: NetworkArrays
    fixed: Fixed
    settled: Live
    #: The same for compiled functions.
    ref: Any
    settled_ref: Any
    #: Whether only a repair or a supply can undo a loss.
    lasting: bool
    #: What each asset provides, and which service each group needs.
    provides: tuple[tuple[str, ...], ...]
    needs: tuple[str, ...]
    #: The assets with staff, by sector.
    staffed: Mapping[str, Sequence[str]]
    #: The services that areas are served with, sorted.
    services: tuple[str, ...]
    areas: Areas
    _spare: deque[RunState] = field(default_factory=deque)

    @contextmanager
    def run_state(self, *, tracing: bool) -> Iterator[RunState]:
        """Lend a state for a run; it is reset afterwards."""
        try:
            state = self._spare.pop()
        except IndexError:
            state = RunState(self, _room_after(self.settled))
        state.live.tally["tracing"] = tracing
        yield state
        state.clear()
        self._spare.append(state)  # not reached after an error: a half-changed state is dropped

    def table(self, events: Iterable[Event]) -> Array:
        """Return the events as a table for the kernels, sorted by time (stable).

        Raises
        ------
        UnknownIdError
            If an event names an asset or link that the world does not have.
        """
        ordered = [part for event in events for part in parts_of(event, self.staffed)]
        last_repair: dict[str, tuple[int, int]] = {}
        for number, event in enumerate(ordered):
            if event.do == "repair" and event.asset is not None:
                here = (to_ms(event.at_h), number)
                last_repair[event.asset] = max(here, last_repair.get(event.asset, here))
        rows = list(self._limit_rows(ordered))  # first: before what else happens at an instant
        for number, event in enumerate(ordered):
            here = (to_ms(event.at_h), number)
            plan = event.asset is None or last_repair.get(event.asset, here) <= here
            rows += self.rows(event, here[0], plan)
        table = np.array(rows, EVENT)
        return table[np.argsort(table["t"], kind="stable")]

    def rows(self, event: Event, at: int, plan: bool) -> Iterator[tuple[object, ...]]:
        """Return the table rows of one event.

        Parameters
        ----------
        event
            The event; its own hour is ignored.
        at
            When it happens, in ms.
        plan
            Whether a typical repair may follow; False if the scenario names a later repair.

        Raises
        ------
        UnknownIdError
            If it names an asset or link that the world does not have.
        """
        if event.do == "supply":
            yield from self._supply_rows(event, at)
        if event.asset is not None and event.do in ("fail", "degrade"):
            to = event.to if event.do == "degrade" and event.to else 0.0
            repair = NONE if event.repair_h is None else to_ms(event.repair_h)
            asset = self._asset(event.asset)
            yield at, to, repair, to_ms(event.wait_h), asset, NONE, NONE, HIT, plan
        elif event.asset is not None and event.do == "repair":
            yield at, 0.0, NONE, 0, self._asset(event.asset), NONE, NONE, MEND, False
        elif event.link is not None:
            number = self.networks.link_number.get(event.link)
            if number is None:
                raise UnknownIdError("link", event.link, self.networks.link_ids)
            kind = LINK_HIT if event.do == "fail" else LINK_MEND
            yield at, 0.0, NONE, 0, NONE, number, NONE, kind, False

    def _limit_rows(self, events: Iterable[Event]) -> Iterator[tuple[object, ...]]:
        """Yield, by asset, each moment at which the most that it can do becomes another."""
        limits: dict[str, list[tuple[int, int, float]]] = {}
        for event in events:
            if event.do == "limit" and event.asset is not None and event.to is not None:
                until = NEVER if event.until_h is None else to_ms(event.until_h)
                limits.setdefault(event.asset, []).append((to_ms(event.at_h), until, event.to))
        for asset_id, spans in limits.items():
            asset, before = self._asset(asset_id), 1.0
            for now in sorted({t for at, until, _ in spans for t in (at, until) if t < NEVER}):
                limit = min((to for at, until, to in spans if at <= now < until), default=1.0)
                if limit != before:
                    yield now, limit, NONE, 0, asset, NONE, NONE, LIMIT, False
                before = limit

    def _supply_rows(self, event: Event, at: int) -> Iterator[tuple[object, ...]]:
        until = None if event.until_h is None else to_ms(event.until_h)
        if event.asset is None or (until is not None and until <= at):
            return
        asset = self._asset(event.asset)
        for g in range(self.arrays.group_ptr[asset], self.arrays.group_ptr[asset + 1]):
            if self.needs[g] == event.service:
                pair = int(self.fixed.group[g]["pair"])
                yield at, 0.0, NONE, 0, NONE, NONE, pair, SUPPLY_ON, False
                if until is not None:
                    yield until, 0.0, NONE, 0, NONE, NONE, pair, SUPPLY_OFF, False
                return

    def _asset(self, asset_id: str) -> int:
        number = self.arrays.number.get(asset_id)
        if number is None:
            raise UnknownIdError("asset", asset_id, self.arrays.ids)
        return number


class RunState:
    """State of one run at a time, with buffers reused from run to run."""

    def __init__(self, prepared: Prepared, room: int) -> None:
        self.prepared = prepared
        self._take(room)
        self._table: Array = np.zeros(0, EVENT)

    def _take(self, room: int) -> None:
        from models.cascade.compile.refs import Ref

        self.room = room
        self.live = copy_of(self.prepared.fixed, self.prepared.settled, room)
        self.live.tally["anew"] = 1  # the greatest fixed point is not copied
        self.ref = Ref(self.live)
        self._best_live: Live | None = None
        self._best: Any = None

    def play(self, table: Array, typical: bool, horizon_ms: int, *, last: bool = True) -> None:
        """Run the events, starting from the current state.

        Parameters
        ----------
        table
            Events, as ``Prepared.table`` returns them.
        typical
            Whether damage is repaired in its typical time.
        horizon_ms
            When to stop, in ms, inclusive.
        last
            Whether nothing is run after that: assets that cannot return are then skipped.
        """
        from models.cascade.timed.kernels import cascade

        self._table = table
        final = last and self._is_final(table, typical)
        while True:
            cascade(self.prepared.ref, self.ref, self.best, table, typical, final, horizon_ms)
            if not self._full():
                return
            tracing = int(self.live.tally[0]["tracing"])
            self._take(4 * self.room)
            self.live.tally["tracing"] = tracing

    def _is_final(self, table: Array, typical: bool) -> bool:
        """Whether nothing lost can return and no trace is written."""
        hits = (table["kind"] == HIT) | (table["kind"] == LINK_HIT)
        tracing = self.live.tally[0]["tracing"]
        return bool(self.prepared.lasting and not typical and not tracing and hits.all())

    def _full(self) -> bool:
        """Whether some list was too short."""
        lists = [self.live] if self._best_live is None else [self.live, self._best_live]
        return any(bool(live.tally[0]["full"]) for live in lists)

    @property
    def best(self) -> Any:
        """Return the greatest fixed point, which decides what is stuck."""
        if not self.live.tally[0]["tracing"]:
            return self.ref
        if self._best is None:
            from models.cascade.compile.refs import Ref
            from models.cascade.timed.state_kernels import make_whole

            self._best_live = live_of(self.prepared.fixed, self.room)
            self._best = Ref(self._best_live)
            make_whole(self.prepared.ref, self._best)
        return self._best

    def deadlocks(self) -> tuple[Array, ...]:
        """Return rings of stuck assets and their breaking sets, as ``deadlock_kernels`` does."""
        from models.cascade.timed.deadlock_kernels import deadlocks

        limits = outcome.MOST_SETS_TRIED, outcome.MOST_TRIES
        arrays: tuple[Array, ...] = deadlocks(self.prepared.ref, self.ref, self.best, *limits)
        return arrays

    def clear(self) -> None:
        """Reset the state to the settled world."""
        from models.cascade.timed.state_kernels import put_back

        put_back(self.prepared.ref, self.ref, self.prepared.settled_ref, self._table)


#: By the identity of worlds that are alive, then by measures.
_PREPARED: dict[int, dict[tuple[Measure, ...], Prepared]] = {}


def _prepared(world: World) -> Prepared:
    from models.cascade.compile.refs import Ref

    arrays = arrays_of(world)
    networks = network_arrays_of(world, arrays)
    fixed = fixed_of(world, arrays, networks)
    fixed, settled = settled_of(fixed)
    services = world.served
    return Prepared(
        arrays=arrays,
        networks=networks,
        fixed=fixed,
        settled=settled,
        lasting=is_lasting(fixed, settled),
        ref=Ref(fixed),
        settled_ref=Ref(settled),
        provides=tuple(world.assets[a].provides for a in arrays.ids),
        needs=tuple(world.groups[g].service for g in arrays.group_ids),
        staffed=world.staffed,
        services=services,
        areas=_areas(world, arrays, networks, services, settled.value),
    )


def settled_of(fixed: Fixed) -> tuple[Fixed, Live]:
    """Settle the world at 0 h; return its completed fixed part, and the state."""
    from models.cascade.compile.refs import Ref
    from models.cascade.timed.kernels import cascade
    from models.cascade.timed.state_kernels import count_suppliers, make_whole

    room = _ROOM
    while True:
        best, live = live_of(fixed, room), live_of(fixed, room)
        best_ref, ref = Ref(best), Ref(live)
        fixed = fixed._replace(short=make_whole(Ref(fixed), best_ref))
        live.tally["tracing"] = 1
        count_suppliers(Ref(fixed), ref)
        cascade(Ref(fixed), ref, best_ref, np.zeros(0, EVENT), False, False, NONE)
        if not live.tally[0]["full"] and not best.tally[0]["full"]:
            break
        room *= 4
    for seen in ("seen_assets", "seen_groups"):
        live.tally[seen] = 0
    live.asset["seen"], live.group["seen"] = 0, 0
    dark = np.flatnonzero(live.group["lost"]).astype(np.int32)
    ends, codes = clocks_of(live)
    return fixed._replace(dark=dark, base_t=ends, base_code=codes), live


def is_lasting(fixed: Fixed, live: Live) -> bool:
    """Whether only a future repair or supply can undo a loss."""
    under_way = (
        (live.group["restart_at"] >= 0).any()
        or (live.asset["repair_at"] >= 0).any()
        or (live.asset["restart_at"] >= 0).any()
    )
    return not (fixed.has_demand.any() or fixed.asset["black"].any() or under_way)


def clocks_of(live: Live) -> tuple[I64, I64]:
    """Return the ends of the clocks that run in a state, in order, and their codes."""
    asset, group = live.asset, live.group
    draining = np.flatnonzero((group["unserved"] == 1) & (group["lost"] == 0))
    clocks = [((group["since"] + group["stored"])[draining], draining, AUTONOMY)]
    for table, name, kind in (
        (group, "restart_at", GROUP_RESTART),
        (asset, "repair_at", REPAIR),
        (asset, "restart_at", ASSET_RESTART),
    ):
        under_way = np.flatnonzero(table[name] >= 0)
        clocks.append((table[name][under_way], under_way, kind))
    ends = np.concatenate([end for end, _, _ in clocks])
    codes = np.concatenate([numbers * 4 + kind for _, numbers, kind in clocks])
    order = np.argsort(ends, kind="stable")
    return ends[order].astype(np.int64), codes[order].astype(np.int64)


def _room_after(live: Live) -> int:
    """Return the initial room for rows of a run that continues from here."""
    c = live.tally[0]
    return max(_ROOM, 2 * int(c["rows"]), int(c["pool"]) // 2, int(c["shown"]) // 2)


def copy_of(fixed: Fixed, state: Live, room: int) -> Live:
    """Return a state like this one, with room for so many rows.

    Parameters
    ----------
    fixed
        The world that the state is of.
    state
        The state to copy, as far as there is room.
    room
        Room for trace rows.
    """
    live = live_of(fixed, room)
    for name in Live._fields:
        here, there = getattr(live, name), getattr(state, name)
        size = min(len(here), len(there))
        here[:size] = there[:size]
    return live


def _areas(
    world: World,
    arrays: WorldArrays,
    networks: NetworkArrays,
    services: Sequence[str],
    settled: F64,
) -> Areas:
    """Return the people that each value serves, by service."""
    n = len(arrays.ids)
    net = {name: i for i, name in enumerate(networks.services)}
    place = {name: i for i, name in enumerate(services)}
    values = []
    for area in world.areas:
        a = arrays.number[area.asset_id]
        slot = networks.slot.get((net.get(area.service, -1), a))
        values.append(a if slot is None else n + slot)
    value = np.array(values, np.int64)
    order = np.argsort(value, kind="stable")
    ptr = np.zeros(len(settled) + 1, np.int32)
    np.cumsum(np.bincount(value, minlength=len(settled)), out=ptr[1:])
    service = np.array([place[area.service] for area in world.areas], np.int32)[order]
    people = np.array([area.people for area in world.areas], np.float64)[order]
    without = people * (1.0 - settled[value[order]])
    base = np.bincount(service, weights=without, minlength=len(services))
    return Areas(ptr, service, people, base.astype(np.float64))
