"""HTTP for the library of worlds: what there is, and what users do with an entry."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from api.forms import problem, read, takes
from models.access import NotAllowedError
from models.errors import KnockOnError
from usecases.forms import Strict
from usecases.redaction import text_of
from usecases.worlds.shelf import Shelf

_WHERE = "/api/library"


class _Act(Strict):
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    do: Literal["rename", "copy", "archive", "unarchive", "delete", "restore"]
    title: Annotated[str, Field(max_length=240)] = ""


def register(server: FastAPI, shelf: Shelf) -> None:
    """Connect the addresses."""

    @server.get(_WHERE)
    async def library() -> Response:
        return await _answer(shelf.entries())

    @server.post(_WHERE, openapi_extra=takes(_Act))
    async def act(request: Request) -> Response:
        payload = await read(request, _Act)
        if isinstance(payload, Response):
            return payload
        return await _answer(shelf.act(payload.id, payload.do, payload.title))

    @server.get(_WHERE + "/{world_id}/history")
    async def history(world_id: str) -> Response:
        return await _answer(shelf.history(world_id[:64]))


async def _answer(work: Awaitable[Any]) -> Response:
    try:
        return JSONResponse(await work, headers={"Cache-Control": "no-store"})
    except NotAllowedError as error:
        return problem(text_of(error), 403)
    except KnockOnError as error:
        return problem(text_of(error), 409)
