"""One picture for many: who watches a scenario is told what changed in it, and who else is there.

One watcher for each web process asks the store for the newest revisions of what somebody watches,
and looks for notes of other processes; a change made here wakes it at once. What changed is worked
out once for all who may see the same. A viewer has no queue: it holds the revision that it was told
last, and when it can take more it is told the difference to the newest. So a slow one skips what
lies between, and holds up nobody.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from callbacks.ports import LiveNotes, Note, Plain, ScenarioStore
from callbacks.together import Scene
from layouts.picture_change import Held, picture_change, scenario_change
from models.errors import KnockOnError
from models.wording import Language, speaking, spoken

if TYPE_CHECKING:
    from callbacks.seat import Seat
    from models.access import Who

_LOG = logging.getLogger("knockon")

#: how often a process looks for what others did
TICK_S = 0.2
#: how often a stream with no news says that it is alive
KEEP_ALIVE_S = 15.0
#: after a failed look at the database
REST_S = 2.0
#: streams at once, and of one person; a browser opens no more than six by itself
MOST_STREAMS, MOST_OF_ONE = 4_000, 24
#: revisions to which a difference is told; who holds an older one gets the whole picture
KEPT = 8
#: the newest changes of which is known who made them
MADE = 64
#: so many people are remembered by name
KNOWN = 1_000
#: a scenario is kept empty, then with its first change
BEGUN = 2
#: the note that tells all processes that somebody was put out: of no scenario
OUT = ("", "out", "out")
#: how many lines of the log come with a change
TOLD_LINES = 20


class TooManyStreamsError(KnockOnError):
    """No more connections can be held open."""

    def __init__(self, whose: str) -> None:
        super().__init__(
            f"Too many live connections {whose}. Close pages that nobody looks at; this one goes "
            "on without, a few seconds behind."
        )


@dataclass(eq=False)
class Viewer:
    """A page that watches, and what it was told last."""

    id: str
    seat: Seat
    room: Room
    rev: int
    told: Plain = field(default_factory=dict)
    language: Language = field(default_factory=spoken)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    closed: bool = False
    #: whether it may belong to somebody who was put out: to be looked at before more is told
    doubted: bool = False
    alive_at: float = 0.0

    async def news(self) -> bytes:
        """Wait until there is something to tell, and return it; nothing once it is over."""
        while not self.closed:
            self.woken.clear()
            if self.doubted:
                return b":\n\n"
            if found := await self.room.news_for(self):
                return found
            await self.woken.wait()
        return b""


@dataclass(frozen=True)
class _Frame:
    """A scenario at one revision, as those of one room may see it."""

    rev: int
    told: Plain
    picture: Held | None
    #: what was done since the frame before
    lines: Sequence[Plain] = ()
    text: str = ""
    #: whether an exercise holds hours of it back: pages may have seen more or fewer by now
    held_back: bool = False

    @property
    def drawn(self) -> Held | None:
        """Return the picture, where the difference to another can be told."""
        return None if self.held_back else self.picture


class Room:
    """All who watch a scenario, may see the same of it and are told it in the same language."""

    def __init__(self, hub: Hub, scene: Scene, sight: str) -> None:
        self.hub, self.scene, self.sight = hub, scene, sight
        self.viewers: set[Viewer] = set()
        self._trouble, self._again_at = b"", 0.0
        self._frames: deque[_Frame] = deque(maxlen=KEPT)
        self._wanted = 1
        self._loading: asyncio.Task[None] | None = None
        self._packed: dict[int | None, asyncio.Task[bytes]] = {}

    @property
    def rev(self) -> int:
        """Return the revision that is shown; 0 before the first is there."""
        return self._frames[-1].rev if self._frames else 0

    def newest(self, rev: int) -> None:
        """Note which revision there is by now."""
        self._wanted = max(self._wanted, rev)
        waits = time.monotonic() < self._again_at
        if self._wanted > self.rev and not waits and (not self._loading or self._loading.done()):
            self._loading = asyncio.create_task(self._load())

    async def _load(self) -> None:
        try:
            while self.viewers and self.rev < self._wanted:
                one = next(iter(self.viewers))
                # whoever began this task may speak another language
                with speaking(one.language):
                    await self._show(await self._frame(one.seat))
            self._trouble = b""
        except Exception as error:  # nobody awaits this; the watcher tries again
            known = isinstance(error, KnockOnError)
            if not known:
                _LOG.exception("a change could not be told")
            text = str(error) if known else "A change of somebody else could not be shown."
            self._trouble = b"event: trouble\ndata: %s\n\n" % _json({"text": text})
            self._again_at = time.monotonic() + REST_S
            self.wake()

    async def _frame(self, seat: Seat) -> _Frame:
        scenario_id, text, picture = self.scene.id, "", None
        saved = await seat.current(scenario_id)
        lines = await seat.log(scenario_id, max(self.rev, saved.revision - TOLD_LINES))
        held_back = await seat.held_back_h(scenario_id) is not None
        try:
            picture = Held(await seat.picture(saved))
            # the tables are read where a large world keeps nobody waiting
            await asyncio.to_thread(getattr, picture, "rows")
        except KnockOnError as error:
            text, picture = str(error), None
        told = self.hub.told(seat, saved)
        return _Frame(saved.revision, told, picture, self.scene.named(lines), text, held_back)

    async def _show(self, frame: _Frame) -> None:
        self._wanted = max(self._wanted, frame.rev)
        if self._frames and frame.rev <= self.rev:
            self._wanted = self.rev
            return
        before = self.rev
        self._frames.append(frame)
        self._packed = {}
        # what nearly all are told is there before they ask
        await self._change(before)
        self.wake()

    def wake(self) -> None:
        """Let all look whether there is something for them."""
        for viewer in self.viewers:
            viewer.woken.set()

    def close(self) -> None:
        """End the streams of all; their pages come back."""
        for viewer in self.viewers:
            viewer.closed = True
            viewer.woken.set()

    async def news_for(self, viewer: Viewer) -> bytes:
        """Return what a viewer was not told yet."""
        parts: list[bytes] = []
        if self._frames and viewer.rev < self.rev:
            rev, part = self.rev, await self._change(viewer.rev)
            viewer.rev = rev
            parts.append(part)
        for kind, packed in [
            *self.scene.packed_for(self.sight, viewer.seat).items(),
            ("trouble", self._trouble),
        ]:
            if viewer.told.get(kind, b"") != packed:
                viewer.told[kind] = packed
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
            known = any(frame.rev == since and frame.drawn for frame in self._frames)
            key = since if known else None
        if key not in self._packed:
            frames = list(self._frames)
            self._packed[key] = asyncio.create_task(asyncio.to_thread(_packed, frames, key, since))
        packing = self._packed[key]
        # nearly all come when it is done
        return packing.result() if packing.done() else await asyncio.shield(packing)

    async def since(self, rev: int) -> Plain | None:
        """Return what changed after a revision, for a page that asks; None where nothing did."""
        while self._loading is not None and not self._loading.done():
            await asyncio.shield(self._loading)
        if not self._frames or rev == self.rev:
            return None
        found: Plain = json.loads((await self._change(rev)).split(b"data: ", 1)[1])
        return found


def _packed(frames: Sequence[_Frame], since: int | None, held: int) -> bytes:
    """Return the event that brings a page to the newest revision, whichever form is smaller."""
    new = frames[-1]
    lines = [line for frame in frames for line in frame.lines if line["rev"] > held]
    whole = {
        "id": new.told["id"],
        "rev": new.rev,
        "from": None,
        "scenario": new.told,
        "picture": new.picture.told if new.picture else None,
        "log": lines[-TOLD_LINES:],
        "text": new.text,
    }
    body = _json(whole)
    old = next((one for one in frames if one.rev == since), None)
    if old is not None and old.drawn is not None and new.drawn is not None:
        change = whole | {
            "from": since,
            "scenario": scenario_change(old.told["plain"], new.told["plain"]),
            "picture": picture_change(old.drawn, new.drawn),
        }
        body = min(body, _json(change), key=len)
    return b"event: change\nid: %d\ndata: %s\n\n" % (new.rev, body)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


class Hub:
    """All rooms of one web process, and its watcher."""

    def __init__(
        self,
        store: ScenarioStore,
        notes: LiveNotes | None = None,
        *,
        most: int = MOST_STREAMS,
        most_of_one: int = MOST_OF_ONE,
    ) -> None:
        self.store, self.notes = store, notes
        self.name = secrets.token_urlsafe(6)
        self._most, self._most_of_one = most, most_of_one
        self._scenes: dict[str, Scene] = {}
        self._rooms: dict[tuple[str, str], Room] = {}
        self._made: OrderedDict[tuple[str, int], str] = OrderedDict()
        self._names: OrderedDict[str, str] = OrderedDict()
        self._streams: Counter[str] = Counter()
        self._watching: asyncio.Task[None] | None = None
        self._closed = False
        self._out = ""

    # --- who watches

    def scene(self, scenario_id: str) -> Scene:
        """Return who is at a scenario; kept while somebody is."""
        return self._scenes.setdefault(scenario_id, Scene(self, scenario_id))

    def room(self, seat: Seat, scenario_id: str) -> Room:
        """Return where all are told the same as this person."""
        sight = f"{seat.sight} {spoken().code}"
        key = (scenario_id, sight)
        if key not in self._rooms:
            self._rooms[key] = Room(self, self.scene(scenario_id), sight)
        return self._rooms[key]

    def enter(self, seat: Seat, scenario_id: str, viewer_id: str, rev: int) -> Viewer:
        """Open a stream for a page that shows a revision.

        Raises
        ------
        TooManyStreamsError
            If this process, or this person, has as many as there may be.
        """
        if self._closed or self._streams.total() >= self._most:
            raise TooManyStreamsError("to this server")
        if self._streams[seat.who.id] >= self._most_of_one:
            raise TooManyStreamsError("of yours")
        self._streams[seat.who.id] += 1
        room = self.room(seat, scenario_id)
        viewer = Viewer(viewer_id, seat, room, rev, alive_at=time.monotonic())
        room.viewers.add(viewer)
        room.newest(max(1, rev))
        self._start()
        return viewer

    def leave(self, viewer: Viewer) -> None:
        """Note that a stream has ended."""
        viewer.closed = True
        if viewer in viewer.room.viewers:
            viewer.room.viewers.discard(viewer)
            self._streams[viewer.seat.who.id] -= 1
            self._streams = +self._streams
        viewer.room.scene.left(viewer.id)

    async def news(self, seat: Seat, scenario_id: str, rev: int) -> Plain | None:
        """Return what changed since a revision, for a page that has no stream."""
        now = await asyncio.to_thread(self.store.revisions, [scenario_id])
        if now.get(scenario_id, 0) == rev:
            return None
        guest = Viewer("", seat, self.room(seat, scenario_id), rev)
        guest.room.viewers.add(guest)
        try:
            guest.room.newest(now.get(scenario_id, 1))
            return await guest.room.since(rev)
        finally:
            guest.room.viewers.discard(guest)
            self._start()

    # --- what happens

    def made(self, scenario_id: str, revision: int, nonce: object) -> None:
        """Note a change that was made here, and by which page, and tell everybody."""
        viewer = nonce.partition("-")[0] if isinstance(nonce, str) else ""
        self._made[scenario_id, revision] = viewer[:40]
        if revision == BEGUN:
            self._made[scenario_id, 1] = viewer[:40]
        while len(self._made) > MADE:
            self._made.popitem(last=False)
        for room in list(self._rooms.values()):
            if room.scene.id == scenario_id:
                room.newest(revision)

    def maker(self, scenario_id: str, revision: int) -> str:
        """Return which page made a change, as far as that is known here."""
        return self._made.get((scenario_id, revision), "")

    def meet(self, who: Who) -> None:
        """Remember what somebody who signed in is called, for what they did before they went."""
        if who.name:
            self._names[who.id] = who.name
        while len(self._names) > KNOWN:
            self._names.popitem(last=False)

    def name_of(self, author: str) -> str:
        """Return what an author is called; empty where that is not known."""
        return self._names.get(author, "")

    def told(self, seat: Seat, saved: Any) -> Plain:
        """Return a revision as the page's store has it, without what is one person's own."""
        return {**seat.told(saved), "can_undo": False, "can_redo": False}

    def wake(self, scenario_id: str) -> None:
        """Let all who watch a scenario look whether there is something for them."""
        for room in self._rooms.values():
            if room.scene.id == scenario_id:
                room.wake()

    async def look_again(self) -> None:
        """Have all streams, of other processes too, look at once whose they are by now."""
        self._doubt()
        if self.notes is not None:
            # without the note it takes the others some seconds
            with suppress(KnockOnError):
                self._out = await asyncio.to_thread(self.notes.put, *OUT, {})

    def _doubt(self) -> None:
        for room in self._rooms.values():
            for viewer in room.viewers:
                viewer.doubted = True
                viewer.woken.set()

    def close(self) -> None:
        """End all streams; pages come back when there is a server again."""
        self._closed = True
        for room in self._rooms.values():
            room.close()
        if self._watching is not None:
            self._watching.cancel()

    # --- the watcher

    def _start(self) -> None:
        loop = asyncio.get_running_loop()
        # a task of another event loop is of no use here; only tests have two
        if self._watching is None or self._watching.done() or self._watching.get_loop() is not loop:
            self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while await self._tidied():
            try:
                await self._look()
                await asyncio.sleep(TICK_S)
            except KnockOnError:
                await asyncio.sleep(REST_S)
            except Exception:
                _LOG.exception("the live view failed")
                await asyncio.sleep(REST_S)

    async def _look(self) -> None:
        """Look once what others did: other web processes, or a program beside us."""
        ids = list(self._scenes)
        revisions = await asyncio.to_thread(self.store.revisions, ids)
        for (scenario_id, _), room in list(self._rooms.items()):
            room.newest(revisions.get(scenario_id, 0))
        await self._exchange(ids)
        now = time.monotonic()
        for room in self._rooms.values():
            for viewer in room.viewers:
                if now - viewer.alive_at >= KEEP_ALIVE_S:
                    viewer.woken.set()

    async def _exchange(self, ids: Sequence[str]) -> None:
        """Tell other processes who is here and who leads, and hear it from them."""
        found: Sequence[Note] = []
        if self.notes is not None:
            scenes = [self.scene(one) for one in ids]
            known = {key: mark for scene in scenes for key, mark in scene.known.items()}
            known[OUT] = self._out
            found = await asyncio.to_thread(self.notes.notes, [OUT[0], *ids], known)
        for note in found:
            if note.key == OUT and note.mark != self._out:
                self._out = note.mark
                self._doubt()
        for scenario_id in ids:
            scene = self.scene(scenario_id)
            scene.hear([note for note in found if note.scenario_id == scenario_id])
            if self.notes is not None:
                await scene.say(self.notes)

    async def _tidied(self) -> bool:
        """Forget what nobody is at any more; say whether anybody is left to watch for."""
        self._rooms = {key: room for key, room in self._rooms.items() if room.viewers}
        watched = {scenario_id for scenario_id, _ in self._rooms}
        for scenario_id, scene in list(self._scenes.items()):
            if scenario_id in watched or scene.anybody:
                continue
            del self._scenes[scenario_id]
            if self.notes is not None:
                with suppress(KnockOnError):
                    take_back = self.notes.take_back
                    await asyncio.to_thread(take_back, scenario_id, "here", self.name)
        return bool(self._scenes) and not self._closed
