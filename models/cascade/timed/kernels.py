"""The compiled cascade engine: the reference's rules, evaluated only where an input changed.

Names follow the reference. It evaluates every group in every round; this engine only those whose
suppliers changed (``pending``) or that may return (``returning``). It evaluates every asset; this
engine only those that were hit or had a group lost or returned (``fresh``).
"""

from __future__ import annotations

import numpy as np

from models.cascade.compile.compiled import kernel, part
from models.cascade.compile.exact_kernels import share_of
from models.cascade.compile.prefetching import FAR, NEAR, prefetch
from models.cascade.timed.arrays import (
    AUTONOMY,
    AUTONOMY_OVER,
    CASCADE,
    GROUP_RESTART,
    NONE,
    REPAIR,
    RESTARTED,
)
from models.cascade.timed.clock_kernels import next_clock, start_clock, take_clock
from models.cascade.timed.event_kernels import apply, repair, restore, switched_rows
from models.cascade.timed.fall_kernels import explained_deliveries
from models.cascade.timed.level_kernels import (
    ask_level,
    counts_as_served,
    has_enough,
    is_up,
    least_factor,
    mark_networks,
    may_return,
    see_group,
    set_value,
    touch,
)
from models.cascade.timed.network_kernels import changed_deliveries, forget_moves, plant
from models.cascade.timed.row_kernels import (
    BEGINNING,
    LOSING,
    ROSE,
    collect,
    explain_level,
    sort_unique,
    write_row,
)
from models.cascade.timed.shown_kernels import note_state
from models.cascade.timed.stuck_kernels import find_stuck


@part
def _settle(f, s, best):  # type: ignore[no-untyped-def]
    """Settle an undamaged world at 0 h: groups without enough suppliers are unserved from then."""
    c = s.tally[0]
    c.instant, c.now, c.began = 0, 0, c.rows
    for net in range(len(f.has_demand)):
        s.is_stale[net] = 1
        c.stale = 1
    for a in range(len(f.asset)):
        if f.asset[a].hidden:
            touch(s, a)
    _next_round(s, BEGINNING, AUTONOMY_OVER)
    # no clock is started: ``prepared.clocks_of`` reads them from the state
    _losses(f, s, np.int64(0))
    _returns(f, s, np.int64(0))
    _end_instant(f, s, best)
    plant(f, s)


@kernel
def cascade(f, s, best, events, typical, final, horizon):  # type: ignore[no-untyped-def]
    """Process instant after instant up to the horizon, both included.

    With a horizon below 0 the world only settles (one function, to compile it once).
    ``final``: nothing lost can return, so assets that are down need no clocks.
    """
    c = s.tally[0]
    c.final = final
    if horizon < 0:
        _settle(f, s, best)
        return
    at, size = 0, len(events)
    while c.full == 0:
        t = next_clock(f, s)
        if at < size:
            t = min(t, events[at].t)
        if t > horizon:
            break
        c.instant += 1
        c.now = t
        _next_round(s, BEGINNING, AUTONOMY_OVER)
        c.began = c.rows
        while at < size and events[at].t == t:
            apply(f, s, events[at], typical, horizon)
            at += 1
        switched_rows(f, s)
        _end_clocks(f, s, horizon)
        _losses(f, s, horizon)
        _returns(f, s, horizon)
        _end_instant(f, s, best)


@part
def _end_instant(f, s, best):  # type: ignore[no-untyped-def]
    c = s.tally[0]
    if c.held > 0:
        _let_go(f, s)
    c.fresh, c.fallen = 0, 0
    if c.tracing:
        find_stuck(f, s, best)
        for i in range(c.touched):
            a = np.int64(s.touched[i])
            s.asset[a].touched = 0
            note_state(f, s, a)
        c.touched = 0


# -- step 1: events and the ends of clocks ---------------------------------------------------------


@part
def _end_clocks(f, s, horizon):  # type: ignore[no-untyped-def]
    """Lose groups whose autonomy ends; end repairs and restarts. Stopped clocks are skipped."""
    c = s.tally[0]
    now = c.now
    code, lane = take_clock(f, s, now, np.int64(0))
    while code >= 0:
        i, kind = code >> 2, code & 3
        if kind == AUTONOMY and c.final and s.value[f.owner[i]] <= 0.0:
            pass
        elif kind == AUTONOMY:
            group = s.group[i]
            if group.unserved and not group.lost and group.since + group.stored == now:
                _lose(f, s, i)
                may_return(s, i)
        elif kind == GROUP_RESTART:
            if s.group[i].restart_at == now:
                may_return(s, i)
        elif kind == REPAIR:
            if s.asset[i].repair_at == now:
                repair(f, s, i, horizon)
        elif s.asset[i].restart_at == now:
            restore(f, s, i)
        code, lane = take_clock(f, s, now, lane)


# -- step 2: losses --------------------------------------------------------------------------------


@part
def _losses(f, s, horizon):  # type: ignore[no-untyped-def]
    """Let levels fall and groups be lost until nothing changes."""
    _move_levels(f, s, False)
    _deliver(f, s)
    changing = True
    while changing:
        changing = _judge_losses(f, s, horizon)
        _move_levels(f, s, False)
        _deliver(f, s)


@part
def _judge_losses(f, s, horizon):  # type: ignore[no-untyped-def]
    """Start the clock of every newly unserved group; lose groups without autonomy left."""
    _next_round(s, LOSING, CASCADE)
    c = s.tally[0]
    size = c.pending
    c.pending = 0
    lost_some = False
    pending, is_pending, value, owners = s.pending, s.is_pending, s.value, f.owner
    live, fixed = s.group, f.group
    for i in range(size):
        if i + NEAR < size:
            prefetch(live, pending[i + NEAR])
            prefetch(fixed, pending[i + NEAR])
        g = np.int64(pending[i])
        is_pending[g] = 0
        owner = np.int64(owners[g])
        if c.final and value[owner] <= 0.0:
            continue
        if counts_as_served(f, s, g):
            may_return(s, g)
            continue
        see_group(s, g)
        group = s.group[g]
        if group.restart_at >= 0 or not group.unserved:
            touch(s, owner)
        if group.restart_at >= 0:
            group.restart_at = NONE
            c.version += 1
            c.worse += 1
            c.waiting += f.group[g].on_loop
        if not group.unserved:
            _turn(f, s, g, True)
            if not group.lost and group.stored > 0 and c.now + group.stored <= horizon:
                lane = NONE
                if group.stored == f.group[g].full:
                    lane = np.int64(f.group[g].full_lane)
                start_clock(s, lane, c.now + group.stored, g * 4 + AUTONOMY)
        if not group.lost and _store_at(f, s, g) == 0:
            _lose(f, s, g)
            if group.holds:
                may_return(s, g)
            lost_some = True
    return lost_some


@part
def _lose(f, s, g):  # type: ignore[no-untyped-def]
    see_group(s, g)
    c, owner = s.tally[0], np.int64(f.group[g].owner)
    s.group[g].lost = 1
    s.least[owner] = min(s.least[owner], 1.0 - f.group[g].loss)
    s.group[g].caused_at = c.round
    c.waiting += f.group[g].on_loop
    c.version += 1
    c.worse += 1
    ask_level(s, owner)
    touch(s, owner)
    if f.asset[owner].black:
        s.group[g].holds = 1
        if s.group[g].held == 0:
            s.group[g].held = 1
            s.held[c.held] = g
            c.held += 1


@part
def _store_at(f, s, g):  # type: ignore[no-untyped-def]
    """Return the ms of autonomy left now, rounded down."""
    group, full, recharge = s.group[g], f.group[g].full, f.group[g].recharge
    passed = s.tally[0].now - group.since
    if group.unserved:
        return max(0, group.stored - passed)
    if passed >= recharge:
        return full
    return min(full, group.stored + share_of(passed, full, recharge))


@part
def _turn(f, s, g, unserved):  # type: ignore[no-untyped-def]
    """Start draining or filling now, and record the rows that caused it."""
    c, group = s.tally[0], s.group[g]
    group.stored = _store_at(f, s, g)
    group.since = c.now
    group.unserved = unserved
    if c.tracing:
        first = c.pool
        if unserved:
            _failing_rows(f, s, g)
        else:
            _risen_rows(f, s, g)
        sort_unique(s, first)
        group.because = first
        group.n_because = c.pool - first
    if unserved:
        group.failed_at_row = c.rows


@part
def _failing_rows(f, s, g):  # type: ignore[no-untyped-def]
    """Collect the latest rows of the suppliers that do not supply enough."""
    group = f.group[g]
    part = 1.0 if group.shares else group.fraction
    for e in range(group.first, group.end):
        v = f.source[e]
        if s.latest[v] >= 0 and not is_up(s.value[v], part):
            collect(s, np.int64(s.latest[v]))


@part
def _risen_rows(f, s, g):  # type: ignore[no-untyped-def]
    """Collect the latest rows of the suppliers that rose since the group was unserved."""
    since = s.group[g].failed_at_row
    for e in range(f.group[g].first, f.group[g].end):
        v = f.source[e]
        row = np.int64(s.latest[v])
        if (
            row >= since
            and row >= 0
            and s.value[v] > 0.0
            and s.rows[row].after > s.rows[row].before
        ):
            collect(s, row)


# -- step 3: returns -------------------------------------------------------------------------------


@part
def _returns(f, s, horizon):  # type: ignore[no-untyped-def]
    """Let levels rise and served groups return until nothing changes; nothing is lost."""
    c = s.tally[0]
    if c.final:
        for i in range(c.returning):
            s.is_returning[s.returning[i]] = 0
        c.returning = 0
        return
    c.fallen = 0  # fallen assets are evaluated again: they may rise
    changing = True
    while changing:
        _next_round(s, c.phase, RESTARTED)
        changing = _judge_returns(f, s, horizon)
        if _move_levels(f, s, True):
            changing = True
        c.phase = ROSE
        _deliver(f, s)
        for i in range(c.pending):
            g = np.int64(s.pending[i])
            s.is_pending[g] = 0
            may_return(s, g)
        c.pending = 0


@part
def _judge_returns(f, s, horizon):  # type: ignore[no-untyped-def]
    """Stop the clock of every newly served group; start restarts, end those that are over."""
    c = s.tally[0]
    size = c.returning
    c.returning = 0
    back_some = False
    returning, live, fixed = s.returning, s.group, f.group
    for i in range(size):
        if i + NEAR < size:
            prefetch(live, returning[i + NEAR])
            prefetch(fixed, returning[i + NEAR])
        g = np.int64(s.returning[i])
        s.is_returning[g] = 0
        group = s.group[g]
        if not (group.unserved or group.lost) or not counts_as_served(f, s, g):
            continue
        see_group(s, g)
        owner = np.int64(f.group[g].owner)
        if group.unserved:
            _turn(f, s, g, False)
            touch(s, owner)
        if not group.lost:
            continue
        if group.restart_at < 0:
            touch(s, owner)
            _begin_restart(f, s, g, horizon)
        if group.restart_at <= c.now:
            group.lost = 0
            group.restart_at = NONE
            s.least[owner] = least_factor(f, s, owner)
            group.caused_at = c.round
            c.version += 1
            ask_level(s, owner)
            touch(s, owner)
            back_some = True
    return back_some


@part
def _begin_restart(f, s, g, horizon):  # type: ignore[no-untyped-def]
    c, group = s.tally[0], s.group[g]
    at = c.now + f.group[g].restart
    group.restart_at = at
    c.version += 1
    c.waiting -= f.group[g].on_loop
    if at == c.now:
        return
    if at <= horizon:
        start_clock(s, np.int64(f.group[g].restart_lane), at, g * 4 + GROUP_RESTART)
    if group.restarting == 0:
        group.restarting = 1
        s.restarting[c.restarting] = g
        c.restarting += 1


@part
def _let_go(f, s):  # type: ignore[no-untyped-def]
    """End the hold of black starts whose group is served without it and not lost."""
    c = s.tally[0]
    kept = 0
    for i in range(c.held):
        g = np.int64(s.held[i])
        if not s.group[g].lost and has_enough(f, s, g):
            see_group(s, g)
            s.group[g].holds = 0
            s.group[g].held = 0
            c.version += 1
            c.worse += 1
        else:
            s.held[kept] = g
            kept += 1
    c.held = kept


# -- levels and deliveries -------------------------------------------------------------------------


@part
def _move_levels(f, s, rising):  # type: ignore[no-untyped-def]
    """Lower or raise levels to what own damage and lost groups allow."""
    c = s.tally[0]
    fresh, live, value, target, moved = s.fresh, s.asset, s.value, s.target, s.moved
    own, least = s.own, s.least
    size = 0
    seen = -2 - c.round  # an asset may be listed more than once
    for i in range(c.fallen, c.fresh):
        a = np.int64(fresh[i])
        if rising:
            if live[a].fresh_at == seen:
                continue
            live[a].fresh_at = seen
        target[a] = own[a] * least[a]
        if target[a] > value[a] if rising else target[a] < value[a]:
            moved[size] = f.asset[a].rank if c.tracing else a
            size += 1
    c.fallen = c.fresh
    if c.tracing:
        moved[:size].sort()
    fed_ptr, fed = f.fed_ptr, f.fed
    for i in range(size):
        if not c.tracing and i + FAR < size:
            prefetch(fed_ptr, moved[i + FAR])
            prefetch(fed, fed_ptr[moved[i + NEAR]])
        a = np.int64(f.by_rank[moved[i]] if c.tracing else moved[i])
        row = write_row(s, a, a, value[a], target[a])
        if row >= 0:
            explain_level(f, s, row)
        set_value(f, s, a, target[a])
        mark_networks(f, s, a)
    return size > 0


@part
def _deliver(f, s):  # type: ignore[no-untyped-def]
    """Recompute network deliveries that may have changed; write a row for each change."""
    c, n = s.tally[0], len(f.asset)
    if c.stale == 0:
        return
    end = c.rows
    for net in range(len(f.has_demand)):
        if s.is_stale[net] == 0:
            continue
        s.is_stale[net] = 0
        n_changed = changed_deliveries(f, s, net)
        if n_changed == 0:
            continue
        if c.tracing:
            explained_deliveries(f, s, net, n_changed, end)
            continue
        for i in range(n_changed):
            x = s.changed[i]
            write_row(s, n + x, np.int64(f.slot[x].asset), s.value[n + x], s.delivers[x])
            set_value(f, s, n + x, s.delivers[x])
    c.stale = 0
    forget_moves(s)


# -- records for the trace -------------------------------------------------------------------------


@part
def _next_round(s, phase, kind):  # type: ignore[no-untyped-def]
    c = s.tally[0]
    c.round += 1
    c.phase, c.kind, c.first_row = phase, kind, c.rows
