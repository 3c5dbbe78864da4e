"""What the live view's addresses do, each as whoever asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.access import NotAllowedError, Who
from models.revisions import LogLine
from models.wording import _
from usecases import asking, reading
from usecases.desk import Desk
from usecases.live.hub import Hub
from usecases.live.rooms import Viewer
from usecases.ports import Plain, Saved
from usecases.seat import Seat, take_seat


@dataclass(frozen=True)
class Seated:
    """A user at a seat, as the live view knows them (:class:`usecases.live.watcher.Watcher`)."""

    seat: Seat

    @property
    def who(self) -> Who:
        """Return the user."""
        return self.seat.who

    @property
    def sight(self) -> str:
        """Return a key that is equal for all who see the same."""
        return self.seat.sight

    @property
    def is_whole(self) -> bool:
        """Whether nothing of the world is hidden from them."""
        return self.seat.seen.is_whole

    def sees(self, asset_id: str) -> bool:
        """Say whether they may see an asset."""
        return asset_id in self.seat.world.assets

    async def current(self, scenario_id: str) -> Saved:
        """Return the newest revision of a scenario."""
        return await reading.current(self.seat, scenario_id)

    def payload(self, saved: Saved) -> Plain:
        """Return what a page's store holds about a revision."""
        return self.seat.payload(saved)

    async def picture(self, saved: Saved) -> Plain:
        """Return the picture of a revision."""
        return await asking.picture(self.seat, saved)

    async def log(self, scenario_id: str, after: int) -> Sequence[LogLine]:
        """Return who changed what after a revision, oldest first."""
        return await reading.log(self.seat, scenario_id, after)

    async def held_back_h(self, scenario_id: str) -> float | None:
        """Return the last hour that an exercise lets them see; None for all of them."""
        return await asking.held_back_h(self.seat, scenario_id)


class Watching:
    """The live view of a desk, for ``api/stream.py``."""

    def __init__(self, desk: Desk, hub: Hub) -> None:
        self._desk, self._hub = desk, hub

    def _watcher(self) -> Seated:
        return Seated(take_seat(self._desk))

    async def open(self, page: Plain) -> Viewer:
        """Begin a stream for a page; the scenario must be there for this person."""
        watcher, hub = self._watcher(), self._hub
        await watcher.current(page["scenario"])
        viewer = hub.enter(watcher, page["scenario"], page["page"], page["rev"])
        self._met(page, streaming=True)
        return viewer

    def leave(self, stream: Viewer) -> None:
        """Note that a stream has ended."""
        self._hub.leave(stream)

    async def news(self, page: Plain) -> Plain:
        """Return what changed since the revision that a page holds, who is here, who leads."""
        watcher, hub = self._watcher(), self._hub
        await watcher.current(page["scenario"])
        change = await hub.news(watcher, page["scenario"], page["rev"])
        self._met(page, streaming=False)
        return {"change": change} | hub.scene(page["scenario"]).plain_for(watcher)

    async def here(self, page: Plain) -> Plain:
        """Note what a page calls itself and looks at."""
        await self._watcher().current(page["scenario"])
        return {"name": self._met(page, streaming=False)}

    def _met(self, page: Plain, *, streaming: bool) -> str:
        scene = self._hub.scene(page["scenario"])
        return scene.met(
            self._watcher(), page["page"], page["name"], page["view"], streaming=streaming
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
        watcher, hub = self._watcher(), self._hub
        if not watcher.who.leads:
            raise NotAllowedError(_("Only facilitators can lead."))
        for one in filter(None, (asked["scenario"], asked["to"])):
            await watcher.current(one)
        scene = hub.scene(asked["scenario"])
        scene.leads(watcher, asked["page"], asked["state"], asked["to"])
        if hub.notes is not None:
            await scene.say_lead(hub.notes)

    async def log(self, scenario: str) -> list[Plain]:
        """Return who did what to a scenario, oldest first."""
        watcher = self._watcher()
        saved = await watcher.current(scenario)
        lines = await watcher.log(scenario, max(0, saved.revision - 200))
        return self._hub.scene(scenario).named(lines)
