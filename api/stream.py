"""The live view by HTTP: a stream of what changes, the same by polling, presence and leading."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Never, TypeVar

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError
from sse_starlette import EventSourceResponse
from sse_starlette.sse import AppStatus
from starlette.types import Receive, Scope, Send

from api.door import who_now
from api.forms import asks, problem, takes, unreadable
from layouts.feed.payloads.stream import Log
from models.access import NotAllowedError
from models.errors import KnockOnError
from models.wording import _
from usecases.live.rooms import Viewer
from usecases.live.watching import LeadForm, PageForm, Watching
from usecases.redaction import text_of

#: how a query calls the fields of a page
_ASKED = {"v": "page", "rev": "rev", "name": "name", "view": "view"}
Form = TypeVar("Form", bound=BaseModel)
# it would break streams off in the middle; ``api/serving.py`` ends them as they should
AppStatus.enable_automatic_graceful_drain = False


def register(server: FastAPI, live: Watching) -> None:
    """Connect the addresses. Posts must be declared as JSON, which no form of another site can."""

    @server.get("/api/stream", openapi_extra=asks(PageForm, s="scenario", **_ASKED))
    async def stream(request: Request) -> Response:
        query = request.query_params
        raw = {"scenario": query.get("s"), "page": query.get("v"), "rev": _rev_of(request)}
        raw |= {name: query[name] for name in ("name", "view") if name in query}
        try:
            page = PageForm.model_validate(raw)
            viewer = await live.open(page)
        except ValidationError:
            return unreadable()
        except NotAllowedError as error:
            return problem(text_of(error), 403)
        except KnockOnError as error:
            return JSONResponse({"error": text_of(error)}, 503, headers={"Retry-After": "10"})
        return _Events(live, viewer, request.scope)

    @server.get("/api/scenarios/{scenario}/news", openapi_extra=asks(PageForm, **_ASKED))
    async def news(request: Request, scenario: str) -> Response:
        query = request.query_params
        raw = {"scenario": scenario, "page": query.get("v", "polling0")}
        names = ("rev", "name", "view")
        return await _answered(
            PageForm, raw | {k: query[k] for k in names if k in query}, live.news
        )

    @server.get("/api/scenarios/{scenario}/log")
    async def log(scenario: str) -> Response:
        async def lines(page: PageForm) -> Log:
            return {"lines": await live.log(page.scenario)}

        return await _answered(PageForm, {"scenario": scenario, "page": "nobody00"}, lines)

    _register_posts(server, live)


def _register_posts(server: FastAPI, live: Watching) -> None:
    @server.post("/api/presence", openapi_extra=takes(PageForm))
    async def here(request: Request) -> Response:
        return await _posted(request, PageForm, live.here)

    @server.post("/api/lead", openapi_extra=takes(LeadForm))
    async def lead(request: Request) -> Response:
        async def led(form: LeadForm) -> dict[str, Never]:
            await live.lead(form)
            return {}

        return await _posted(request, LeadForm, led)


class _Events(EventSourceResponse):
    """A stream of events, until the page closes, its permission ends, or the server stops."""

    def __init__(self, live: Watching, viewer: Viewer, scope: Scope) -> None:
        # no ping: the room sends an event of its own, which the page's scripts can see
        super().__init__(live.events(viewer, lambda: who_now(scope)), ping=0)
        self._leave = partial(live.leave, viewer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send new events as soon as the page can receive them."""
        try:
            with suppress(OSError):  # the connection is lost
                await super().__call__(scope, receive, send)
        finally:
            # here, not in the generator: one that was never begun would clean up nothing
            self._leave()


def _rev_of(request: Request) -> str:
    """Return the revision that a page holds; on reconnecting, the header has the newer one."""
    return request.headers.get("last-event-id") or request.query_params.get("rev", "0")


async def _posted(
    request: Request, form: type[Form], work: Callable[[Form], Awaitable[Mapping[str, object]]]
) -> Response:
    if not request.headers.get("content-type", "").startswith("application/json"):
        return problem(_("The body must be application/json."), 415)
    return await _answered(form, await request.body(), work)


async def _answered(
    form: type[Form],
    raw: Mapping[str, Any] | bytes,
    work: Callable[[Form], Awaitable[Mapping[str, object]]],
) -> Response:
    try:
        if isinstance(raw, bytes):
            payload = form.model_validate_json(raw, strict=True)
        else:
            payload = form.model_validate(raw)
        result = await work(payload)
    except (ValidationError, RecursionError):
        return unreadable()
    except NotAllowedError as error:
        return problem(text_of(error), 403)
    except KnockOnError as error:
        return problem(text_of(error), 409)
    return JSONResponse(result, headers={"Cache-Control": "no-store"})
