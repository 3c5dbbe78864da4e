"""Compiled basics: whether a supplier suffices, a group is served, and the level this allows."""

from __future__ import annotations

import numpy as np

from models.cascade.compile.compiled import part
from models.cascade.compile.exact_kernels import add_exactly, total_of

#: Tolerance of comparisons, so that rounding cannot decide them.
TOLERANCE = 1e-9
#: Replaces a count of suppliers in groups judged by shares.
BY_SHARES = -(1 << 30)


@part
def is_up(level, fraction):  # type: ignore[no-untyped-def]
    """Whether a supplier at this level suffices."""
    return level > 0.0 if fraction <= 0.0 else level >= fraction - TOLERANCE


@part
def pend(s, g):  # type: ignore[no-untyped-def]
    """List a group to be judged in the next round."""
    if s.is_pending[g] == 0:
        s.is_pending[g] = 1
        c = s.tally[0]
        s.pending[c.pending] = g
        c.pending += 1


@part
def set_value(f, s, v, new):  # type: ignore[no-untyped-def]
    """Write a level or delivery and update the counts of the groups that depend on it.

    Groups that may have become served or unserved are added to ``s.pending``.
    """
    old = s.value[v]
    s.value[v] = new
    fed, group = f.fed, f.group
    slack, is_pending, pending, c = s.slack, s.is_pending, s.pending, s.tally[0]
    whole = (old <= 0.0 or old >= 1.0) and (new <= 0.0 or new >= 1.0)
    rise = 1 if new > old else -1
    size = c.pending
    for i in range(f.fed_ptr[v], f.fed_ptr[v + 1]):
        g = fed[i] >> 1
        turned = True
        if whole and fed[i] & 1:
            slack[g] += rise
            turned = slack[g] == min(rise, 0)
        elif not group[g].shares:
            fraction = group[g].fraction
            step = int(is_up(new, fraction)) - int(is_up(old, fraction))
            slack[g] += step
            turned = step != 0 and slack[g] == min(step, 0)
        if turned and is_pending[g] == 0:
            is_pending[g] = 1
            pending[size] = g
            size += 1
    c.pending = size


@part
def has_enough(f, s, g):  # type: ignore[no-untyped-def]
    """Whether suppliers, or an emergency supply, serve the group."""
    slack = s.slack[g]
    if slack >= 0:
        return True
    if s.tally[0].given > 0 and s.supplies[f.group[g].pair] > 0:
        return True
    if slack > BY_SHARES:
        return False
    group, n = f.group[g], np.int64(0)
    for e in range(group.first, group.end):
        n = add_exactly(s.partials, n, f.share[e] * s.value[f.source[e]])
    return is_up(total_of(s.partials, n), group.fraction)


@part
def counts_as_served(f, s, g):  # type: ignore[no-untyped-def]
    """Whether the group is served, or held by a black start."""
    return s.group[g].holds == 1 or has_enough(f, s, g)


@part
def allowed_level(f, s, a):  # type: ignore[no-untyped-def]
    """Return the level that own damage and lost groups allow: losses do not multiply."""
    return s.own[a] * least_factor(f, s, a)


@part
def least_factor(f, s, a):  # type: ignore[no-untyped-def]
    """Return min over lost groups of (1 - loss)."""
    least = 1.0
    live, fixed = s.group, f.group
    for g in range(f.asset[a].first_group, f.asset[a].end_group):
        if live[g].lost:
            least = min(least, 1.0 - fixed[g].loss)
    return least


@part
def mark_networks(f, s, a):  # type: ignore[no-untyped-def]
    """Mark the networks of an asset for recomputation."""
    if len(f.slot) == 0:
        return
    c = s.tally[0]
    for i in range(f.asset[a].first_slot, f.asset[a].end_slot):
        x = f.slots[i]
        s.is_stale[f.slot[x].net] = 1
        c.stale = 1
        if s.is_moved[x] == 0:
            s.is_moved[x] = 1
            s.moved_slots[c.moved_slots] = x
            c.moved_slots += 1


@part
def see_asset(s, a):  # type: ignore[no-untyped-def]
    """List the asset to be reset after the run."""
    if s.asset[a].seen == 0:
        s.asset[a].seen = 1
        c = s.tally[0]
        s.seen_assets[c.seen_assets] = a
        c.seen_assets += 1


@part
def touch(s, a):  # type: ignore[no-untyped-def]
    """Mark that the displayed state of the asset may have changed."""
    c = s.tally[0]
    if c.tracing and s.asset[a].touched == 0:
        see_asset(s, a)
        s.asset[a].touched = 1
        s.touched[c.touched] = a
        c.touched += 1


@part
def see_group(s, g):  # type: ignore[no-untyped-def]
    """List the group to be reset after the run."""
    if s.group[g].seen == 0:
        s.group[g].seen = 1
        c = s.tally[0]
        s.seen_groups[c.seen_groups] = g
        c.seen_groups += 1


@part
def ask_level(s, a):  # type: ignore[no-untyped-def]
    """List the asset: its level is recomputed in this round."""
    c = s.tally[0]
    if s.asset[a].fresh_at != c.round:
        see_asset(s, a)
        s.asset[a].fresh_at = c.round
        s.fresh[c.fresh] = a
        c.fresh += 1


@part
def may_return(s, g):  # type: ignore[no-untyped-def]
    """List a group to be judged in the next round of returns."""
    if s.is_returning[g] == 0:
        s.is_returning[g] = 1
        c = s.tally[0]
        s.returning[c.returning] = g
        c.returning += 1


@part
def be_busy(s, a):  # type: ignore[no-untyped-def]
    """List an asset as under repair or restarting."""
    c = s.tally[0]
    c.version += 1
    if s.asset[a].busy == 0:
        s.asset[a].busy = 1
        s.busy[c.busy] = a
        c.busy += 1
