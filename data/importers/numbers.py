"""The numbers that decide how foreign data is read; ``import_numbers.csv`` has their sources."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

TABLE = Path(__file__).parent / "import_numbers.csv"


@lru_cache(maxsize=1)
def numbers() -> Mapping[str, float]:
    """Return all numbers by name; units ride in the names and stand in the table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["name"]: float(row["value"]) for row in csv.DictReader(file)}


def number(name: str) -> float:
    """Return one number by its name."""
    return numbers()[name]
