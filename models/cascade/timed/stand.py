"""Stands: the world just before an hour of a scenario, so that runs need not start at 0 h.

Events from an hour on do not change what happened before it. A stand is a :class:`Prepared` world
that is settled later than at 0 h: kernels treat it like any other, and the cost of resetting a run
is that of its changes.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from models.cascade.arrays import Array
from models.cascade.timed.arrays import NONE, Fixed, Live
from models.cascade.timed.prepared import Prepared, clocks_of, copy_of, is_lasting


@dataclass(frozen=True, slots=True)
class Stand:
    """The world just before an hour, and the table of events from that hour on."""

    prepared: Prepared
    rest: Array


def stand_at(prepared: Prepared, table: Array, at_ms: int, *, typical: bool = False) -> Stand:
    """Return the stand of a run just before ``at_ms``.

    Parameters
    ----------
    prepared
        The world at 0 h.
    table
        The run's events from 0 h on, as ``prepared.table`` returns them.
    at_ms
        The hour, in ms; its events are still to come.
    typical
        Whether damage is repaired in its typical time (a scenario's ``repairs``).
    """
    first = np.searchsorted(table["t"], at_ms)
    if at_ms == 0:  # the world settles before any event at 0 h
        return Stand(prepared, table)
    with prepared.run_state(tracing=False) as state:
        state.play(table[:first], typical, at_ms - 1, last=False)
        return Stand(_kept(prepared, state.live, state.room), table[first:])


def _kept(prepared: Prepared, live: Live, room: int) -> Prepared:
    """Return a prepared world whose base is this state."""
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
        _spare=deque(),
    )


def _forget_the_way(fixed: Fixed, state: Live) -> None:
    """Remove from a state what only records how the run got there."""
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
