"""HTTP for screenings (start, progress, stop), and for the losses of one more knock-out."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Annotated, Literal

from fastapi import FastAPI, Request, Response
from pydantic import Field

from api.forms import plain, problem, read, takes
from models.errors import KnockOnError
from models.wording import _
from usecases.forms import Strict
from usecases.ports import Shown
from usecases.redaction import text_of
from usecases.screening import Screenings

_WHERE = "/api/screenings"
_LAST_MS = 87_600 * 3_600_000


class ScreeningForm(Strict):
    """The scenario and hour that a page shows."""

    scenario: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None
    rev: Annotated[int, Field(ge=0, lt=2**53)] = 0
    at_ms: Annotated[int, Field(ge=0, le=_LAST_MS)] = 0

    @property
    def shown(self) -> Shown:
        """Return id and revision of the shown scenario; None before the first change."""
        return None if self.scenario is None else (self.scenario, self.rev)


class _Screen(ScreeningForm):
    kind: Literal["single", "pairs"] = "single"


class _WhatIf(ScreeningForm):
    asset: Annotated[str, Field(min_length=1, max_length=200)]


def register(server: FastAPI, screenings: Screenings) -> None:
    """Connect the addresses."""

    @server.post(_WHERE, openapi_extra=takes(_Screen))
    async def begin(request: Request) -> Response:
        payload = await read(request, _Screen)
        if isinstance(payload, Response):
            return payload
        return await answer(screenings.start(payload.shown, payload.at_ms, payload.kind), 202)

    @server.get(_WHERE + "/{name}")
    async def look(name: str) -> Response:
        return _found(screenings.look(name))

    @server.delete(_WHERE + "/{name}")
    async def stop(name: str) -> Response:
        return _found(await screenings.cancel(name))

    @server.post("/api/what-if", openapi_extra=takes(_WhatIf))
    async def what_if(request: Request) -> Response:
        payload = await read(request, _WhatIf)
        if isinstance(payload, Response):
            return payload
        return await answer(screenings.what_if(payload.shown, payload.at_ms, payload.asset), 200)


async def answer(work: Awaitable[Mapping[str, object]], status: int) -> Response:
    """Answer with the result of the work, or with the reason why there is none."""
    try:
        return plain(await work, status)
    except KnockOnError as error:
        return problem(text_of(error), 409)


def _found(state: Mapping[str, object] | None) -> Response:
    if state is None:
        return problem(_("This screening no longer exists. Start it again."), 404)
    return plain(state)
