"""What the live view's addresses do, each as whoever asks."""

from __future__ import annotations

from models.access import NotAllowedError
from models.wording import _
from usecases.desk import Desk
from usecases.live.rooms import Viewer
from usecases.ports import Plain


class Watching:
    """The live view of a desk, for ``api/stream.py``."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def open(self, page: Plain) -> Viewer:
        """Begin a stream for a page; the scenario must be there for this person."""
        seat, hub = self.desk.seat(), self.desk.live
        await seat.current(page["scenario"])
        viewer = hub.enter(seat, page["scenario"], page["page"], page["rev"])
        self._met(page, streaming=True)
        return viewer

    def leave(self, stream: Viewer) -> None:
        """Note that a stream has ended."""
        self.desk.live.leave(stream)

    async def news(self, page: Plain) -> Plain:
        """Return what changed since the revision that a page holds, who is here, who leads."""
        seat, hub = self.desk.seat(), self.desk.live
        await seat.current(page["scenario"])
        change = await hub.news(seat, page["scenario"], page["rev"])
        self._met(page, streaming=False)
        return {"change": change} | hub.scene(page["scenario"]).plain_for(seat)

    async def here(self, page: Plain) -> Plain:
        """Note what a page calls itself and looks at."""
        await self.desk.seat().current(page["scenario"])
        return {"name": self._met(page, streaming=False)}

    def _met(self, page: Plain, *, streaming: bool) -> str:
        scene = self.desk.live.scene(page["scenario"])
        return scene.met(
            self.desk.seat(), page["page"], page["name"], page["view"], streaming=streaming
        )

    async def lead(self, asked: Plain) -> None:
        """Lead those who follow to somewhere, on to another scenario, or no more.

        Raises
        ------
        NotAllowedError
            If somebody asks who may not lead.
        UnknownScenarioError
            If one of the scenarios is none of theirs: all who follow can open where they are led.
        """
        seat, hub = self.desk.seat(), self.desk.live
        if not seat.who.leads:
            raise NotAllowedError(_("Only facilitators can lead."))
        for one in filter(None, (asked["scenario"], asked["to"])):
            await seat.current(one)
        scene = hub.scene(asked["scenario"])
        scene.leads(seat, asked["page"], asked["state"], asked["to"])
        if hub.notes is not None:
            await scene.say_lead(hub.notes)

    async def log(self, scenario: str) -> list[Plain]:
        """Return who did what to a scenario, oldest first."""
        seat = self.desk.seat()
        saved = await seat.current(scenario)
        lines = await seat.log(scenario, max(0, saved.revision - 200))
        return self.desk.live.scene(scenario).named(lines)
