"""Every single knock-out at once: the nested-cascade forest.

Where one loss is all it takes (u alone kills v, a *hard* edge u → v), the cascade of v is part of
that of u. So cascades nest: starting u's from v's, already spread, costs only what is new. The
members of a strongly connected component of the hard edges have one cascade between them.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from models.cascade.core_kernels import spread, take_back


@njit(cache=True, nogil=True)
def hard_edges(fed_ptr, fed, owner, left, down):  # type: ignore[no-untyped-def]
    """Return the graph of who alone kills whom, as pointers and targets, among those not down."""
    n = len(fed_ptr) - 1
    ptr = np.zeros(n + 1, np.int32)
    target = np.empty(len(fed), np.int32)
    found = 0
    for u in range(n):
        if not down[u]:
            for i in range(fed_ptr[u], fed_ptr[u + 1]):
                g = fed[i]
                if left[g] == 1 and not down[owner[g]] and owner[g] != u:
                    target[found] = owner[g]
                    found += 1
        ptr[u + 1] = found
    return ptr, target[:found].copy()


@njit(cache=True, nogil=True)
def plan(ptr, target, order, block_ptr):  # type: ignore[no-untyped-def]
    """Return the components in the order to visit them, and how deep each is in the forest.

    ``order`` and ``block_ptr``: components of the hard edges, what they point to first. A
    component hangs below the one it kills whose cascade seems largest: its own size and the
    largest estimate below it. Those that neither kill nor are built on are left out.
    """
    blocks = len(block_ptr) - 1
    of = np.empty(len(order), np.int32)
    size = np.empty(blocks, np.int64)
    base = np.full(blocks, -1, np.int32)
    for c in range(blocks):
        for j in range(block_ptr[c], block_ptr[c + 1]):
            of[order[j]] = c
        best = 0
        for j in range(block_ptr[c], block_ptr[c + 1]):
            for i in range(ptr[order[j]], ptr[order[j] + 1]):
                d = of[target[i]]
                if d != c and size[d] > best:
                    best = size[d]
                    base[c] = d
        size[c] = block_ptr[c + 1] - block_ptr[c] + best
    under = np.ones(blocks, np.int32)  # components of the tree below each, itself included
    for c in range(blocks - 1, -1, -1):
        if base[c] >= 0:
            under[base[c]] += under[c]
    visit = np.empty(blocks, np.int32)
    depth = np.empty(blocks, np.int32)
    level = np.zeros(blocks, np.int32)
    place = np.empty(blocks, np.int32)  # where the next component below each goes
    seen = 0
    for c in range(blocks):
        if base[c] >= 0:
            at = place[base[c]]
            place[base[c]] += under[c]
            level[c] = level[base[c]] + 1
        elif under[c] == 1 and size[c] == 1:
            continue
        else:
            at = seen
            seen += under[c]
        visit[at], depth[at] = c, level[c]
        place[c] = at + 1
    return visit[:seen].copy(), depth[:seen].copy()


@njit(cache=True, nogil=True)
def walk(  # type: ignore[no-untyped-def]
    fed_ptr, fed, owner, left, down, queue, first,
    order, block_ptr, visit, depth, weight, mark, so_far, at, until, total,
):  # fmt: skip
    """Visit components ``at`` to ``until``; write the weight of each member's cascade in ``total``.

    ``weight`` [n, w] is summed column by column. ``mark`` and ``so_far`` [deepest + 2(, w)] are
    the open path: where the queue stood at each depth, and the sums above it; ``mark[0]`` is
    ``first``, the queue's length before any knock-out. A later call carries on where this one
    stopped.
    """
    for i in range(at, until):
        deep = depth[i]
        if i > at or at > 0:
            last = depth[i - 1]
            if deep <= last:
                take_back(fed_ptr, fed, left, down, queue, mark[deep], mark[last + 1])
        c = visit[i]
        u = order[block_ptr[c]]
        tail = mark[deep]
        if not down[u]:
            down[u] = 1
            queue[tail] = u
            tail = spread(fed_ptr, fed, owner, left, down, queue, tail, tail + 1)
        mark[deep + 1] = tail
        for w in range(weight.shape[1]):
            added = so_far[deep, w]
            for j in range(mark[deep], tail):
                added += weight[queue[j], w]
            so_far[deep + 1, w] = added
            for j in range(block_ptr[c], block_ptr[c + 1]):
                total[order[j], w] = added
