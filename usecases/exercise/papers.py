"""The hot debrief as a file made by a worker: permission, and its label."""

from __future__ import annotations

from layouts.paper.debrief_paper import debrief_paper
from models.rights.need_to_know import labels_in_use
from usecases import asking
from usecases.desk import Desk
from usecases.exercise.runs import Runs
from usecases.leaving import at_least
from usecases.seat import take_seat


class ExercisePapers:
    """Makes debriefs as PDF."""

    def __init__(self, desk: Desk, runs: Runs) -> None:
        self._desk, self._runs = desk, runs

    def service_words(self, service: str) -> str:
        """Return what a service is called."""
        return self._desk.labels.service(service)

    async def debrief(self, run_id: str) -> bytes:
        """Return the hot debrief of a run as tagged PDF; :class:`Runs` checks the permission.

        It covers the whole world, so it carries the most restrictive label in it.
        """
        debrief = await self._runs.debrief(run_id)
        label = at_least("", labels_in_use(self._desk.world))
        briefing = debrief_paper(self._desk.world, debrief, label, self.service_words)
        return await asking.paper(take_seat(self._desk), briefing)
