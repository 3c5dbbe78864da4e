"""Figures of one timed run, as an ensemble counts them."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def course(rows, first, ptr, service, people, base, horizon, hours, peak):  # type: ignore[no-untyped-def]
    """Sum up one timed run; return the numbers of the assets ever lowered, at 0 h included.

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
