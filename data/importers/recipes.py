"""Recipes: a small JSON file that says what the columns of foreign tables mean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.errors import BadInputError

MAX_BYTES = 1_000_000


def read_recipe(path: Path | None) -> Mapping[str, Any]:
    """Return what a recipe says; nothing without one.

    Raises
    ------
    BadInputError
        If it is no JSON object of the known form.
    """
    if path is None:
        return {}
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadInputError([f"{path.name}: larger than 1 MB; a recipe is a small file."])
        plain = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadInputError([f"{path}: cannot be read ({error.strerror or error})."]) from error
    except (ValueError, RecursionError) as error:
        raise BadInputError([f"{path.name}: no JSON ({error})."]) from error
    if not isinstance(plain, dict):
        raise BadInputError([f'{path.name}: a recipe is an object, like {{"columns": {{…}}}}.'])
    return plain
