"""One more knock-out on a solved cascade: only what changes is visited.

More knock-outs never bring a failure later, so hours only move forward. What moved is taken in
the order of its new hour (Dijkstra 1959, doi:10.1007/BF01386390): then each asset moves for good
the first time it is taken.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from models.cascade.yes_or_no.core_kernels import NEVER

#: Up to so many losses are kept in order; beyond, the hour is searched for by halving.
FEW = 16


@njit(cache=True, nogil=True)
def _smallest(time, supplier, first, last, trip, few):  # type: ignore[no-untyped-def]
    """Return the ``trip``-th smallest hour of ``supplier[first:last]``; 1 <= trip <= their number.

    ``few`` [FEW] is memory to work in.
    """
    if trip == 1:
        least = NEVER
        for i in range(first, last):
            least = min(least, time[supplier[i]])
        return least
    if trip == last - first:
        most = np.int64(-1)
        for i in range(first, last):
            most = max(most, time[supplier[i]])
        return most
    if trip > FEW:
        low, high = np.int64(0), NEVER
        while low < high:
            middle = (low + high) >> 1
            count = 0
            for i in range(first, last):
                count += time[supplier[i]] <= middle
            if count >= trip:
                high = middle
            else:
                low = middle + 1
        return low
    for j in range(trip):
        few[j] = NEVER
    for i in range(first, last):
        t = time[supplier[i]]
        j = trip - 1
        if t >= few[j]:
            continue
        while j > 0 and few[j - 1] > t:
            few[j] = few[j - 1]
            j -= 1
        few[j] = t
    return few[trip - 1]


@njit(cache=True, nogil=True)
def unserved_from(sup_ptr, supplier, trip, time):  # type: ignore[no-untyped-def]
    """Return when each group became unserved, [m] in ms; NEVER where it did not."""
    m = len(trip)
    since = np.empty(m, np.int64)
    few = np.empty(FEW, np.int64)
    for g in range(m):
        first, last, needed = sup_ptr[g], sup_ptr[g + 1], np.int64(trip[g])
        if needed == 0:
            since[g] = 0
        elif needed > last - first:  # k = 0: nothing is needed
            since[g] = NEVER
        else:
            since[g] = _smallest(time, supplier, first, last, needed, few)
    return since


@njit(cache=True, nogil=True)
def _rise(heap, at, time, i):  # type: ignore[no-untyped-def]
    u = heap[i]
    while i > 0:
        above = heap[(i - 1) >> 1]
        if time[above] <= time[u]:
            break
        heap[i] = above
        at[above] = i
        i = (i - 1) >> 1
    heap[i] = u
    at[u] = i


@njit(cache=True, nogil=True)
def _sink(heap, at, time, size):  # type: ignore[no-untyped-def]
    u, i = heap[0], 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and time[heap[child + 1]] < time[heap[child]]:
            child += 1
        below = heap[child]
        if time[below] >= time[u]:
            break
        heap[i] = below
        at[below] = i
        i = child
    heap[i] = u
    at[u] = i


@njit(cache=True, nogil=True)
def lower(t, hit, hit_ms, horizon):  # type: ignore[no-untyped-def]
    """Knock ``hit`` out at ``hit_ms`` as well; return how many assets and groups moved.

    ``t`` has the arrays of ``incremental.LaidArrays``. ``time`` [n] and ``since`` [m] are changed;
    what moved stands in ``moves`` [n] and ``group_moves`` [e]; a group may move more than once.
    ``heap`` [n] and ``at`` [n] (-1: not in it) are memory to work in.
    """
    fed_ptr, fed, owner, sup_ptr, supplier = t.fed_ptr, t.fed, t.owner, t.sup_ptr, t.supplier
    trip, autonomy_ms, time, since, few = t.trip, t.autonomy_ms, t.time, t.since, t.few
    heap, at, moved, moved_groups = t.heap, t.at, t.moves, t.group_moves
    if hit_ms > horizon or hit_ms >= time[hit]:
        return 0, 0
    n_assets, n_groups, size = 1, 0, 1
    moved[0].asset, moved[0].before_ms = hit, time[hit]
    time[hit] = hit_ms
    heap[0], at[hit] = hit, 0
    while size:
        u = heap[0]
        now = time[u]
        size -= 1
        at[u] = -1
        if size:
            heap[0] = heap[size]
            _sink(heap, at, time, size)
        for i in range(fed_ptr[u], fed_ptr[u + 1]):
            g = fed[i]
            old = since[g]
            if now >= old:
                continue
            needed = np.int64(trip[g])
            new = now
            if needed > 1:
                if needed > sup_ptr[g + 1] - sup_ptr[g]:
                    continue
                new = _smallest(time, supplier, sup_ptr[g], sup_ptr[g + 1], needed, few)
                if new >= old:
                    continue
            since[g] = new
            moved_groups[n_groups].group, moved_groups[n_groups].before_ms = g, old
            n_groups += 1
            o = owner[g]
            lost = new + autonomy_ms[g]
            if lost > horizon or lost >= time[o]:
                continue
            before = time[o]
            time[o] = lost
            if at[o] >= 0:
                _rise(heap, at, time, at[o])
                continue
            moved[n_assets].asset, moved[n_assets].before_ms = o, before
            n_assets += 1
            heap[size] = o
            size += 1
            _rise(heap, at, time, size - 1)
    for i in range(n_assets):
        moved[i].now_ms = time[moved[i].asset]
    return n_assets, n_groups


@njit(cache=True, nogil=True)
def put_back(t, moved, groups):  # type: ignore[no-untyped-def]
    """Give what moved its hours back, the last move first."""
    time, since = t.time, t.since
    for one in moved:
        time[one.asset] = one.before_ms
    for i in range(len(groups) - 1, -1, -1):
        since[groups[i].group] = groups[i].before_ms
