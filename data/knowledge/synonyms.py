"""Synonyms of the ids of sectors, services, asset types and columns."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

FILE = Path(__file__).parent / "synonyms.csv"

Named = Literal["sector", "service", "asset_type", "column"]


def meanings(kind: Named, term: str) -> tuple[str, ...]:
    """Return the ids that a term may mean, the likeliest first; empty if it is unknown.

    Case, accents, hyphens and underscores make no difference.
    """
    return _synonyms().get((kind, plain(term)), ())


@lru_cache(maxsize=1)
def _synonyms() -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Return the ids by kind and plain term, in the order of the file."""
    meanings: dict[tuple[str, str], tuple[str, ...]] = {}
    with FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            key = (row["kind"], plain(row["term"]))
            if row["id"] not in (before := meanings.get(key, ())):
                meanings[key] = (*before, row["id"])
    return meanings


def plain(term: str) -> str:
    """Return a term without what people write in different ways."""
    parts = unicodedata.normalize("NFKD", term.casefold().replace("_", " ").replace("-", " "))
    return " ".join("".join(c for c in parts if not unicodedata.combining(c)).split())
