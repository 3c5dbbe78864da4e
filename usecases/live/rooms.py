"""The events for viewers of a scenario: computed once for all who may see the same.

A viewer has no queue: it holds the last revision that it received, and its next event is the
difference to the newest. So a slow viewer skips revisions and delays no other.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from layouts.feed.payloads.scenario import ShownScenario
from layouts.feed.payloads.stream import ChangeEvent, LogLine
from layouts.feed.picture_change import IndexedPicture, picture_change, scenario_change
from models.change import difference
from models.errors import KnockOnError
from models.wording import Language, _, speaking, spoken
from usecases.live.together import Scene
from usecases.live.watcher import Watcher
from usecases.presence import work_for_all
from usecases.redaction import text_of

_LOG = logging.getLogger("knockon")

#: how often a stream without news sends a keep-alive event
KEEP_ALIVE_S = 15.0
#: the pause after the database failed
REST_S = 2.0
#: how many revisions a difference can start from; a viewer with an older one gets the whole picture
KEPT = 8
#: how many lines of the log come with a change
TOLD_LINES = 20


@dataclass(eq=False)
class Viewer:
    """A page with a stream, and the last events that it received."""

    id: str
    watcher: Watcher
    room: Room
    rev: int
    received: dict[str, bytes] = field(default_factory=dict)
    language: Language = field(default_factory=spoken)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    closed: bool = False
    #: whether its user may have been removed: re-authorise before sending anything more
    doubted: bool = False
    alive_at: float = 0.0

    async def news(self) -> bytes:
        """Wait for events and return them; empty once the stream is closed."""
        while not self.closed:
            self.woken.clear()
            if self.doubted:
                return b":\n\n"
            if events := await self.room.news_for(self):
                return events
            await self.woken.wait()
        return b""


@dataclass(frozen=True)
class _Frame:
    """A scenario at one revision, as the viewers of one room may see it."""

    rev: int
    scenario: ShownScenario
    picture: IndexedPicture | None
    #: the changes since the frame before
    lines: Sequence[LogLine] = ()
    text: str = ""
    #: whether an exercise holds hours of it back: pages may show more or fewer hours by now
    held_back: bool = False

    @property
    def drawn(self) -> IndexedPicture | None:
        """Return the picture if a difference can start from it or end at it."""
        return None if self.held_back else self.picture


class Room:
    """All viewers of a scenario who may see the same of it and read the same language."""

    def __init__(self, scene: Scene, sight: str) -> None:
        self.scene, self.sight = scene, sight
        self.viewers: set[Viewer] = set()
        self._trouble, self._again_at = b"", 0.0
        self._frames: deque[_Frame] = deque(maxlen=KEPT)
        self._wanted = 1
        self._loading: asyncio.Task[None] | None = None
        self._packed: dict[int | None, asyncio.Task[bytes]] = {}

    @property
    def rev(self) -> int:
        """Return the revision that is shown; 0 before the first is loaded."""
        return self._frames[-1].rev if self._frames else 0

    def newest(self, rev: int) -> None:
        """Note the newest revision, and load it if it is not shown yet."""
        self._wanted = max(self._wanted, rev)
        waits = time.monotonic() < self._again_at
        if self._wanted > self.rev and not waits and (not self._loading or self._loading.done()):
            self._loading = asyncio.create_task(self._load())

    async def _load(self) -> None:
        work_for_all()
        # a room has one language; the request that started this task may have another
        viewer = next(iter(self.viewers), None)
        if viewer is not None:
            with speaking(viewer.language):
                await self._catch_up()

    async def _catch_up(self) -> None:
        try:
            while self.viewers and self.rev < self._wanted:
                await self._show(await self._frame(next(iter(self.viewers)).watcher))
            self._trouble = b""
        except Exception as error:  # this task is not awaited; the polling task retries
            if isinstance(error, KnockOnError):
                text = text_of(error)
            else:
                _LOG.exception("a change could not be broadcast")
                text = _("A change by another user could not be shown.")
            self._trouble = b"event: trouble\ndata: %s\n\n" % _json({"text": text})
            self._again_at = time.monotonic() + REST_S
            self.wake()

    async def _frame(self, watcher: Watcher) -> _Frame:
        scenario_id, text, picture = self.scene.id, "", None
        saved = await watcher.current(scenario_id)
        lines = await watcher.log(scenario_id, max(self.rev, saved.revision - TOLD_LINES))
        held_back = await watcher.held_back_h(scenario_id) is not None
        try:
            picture = IndexedPicture(await watcher.picture(saved))
            # a thread reads the tables, so that a large world does not block the event loop
            await asyncio.to_thread(getattr, picture, "rows")
        except KnockOnError as error:
            text, picture = text_of(error), None
        # without the parts that differ between users
        payload: ShownScenario = {**watcher.payload(saved), "can_undo": False, "can_redo": False}
        return _Frame(saved.revision, payload, picture, self.scene.named(lines), text, held_back)

    async def _show(self, frame: _Frame) -> None:
        self._wanted = max(self._wanted, frame.rev)
        if self._frames and frame.rev <= self.rev:
            self._wanted = self.rev
            return
        before = self.rev
        self._frames.append(frame)
        self._packed = {}
        # pack the event that nearly all viewers need before they are woken
        await self._change(before)
        self.wake()

    def wake(self) -> None:
        """Wake all streams: there may be events for them."""
        for viewer in self.viewers:
            viewer.woken.set()

    def close(self) -> None:
        """End all streams; their pages reconnect."""
        for viewer in self.viewers:
            viewer.closed = True
            viewer.woken.set()

    async def news_for(self, viewer: Viewer) -> bytes:
        """Return the events that a viewer has not received yet."""
        parts: list[bytes] = []
        if self._frames and viewer.rev < self.rev:
            rev, part = self.rev, await self._change(viewer.rev)
            viewer.rev = rev
            parts.append(part)
        for kind, packed in [
            *self.scene.packed_for(self.sight, viewer.watcher).items(),
            ("trouble", self._trouble),
        ]:
            if viewer.received.get(kind, b"") != packed:
                viewer.received[kind] = packed
                parts.append(packed)
        now = time.monotonic()
        if parts:
            viewer.alive_at = now
        elif now - viewer.alive_at >= KEEP_ALIVE_S:
            viewer.alive_at = now
            return b"event: alive\ndata: {}\n\n"
        return b"".join(parts)

    async def _change(self, since: int) -> bytes:
        key: int | None = since
        if key not in self._packed:
            is_kept = any(frame.rev == since and frame.drawn for frame in self._frames)
            key = since if is_kept else None
        if key not in self._packed:
            frames = list(self._frames)
            self._packed[key] = asyncio.create_task(asyncio.to_thread(_packed, frames, key, since))
        packing = self._packed[key]
        # for nearly all viewers it is done already
        return packing.result() if packing.done() else await asyncio.shield(packing)

    async def since(self, rev: int) -> ChangeEvent | None:
        """Return what changed after a revision, for a page that polls; None without a change."""
        while self._loading is not None and not self._loading.done():
            await asyncio.shield(self._loading)
        if not self._frames or rev == self.rev:
            return None
        event: ChangeEvent = json.loads((await self._change(rev)).split(b"data: ", 1)[1])
        return event


def _packed(frames: Sequence[_Frame], since: int | None, held: int) -> bytes:
    """Return the event that brings a page to the newest revision, whichever form is smaller."""
    new = frames[-1]
    lines = [line for frame in frames for line in frame.lines if line["rev"] > held]
    whole: ChangeEvent = {
        "id": str(new.scenario["id"]),
        "rev": new.rev,
        "from": None,
        "scenario": new.scenario,
        "picture": new.picture.payload if new.picture else None,
        "log": lines[-TOLD_LINES:],
        "text": new.text,
    }
    body = _json(whole)
    old = next((frame for frame in frames if frame.rev == since), None)
    if old is not None and old.drawn is not None and new.drawn is not None:
        change: ChangeEvent = {
            **whole,
            "from": since,
            "scenario": scenario_change(difference(old.scenario["plain"], new.scenario["plain"])),
            "picture": picture_change(old.drawn, new.drawn),
        }
        body = min(body, _json(change), key=len)
    return b"event: change\nid: %d\ndata: %s\n\n" % (new.rev, body)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
