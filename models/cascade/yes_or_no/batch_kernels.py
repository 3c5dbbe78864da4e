"""Compiled loops of 512 runs of a yes-or-no cascade at once.

A *word* is 64 runs, one bit each; a row is the eight words of one batch of 512 runs, which is one
cache line. A bit is set where the asset has failed (or the event happens) in that run.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from models.cascade.compile.word_rows import (
    both,
    count,
    differ,
    either,
    fill,
    is_any,
    load,
    store,
)

_U = np.uint64
_ZERO, _ONE, _ALL = _U(0), _U(1), _U(0xFFFFFFFFFFFFFFFF)


@njit(cache=True, nogil=True)
def _bits(x):  # type: ignore[no-untyped-def]
    """Return how many bits of a word are set (the compiler knows this form)."""
    x = x - ((x >> _ONE) & _U(0x5555555555555555))
    x = (x & _U(0x3333333333333333)) + ((x >> _U(2)) & _U(0x3333333333333333))
    x = (x + (x >> _U(4))) & _U(0x0F0F0F0F0F0F0F0F)
    return (x * _U(0x0101010101010101)) >> _U(56)


# --- the cascade -----------------------------------------------------------------------------


@njit(cache=True, nogil=True)
def strike(failed, asset, rows, which):  # type: ignore[no-untyped-def]
    """Fail ``asset`` [a] in the runs of row ``which`` [a] of ``rows``; earlier failures stay."""
    for i in range(len(asset)):
        store(failed, asset[i], either(load(failed, asset[i]), load(rows, which[i])))


@njit(cache=True, nogil=True)
def spread(  # type: ignore[no-untyped-def]
    block_ptr, group_ptr, sup_ptr, supplier, trip, fed_ptr, fed, owner, failed
):
    """Spread failures, in place, until nothing more fails; return how many evaluations this took.

    The arrays are those of ``WorldArrays``; ``failed`` is [n, 8]. Suppliers' components come first,
    so outside loops each asset is evaluated once; inside a loop, only assets with a changed
    supplier are evaluated again.
    """
    planes = np.empty((32, 8), np.uint64)
    dirty = np.ones(len(group_ptr) - 1, np.uint8)
    evaluated = 0
    for b in range(len(block_ptr) - 1):
        first, last = block_ptr[b], block_ptr[b + 1]
        changing = True
        while changing:
            changing = False
            for v in range(first, last):
                if not dirty[v]:
                    continue
                dirty[v] = 0
                evaluated += 1
                before = load(failed, v)
                after = before
                for g in range(group_ptr[v], group_ptr[v + 1]):
                    i, end, t = sup_ptr[g], sup_ptr[g + 1], trip[g]
                    a = load(failed, supplier[i])
                    if t == 1:
                        for s in range(i + 1, end):
                            a = either(a, load(failed, supplier[s]))
                    elif t == end - i:
                        for s in range(i + 1, end):
                            a = both(a, load(failed, supplier[s]))
                    elif t == 0:
                        a = fill(_ALL)
                    elif t == 2:
                        twice = fill(_ZERO)
                        for s in range(i + 1, end):
                            c = load(failed, supplier[s])
                            twice = either(twice, both(a, c))
                            a = either(a, c)
                        a = twice
                    else:
                        # bit planes of a counter, started so that the t-th failure overflows it
                        n_planes = 2
                        while (1 << n_planes) < t:
                            n_planes += 1
                        begin = (1 << n_planes) - t
                        for j in range(n_planes):
                            store(planes, j, fill(_ALL if (begin >> j) & 1 else _ZERO))
                        a = fill(_ZERO)
                        for s in range(i, end):
                            carry = load(failed, supplier[s])
                            for j in range(n_planes):
                                plane = load(planes, j)
                                store(planes, j, differ(plane, carry))
                                carry = both(plane, carry)
                            a = either(a, carry)
                    after = either(after, a)
                if not is_any(differ(after, before)):
                    continue
                store(failed, v, after)
                if last - first == 1:
                    continue
                for f in range(fed_ptr[v], fed_ptr[v + 1]):
                    w = owner[fed[f]]
                    if first <= w < last:
                        dirty[w] = 1
                        changing = changing or w <= v
    return evaluated


# --- counting --------------------------------------------------------------------------------


@njit(cache=True, nogil=True)
def tally(failed, counted, valid, often, totals):  # type: ignore[no-untyped-def]
    """Add up failures per asset and per run.

    ``counted`` [n]: which assets count in a run's total. ``valid`` [1, 8]: which runs exist.
    ``times`` [n] and ``totals`` [512] are updated.
    """
    planes = np.zeros((32, 8), np.uint64)
    there = load(valid, 0)
    for v in range(len(failed)):
        carry = both(load(failed, v), there)
        if not is_any(carry):
            continue
        often[v] += count(carry)
        if counted[v]:
            j = 0
            while is_any(carry):
                plane = load(planes, j)
                store(planes, j, differ(plane, carry))
                carry = both(plane, carry)
                j += 1
    for lane in range(len(totals)):
        w, bit = lane >> 6, _U(lane & 63)
        for j in range(32):
            totals[lane] += np.int64((planes[j, w] >> bit) & _ONE) << j


@njit(cache=True, nogil=True)
def add_where(failed, asset, amount, sums):  # type: ignore[no-untyped-def]
    """Add ``amount`` [a] to ``sums`` [512] in the runs in which ``asset`` [a] has failed."""
    for i in range(len(asset)):
        for w in range(8):
            word = failed[asset[i], w]
            while word:
                low = word & (~word + _ONE)
                sums[w * 64 + np.int64(_bits(low - _ONE))] += amount[i]
                word ^= low
