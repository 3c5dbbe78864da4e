"""Compiled beginning and end of a run: an undamaged world, and a reset state."""

from __future__ import annotations

import numpy as np

from models.cascade.compile.compiled import kernel, part
from models.cascade.compile.prefetching import NEAR, prefetch
from models.cascade.timed.clock_kernels import forget_clocks
from models.cascade.timed.level_kernels import BY_SHARES, has_enough, is_up, pend, set_value
from models.cascade.timed.network_kernels import changed_deliveries, forget_moves


@kernel
def count_suppliers(f, s):  # type: ignore[no-untyped-def]
    """Recount the suppliers that suffice in every group; list unserved groups to be judged."""
    for g in range(len(f.group)):
        group = f.group[g]
        up = 0
        for e in range(group.first, group.end):
            up += is_up(s.value[f.source[e]], group.fraction)
        s.slack[g] = BY_SHARES if group.shares else up - group.k
        if not has_enough(f, s, g):
            pend(s, g)


@kernel
def make_whole(f, best):  # type: ignore[no-untyped-def]
    """Compute deliveries with all assets undamaged; return the groups that are not served."""
    for net in range(len(f.has_demand)):
        for i in range(changed_deliveries(f, best, net)):
            x = best.changed[i]
            best.value[len(f.asset) + x] = best.delivers[x]
    count_suppliers(f, best)
    c = best.tally[0]
    short = best.pending[: c.pending].copy()
    for g in short:
        best.is_pending[g] = 0
    c.pending = 0
    return short


@kernel
def put_back(f, s, base, events):  # type: ignore[no-untyped-def]
    """Reset the state to ``base``, visiting only what the run changed."""
    c, b = s.tally[0], base.tally[0]
    for i in range(b.rows, c.rows):
        v = np.int64(s.rows[i].value)
        if v >= 0 and s.value[v] != base.value[v]:
            set_value(f, s, v, base.value[v])
        if v >= 0:
            s.latest[v] = base.latest[v]
    for i in range(c.pending):
        s.is_pending[s.pending[i]] = 0
    for i in range(c.returning):
        s.is_returning[s.returning[i]] = 0
    seen, size = s.seen_groups, c.seen_groups
    for i in range(size):
        if i + NEAR < size:
            prefetch(s.group, seen[i + NEAR])
            prefetch(base.group, seen[i + NEAR])
        s.group[seen[i]] = base.group[seen[i]]
    for i in range(c.seen_assets):
        a = s.seen_assets[i]
        s.asset[a] = base.asset[a]
        s.own[a] = base.own[a]
        s.least[a] = base.least[a]
    for i in range(len(events)):
        link, pair = events[i].link, events[i].pair
        if link >= 0:
            s.is_cut[link] = base.is_cut[link]
        if pair >= 0:
            s.supplies[pair] = base.supplies[pair]
    for i in range(len(s.is_stale)):
        s.is_stale[i] = 0
    forget_moves(s)
    for i in range(c.replanted):
        x = s.replanted[i]
        s.is_replanted[x] = 0
        s.parent[x], s.via[x] = base.parent[x], base.via[x]
    _put_lists_back(s, base)
    forget_clocks(s)
    tracing, stamp = c.tracing, c.stamp
    s.tally[0] = base.tally[0]
    c.tracing, c.stamp, c.anew = tracing, stamp, 1


@part
def _put_lists_back(s, base):  # type: ignore[no-untyped-def]
    b = base.tally[0]
    s.held[: b.held] = base.held[: b.held]
    s.restarting[: b.restarting] = base.restarting[: b.restarting]
    s.stuck[: b.stuck] = base.stuck[: b.stuck]
    s.locked[: b.locked] = base.locked[: b.locked]
    s.busy[: b.busy] = base.busy[: b.busy]
    s.damaged[: b.damaged] = base.damaged[: b.damaged]
    s.cut[: b.cut] = base.cut[: b.cut]
    s.supplied[: b.supplied] = base.supplied[: b.supplied]
    for i in range(b.pending):
        s.pending[i] = base.pending[i]
        s.is_pending[base.pending[i]] = 1
    for i in range(b.returning):
        s.returning[i] = base.returning[i]
        s.is_returning[base.returning[i]] = 1
