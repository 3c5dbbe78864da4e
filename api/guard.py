"""Checks of every request before any other code: host, size, form.

Responses get the security headers.

Dash does not validate payloads of its update route and fails with a bare 500 on invalid ones.
:class:`UpdateGuard` compares a payload with the callback that it names, so that only well-formed
calls with exactly the declared inputs reach a callback.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.limits import address_of
from api.streamed import CONTENT_TYPE, is_streamed
from models.wording import N_, _, number

UPDATE_ROUTE = "/_dash-update-component"
MAX_BODY_BYTES = 1_000_000
#: most memory for incomplete bodies, of one address and of all
MAX_HELD_BYTES_PER_ADDRESS, MAX_HELD_BYTES = 8_000_000, 64_000_000
NOT_DECLARED = N_("'{part}' is not what this callback declares.")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ALL_ADDRESSES = ("0.0.0.0", "::", "")  # noqa: S104  compared with, not bound to


class _TooLargeError(Exception):
    pass


class _TooManyBodiesError(Exception):
    pass


class HostGuard:
    """Answer only to names of this machine.

    A page from elsewhere can have its own name resolved to this address, and would then count as
    ours for the browser (DNS rebinding). Its requests still carry that name as ``Host``. Bound to
    all addresses and told no ``KNOCKON_PUBLIC_URL``, the server cannot know its names.

    Starlette's own middleware would answer 400 in words that say nothing of the settings, and
    take the first of two ``Host`` headers.
    """

    def __init__(self, app: ASGIApp, bound_to: str, public_url: str = "") -> None:
        self.app = app
        public = {urlsplit(public_url).hostname or ""} - {""}
        anything = bound_to in _ALL_ADDRESSES and not public
        self.names = None if anything else {*_LOOPBACK, bound_to.lower(), *public}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on requests to our host names, refuse others with a message."""
        if scope["type"] == "lifespan" or self.names is None or self._is_ours(scope, self.names):
            await self.app(scope, receive, send)
            return
        known = ", ".join(sorted(self.names))
        text = _("This server answers only as {names}. Set KNOCKON_HOST to serve others.")
        await JSONResponse({"error": text.format(names=known)}, 421)(scope, receive, send)

    @staticmethod
    def _is_ours(scope: Scope, names: set[str]) -> bool:
        asked = [value for name, value in scope["headers"] if name == b"host"]
        return len(asked) == 1 and _host_name(asked[0].decode("latin-1")) in names


def _host_name(header: str) -> str:
    """Return a Host header without its port, an IPv6 address without its brackets."""
    name = header.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0]


class BodyLimit:
    """Refuse bodies above ``limit`` bytes, whether or not they say their length.

    Uploads are bounded by their route instead, which writes them to disk (``api/streamed.py``).
    Bodies that are not complete yet are held in memory, in all no more than ``MAX_HELD_BYTES``
    and of one address no more than ``MAX_HELD_BYTES_PER_ADDRESS``.
    """

    def __init__(self, app: ASGIApp, limit: int = MAX_BODY_BYTES) -> None:
        self.app, self.limit = app, limit
        #: bytes of incomplete bodies by address; "" for all together
        self.held = Counter[str]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the whole body, then pass it on or refuse it."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD") or is_streamed(scope):
            await self.app(scope, receive, send)
            return
        try:
            body = await self._read(receive, address_of(scope))
        except _TooLargeError:
            text = _("This request is larger than {n} bytes.").format(n=number(self.limit))
            await _refuse(text, 413)(scope, receive, send)
            return
        except _TooManyBodiesError:
            await _refuse(_("Too much is being sent at once."), 503)(scope, receive, send)
            return
        await self.app(scope, _replay(body, receive), send)

    async def _read(self, receive: Receive, address: str) -> bytes:
        body, more = bytearray(), True
        try:
            while more:
                message = await receive()
                part = message.get("body", b"")
                body += part
                self._hold(address, len(part))
                more = message["type"] == "http.request" and message.get("more_body", False)
                if len(body) > self.limit:
                    raise _TooLargeError
                if more and self._is_full(address):
                    raise _TooManyBodiesError
            return bytes(body)
        finally:
            self._hold(address, -len(body))

    def _hold(self, address: str, count: int) -> None:
        for name in (address, ""):
            self.held[name] += count
            if not self.held[name]:
                del self.held[name]

    def _is_full(self, address: str) -> bool:
        return self.held[address] > MAX_HELD_BYTES_PER_ADDRESS or self.held[""] > MAX_HELD_BYTES


def _refuse(text: str, status: int) -> JSONResponse:
    """Refuse a body without waiting for the rest of it."""
    return JSONResponse({"error": text}, status, headers={"Connection": "close"})


class OwnPages:
    """Accept changes only from our own pages, and only as JSON (no cross-site request forgery).

    Browsers state the origin of a request: ``Sec-Fetch-Site``, in older ones ``Origin``. Other
    programs send neither, but an attacker cannot make a user run one unknowingly.
    """

    def __init__(self, app: ASGIApp, public_url: str = "") -> None:
        self.app, self.public_url = app, public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on reading requests, and changes from our own pages."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self.app(scope, receive, send)
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        if not self._is_own(scope, headers):
            text = _("This was not asked by a page of this server, so nothing was done.")
            await JSONResponse({"error": text}, 403)(scope, receive, send)
        elif is_streamed(scope) and _content_type(headers) == CONTENT_TYPE:
            # a browser sends this type to other sites only after asking them, which is refused
            await self.app(scope, receive, send)
        elif scope["method"] != "DELETE" and not _says_json(headers):
            text = _("The body must be application/json.")
            await JSONResponse({"error": text}, 415)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _is_own(self, scope: Scope, headers: Mapping[bytes, str]) -> bool:
        site, origin = headers.get(b"sec-fetch-site"), headers.get(b"origin")
        if site is not None and site != "same-origin":
            return False
        if origin is None:
            return True
        here = f"{scope.get('scheme', 'http')}://{headers.get(b'host', '')}"
        return origin.lower() in {self.public_url or here.lower(), here.lower()}


def _says_json(headers: Mapping[bytes, str]) -> bool:
    return _content_type(headers) == "application/json"


def _content_type(headers: Mapping[bytes, str]) -> str:
    return headers.get(b"content-type", "").partition(";")[0].strip().lower()


class UpdateGuard:
    """Pass only well-formed calls of known callbacks on to Dash's update route."""

    def __init__(self, app: ASGIApp, callback_map: Mapping[str, Mapping[str, Any]]) -> None:
        self.app, self.callback_map = app, callback_map

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a well-formed call on, refuse others with a message."""
        if scope["type"] != "http" or scope["path"] != UPDATE_ROUTE:
            await self.app(scope, receive, send)
            return
        if scope["method"] != "POST":
            await JSONResponse({"error": _("Only POST here.")}, 405)(scope, receive, send)
            return
        body = (await receive()).get("body", b"")
        problem = self._problem(body)
        if problem:
            await JSONResponse({"error": problem}, 400)(scope, receive, send)
            return
        await self.app(scope, _replay(body, receive), send)

    def _problem(self, body: bytes) -> str:
        try:
            call = json.loads(body)
        except (ValueError, RecursionError):
            return _("The body is not JSON.")
        if not isinstance(call, dict) or not isinstance(call.get("output"), str):
            return _("The body must be an object that names its output.")
        known = self.callback_map.get(call["output"])
        if known is None or "callback" not in known:
            return _("No such callback. Reload the page: the server may be newer than it.")
        return _form_problem(call, known)


def _form_problem(call: dict[str, Any], known: Mapping[str, Any]) -> str:
    for part, declared in (("inputs", known["inputs"]), ("state", known["state"])):
        given = call.get(part, [])
        if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
            return _("'{part}' must be a list of objects.").format(part=part)
        if [(g.get("id"), g.get("property")) for g in given] != [
            (d["id"], d["property"]) for d in declared
        ]:
            return _(NOT_DECLARED).format(part=part)
    changed = call.get("changedPropIds", [])
    if not isinstance(changed, list) or not all(isinstance(item, str) for item in changed):
        return _("'{part}' must be a list of texts.").format(part="changedPropIds")
    return _outputs_problem(call, known)


def _outputs_problem(call: dict[str, Any], known: Mapping[str, Any]) -> str:
    given, declared = call.get("outputs"), known["output"]
    if isinstance(given, list) != isinstance(declared, list | tuple):
        return _(NOT_DECLARED).format(part="outputs")
    named = [
        (item.get("id"), str(item.get("property")).split("@")[0])
        if isinstance(item, dict)
        else None
        for item in (given if isinstance(given, list) else [given])
    ]
    wanted = [
        (item.component_id, item.component_property)
        for item in (declared if isinstance(declared, list | tuple) else [declared])
    ]
    return "" if named == wanted else _(NOT_DECLARED).format(part="outputs")


class Headers:
    """Add the security headers to every response."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self.app, self.headers = app, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to its answer."""

        async def send_with(message: Message) -> None:
            if message["type"] == "http.response.start":
                found = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    found.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with if scope["type"] == "http" else send)


def security_headers(script_hashes: list[str], *, secure: bool = False) -> dict[str, str]:
    """Return the headers; scripts come from this server, or are among the hashed inline ones.

    ``secure``: the server is reached by https only.

    Styles may be inline: the grid, the charts and the components set them from scripts. Workers
    come from ``blob:`` because that is how the map library starts its own.
    """
    policy = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", *script_hashes]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "worker-src": "blob:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    } | ({"Strict-Transport-Security": "max-age=31536000"} if secure else {})


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a ``receive`` that repeats a body read before, then passes on the disconnect."""
    handed = False

    async def again() -> Message:
        nonlocal handed
        if handed:
            return await receive()
        handed = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
