"""Compiled: who falls in a run, and how many distinct people then lack something."""

from __future__ import annotations

import numpy as np

from models.cascade.compile.compiled import kernel, part

_MS_PER_HOUR = 3_600_000.0


@part
def _lost_part(level, shed_from, shed_width):  # type: ignore[no-untyped-def]
    """Return the part of people served who go without; as ``models/impact/settlement.py`` does."""
    if level >= 1.0:
        return 0.0
    if level <= 0.0:
        return 1.0
    return min(1.0, max(0.0, (1.0 - level - shed_from) / shed_width))


@kernel
def follow(s, homes, lack, counted, first, horizon, keep):  # type: ignore[no-untyped-def]
    """Follow a run's rows from ``first`` on: who fell, and what people go without.

    Parameters
    ----------
    s
        The state that was played on.
    homes, lack
        Who lives where (``Homes``), and what they lack where the rows begin (``Lack``). Brought up
        to the last row where ``keep`` is set, else left as it was.
    counted
        1 for the assets that count where they fall, [n].
    first, horizon
        The first row to follow; the end of the run, in ms.
    keep
        Whether ``lack`` goes along.

    Returns
    -------
    The counted assets that fell, the most distinct people who lack something at one moment, and
    what the rows add to their person-hours up to the horizon.
    """
    end = s.tally[0].rows
    fell, size = np.empty(end - first, np.int32), 0
    entries = 0
    for i in range(first, end):
        if s.rows[i].asset >= 0:
            entries += homes.ptr[s.rows[i].value + 1] - homes.ptr[s.rows[i].value]
    entry, slot_before, cell_before = (
        np.empty(entries, np.int32),
        np.empty(entries),
        np.empty(entries),
    )
    people, most = lack.people[0], lack.people[1]
    hours, now, k = 0.0, 0, 0
    for i in range(first, end):
        row = s.rows[i]
        if row.t != now:  # what changes within a moment is not seen
            most = max(most, people)
            now = row.t
        a = row.asset
        if a < 0:
            continue
        if row.after < row.before and counted[a] and s.node[a] == 0:
            s.node[a] = 1
            fell[size] = a
            size += 1
        left = (horizon - row.t) / _MS_PER_HOUR
        for j in range(homes.ptr[row.value], homes.ptr[row.value + 1]):
            slot = homes.slot[j]
            cell = homes.cell[slot]
            entry[k], slot_before[k], cell_before[k] = slot, lack.slot[slot], lack.cell[cell]
            k += 1
            shed_from, shed_width = homes.shed_from[j], homes.shed_width[j]
            lost = homes.part[j] * (
                _lost_part(row.after, shed_from, shed_width)
                - _lost_part(row.before, shed_from, shed_width)
            )
            lack.slot[slot] += lost
            worst = 0.0
            for other in range(homes.slots[cell], homes.slots[cell + 1]):
                worst = max(worst, lack.slot[other])
            more = homes.people[cell] * (worst - lack.cell[cell])
            people += more
            hours += more * left
            lack.cell[cell] = worst
    most = max(most, people)
    for i in range(size):
        s.node[fell[i]] = 0
    if keep:
        lack.people[0], lack.people[1] = people, most
    else:
        for j in range(k - 1, -1, -1):
            lack.slot[entry[j]] = slot_before[j]
            lack.cell[homes.cell[entry[j]]] = cell_before[j]
    return fell[:size].copy(), most, hours
