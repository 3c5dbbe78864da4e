"""Read what a page posted, answer as JSON, say problems in words: what all addresses share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError

from models.wording import N_, _

Form = TypeVar("Form", bound=BaseModel)
_UNREADABLE = N_("The page sent an invalid request. Reload the page.")


async def read(request: Request, form: type[Form]) -> Form | Response:
    """Return what was posted, or the answer that refuses it.

    That it says to be JSON was asked at the door (``api/guard.py``).
    """
    try:
        return form.model_validate_json(await request.body())
    except (ValidationError, RecursionError):
        return unreadable()


def takes(form: type[BaseModel]) -> dict[str, Any]:
    """Return what OpenAPI is told of a body that is read as ``form``; for ``openapi_extra``."""
    return _body(_unfolded(form.model_json_schema()))


def takes_anything() -> dict[str, Any]:
    """Return what OpenAPI is told of a body of which the form is checked further in."""
    return _body({})


def asks(form: type[BaseModel], **named: str) -> dict[str, Any]:
    """Return what OpenAPI is told of a query: by the name in it, the field of ``form`` it is."""
    fields = form.model_json_schema()["properties"]
    told = [{"name": name, "in": "query", "schema": fields[field]} for name, field in named.items()]
    return {"parameters": told}


def _body(schema: Mapping[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


def _unfolded(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema with its parts in place: what it refers to by name, OpenAPI does not know."""
    parts = schema.get("$defs", {})

    def whole(one: Any) -> Any:
        if isinstance(one, list):
            return [whole(part) for part in one]
        if not isinstance(one, dict):
            return one
        if "$ref" in one:
            return whole(parts[one["$ref"].rpartition("/")[2]])
        return {name: whole(part) for name, part in one.items() if name != "$defs"}

    return dict(whole(schema))


def plain(value: Mapping[str, object], status: int = 200) -> Response:
    """Answer with JSON that nobody keeps."""
    return JSONResponse(value, status, headers={"Cache-Control": "no-store"})


def unreadable(*_asked: object) -> Response:
    """Answer to what is not of the form that an address takes; also as FastAPI's own answer."""
    return problem(_(_UNREADABLE), 400)


def problem(text: str, status: int) -> Response:
    """Answer with what is wrong."""
    return JSONResponse({"error": text}, status, headers={"Cache-Control": "no-store"})
