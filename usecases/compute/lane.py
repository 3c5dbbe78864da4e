"""Pools of worker processes: started when first needed, discarded if a worker is lost."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import Any

from models.errors import KnockOnError
from models.wording import _
from usecases.compute import jobs
from usecases.turns import Turns

#: workers are forked from a process that has loaded what each of them needs
_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload([jobs.__name__, "models.cascade.timed.kernels"])


class StoppingError(KnockOnError):
    """The application is being stopped."""

    def __init__(self) -> None:
        super().__init__(_("The server is stopping. Your scenario is saved."))


class StartData:
    """Initial data of every worker, packed once for all of them."""

    def __init__(self, data: jobs.WorkerData) -> None:
        self.data = data
        self._lock = threading.Lock()
        self._packed = b""

    def packed(self) -> bytes:
        """Return the bytes that a worker begins with; not on the event loop."""
        with self._lock:
            self._packed = self._packed or jobs.packed_for_workers(self.data)
            return self._packed


class Lane:
    """One pool of workers, started when first needed and again after it was lost.

    Starting a worker takes a second or more, so nothing here may run on the event loop.
    """

    def __init__(self, held: StartData, workers: int, *, yields: bool = False) -> None:
        self._held, self._workers = held, workers
        #: its workers let those of other lanes go first where a processor is short
        self._yields = yields
        self._pool: Executor | None = None
        self._lock = threading.Lock()
        self._closed = False
        #: whether a worker of the pool has ever answered
        self._stands = False
        #: no more requests go to the pool than it has workers, so none waits inside it
        self.turns = Turns(max(workers, 1))

    def submit(
        self, job: Callable[..., Any], *arguments: Any
    ) -> tuple[Executor, Future[Any], bool]:
        """Submit a job to the pool.

        Returns the pool as well, for :meth:`drop`, and whether a worker has to start for the job.
        """
        with self._lock:
            if self._closed:
                raise StoppingError
            if self._pool is not None:
                try:
                    return self._handed(self._pool, job, *arguments)
                except BrokenProcessPool:
                    self._give_up()
            self._pool, self._stands = self._start(), False
            return self._handed(self._pool, job, *arguments)

    def _handed(
        self, pool: Executor, job: Callable[..., Any], *arguments: Any
    ) -> tuple[Executor, Future[Any], bool]:
        before = _size(pool)
        work = pool.submit(job, *arguments)
        starts = _size(pool) > before or not self._stands
        work.add_done_callback(partial(self._answered, pool))
        return pool, work, starts

    def _answered(self, pool: Executor, work: Future[Any]) -> None:
        """Record that a worker runs; called by the pool's own thread, so without the lock."""
        if pool is self._pool and not work.cancelled():
            # a failed request was answered, too
            self._stands = self._stands or not isinstance(work.exception(), BrokenProcessPool)

    def _start(self) -> Executor:
        if self._workers == 0:
            jobs.hold(self._held.data)
            return ThreadPoolExecutor(1)
        return ProcessPoolExecutor(
            self._workers,
            mp_context=_FORKING,
            initializer=partial(jobs.begin, self._held.packed(), yields=self._yields),
        )

    def drop(self, pool: Executor) -> None:
        """Discard a pool, unless another request did and a new one runs already."""
        with self._lock:
            if pool is self._pool:
                self._give_up()

    def close(self) -> None:
        """Stop the workers for good; waiting requests fail with StoppingError."""
        with self._lock:
            self._closed = True
            self._give_up()

    def _give_up(self) -> None:
        """Stop the workers, including busy and suspended ones."""
        pool, self._pool = self._pool, None
        if isinstance(pool, ProcessPoolExecutor):
            for process in list((pool._processes or {}).values()):
                process.kill()
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)


def _size(pool: Executor) -> int:
    """Return how many processes a pool has; a pool of threads has none."""
    return len(getattr(pool, "_processes", None) or ())
