"""Compiled search for stuck assets, and for those that wait for each other, at each instant.

An asset is stuck if returns leave it below its level in the greatest fixed point. This is
re-evaluated only if one of the two may have changed.
"""

from __future__ import annotations

import numpy as np

from models.cascade.compile.compiled import part
from models.cascade.timed.closure_kernels import (
    NOTHING,
    ask,
    ask_trail,
    open_returned,
    still_lost,
    sync_best,
    undo,
)
from models.cascade.timed.level_kernels import TOLERANCE, see_asset, touch
from models.cascade.timed.wait_kernels import rings

#: Marks of locked assets: as last recorded, and as found now.
_NOTED, _FOUND = np.arange(1, 3)


@part
def find_stuck(f, s, best):  # type: ignore[no-untyped-def]
    """Update the list of stuck assets, and of those that wait for each other."""
    c = s.tally[0]
    if c.asked == c.version:
        return
    c.asked = c.version
    # if none was stuck and nothing got worse since, none is stuck now
    if c.stuck == 0 and c.asked_worse == c.worse:
        return
    c.asked_worse = c.worse
    if c.waiting == 0:
        _nobody(s)
        return
    sync_best(f, s, best)
    ask_changed(f, s)
    open_returned(f, s)
    ask_trail(f, s, s, NOTHING)
    c.asked_trail = c.trail
    on_loop = c.waiting
    for i in range(c.back):
        on_loop -= f.group[s.back[i]].on_loop
    if on_loop == 0:
        _nobody(s)
    else:
        _judge(s, best)
        if c.stuck > 0:
            locked, _ = rings(f, s, best)
            _note_locked(s, locked)
        else:
            _note_locked(s, s.locked[:0])
    forget_asked(s)
    undo(f, s, NOTHING, NOTHING, False)


@part
def ask_changed(f, s):  # type: ignore[no-untyped-def]
    """List all assets whose level, now or in the last closure, may have changed since then."""
    c = s.tally[0]
    if not c.anew:
        for i in range(c.asked_rows, c.rows):
            if s.rows[i].asset >= 0:
                ask(s, np.int64(s.rows[i].asset))
        n = len(f.asset)
        for i in range(c.asked_trail):  # the list still holds the undone changes
            what = np.int64(s.trail_value[i])
            if 0 <= what < n:
                ask(s, what)
    else:
        for i in range(c.seen_groups + len(f.dark)):
            g = np.int64(s.seen_groups[i] if i < c.seen_groups else f.dark[i - c.seen_groups])
            if still_lost(s, g):
                ask(s, np.int64(f.owner[g]))
        for i in range(c.stuck):
            ask(s, np.int64(s.stuck[i]))
    c.anew = 0
    c.asked_rows = c.rows


@part
def forget_asked(s):  # type: ignore[no-untyped-def]
    """Clear the list of assets to re-evaluate."""
    c = s.tally[0]
    for i in range(c.asking):
        s.asset[s.moved[i]].asked = 0
    c.asking = 0


@part
def _judge(s, best):  # type: ignore[no-untyped-def]
    """Add assets that are stuck within the closure, and remove those that are not."""
    c = s.tally[0]
    for i in range(c.asking):
        a = np.int64(s.moved[i])
        is_stuck = s.value[a] < best.value[a] - TOLERANCE
        if is_stuck == (s.asset[a].stuck == 1):
            continue
        see_asset(s, a)
        touch(s, a)
        s.asset[a].stuck = is_stuck
        if is_stuck:
            s.asset[a].stuck_at = c.stuck
            s.stuck[c.stuck] = a
            c.stuck += 1
        else:
            c.stuck -= 1
            last = np.int64(s.stuck[c.stuck])
            see_asset(s, last)
            s.stuck[s.asset[a].stuck_at] = last
            s.asset[last].stuck_at = s.asset[a].stuck_at


@part
def _nobody(s):  # type: ignore[no-untyped-def]
    """Record that nothing is stuck, because no loop is involved; the next search starts afresh."""
    c = s.tally[0]
    for i in range(c.stuck):
        a = np.int64(s.stuck[i])
        see_asset(s, a)
        touch(s, a)
        s.asset[a].stuck = 0
    c.stuck = 0
    c.anew = 1
    _note_locked(s, s.locked[:0])


@part
def _note_locked(s, locked):  # type: ignore[no-untyped-def]
    """Record the assets that wait for each other; each of them is stuck."""
    c = s.tally[0]
    for a in locked:
        see_asset(s, np.int64(a))
        s.asset[a].locked |= _FOUND
    for i in range(c.locked):
        a = np.int64(s.locked[i])
        if s.asset[a].locked == _NOTED:
            see_asset(s, a)
            touch(s, a)
            s.asset[a].locked = 0
    for i in range(len(locked)):
        a = np.int64(locked[i])
        if s.asset[a].locked == _FOUND:
            touch(s, a)
        s.asset[a].locked = _NOTED
        s.locked[i] = a
    c.locked = len(locked)
