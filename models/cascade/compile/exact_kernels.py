"""Sums and roundings that equal Python's ``fsum`` and ``round`` bit for bit."""

from __future__ import annotations

from models.cascade.compile.compiled import kernel


@kernel
def add_exactly(partials, n, x):  # type: ignore[no-untyped-def]
    """Add ``x`` to ``n`` partial sums that do not overlap; return how many there are now.

    Shewchuk (1997), doi:10.1007/PL00009321, as in Python's ``math.fsum``.
    """
    kept = 0
    for i in range(n):
        y = partials[i]
        if abs(x) < abs(y):
            x, y = y, x
        high = x + y
        low = y - (high - x)
        if low != 0.0:
            partials[kept] = low
            kept += 1
        x = high
    partials[kept] = x
    return kept + 1


@kernel
def total_of(partials, n):  # type: ignore[no-untyped-def]
    """Return the sum of the partial sums, correctly rounded (half to even)."""
    if n == 0:
        return 0.0
    n -= 1
    high = partials[n]
    low = 0.0
    while n > 0:
        x = high
        n -= 1
        y = partials[n]
        high = x + y
        low = y - (high - x)
        if low != 0.0:
            break
    # the rest decides a tie
    if n > 0 and ((low < 0.0 and partials[n - 1] < 0.0) or (low > 0.0 and partials[n - 1] > 0.0)):
        y = low * 2.0
        x = high + y
        if y == x - high:
            high = x
    return high


@kernel
def rounded_12(x):  # type: ignore[no-untyped-def]
    """Return ``round(x, 12)`` for ``x`` in [0, 1].

    The product with 1e12 is taken exactly, as a double and its error (Dekker 1971,
    doi:10.1007/BF01397083), so that ties are told from near ties; a whole number up to 1e12 over
    1e12 is then the nearest double to the decimal.
    """
    scale = 1e12
    high = x * scale
    split = 134217729.0 * x
    x_high = split - (split - x)
    x_low = x - x_high
    split = 134217729.0 * scale
    s_high = split - (split - scale)
    s_low = scale - s_high
    low = ((x_high * s_high - high) + x_high * s_low + x_low * s_high) + x_low * s_low
    whole = float(int(high))
    beyond = (high - whole) - 0.5
    if beyond > -low or (beyond == -low and whole % 2.0 == 1.0):
        whole += 1.0
    return whole / scale


@kernel
def share_of(passed, full, whole):  # type: ignore[no-untyped-def]
    """Return ``passed * full // whole`` for 0 <= passed < whole without overflow."""
    if full == 0 or passed <= 9_000_000_000_000_000_000 // full:
        return passed * full // whole
    quotient, rest = 0, 0
    for bit in range(62, -1, -1):
        quotient, rest = 2 * quotient, 2 * rest
        if rest >= whole:
            quotient, rest = quotient + 1, rest - whole
        if (full >> bit) & 1:
            rest += passed
            if rest >= whole:
                quotient, rest = quotient + 1, rest - whole
    return quotient
