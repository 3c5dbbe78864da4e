"""Checks of the stores that the page sends back: any client can send anything."""

from __future__ import annotations

import re
import secrets
from typing import Annotated
from urllib.parse import parse_qs

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.errors import BadInputError
from models.wording import _
from usecases.ports import Shown

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MARK = re.compile(r"([A-Za-z0-9_-]{12}):([0-9]{1,9})")
MAX_SELECTED = 2_000


class _Selection(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)
    assets: Annotated[
        list[Annotated[str, Field(max_length=200)]], Field(max_length=MAX_SELECTED)
    ] = []


def scenario_id(stored: object) -> str | None:
    """Return the id in the scenario store, None before the first change."""
    if stored is None:
        return None
    if not isinstance(stored, dict):
        raise BadInputError([_("The page sent an invalid scenario. Reload the page.")])
    name = stored.get("id")
    if name is None:
        return None
    if not isinstance(name, str) or not _ID.fullmatch(name):
        raise BadInputError([_("The page sent an invalid scenario id. Reload the page.")])
    return name


def shown(stored: object) -> Shown:
    """Return id and revision of the scenario on the page, None before the first change."""
    name = scenario_id(stored)
    if name is None or not isinstance(stored, dict):
        return None
    revision = stored.get("rev")
    if isinstance(revision, bool) or not isinstance(revision, int) or not 0 < revision < 2**53:
        raise BadInputError([_("The page sent an invalid revision. Reload the page.")])
    return name, revision


def address_id(search: object) -> str | None:
    """Return the scenario id of an address such as ``?s=ID&t=7.33``."""
    if not isinstance(search, str) or len(search) > 4_000:
        return None
    name = parse_qs(search.lstrip("?")).get("s", [""])[0]
    if not name:
        return None
    if not _ID.fullmatch(name):
        raise BadInputError([_("The scenario id in the address is not valid.")])
    return name


def selected(stored: object) -> list[str]:
    """Return the selected asset ids, none if they cannot be read."""
    try:
        return _Selection.model_validate(stored or {}).assets
    except ValidationError:
        return []


def clock_ms(stored: object) -> int:
    """Return the clock time in ms, 0 if missing or invalid."""
    t = stored.get("t_ms") if isinstance(stored, dict) else None
    usable = isinstance(t, int | float) and not isinstance(t, bool) and 0 <= t < 1e12
    return int(t) if usable and t is not None else 0


def viewer(mark: object) -> tuple[str, int]:
    """Return the viewer and the number of the request; a new viewer if the mark is unreadable."""
    match = _MARK.fullmatch(mark) if isinstance(mark, str) else None
    return (match[1], int(match[2])) if match else (secrets.token_urlsafe(9), 0)


def choice(value: object, allowed: tuple[str, ...]) -> str:
    """Return the value if it is allowed, otherwise the first allowed one."""
    return value if isinstance(value, str) and value in allowed else allowed[0]


def number(value: object, low: int, high: int, otherwise: int) -> int:
    """Return the value as a whole number, if it is within bounds.

    Parameters
    ----------
    value
        Value from the page, unchecked.
    low
        Lowest allowed value.
    high
        Highest allowed value.
    otherwise
        Returned if the value is no number or out of bounds.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        return otherwise
    return int(value)
