"""Definition of a column of a foreign table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Column:
    """Name, type and permitted values of a column.

    ``required``: the column must be there and no cell may be empty. ``low`` and ``high`` bound
    a number, inclusive; ``above`` is an exclusive bound. Limits of all numbers are in
    ``data/worlds/numbers.py``. An ``id`` names something in addresses, files and other rows.
    """

    name: str
    kind: Literal["text", "id", "number", "whole", "flag", "list", "geometry", "tlp"] = "text"
    required: bool = False
    default: Any = ""
    low: float | None = None
    high: float | None = None
    above: float | None = None
    choices: tuple[str, ...] = ()
