"""Compiled closures: the state a run leads to if time is left out, and the greatest fixed point.

A closure changes the state of the run in place, records each change on a trail, and is undone by
walking the trail backwards. So its cost is that of the changes, not of the whole world. Without
time, returns and losses lead to the same state in any order.
"""

from __future__ import annotations

import numpy as np

from models.cascade.compile.compiled import part
from models.cascade.timed.level_kernels import (
    allowed_level,
    counts_as_served,
    has_enough,
    mark_networks,
    pend,
    set_value,
)
from models.cascade.timed.network_kernels import changed_deliveries, forget_moves

#: Length of an empty trail.
NOTHING = np.int64(0)


@part
def open_returned(f, s):  # type: ignore[no-untyped-def]
    """Finish repairs and restarts, then run the returns from now, with every restart as 0 h."""
    c = s.tally[0]
    kept = 0
    for i in range(c.busy):
        a = np.int64(s.busy[i])
        if s.asset[a].repair_at < 0 and s.asset[a].restart_at < 0:
            s.asset[a].busy = 0
            continue
        s.busy[kept] = a
        kept += 1
        if s.own[a] < 1.0:
            _note(s, -1 - a, s.own[a])
            s.own[a] = 1.0
            mark_networks(f, s, a)
            _follow(f, s, a, _closed_level(f, s, a))
    c.busy = kept
    kept = 0
    for i in range(c.restarting):
        g = np.int64(s.restarting[i])
        if s.group[g].restart_at < 0:
            s.group[g].restarting = 0
            continue
        s.restarting[kept] = g
        kept += 1
        a = np.int64(f.group[g].owner)
        _follow(f, s, a, _closed_level(f, s, a))
    c.restarting = kept
    run_returns(f, s)


@part
def run_returns(f, s):  # type: ignore[no-untyped-def]
    """Run the returns; if the closure is ``narrow``, only those of assets ``inside``."""
    c = s.tally[0]
    while c.pending > 0 or c.stale:
        while c.pending > 0:
            c.pending -= 1
            g = np.int64(s.pending[c.pending])
            s.is_pending[g] = 0
            a = np.int64(f.owner[g])
            if c.narrow and not s.asset[a].inside:
                continue
            if still_lost(s, g) and counts_as_served(f, s, g):
                s.group[g].back = 1
                s.back[c.back] = g
                c.back += 1
                _follow(f, s, a, _closed_level(f, s, a))
        _deliver(f, s)


@part
def still_lost(s, g):  # type: ignore[no-untyped-def]
    """Whether a group stays lost within the closure."""
    group = s.group[g]
    return group.lost == 1 and group.restart_at < 0 and group.back == 0


@part
def _closed_level(f, s, a):  # type: ignore[no-untyped-def]
    least = 1.0
    for g in range(f.asset[a].first_group, f.asset[a].end_group):
        if still_lost(s, g):
            least = min(least, 1.0 - f.group[g].loss)
    return s.own[a] * least


@part
def sync_best(f, s, best):  # type: ignore[no-untyped-def]
    """Update ``best`` to the greatest fixed point of current damage, links and supplies.

    That is the world after losses from all at ``own``, stores empty; black starts hold. If
    nothing has improved, losses continue from the last fixed point. Assets whose level may differ
    from it are listed for re-evaluation (``ask``).
    """
    differs, better = _basis_differs(s, best)
    b = best.tally[0]
    if not differs:
        return
    kept = b.trail
    if b.asked < 0 or better or f.has_demand.any():
        ask_trail(f, s, best, NOTHING)
        _forget_basis(f, best)
        kept = NOTHING
    b.asked = 0
    _take_links_and_supplies(f, s, best)
    _take_damage(f, s, best)
    _run_losses(f, best)
    ask_trail(f, s, best, kept)


@part
def ask(s, a):  # type: ignore[no-untyped-def]
    """List an asset in ``s.moved``: whether it is stuck is to be re-evaluated."""
    if s.asset[a].asked == 0:
        s.asset[a].asked = 1
        c = s.tally[0]
        s.moved[c.asking] = a
        c.asking += 1


@part
def ask_trail(f, s, closure, first):  # type: ignore[no-untyped-def]
    """List all assets whose level is on a closure's trail, from ``first`` on."""
    n = len(f.asset)
    for i in range(first, closure.tally[0].trail):
        what = np.int64(closure.trail_value[i])
        if 0 <= what < n:
            ask(s, what)


@part
def _basis_differs(s, best):  # type: ignore[no-untyped-def]
    """Return whether damage, links or supplies differ from those of ``best``, and whether improved.

    Repaired assets are removed from the list of damaged ones.
    """
    c, b = s.tally[0], best.tally[0]
    better = False
    for i in range(b.cut):
        better |= s.is_cut[best.cut[i]] == 0
    for i in range(c.supplied):
        better |= best.supplies[s.supplied[i]] == 0
    for i in range(b.damaged):
        better |= best.own[best.damaged[i]] < _repaired(s, best.damaged[i])
    differs = b.asked < 0 or better or c.cut != b.cut or c.supplied != b.supplied
    kept = 0
    for i in range(c.damaged):
        a = np.int64(s.damaged[i])
        if s.own[a] >= 1.0:
            s.asset[a].damaged = 0
            continue
        s.damaged[kept] = a
        kept += 1
        differs |= best.own[a] != _repaired(s, a)
    c.damaged = kept
    return differs, better


@part
def _forget_basis(f, best):  # type: ignore[no-untyped-def]
    """Reset the basis of ``best`` to an undamaged world."""
    b = best.tally[0]
    undo(f, best, NOTHING, NOTHING, True)
    for i in range(b.cut):
        best.is_cut[best.cut[i]] = 0
    for i in range(b.supplied):
        best.supplies[best.supplied[i]] = 0
    b.cut, b.supplied, b.given, b.damaged = 0, 0, 0, 0
    for g in f.short:
        pend(best, np.int64(g))


@part
def _take_links_and_supplies(f, s, best):  # type: ignore[no-untyped-def]
    c, b = s.tally[0], best.tally[0]
    for i in range(c.cut):
        link = s.cut[i]
        if best.is_cut[link] == 0:
            best.is_cut[link] = 1
            best.is_stale[f.link_net[link]] = 1
            b.stale = 1
        best.cut[i] = link
    b.cut = c.cut
    for i in range(b.supplied):
        pair = best.supplied[i]
        if s.supplies[pair] == 0:
            best.supplies[pair] = 0
            for j in range(f.pair_ptr[pair], f.pair_ptr[pair + 1]):
                pend(best, np.int64(f.pair_group[j]))
    for i in range(c.supplied):
        best.supplied[i] = s.supplied[i]
        best.supplies[s.supplied[i]] = 1
    b.supplied, b.given = c.supplied, c.supplied


@part
def _take_damage(f, s, best):  # type: ignore[no-untyped-def]
    c, b = s.tally[0], best.tally[0]
    b.damaged = 0
    for i in range(c.damaged):
        a = np.int64(s.damaged[i])
        own = _repaired(s, a)
        if own >= 1.0:
            continue
        best.damaged[b.damaged] = a
        b.damaged += 1
        if own != best.own[a]:
            _note(best, -1 - a, best.own[a])
            best.own[a] = own
            mark_networks(f, best, a)
            _follow(f, best, a, allowed_level(f, best, a))


@part
def _run_losses(f, best):  # type: ignore[no-untyped-def]
    b = best.tally[0]
    _deliver(f, best)
    while b.pending > 0 or b.stale:
        while b.pending > 0:
            b.pending -= 1
            g = np.int64(best.pending[b.pending])
            best.is_pending[g] = 0
            a = np.int64(f.group[g].owner)
            if not best.group[g].lost and not f.asset[a].black and not has_enough(f, best, g):
                best.group[g].lost = 1
                best.back[b.back] = g
                b.back += 1
                _follow(f, best, a, allowed_level(f, best, a))
        _deliver(f, best)


@part
def _repaired(s, a):  # type: ignore[no-untyped-def]
    """Return own damage once repairs and restarts under way are over."""
    return 1.0 if s.asset[a].repair_at >= 0 or s.asset[a].restart_at >= 0 else s.own[a]


@part
def _follow(f, s, a, level):  # type: ignore[no-untyped-def]
    if level != s.value[a]:
        _note(s, a, s.value[a])
        set_value(f, s, a, level)
        mark_networks(f, s, a)


@part
def _deliver(f, s):  # type: ignore[no-untyped-def]
    c, n = s.tally[0], len(f.asset)
    if not c.stale:
        return
    for net in range(len(f.has_demand)):
        if s.is_stale[net] == 0:
            continue
        s.is_stale[net] = 0
        for i in range(changed_deliveries(f, s, net)):
            x = np.int64(s.changed[i])
            _note(s, n + x, s.value[n + x])
            set_value(f, s, n + x, s.delivers[x])
    c.stale = 0
    forget_moves(s)


@part
def _note(s, what, before):  # type: ignore[no-untyped-def]
    """Record on the trail what a value, or (below 0) an asset's ``own``, was."""
    c = s.tally[0]
    if c.trail >= len(s.trail_value):
        c.full = 1
        return
    s.trail_value[c.trail] = what
    s.trail_from[c.trail] = before
    c.trail += 1


@part
def undo(f, s, trail, back, losses):  # type: ignore[no-untyped-def]
    """Undo a closure back to these lengths of its trail and of its list of groups."""
    c = s.tally[0]
    while c.trail > trail:
        c.trail -= 1
        what = np.int64(s.trail_value[c.trail])
        if what >= 0:
            set_value(f, s, what, s.trail_from[c.trail])
        else:
            s.own[-1 - what] = s.trail_from[c.trail]
    while c.back > back:
        c.back -= 1
        if losses:
            s.group[s.back[c.back]].lost = 0
        else:
            s.group[s.back[c.back]].back = 0
    for i in range(c.pending):
        s.is_pending[s.pending[i]] = 0
    c.pending = 0
