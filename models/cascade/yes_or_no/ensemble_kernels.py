"""Compiled loops of ensembles: 512 runs of a yes-or-no cascade at once, and their random numbers.

A *word* is 64 runs, one bit each; a row is the eight words of one batch of 512 runs, which is one
cache line. A bit is set where the asset has failed (or the event happens) in that run.

Random numbers are functions of a key and a counter alone: the finaliser of SplitMix64 (Steele, Lea
and Flood 2014, doi:10.1145/2660193.2660195) at ``key + counter * GOLDEN``. Nothing here takes a
logarithm, so they are the same bits on every machine.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from models.cascade.compile.word_rows import (
    both,
    count,
    count_up,
    differ,
    either,
    fill,
    is_any,
    load,
    shifted,
    store,
    times,
)

WORDS = 8
LANES = 64 * WORDS

_U = np.uint64
_GOLDEN = _U(0x9E3779B97F4A7C15)
_ZERO, _ONE, _ALL = _U(0), _U(1), _U(0xFFFFFFFFFFFFFFFF)
#: Below this probability runs are chosen one by one, above it bit by bit; both are exact, this
#: is where they take as long.
_RARE = 0.03


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
    """Fail ``asset`` [a] in the runs of row ``which`` [a] of ``rows``, and in those of before."""
    for i in range(len(asset)):
        store(failed, asset[i], either(load(failed, asset[i]), load(rows, which[i])))


@njit(cache=True, nogil=True)
def spread(  # type: ignore[no-untyped-def]
    block_ptr, group_ptr, sup_ptr, supplier, trip, fed_ptr, fed, owner, failed
):
    """Let failures spread, in place, until nothing more fails; return how often assets were asked.

    The arrays are those of the layout; ``failed`` is [n, 8]. Suppliers' components come first, so
    one look at each asset is enough outside loops; inside one only those are asked again whose
    supplier has changed.
    """
    planes = np.empty((32, 8), np.uint64)
    dirty = np.ones(len(group_ptr) - 1, np.uint8)
    asked = 0
    for b in range(len(block_ptr) - 1):
        first, last = block_ptr[b], block_ptr[b + 1]
        changing = True
        while changing:
            changing = False
            for v in range(first, last):
                if not dirty[v]:
                    continue
                dirty[v] = 0
                asked += 1
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
                        # bit planes that count up from where the t-th failure makes them run over
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
    return asked


# --- counting --------------------------------------------------------------------------------


@njit(cache=True, nogil=True)
def tally(failed, counted, valid, often, totals):  # type: ignore[no-untyped-def]
    """Add up failures per asset and per run.

    ``counted`` [n] says which assets count in a run's total, ``valid`` [1, 8] which runs there
    are. ``times`` [n] and ``totals`` [512] are added to.
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


@njit(cache=True, nogil=True)
def course(rows, first, ptr, service, people, base, horizon, hours, peak):  # type: ignore[no-untyped-def]
    """Sum up one timed run; return the numbers of the assets it or the settling ever lowered.

    ``rows`` are the engine's, from ``first`` on those of the run, by time; ``ptr``, ``service``,
    ``people`` and ``base`` its areas. ``hours`` (person-hours) and ``peak`` (people) [services]
    are filled in; people are rounded to a millionth, as in ``models/impact/consequences.py``.
    """
    end = len(rows)
    exact, now = base.copy(), np.round(base, 6)
    hours[:] = 0.0
    peak[:] = 0.0
    at, i = 0, first
    while True:
        while i < end and rows[i].t == at:
            if rows[i].asset >= 0:
                for j in range(ptr[rows[i].value], ptr[rows[i].value + 1]):
                    exact[service[j]] += people[j] * (rows[i].before - rows[i].after)
            i += 1
        now = np.round(exact, 6)
        peak[:] = np.maximum(peak, now)
        until = rows[i].t if i < end else horizon
        hours += now * ((until - at) / 3_600_000.0)
        if i >= end:
            break
        at = until
    lowered = np.empty(end, np.int32)
    size = 0
    for i in range(end):
        if rows[i].asset >= 0:
            lowered[size] = rows[i].asset
            size += 1
    return np.unique(lowered[:size])


# --- random numbers --------------------------------------------------------------------------


@njit(cache=True, nogil=True)
def _mix(z):  # type: ignore[no-untyped-def]
    z = (z ^ (z >> _U(30))) * _U(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> _U(27))) * _U(0x94D049BB133111EB)
    return z ^ (z >> _U(31))


@njit(cache=True, nogil=True)
def _mix_row(z):  # type: ignore[no-untyped-def]
    z = times(differ(z, shifted(z, fill(_U(30)))), fill(_U(0xBF58476D1CE4E5B9)))
    z = times(differ(z, shifted(z, fill(_U(27)))), fill(_U(0x94D049BB133111EB)))
    return differ(z, shifted(z, fill(_U(31))))


@njit(cache=True, nogil=True)
def uniform(keys, first, values):  # type: ignore[no-untyped-def]
    """Fill ``values`` [runs, keys] with uniform numbers in [0, 1) of runs ``first`` onwards."""
    for r in range(values.shape[0]):
        for q in range(values.shape[1]):
            z = _mix(keys[q] + _U(first + r) * _GOLDEN)
            values[r, q] = (z >> _U(11)) * (1.0 / (1 << 53))


@njit(cache=True, nogil=True)
def happens(keys, p, batch, rows):  # type: ignore[no-untyped-def]
    """Fill ``rows`` [q, 8]: in which runs of a batch an event of probability ``p`` [q] happens."""
    for q in range(len(keys)):
        if p[q] >= 1.0:
            store(rows, q, fill(_ALL))
        elif p[q] <= 0.0:
            store(rows, q, fill(_ZERO))
        elif p[q] < _RARE:
            _rare(keys[q], p[q], batch, rows, q)
        else:
            _bitwise(keys[q], p[q], batch, rows, q)


@njit(cache=True, nogil=True)
def _rare(key, p, batch, rows, q):  # type: ignore[no-untyped-def]
    """Draw how many runs it happens in (binomial, by inversion), then which ones."""
    store(rows, q, fill(_ZERO))
    counter = key + _U(batch) * (_U(LANES) * _GOLDEN)
    u = (_mix(counter) >> _U(11)) * (1.0 / (1 << 53))
    chance = 1.0 - p
    for _ in range(9):  # to the power of 512, without a library that may round otherwise
        chance *= chance
    reached, odds, left = chance, p / (1.0 - p), 0
    while u >= reached and left < LANES:
        left += 1
        chance *= odds * (LANES - left + 1) / left
        reached += chance
    pieces, n_pieces = _ZERO, 0
    while left > 0:
        if n_pieces == 0:
            counter += _GOLDEN
            pieces, n_pieces = _mix(counter), 7
        lane = pieces & _U(LANES - 1)
        pieces >>= _U(9)
        n_pieces -= 1
        w, bit = lane >> _U(6), _ONE << (lane & _U(63))
        if not rows[q, w] & bit:
            rows[q, w] |= bit
            left -= 1


@njit(cache=True, nogil=True)
def _bitwise(key, p, batch, rows, q):  # type: ignore[no-untyped-def]
    """Compare a random number of each run with ``p``, from the highest bit, until all differ."""
    threshold = _U(p * (1 << 53)) << _U(11)
    counter = key + _U(batch) * (_U(LANES) * _GOLDEN)
    hit, open_ = fill(_ZERO), fill(_ALL)
    while is_any(open_) and threshold != _ZERO:
        ones = _ALL if threshold >> _U(63) else _ZERO
        threshold <<= _ONE
        r = _mix_row(count_up(counter, _GOLDEN))
        counter += _U(8) * _GOLDEN
        differs = both(open_, differ(r, fill(ones)))
        hit = either(hit, both(differs, fill(ones)))
        open_ = differ(open_, differs)
    store(rows, q, hit)
