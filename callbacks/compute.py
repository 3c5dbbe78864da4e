"""Cascades off the event loop: a pool of processes, a time limit, and a cache that viewers share.

A worker holds the world from its start on and is sent only plain scenarios. One that dies, or
that is still busy when its time is over, takes the pool with it; the next request starts anew.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from typing import Any

from callbacks import jobs
from callbacks.ports import Plain
from layouts.words import Labels
from models.errors import KnockOnError
from models.explain import Explanation, Saving
from models.world import World

TIME_LIMIT_S = 30.0
CACHE_SIZE = 256


class TooSlowError(KnockOnError):
    """A cascade took longer than we wait for."""

    def __init__(self, limit_s: float) -> None:
        super().__init__(
            f"This took longer than {limit_s:g} s and was stopped. Your scenario is saved; "
            "a shorter horizon or fewer events may help."
        )


class LostWorkerError(KnockOnError):
    """A worker died twice on the same question."""

    def __init__(self) -> None:
        super().__init__(
            "The computation stopped unexpectedly, twice. Your scenario is saved; try again."
        )


class _Lane:
    """One pool of workers, started when first needed and again after it was lost.

    Starting a worker takes a second or more, so nothing here may run on the event loop.
    """

    def __init__(self, held: tuple[World, Labels], workers: int) -> None:
        self._held, self._workers = held, workers
        self._pool: Executor | None = None
        self._lock = threading.Lock()

    def submit(self, job: Callable[..., Any], *arguments: str) -> tuple[Executor, Future[Any]]:
        """Hand a job to the pool; returns the pool as well, for :meth:`drop`."""
        with self._lock:
            if self._pool is None:
                self._pool = self._start()
            return self._pool, self._pool.submit(job, *arguments)

    def _start(self) -> Executor:
        if self._workers == 0:
            jobs.hold(*self._held)
            return ThreadPoolExecutor(1)
        return ProcessPoolExecutor(
            self._workers,
            mp_context=multiprocessing.get_context("forkserver"),
            initializer=jobs.begin,
            initargs=self._held,
        )

    def drop(self, pool: Executor) -> None:
        """Give up a pool, unless somebody else did and a new one runs already."""
        with self._lock:
            if pool is self._pool:
                self.close()

    def close(self) -> None:
        """Stop the workers, busy ones too: they would never hear a polite request."""
        pool, self._pool = self._pool, None
        if isinstance(pool, ProcessPoolExecutor):
            for process in list((pool._processes or {}).values()):
                process.terminate()
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)


class Computer:
    """Answers questions about one world, each in a worker process.

    Parameters
    ----------
    world, labels
        What every worker holds.
    workers
        The number of processes; 0 computes in a thread of this process (tests, small machines).
    """

    def __init__(
        self, world: World, labels: Labels, workers: int, time_limit_s: float = TIME_LIMIT_S
    ) -> None:
        # a fresh copy carries no cached index: those cannot be sent to another process
        held = (replace(world), labels)
        self._quick = _Lane(held, workers)
        # the search for savings takes seconds: it must never stand before a click
        self._slow = _Lane(held, min(workers, 1))
        self._world_sha256 = world.sha256
        self._time_limit_s = time_limit_s
        self._cache: OrderedDict[tuple[str, ...], asyncio.Future[Any]] = OrderedDict()

    async def picture(self, plain: Mapping[str, Any]) -> Plain:
        """Return the picture of a scenario, without its id and revision."""
        found: Plain = await self._ask(self._quick, jobs.draw, plain)
        return found

    async def why(self, plain: Mapping[str, Any], asset_id: str, at_ms: int) -> Explanation:
        """Return why an asset is what it is at an hour."""
        found: Explanation = await self._ask(self._quick, jobs.why, plain, asset_id, str(at_ms))
        return found

    async def savings(self, plain: Mapping[str, Any], asset_id: str) -> tuple[Saving, ...]:
        """Return the single changes that would have kept an asset."""
        found: tuple[Saving, ...] = await self._ask(self._slow, jobs.savings, plain, asset_id)
        return found

    async def warm_up(self) -> None:
        """Start the workers, so that the first visitor does not wait for them."""
        for lane in (self._quick, self._slow):
            await asyncio.to_thread(lane.submit, jobs.ready)

    def close(self) -> None:
        """Stop the workers."""
        self._quick.close()
        self._slow.close()

    async def _ask(
        self, lane: _Lane, job: Callable[..., Any], plain: Mapping[str, Any], *arguments: str
    ) -> Any:
        """Answer from the cache, or compute once for all who ask meanwhile."""
        form = json.dumps(plain, sort_keys=True, separators=(",", ":"))
        key = (job.__name__, self._world_sha256, form, *arguments)
        future = self._cache.get(key)
        # a future of another event loop cannot be awaited here; only tests have two
        if future is None or (not future.done() and future.get_loop() is not _loop()):
            future = asyncio.ensure_future(self._compute(lane, job, form, *arguments))
            self._cache[key] = future
            while len(self._cache) > CACHE_SIZE:
                self._cache.popitem(last=False)
        self._cache.move_to_end(key)
        try:
            # shielded: one viewer who leaves does not take the answer from the others
            return future.result() if future.done() else await asyncio.shield(future)
        except Exception:
            self._cache.pop(key, None)
            raise

    async def _compute(
        self, lane: _Lane, job: Callable[..., Any], form: str, *arguments: str
    ) -> Any:
        for _ in range(2):
            try:
                pool, work = await asyncio.to_thread(lane.submit, job, form, *arguments)
            except BrokenProcessPool:
                lane.close()
                continue
            try:
                return await asyncio.wait_for(asyncio.wrap_future(work), self._time_limit_s)
            except BrokenProcessPool:
                await asyncio.to_thread(lane.drop, pool)
            except TimeoutError:
                await asyncio.to_thread(lane.drop, pool)
                raise TooSlowError(self._time_limit_s) from None
        raise LostWorkerError


def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()
