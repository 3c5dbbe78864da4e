"""The lines of runs, of which only those are read that were not read before."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from cachetools import LRUCache

from models.exercise.run import Line
from usecases.exercise.ports import ExerciseLogs

KEPT_RUNS = 32


class Tails:
    """Reads runs; lines are only ever added, so what was read stays true. Calls may block."""

    def __init__(self, logs: ExerciseLogs) -> None:
        self._logs = logs
        self._lock = threading.Lock()
        self._held: LRUCache[str, tuple[Line, ...]] = LRUCache(KEPT_RUNS)

    def lines(self, run_id: str) -> tuple[Line, ...]:
        """Return all lines of a run but the first, which holds its plan."""
        with self._lock:
            known = self._held.get(run_id, ())
        return self._with(run_id, known, self._logs.lines(run_id, _last(known)))

    def known(self, run_id: str) -> tuple[Line, ...]:
        """Return what was read so far, or nothing."""
        with self._lock:
            return self._held.get(run_id, ())

    def _with(self, run_id: str, known: tuple[Line, ...], news: Sequence[Line]) -> tuple[Line, ...]:
        lines = (*known, *news) if news else known
        with self._lock:
            if len(lines) > len(self._held.get(run_id, ())):
                self._held[run_id] = lines
        return lines


def _last(lines: Sequence[Line]) -> int:
    return lines[-1].number if lines else 1
