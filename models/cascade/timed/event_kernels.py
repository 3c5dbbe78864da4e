"""Compiled events: effects of a scenario on assets, links and supplies at one instant."""

from __future__ import annotations

import numpy as np

from models.cascade.compile.compiled import part
from models.cascade.timed.arrays import (
    ASSET_RESTART,
    DIRECT,
    HIT,
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
from models.cascade.timed.clock_kernels import start_clock
from models.cascade.timed.level_kernels import (
    ask_level,
    be_busy,
    mark_networks,
    pend,
    see_asset,
    touch,
)
from models.cascade.timed.row_kernels import explain, write_row

#: Whether a link differs from before the instant, or was switched over and back.
_OVER, _BACK = np.arange(1, 3)


@part
def apply(f, s, event, typical, horizon):  # type: ignore[no-untyped-def]
    """Apply one event of the scenario."""
    a = np.int64(event.asset)
    if event.kind == HIT:
        _hit(f, s, a, event.to)
        repair_ms = f.asset[a].repair_ms
        if typical and event.plan and repair_ms >= 0 and s.own[a] < 1.0:
            at = s.tally[0].now + repair_ms
            s.asset[a].repair_at = at
            be_busy(s, a)
            if at <= horizon:
                start_clock(s, np.int64(f.asset[a].repair_lane), at, a * 4 + REPAIR)
    elif event.kind == MEND:
        repair(f, s, a, horizon)
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
        s.switched[c.switched] = link
        c.switched += 1
    s.is_switched[link] = _BACK if s.is_switched[link] == _OVER else _OVER
    s.is_stale[f.link_net[link]] = 1
    c.stale = 1


@part
def switched_rows(f, s):  # type: ignore[no-untyped-def]
    """Write a row for each link hit or repaired in this instant; none for one that was both."""
    for i in range(s.tally[0].switched):
        link = np.int64(s.switched[i])
        if s.is_switched[link] != _OVER:
            continue
        after = 0.0 if s.is_cut[link] else 1.0
        row = write_row(s, NONE, NONE, 1.0 - after, after)
        if row >= 0:
            s.rows[row].link = link
            none = np.int64(0)
            explain(s, row, DIRECT if s.is_cut[link] else REPAIRED, NONE, none, none, none)


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
    """Apply damage: it never raises ``own``, and cancels a repair or restart under way."""
    see_asset(s, a)
    _damage(f, s, a, min(s.own[a], to), DIRECT)
    s.asset[a].repair_at = NONE
    s.asset[a].restart_at = NONE
    s.tally[0].version += 1
    s.tally[0].worse += 1


@part
def repair(f, s, a, horizon):  # type: ignore[no-untyped-def]
    """End a repair: the asset restarts, or is back at once."""
    see_asset(s, a)
    if s.asset[a].repair_at < 0:  # an unplanned repair may change what binds other assets
        s.tally[0].worse += 1
    s.asset[a].repair_at = NONE
    if s.own[a] >= 1.0 or s.asset[a].restart_at >= 0:
        return
    touch(s, a)
    now, restart_ms = s.tally[0].now, f.asset[a].restart_ms
    s.asset[a].restart_at = now + restart_ms
    be_busy(s, a)
    if restart_ms == 0:
        restore(f, s, a)
    elif now + restart_ms <= horizon:
        lane = np.int64(f.asset[a].restart_lane)
        start_clock(s, lane, now + restart_ms, a * 4 + ASSET_RESTART)


@part
def restore(f, s, a):  # type: ignore[no-untyped-def]
    """Bring the asset back to its full level."""
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
    ask_level(s, a)
    mark_networks(f, s, a)
    s.asset[a].own_kind = kind
    s.asset[a].own_at = c.instant
    if s.asset[a].damaged == 0:
        s.asset[a].damaged = 1
        s.damaged[c.damaged] = a
        c.damaged += 1
