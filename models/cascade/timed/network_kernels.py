"""Compiled link networks: slots that a working source reaches, and the balance of each part."""

from __future__ import annotations

import numpy as np

from models.cascade.compile.compiled import part
from models.cascade.compile.exact_kernels import add_exactly, rounded_12, total_of

_UNLIMITED = 1
_NOBODY = -1


@part
def changed_deliveries(f, s, net):  # type: ignore[no-untyped-def]
    """Put the slots of ``net`` whose delivery changed into ``s.changed``; return how many.

    ``s.delivers`` then holds their deliveries. In a network without demand whose forest is known,
    only the surroundings of changes are searched; any other network is searched as a whole.
    """
    if s.tally[0].forest and not f.has_demand[net]:
        return _changed_nearby(f, s, net)
    return _changed_anywhere(f, s, net)


@part
def _changed_anywhere(f, s, net):  # type: ignore[no-untyped-def]
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
    size = 0
    for x in range(first, end):
        if s.delivers[x] != s.value[n + x]:
            s.changed[size] = x
            size += 1
    return size


# -- networks without demand: a forest that grows from the sources ---------------------------------


@part
def plant(f, s):  # type: ignore[no-untyped-def]
    """Record for every reached slot its parent and the link that leads to it."""
    c = s.tally[0]
    for net in range(len(f.has_demand)):
        c.stamp += 1
        tail = 0
        for i in range(f.source_ptr[net], f.source_ptr[net + 1]):
            x = f.feeder[i]
            if s.value[f.slot[x].asset] > 0.0:
                s.reached[x] = c.stamp
                s.parent[x], s.via[x] = _NOBODY, _NOBODY
                s.frontier[tail] = x
                tail += 1
        head = 0
        while head < tail:
            x = s.frontier[head]
            head += 1
            for i in range(f.onward_ptr[x], f.onward_ptr[x + 1]):
                y = f.onward[i]
                if s.reached[y] != c.stamp and s.value[f.slot[y].asset] > 0.0:
                    s.reached[y] = c.stamp
                    s.parent[y], s.via[y] = x, f.onward_link[i]
                    s.frontier[tail] = y
                    tail += 1
    c.forest = 1


@part
def forget_moves(s):  # type: ignore[no-untyped-def]
    """Clear the lists of changes: all deliveries are up to date."""
    c = s.tally[0]
    for i in range(c.moved_slots):
        s.is_moved[s.moved_slots[i]] = 0
    for i in range(c.switched):
        s.is_switched[s.switched[i]] = 0
    c.moved_slots, c.switched = 0, 0


@part
def _changed_nearby(f, s, net):  # type: ignore[no-untyped-def]
    """Update the forest: cut branches that lost their parent, reattach what is reached elsewhere.

    Before the search, a slot counts as reached if it delivers. ``s.reached`` stamps the slots
    visited by the search; ``s.is_reached`` holds their new state.
    """
    c = s.tally[0]
    n = len(f.asset)
    c.stamp += 1
    size = _fell(f, s, net)
    growing = _graft(f, s, size)
    size, growing = _sow(f, s, net, size, growing)
    size = _grow(f, s, size, growing)
    kept = 0
    for i in range(size):
        x = s.changed[i]
        s.delivers[x] = s.value[f.slot[x].asset] if s.is_reached[x] else 0.0
        if s.delivers[x] != s.value[n + x]:
            s.changed[kept] = x
            kept += 1
    if c.tracing:
        s.changed[:kept].sort()
    return kept


@part
def _look_at(f, s, x, size, reached):  # type: ignore[no-untyped-def]
    """Stamp a slot that the search has not visited; return the number of visited slots."""
    s.is_reached[x] = reached
    if s.reached[x] != s.tally[0].stamp:
        s.reached[x] = s.tally[0].stamp
        s.changed[size] = x
        size += 1
    return size


@part
def _stands(f, s, x):  # type: ignore[no-untyped-def]
    if s.reached[x] == s.tally[0].stamp:
        return s.is_reached[x] == 1
    return s.value[len(f.asset) + x] > 0.0


@part
def _fell(f, s, net):  # type: ignore[no-untyped-def]
    """Cut the slots that failed or lost their link, with everything below them in the forest."""
    c = s.tally[0]
    n = len(f.asset)
    size = 0
    for i in range(c.moved_slots):
        x = s.moved_slots[i]
        if f.slot[x].net == net and s.value[n + x] > 0.0 and s.value[f.slot[x].asset] <= 0.0:
            size = _look_at(f, s, x, size, 0)
    for i in range(c.switched):
        link = s.switched[i]
        if f.link_net[link] != net or not s.is_cut[link]:
            continue
        for x in (f.link_from[link], f.link_to[link]):
            if s.via[x] == link and _stands(f, s, x):
                size = _look_at(f, s, x, size, 0)
    head = 0
    while head < size:
        x = s.changed[head]
        head += 1
        for i in range(f.onward_ptr[x], f.onward_ptr[x + 1]):
            y = f.onward[i]
            if s.parent[y] == x and _stands(f, s, y):
                size = _look_at(f, s, y, size, 0)
    return size


@part
def _graft(f, s, size):  # type: ignore[no-untyped-def]
    """Reattach cut slots that a reached neighbour leads to; put them on the frontier."""
    growing = 0
    for i in range(size):
        x = s.changed[i]
        if s.value[f.slot[x].asset] > 0.0 and _find_hold(f, s, x):
            s.frontier[growing] = x
            growing += 1
    for i in range(growing):
        s.is_reached[s.frontier[i]] = 1
    return growing


@part
def _find_hold(f, s, x):  # type: ignore[no-untyped-def]
    for i in range(f.inward_ptr[x], f.inward_ptr[x + 1]):
        y = f.inward[i]
        if not s.is_cut[f.inward_link[i]] and _stands(f, s, y):
            _replant(s, x, y, f.inward_link[i])
            return True
    return False


@part
def _sow(f, s, net, size, growing):  # type: ignore[no-untyped-def]
    """Visit the other changes: put newly reached slots on the frontier."""
    c = s.tally[0]
    for i in range(c.moved_slots):
        x = s.moved_slots[i]
        if f.slot[x].net != net:
            continue
        stood = _stands(f, s, x)
        size = _look_at(f, s, x, size, stood)
        if stood or s.value[f.slot[x].asset] <= 0.0:
            continue
        if f.slot[x].feeds:
            _replant(s, x, _NOBODY, _NOBODY)
        elif not _find_hold(f, s, x):
            continue
        s.is_reached[x] = 1
        s.frontier[growing] = x
        growing += 1
    for i in range(c.switched):
        link = s.switched[i]
        if f.link_net[link] != net or s.is_cut[link]:
            continue
        for x in (f.link_from[link], f.link_to[link]):
            if s.value[f.slot[x].asset] > 0.0 and not _stands(f, s, x) and _find_hold(f, s, x):
                size = _look_at(f, s, x, size, 1)
                s.frontier[growing] = x
                growing += 1
    return size, growing


@part
def _grow(f, s, size, growing):  # type: ignore[no-untyped-def]
    """Extend the forest from the frontier."""
    head = 0
    while head < growing:
        x = s.frontier[head]
        head += 1
        for i in range(f.onward_ptr[x], f.onward_ptr[x + 1]):
            y = f.onward[i]
            if s.is_cut[f.onward_link[i]] or s.value[f.slot[y].asset] <= 0.0:
                continue
            if not _stands(f, s, y):
                size = _look_at(f, s, y, size, 1)
                _replant(s, y, x, f.onward_link[i])
                s.frontier[growing] = y
                growing += 1
    return size


@part
def _replant(s, x, parent, via):  # type: ignore[no-untyped-def]
    s.parent[x], s.via[x] = parent, via
    if s.is_replanted[x] == 0:
        s.is_replanted[x] = 1
        c = s.tally[0]
        s.replanted[c.replanted] = x
        c.replanted += 1


# -- any network, as a whole -----------------------------------------------------------------------


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
