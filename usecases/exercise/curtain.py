"""What is still to come in an exercise, kept from those who do not lead it."""

from __future__ import annotations

import asyncio

from models.exercise import rules
from models.exercise.run import fold
from usecases.exercise.ports import ExerciseLogs
from usecases.exercise.tail import Tails


class Curtain:
    """How far into the cascade those who do not lead may see, while an exercise goes on.

    It keeps the page from showing the future of a run's scenario; somebody who builds the same
    scenario anew can still compute it.
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
