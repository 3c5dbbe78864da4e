"""Which features of a collection a request selects: by box, property or CQL2, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models.errors import BadInputError
from models.wording import N_, _
from usecases.knowledge.features import Collection

#: Features on one page, at most and unless the request says otherwise.
MOST_FEATURES, USUAL_FEATURES = 10_000, 1_000
#: Longest filter, in letters, and its deepest nesting.
MAX_FILTER, MAX_DEPTH = 4_000, 40
#: Features that a filter looks at; a box or a property narrows them before.
MOST_FILTERED = 100_000


@dataclass(frozen=True)
class Selection:
    """What a request asks for: a box in degrees, properties, a filter, and a page."""

    bbox: tuple[float, float, float, float] | None = None
    equal: Mapping[str, str] = field(default_factory=dict)
    cql2: str | None = None
    offset: int = 0
    limit: int = USUAL_FEATURES


@dataclass(frozen=True)
class Page:
    """The places of the features on a page, and how many are selected in all."""

    places: Sequence[int]
    matched: int


def select(collection: Collection, wanted: Selection) -> Page:
    """Return the features that a request selects.

    Raises
    ------
    BadInputError
        If the filter is no CQL2, or would have to look at too many features.
    """
    count = len(collection.features)
    places: Sequence[int] = range(count)
    if wanted.bbox is not None:
        places = [int(place) for place in np.flatnonzero(_in_box(collection, wanted.bbox))]
    for name, text in wanted.equal.items():
        places = [p for p in places if _same(collection.features[p]["properties"].get(name), text)]
    if wanted.cql2 is not None:
        places = _filtered(collection, places, wanted.cql2)
    return Page(places[wanted.offset : wanted.offset + wanted.limit], len(places))


def _in_box(
    collection: Collection, box: tuple[float, float, float, float]
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    west, south, east, north = box
    x0, y0, x1, y1 = collection.bounds.T
    within = (y1 >= south) & (y0 <= north)
    # a box whose west is above its east crosses the antimeridian
    across = (x1 >= west) & (x0 <= east) if west <= east else (x1 >= west) | (x0 <= east)
    return np.asarray(within & across)


def _same(value: Any, text: str) -> bool:
    if isinstance(value, bool):
        return str(value).lower() == text.lower()
    if isinstance(value, int | float):
        try:
            return float(text) == value
        except ValueError:
            return False
    return (value or "") == text


def _filtered(collection: Collection, places: Sequence[int], text: str) -> list[int]:
    expression = _parsed(text)
    known = collection.features[0]["properties"] if collection.features else {}
    for name in _properties_of(expression.to_json()):
        if known and name not in known and name != "geometry":
            raise BadInputError([_(_NO_PROPERTY).format(name=name[:60])])
    if len(places) > MOST_FILTERED:
        limit = f"{MOST_FILTERED:,}"
        raise BadInputError([_(_TOO_MANY).format(count=f"{len(places):,}", limit=limit)])
    return [place for place in places if _matches(expression, collection.features[place])]


def _matches(expression: Any, feature: Mapping[str, Any]) -> bool:
    """Return whether a filter holds; as in SQL, what compares with nothing stated does not."""
    try:
        return bool(expression.matches(feature))
    except Exception as error:
        if "Could not reduce" in str(error):
            return False
        raise BadInputError([_(_NO_FILTER).format(reason=_reason(error))]) from None


def _properties_of(part: Any) -> Iterator[str]:
    """Yield the properties that a filter names."""
    if isinstance(part, Mapping):
        if isinstance(part.get("property"), str):
            yield part["property"]
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from _properties_of(inner)


def _parsed(text: str) -> Any:
    import cql2  # slow to import, and rarely needed

    depth = deepest = 0
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        deepest = max(deepest, depth)
    if len(text) > MAX_FILTER or deepest > MAX_DEPTH:
        raise BadInputError([_(_TOO_LONG).format(length=MAX_FILTER, depth=MAX_DEPTH)])
    try:
        return cql2.Expr(text)
    except Exception as error:
        raise BadInputError([_(_NO_FILTER).format(reason=_reason(error))]) from None


def _reason(error: Exception) -> str:
    """Return the last line of an error, which says what was expected."""
    return (str(error).strip().splitlines() or [""])[-1].strip(" =")[:200]


_NO_PROPERTY = N_("The filter names '{name}', which is no property of this collection.")
_TOO_LONG = N_("The filter is too long: up to {length} letters, nested up to {depth} deep.")
_NO_FILTER = N_("The filter is not CQL2: {reason}")
_TOO_MANY = N_("A filter looks at up to {limit} features; {count} are left. Add a bbox.")
