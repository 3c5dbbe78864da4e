"""Hides the future of an exercise from participants."""

from __future__ import annotations

import asyncio

from models.exercise import rules
from models.exercise.run import fold
from usecases.exercise.ports import ExerciseLogs
from usecases.exercise.tail import Tails


class Curtain:
    """Last hour of the cascade that participants may see while an exercise is running.

    It withholds the future of a run's scenario; a user who builds the same scenario again can
    still compute it.
    """

    def __init__(self, logs: ExerciseLogs) -> None:
        self._logs, self._tails = logs, Tails(logs)

    async def known_h(self, scenario_id: str) -> float | None:
        """Return the last hour to be shown of a scenario; None for all of it."""
        run_id = await asyncio.to_thread(self._logs.of_scenario, scenario_id)
        if run_id is None:
            return None
        run = fold(await asyncio.to_thread(self._tails.lines, run_id), 0)
        return None if run.phase == "ended" else rules.known_h(run)
