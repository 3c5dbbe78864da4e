"""Shared by all routes: reading a posted payload, answering with JSON, reporting problems."""

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
    """Return the validated payload, or the answer that refuses it.

    ``api/guard.py`` has checked that its content type is JSON.
    """
    try:
        return form.model_validate_json(await request.body())
    except (ValidationError, RecursionError):
        return unreadable()


def takes(form: type[BaseModel]) -> dict[str, Any]:
    """Return the OpenAPI description of a body that is read as ``form``; for ``openapi_extra``."""
    return _body(_unfolded(form.model_json_schema()))


def takes_anything() -> dict[str, Any]:
    """Return the OpenAPI description of a body whose form a use case validates."""
    return _body({})


def asks(form: type[BaseModel], **named: str) -> dict[str, Any]:
    """Return the OpenAPI description of a query: name in the query → field of ``form``."""
    fields = form.model_json_schema()["properties"]
    parameters = [
        {"name": name, "in": "query", "schema": fields[field]} for name, field in named.items()
    ]
    return {"parameters": parameters}


def _body(schema: Mapping[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


def _unfolded(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema with its references replaced: OpenAPI cannot resolve them."""
    parts = schema.get("$defs", {})

    def whole(schema_part: Any) -> Any:
        if isinstance(schema_part, list):
            return [whole(part) for part in schema_part]
        if not isinstance(schema_part, dict):
            return schema_part
        if "$ref" in schema_part:
            return whole(parts[schema_part["$ref"].rpartition("/")[2]])
        return {name: whole(part) for name, part in schema_part.items() if name != "$defs"}

    return dict(whole(schema))


def plain(value: Mapping[str, object], status: int = 200) -> Response:
    """Answer with JSON that is not cached."""
    return JSONResponse(value, status, headers={"Cache-Control": "no-store"})


def unreadable(*_asked: object) -> Response:
    """Answer to a payload with an invalid form; it also replaces FastAPI's own answer."""
    return problem(_(_UNREADABLE), 400)


def problem(text: str, status: int) -> Response:
    """Answer with the text of an error."""
    return JSONResponse({"error": text}, status, headers={"Cache-Control": "no-store"})
