"""Whether the client of a request still waits for its answer: what is asked in vain is dropped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(eq=False)
class Presence:
    """The client of one request."""

    is_here: bool = True


_PRESENCE: ContextVar[Presence | None] = ContextVar("presence", default=None)


def present() -> Presence:
    """Return the client of the request that is being answered; one that stays without a request."""
    return _PRESENCE.get() or Presence()


@contextmanager
def answering(client: Presence) -> Iterator[None]:
    """Answer what is inside as a request of this client."""
    token = _PRESENCE.set(client)
    try:
        yield
    finally:
        _PRESENCE.reset(token)


def work_for_all() -> None:
    """Say that this task goes on whoever leaves: its answer is for others as well."""
    _PRESENCE.set(None)
