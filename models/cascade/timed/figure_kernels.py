"""Compiled figures of a run: the assets that it changed, and the people."""

from __future__ import annotations

import numpy as np

from models.cascade.compile.compiled import kernel
from models.cascade.timed.arrays import NONE

_MS_PER_HOUR = 3_600_000.0


@kernel
def summary(f, s, base, areas, horizon):  # type: ignore[no-untyped-def]
    """Return the figures of ``engine.Solved`` for the assets that the run changed."""
    n, first_row, end = len(f.asset), base.tally[0].rows, s.tally[0].rows
    assets = np.empty(end - first_row, np.int32)
    size = 0
    for i in range(first_row, end):
        a = s.rows[i].asset
        if a >= 0 and s.node[a] == 0:
            assets[size] = a
            size += 1
            s.node[a] = size
    assets = assets[:size].copy()
    zeros, since = np.zeros(size, np.int32), np.zeros(size, np.int64)
    first_loss, down = np.full(size, NONE, np.int64), np.zeros(size, np.int64)
    level, delivered = np.empty(size), np.empty(size)
    for k in range(size):
        a = assets[k]
        level[k] = delivered[k] = s.value[a]
        zeros[k] = base.value[a] <= 0.0
        if base.latest[a] >= 0:
            first_loss[k] = 0
        for i in range(f.asset[a].first_slot, f.asset[a].end_slot):
            v = n + f.slots[i]
            delivered[k] = min(delivered[k], s.value[v])
            zeros[k] += base.value[v] <= 0.0
            if base.latest[v] >= 0:
                first_loss[k] = 0
    hours = areas.base * (horizon / _MS_PER_HOUR)
    for i in range(first_row, end):
        row = s.rows[i]
        if row.asset < 0:
            continue
        k = s.node[row.asset] - 1
        if row.after < row.before and first_loss[k] < 0:
            first_loss[k] = row.t
        if row.after <= 0.0 < row.before:
            if zeros[k] == 0:
                since[k] = row.t
            zeros[k] += 1
        elif row.before <= 0.0 < row.after:
            zeros[k] -= 1
            if zeros[k] == 0:
                down[k] += row.t - since[k]
        for j in range(areas.ptr[row.value], areas.ptr[row.value + 1]):
            lost = areas.people[j] * (row.before - row.after)
            hours[areas.service[j]] += lost * ((horizon - row.t) / _MS_PER_HOUR)
    for k in range(size):
        if zeros[k] > 0:
            down[k] += horizon - since[k]
        s.node[assets[k]] = 0
    return assets, level, delivered, first_loss, down, hours
