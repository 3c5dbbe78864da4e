"""Join restart deadlocks that the same set of supplies breaks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from models.outcome import Deadlock

#: With more deadlocks than this, none are joined.
MOST_COMPARED = 500


def joined(deadlocks: Sequence[Deadlock], freed: Iterable[tuple[int, int]]) -> tuple[Deadlock, ...]:
    """Return the deadlocks by their first asset; those that one set breaks are joined.

    Parameters
    ----------
    deadlocks
        All of them, the largest first.
    freed
        Two places in ``deadlocks``: the breaking set of the first frees the second.
    """
    frees: dict[int, set[int]] = {i: {i} for i in range(len(deadlocks))}
    for deadlock, other in freed:
        frees[deadlock].add(other)
    left = set(frees)
    merged = []
    while left:
        best = max(sorted(left), key=lambda i: len(frees[i] & left))
        group = frees[best] & left
        assets = sorted({asset for i in group for asset in deadlocks[i].assets})
        merged.append(replace(deadlocks[best], assets=tuple(assets)))
        left -= group
    return tuple(sorted(merged, key=lambda deadlock: deadlock.assets))
