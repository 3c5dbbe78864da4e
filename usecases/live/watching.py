"""The live view of a desk, for ``api/stream.py``: each request is authorised as its user.

The forms define what a page may send. A stream re-authorises its user before it sends anything:
their permission may have ended.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from layouts.feed.payloads.picture import Picture
from layouts.feed.payloads.scenario import ShownScenario
from layouts.feed.payloads.stream import LogLine as LogPayload
from layouts.feed.payloads.stream import Named, News
from models.access import NotAllowedError, Who
from models.errors import KnockOnError
from models.revisions import ShownLine
from models.wording import _
from usecases import asking, reading
from usecases.desk import Desk
from usecases.known import held_back_h
from usecases.live.hub import Hub
from usecases.live.rooms import Viewer
from usecases.ports import Saved
from usecases.seat import Seat, take_seat

#: how long an earlier check of a stream's user counts
RECHECK_S = 5.0
_LAST_MS = 87_600 * 3_600_000
_Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
_Page = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{8,32}$")]
_Rev = Annotated[int, Field(ge=0, lt=2**53)]
_Name = Annotated[str, Field(max_length=40)]
_View = Literal["map", "graph", "both", "list", "weak", "compare", "exercise"]
_Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PageForm(_Form):
    """A page: which scenario it shows, which revision of it, and who looks at it."""

    scenario: _Id
    page: _Page
    rev: _Rev = 0
    name: _Name = ""
    view: _View = "map"


class LeadState(_Form):
    """Where a facilitator leads the others to."""

    t_ms: Annotated[int, Field(ge=0, le=_LAST_MS)]
    playing: bool
    speed: Annotated[float, Field(gt=0, le=64, allow_inf_nan=False)]
    view: _View
    selection: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=200)
    ] = []
    at: tuple[_Degrees, _Degrees, Annotated[float, Field(ge=0, le=30)]] | None = None


class LeadForm(_Form):
    """Lead on, to a state; or no more here, perhaps on to another scenario."""

    scenario: _Id
    page: _Page
    state: LeadState | None = None
    to: _Id | None = None


@dataclass(frozen=True)
class Seated:
    """A user at a seat, as a :class:`usecases.live.watcher.Watcher`."""

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
        """Return whether they may see an asset."""
        return asset_id in self.seat.world.assets

    async def current(self, scenario_id: str) -> Saved:
        """Return the newest revision of a scenario."""
        return await reading.current(self.seat, scenario_id)

    def payload(self, saved: Saved) -> ShownScenario:
        """Return what a page's store holds about a revision."""
        return self.seat.payload(saved)

    async def picture(self, saved: Saved) -> Picture:
        """Return the picture of a revision."""
        return await asking.picture(self.seat, saved)

    async def log(self, scenario_id: str, after: int) -> Sequence[ShownLine]:
        """Return who changed what after a revision, oldest first."""
        return await reading.log(self.seat, scenario_id, after)

    async def held_back_h(self, scenario_id: str) -> float | None:
        """Return the last hour that an exercise lets them see; None for all of them."""
        return await held_back_h(self.seat, scenario_id)


class Watching:
    """Streams, polling, presence and leading."""

    def __init__(self, desk: Desk, hub: Hub) -> None:
        self._desk, self._hub = desk, hub

    def _watcher(self) -> Seated:
        return Seated(take_seat(self._desk))

    async def open(self, page: PageForm) -> Viewer:
        """Begin a stream for a page; this user must be able to read the scenario."""
        watcher, hub = self._watcher(), self._hub
        await watcher.current(page.scenario)
        viewer = hub.enter(watcher, page.scenario, page.page, page.rev)
        self._met(page, streaming=True)
        return viewer

    async def events(
        self, stream: Viewer, user: Callable[[], Awaitable[Who]]
    ) -> AsyncIterator[bytes]:
        """Yield new events, as Server-Sent Events, until the stream or the permission ends.

        Parameters
        ----------
        stream
            An opened stream. The caller must :meth:`leave` it afterwards.
        user
            Returns the current user of the connection; may raise a ``KnockOnError``.
        """
        checked_at = time.monotonic()
        # the page learns at once that it is connected
        yield b": here\n\n"
        while events := await stream.news():
            now = time.monotonic()
            if stream.doubted or now - checked_at > RECHECK_S:
                stream.doubted, checked_at = False, now
                if not await _still(stream.watcher.who, user):
                    return
            yield events

    def leave(self, stream: Viewer) -> None:
        """Note that a stream has ended."""
        self._hub.leave(stream)

    async def news(self, page: PageForm) -> News:
        """Return what changed since the revision that a page holds, who is here, who leads."""
        watcher, hub = self._watcher(), self._hub
        await watcher.current(page.scenario)
        change = await hub.news(watcher, page.scenario, page.rev)
        self._met(page, streaming=False)
        return {"change": change, **hub.scene(page.scenario).plain_for(watcher)}

    async def here(self, page: PageForm) -> Named:
        """Note a page's name and view."""
        await self._watcher().current(page.scenario)
        return {"name": self._met(page, streaming=False)}

    def _met(self, page: PageForm, *, streaming: bool) -> str:
        scene = self._hub.scene(page.scenario)
        return scene.met(self._watcher(), page.page, page.name, page.view, streaming=streaming)

    async def lead(self, lead: LeadForm) -> None:
        """Lead the followers to a state, on to another scenario, or stop leading.

        Raises
        ------
        NotAllowedError
            If the user is not a facilitator.
        UnknownScenarioError
            If the user cannot open one of the scenarios: followers must be able to open it, too.
        """
        watcher, hub = self._watcher(), self._hub
        if not watcher.who.leads:
            raise NotAllowedError(_("Only facilitators can lead."))
        for scenario_id in filter(None, (lead.scenario, lead.to)):
            await watcher.current(scenario_id)
        scene = hub.scene(lead.scenario)
        state = lead.state.model_dump() if lead.state else None
        scene.leads(watcher, lead.page, state, lead.to)
        if hub.notes is not None:
            await scene.say_lead(hub.notes)

    async def log(self, scenario: str) -> list[LogPayload]:
        """Return who did what to a scenario, oldest first."""
        watcher = self._watcher()
        saved = await watcher.current(scenario)
        lines = await watcher.log(scenario, max(0, saved.revision - 200))
        return self._hub.scene(scenario).named(lines)


async def _still(who: Who, user: Callable[[], Awaitable[Who]]) -> bool:
    """Return whether a stream still belongs to the same user, with the same rights."""
    try:
        return await user() == who
    except KnockOnError:  # the store does not answer at the moment: the page reconnects
        return False
