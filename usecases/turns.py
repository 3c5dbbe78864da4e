"""Fair queues for a scarce resource: many requests of one user do not delay other users.

Requests wait in a queue per user, and users are served one request each in rotation. The number of
waiting requests per user, and of all, is bounded; further ones are refused.
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
    """The queue is full."""

    def __init__(self) -> None:
        super().__init__(_("Too many requests are waiting. Try again in a moment."))


@dataclass(eq=False)
class Ticket:
    """One request in the queue; several users may wait for the same one."""

    persons: set[str]
    turn: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Turns:
    """Lets ``at_once`` requests through at a time. For one event loop, so without a lock.

    Parameters
    ----------
    at_once
        How many run at the same time.
    most_each, most
        How many may wait, of one user and of all.
    """

    def __init__(
        self, at_once: int, most_each: int = MOST_WAITING_EACH, most: int = MOST_WAITING
    ) -> None:
        self._free, self._most_each, self._most = at_once, most_each, most
        #: users in the order of their turns, each with their waiting requests
        self._queues: OrderedDict[str, deque[Ticket]] = OrderedDict()
        self._waiting: set[Ticket] = set()

    def ticket(self, person: str) -> Ticket:
        """Return a place in a user's queue.

        Raises
        ------
        BusyError
            If the queue is full.
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
        """Add a waiting request to the queue of another user, too."""
        queue = self._queues.get(person, ())
        if ticket in self._waiting and person not in ticket.persons:
            if len(queue) >= self._most_each:
                raise BusyError
            ticket.persons.add(person)
            self._queues.setdefault(person, deque()).append(ticket)

    @asynccontextmanager
    async def taken(self, ticket: Ticket) -> AsyncIterator[None]:
        """Wait for the ticket's turn, and pass it on afterwards."""
        try:
            await ticket.turn
        except asyncio.CancelledError:
            self._leave(ticket)
            if ticket.turn.done() and not ticket.turn.cancelled():
                self._next()  # it got the turn but was cancelled
            raise
        try:
            yield
        finally:
            self._next()

    def _next(self) -> None:
        """Give the turn to the next user, and move that user to the end."""
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
        """Remove a ticket from all queues."""
        if ticket not in self._waiting:
            return
        self._waiting.remove(ticket)
        for person in ticket.persons:
            queue = self._queues[person]
            queue.remove(ticket)
            if not queue:
                del self._queues[person]
