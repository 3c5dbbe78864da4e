"""The numbers that decide about people, demand and edges: ``neubrandenburg_numbers.csv``.

None of them stands in the code. Texts that repeat one are filled in from the table.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

TABLE = Path(__file__).parent / "neubrandenburg_numbers.csv"


@dataclass(frozen=True, slots=True)
class Number:
    """One row: a number in its unit, how sure it is, and where it comes from."""

    name: str
    value: float
    unit: str
    confidence: str
    source: str
    note: str


@lru_cache(maxsize=1)
def table() -> Mapping[str, Number]:
    """Return all numbers by name, in the order of the file."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        row["name"]: Number(
            row["name"],
            float(row["value"]),
            row["unit"],
            row["confidence"],
            row["source"],
            row["note"],
        )
        for row in rows
    }


def value(name: str) -> float:
    """Return a number by its name."""
    return table()[name].value


def filled(text: str) -> str:
    """Return a text with ``{name}`` replaced by the number, ``_m`` as ``_km`` in km."""
    values = {name: f"{number.value:g}" for name, number in table().items()}
    values |= {
        f"{name.removesuffix('_m')}_km": f"{number.value / 1000:g}"
        for name, number in table().items()
        if number.unit == "m"
    }
    return text.format_map(values)
