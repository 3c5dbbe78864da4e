"""Compiled restart deadlocks: the rules of ``deadlocks.py`` on top of a run's own state.

A closure changes the state of the run in place, keeps a trail of what it changed, and is undone
by walking the trail backwards. So it costs what differs from now, not the whole world. Returns
and losses apart from time lead to the same end in whatever order they are taken.
"""

from __future__ import annotations

import numpy as np

from models.cascade.compiled import kernel, part
from models.cascade.level_kernels import (
    TOLERANCE,
    allowed_level,
    counts_as_served,
    has_enough,
    mark_networks,
    pend,
    see_asset,
    set_value,
    touch,
)
from models.cascade.network_kernels import changed_deliveries, find_parts, forget_moves
from models.cascade.order_kernel import components

#: An exact search beyond this many sets of supplies gives way to an irreducible set.
_MOST_SETS_TRIED = 20_000
#: The length of a trail of which nothing is left.
_NOTHING = np.int64(0)
#: Who is stuck or locked: as last noted, and as found now.
_NOTED, _FOUND = np.arange(1, 3)
#: Which graph is asked for: who waits for whom among the stuck, or all that lost needs hang on.
_WAITS, _LOST_NEEDS = np.arange(2)


@part
def find_stuck(f, s, best):  # type: ignore[no-untyped-def]
    """Bring the list of stuck assets up to date, and who of them waits for each other."""
    c = s.tally[0]
    if c.asked == c.version:
        return
    c.asked = c.version
    found = 0
    if c.waiting > 0:
        sync_best(f, s, best)
        open_returned(f, s)
        found = _stuck_now(f, s, best)
        if found > 0:
            locked, _ = _rings(f, s, best, found)
            for a in locked:
                s.asset[a].locked |= _FOUND
        undo(f, s, _NOTHING, _NOTHING, False)
    for i in range(c.stuck):
        a = np.int64(s.stuck[i])
        if s.asset[a].stuck < _FOUND:
            see_asset(s, a)
            touch(s, a)
            s.asset[a].stuck, s.asset[a].locked = 0, 0
    for i in range(found):
        a = np.int64(s.moved[i])
        s.stuck[i] = a
        was, locked = s.asset[a].stuck == _FOUND + _NOTED, s.asset[a].locked
        if not was or locked in (_NOTED, _FOUND):
            touch(s, a)
        s.asset[a].stuck, s.asset[a].locked = _NOTED, locked >> 1
    c.stuck = found


@part
def _stuck_now(f, s, best):  # type: ignore[no-untyped-def]
    """Put the stuck assets into ``s.moved``; return how many. Called within a closure."""
    c = s.tally[0]
    on_loop = 0
    found = 0
    for i in range(c.seen_groups + len(f.dark)):
        g = np.int64(s.seen_groups[i] if i < c.seen_groups else f.dark[i - c.seen_groups])
        if not _still_lost(s, g):
            continue
        on_loop += f.group[g].on_loop
        a = np.int64(f.group[g].owner)
        if s.asset[a].stuck < _FOUND and s.value[a] < best.value[a] - TOLERANCE:
            see_asset(s, a)
            s.asset[a].stuck |= _FOUND
            s.moved[found] = a
            found += 1
    if on_loop == 0:
        for i in range(found):
            s.asset[s.moved[i]].stuck &= _NOTED
        return 0
    return found


# -- closures --------------------------------------------------------------------------------------


@part
def open_returned(f, s):  # type: ignore[no-untyped-def]
    """Finish repairs and restarts, then let returns run from now, every restart as 0 h."""
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
    _run_returns(f, s)


@part
def _run_returns(f, s):  # type: ignore[no-untyped-def]
    c = s.tally[0]
    while c.pending > 0 or c.stale:
        while c.pending > 0:
            c.pending -= 1
            g = np.int64(s.pending[c.pending])
            s.is_pending[g] = 0
            if _still_lost(s, g) and counts_as_served(f, s, g):
                s.group[g].back = 1
                s.back[c.back] = g
                c.back += 1
                a = np.int64(f.group[g].owner)
                _follow(f, s, a, _closed_level(f, s, a))
        _deliver(f, s)


@part
def _still_lost(s, g):  # type: ignore[no-untyped-def]
    group = s.group[g]
    return group.lost == 1 and group.restart_at < 0 and group.back == 0


@part
def _closed_level(f, s, a):  # type: ignore[no-untyped-def]
    least = 1.0
    for g in range(f.asset[a].first_group, f.asset[a].end_group):
        if _still_lost(s, g):
            least = min(least, 1.0 - f.group[g].loss)
    return s.own[a] * least


@part
def sync_best(f, s, best):  # type: ignore[no-untyped-def]
    """Bring ``best`` to the greatest fixed point from damage, links and supplies of now.

    The world after losses ran from all at ``own``, stores empty; a black start holds.
    """
    if not _basis_differs(s, best):
        return
    c, b = s.tally[0], best.tally[0]
    undo(f, best, _NOTHING, _NOTHING, True)
    for i in range(b.cut):
        best.is_cut[best.cut[i]] = 0
    for i in range(b.supplied):
        best.supplies[best.supplied[i]] = 0
    b.cut, b.supplied, b.given = c.cut, c.supplied, c.supplied
    for i in range(c.cut):
        best.cut[i] = s.cut[i]
        best.is_cut[s.cut[i]] = 1
        best.is_stale[f.link_net[s.cut[i]]] = 1
        b.stale = 1
    for i in range(c.supplied):
        best.supplied[i] = s.supplied[i]
        best.supplies[s.supplied[i]] = 1
    b.damaged = 0
    for i in range(c.damaged):
        a = np.int64(s.damaged[i])
        own = _repaired(s, a)
        if own < 1.0:
            _note(best, -1 - a, 1.0)
            best.own[a] = own
            best.damaged[b.damaged] = a
            b.damaged += 1
            mark_networks(f, best, a)
            _follow(f, best, a, own)
    _deliver(f, best)
    for g in f.short:
        pend(best, np.int64(g))
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
def _basis_differs(s, best):  # type: ignore[no-untyped-def]
    c, b = s.tally[0], best.tally[0]
    if b.asked < 0 or c.cut != b.cut or c.supplied != b.supplied:
        b.asked = 0
        return True
    for i in range(c.cut):
        if not best.is_cut[s.cut[i]]:
            return True
    for i in range(c.supplied):
        if not best.supplies[s.supplied[i]]:
            return True
    kept = 0
    for i in range(c.damaged):
        a = np.int64(s.damaged[i])
        if s.own[a] >= 1.0:
            s.asset[a].damaged = 0
            continue
        s.damaged[kept] = a
        kept += 1
    c.damaged = kept
    for i in range(c.damaged):
        if best.own[s.damaged[i]] != _repaired(s, s.damaged[i]):
            return True
    for i in range(b.damaged):  # noqa: SIM110
        if best.own[best.damaged[i]] != _repaired(s, best.damaged[i]):
            return True
    return False


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
    """Remember what a value, or (below 0) an asset's own damage, was."""
    c = s.tally[0]
    if c.trail >= len(s.trail_value):
        c.full = 1
        return
    s.trail_value[c.trail] = what
    s.trail_from[c.trail] = before
    c.trail += 1


@part
def undo(f, s, trail, back, losses):  # type: ignore[no-untyped-def]
    """Undo a closure down to these lengths of its trail and of its list of groups."""
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


# -- who waits for whom ----------------------------------------------------------------------------


@part
def _rings(f, s, best, size):  # type: ignore[no-untyped-def]
    """Return the assets that wait for each other, by ring, and where rings begin.

    ``size`` stuck assets stand in ``s.moved``. Slots and parts of networks are nodes between.
    """
    n = len(f.asset)
    nodes, ptr, target = _explore(f, s, best, s.moved[:size], _WAITS)
    order, blocks = components(ptr, target, np.arange(len(nodes)).astype(np.int32))
    assets = np.empty(size, np.int32)
    starts = np.zeros(size + 1, np.int32)
    found, rings = 0, 0
    for b in range(len(blocks) - 1):
        first, end = blocks[b], blocks[b + 1]
        ring = end - first > 1
        if not ring:
            i = order[first]
            for j in range(ptr[i], ptr[i + 1]):
                ring = ring or target[j] == i
        if not ring:
            continue
        begin = found
        for i in order[first:end]:
            if nodes[i] < n:
                assets[found] = nodes[i]
                found += 1
        if found > begin:
            rings += 1
            starts[rings] = found
    return assets[:found], starts[: rings + 1]


@part
def _explore(f, s, best, seeds, graph):  # type: ignore[no-untyped-def]
    """Return all nodes that the seeds lead to, and the edges between them as a CSR graph."""
    n, size = len(f.asset), len(f.slot)
    labelled = np.zeros(len(f.has_demand), np.uint8)
    nodes = np.empty(len(seeds) + 64, np.int32)
    ptr = np.zeros(len(seeds) + 65, np.int32)
    target = np.empty(256, np.int32)
    count, edges = 0, np.int64(0)
    for a in seeds:
        nodes[count] = a
        count += 1
        s.node[a] = count
    head = 0
    while head < count:
        node = np.int64(nodes[head])
        begin = edges
        if node < n:
            target, edges = _edges_of_asset(f, s, best, node, graph, target, edges)
        elif node < n + size:
            x = node - n
            net = np.int64(f.slot[x].net)
            if f.has_demand[net] and not labelled[net]:
                labelled[net] = 1
                find_parts(f, s, net)
            target, edges = _edges_of_slot(f, s, x, graph, target, edges)
        else:
            target, edges = _edges_of_part(f, s, node - n - size, graph, target, edges)
        for i in range(begin, edges):
            to = target[i]
            if s.node[to] == 0:
                if count == len(nodes):
                    nodes = _longer(nodes)
                    ptr = _longer(ptr)
                nodes[count] = to
                count += 1
                s.node[to] = count
            target[i] = s.node[to] - 1
        head += 1
        ptr[head] = edges
    for i in range(count):
        s.node[nodes[i]] = 0
    return nodes[:count], ptr[: count + 1], target[:edges]


@part
def _edges_of_asset(f, s, best, a, graph, target, edges):  # type: ignore[no-untyped-def]
    n = len(f.asset)
    for g in range(f.asset[a].first_group, f.asset[a].end_group):
        if f.group[g].loss <= 0.0 or not _still_lost(s, g):
            continue
        # what the greatest fixed point has lost too holds nobody below it
        if graph == _WAITS and best.group[g].lost:
            continue
        for e in range(f.group[g].first, f.group[g].end):
            v = f.source[e]
            supplier = np.int64(v if v < n else f.slot[v - n].asset)
            if graph == _LOST_NEEDS or s.asset[supplier].stuck >= _FOUND:
                target, edges = _append(target, edges, supplier)
            if v >= n and (graph == _LOST_NEEDS or s.value[v] < 1.0):
                target, edges = _append(target, edges, np.int64(v))
    return target, edges


@part
def _edges_of_slot(f, s, x, graph, target, edges):  # type: ignore[no-untyped-def]
    """Lead from a slot to its asset, against usable links, and to its part where that is fed."""
    n, a = len(f.asset), np.int64(f.slot[x].asset)
    if graph == _LOST_NEEDS or s.asset[a].stuck >= _FOUND:
        target, edges = _append(target, edges, a)
    if s.own[a] <= 0.0:
        return target, edges
    for i in range(f.inward_ptr[x], f.inward_ptr[x + 1]):
        y = f.inward[i]
        if s.is_cut[f.inward_link[i]] == 0 and s.own[f.slot[y].asset] > 0.0:
            target, edges = _append(target, edges, n + y)
    if f.has_demand[f.slot[x].net]:
        target, edges = _append(target, edges, n + len(f.slot) + s.part[x])
    return target, edges


@part
def _edges_of_part(f, s, p, graph, target, edges):  # type: ignore[no-untyped-def]
    net = f.slot[p].net
    for i in range(f.source_ptr[net], f.source_ptr[net + 1]):
        a = np.int64(f.slot[f.feeder[i]].asset)
        if s.part[f.feeder[i]] == p and (graph == _LOST_NEEDS or s.asset[a].stuck >= _FOUND):
            target, edges = _append(target, edges, a)
    return target, edges


@part
def _append(array, size, item):  # type: ignore[no-untyped-def]
    if size == len(array):
        array = _longer(array)
    array[size] = item
    return array, size + 1


@part
def _longer(array):  # type: ignore[no-untyped-def]
    longer = np.zeros(2 * len(array), array.dtype)
    longer[: len(array)] = array
    return longer


# -- the fewest supplies that free a ring ----------------------------------------------------------


@kernel
def deadlocks(f, s, best):  # type: ignore[no-untyped-def]
    """Return every ring of stuck assets, and the first smallest set of supplies that frees it.

    Returns
    -------
    Assets by ring and where rings begin; pairs (asset, service) by ring and where they begin;
    whether each set is known to be smallest. Called at the end of a run.
    """
    c = s.tally[0]
    size = c.stuck
    if size == 0:
        none = np.zeros(0, np.int32)
        start = np.zeros(1, np.int32)
        return none, start, none, start, none
    for i in range(size):
        s.moved[i] = s.stuck[i]
        s.asset[s.stuck[i]].stuck |= _FOUND
    sync_best(f, s, best)
    open_returned(f, s)
    assets, starts = _rings(f, s, best, size)
    undo(f, s, _NOTHING, _NOTHING, False)
    for i in range(size):
        s.asset[s.stuck[i]].stuck &= _NOTED
    rings = len(starts) - 1
    pairs = np.empty(16, np.int32)
    pair_starts = np.zeros(rings + 1, np.int32)
    smallest = np.zeros(rings, np.int32)
    n_pairs = np.int64(0)
    for r in range(rings):
        ring = assets[starts[r] : starts[r + 1]]
        wanted = _lost_needs(f, s, best, ring)
        open_returned(f, s)
        chosen, exact = _fewest(f, s, best, ring, wanted)
        undo(f, s, _NOTHING, _NOTHING, False)
        for i in range(len(wanted)):
            if chosen[i]:
                pairs, n_pairs = _append(pairs, n_pairs, np.int64(wanted[i]))
        pair_starts[r + 1] = n_pairs
        smallest[r] = exact
    return assets, starts, pairs[:n_pairs], pair_starts, smallest


@part
def _lost_needs(f, s, best, ring):  # type: ignore[no-untyped-def]
    """Return the lost needs of the ring and of all it hangs on, as sorted pairs."""
    nodes, _, _ = _explore(f, s, best, ring, _LOST_NEEDS)
    pairs = np.empty(16, np.int32)
    count = np.int64(0)
    for a in nodes:
        if a >= len(f.asset):
            continue
        for g in range(f.asset[a].first_group, f.asset[a].end_group):
            if f.group[g].loss > 0.0 and _still_lost(s, g):
                pairs, count = _append(pairs, count, np.int64(f.group[g].pair))
    return np.unique(pairs[:count])


@part
def _fewest(f, s, best, ring, wanted):  # type: ignore[no-untyped-def]
    """Mark the first smallest set of ``wanted`` that frees the ring; say if it is smallest."""
    size = len(wanted)
    chosen = np.ones(size, np.uint8)
    if not _frees(f, s, best, ring, wanted, chosen):
        return chosen, 0  # no part of it can do more
    tried, sets = 0.0, 1.0
    for many in range(1, size + 1):
        sets = sets * (size - many + 1) / many
        tried += sets
        if tried > _MOST_SETS_TRIED + 0.5:
            break
        if _first_of(f, s, best, ring, wanted, many, chosen):
            return chosen, 1
    chosen[:] = 1
    first = 0
    while first < size:
        # all up to here that can be left out are; more supplies never free less, so the next
        # one that cannot is found by halving
        low, high = first, size
        while low < high:
            middle = (low + high) // 2
            chosen[first : middle + 1] = 0
            free = _frees(f, s, best, ring, wanted, chosen)
            chosen[first : middle + 1] = 1
            if free:
                low = middle + 1
            else:
                high = middle
        chosen[first:low] = 0
        first = low + 1
    return chosen, 0


@part
def _first_of(f, s, best, ring, wanted, many, chosen):  # type: ignore[no-untyped-def]
    """Mark the first set of so many, in order, that frees the ring; each builds on its start."""
    c, size = s.tally[0], len(wanted)
    at = np.zeros(many, np.int64)
    trail = np.zeros(many, np.int64)
    back = np.zeros(many, np.int64)
    depth, i = 0, 0
    while depth >= 0:
        if i <= size - (many - depth):
            at[depth], trail[depth], back[depth] = i, c.trail, c.back
            _supply(f, s, wanted[i])
            if depth < many - 1:
                depth += 1
            elif _is_free(s, best, ring):
                chosen[:] = 0
                for j in at:
                    chosen[j] = 1
                    _withdraw(s, wanted[j])
                undo(f, s, trail[0], back[0], False)
                return True
            else:
                _withdraw(s, wanted[i])
                undo(f, s, trail[depth], back[depth], False)
            i += 1
            continue
        depth -= 1
        if depth >= 0:
            i = at[depth]
            _withdraw(s, wanted[i])
            undo(f, s, trail[depth], back[depth], False)
            i += 1
    return False


@part
def _frees(f, s, best, ring, wanted, chosen):  # type: ignore[no-untyped-def]
    """Whether the chosen supplies together free the ring."""
    trail, back = s.tally[0].trail, s.tally[0].back
    for i in range(len(wanted)):
        if chosen[i]:
            _supply(f, s, wanted[i])
    free = _is_free(s, best, ring)
    for i in range(len(wanted)):
        if chosen[i]:
            _withdraw(s, wanted[i])
    undo(f, s, trail, back, False)
    return free


@part
def _supply(f, s, pair):  # type: ignore[no-untyped-def]
    s.supplies[pair] += 1
    s.tally[0].given += 1
    for i in range(f.pair_ptr[pair], f.pair_ptr[pair + 1]):
        pend(s, np.int64(f.pair_group[i]))
    _run_returns(f, s)


@part
def _withdraw(s, pair):  # type: ignore[no-untyped-def]
    s.supplies[pair] -= 1
    s.tally[0].given -= 1


@part
def _is_free(s, best, ring):  # type: ignore[no-untyped-def]
    for a in ring:  # noqa: SIM110
        if s.value[a] < best.value[a] - TOLERANCE:
            return False
    return True
