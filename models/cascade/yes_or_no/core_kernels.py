"""Compiled kernels for worlds that only fail and are all or nothing (``core.py``).

There k of n alone decides: a group is lost once ``trip`` of its suppliers are. A counter per
group, one byte wide, counts down as suppliers are lost; it trips when it reaches zero. It may wrap
around: a consumer that it trips a second time is lost already, and reverting losses restores it.
Algorithms and their measurements: the module's users and ``benchmarks/``.

Numbers of assets and groups are unsigned (``indices``): an index that may be below 0 costs a check
at each access, a third of the total time.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from models.cascade.compile.prefetching import FAR, NEAR, prefetch

NEVER = np.int64(2**62)


@njit(cache=True, nogil=True)
def reach(ptr, target, seen, queue, tail):  # type: ignore[no-untyped-def]
    """Plain breadth-first search from ``queue[:tail]``: the yardstick of the benchmarks."""
    for i in range(tail):
        seen[queue[i]] = 1
    head = 0
    while head < tail:
        u = queue[head]
        head += 1
        for i in range(ptr[u], ptr[u + 1]):
            v = target[i]
            if not seen[v]:
                seen[v] = 1
                queue[tail] = v
                tail += 1
    return tail


# -- which assets are lost, regardless of time -------------------------------------------------


@njit(cache=True, nogil=True)
def strike(hits, down, queue, tail):  # type: ignore[no-untyped-def]
    """Put those of ``hits`` that are not down in the queue; return its new tail."""
    for u in hits:
        if not down[u]:
            down[u] = 1
            queue[tail] = u
            tail += 1
    return tail


@njit(cache=True, nogil=True)
def spread(fed_ptr, fed, owner, left, down, queue, head, tail):  # type: ignore[no-untyped-def]
    """Lose the assets that fail because of those in ``queue[head:tail]`` (already down).

    ``left`` [m]: how many further losses trip each group. Returns the new tail; the queue is the
    log for ``take_back``.
    """
    while head < tail:
        if head + FAR < tail:
            prefetch(fed_ptr, queue[head + FAR])
        if head + NEAR < tail:
            prefetch(fed, fed_ptr[queue[head + NEAR]])
        u = queue[head]
        head += 1
        for i in range(fed_ptr[u], fed_ptr[u + 1]):
            g = fed[i]
            bears = left[g] - 1
            left[g] = bears
            if bears == 0:
                o = owner[g]
                if not down[o]:
                    down[o] = 1
                    queue[tail] = o
                    tail += 1
    return tail


@njit(cache=True, nogil=True)
def take_back(fed_ptr, fed, left, down, queue, first, tail):  # type: ignore[no-untyped-def]
    """Undo the losses of ``queue[first:tail]``, in time proportional to them."""
    for j in range(first, tail):
        u = queue[j]
        down[u] = 0
        for i in range(fed_ptr[u], fed_ptr[u + 1]):
            left[fed[i]] += 1


# -- when each is lost -------------------------------------------------------------------------


@njit(cache=True, nogil=True)
def _sift_up(heap, key, i):  # type: ignore[no-untyped-def]
    one = heap[i]
    while i > 0:
        parent = (i - 1) >> 1
        if key[heap[parent]] <= key[one]:
            break
        heap[i] = heap[parent]
        i = parent
    heap[i] = one


@njit(cache=True, nogil=True)
def _sift_down(heap, key, size):  # type: ignore[no-untyped-def]
    one, i = heap[0], 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and key[heap[child + 1]] < key[heap[child]]:
            child += 1
        if key[heap[child]] >= key[one]:
            break
        heap[i] = heap[child]
        i = child
    heap[i] = one


@njit(cache=True, nogil=True)
def timed(  # type: ignore[no-untyped-def]
    fed_ptr, fed, owner, lane_of, lane_ms, lane_ptr, unservable,
    hits, hit_ms, horizon,
    left, time, cause, done, order, lane, heads, tails, key, heap,
):  # fmt: skip
    """Lose assets in the order of time up to ``horizon``, inclusive; return how many were.

    Lost assets are in ``order``, with ``time`` (ms) and ``cause``: the group that was lost, or
    -1 for a hit. Time never goes back, so groups with the same autonomy end in the order in which
    they began: they wait in one queue, a lane, that needs no sorting. ``lane_of`` [m] is each
    group's lane; lane 0 has no autonomy and is the next round of this instant.
    ``lane`` holds all queues, each between ``lane_ptr`` [lane] and [lane + 1]. Entries hold assets
    only, and their hour is read from ``time``: if it has become earlier since, the asset is lost
    at that hour, as it should be. ``hits`` are sorted by ``hit_ms``. ``heap`` orders lanes by the
    hour at their head.

    As in the reference: groups with too few suppliers (``unservable``) come before the first
    event; at one instant hits come first, then autonomies that end, then rounds; of groups lost in
    one round, the first by id is the cause. ``time``, ``done`` and ``left`` must be reset before,
    by ``wipe``.
    """
    tail, waiting, n_hits, next_hit = 0, 0, len(hits), 0
    for d in range(len(lane_ms)):
        heads[d] = tails[d] = lane_ptr[d]
    for g in unservable:
        o, d = owner[g], lane_of[g]
        when = lane_ms[d]
        if when > horizon or when >= time[o]:
            continue
        time[o], cause[o] = when, g
        if d == 0:
            order[tail] = o
            tail += 1
            continue
        lane[tails[d]] = o
        tails[d] += 1
    for d in range(1, len(lane_ms)):
        if tails[d] > heads[d]:
            key[d] = time[lane[heads[d]]]
            heap[waiting] = d
            waiting += 1
            _sift_up(heap, key, waiting - 1)
    for j in range(tail):
        done[order[j]] = 1
    head, now = 0, np.int64(0)
    while True:
        while head < tail:  # rounds of this instant
            end = tail
            for j in range(head, end):
                if j + FAR < end:
                    prefetch(fed_ptr, order[j + FAR])
                if j + NEAR < end:
                    prefetch(fed, fed_ptr[order[j + NEAR]])
                u = order[j]
                for i in range(fed_ptr[u], fed_ptr[u + 1]):
                    g = fed[i]
                    bears = left[g] - 1
                    left[g] = bears
                    if bears != 0:
                        continue
                    o, d = owner[g], lane_of[g]
                    when = now + lane_ms[d]
                    if when > time[o] or when > horizon:
                        continue
                    if when == time[o]:
                        if not done[o] and g < cause[o]:
                            cause[o] = g
                        continue
                    time[o], cause[o] = when, g
                    if d == 0:
                        order[tail] = o
                        tail += 1
                        continue
                    lane[tails[d]] = o
                    tails[d] += 1
                    if tails[d] == heads[d] + 1:
                        key[d] = when
                        heap[waiting] = d
                        waiting += 1
                        _sift_up(heap, key, waiting - 1)
            head = end
            for j in range(head, tail):
                done[order[j]] = 1
        now = key[heap[0]] if waiting else NEVER
        if next_hit < n_hits and hit_ms[next_hit] < now:
            now = hit_ms[next_hit]
        if now > horizon:
            return tail
        while next_hit < n_hits and hit_ms[next_hit] == now:
            u = hits[next_hit]
            next_hit += 1
            if not done[u]:
                done[u] = 1
                time[u], cause[u] = now, -1
                order[tail] = u
                tail += 1
        while waiting and key[heap[0]] <= now:
            d = heap[0]
            while heads[d] < tails[d] and time[lane[heads[d]]] <= now:
                u = lane[heads[d]]
                heads[d] += 1
                if not done[u]:
                    done[u] = 1
                    order[tail] = u
                    tail += 1
            if heads[d] < tails[d]:
                key[d] = time[lane[heads[d]]]
            else:
                waiting -= 1
                heap[0] = heap[waiting]
            if waiting:
                _sift_down(heap, key, waiting)


@njit(cache=True, nogil=True)
def wipe(  # type: ignore[no-untyped-def]
    fed_ptr, fed, left, time, done, order, tail, lane, heads, tails
):  # fmt: skip
    """Reset what ``timed`` has written, in time proportional to it."""
    for j in range(tail):
        u = order[j]
        time[u], done[u] = NEVER, 0
        for i in range(fed_ptr[u], fed_ptr[u + 1]):
            left[fed[i]] += 1
    for d in range(len(heads)):  # entries that still wait at the horizon
        for j in range(heads[d], tails[d]):
            time[lane[j]] = NEVER
