"""Edits of a scenario without a full solve: one more event, or one less.

A run depends on what happens in order, so an edit leaves all as it was before the first hour that
it touches. A session keeps the state of the engine just before such hours (a *stand*); whoever
edits goes on from there. A stand is a :class:`Prepared` world that has settled later than at 0 h,
so the kernels need not know about it, and putting a run back costs what the run changed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from models.cascade.arrays import Array
from models.cascade.timed.arrays import NONE, Fixed, Live
from models.cascade.timed.engine import Prepared, Solved, clocks_of, copy_of, is_lasting
from models.outcome import Outcome
from models.scenario import Event

#: As many stands are kept; each is as large as a state of the world.
MOST_STANDS = 4


@dataclass(frozen=True, slots=True)
class Stand:
    """The world just before ``at_ms``."""

    at_ms: int
    prepared: Prepared


@dataclass(frozen=True, eq=False)
class Session:
    """A scenario in a prepared world; what an edit leaves as it was is not solved again.

    Parameters
    ----------
    events
        What happens, in the scenario's order.
    typical
        Whether what is hit is repaired in its typical time.
    tracing
        Whether whole outcomes are asked, not numbers alone.
    """

    prepared: Prepared
    events: tuple[Event, ...]
    horizon_ms: int
    typical: bool = False
    tracing: bool = False
    _stands: list[Stand] = field(default_factory=list)
    table: Array = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", self.prepared.table(self.events))

    def with_event(self, event: Event) -> Session:
        """Return the session with one more event, after all that are there.

        Raises
        ------
        UnknownIdError
            If the event names what the world does not have.
        """
        return self.with_events((*self.events, event))

    def without(self, event: Event) -> Session:
        """Return the session without the last event that equals this one."""
        at = len(self.events) - 1 - self.events[::-1].index(event)
        return self.with_events((*self.events[:at], *self.events[at + 1 :]))

    def with_events(self, events: Iterable[Event]) -> Session:
        """Return the session with these events in place of its own."""
        edited = replace(self, events=tuple(events), _stands=[])
        at_ms = _first_difference(self.table, edited.table)
        if at_ms is None:
            edited._stands.extend(self._stands)
        else:
            self.stand(at_ms)
            edited._stands.extend(one for one in self._stands if one.at_ms <= at_ms)
        return edited

    def solved(self) -> Solved:
        """Return the numbers of the cascade, as ``engine.solve`` does."""
        from models.cascade.timed.figure_kernels import summary

        root, here = self.prepared, self._latest(None)
        with here.prepared.desk(tracing=False) as desk:
            desk.play(self.rest(here.at_ms), self.typical, self.horizon_ms)
            found = summary(root.ref, desk.ref, root.settled_ref, root.areas, self.horizon_ms)
            return Solved(root, self.horizon_ms, *found)

    def outcome(self) -> Outcome:
        """Return the whole outcome, as ``engine.run`` does; only of a session that traces."""
        from models.cascade.timed.outcome import outcome_of

        here = self._latest(None)
        with here.prepared.desk(tracing=self.tracing) as desk:
            desk.play(self.rest(here.at_ms), self.typical, self.horizon_ms)
            return outcome_of(here.prepared, desk.live, desk.deadlocks(), self.horizon_ms)

    def stand(self, at_ms: int) -> Stand:
        """Return the world just before an hour, in ms; made where it is not at hand."""
        near = self._latest(at_ms)
        if near.at_ms == at_ms:
            return near
        found = Stand(at_ms, self._moved(near, at_ms))
        self._stands.append(found)
        self._stands.sort(key=lambda one: one.at_ms)
        if len(self._stands) > MOST_STANDS:  # the earliest can be had again at the least cost
            self._stands.remove(next(one for one in self._stands if one is not found))
        return found

    def rest(self, at_ms: int) -> Array:
        """Return the events from an hour on, as the kernels read them."""
        return self.table[np.searchsorted(self.table["t"], at_ms) :]

    def _latest(self, at_ms: int | None) -> Stand:
        """Return the latest stand, up to an hour; the world settles before any event at 0 h."""
        past = [one for one in self._stands if at_ms is None or one.at_ms <= at_ms]
        return past[-1] if past else Stand(0, self.prepared)

    def _moved(self, near: Stand, at_ms: int) -> Prepared:
        """Let the world go on to just before an hour, and keep it so."""
        events = self.rest(near.at_ms)
        events = events[: np.searchsorted(events["t"], at_ms)]
        until = min(at_ms - 1, self.horizon_ms)
        with near.prepared.desk(tracing=self.tracing) as desk:
            desk.play(events, self.typical, until, last=False)
            return _kept(near.prepared, desk.live, desk.room)


def _first_difference(one: Array, other: Array) -> int | None:
    """Return the time of the first event by which two tables differ; None if they are equal."""
    both = min(len(one), len(other))
    differing = np.flatnonzero(one[:both] != other[:both])
    if len(differing):
        return int(min(one["t"][differing[0]], other["t"][differing[0]]))
    longer = one if len(one) > len(other) else other
    return int(longer["t"][both]) if len(longer) > both else None


def _kept(prepared: Prepared, live: Live, room: int) -> Prepared:
    """Return the world as it stands in a state, for others to go on from."""
    from models.cascade.compile.refs import Ref

    base = prepared.fixed
    state = copy_of(base, live, room)
    _forget_the_way(base, state)
    ends, codes = clocks_of(state)
    dark = np.flatnonzero(state.group["lost"]).astype(np.int32)
    fixed = base._replace(dark=dark, base_t=ends, base_code=codes)
    return replace(
        prepared,
        fixed=fixed,
        settled=state,
        ref=Ref(fixed),
        settled_ref=Ref(state),
        lasting=is_lasting(fixed, state),
        _desks=deque(),
    )


def _forget_the_way(fixed: Fixed, state: Live) -> None:
    """Take out of a state what only says how the run came there."""
    c = state.tally[0]
    for flags in (state.asset, state.group):
        flags["seen"] = 0
    state.is_replanted[:] = 0
    state.lane_head[:] = NONE
    for name in ("seen_assets", "seen_groups", "replanted", "heap", "base", "nodes", "final"):
        c[name] = 0
    c["free"] = NONE
    asset, group = state.asset, state.group
    under_way = (asset["repair_at"] >= 0) | (asset["restart_at"] >= 0)
    for flags, name, held in (
        (asset, "busy", under_way),
        (asset, "damaged", state.own < 1.0),
        (group, "restarting", group["restart_at"] >= 0),
    ):
        listed = getattr(state, name)[: c[name]]
        flags[name][listed[~held[listed]]] = 0
        kept = listed[held[listed]]
        listed[: len(kept)] = kept
        c[name] = len(kept)
