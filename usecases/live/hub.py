"""One picture for many: viewers of a scenario receive its changes and who else is present.

One background task per web process polls the store for new revisions of the watched scenarios and
for notes of other processes; a change in this process is broadcast at once. ``rooms.py`` makes the
events, once for all viewers who may see the same.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from layouts.feed.payloads.stream import ChangeEvent
from models.errors import KnockOnError
from models.wording import _, spoken
from usecases.live import rooms
from usecases.live.names import Names
from usecases.live.rooms import Room, Viewer
from usecases.live.together import Scene
from usecases.live.watcher import Watcher
from usecases.ports import LiveNotes, Note, ScenarioStore
from usecases.threads import writing

_LOG = logging.getLogger("knockon")

#: how often a process polls for what others did
TICK_S = 0.2
#: streams at once, and of one person; a browser opens no more than six by itself
MOST_STREAMS, MOST_OF_ONE = 4_000, 24
#: broadcast to all processes, without a scenario: a user was removed, re-authorise every stream
OUT = ("", "out", "out")


class TooManyStreamsError(KnockOnError):
    """No more connections can be held open."""


class Hub:
    """All rooms of one web process, and its polling task."""

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
        self._names = Names()
        self._streams: Counter[str] = Counter()
        self._watching: asyncio.Task[None] | None = None
        self._closed = False
        self._out = ""

    # --- who watches

    def scene(self, scenario_id: str) -> Scene:
        """Return the scene of a scenario; kept while a page is open at it."""
        if scenario_id not in self._scenes:
            wake = partial(self.wake, scenario_id)
            self._scenes[scenario_id] = Scene(scenario_id, self.name, self._names, wake)
        return self._scenes[scenario_id]

    def room(self, watcher: Watcher, scenario_id: str) -> Room:
        """Return the room of all viewers who receive the same events as this user."""
        sight = f"{watcher.sight} {spoken().code}"
        key = (scenario_id, sight)
        if key not in self._rooms:
            self._rooms[key] = Room(self.scene(scenario_id), sight)
        return self._rooms[key]

    def enter(self, watcher: Watcher, scenario_id: str, viewer_id: str, rev: int) -> Viewer:
        """Open a stream for a page that shows a revision.

        Parameters
        ----------
        watcher
            The user as the live view knows them.
        scenario_id
            Id of the scenario.
        viewer_id
            Name of the page.
        rev
            The revision that the page holds.

        Raises
        ------
        TooManyStreamsError
            If this process, or this user, has reached its limit of streams.
        """
        if self._closed or self._streams.total() >= self._most:
            raise TooManyStreamsError(
                _(
                    "This server has too many live connections. Close unused pages; "
                    "this page updates with a few seconds' delay."
                )
            )
        if self._streams[watcher.who.id] >= self._most_of_one:
            raise TooManyStreamsError(
                _(
                    "You have too many live connections. Close unused pages; this "
                    "page updates with a few seconds' delay."
                )
            )
        self._streams[watcher.who.id] += 1
        room = self.room(watcher, scenario_id)
        viewer = Viewer(viewer_id, watcher, room, rev, alive_at=time.monotonic())
        room.viewers.add(viewer)
        room.newest(max(1, rev))
        self._start()
        return viewer

    def leave(self, viewer: Viewer) -> None:
        """Note that a stream has ended."""
        viewer.closed = True
        if viewer in viewer.room.viewers:
            viewer.room.viewers.discard(viewer)
            self._streams[viewer.watcher.who.id] -= 1
            self._streams = +self._streams
        viewer.room.scene.left(viewer.id)

    async def news(self, watcher: Watcher, scenario_id: str, rev: int) -> ChangeEvent | None:
        """Return what changed since a revision, for a page that has no stream.

        Parameters
        ----------
        watcher
            The user as the live view knows them.
        scenario_id
            Id of the scenario.
        rev
            The revision that the page holds.
        """
        now = await asyncio.to_thread(self.store.revisions, [scenario_id])
        if now.get(scenario_id, 0) == rev:
            return None
        guest = Viewer("", watcher, self.room(watcher, scenario_id), rev)
        guest.room.viewers.add(guest)
        try:
            guest.room.newest(now.get(scenario_id, 1))
            return await guest.room.since(rev)
        finally:
            guest.room.viewers.discard(guest)
            self._start()

    # --- what happens

    def made(self, scenario_id: str, revision: int, nonce: object) -> None:
        """Note a change that was made in this process, and by which page, and broadcast it.

        Parameters
        ----------
        scenario_id
            Id of the scenario.
        revision
            The revision of the change.
        nonce
            Sent with the change; it begins with the page's name.
        """
        self._names.made(scenario_id, revision, nonce)
        for room in list(self._rooms.values()):
            if room.scene.id == scenario_id:
                room.newest(revision)

    def wake(self, scenario_id: str) -> None:
        """Wake all streams of a scenario: there may be events for them."""
        for room in self._rooms.values():
            if room.scene.id == scenario_id:
                room.wake()

    async def look_again(self) -> None:
        """Have all streams, of other processes too, re-authorise their user at once."""
        self._doubt()
        if self.notes is not None:
            # without the note, other processes notice some seconds later
            with suppress(KnockOnError):
                self._out = await writing(self.notes.put, *OUT, {})

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
                await asyncio.sleep(rooms.REST_S)
            except Exception:
                _LOG.exception("the live view failed")
                await asyncio.sleep(rooms.REST_S)

    async def _look(self) -> None:
        """Poll once for what others did: other web processes, or a command-line program."""
        ids = list(self._scenes)
        revisions = await asyncio.to_thread(self.store.revisions, ids)
        for (scenario_id, _sight), room in list(self._rooms.items()):
            room.newest(revisions.get(scenario_id, 0))
        await self._exchange(ids)
        now = time.monotonic()
        for room in self._rooms.values():
            for viewer in room.viewers:
                if now - viewer.alive_at >= rooms.KEEP_ALIVE_S:
                    viewer.woken.set()

    async def _exchange(self, ids: Sequence[str]) -> None:
        """Exchange notes with other processes: who is here and who leads."""
        notes: Sequence[Note] = []
        if self.notes is not None:
            scenes = [self.scene(item_id) for item_id in ids]
            known = {key: mark for scene in scenes for key, mark in scene.known.items()}
            known[OUT] = self._out
            notes = await asyncio.to_thread(self.notes.notes, [OUT[0], *ids], known)
        for note in notes:
            if note.key == OUT and note.mark != self._out:
                self._out = note.mark
                self._doubt()
        for scenario_id in ids:
            scene = self.scene(scenario_id)
            scene.hear([note for note in notes if note.scenario_id == scenario_id])
            if self.notes is not None:
                await scene.say(self.notes)

    async def _tidied(self) -> bool:
        """Drop rooms and scenes without viewers; return whether any scene is left."""
        self._rooms = {key: room for key, room in self._rooms.items() if room.viewers}
        watched = {scenario_id for scenario_id, _ in self._rooms}
        for scenario_id, scene in list(self._scenes.items()):
            if scenario_id in watched or scene.anybody:
                continue
            del self._scenes[scenario_id]
            if self.notes is not None:
                with suppress(KnockOnError):
                    take_back = self.notes.take_back
                    await writing(take_back, scenario_id, "here", self.name)
        return bool(self._scenes) and not self._closed
