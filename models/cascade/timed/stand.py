"""The world just before an hour of a scenario, so that what starts there is not solved from 0 h.

A run depends on what happens in order: what begins at an hour leaves all before it as it was. A
stand is a :class:`Prepared` world that has settled later than at 0 h, so the kernels need not know
about it, and putting a run back costs what the run changed.
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
    """The world just before an hour, and the events from that hour on, as the kernels read them."""

    prepared: Prepared
    rest: Array


def stand_at(prepared: Prepared, table: Array, at_ms: int, *, typical: bool = False) -> Stand:
    """Return where a run stands just before ``at_ms``.

    Parameters
    ----------
    prepared
        The world at 0 h.
    table
        The run's events from 0 h on, as ``prepared.table`` returns them.
    at_ms
        The hour, in ms; what happens at it is still to come.
    typical
        Whether what is hit is repaired in its typical time (a scenario's ``repairs``).
    """
    first = np.searchsorted(table["t"], at_ms)
    if at_ms == 0:  # the world settles before any event at 0 h
        return Stand(prepared, table)
    with prepared.run_state(tracing=False) as state:
        state.play(table[:first], typical, at_ms - 1, last=False)
        return Stand(_kept(prepared, state.live, state.room), table[first:])


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
        _spare=deque(),
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
