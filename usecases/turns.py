"""Turns at something scarce: who asks for much waits for themselves, not before others.

Requests wait in a queue for each person, and the persons are served one request each in rotation.
What a person, and what all together may leave waiting is bounded; more is refused.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from models.errors import KnockOnError
from models.wording import _

MOST_WAITING_EACH, MOST_WAITING = 32, 1_000


class BusyError(KnockOnError):
    """Too much waits already."""

    def __init__(self) -> None:
        super().__init__(_("Too many requests are waiting. Try again in a moment."))


@dataclass(eq=False)
class Ticket:
    """One request in the queue; several persons may wait for the same."""

    persons: set[str]
    turn: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Turns:
    """Lets ``at_once`` requests through at a time. For one event loop, so without a lock.

    Parameters
    ----------
    at_once
        How many go on at the same time.
    most_each, most
        How many may wait, of one person and of all.
    """

    def __init__(
        self, at_once: int, most_each: int = MOST_WAITING_EACH, most: int = MOST_WAITING
    ) -> None:
        self._free, self._most_each, self._most = at_once, most_each, most
        #: persons in the order of their turns, each with what they wait for
        self._queues: OrderedDict[str, deque[Ticket]] = OrderedDict()
        self._waiting: set[Ticket] = set()

    def ticket(self, person: str) -> Ticket:
        """Return a place in a person's queue.

        Raises
        ------
        BusyError
            If too much waits already.
        """
        ticket = Ticket({person})
        if self._free:
            self._free -= 1
            ticket.turn.set_result(None)
            return ticket
        if len(self._waiting) >= self._most or len(self._queues.get(person, ())) >= self._most_each:
            raise BusyError
        self._waiting.add(ticket)
        self._queues.setdefault(person, deque()).append(ticket)
        return ticket

    def join(self, ticket: Ticket, person: str) -> None:
        """Let a person wait for what somebody else waits for already, in their own queue."""
        queue = self._queues.get(person, ())
        if ticket in self._waiting and person not in ticket.persons:
            if len(queue) >= self._most_each:
                raise BusyError
            ticket.persons.add(person)
            self._queues.setdefault(person, deque()).append(ticket)

    @asynccontextmanager
    async def taken(self, ticket: Ticket) -> AsyncIterator[None]:
        """Wait for the ticket's turn, and give it on afterwards."""
        try:
            await ticket.turn
        except asyncio.CancelledError:
            self._leave(ticket)
            if ticket.turn.done() and not ticket.turn.cancelled():
                self._next()  # it was given the turn and never took it
            raise
        try:
            yield
        finally:
            self._next()

    def _next(self) -> None:
        """Give the turn to the person whose it is, and put them last."""
        while self._queues:
            person, queue = next(iter(self._queues.items()))
            ticket = queue[0]
            self._queues.move_to_end(person)
            self._leave(ticket)
            if not ticket.turn.done():
                ticket.turn.set_result(None)
                return
        self._free += 1

    def _leave(self, ticket: Ticket) -> None:
        """Take a ticket out of all queues that it is in."""
        if ticket not in self._waiting:
            return
        self._waiting.remove(ticket)
        for person in ticket.persons:
            queue = self._queues[person]
            queue.remove(ticket)
            if not queue:
                del self._queues[person]
