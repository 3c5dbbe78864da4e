"""Threads of their own for password checks: in turns, and not for who has left."""

import asyncio
import threading

import pytest

from usecases import threads
from usecases.presence import Presence, answering
from usecases.turns import BusyError


def test_a_guess_of_who_has_left_is_not_checked(monkeypatch):
    monkeypatch.setattr(threads, "CHECKS_AT_ONCE", 1)
    held, made = threading.Event(), []
    gone = Presence()

    async def story():
        checks = threads.Checks()
        first = asyncio.create_task(checks.run("a", lambda: held.wait(60)))
        with answering(gone):
            left = asyncio.create_task(checks.run("b", lambda: made.append("left")))
        stays = asyncio.create_task(checks.run("c", lambda: made.append("stays")))
        await asyncio.sleep(0)
        gone.is_here = False
        held.set()
        await asyncio.gather(first, stays)
        with pytest.raises(BusyError):
            await left

    asyncio.run(story())
    assert made == ["stays"]
