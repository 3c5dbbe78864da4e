"""Compiled link networks: who is reached by a working source, and whether its part has enough."""

from __future__ import annotations

import numpy as np

from models.cascade.compiled import part
from models.cascade.exact_kernels import add_exactly, rounded_12, total_of

_UNLIMITED = 1
_NOBODY = -1


@part
def changed_deliveries(f, s, net):  # type: ignore[no-untyped-def]
    """Put the slots of ``net`` whose delivery changed into ``s.changed``; return how many.

    ``s.delivers`` then has what they deliver.
    """
    c = s.tally[0]
    n = len(f.asset)
    first, end = f.net_ptr[net], f.net_ptr[net + 1]
    c.stamp += 1
    stamp = c.stamp
    _reach(f, s, net, stamp)
    for x in range(first, end):
        s.delivers[x] = s.value[f.slot[x].asset] if s.reached[x] == stamp else 0.0
    if f.has_demand[net]:
        find_parts(f, s, net)
        _balance(f, s, net)
    found = 0
    for x in range(first, end):
        if s.delivers[x] != s.value[n + x]:
            s.changed[found] = x
            found += 1
    return found


@part
def _reach(f, s, net, stamp):  # type: ignore[no-untyped-def]
    """Stamp every slot that a path of working assets and links joins to a working source."""
    value, slot, reached, frontier, is_cut = s.value, f.slot, s.reached, s.frontier, s.is_cut
    onward_ptr, onward, onward_link = f.onward_ptr, f.onward, f.onward_link
    tail = 0
    for i in range(f.source_ptr[net], f.source_ptr[net + 1]):
        x = f.feeder[i]
        if value[slot[x].asset] > 0.0:
            reached[x] = stamp
            frontier[tail] = x
            tail += 1
    head = 0
    while head < tail:
        x = frontier[head]
        head += 1
        for i in range(onward_ptr[x], onward_ptr[x + 1]):
            y = onward[i]
            if reached[y] != stamp and is_cut[onward_link[i]] == 0 and value[slot[y].asset] > 0.0:
                reached[y] = stamp
                frontier[tail] = y
                tail += 1


@part
def find_parts(f, s, net):  # type: ignore[no-untyped-def]
    """Write the first slot of its part for every slot of ``net``; -1 where ``own`` is 0."""
    slot, own, part, frontier, is_cut = f.slot, s.own, s.part, s.frontier, s.is_cut
    around_ptr, around, around_link = f.around_ptr, f.around, f.around_link
    for x in range(f.net_ptr[net], f.net_ptr[net + 1]):
        part[x] = _NOBODY
    for seed in range(f.net_ptr[net], f.net_ptr[net + 1]):
        if part[seed] != _NOBODY or own[slot[seed].asset] <= 0.0:
            continue
        part[seed] = seed
        frontier[0] = seed
        head, tail = 0, 1
        while head < tail:
            x = frontier[head]
            head += 1
            for i in range(around_ptr[x], around_ptr[x + 1]):
                y = around[i]
                if part[y] == _NOBODY and is_cut[around_link[i]] == 0 and own[slot[y].asset] > 0.0:
                    part[y] = seed
                    frontier[tail] = y
                    tail += 1


@part
def _balance(f, s, net):  # type: ignore[no-untyped-def]
    """Limit what the slots of each part deliver to min(1, supply / demand) of the part.

    Slots are grouped by part in ``s.frontier``: a part's first slot comes before its others.
    """
    first, end = f.net_ptr[net], f.net_ptr[net + 1]
    slot, part, follow = f.slot, s.part, s.frontier
    # chain the slots of each part, latest first
    for x in range(first, end):
        follow[x] = _NOBODY
    for x in range(first, end):
        p = part[x]
        if p != _NOBODY and p != x:
            follow[x] = follow[p]
            follow[p] = x
    for p in range(first, end):
        if part[p] != p:
            continue
        limit = _balance_of(slot, s.value, follow, p, s.partials)
        x = p
        while x != _NOBODY:
            if s.delivers[x] > limit:
                s.delivers[x] = limit
            x = follow[x]


@part
def _balance_of(slot, value, follow, p, partials):  # type: ignore[no-untyped-def]
    n = np.int64(0)
    x = p
    while x != _NOBODY:
        if slot[x].demand > 0.0:
            n = add_exactly(partials, n, slot[x].demand)
        x = follow[x]
    demand = total_of(partials, n)
    if demand <= 0.0:
        return 1.0
    n = np.int64(0)
    x = p
    while x != _NOBODY:
        level = value[slot[x].asset]
        if slot[x].feeds and level > 0.0:
            if slot[x].feeds == _UNLIMITED:
                return 1.0
            n = add_exactly(partials, n, slot[x].supply * level)
        x = follow[x]
    return rounded_12(min(1.0, total_of(partials, n) / demand))
