"""Tables as columns for the browser: small, and fast to read.

Three forms, distinguished by their JSON type and keys: a plain list; an array of numbers
``{"type": "u1", "b64": …}`` (little-endian, base64); and a coded column
``{"values": […], "codes": array}``, in which each row is a place in ``values``.
``page/base/columns.js`` reads them; :func:`read` does the same here.
"""

from __future__ import annotations

import base64
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike

from layouts.feed.payloads.tables import Array, Coded, Column

T = TypeVar("T", bound=Hashable)
#: whole numbers by the smallest type that holds them
_WHOLE = (("u1", 2**8), ("u2", 2**16), ("u4", 2**32))
#: codes are used if the list of distinct values is this many times shorter than the rows
_WORTH = 2


def numbers(values: ArrayLike) -> Array:
    """Return numbers as an array: whole ones from 0 as small as they fit, others as ``f8``."""
    array = np.asarray(values)
    kind = "f8"
    if array.size == 0:
        kind = "u1"
    elif array.dtype.kind in "iub":
        low, high = int(array.min()), int(array.max())
        kind = next((name for name, end in _WHOLE if low >= 0 and high < end), "f8")
    packed = array.astype(f"<{kind}").tobytes()
    text = base64.b64encode(packed).decode("ascii")
    return cast("Array", {"type": kind, "b64": text})


def coded(values: Iterable[T]) -> Column[T]:
    """Return values as indices into the list of distinct ones; unchanged if all are distinct."""
    rows = list(values)
    place: dict[T, int] = {}
    codes = [place.setdefault(value, len(place)) for value in rows]
    if len(place) * _WORTH > len(rows):
        return rows
    return {"values": list(place), "codes": numbers(np.array(codes, dtype=np.int64))}


def read(column: Column[Any]) -> list[Any]:
    """Return the rows of a column, whichever form it has."""
    if isinstance(column, list):
        return list(column)
    if "values" in column:
        listed = cast("Coded[Any]", column)
        return [listed["values"][code] for code in read(listed["codes"])]
    numbers = np.frombuffer(base64.b64decode(column["b64"]), dtype=f"<{column['type']}")
    rows: list[Any] = numbers.tolist()
    return rows


def table(columns: Mapping[str, Column[Any]]) -> list[dict[str, Any]]:
    """Return the rows of a table of columns that are equally long."""
    held = {name: read(column) for name, column in columns.items()}
    return [dict(zip(held, row, strict=True)) for row in zip(*held.values(), strict=True)]


def columns_of(rows: Sequence[Mapping[str, Any]], names: Iterable[str]) -> dict[str, Column[Any]]:
    """Return rows as coded columns."""
    return {name: coded(row[name] for row in rows) for name in names}
