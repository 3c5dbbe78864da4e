"""Hides the future of an exercise from participants."""

from __future__ import annotations

import asyncio

from cachetools import LRUCache

from models.exercise.plan import Exercise
from models.exercise.reached import Reached
from models.exercise.run import fold
from usecases.exercise.ports import ExerciseLogs
from usecases.exercise.tail import KEPT_RUNS, Tails


class Curtain:
    """Last hour of the cascade that participants may see while an exercise is running.

    It withholds the future of a run's scenario; a user who builds the same scenario again can
    still compute it.
    """

    def __init__(self, logs: ExerciseLogs) -> None:
        self._logs, self._tails = logs, Tails(logs)
        self._plans: LRUCache[str, Exercise] = LRUCache(KEPT_RUNS)

    async def reached(self, scenario_id: str) -> Reached | None:
        """Return what is to be shown of a scenario; None for all of it."""
        run_id = await asyncio.to_thread(self._logs.of_scenario, scenario_id)
        if run_id is None:
            return None
        run = fold(await asyncio.to_thread(self._tails.lines, run_id), 0)
        return Reached.of(await self._plan(run_id), run)

    async def _plan(self, run_id: str) -> Exercise:
        plan = self._plans.get(run_id)
        if plan is None:
            first = await asyncio.to_thread(self._logs.line, run_id, 1)
            plan = self._plans[run_id] = Exercise.from_dict(first.data["plan"])
        return plan
