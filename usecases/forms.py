"""Validation of a page's payload with pydantic; problems become messages in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from models.errors import BadInputError
from models.wording import _

T = TypeVar("T")
#: most problems in one message
MOST_PROBLEMS = 5
_PART_LENGTH, _PLACE_LENGTH = 60, 80


class Strict(BaseModel):
    """No unknown fields, no guessing of types; whole numbers are valid hours."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def parse(form: TypeAdapter[T], sent: object, sentence: str, words: Mapping[str, str]) -> T:
    """Return a payload as a validated value.

    Parameters
    ----------
    form
        The type that the payload must have.
    sent
        The payload: untrusted JSON.
    sentence
        Marked text with ``{what}``, the frame of a message.
    words
        Marked texts for pydantic's types of problems; others keep pydantic's own message.

    Raises
    ------
    BadInputError
        One line per problem. Messages never repeat the payload: it may be long, or hostile.
    """
    try:
        return form.validate_python(sent)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)[:MOST_PROBLEMS]
        lines = [
            _(sentence).format(what=_place(problem) + _problem(problem, words))
            for problem in problems
        ]
        raise BadInputError(lines) from None


def _place(problem: Any) -> str:
    # the first part is the kind of action, which is untrusted text
    place = ".".join(str(part)[:_PART_LENGTH] for part in problem["loc"][1:])
    return f"{place[:_PLACE_LENGTH]}: " if place else ""


def _problem(problem: Any, words: Mapping[str, str]) -> str:
    text = words.get(problem["type"])
    return _(text).format(**problem.get("ctx", {})) if text else str(problem["msg"])
