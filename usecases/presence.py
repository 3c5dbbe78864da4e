"""Whether the client of a request still waits for its answer; otherwise the work is dropped."""

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
    """Return the client of the current request; without a request, one that never leaves."""
    return _PRESENCE.get() or Presence()


@contextmanager
def answering(client: Presence) -> Iterator[None]:
    """Run the body of the ``with`` statement as a request of this client."""
    token = _PRESENCE.set(client)
    try:
        yield
    finally:
        _PRESENCE.reset(token)


def work_for_all() -> None:
    """Mark this task as shared: it continues even if its client leaves."""
    _PRESENCE.set(None)
