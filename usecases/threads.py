"""Threads for blocking calls: writes and password checks do not delay reads.

Reads use the event loop's default threads (``asyncio.to_thread``). Writes wait for each other and
for a locked database, up to ``BUSY_TIMEOUT_MS`` each; a password check needs much memory and a
good part of a second. Both have separate threads, so that they cannot occupy those of reads.
"""

from __future__ import annotations

import asyncio
import contextvars
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar

from usecases.presence import present
from usecases.turns import BusyError, Turns

P = ParamSpec("P")
T = TypeVar("T")

#: computing a hash uses 64 MiB and several cores
CHECKS_AT_ONCE = max(1, min(2, (os.cpu_count() or 1) // 2))
#: a check runs in four threads; together they weigh a seventh of the event loop's
NICE = 15
WRITES_AT_ONCE, MOST_WRITES_WAITING = 4, 400
#: most password checks that may wait, of one address and of all
MOST_CHECKS_EACH, MOST_CHECKS = 4, 200


class Threads:
    """Threads for one kind of work; calls beyond ``most`` in the queue are refused."""

    def __init__(self, name: str, threads: int, most: int, *, yields: bool = False) -> None:
        # a lower priority lets the event loop's thread go first
        first = _yield_to_others if yields else None
        self._executor = ThreadPoolExecutor(threads, name, initializer=first)
        self._most, self._held, self._lock = most, 0, threading.Lock()

    async def run(self, call: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
        """Run a call in one of these threads and return its result.

        Parameters
        ----------
        call
            The call; it continues if the client leaves.
        args, more
            Its arguments.

        Raises
        ------
        BusyError
            If the queue is full.
        """
        with self._lock:
            if self._held >= self._most:
                raise BusyError
            self._held += 1
        context = contextvars.copy_context()
        work = self._executor.submit(partial(context.run, call, *args, **more))
        work.add_done_callback(self._is_done)
        return await asyncio.wrap_future(work)

    def _is_done(self, _work: Any) -> None:
        with self._lock:
            self._held -= 1


def _yield_to_others() -> None:
    if sys.platform == "linux":  # elsewhere a priority is that of the whole process
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


_WRITES = Threads("writes", WRITES_AT_ONCE, MOST_WRITES_WAITING)
_CHECKS = Threads("passwords", CHECKS_AT_ONCE, MOST_CHECKS, yields=True)


async def writing(call: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
    """Run a call that writes to the database, and return its result.

    Parameters
    ----------
    call
        Writes to the database; may block.
    args
        Its arguments.
    more
        Its named arguments.
    """
    return await _WRITES.run(call, *args, **more)


class Checks:
    """Password checks, in rotation of addresses, so that none takes all turns."""

    def __init__(self) -> None:
        self._turns = Turns(CHECKS_AT_ONCE, MOST_CHECKS_EACH, MOST_CHECKS)

    async def run(self, whose: str, call: Callable[[], T]) -> T:
        """Wait for a turn, run the check and return its result.

        Parameters
        ----------
        whose
            Origin of the request, such as an address.
        call
            The check.

        Raises
        ------
        BusyError
            If too many checks wait already, or who asks has left by then.
        """
        client = present()
        async with self._turns.taken(self._turns.ticket(whose)):
            if not client.is_here:
                raise BusyError
            return await _CHECKS.run(call)
