"""The hub of the live view without a server: who is slow skips, who is gone is forgotten."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass

import pytest

from models.wording import Language, speaking, spoken
from tests import watchers
from usecases.live import rooms, together
from usecases.live.hub import Hub, TooManyStreamsError

PAGE = "pagepage"


@dataclass
class Source(watchers.Source):
    pictures: int = 0

    def watcher(self, number):
        source = self

        class Counted(watchers.FakeWatcher):
            async def picture(self, saved):
                source.pictures += 1
                return await super().picture(saved)

        return Counted(self, super().watcher(number).who)


@pytest.fixture
def source():
    return Source()


async def next_change(viewer):
    """Wait for a viewer's next change event; skip other events."""
    while True:
        for event in (await viewer.news()).decode().split("\n\n"):
            if event.startswith("event: change\n"):
                return json.loads(event.split("data: ", 1)[1])


async def change(hub, source, viewer):
    """Make a change and wait until its room shows it."""
    source.rev += 1
    hub.made("day", source.rev, f"{PAGE}-1")
    while viewer.room.rev < source.rev:
        await asyncio.sleep(0)


def run(story):
    asyncio.run(asyncio.wait_for(story, 60))


def test_a_slow_viewer_skips_what_lies_between_and_holds_up_nobody(source):
    async def story():
        hub = Hub(source)
        quick, slow = (hub.enter(source.watcher(n), "day", f"{PAGE}{n}", 0) for n in range(2))
        assert (await next_change(quick))["from"] is None
        await next_change(slow)
        for _ in range(3):
            await change(hub, source, quick)
            event = await next_change(quick)
            assert (event["from"], event["rev"]) == (source.rev - 1, source.rev)
        all_at_once = await next_change(slow)
        assert (all_at_once["from"], all_at_once["rev"]) == (1, 4)
        # worked out once for both
        assert source.pictures == 4
        hub.close()

    run(story())


def test_each_is_told_in_their_language_whoever_made_the_change(source):
    said = []

    class Speaking(Source):
        def watcher(self, number):
            class Telling(watchers.FakeWatcher):
                async def picture(self, saved):
                    said.append(spoken().code)
                    return await super().picture(saved)

            return Telling(self, super().watcher(number).who)

    async def story():
        speaks = Speaking()
        hub, viewers = Hub(speaks), []
        for number, code in enumerate(("de", "fr")):
            with speaking(Language(code, code, code)):
                viewers.append(hub.enter(speaks.watcher(number), "day", f"{PAGE}{number}", 0))
        for viewer in viewers:
            await next_change(viewer)
        # made in English, where nobody chose
        for viewer in viewers:
            await change(hub, speaks, viewer)
        assert viewers[0].room is not viewers[1].room
        assert {"de", "fr"} == set(said)
        hub.close()

    run(story())


def test_who_was_away_too_long_is_told_the_whole(source):
    async def story():
        hub = Hub(source)
        quick, away = (hub.enter(source.watcher(n), "day", f"{PAGE}{n}", 0) for n in range(2))
        await next_change(away)
        for _ in range(rooms.KEPT + 1):
            await change(hub, source, quick)
        event = await next_change(away)
        assert (event["from"], event["rev"]) == (None, source.rev)
        assert event["scenario"]["rev"] == source.rev
        hub.close()

    run(story())


def test_a_process_and_a_person_hold_only_so_many(source):
    async def story():
        hub = Hub(source, most=3, most_of_one=2)
        ours = [hub.enter(source.watcher(0), "day", PAGE, 0) for _ in range(2)]
        with pytest.raises(TooManyStreamsError, match="You have too many"):
            hub.enter(source.watcher(0), "day", PAGE, 0)
        hub.enter(source.watcher(1), "day", PAGE, 0)
        with pytest.raises(TooManyStreamsError, match="This server has too many"):
            hub.enter(source.watcher(2), "day", PAGE, 0)
        hub.leave(ours[0])
        hub.leave(ours[0])
        hub.enter(source.watcher(2), "day", PAGE, 0)
        hub.close()

    run(story())


def test_the_end_of_the_server_ends_every_stream(source):
    async def story():
        hub = Hub(source)
        viewer = hub.enter(source.watcher(0), "day", PAGE, 0)
        await viewer.news()
        waiting = asyncio.create_task(viewer.news())
        await asyncio.sleep(0)
        hub.close()
        assert await waiting == b""

    run(story())


def test_a_page_of_somebody_else_is_not_taken_over(source):
    async def story():
        hub = Hub(source)
        scene = hub.scene("day")
        assert scene.met(source.watcher(0), PAGE, "Ana", "map", streaming=True) == "Ana"
        assert scene.met(source.watcher(1), PAGE, "Eve", "map", streaming=True) == ""
        assert scene.met(source.watcher(1), "otherpage", "", "map", streaming=True) == "Guest 2"
        assert [viewer["name"] for viewer in scene.here()] == ["Ana", "Guest 2"]

    run(story())


def test_nobody_is_kept_who_has_gone(source, monkeypatch):
    async def story():
        hub = Hub(source)
        viewer = hub.enter(source.watcher(0), "day", PAGE, 0)
        viewer.room.scene.met(viewer.watcher, PAGE, "Ana", "map", streaming=True)
        await viewer.news()
        hub.leave(viewer)
        monkeypatch.setattr(together, "GONE_S", 0.0)
        await hub._watching  # it ends by itself once nobody is left
        assert (hub._rooms, hub._scenes) == ({}, {})

    run(story())
