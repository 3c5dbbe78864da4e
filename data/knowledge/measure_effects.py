"""Reads the table of what measures do, cost and rule out."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from models.risk.options import Effect

FILE = Path(__file__).parent / "measure_effects.csv"
_NUMBERS = ("low", "mode", "high", "cost_eur", "place_h")


@lru_cache(maxsize=1)
def measure_effects() -> Mapping[str, Effect]:
    """Return what each measure does, by name, in the order of the file."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["measure"]: _effect(row) for row in rows}


def _effect(row: Mapping[str, str]) -> Effect:
    conflicts = tuple(filter(None, row["conflicts"].split("|")))
    texts = {k: v for k, v in row.items() if k not in (*_NUMBERS, "conflicts")}
    numbers = {name: float(row[name]) for name in _NUMBERS}
    return Effect(**texts, **numbers, conflicts=conflicts)  # type: ignore[arg-type]
