"""What a page sends is checked by pydantic; what is wrong with it is said in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from models.errors import BadInputError
from models.wording import _

T = TypeVar("T")
#: so many problems are named
MOST_PROBLEMS = 5
_PART_LENGTH, _PLACE_LENGTH = 60, 80


class Strict(BaseModel):
    """No unknown fields, no guessing of types; whole numbers may stand for hours."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def parse(form: TypeAdapter[T], sent: object, sentence: str, words: Mapping[str, str]) -> T:
    """Return what was sent as a checked value.

    Parameters
    ----------
    form
        What it has to be.
    sent
        What came, by JSON from a stranger.
    sentence
        Marked text with ``{what}``, in which a problem is said.
    words
        Marked texts for pydantic's types of problems; others are said in its own words.

    Raises
    ------
    BadInputError
        One line per problem. Nothing that was sent is repeated: it may be long, or hostile.
    """
    try:
        return form.validate_python(sent)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)[:MOST_PROBLEMS]
        lines = [_(sentence).format(what=_place(one) + _problem(one, words)) for one in found]
        raise BadInputError(lines) from None


def _place(one: Any) -> str:
    # the first part is the kind of action, which somebody may have made up
    place = ".".join(str(part)[:_PART_LENGTH] for part in one["loc"][1:])
    return f"{place[:_PLACE_LENGTH]}: " if place else ""


def _problem(one: Any, words: Mapping[str, str]) -> str:
    known = words.get(one["type"])
    return _(known).format(**one.get("ctx", {})) if known else str(one["msg"])
