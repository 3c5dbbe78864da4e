"""The live view of a desk, for ``api/stream.py``: each request is checked and answered as its user.

The forms say what a page may send. A stream checks its user again before it sends anything, for
their right to it may have ended.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from layouts.feed.payloads.stream import LogLine, Named, News
from models.access import NotAllowedError, Who
from models.errors import KnockOnError
from models.wording import _
from usecases.desk import Desk
from usecases.live.rooms import Viewer

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


class Watching:
    """Streams, polling, presence and leading."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def open(self, page: PageForm) -> Viewer:
        """Begin a stream for a page; the scenario must be there for this person."""
        seat, hub = self.desk.seat(), self.desk.live
        await seat.current(page.scenario)
        viewer = hub.enter(seat, page.scenario, page.page, page.rev)
        self._met(page, streaming=True)
        return viewer

    async def events(
        self, stream: Viewer, user: Callable[[], Awaitable[Who]]
    ) -> AsyncIterator[bytes]:
        """Yield what is new, as Server-Sent Events, until the stream or the right to it ends.

        Parameters
        ----------
        stream
            An opened stream. Whoever opened it must :meth:`leave` it afterwards.
        user
            Finds out to whom the connection belongs by now; may raise a ``KnockOnError``.
        """
        checked_at = time.monotonic()
        # tells the page at once that it is connected
        yield b": here\n\n"
        while events := await stream.news():
            now = time.monotonic()
            if stream.doubted or now - checked_at > RECHECK_S:
                stream.doubted, checked_at = False, now
                if not await _still(stream.seat.who, user):
                    return
            yield events

    def leave(self, stream: Viewer) -> None:
        """Note that a stream has ended."""
        self.desk.live.leave(stream)

    async def news(self, page: PageForm) -> News:
        """Return what changed since the revision that a page holds, who is here, who leads."""
        seat, hub = self.desk.seat(), self.desk.live
        await seat.current(page.scenario)
        change = await hub.news(seat, page.scenario, page.rev)
        self._met(page, streaming=False)
        return {"change": change, **hub.scene(page.scenario).plain_for(seat)}

    async def here(self, page: PageForm) -> Named:
        """Note what a page calls itself and looks at."""
        await self.desk.seat().current(page.scenario)
        return {"name": self._met(page, streaming=False)}

    def _met(self, page: PageForm, *, streaming: bool) -> str:
        scene = self.desk.live.scene(page.scenario)
        return scene.met(self.desk.seat(), page.page, page.name, page.view, streaming=streaming)

    async def lead(self, lead: LeadForm) -> None:
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
            raise NotAllowedError(_("Only a facilitator leads the others."))
        for scenario_id in filter(None, (lead.scenario, lead.to)):
            await seat.current(scenario_id)
        scene = hub.scene(lead.scenario)
        state = lead.state.model_dump() if lead.state else None
        scene.leads(seat, lead.page, state, lead.to)
        if hub.notes is not None:
            await scene.say_lead(hub.notes)

    async def log(self, scenario: str) -> list[LogLine]:
        """Return who did what to a scenario, oldest first."""
        seat = self.desk.seat()
        saved = await seat.current(scenario)
        lines = await seat.log(scenario, max(0, saved.revision - 200))
        return self.desk.live.scene(scenario).named(lines)


async def _still(who: Who, user: Callable[[], Awaitable[Who]]) -> bool:
    """Say whether a stream still belongs to the same user, with the same rights."""
    try:
        return await user() == who
    except KnockOnError:  # the store cannot say at the moment: the page reconnects
        return False
