"""What the page's stores may contain when they come back: checked, since anybody can send them."""

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
_ASKED = re.compile(r"([A-Za-z0-9_-]{12}):([0-9]{1,9})")
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
    """Return id and revision of what the page shows, None before the first change."""
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
    """Return the selected asset ids; what cannot be read counts as nothing selected."""
    try:
        return _Selection.model_validate(stored or {}).assets
    except ValidationError:
        return []


def clock_ms(stored: object) -> int:
    """Return the clock's time, 0 where there is none."""
    t = stored.get("t_ms") if isinstance(stored, dict) else None
    usable = isinstance(t, int | float) and not isinstance(t, bool) and 0 <= t < 1e12
    return int(t) if usable and t is not None else 0


def viewer(mark: object) -> tuple[str, int]:
    """Return the viewer and the number of the request; a new viewer if the mark is unreadable."""
    match = _ASKED.fullmatch(mark) if isinstance(mark, str) else None
    return (match[1], int(match[2])) if match else (secrets.token_urlsafe(9), 0)


def choice(value: object, allowed: tuple[str, ...]) -> str:
    """Return one of the allowed values, the first where it is none of them."""
    return value if isinstance(value, str) and value in allowed else allowed[0]


def number(value: object, low: int, high: int, otherwise: int) -> int:
    """Return a whole number within bounds.

    Parameters
    ----------
    value
        What the page sent.
    low
        The least that is allowed.
    high
        The most that is allowed.
    otherwise
        What counts where the value is none of these.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        return otherwise
    return int(value)
