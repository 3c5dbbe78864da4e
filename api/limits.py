"""No more requests than a person makes: a bucket of tokens for each address and each person.

Kept in memory, per process: several web processes let through as many times as much.

A bucket rather than the window of a library: a room of 60 that opens the page from behind one
address empties it, and then has to wait 3 ms for the next token. A moving window would refuse
the whole room until the window has passed (measured: 15 s).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from ipaddress import IPv4Address, ip_address, ip_network
from math import ceil

from cachetools import LRUCache
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from models.wording import N_, _

#: the bucket longest unused is forgotten beyond so many; it would be full again by then
MOST_KEPT = 10_000
#: tries of a password without a delay, and the delays after them
FREE_TRIES, FIRST_DELAY_S, LONGEST_DELAY_S, FORGOTTEN_S = 10, 5.0, 900.0, 3_600.0
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


class Tries:
    """Tries of a secret for each name: some are free, then the wait doubles with each.

    A try counts from its beginning, so many at once are as many as one after the other. One that
    succeeds is forgotten with those before it, and so is what lies ``FORGOTTEN_S`` back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        #: how many there were, and from when on there may be another
        self._held: LRUCache[str, tuple[int, float]] = LRUCache(MOST_KEPT)

    def wait_s(self, name: str) -> float:
        """Count a try and return 0, or return how long to wait until there may be one."""
        now = self._clock()
        tried, again = self._held.get(name, (0, now))
        if now - again > FORGOTTEN_S:
            tried = 0
        if again > now:
            return again - now
        over = tried + 1 - FREE_TRIES
        delay = min(FIRST_DELAY_S * 2.0 ** min(over, 30), LONGEST_DELAY_S) if over >= 0 else 0.0
        self._held[name] = (tried + 1, now + delay)
        return 0.0

    def succeeded(self, name: str) -> None:
        """Forget the tries of a name."""
        self._held.pop(name, None)


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
    """Return where a request comes from; behind a proxy what that says (``app.py`` trusts one).

    Of an IPv6 address the first 64 bits: one household or machine has all that begin so.
    """
    client = scope.get("client")
    return network_of(str(client[0])) if client else "unknown"


def network_of(address: str) -> str:
    """Return the smallest network that surely is somebody's alone: an IPv4 address, or a /64."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, IPv4Address):
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ip_network((ip, 64), strict=False))
