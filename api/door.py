"""Authentication: every request passes here first, and all code behind it knows its user."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import cast
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.access import LOCAL_USER, NOBODY, Who, as_asked_by, asking
from models.errors import KnockOnError
from models.wording import _
from usecases.redaction import text_of

#: returns the user of a request's cookies; NOBODY if unauthenticated
Identify = Callable[[Mapping[str, str]], Awaitable[Who]]

#: prefixes of public files: scripts, styles, libraries; they contain no world and no scenario
STATIC = ("/assets/", "/page/", "/_dash-component-suites/", "/vendor/", "/words/", "/_favicon.ico")
#: the paths needed to sign in or join; reviewed, and tested by tests/integration/test_every_door.py
OPEN = frozenset(
    {
        "/healthz",
        "/sign-in",
        "/join",
        "/api/sign-in",
        "/api/join",
        "/api/join/look",
        "/sign-in/organisation",
        "/sign-in/organisation/back",
    }
)
#: the prefix of the public maps: each route below it returns only published data
PUBLIC = "/public/"
SIGN_IN = "/sign-in"
_AGAIN = "knockon.identify"


async def everybody_is_local(_: Mapping[str, str]) -> Who:
    """Return LOCAL_USER: for an installation without sign-in."""
    return LOCAL_USER


class Door:
    """Identify the user of each request, and run the request as that user."""

    def __init__(self, app: ASGIApp, identify: Identify = everybody_is_local) -> None:
        self.app, self.identify = app, identify

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass every request on with its user."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        cookies = _cookies(scope)
        scope[_AGAIN] = lambda: self.identify(cookies)
        try:
            who = NOBODY if is_static(scope["path"]) else await self.identify(cookies)
        except KnockOnError as error:
            await JSONResponse({"error": text_of(error)}, 503)(scope, receive, send)
            return
        with as_asked_by(who):
            await self.app(scope, receive, send)


async def who_now(scope: Scope) -> Who:
    """Return the current user of a connection that stays open, such as a stream.

    A user who was removed, or whose session ended, is NOBODY from then on.
    """
    again = cast("Callable[[], Awaitable[Who]]", scope[_AGAIN])
    return await again()


class Gate:
    """Refuse unauthenticated requests, except to the paths needed to sign in or join.

    Every callback and route behind it also takes a seat: this is the outer of two checks.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass authenticated requests on, redirect others to the sign-in page."""
        if scope["type"] != "http" or asking().may_look or is_open(scope["path"]):
            await self.app(scope, receive, send if is_static(scope["path"]) else _unkept(send))
        elif _is_page(scope):
            query = scope["query_string"].decode("latin-1")
            back = f"?to={quote(query)}" if scope["path"] == "/" and query else ""
            await RedirectResponse(SIGN_IN + back, 303)(scope, receive, send)
        else:
            answer = JSONResponse(
                {"error": _("Please sign in. Your session may have expired.")}, 401
            )
            await answer(scope, receive, send)


def is_static(path: str) -> bool:
    """Return whether an address is that of a public file."""
    return path.startswith(STATIC)


def is_open(path: str) -> bool:
    """Return whether an address answers unauthenticated requests."""
    return path in OPEN or path.startswith(PUBLIC) or is_static(path)


def _unkept(send: Send) -> Send:
    """Forbid caching of answers unless they allow it, so that nothing remains after signing out."""

    async def send_unkept(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).setdefault("Cache-Control", "no-store")
        await send(message)

    return send_unkept


def _is_page(scope: Scope) -> bool:
    """Return whether a user opens an address, rather than a script."""
    accepts = dict(scope["headers"]).get(b"accept", b"")
    return scope["method"] in ("GET", "HEAD") and b"text/html" in accepts


def _cookies(scope: Scope) -> dict[str, str]:
    cookies: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name == b"cookie":
            cookies |= cookie_parser(value.decode("latin-1"))
    return cookies
