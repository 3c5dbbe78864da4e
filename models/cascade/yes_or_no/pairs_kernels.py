"""Pairs of knock-outs that lose more together than each loses alone; exact, few are tried.

The first asset lost only to both depends on a group that neither trips alone: some of the group's
suppliers are lost to one cascade, some to the other. So the pairs to try follow from the groups
and the cascades that contain their suppliers. Every other pair loses the union of its two.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from models.cascade.yes_or_no.core_kernels import spread, take_back

#: Larger groups are judged by counts alone: a few needless pairs, none missed.
WIDE = 63


@njit(cache=True, nogil=True)
def cascades(fed_ptr, fed, owner, left, down, queue, first, ptr, members):  # type: ignore[no-untyped-def]
    """Write the losses of each asset's knock-out, itself included, to ``members``.

    ``ptr`` [n + 1] comes from the sizes that the forest computed; 0 for assets not chosen.
    """
    for u in range(len(ptr) - 1):
        if ptr[u + 1] == ptr[u]:
            continue
        queue[first] = u
        down[u] = 1
        tail = spread(fed_ptr, fed, owner, left, down, queue, first, first + 1)
        members[ptr[u] : ptr[u + 1]] = queue[first:tail]
        take_back(fed_ptr, fed, left, down, queue, first, tail)


@njit(cache=True, nogil=True)
def takers(ptr, members):  # type: ignore[no-untyped-def]
    """Return for each asset the knock-outs that lose it: the inverse of all cascades."""
    n = len(ptr) - 1
    by_ptr = np.zeros(n + 1, np.int64)
    for v in members:
        by_ptr[v + 1] += 1
    for v in range(n):
        by_ptr[v + 1] += by_ptr[v]
    at = by_ptr[:-1].copy()
    by = np.empty(len(members), np.int32)
    for u in range(n):
        for i in range(ptr[u], ptr[u + 1]):
            v = members[i]
            by[at[v]] = u
            at[v] += 1
    return by_ptr, by


@njit(cache=True, nogil=True)
def _bits(x):  # type: ignore[no-untyped-def]
    count = 0
    while x:
        x &= x - 1
        count += 1
    return count


@njit(cache=True, nogil=True)
def _sort(items, key):  # type: ignore[no-untyped-def]
    """Sort items by key, in place (Shell 1959, doi:10.1145/368370.368387)."""
    gap = len(items) // 2
    while gap > 0:
        for i in range(gap, len(items)):
            one = items[i]
            j = i
            while j >= gap and key[items[j - gap]] > key[one]:
                items[j] = items[j - gap]
                j -= gap
            items[j] = one
        gap = 1 if gap == 2 else gap * 5 // 11


@njit(cache=True, nogil=True)
def candidates(  # type: ignore[no-untyped-def]
    sup_ptr, supplier, owner, left, down, by_ptr, by, place, limit, at, until, memory, which
):  # fmt: skip
    """Return the pairs to try for groups ``at`` to ``until``; with repeats, as place x n + place.

    ``place`` [n] orders the assets; the earlier of a pair comes first in its code. Beyond
    ``limit`` pairs it gives up and returns one more than that. ``memory`` and ``which`` [n] are
    zeroed buffers: the suppliers that each asset loses, and the assets that lose the consumer.
    """
    n = len(place)
    codes = np.empty(1024, np.int64)
    size = 0
    here = np.empty(n, np.int32)
    for g in range(at, until):
        o, trip = owner[g], np.int64(left[g])
        if down[o] or trip < 2:
            continue
        for i in range(by_ptr[o], by_ptr[o + 1]):
            which[by[i]] = g + 1
        met, wide = 0, sup_ptr[g + 1] - sup_ptr[g] > WIDE
        for j in range(sup_ptr[g], sup_ptr[g + 1]):
            s = supplier[j]
            for i in range(by_ptr[s], by_ptr[s + 1]):
                a = by[i]
                if which[a] == g + 1:
                    continue
                if memory[a] == 0:
                    here[met] = a
                    met += 1
                if wide:
                    memory[a] += 1
                else:
                    memory[a] |= np.int64(1) << np.int64(j - sup_ptr[g])
        _sort(here[:met], memory)
        first = 0
        while first < met:  # runs of assets that lose the same suppliers
            mine = memory[here[first]]
            end = first
            while end < met and memory[here[end]] == mine:
                end += 1
            other = first if wide else end
            while other < met:
                theirs = memory[here[other]]
                stop = other
                while stop < met and memory[here[stop]] == theirs:
                    stop += 1
                if (mine + theirs if wide else _bits(mine | theirs)) >= trip:
                    for x in range(first, end):
                        for y in range(max(other, x + 1), stop):
                            if size == len(codes):
                                if size > limit:
                                    break
                                more = np.empty(2 * size, np.int64)
                                more[:size] = codes
                                codes = more
                            p, q = place[here[x]], place[here[y]]
                            codes[size] = min(p, q) * np.int64(n) + max(p, q)
                            size += 1
                        if size > limit:
                            break
                other = stop
            first = end
        for x in range(met):
            memory[here[x]] = 0
        if size > limit:
            return codes[: limit + 1]
    return codes[:size]


@njit(cache=True, nogil=True)
def together(  # type: ignore[no-untyped-def]
    fed_ptr, fed, owner, left, down, queue, first, ptr, members, weight, one, other, both, only
):  # fmt: skip
    """Try pairs, grouped by their first asset.

    Writes to ``both`` [pairs, w] the weight of all that the two lose, and to ``only`` [pairs, w]
    that of what neither loses alone.
    """
    n_w = weight.shape[1]
    base = np.zeros(n_w, np.int64)
    tail = first
    for i in range(len(one)):
        a, b = one[i], other[i]
        if i == 0 or a != one[i - 1]:
            take_back(fed_ptr, fed, left, down, queue, first, tail)
            down[a] = 1
            queue[first] = a
            tail = spread(fed_ptr, fed, owner, left, down, queue, first, first + 1)
            base[:] = 0
            for j in range(first, tail):
                for w in range(n_w):
                    base[w] += weight[queue[j], w]
        for w in range(n_w):
            both[i, w] = base[w]
            only[i, w] = 0
        if down[b]:
            continue
        for j in range(ptr[b], ptr[b + 1]):
            if not down[members[j]]:
                for w in range(n_w):
                    only[i, w] -= weight[members[j], w]
        down[b] = 1
        queue[tail] = b
        end = spread(fed_ptr, fed, owner, left, down, queue, tail, tail + 1)
        for j in range(tail, end):
            for w in range(n_w):
                both[i, w] += weight[queue[j], w]
                only[i, w] += weight[queue[j], w]
        take_back(fed_ptr, fed, left, down, queue, tail, end)
    take_back(fed_ptr, fed, left, down, queue, first, tail)


@njit(cache=True, nogil=True)
def unions(ptr, members, weight, ranked, alone, floor, most, budget):  # type: ignore[no-untyped-def]
    """Return the ``most`` pairs whose single cascades have the union of largest weight.

    ``ranked``: assets by ``alone`` [n], their own weight, descending; pairs at or below ``floor``
    do not count. A union weighs at most the sum of the two, so most pairs are skipped. Returns
    places in ``ranked``, weights, and how much was read: more than ``budget`` means it gave up.
    """
    first, second = np.zeros(most, np.int64), np.zeros(most, np.int64)
    weights = np.full(most, floor, np.int64)
    marked = np.zeros(len(ptr) - 1, np.int64)
    read, kept = 0, 0
    for i in range(len(ranked) - 1):
        a = ranked[i]
        if alone[a] + alone[ranked[i + 1]] <= weights[most - 1]:
            break
        for j in range(ptr[a], ptr[a + 1]):
            marked[members[j]] = i + 1
        for k in range(i + 1, len(ranked)):
            b = ranked[k]
            if alone[a] + alone[b] <= weights[most - 1]:
                break
            total = alone[a]
            for j in range(ptr[b], ptr[b + 1]):
                if marked[members[j]] != i + 1:
                    total += weight[members[j]]
            read += ptr[b + 1] - ptr[b]
            if read > budget:
                return first[:0], second[:0], weights[:0], read
            if total > weights[most - 1]:
                at = most - 1
                while at > 0 and weights[at - 1] < total:
                    first[at], second[at], weights[at] = (
                        first[at - 1],
                        second[at - 1],
                        weights[at - 1],
                    )
                    at -= 1
                first[at], second[at], weights[at] = i, k, total
                kept = min(kept + 1, most)
    return first[:kept], second[:kept], weights[:kept], read
