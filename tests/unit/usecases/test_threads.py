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


def test_checks_run_in_threads_of_their_own():
    async def story():
        return await threads.Checks().run("a", lambda: threading.current_thread().name)

    assert asyncio.run(story()).startswith("passwords")


def test_checks_are_made_in_rotation_of_addresses_and_refused_when_one_has_too_many(monkeypatch):
    monkeypatch.setattr(threads, "CHECKS_AT_ONCE", 1)
    held, made = threading.Event(), []

    async def story():
        checks = threads.Checks()
        first = asyncio.create_task(checks.run("z", lambda: held.wait(60)))
        await asyncio.sleep(0)
        tries = [(who, n) for who, n in (("a", 1), ("a", 2), ("a", 3), ("a", 4), ("b", 1))]
        tasks = [
            asyncio.create_task(checks.run(who, lambda made_by=(who, n): made.append(made_by)))
            for who, n in tries
        ]
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await checks.run("a", lambda: made.append(("a", 5)))
        held.set()
        await asyncio.gather(first, *tasks)

    asyncio.run(story())
    assert made == [("a", 1), ("b", 1), ("a", 2), ("a", 3), ("a", 4)]
