"""Cached lines of runs: only new lines are read from the store."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from cachetools import LRUCache

from models.exercise.run import Line
from usecases.exercise.ports import ExerciseLogs

KEPT_RUNS = 32


class Tails:
    """Reads runs; logs are append-only, so cached lines stay valid. Calls may block."""

    def __init__(self, logs: ExerciseLogs) -> None:
        self._logs = logs
        self._lock = threading.Lock()
        self._held: LRUCache[str, tuple[Line, ...]] = LRUCache(KEPT_RUNS)

    def lines(self, run_id: str) -> tuple[Line, ...]:
        """Return all lines of a run except the first, which holds its plan."""
        with self._lock:
            held = self._held.get(run_id, ())
        return self._with(run_id, held, self._logs.lines(run_id, _last(held)))

    def known(self, run_id: str) -> tuple[Line, ...]:
        """Return the cached lines, or none."""
        with self._lock:
            return self._held.get(run_id, ())

    def _with(self, run_id: str, held: tuple[Line, ...], news: Sequence[Line]) -> tuple[Line, ...]:
        lines = (*held, *news) if news else held
        with self._lock:
            if len(lines) > len(self._held.get(run_id, ())):
                self._held[run_id] = lines
        return lines


def _last(lines: Sequence[Line]) -> int:
    return lines[-1].number if lines else 1
