"""Real worker processes: an answer, a death, a time limit, and what viewers share."""

import asyncio
import os
import signal
import threading
import time
from concurrent.futures.process import BrokenProcessPool

import pytest

from data.documents.scenarios import with_effects
from layouts.words import Labels
from models.access import Who, as_asked_by
from models.errors import KnockOnError
from usecases.compute import computer as compute
from usecases.compute import jobs
from usecases.compute.computer import Computer, SupersededError, TooSlowError
from usecases.presence import Presence, answering
from usecases.turns import MOST_WAITING_EACH, BusyError

FAILS = {"world": "tiny", "horizon_h": 48, "events": [{"at_h": 0, "do": "fail", "asset": "grid"}]}


@pytest.fixture
def computer(tiny_world):
    made = Computer(tiny_world, Labels(), workers=1)
    yield made
    made.close()


def test_a_worker_answers_also_after_its_predecessor_died(computer):
    async def story():
        first = await computer.picture(FAILS)
        for pid in list(computer._quick._pool._processes):
            os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.2)
        return first, await computer.picture({**FAILS, "horizon_h": 24})

    first, second = asyncio.run(story())
    assert first["summary"]["direct"] == second["summary"]["direct"] == 1


def test_a_worker_finds_what_a_hazard_hits(tiny_world):
    earth = {"type": "Polygon", "coordinates": [[[-180, -90], [180, -90], [180, 90], [-180, 90],
                                                 [-180, -90]]]}  # fmt: skip
    event = {"at_h": 2.0, "do": "hazard", "hazard": "wind", "threshold": 20.0,
             "field": {"polygon": earth, "intensity": 30.0}}  # fmt: skip
    made = Computer(tiny_world, Labels(), workers=1, strike=with_effects)
    try:
        picture = asyncio.run(made.picture({**FAILS, "events": [event]}))
    finally:
        made.close()
    listed = sum(not asset.is_junction for asset in tiny_world.assets.values())
    assert picture["summary"]["direct"] == listed


def test_a_worker_for_what_takes_seconds_lets_clicks_go_first(computer):
    async def niceness(lane):
        _pool, work, _starts = lane.submit(os.nice, 0)
        return await asyncio.wrap_future(work)

    async def story():
        return await niceness(computer._quick), await niceness(computer._slow)

    quick, slow = asyncio.run(story())
    assert slow - quick == jobs.SLOW_NICE


def test_a_worker_may_take_long_to_start_but_then_what_takes_too_long_is_stopped(tiny_world):
    computer = Computer(tiny_world, Labels(), workers=1, time_limit_s=0.000_1)

    async def story():
        first = await computer.picture(FAILS)
        for worker in computer._quick._pool._processes:
            os.kill(worker, signal.SIGSTOP)  # now it takes too long for certain
        with pytest.raises(TooSlowError):
            await computer.picture({**FAILS, "horizon_h": 24})
        computer._time_limit_s = 30
        return first, await computer.picture({**FAILS, "horizon_h": 24})

    try:
        first, second = asyncio.run(story())
        assert first["losses"] and second["losses"]
    finally:
        computer.close()


def test_the_first_picture_is_drawn_before_a_worker_answers_and_harms_none(computer, monkeypatch):
    empty = {"world": "tiny"}
    calls = []
    here = compute.jobs.drawn
    monkeypatch.setattr(
        compute.jobs, "drawn", lambda *arguments: calls.append(arguments) or here(*arguments)
    )

    async def story():
        await computer.warm_up(empty)
        return await computer.picture(empty), await computer.picture(FAILS)

    first, second = asyncio.run(story())
    assert len(calls) == 1
    assert first["summary"]["direct"] == 0
    assert second["summary"]["direct"] == 1


@pytest.fixture
def threaded(tiny_world):
    """Computes in a thread of this process, where a test can hold it up."""
    found = Computer(tiny_world, Labels(), workers=0)
    yield found
    found.close()


def test_who_waits_in_a_pool_that_is_given_up_is_answered_by_the_next(threaded):
    lane, held = threaded._quick, threading.Event()

    async def story():
        pool, *_ = lane.submit(held.wait)
        requests = asyncio.create_task(threaded.picture(FAILS))
        while pool._work_queue.empty():
            await asyncio.sleep(0.01)
        lane.drop(pool)
        held.set()
        return await requests, await threaded.picture(FAILS)

    first, second = asyncio.run(story())
    assert first["losses"]
    assert first == second


def test_only_answers_are_kept(threaded, monkeypatch):
    def draw(*_):
        raise KnockOnError("not now")

    async def ask():
        return await threaded.picture(FAILS)

    with monkeypatch.context() as broken:
        broken.setattr(jobs, "draw", draw)
        with pytest.raises(KnockOnError, match="not now"):
            asyncio.run(ask())
    assert not threaded._cache
    assert not threaded._running
    assert asyncio.run(ask())["losses"]


def test_the_time_in_the_queue_does_not_count(tiny_world, monkeypatch):
    threaded = Computer(tiny_world, Labels(), workers=0, time_limit_s=1.5)

    def draw(form, _):
        time.sleep(0.3)
        return form

    monkeypatch.setattr(jobs, "draw", draw)

    async def story():
        requests = (threaded.picture({**FAILS, "horizon_h": hours}) for hours in range(1, 9))
        return await asyncio.gather(*requests)

    assert len(asyncio.run(story())) == 8
    threaded.close()


def test_what_nobody_waits_for_any_more_is_not_computed(threaded, monkeypatch):
    calls, begun, held = [], threading.Event(), threading.Event()

    def savings(_, asset_id, __):
        calls.append(asset_id)
        begun.set()
        held.wait(20)
        return (asset_id,)

    monkeypatch.setattr(jobs, "savings", savings)

    async def story():
        def ask(asset_id, viewer, number):
            return asyncio.create_task(threaded.savings(FAILS, asset_id, viewer, number))

        requests = [ask("works", "me", 1)]
        await asyncio.to_thread(begun.wait, 20)
        mine = [("plant", "me", 2), ("clinic", "me", 3), ("line", "me", 4), ("plant", "me", 3)]
        for question in [*mine, ("clinic", "you", 1)]:
            requests.append(ask(*question))
            await asyncio.sleep(0)
        held.set()
        return await asyncio.gather(*requests, return_exceptions=True)

    works, plant, clinic, line, late, yours = asyncio.run(story())
    assert (works, line, clinic, yours) == (("works",), ("line",), ("clinic",), ("clinic",))
    assert isinstance(plant, SupersededError)
    assert isinstance(late, SupersededError)
    assert sorted(calls) == ["clinic", "line", "works"]
    assert not threaded._wanted


def test_a_broken_pool_is_replaced_once_whoever_notices_it(threaded):
    class Broken:
        def submit(self, *_):
            raise BrokenProcessPool

        def shutdown(self, **_):
            pass

    lane = threaded._quick
    broken = lane._pool = Broken()
    fresh, work, _ = lane.submit(jobs.ready)
    lane.drop(broken)
    assert lane._pool is fresh
    assert work.result(20)


def test_after_the_end_no_worker_starts_again(threaded):
    threaded.close()
    with pytest.raises(KnockOnError, match="stopping"):
        asyncio.run(threaded.picture(FAILS))
    assert threaded._quick._pool is None


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


def test_a_picture_is_computed_once_and_its_failure_is_told_to_who_asks(threaded, monkeypatch):
    calls = []
    monkeypatch.setattr(jobs, "draw", counted(calls, jobs.draw))
    unknown = {**FAILS, "events": [{"at_h": 0, "do": "fail", "asset": "nobody"}]}

    async def story():
        for _ in range(2):
            await threaded.picture(FAILS)
        with pytest.raises(KnockOnError, match="nobody"):
            await threaded.picture(unknown)

    asyncio.run(story())
    assert [form for form in calls if "grid" in form] == calls[:1]


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
    def draw(form, *rest):
        calls.append(form)
        return job(form, *rest)

    return draw


@pytest.fixture
def slow_savings(monkeypatch):
    """Savings that say whose they are when they are computed; the first waits."""
    calls, begun, held = [], threading.Event(), threading.Event()

    def savings(_, asset_id, __):
        calls.append(asset_id)
        begun.set()
        held.wait(20)
        return (asset_id,)

    monkeypatch.setattr(jobs, "savings", savings)
    return calls, begun, held


def test_150_questions_of_one_person_let_anothers_through_after_the_next(threaded, slow_savings):
    calls, begun, held = slow_savings

    def ask(who, asset_id, viewer):
        with as_asked_by(Who(who)):
            return asyncio.create_task(threaded.savings(FAILS, asset_id, viewer, 1))

    async def story():
        requests = [ask("observer", "0", "viewer 0")]
        await asyncio.to_thread(begun.wait, 20)
        requests += [ask("observer", str(n), f"viewer {n}") for n in range(1, 150)]
        await asyncio.sleep(0)
        requests.append(ask("facilitator", "briefing", "page"))
        await asyncio.sleep(0)
        held.set()
        return await asyncio.gather(*requests, return_exceptions=True)

    answers = asyncio.run(story())
    assert calls[:3] == ["0", "1", "briefing"]
    assert answers[-1] == ("briefing",)
    refused = [answer for answer in answers if isinstance(answer, BusyError)]
    assert len(refused) == 150 - 1 - MOST_WAITING_EACH


def test_what_was_asked_by_who_has_gone_is_not_computed_unless_another_waits(
    threaded, slow_savings
):
    calls, begun, held = slow_savings
    gone, here = Presence(), Presence()

    def ask(client, asset_id):
        with answering(client):
            return asyncio.create_task(threaded.savings(FAILS, asset_id, asset_id, 1))

    async def story():
        requests = [ask(here, "first")]
        await asyncio.to_thread(begun.wait, 20)
        requests += [ask(gone, "alone"), ask(gone, "shared"), ask(here, "shared")]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        gone.is_here = False
        held.set()
        return await asyncio.gather(*requests, return_exceptions=True)

    answers = asyncio.run(story())
    assert calls == ["first", "shared"]
    assert isinstance(answers[1], SupersededError)
    assert answers[2] == answers[3] == ("shared",)
