"""What the tables know that turning foreign records into a world needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models.knowledge.rules import Override, Rule


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Rules, general overrides, and numbers by name (``import_numbers.csv``)."""

    rules: tuple[Rule, ...]
    overrides: tuple[Override, ...]
    numbers: Mapping[str, float]
