"""Compiled search for the fewest supplies that free each restart deadlock (``deadlocks.py``)."""

from __future__ import annotations

import numpy as np

from models.cascade.compile.compiled import kernel, part
from models.cascade.joined import MOST_COMPARED
from models.cascade.timed.closure_kernels import (
    NOTHING,
    open_returned,
    run_returns,
    still_lost,
    sync_best,
    undo,
)
from models.cascade.timed.level_kernels import TOLERANCE, pend
from models.cascade.timed.stuck_kernels import forget_asked
from models.cascade.timed.wait_kernels import LOST_NEEDS, append, explore, rings

#: Result of a search: none was made, a set was found, the set is proven smallest.
NOT_MADE, FOUND, SMALLEST = np.arange(3)
_MOST_COMPARED = np.int64(MOST_COMPARED)


@kernel
def deadlocks(f, s, best, most_sets, most_tries):  # type: ignore[no-untyped-def]
    """Return every ring of stuck assets, and the first smallest set of supplies that frees it.

    Parameters
    ----------
    most_sets, most_tries
        Most sets tried for one ring, and most work for all of them (``deadlocks.py``).

    Returns
    -------
    Assets by ring and the start of each ring; pairs (asset, service) by ring and their starts;
    the result of each search; and in pairs, a ring and another that its set frees as well.
    Called at the end of a run.
    """
    pairs, n_pairs = np.empty(16, np.int32), np.int64(0)
    if s.tally[0].stuck == 0:
        none, start = pairs[:0], np.zeros(1, np.int32)
        return none, start, none, start, none, none
    sync_best(f, s, best)
    forget_asked(s)
    open_returned(f, s)
    assets, starts = rings(f, s, best)
    assets, starts = _largest_first(f, assets, starts)
    undo(f, s, NOTHING, NOTHING, False)
    size = len(starts) - 1
    lost_needs, needs_ptr = _lost_needs(f, s, best, assets, starts, most_tries)
    pair_starts = np.zeros(size + 1, np.int32)
    became = np.zeros(size, np.int32)
    freed, n_freed = np.empty(16, np.int32), np.int64(0)
    left = most_tries
    open_returned(f, s)
    for r in range(size):
        if r < len(needs_ptr) - 1:
            needs = lost_needs[needs_ptr[r] : needs_ptr[r + 1]]
            left -= len(needs)
            if left >= 0:
                ring = assets[starts[r] : starts[r + 1]]
                chosen, became[r], tried = _fewest(f, s, best, ring, needs, min(most_sets, left))
                left -= tried
                if size <= _MOST_COMPARED:
                    also = _freed_by(f, s, best, needs, chosen, assets, starts)
                    for q in range(size):
                        if also[q]:
                            freed, n_freed = append(freed, n_freed, np.int64(r))
                            freed, n_freed = append(freed, n_freed, np.int64(q))
                for i in range(len(needs)):
                    if chosen[i]:
                        pairs, n_pairs = append(pairs, n_pairs, np.int64(needs[i]))
        pair_starts[r + 1] = n_pairs
    undo(f, s, NOTHING, NOTHING, False)
    return assets, starts, pairs[:n_pairs], pair_starts, became, freed[:n_freed]


@part
def _freed_by(f, s, best, lost_needs, chosen, assets, starts):  # type: ignore[no-untyped-def]
    """Mark the rings that a set of supplies frees."""
    trail, back = s.tally[0].trail, s.tally[0].back
    also = np.zeros(len(starts) - 1, np.uint8)
    _give(f, s, lost_needs, chosen, 0, len(lost_needs))
    for q in range(len(starts) - 1):
        also[q] = _is_free(s, best, assets[starts[q] : starts[q + 1]])
    _take_back(f, s, lost_needs, chosen, 0, len(lost_needs), trail, back)
    return also


@part
def _largest_first(f, assets, starts):  # type: ignore[no-untyped-def]
    """Return the rings in the order in which they are searched; equals by their first id."""
    size = len(starts) - 1
    keys = np.empty(size, np.int64)
    for r in range(size):
        first = np.int64(len(f.asset))
        for a in assets[starts[r] : starts[r + 1]]:
            first = min(first, np.int64(f.asset[a].rank))
        keys[r] = -np.int64(starts[r + 1] - starts[r]) * (1 << 32) + first
    by_size, found_starts = np.empty_like(assets), np.zeros_like(starts)
    for i, r in enumerate(np.argsort(keys)):
        end = found_starts[i] + starts[r + 1] - starts[r]
        by_size[found_starts[i] : end] = assets[starts[r] : starts[r + 1]]
        found_starts[i + 1] = end
    return by_size, found_starts


@part
def _lost_needs(f, s, best, assets, starts, most):  # type: ignore[no-untyped-def]
    """Return the lost needs of each ring and of everything upstream of it, as sorted pairs.

    The list stops after the ring with which it exceeds ``most`` needs.
    """
    size = len(starts) - 1
    pairs, count = np.empty(16, np.int32), np.int64(0)
    ptr = np.zeros(size + 1, np.int64)
    for r in range(size):
        nodes, _, _ = explore(f, s, best, assets[starts[r] : starts[r + 1]], LOST_NEEDS)
        begin = count
        for a in nodes:
            if a >= len(f.asset):
                continue
            for g in range(f.asset[a].first_group, f.asset[a].end_group):
                if f.group[g].loss > 0.0 and still_lost(s, g):
                    pairs, count = append(pairs, count, np.int64(f.group[g].pair))
        unique = np.unique(pairs[begin:count])
        count = begin + len(unique)
        pairs[begin:count] = unique
        ptr[r + 1] = count
        if count > most:
            return pairs[:count], ptr[: r + 2]
    return pairs[:count], ptr


@part
def _fewest(f, s, best, ring, lost_needs, most):  # type: ignore[no-untyped-def]
    """Mark the first smallest set of ``lost_needs`` that frees the ring, within ``most`` tries.

    Also returns whether it is proven smallest, and how many sets were tried. Effects of supplies
    are computed only upstream of the ring.
    """
    nodes, _, _ = explore(f, s, best, ring, LOST_NEEDS)
    for a in nodes:
        if a < len(f.asset):
            s.asset[a].inside = 1
    s.tally[0].narrow = 1
    chosen, became, tried = _searched(f, s, best, ring, lost_needs, most)
    s.tally[0].narrow = 0
    for a in nodes:
        if a < len(f.asset):
            s.asset[a].inside = 0
    return chosen, became, tried


@part
def _searched(f, s, best, ring, lost_needs, most):  # type: ignore[no-untyped-def]
    size = len(lost_needs)
    chosen = np.ones(size, np.uint8)
    trail, back = s.tally[0].trail, s.tally[0].back
    _give(f, s, lost_needs, chosen, 0, size)
    hopeless = not _is_free(s, best, ring)
    _take_back(f, s, lost_needs, chosen, 0, size, trail, back)
    tried, sets = 0, 1.0
    for many in range(1, size + 1):
        sets = sets * (size - many + 1) / many
        if tried + sets > most + 0.5:
            break
        if hopeless:  # no subset does more than all of them
            tried += int(sets + 0.5)
            continue
        hit = _first_of(f, s, best, ring, lost_needs, many, chosen)
        tried += abs(hit)
        if hit > 0:
            return chosen, SMALLEST, tried
    if not hopeless:
        _leave_out(f, s, best, ring, lost_needs, chosen)
    return chosen, FOUND, tried


@part
def _first_of(f, s, best, ring, lost_needs, many, chosen):  # type: ignore[no-untyped-def]
    """Mark the first set of ``many``, in order, that frees the ring; sets share common beginnings.

    Returns how many were tried, negative if none of them frees it.
    """
    c, size = s.tally[0], len(lost_needs)
    at = np.zeros(many, np.int64)
    trail = np.zeros(many, np.int64)
    back = np.zeros(many, np.int64)
    depth, i, tried = 0, 0, 0
    while depth >= 0:
        if i <= size - (many - depth):
            at[depth], trail[depth], back[depth] = i, c.trail, c.back
            _supply(f, s, lost_needs[i])
            tried += depth == many - 1
            if depth < many - 1:
                depth += 1
            elif _is_free(s, best, ring):
                chosen[:] = 0
                for j in at:
                    chosen[j] = 1
                    _withdraw(s, lost_needs[j])
                undo(f, s, trail[0], back[0], False)
                return tried
            else:
                _withdraw(s, lost_needs[i])
                undo(f, s, trail[depth], back[depth], False)
            i += 1
            continue
        depth -= 1
        if depth >= 0:
            i = at[depth]
            _withdraw(s, lost_needs[i])
            undo(f, s, trail[depth], back[depth], False)
            i += 1
    return -tried


@part
def _leave_out(f, s, best, ring, lost_needs, chosen):  # type: ignore[no-untyped-def]
    """Reduce a breaking set: leave out, in order, every need that is not required.

    Halves are searched on top of each other (QuickXplain, Junker 2004): the trail keeps the
    effects of the first half. The result equals trying the needs one by one.
    """
    chosen[:] = 0
    deep = 2
    while 1 << (deep - 2) < len(lost_needs):
        deep += 1
    low, high = np.zeros(deep, np.int64), np.zeros(deep, np.int64)
    step = np.zeros(deep, np.int64)
    trail, back = np.zeros(deep, np.int64), np.zeros(deep, np.int64)
    every = np.ones(len(lost_needs), np.uint8)
    c = s.tally[0]
    at = 0
    low[0], high[0], step[0] = 0, len(lost_needs), 0
    while at >= 0:
        first, end = low[at], high[at]
        middle = (first + end) // 2
        if step[at] == 0:  # is anything in this part required at all?
            if _is_free(s, best, ring):
                at -= 1
                continue
            if end - first == 1:
                chosen[first] = 1
                at -= 1
                continue
            trail[at], back[at] = c.trail, c.back
            _give(f, s, lost_needs, every, middle, end)
            step[at] = 1
            low[at + 1], high[at + 1], step[at + 1] = first, middle, 0
            at += 1
        elif step[at] == 1:  # keep what is required of the first half
            _take_back(f, s, lost_needs, every, middle, end, trail[at], back[at])
            _give(f, s, lost_needs, chosen, first, middle)
            step[at] = 2
            low[at + 1], high[at + 1], step[at + 1] = middle, end, 0
            at += 1
        else:
            _take_back(f, s, lost_needs, chosen, first, middle, trail[at], back[at])
            at -= 1


@part
def _give(f, s, lost_needs, chosen, first, end):  # type: ignore[no-untyped-def]
    """Supply the chosen needs of a range."""
    for i in range(first, end):
        if chosen[i]:
            _add(f, s, lost_needs[i])
    run_returns(f, s)


@part
def _take_back(f, s, lost_needs, chosen, first, end, trail, back):  # type: ignore[no-untyped-def]
    for i in range(first, end):
        if chosen[i]:
            _withdraw(s, lost_needs[i])
    undo(f, s, trail, back, False)


@part
def _supply(f, s, pair):  # type: ignore[no-untyped-def]
    _add(f, s, pair)
    run_returns(f, s)


@part
def _add(f, s, pair):  # type: ignore[no-untyped-def]
    s.supplies[pair] += 1
    s.tally[0].given += 1
    for i in range(f.pair_ptr[pair], f.pair_ptr[pair + 1]):
        pend(s, np.int64(f.pair_group[i]))


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
