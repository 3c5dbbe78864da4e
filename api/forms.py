"""Read what a page posted, answer as JSON, say problems in words: what all addresses share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, ValidationError

Form = TypeVar("Form", bound=BaseModel)
_UNREADABLE = "The page asked something that cannot be read. Reload the page."


class StrictForm(BaseModel):
    """No unknown fields, no guessing of types."""

    model_config = ConfigDict(extra="forbid", strict=True)


async def read(request: Request, form: type[Form]) -> Form | Response:
    """Return what was posted, or the answer that refuses it.

    That it says to be JSON was asked at the door (``api/guard.py``).
    """
    try:
        return form.model_validate_json(await request.body())
    except (ValidationError, RecursionError):
        return problem(_UNREADABLE, 400)


def plain(value: Mapping[str, Any], status: int = 200) -> Response:
    """Answer with JSON that nobody keeps."""
    return JSONResponse(value, status, headers={"Cache-Control": "no-store"})


def problem(text: str, status: int) -> Response:
    """Answer with what is wrong."""
    return JSONResponse({"error": text}, status, headers={"Cache-Control": "no-store"})
