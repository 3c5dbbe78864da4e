"""Who is there: every request passes here first, and everything behind it knows who asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import cast

from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from models.access import LOCAL_USER, Who, as_asked_by

#: finds out who a request's cookies belong to; nobody where they belong to no one
Identify = Callable[[Mapping[str, str]], Awaitable[Who]]

_AGAIN = "knockon.identify"


async def everybody_is_local(_: Mapping[str, str]) -> Who:
    """Answer for an installation of one person, who never signs in."""
    return LOCAL_USER


class Door:
    """Find out who asks, and answer as asked by them."""

    def __init__(self, app: ASGIApp, identify: Identify = everybody_is_local) -> None:
        self.app, self.identify = app, identify

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass every request on with who makes it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        cookies = _cookies(scope)
        scope[_AGAIN] = lambda: self.identify(cookies)
        with as_asked_by(await self.identify(cookies)):
            await self.app(scope, receive, send)


async def who_now(scope: Scope) -> Who:
    """Return who a connection belongs to by now: for whatever stays open, such as a stream.

    Somebody who was put out, or whose session ended, is nobody from then on.
    """
    again = cast("Callable[[], Awaitable[Who]]", scope[_AGAIN])
    return await again()


def _cookies(scope: Scope) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name == b"cookie":
            found |= cookie_parser(value.decode("latin-1"))
    return found
