"""Real worker processes: an answer, a death, a time limit, and what viewers share."""

import asyncio
import os
import signal

import pytest

from callbacks import compute, jobs
from callbacks.compute import Computer, TooSlowError
from layouts.words import Labels

FAILS = {"world": "tiny", "horizon_h": 48, "events": [{"at_h": 0, "do": "fail", "asset": "grid"}]}


@pytest.fixture
def computer(tiny_world):
    found = Computer(tiny_world, Labels(), workers=1)
    yield found
    found.close()


def test_a_worker_answers_also_after_its_predecessor_died(computer):
    async def story():
        first = await computer.picture(FAILS)
        for pid in list(computer._quick._pool._processes):
            os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.2)
        return first, await computer.picture({**FAILS, "horizon_h": 24})

    first, second = asyncio.run(story())
    assert first["summary"]["direct"] == second["summary"]["direct"] == 1


def test_what_takes_too_long_is_stopped_and_the_next_question_answered(tiny_world):
    computer = Computer(tiny_world, Labels(), workers=1, time_limit_s=0.000_1)

    async def story():
        with pytest.raises(TooSlowError):
            await computer.picture(FAILS)
        computer._time_limit_s = 30
        return await computer.picture(FAILS)

    try:
        assert asyncio.run(story())["losses"]
    finally:
        computer.close()


def test_equal_scenarios_are_computed_once(tiny_world, monkeypatch):
    calls = []
    computer = Computer(tiny_world, Labels(), workers=0)
    monkeypatch.setattr(jobs, "draw", counted(calls, jobs.draw))

    async def story():
        await asyncio.gather(*(computer.picture(FAILS) for _ in range(5)))
        await computer.picture(dict(reversed(FAILS.items())))

    asyncio.run(story())
    computer.close()
    assert len(calls) == 1


def test_the_cache_does_not_grow_without_end(tiny_world, monkeypatch):
    monkeypatch.setattr(compute, "CACHE_SIZE", 3)
    computer = Computer(tiny_world, Labels(), workers=0)

    async def story():
        for hours in range(1, 9):
            await computer.picture({**FAILS, "horizon_h": hours})

    asyncio.run(story())
    computer.close()
    assert len(computer._cache) == 3


def counted(calls, job):
    def draw(form):
        calls.append(form)
        return job(form)

    return draw
