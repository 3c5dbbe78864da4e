"""Tables as they travel: as columns (``layouts/feed/columns.py``)."""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

from typing_extensions import TypedDict

T = TypeVar("T")


class Array(TypedDict):
    """Numbers: little-endian, in base64."""

    type: Literal["u1", "u2", "u4", "f8"]
    b64: str


class Coded(TypedDict, Generic[T]):
    """A column in which each row is a place in ``values``."""

    values: list[T]
    codes: Array


Column = list[T] | Array | Coded[T]
