"""Worlds from files. The interface is :func:`check_world` and other functions of ``reader``."""

from __future__ import annotations

from typing import Any

_OF_READER = ("check_world", "embedded_regions", "find_world", "read_world", "with_sha256")


def __getattr__(name: str) -> Any:
    """Return a function of the reader, which is imported lazily."""
    if name in _OF_READER:
        from data.worlds import reader

        return getattr(reader, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
