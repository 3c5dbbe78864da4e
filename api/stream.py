"""The live view by HTTP: a stream of what changes, the same by asking, who is here, who leads.

A stream is written by hand rather than by a response class: it has no body of its own, must be
checked again and again (somebody may be put out), and 2,000 of them share a process.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from typing import Annotated, Any, Literal, Protocol

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.types import Receive, Scope, Send

from api.door import who_now
from api.forms import asks, problem, takes, unreadable
from models.access import NotAllowedError, asking
from models.errors import KnockOnError

Plain = dict[str, Any]
_LAST_MS = 87_600 * 3_600_000
#: nothing is sent to somebody of whom was not known so lately that they are still let in
RECHECK_S = 5.0
_HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    # nginx and others would gather it first
    (b"x-accel-buffering", b"no"),
)
_Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
_Page = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{8,32}$")]
_Rev = Annotated[int, Field(ge=0, lt=2**53)]
_Name = Annotated[str, Field(max_length=40)]
_View = Literal["map", "graph", "both", "list", "weak", "compare", "exercise"]
#: how a query calls the fields of a page
_ASKED = {"v": "page", "rev": "rev", "name": "name", "view": "view"}
_Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class Stream(Protocol):
    """One page's stream."""

    closed: bool
    #: whether whose it is must be looked at before anything is sent
    doubted: bool

    def news(self) -> Awaitable[bytes]:
        """Wait for what is new; nothing once the stream is over."""


class Live(Protocol):
    """Who does the work, as whoever asks; every call may raise a ``KnockOnError``."""

    def open(self, page: Plain) -> Awaitable[Stream]:
        """Begin a stream."""

    def leave(self, stream: Any) -> None:
        """Note that it has ended."""

    def news(self, page: Plain) -> Awaitable[Plain]:
        """Return what is new since a revision."""

    def here(self, page: Plain) -> Awaitable[Plain]:
        """Note who is here; returns the name they go by."""

    def lead(self, asked: Plain) -> Awaitable[None]:
        """Lead those who follow to somewhere, on to another scenario, or no more."""

    def log(self, scenario: str) -> Awaitable[list[Plain]]:
        """Return who did what."""


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PageForm(_Form):
    """A page: which scenario it shows, which revision of it, and who looks at it."""

    scenario: _Id
    page: _Page
    rev: _Rev = 0
    name: _Name = ""
    view: _View = "map"


class LeadState(_Form):
    """Where somebody leads the others to."""

    t_ms: Annotated[int, Field(ge=0, le=_LAST_MS)]
    playing: bool
    speed: Annotated[float, Field(gt=0, le=64, allow_inf_nan=False)]
    view: _View
    selection: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=200)
    ] = []
    at: tuple[_Degrees, _Degrees, Annotated[float, Field(ge=0, le=30)]] | None = None


class LeadForm(_Form):
    """Lead on, to a state; or no more here, perhaps on to another scenario."""

    scenario: _Id
    page: _Page
    state: LeadState | None = None
    to: _Id | None = None


def register(server: FastAPI, live: Live) -> None:
    """Connect the addresses. Who posts must say that it is JSON: no form of another site can."""

    @server.get("/api/stream", openapi_extra=asks(PageForm, s="scenario", **_ASKED))
    async def stream(request: Request) -> Response:
        asked = request.query_params
        told = {"scenario": asked.get("s"), "page": asked.get("v"), "rev": _rev_of(request)}
        told |= {name: asked[name] for name in ("name", "view") if name in asked}
        try:
            page = PageForm.model_validate(told)
            return _Events(live, await live.open(page.model_dump()), request.scope)
        except ValidationError:
            return unreadable()
        except NotAllowedError as error:
            return problem(str(error), 403)
        except KnockOnError as error:
            return JSONResponse({"error": str(error)}, 503, headers={"Retry-After": "10"})

    @server.get("/api/scenarios/{scenario}/news", openapi_extra=asks(PageForm, **_ASKED))
    async def news(request: Request, scenario: str) -> Response:
        asked = {"scenario": scenario, "page": request.query_params.get("v", "polling0")}
        names = ("rev", "name", "view")
        given = request.query_params
        return await _answered(
            PageForm, asked | {k: given[k] for k in names if k in given}, live.news
        )

    @server.get("/api/scenarios/{scenario}/log")
    async def log(scenario: str) -> Response:
        async def lines(page: Plain) -> Plain:
            return {"lines": await live.log(page["scenario"])}

        return await _answered(PageForm, {"scenario": scenario, "page": "nobody00"}, lines)

    _register_posts(server, live)


def _register_posts(server: FastAPI, live: Live) -> None:
    @server.post("/api/presence", openapi_extra=takes(PageForm))
    async def here(request: Request) -> Response:
        return await _posted(request, PageForm, live.here)

    @server.post("/api/lead", openapi_extra=takes(LeadForm))
    async def lead(request: Request) -> Response:
        async def led(asked: Plain) -> Plain:
            await live.lead(asked)
            return {}

        return await _posted(request, LeadForm, led)


def _rev_of(request: Request) -> str:
    """Return the revision that a page holds; what a browser says on reconnecting is newer."""
    return request.headers.get("last-event-id") or request.query_params.get("rev", "0")


async def _posted(request: Request, form: type[_Form], work: Any) -> Response:
    if not request.headers.get("content-type", "").startswith("application/json"):
        return problem("The body must be application/json.", 415)
    return await _answered(form, await request.body(), work)


async def _answered(form: type[_Form], given: Mapping[str, Any] | bytes, work: Any) -> Response:
    try:
        if isinstance(given, bytes):
            asked = form.model_validate_json(given, strict=True)
        else:
            asked = form.model_validate(given)
        found = await work(asked.model_dump())
    except (ValidationError, RecursionError):
        return unreadable()
    except NotAllowedError as error:
        return problem(str(error), 403)
    except KnockOnError as error:
        return problem(str(error), 409)
    return JSONResponse(found, headers={"Cache-Control": "no-store"})


class _Events(Response):
    """A stream of events, until the page goes, is put out, or the server stops."""

    def __init__(self, live: Live, stream: Stream, scope: Scope) -> None:
        super().__init__(b"")
        self.live, self.stream = live, stream
        self.checked_at = time.monotonic()
        self.who, self.scope = asking(), scope

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what is new as soon as the page can take it."""
        sending = asyncio.ensure_future(self._send(send))
        going = asyncio.ensure_future(_gone(receive))
        try:
            await asyncio.wait((sending, going), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.live.leave(self.stream)
            for task in (sending, going):
                task.cancel()
                with suppress(asyncio.CancelledError, OSError):
                    await task

    async def _send(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": list(_HEADERS)}
        await send(start)
        # tells the page at once that it is connected
        await send({"type": "http.response.body", "body": b": here\n\n", "more_body": True})
        while body := await self.stream.news():
            if not await self._still_let_in():
                break
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _still_let_in(self) -> bool:
        """Say whether the page is still of the same person, with the same rights."""
        now = time.monotonic()
        if not self.stream.doubted and now - self.checked_at <= RECHECK_S:
            return True
        self.stream.doubted, self.checked_at = False, now
        try:
            return await who_now(self.scope) == self.who
        except KnockOnError:  # nobody knows just now: the page comes back
            return False


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
