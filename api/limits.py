"""No more requests than a person makes: a bucket of tokens for each address and each person.

Kept in memory, per process: several web processes let through as many times as much.

A bucket rather than the window of a library: a room of 60 that opens the page from behind one
address empties it, and then has to wait 3 ms for the next token. A moving window would refuse
the whole room until the window has passed (measured: 15 s).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import ceil

from cachetools import LRUCache
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from models.wording import N_, _

#: the bucket longest unused is forgotten beyond so many; it would be full again by then
MOST_KEPT = 10_000
TOO_MANY = N_("Too many requests from here. Wait a moment, then try again.")


class Buckets:
    """A bucket for each name: it holds ``burst`` tokens and gets ``per_second`` new ones."""

    def __init__(
        self, per_second: float, burst: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.per_second, self.burst, self._clock = per_second, burst, clock
        self._held: LRUCache[str, tuple[float, float]] = LRUCache(MOST_KEPT)

    def wait_s(self, name: str) -> float:
        """Take a token and return 0, or return how long to wait until there is one."""
        now = self._clock()
        tokens, at = self._held.get(name, (self.burst, now))
        tokens = min(self.burst, tokens + (now - at) * self.per_second)
        wait = 0.0 if tokens >= 1 else (1 - tokens) / self.per_second
        self._held[name] = (tokens if wait else tokens - 1, now)
        return wait


class RateLimit:
    """Refuse requests above a rate; ``name`` returns the key of a request, None for no limit."""

    def __init__(self, app: ASGIApp, name: Callable[[Scope], str | None], buckets: Buckets) -> None:
        self.app, self.name, self.buckets = app, name, buckets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or tell when to come again."""
        name = self.name(scope) if scope["type"] == "http" else None
        wait = self.buckets.wait_s(name) if name is not None else 0.0
        await (too_many(wait) if wait else self.app)(scope, receive, send)


def too_many(wait_s: float) -> JSONResponse:
    """Return the answer to who makes too many requests."""
    return JSONResponse({"error": _(TOO_MANY)}, 429, headers={"Retry-After": str(ceil(wait_s))})


def address_of(scope: Scope) -> str:
    """Return where a request comes from; behind a proxy what that says (``app.py`` trusts one)."""
    client = scope.get("client")
    return str(client[0]) if client else "unknown"
