"""The compiled cascade engine: the rules of ``reference.py``, asking only where something changed.

Names follow the reference. Where it looks at every group in every round, this looks at those
whose suppliers changed (``pending``) or that may return (``returning``); where it looks at every
asset, at those that were hit or had a group lost or back (``fresh``).
"""

from __future__ import annotations

import numpy as np

from models.cascade.clock_kernels import NEVER, forget_clocks, next_clock, start_clock, take_clock
from models.cascade.compiled import kernel, part
from models.cascade.engine_arrays import (
    ASSET_RESTART,
    AUTONOMY,
    AUTONOMY_OVER,
    CASCADE,
    DELIVERY,
    DIRECT,
    GROUP_RESTART,
    HIT,
    INITIAL,
    LINK_HIT,
    LINK_MEND,
    MEND,
    NONE,
    REPAIR,
    REPAIRED,
    RESTARTED,
    SUPPLY_OFF,
    SUPPLY_ON,
)
from models.cascade.exact_kernels import share_of
from models.cascade.level_kernels import (
    BY_SHARES,
    counts_as_served,
    has_enough,
    is_up,
    least_factor,
    mark_networks,
    pend,
    see_asset,
    set_value,
    touch,
)
from models.cascade.network_kernels import changed_deliveries, forget_moves, plant
from models.cascade.stuck_kernels import find_stuck

#: Where an instant stands; a hit shows in the first round of losses, a repair in that of returns.
_BEGINNING, _LOSING, _ROSE = np.arange(3)


@part
def _settle(f, s, best):  # type: ignore[no-untyped-def]
    """Settle a whole world at 0 h: what it cannot serve by itself is unserved from then."""
    c = s.tally[0]
    c.instant, c.now = 0, 0
    for net in range(len(f.has_demand)):
        s.is_stale[net] = 1
        c.stale = 1
    for a in range(len(f.asset)):
        if f.asset[a].hidden:
            touch(s, a)
    _next_round(s, _BEGINNING, AUTONOMY_OVER)
    # no clock is started: whoever settles a world reads them off its state
    _losses(f, s, np.int64(0))
    _returns(f, s, np.int64(0))
    _end_instant(f, s, best)
    plant(f, s)


@kernel
def cascade(f, s, best, events, typical, final, horizon):  # type: ignore[no-untyped-def]
    """Take instant after instant up to the horizon, both included.

    With a horizon below 0 the world settles, and that is all (one function, to compile it once).
    ``final``: nothing that is lost can come back, so what is down needs no more clocks.
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
        _next_round(s, _BEGINNING, AUTONOMY_OVER)
        while at < size and events[at].t == t:
            _apply(f, s, events[at], typical, horizon)
            at += 1
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
            _note_state(f, s, a)
        c.touched = 0


# -- step 1: events and the ends of clocks ---------------------------------------------------------


@part
def _apply(f, s, event, typical, horizon):  # type: ignore[no-untyped-def]
    a = np.int64(event.asset)
    if event.kind == HIT:
        _hit(f, s, a, event.to)
        repair_ms = f.asset[a].repair_ms
        if typical and event.plan and repair_ms >= 0 and s.own[a] < 1.0:
            at = s.tally[0].now + repair_ms
            s.asset[a].repair_at = at
            _be_busy(s, a)
            if at <= horizon:
                start_clock(s, np.int64(f.asset[a].repair_lane), at, a * 4 + REPAIR)
    elif event.kind == MEND:
        _repair(f, s, a, horizon)
    elif event.kind == LINK_HIT or event.kind == LINK_MEND:
        _switch(f, s, event.link, event.kind == LINK_HIT)
    elif event.kind == SUPPLY_ON or event.kind == SUPPLY_OFF:
        _supply(f, s, event.pair, 1 if event.kind == SUPPLY_ON else -1)


@part
def _switch(f, s, link, hit):  # type: ignore[no-untyped-def]
    """Take a link out of service, or put it back."""
    c = s.tally[0]
    if (s.is_cut[link] == 1) == hit:
        return
    if hit:
        s.is_cut[link] = 1
        s.cut[c.cut] = link
        c.cut += 1
    else:
        s.is_cut[link] = 0
        for i in range(c.cut):
            if s.cut[i] == link:
                c.cut -= 1
                s.cut[i] = s.cut[c.cut]
                break
    c.version += 1
    c.worse += 1
    if s.is_switched[link] == 0:
        s.is_switched[link] = 1
        s.switched[c.switched] = link
        c.switched += 1
    s.is_stale[f.link_net[link]] = 1
    c.stale = 1
    after = 0.0 if hit else 1.0
    row = _row(s, NONE, NONE, 1.0 - after, after)
    if row >= 0:
        s.rows[row].link = link
        none = np.int64(0)
        _explain(s, row, DIRECT if hit else REPAIRED, NONE, none, none, none)


@part
def _supply(f, s, pair, step):  # type: ignore[no-untyped-def]
    c = s.tally[0]
    before = s.supplies[pair]
    s.supplies[pair] = before + step
    c.given += step
    if (before > 0) == (before + step > 0):
        return
    c.version += 1
    c.worse += 1
    if step > 0:
        s.supplied[c.supplied] = pair
        c.supplied += 1
    else:
        for i in range(c.supplied):
            if s.supplied[i] == pair:
                c.supplied -= 1
                s.supplied[i] = s.supplied[c.supplied]
                break
    for i in range(f.pair_ptr[pair], f.pair_ptr[pair + 1]):
        pend(s, np.int64(f.pair_group[i]))


@part
def _hit(f, s, a, to):  # type: ignore[no-untyped-def]
    """Damage never lifts, and voids a repair or restart under way."""
    see_asset(s, a)
    _damage(f, s, a, min(s.own[a], to), DIRECT)
    s.asset[a].repair_at = NONE
    s.asset[a].restart_at = NONE
    s.tally[0].version += 1
    s.tally[0].worse += 1


@part
def _repair(f, s, a, horizon):  # type: ignore[no-untyped-def]
    see_asset(s, a)
    if s.asset[a].repair_at < 0:  # one that was not to be expected may bind others to it
        s.tally[0].worse += 1
    s.asset[a].repair_at = NONE
    if s.own[a] >= 1.0 or s.asset[a].restart_at >= 0:
        return
    touch(s, a)
    now, restart_ms = s.tally[0].now, f.asset[a].restart_ms
    s.asset[a].restart_at = now + restart_ms
    _be_busy(s, a)
    if restart_ms == 0:
        _restore(f, s, a)
    elif now + restart_ms <= horizon:
        lane = np.int64(f.asset[a].restart_lane)
        start_clock(s, lane, now + restart_ms, a * 4 + ASSET_RESTART)


@part
def _restore(f, s, a):  # type: ignore[no-untyped-def]
    s.asset[a].restart_at = NONE
    s.tally[0].version += 1
    _damage(f, s, a, 1.0, RESTARTED if f.asset[a].waits else REPAIRED)


@part
def _damage(f, s, a, own, kind):  # type: ignore[no-untyped-def]
    touch(s, a)
    if own == s.own[a]:
        return
    c = s.tally[0]
    s.own[a] = own
    c.version += 1
    _ask_level(s, a)
    mark_networks(f, s, a)
    s.asset[a].own_kind = kind
    s.asset[a].own_at = c.instant
    if s.asset[a].damaged == 0:
        s.asset[a].damaged = 1
        s.damaged[c.damaged] = a
        c.damaged += 1


@part
def _end_clocks(f, s, horizon):  # type: ignore[no-untyped-def]
    """Lose groups whose autonomy ends; end repairs and restarts. What no longer runs is passed."""
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
                _may_return(s, i)
        elif kind == GROUP_RESTART:
            if s.group[i].restart_at == now:
                _may_return(s, i)
        elif kind == REPAIR:
            if s.asset[i].repair_at == now:
                _repair(f, s, i, horizon)
        elif s.asset[i].restart_at == now:
            _restore(f, s, i)
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
    """Start the clock of every newly unserved group; lose those without hours left."""
    _next_round(s, _LOSING, CASCADE)
    c = s.tally[0]
    size = c.pending
    c.pending = 0
    lost_some = False
    pending, is_pending, value, owners = s.pending, s.is_pending, s.value, f.owner
    for i in range(size):
        g = np.int64(pending[i])
        is_pending[g] = 0
        owner = np.int64(owners[g])
        if c.final and value[owner] <= 0.0:
            continue
        if counts_as_served(f, s, g):
            _may_return(s, g)
            continue
        _see_group(s, g)
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
                _may_return(s, g)
            lost_some = True
    return lost_some


@part
def _lose(f, s, g):  # type: ignore[no-untyped-def]
    _see_group(s, g)
    c, owner = s.tally[0], np.int64(f.group[g].owner)
    s.group[g].lost = 1
    s.least[owner] = min(s.least[owner], 1.0 - f.group[g].loss)
    s.group[g].caused_at = c.round
    c.waiting += f.group[g].on_loop
    c.version += 1
    c.worse += 1
    _ask_level(s, owner)
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
    """Start draining or filling now; note the rows that made it so."""
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
        _sort_unique(s, first)
        group.because = first
        group.n_because = c.pool - first
    if unserved:
        group.failed_at_row = c.rows


@part
def _failing_rows(f, s, g):  # type: ignore[no-untyped-def]
    """Collect the latest rows of the suppliers that do not do their part."""
    group = f.group[g]
    part = 1.0 if group.shares else group.fraction
    for e in range(group.first, group.end):
        v = f.source[e]
        if s.latest[v] >= 0 and not is_up(s.value[v], part):
            _collect(s, np.int64(s.latest[v]))


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
            _collect(s, row)


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
    c.fallen = 0  # what fell is asked once more whether it may rise
    changing = True
    while changing:
        _next_round(s, c.phase, RESTARTED)
        changing = _judge_returns(f, s, horizon)
        if _move_levels(f, s, True):
            changing = True
        c.phase = _ROSE
        _deliver(f, s)
        for i in range(c.pending):
            g = np.int64(s.pending[i])
            s.is_pending[g] = 0
            _may_return(s, g)
        c.pending = 0


@part
def _judge_returns(f, s, horizon):  # type: ignore[no-untyped-def]
    """Stop the clock of every newly served group, start restarts, end those that are over."""
    c = s.tally[0]
    size = c.returning
    c.returning = 0
    back_some = False
    for i in range(size):
        g = np.int64(s.returning[i])
        s.is_returning[g] = 0
        group = s.group[g]
        if not (group.unserved or group.lost) or not counts_as_served(f, s, g):
            continue
        _see_group(s, g)
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
            _ask_level(s, owner)
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
    """End the hold of black starts whose group is really served and not lost."""
    c = s.tally[0]
    kept = 0
    for i in range(c.held):
        g = np.int64(s.held[i])
        if not s.group[g].lost and has_enough(f, s, g):
            _see_group(s, g)
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
    """Take levels down to, or up to, what own damage and lost groups leave."""
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
    for i in range(size):
        a = np.int64(f.by_rank[moved[i]] if c.tracing else moved[i])
        row = _row(s, a, a, value[a], target[a])
        if row >= 0:
            _explain_level(f, s, row)
        set_value(f, s, a, target[a])
        mark_networks(f, s, a)
    return size > 0


@part
def _deliver(f, s):  # type: ignore[no-untyped-def]
    """Ask anew what networks deliver where it may have changed; a row for each change."""
    c, n = s.tally[0], len(f.asset)
    if c.stale == 0:
        return
    end = c.rows
    for net in range(len(f.has_demand)):
        if s.is_stale[net] == 0:
            continue
        s.is_stale[net] = 0
        found = changed_deliveries(f, s, net)
        if found == 0:
            continue
        first = c.pool
        top, top_asset = _network_rows(f, s, net, end)
        for i in range(found):
            x = s.changed[i]
            a = np.int64(f.slot[x].asset)
            row = _row(s, n + x, a, s.value[n + x], s.delivers[x])
            if row >= 0:
                order = top + (top_asset != a) if top >= 0 else 0
                _explain(s, row, DELIVERY, NONE, first, c.pool - first, order)
            set_value(f, s, n + x, s.delivers[x])
    c.stale = 0
    forget_moves(s)


@part
def _network_rows(f, s, net, end):  # type: ignore[no-untyped-def]
    """Collect this round's rows about the network's links or its assets' levels.

    Returns the highest order among them, and whose it is where it is one asset's alone (else -2).
    """
    top, top_asset = -1, -2
    if not s.tally[0].tracing:
        return top, top_asset
    for row in range(s.tally[0].first_row, end):
        link, a = s.rows[row].link, s.rows[row].asset
        inside = link >= 0 and f.link_net[link] == net
        if link < 0:
            for i in range(f.asset[a].first_slot, f.asset[a].end_slot):
                inside = inside or f.slot[f.slots[i]].net == net
        if not inside:
            continue
        _collect(s, row)
        if s.rows[row].order > top:
            top, top_asset = s.rows[row].order, -2 if link >= 0 else a
        elif s.rows[row].order == top and top_asset != a:
            top_asset = -2
    return top, top_asset


# -- what is noted ---------------------------------------------------------------------------------


@part
def _next_round(s, phase, kind):  # type: ignore[no-untyped-def]
    c = s.tally[0]
    c.round += 1
    c.phase, c.kind, c.first_row = phase, kind, c.rows


@part
def _see_group(s, g):  # type: ignore[no-untyped-def]
    """Remember to put the group back after the run."""
    if s.group[g].seen == 0:
        s.group[g].seen = 1
        c = s.tally[0]
        s.seen_groups[c.seen_groups] = g
        c.seen_groups += 1


@part
def _ask_level(s, a):  # type: ignore[no-untyped-def]
    """Have the asset's level asked in this round."""
    c = s.tally[0]
    if s.asset[a].fresh_at != c.round:
        see_asset(s, a)
        s.asset[a].fresh_at = c.round
        s.fresh[c.fresh] = a
        c.fresh += 1


@part
def _may_return(s, g):  # type: ignore[no-untyped-def]
    if s.is_returning[g] == 0:
        s.is_returning[g] = 1
        c = s.tally[0]
        s.returning[c.returning] = g
        c.returning += 1


@part
def _be_busy(s, a):  # type: ignore[no-untyped-def]
    c = s.tally[0]
    c.version += 1
    if s.asset[a].busy == 0:
        s.asset[a].busy = 1
        s.busy[c.busy] = a
        c.busy += 1


@part
def _row(s, v, a, before, after):  # type: ignore[no-untyped-def]
    """Write a change; return its row where it is to be explained, else -1."""
    c = s.tally[0]
    at = c.rows
    if at >= len(s.rows):
        c.full = 1
        return -1
    c.rows = at + 1
    row = s.rows[at]
    row.t, row.value, row.asset, row.link = c.now, v, a, NONE
    row.before, row.after = before, after
    return at if c.tracing else -1


@part
def _explain(s, at, kind, group, because, n_because, order):  # type: ignore[no-untyped-def]
    c, row = s.tally[0], s.rows[at]
    row.kind = INITIAL if c.instant == 0 and row.after < row.before else kind
    row.group, row.because, row.n_because, row.order = group, because, n_because, order
    if row.value >= 0:
        s.latest[row.value] = at
        touch(s, np.int64(row.asset))


@part
def _explain_level(f, s, at):  # type: ignore[no-untyped-def]
    """Say why a level changed, with the group that binds."""
    c, row = s.tally[0], s.rows[at]
    a, falls = np.int64(row.asset), row.after < row.before
    own, none = _own_kind(s, a), np.int64(0)
    if own == DIRECT and falls:
        _explain(s, at, DIRECT, NONE, none, none, none)
        return
    most, still = 0.0, 0.0
    for g in range(f.asset[a].first_group, f.asset[a].end_group):
        if s.group[g].caused_at == c.round:
            most = max(most, f.group[g].loss)
        if s.group[g].lost and not falls:
            still = max(still, f.group[g].loss)
    if most <= 0.0 or most < still:
        _explain(s, at, REPAIRED if own == NONE else own, NONE, none, none, none)
        return
    first, binding = c.pool, NONE
    for g in range(f.asset[a].first_group, f.asset[a].end_group):
        if s.group[g].caused_at == c.round and f.group[g].loss == most:
            binding = np.int64(g) if binding < 0 else binding
            begin = s.group[g].because
            for i in range(begin, begin + s.group[g].n_because):
                _collect(s, np.int64(s.pool[i]))
    _sort_unique(s, first)
    order = 0
    for i in range(first, c.pool):
        earlier = s.rows[s.pool[i]]
        order = max(order, earlier.order + (earlier.asset != a))
    _explain(s, at, c.kind, binding, first, c.pool - first, order)


@part
def _own_kind(s, a):  # type: ignore[no-untyped-def]
    """Return what moved the asset's own level and shows in this round, else -1."""
    c, asset = s.tally[0], s.asset[a]
    if asset.own_at != c.instant or c.phase == _ROSE:
        return NONE
    if asset.own_kind == DIRECT and c.phase != _BEGINNING:
        return NONE
    return np.int64(asset.own_kind)


@part
def _collect(s, row):  # type: ignore[no-untyped-def]
    c = s.tally[0]
    if c.pool >= len(s.pool):
        c.full = 1
        return
    s.pool[c.pool] = row
    c.pool += 1


@part
def _sort_unique(s, first):  # type: ignore[no-untyped-def]
    """Sort what was collected from ``first`` on, and drop what is there twice."""
    c = s.tally[0]
    if c.pool - first < 2:
        return
    s.pool[first : c.pool].sort()
    kept = first + 1
    for i in range(first + 1, c.pool):
        if s.pool[i] != s.pool[kept - 1]:
            s.pool[kept] = s.pool[i]
            kept += 1
    c.pool = kept


# -- how an asset is shown (states.py) -------------------------------------------------------------

_WORKING, _BACKUP, _DEGRADED, _FAILED_DIRECT, _FAILED_CASCADE = np.arange(5)
_UNDER_REPAIR, _RESTARTING, _STUCK, _UNKNOWN = np.arange(5, 9)


@part
def _note_state(f, s, a):  # type: ignore[no-untyped-def]
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
    """Return the state, the hour that ends it and the group that sets this hour."""
    asset = s.asset[a]
    if s.own[a] < 1.0:  # direct damage says more than what else is missing
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
    """Return the last restart and its group, where every lost group that hurts restarts."""
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


# -- before and after a run ------------------------------------------------------------------------


@kernel
def count_suppliers(f, s):  # type: ignore[no-untyped-def]
    """Count anew who does its part in every group; have those judged that are not served."""
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
    """Have every network deliver what it can with all assets whole; return who is not served."""
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
    """Put the state back to ``base``, looking only at what the run changed."""
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
    for i in range(c.seen_groups):
        s.group[s.seen_groups[i]] = base.group[s.seen_groups[i]]
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
