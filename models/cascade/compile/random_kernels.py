"""Compiled random numbers of runs that are numbered.

A *word* is 64 runs, one bit each; a row is the eight words of one batch of 512 runs.

Random numbers are functions of a key and a counter alone: the finaliser of SplitMix64 (Steele, Lea
and Flood 2014, doi:10.1145/2660193.2660195) at ``key + counter * GOLDEN``. Nothing here takes a
logarithm, so they are the same bits on every machine.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from models.cascade.compile.word_rows import (
    both,
    count_up,
    differ,
    either,
    fill,
    is_any,
    shifted,
    store,
    times,
)

WORDS = 8
LANES = 64 * WORDS

_U = np.uint64
_GOLDEN = _U(0x9E3779B97F4A7C15)
_ZERO, _ONE, _ALL = _U(0), _U(1), _U(0xFFFFFFFFFFFFFFFF)
#: Below this probability runs are drawn one by one, above it bit by bit. Both are exact; at this
#: value they are equally fast.
_RARE = 0.03


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
