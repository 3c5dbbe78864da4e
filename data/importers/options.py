"""What a user says about the files to import."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Options:
    """How to read.

    ``crs`` is the reference system of files that state none. ``recipe`` says what columns mean.
    ``near`` is the box of the files read before. ``tick`` is called now and then; what it raises
    stops the reading. With ``peek``, tables are only shown to it: the layer (``Layer``), the part
    of the recipe for it, what its columns are taken for, and its kind.
    """

    crs: str | None = None
    recipe: Mapping[str, Any] = field(default_factory=dict)
    population: Path | None = None
    near: tuple[float, float, float, float] | None = None
    tick: Callable[[], None] = _nothing
    peek: Callable[[Any, Mapping[str, Any], Sequence[Any], str], None] | None = None

    def beside(self, box: tuple[float, float, float, float] | None) -> Options:
        """Return the options for a file that belongs to the same place as a box."""
        return self if box is None else replace(self, near=box)
