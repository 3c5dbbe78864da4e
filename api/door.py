"""Who is there: every request passes here first, and everything behind it knows who asks."""

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

#: finds out who a request's cookies belong to; nobody where they belong to no one
Identify = Callable[[Mapping[str, str]], Awaitable[Who]]

#: under these is nothing of a world or a scenario: scripts, styles, libraries
STATIC = ("/assets/", "/page/", "/_dash-component-suites/", "/vendor/", "/words/", "/_favicon.ico")
#: what somebody needs to come in; reviewed, and walked by tests/integration/test_every_door.py
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
#: under this are the maps for everybody: each route there tells only what was published
PUBLIC = "/public/"
SIGN_IN = "/sign-in"
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
        try:
            who = NOBODY if is_static(scope["path"]) else await self.identify(cookies)
        except KnockOnError as error:
            await JSONResponse({"error": str(error)}, 503)(scope, receive, send)
            return
        with as_asked_by(who):
            await self.app(scope, receive, send)


async def who_now(scope: Scope) -> Who:
    """Return who a connection belongs to by now: for whatever stays open, such as a stream.

    Somebody who was put out, or whose session ended, is nobody from then on.
    """
    again = cast("Callable[[], Awaitable[Who]]", scope[_AGAIN])
    return await again()


class Gate:
    """Let nobody in who is not known, but for what it takes to come in.

    Behind it every callback and route asks for a seat as well: this is the outer of two doors.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass known people on, show others where to sign in."""
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
    """Say whether an address is of a file that everybody may have."""
    return path.startswith(STATIC)


def is_open(path: str) -> bool:
    """Say whether an address answers people who are not signed in."""
    return path in OPEN or path.startswith(PUBLIC) or is_static(path)


def _unkept(send: Send) -> Send:
    """Have answers kept by nobody that do not say otherwise: who signs out leaves nothing."""

    async def send_unkept(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).setdefault("Cache-Control", "no-store")
        await send(message)

    return send_unkept


def _is_page(scope: Scope) -> bool:
    """Say whether somebody opens an address, rather than a script."""
    accepts = dict(scope["headers"]).get(b"accept", b"")
    return scope["method"] in ("GET", "HEAD") and b"text/html" in accepts


def _cookies(scope: Scope) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name == b"cookie":
            found |= cookie_parser(value.decode("latin-1"))
    return found
