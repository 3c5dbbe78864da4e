"""Compiled trace: the rows that a run writes, and their causes."""

from __future__ import annotations

import numpy as np

from models.cascade.compile.compiled import part
from models.cascade.timed.arrays import DIRECT, INITIAL, NONE, REPAIRED
from models.cascade.timed.level_kernels import touch

#: Phases of an instant; a hit shows in the first round of losses, a repair in that of returns.
BEGINNING, LOSING, ROSE = np.arange(3)


@part
def write_row(s, v, a, before, after):  # type: ignore[no-untyped-def]
    """Write a change; return its row if it needs an explanation, else -1."""
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
def explain(s, at, kind, group, because, n_because, order):  # type: ignore[no-untyped-def]
    """Write the causes of a row."""
    c, row = s.tally[0], s.rows[at]
    row.kind = INITIAL if c.instant == 0 and row.after < row.before else kind
    row.group, row.because, row.n_because, row.order = group, because, n_because, order
    if row.value >= 0:
        s.latest[row.value] = at
        touch(s, np.int64(row.asset))


@part
def explain_level(f, s, at):  # type: ignore[no-untyped-def]
    """Write why a level changed, with the group that binds."""
    c, row = s.tally[0], s.rows[at]
    a, falls = np.int64(row.asset), row.after < row.before
    own, none = _own_kind(s, a), np.int64(0)
    if own == DIRECT and falls:
        explain(s, at, DIRECT, NONE, none, none, none)
        return
    most, still = 0.0, 0.0
    for g in range(f.asset[a].first_group, f.asset[a].end_group):
        if s.group[g].caused_at == c.round:
            most = max(most, f.group[g].loss)
        if s.group[g].lost and not falls:
            still = max(still, f.group[g].loss)
    if most <= 0.0 or most < still:
        explain(s, at, REPAIRED if own == NONE else own, NONE, none, none, none)
        return
    first, binding = c.pool, NONE
    for g in range(f.asset[a].first_group, f.asset[a].end_group):
        if s.group[g].caused_at == c.round and f.group[g].loss == most:
            binding = np.int64(g) if binding < 0 else binding
            begin = s.group[g].because
            for i in range(begin, begin + s.group[g].n_because):
                collect(s, np.int64(s.pool[i]))
    sort_unique(s, first)
    order = 0
    for i in range(first, c.pool):
        earlier = s.rows[s.pool[i]]
        order = max(order, earlier.order + (earlier.asset != a))
    explain(s, at, c.kind, binding, first, c.pool - first, order)


@part
def _own_kind(s, a):  # type: ignore[no-untyped-def]
    """Return the kind of change of the asset's ``own`` that shows in this round, else -1."""
    c, asset = s.tally[0], s.asset[a]
    if asset.own_at != c.instant or c.phase == ROSE:
        return NONE
    if asset.own_kind == DIRECT and c.phase != BEGINNING:
        return NONE
    return np.int64(asset.own_kind)


@part
def collect(s, row):  # type: ignore[no-untyped-def]
    """Add a row to the list of causes."""
    c = s.tally[0]
    if c.pool >= len(s.pool):
        c.full = 1
        return
    s.pool[c.pool] = row
    c.pool += 1


@part
def sort_unique(s, first):  # type: ignore[no-untyped-def]
    """Sort the rows collected from ``first`` on, and remove duplicates."""
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


@part
def network_rows(f, s, net, end):  # type: ignore[no-untyped-def]
    """Collect this round's rows about the network's links or its assets' levels."""
    for row in range(s.tally[0].first_row, end):
        link, a = s.rows[row].link, s.rows[row].asset
        inside = link >= 0 and f.link_net[link] == net
        if link < 0:
            for i in range(f.asset[a].first_slot, f.asset[a].end_slot):
                inside = inside or f.slot[f.slots[i]].net == net
        if inside:
            collect(s, row)
