"""Every single knock-out at once: the nested-cascade forest.

If the loss of u alone fails v (a *hard* edge u → v), the cascade of v is part of that of u. So
cascades nest: u's continues from v's, already spread, and costs only the additional losses. The
members of a strongly connected component of the hard edges have one cascade between them.

Losses by soft edges are known only while the cascade of u spreads. If it reaches an asset whose
known cascade is much larger than the one u started from, u is postponed: it starts from the
larger cascade instead.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from models.cascade.yes_or_no.core_kernels import take_back

#: A component is not visited; its cascade is spread, or will be again; everything on it is visited.
NEW, OPEN, CLOSED = np.arange(3, dtype=np.uint8)
#: A component in the forest. ``first`` and ``last``: its members in the order. ``base``: the
#: component whose cascade its own continues, or the ground, which comes last and loses nothing.
#: Linked lists, ending with -1: ``child``, components to visit on top of it, ``later``, those to
#: spread again after that, both linked by ``beside``. ``end``: the queue's end with its cascade.
NODE = np.dtype(
    [
        ("first", "i4"), ("last", "i4"), ("base", "i4"), ("child", "i4"), ("beside", "i4"),
        ("later", "i4"), ("end", "i4"), ("state", "u1"),
    ],
    align=True,
)  # fmt: skip
_NEVER = np.int64(1 << 60)


@njit(cache=True, nogil=True)
def hard_edges(fed_ptr, fed, owner, left, down):  # type: ignore[no-untyped-def]
    """Return the graph of hard edges between assets that are not down, as pointers and targets.

    A target may be the asset itself, or an asset that is down already: both are harmless.
    """
    n = len(fed_ptr) - 1
    ptr = np.zeros(n + 1, np.int32)
    target = np.empty(len(fed) + 1, np.int32)
    size = 0
    for u in range(n):
        if not down[u]:
            for i in range(fed_ptr[u], fed_ptr[u + 1]):
                # overwritten unless it is a hard edge: a branch here is mispredicted too often
                target[size] = owner[fed[i]]
                size += left[fed[i]] == 1
        ptr[u + 1] = size
    return ptr, target[:size].copy()


@njit(cache=True, nogil=True)
def plan(ptr, target, order, block_ptr, start, large):  # type: ignore[no-untyped-def]
    """Return the forest, the known losses of each asset, and how many components to visit.

    ``order`` and ``block_ptr``: components of the hard edges, what they point to first; ``start``:
    the queue's length before any knock-out. Components that fail nothing and are no base are left
    out. The largest is postponed to the end at once if it is ``large``: any cascade that contains
    it starts from it.
    """
    ground = len(block_ptr) - 1
    base, size, largest = _bases(ptr, target, order, block_ptr, large)
    tree = np.empty(ground + 1, NODE)
    includes = np.full(len(order), ground, np.int32)
    child = np.full(ground + 1, -1, np.int32)
    count = 0
    for c in range(ground - 1, -1, -1):
        if base[c] == ground and child[c] < 0 and size[c] == 1:
            continue
        one = tree[c]
        one.first, one.last = block_ptr[c], block_ptr[c + 1]
        one.base, one.child, one.beside, one.later = base[c], child[c], -1, -1
        one.end, one.state = start, NEW
        count += 1
        if c != largest:
            one.beside, child[base[c]] = child[base[c]], c
    root = tree[ground]
    root.base, root.child, root.beside, root.later = ground, child[ground], -1, largest
    root.end, root.state = start, OPEN
    if largest >= 0:
        tree[largest].end = start + size[largest]  # a lower bound
        for j in range(tree[largest].first, tree[largest].last):
            includes[order[j]] = largest
    return tree, includes, count


@njit(cache=True, nogil=True)
def _bases(ptr, target, order, block_ptr, large):  # type: ignore[no-untyped-def]
    """Return the base of each component, lower bounds of sizes, and the largest component.

    The base is the component it fails whose cascade seems largest: its own size plus the largest
    estimate below it. ``large`` components are based on the ground. The largest is -1 if there is
    none.
    """
    ground = len(block_ptr) - 1
    of = np.empty(len(order), np.int32)
    size = np.empty(ground, np.int32)
    base = np.full(ground + 1, ground, np.int32)
    largest, most = -1, large
    for c in range(ground):
        first, last = block_ptr[c], block_ptr[c + 1]
        for j in range(first, last):
            of[order[j]] = c
        best = 0
        for j in range(first, last if last - first <= large else first):
            for i in range(ptr[order[j]], ptr[order[j] + 1]):
                d = of[target[i]]
                if d != c and size[d] > best:
                    best = size[d]
                    base[c] = d
        size[c] = last - first + best
        if last - first > most:
            largest, most = c, last - first
    return base, size, largest


# Helpers of ``walk`` get arrays and have a single exit: numba then omits reference counting, which
# costs more than a small cascade.


@njit(cache=True, nogil=True)
def _spread_to(  # type: ignore[no-untyped-def]
    fed_ptr, fed, owner, left, down, queue, tail, tree, includes, enough
):  # fmt: skip
    """Spread the loss at the end of the queue until an asset known to lose ``enough`` is lost.

    Like ``core_kernels.spread``, with a check at each loss that a plain cascade does not need.

    Returns how far the queue is spread, its end, and the known component, or -1.
    """
    head = tail - 1
    met = -1
    while head < tail and met < 0:
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
                    if tree[includes[o]].end > enough:
                        met = includes[o]
    return head, tail, met


@njit(cache=True, nogil=True)
def _put_off(order, tree, includes, c, base):  # type: ignore[no-untyped-def]
    """Postpone ``c`` to be visited on top of ``base``, which is spread again if it is closed."""
    one = tree[c]
    one.base, one.beside = base, tree[base].child
    tree[base].child = c
    for j in range(one.first, one.last):
        includes[order[j]] = base
    while tree[base].state == CLOSED:
        again = tree[base]
        again.state, again.beside = OPEN, tree[again.base].later
        tree[again.base].later = base
        base = again.base


@njit(cache=True, nogil=True)
def _begin_again(  # type: ignore[no-untyped-def]
    fed_ptr, fed, left, down, queue, fresh_left, fresh_down, start, end
):  # fmt: skip
    """Undo everything at once, then repeat the losses of ``queue[start:end]``."""
    for g in range(len(left)):
        left[g] = fresh_left[g]
    for u in range(len(down)):
        down[u] = fresh_down[u]
    for j in range(start, end):
        u = queue[j]
        down[u] = 1
        for i in range(fed_ptr[u], fed_ptr[u + 1]):
            left[fed[i]] -= 1


@njit(cache=True, nogil=True)
def _note(  # type: ignore[no-untyped-def]
    order, tree, includes, queue, large, weight, total, c, top, tail
):  # fmt: skip
    """Record the losses of ``c``, spread on top of ``top`` up to ``tail``.

    Others are postponed for it only if it loses ``large`` more than their other bases.
    """
    ground, one = len(tree) - 1, tree[c]
    one.end = tail
    below = order[tree[top].first] if top < ground else -1
    much = includes[below] if below >= 0 else ground
    if tail > tree[much].end + large:
        much = c
    for j in range(one.first, one.last):
        includes[order[j]] = much
    for w in range(weight.shape[1]):
        added = total[below, w] if below >= 0 else 0
        for j in range(tree[top].end, tail):
            added += weight[queue[j], w]
        for j in range(one.first, one.last):
            total[order[j], w] = added


@njit(cache=True, nogil=True)
def walk(  # type: ignore[no-untyped-def]
    fed_ptr, fed, owner, left, down, queue, fresh_left, fresh_down,
    order, tree, includes, large, weight, top, done, count, most, total,
):  # fmt: skip
    """Visit components until all ``count`` are ``done`` or after about ``most`` losses.

    ``weight`` [n, w] is summed by column; the sum over a component's losses is written to
    ``total`` for each of its members. Returns the component whose cascade is spread (``top``) and
    how many are done: a later call continues from there.
    """
    start = tree[len(tree) - 1].end
    while most > 0 and done < count:
        most -= 1
        c, first = tree[top].child, tree[top].end
        if c < 0 and tree[top].later >= 0:
            tree[top].child, tree[top].later = tree[top].later, -1
            continue
        if c < 0:  # back to its base
            tree[top].state = CLOSED
            top = tree[top].base
            end, first = first, tree[top].end
            if end - first > first - start + len(down) // 16:  # repeating is less work than undoing
                _begin_again(fed_ptr, fed, left, down, queue, fresh_left, fresh_down, start, first)
            else:
                take_back(fed_ptr, fed, left, down, queue, first, end)
            continue
        one = tree[c]
        tree[top].child = one.beside
        head, tail, met = first, first, -1
        u = order[one.first]
        if not down[u]:
            down[u] = 1
            queue[first] = u
            # more than its base and, for the largest, more than itself
            enough = max(first + large, one.end) if one.state == NEW else _NEVER
            head, tail, met = _spread_to(
                fed_ptr, fed, owner, left, down, queue, first + 1, tree, includes, enough
            )
        most -= tail - first
        if met >= 0:
            _put_off(order, tree, includes, c, met)
            take_back(fed_ptr, fed, left, down, queue, first, head)
            for j in range(head, tail):
                down[queue[j]] = 0
            continue
        if one.state == NEW:
            _note(order, tree, includes, queue, large, weight, total, c, top, tail)
            done += 1
        one.state = OPEN
        top = c
    return top, done
