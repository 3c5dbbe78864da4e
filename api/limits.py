"""Rate limits: a token bucket for each address and each user.

Kept in memory, per process: several web processes allow a multiple.

A bucket rather than the moving window of a library: 60 users who open the page from behind one
address empty it, and then wait 3 ms for the next token. A moving window would refuse all of them
until the window has passed (measured: 15 s).
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

#: most buckets; the least recently used is dropped: it would be full again by then
MOST_KEPT = 10_000
#: attempts at a password without a delay, and the delays after them
FREE_TRIES, FIRST_DELAY_S, LONGEST_DELAY_S, FORGOTTEN_S = 10, 5.0, 900.0, 3_600.0
TOO_MANY = N_("Too many requests from here. Wait a moment, then try again.")


class Buckets:
    """A token bucket for each name: ``burst`` tokens, refilled with ``per_second``."""

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
    """Attempts at a secret for each name: some are free, then the delay doubles with each.

    An attempt counts from its start, so concurrent attempts count like consecutive ones. A success
    clears all attempts of the name, and they expire after ``FORGOTTEN_S``.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        #: number of attempts, and the time from which another one is permitted
        self._held: LRUCache[str, tuple[int, float]] = LRUCache(MOST_KEPT)

    def wait_s(self, name: str) -> float:
        """Count an attempt and return 0, or return the delay until one is permitted."""
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
        """Clear the attempts of a name."""
        self._held.pop(name, None)


class RateLimit:
    """Refuse requests above a rate; ``name`` returns the key of a request, None for no limit."""

    def __init__(self, app: ASGIApp, name: Callable[[Scope], str | None], buckets: Buckets) -> None:
        self.app, self.name, self.buckets = app, name, buckets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it with ``Retry-After``."""
        name = self.name(scope) if scope["type"] == "http" else None
        wait = self.buckets.wait_s(name) if name is not None else 0.0
        await (too_many(wait) if wait else self.app)(scope, receive, send)


def too_many(wait_s: float) -> JSONResponse:
    """Return the answer to a client with too many requests."""
    return JSONResponse({"error": _(TOO_MANY)}, 429, headers={"Retry-After": str(ceil(wait_s))})


def address_of(scope: Scope) -> str:
    """Return the client address of a request; behind a trusted proxy the one that it states.

    For IPv6 its first 64 bits: one household or machine has all addresses with this prefix.
    """
    client = scope.get("client")
    return network_of(str(client[0])) if client else "unknown"


def network_of(address: str) -> str:
    """Return the smallest network that certainly has one owner: an IPv4 address, or a /64."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, IPv4Address):
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ip_network((ip, 64), strict=False))
