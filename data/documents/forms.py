"""JSON documents checked for their form by pydantic, every problem in the user's words."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from data.worlds.tables import hint
from models.errors import BadInputError

#: More problems of one document than this are counted, not listed.
MOST_PROBLEMS = 20


class Form(BaseModel):
    """A document's object: no unknown fields, no conversion, no infinite numbers."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)


_Checked = TypeVar("_Checked", bound=Form)


def checked_form(form: type[_Checked], plain: object) -> _Checked:
    """Return the document of a plain value, as JSON gives it.

    Raises
    ------
    BadInputError
        With one line per problem, each with its place in the document.
    """
    try:
        return form.model_validate(plain)
    except ValidationError as error:
        lines = [_line(detail, form) for detail in error.errors(include_url=False)]
        more = len(lines) - MOST_PROBLEMS
        raise BadInputError(
            [*lines[:MOST_PROBLEMS], *([f"... and {more} more problems."] if more > 0 else [])]
        ) from None


def _line(detail: Any, form: type[Form]) -> str:
    steps, kind, limits = detail["loc"], detail["type"], detail.get("ctx", {})
    place = "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in steps).lstrip(".")
    shown = json.dumps(detail["input"], default=str, ensure_ascii=True)[:60]
    if kind == "extra_forbidden":
        names = list(form.model_fields)
        otherwise = f"There are {', '.join(names)}." if len(steps) == 1 else "Remove it."
        text = f"no such field. {hint(str(steps[-1]), names, otherwise)}"
    elif kind in _TEXTS:
        text = _TEXTS[kind].format(shown=shown, **limits)
    else:
        text = f"{shown}: {detail['msg']}."
    return f"{place or 'the document'}: {text}"


_TEXTS = {
    "missing": "missing.",
    "finite_number": "{shown} is not a finite number.",
    "greater_than_equal": "{shown} is below {ge:g}.",
    "greater_than": "{shown} must be above {gt:g}.",
    "less_than_equal": "{shown} is above {le:g}.",
    "string_too_long": "longer than {max_length} characters.",
    "string_too_short": "empty.",
    "too_long": "more than {max_length} entries.",
    "too_short": "fewer than {min_length} entries.",
    "float_type": "{shown} is not a number.",
    "int_type": "{shown} is not a whole number.",
    "string_type": "{shown} is not a text.",
    "bool_type": "{shown} is not true or false.",
    "list_type": "{shown} is not a list.",
    "tuple_type": "{shown} is not a list.",
    "literal_error": "{shown} is not one of {expected}.",
} | dict.fromkeys(("model_type", "dict_type"), "{shown} is not an object.")
