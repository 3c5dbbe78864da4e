"""HTTP for imports: begin, files, what they are, start, progress, cancel, close."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Mapping
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request, Response
from pydantic import Field
from starlette.requests import ClientDisconnect

from api.forms import plain, problem, read, takes, takes_anything
from models.access import NotAllowedError
from models.errors import KnockOnError
from models.wording import _
from usecases.forms import Strict
from usecases.redaction import text_of
from usecases.uploads import MAX_TITLE, Imports

_WHERE = "/api/imports"
_ONE = _WHERE + "/{import_id}"


class ImportForm(Strict):
    """How to read the files that have arrived; the recipe is checked where it is used."""

    title: Annotated[str, Field(max_length=MAX_TITLE)] = ""
    crs: Annotated[str, Field(max_length=MAX_TITLE)] = ""
    recipe: dict[str, Any] = Field(default_factory=dict)
    population: Annotated[int, Field(ge=0, lt=2**31)] | None = None


def register(server: FastAPI, imports: Imports) -> None:
    """Connect the addresses."""

    @server.post(_WHERE, openapi_extra=takes_anything())
    async def begin() -> Response:
        return await _answer(imports.begin(), 201)

    @server.get(_ONE)
    async def look(import_id: str) -> Response:
        return _found(imports.look(import_id))

    # the body goes to disk while it arrives (api/streamed.py)
    @server.put(_ONE + "/files")
    async def add(
        request: Request, import_id: str, name: Annotated[str, Query(max_length=1_000)] = ""
    ) -> Response:
        return await _answer(imports.add(import_id, name, _chunks(request)), 201)

    @server.delete(_ONE + "/files/{index}")
    async def drop(import_id: str, index: int) -> Response:
        return await _answer(imports.drop(import_id, index))

    _register_work(server, imports)


def _register_work(server: FastAPI, imports: Imports) -> None:
    """Connect what is done with files that have arrived."""

    @server.post(_ONE + "/preview", openapi_extra=takes(ImportForm))
    async def preview(request: Request, import_id: str) -> Response:
        payload = await read(request, ImportForm)
        if isinstance(payload, Response):
            return payload
        return await _answer(imports.preview(import_id, payload.model_dump()))

    @server.post(_ONE + "/start", openapi_extra=takes(ImportForm))
    async def start(request: Request, import_id: str) -> Response:
        payload = await read(request, ImportForm)
        if isinstance(payload, Response):
            return payload
        return await _answer(imports.start(import_id, payload.model_dump()), 202)

    @server.post(_ONE + "/cancel", openapi_extra=takes_anything())
    async def cancel(import_id: str) -> Response:
        return await _answer(imports.cancel(import_id))

    @server.delete(_ONE)
    async def close(import_id: str) -> Response:
        return plain({"closed": await imports.close(import_id)})


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    try:
        async for chunk in request.stream():
            yield chunk
    except ClientDisconnect:
        raise KnockOnError(_("The upload was interrupted.")) from None


async def _answer(work: Awaitable[Mapping[str, Any] | None], status: int = 200) -> Response:
    try:
        return _found(await work, status)
    except NotAllowedError:
        raise
    except KnockOnError as error:
        return problem(text_of(error), 409)


def _found(state: Mapping[str, Any] | None, status: int = 200) -> Response:
    if state is None:
        return problem(_("This import no longer exists. Start it again."), 404)
    return plain(state, status)
