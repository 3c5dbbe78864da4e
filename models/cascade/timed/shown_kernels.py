"""Compiled displayed states of assets (``reference/shown.py``)."""

from __future__ import annotations

import numpy as np

from models.cascade.compile.compiled import part
from models.cascade.timed.arrays import NEVER, NONE

_WORKING, _BACKUP, _DEGRADED, _FAILED_DIRECT, _FAILED_CASCADE = np.arange(5)
_UNDER_REPAIR, _RESTARTING, _STUCK, _UNKNOWN = np.arange(5, 9)


@part
def note_state(f, s, a):  # type: ignore[no-untyped-def]
    """Write the displayed state of an asset from now on, if it has changed."""
    c = s.tally[0]
    delivered = s.value[a]
    for i in range(f.asset[a].first_slot, f.asset[a].end_slot):
        delivered = min(delivered, s.value[len(f.asset) + f.slots[i]])
    state, deadline, group = _state_of(f, s, a, delivered)
    locked = state == _STUCK and s.asset[a].locked == 1
    last = s.asset[a].shown
    if last >= 0 and s.shown[last].t == c.now:
        last = s.shown[last].before
        s.asset[a].shown = last
    if last >= 0:
        was = s.shown[last]
        if (
            was.state == state
            and was.level == s.value[a]
            and was.delivered == delivered
            and was.deadline == deadline
            and was.group == group
            and (was.locked == 1) == locked
        ):
            return
    elif state == _WORKING:
        return
    if c.shown >= len(s.shown):
        c.full = 1
        return
    new = s.shown[c.shown]
    new.t, new.state, new.level, new.delivered = c.now, state, s.value[a], delivered
    new.deadline, new.group, new.locked, new.before = deadline, group, locked, last
    s.asset[a].shown = c.shown
    c.shown += 1


@part
def _state_of(f, s, a, delivered):  # type: ignore[no-untyped-def]
    """Return the state, the time that ends it, and the group that decides this time."""
    asset = s.asset[a]
    if s.own[a] < 1.0:  # direct damage takes precedence over missing inputs
        if asset.restart_at >= 0:
            return _RESTARTING, asset.restart_at, NONE
        if asset.repair_at >= 0:
            return _UNDER_REPAIR, asset.repair_at, NONE
        if s.own[a] <= 0.0:
            return _FAILED_DIRECT, NONE, NONE
    if delivered < 1.0:
        if asset.stuck:
            return _STUCK, NONE, NONE
        at, group = _last_restart(f, s, a)
        if group >= 0:
            return _RESTARTING, at, group
        if delivered <= 0.0:
            return _FAILED_CASCADE, NONE, NONE
    end, group = _first_end(f, s, a)
    if delivered < 1.0:
        return _DEGRADED, end, group
    if group >= 0:
        return _BACKUP, end, group
    return _UNKNOWN if f.asset[a].hidden else _WORKING, NONE, NONE


@part
def _last_restart(f, s, a):  # type: ignore[no-untyped-def]
    """Return the last restart and its group, if every lost group that limits the asset restarts."""
    at, last = NONE, np.int64(NONE)
    for g in range(f.asset[a].first_group, f.asset[a].end_group):
        if s.group[g].lost and f.group[g].loss > 0.0:
            if s.group[g].restart_at < 0:
                return NONE, NONE
            if s.group[g].restart_at >= at:
                at, last = s.group[g].restart_at, np.int64(g)
    return at, last


@part
def _first_end(f, s, a):  # type: ignore[no-untyped-def]
    """Return when the first running buffer ends that would lower the asset, and its group."""
    end, first = np.int64(NEVER), NONE
    for g in range(f.asset[a].first_group, f.asset[a].end_group):
        group = s.group[g]
        if group.unserved and not group.lost:
            hurts = s.own[a] * (1.0 - f.group[g].loss) < s.value[a]
            if hurts and group.since + group.stored < end:
                end, first = group.since + group.stored, np.int64(g)
    if first < 0:
        end = NONE
    return end, first
