"""Guesses the type of an asset: from its own cell, OpenStreetMap's tags, fuel, names of layers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from data.importers.osm_tags import Classifier
from data.importers.tables.rows import Sheet
from data.knowledge.reader import asset_types
from data.knowledge.synonyms import meanings, plain
from data.worlds.tables import Values
from models.errors import BadInputError, did_you_mean
from models.scenario import MAX_ID

UNKNOWN = "unknown"


class Types:
    """Guesses types of assets; what a recipe says goes first."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.fixed = sheet.recipe.get("asset_type")
        self.renamed = sheet.recipe.get("types", {})
        if self.fixed is not None and self.fixed not in asset_types():
            known = did_you_mean(str(self.fixed), asset_types(), "See the table of types.")
            text = f"the recipe's asset_type '{self.fixed}' is not known. {known}"
            raise BadInputError([f"{sheet.place}: {text}"])
        self.classify = Classifier()
        headers = set(sheet.layer.table.cells)
        self.tags = sorted(headers & {*self.classifier_keys()})
        self.by_layer = type_of_words(sheet.layer.name) or type_of_words(
            sheet.layer.file.rsplit("/", 1)[-1].split(".")[0]
        )
        self.unknown: Counter[str] = Counter()
        self.by_name: Counter[str] = Counter()

    def classifier_keys(self) -> tuple[str, ...]:
        """Return the keys that are tags and not columns that any table has."""
        return tuple(k for k in self.classify.keys if k not in ("name", "operator", "product"))

    def of(self, row: int, values: Values) -> str:
        """Return the type of a row; what nobody knows is counted."""
        if self.fixed:
            return str(self.fixed)
        stated = str(values.get("asset_type") or "").strip()
        if stated:
            result = self.renamed.get(stated) or type_of(stated)
            if result:
                return str(result)
        if self.tags:
            cells = self.sheet.layer.table.cells
            tags = {key: cells[key][row] for key in self.tags if cells[key][row]}
            kind = self.classify(tags) if tags else None
            if kind is not None:
                return kind.asset_type
        if stated:
            self.unknown[stated] += 1
            return stated[:MAX_ID]
        if values.get("fuel"):
            return "power_plant"
        if self.by_layer:
            return self.by_layer
        named = type_of_words(str(values.get("name") or ""))
        if named:
            self.by_name[named] += 1
            return named
        self.unknown[""] += 1
        return UNKNOWN

    def tell(self) -> None:
        """Add a finding for each type that is unknown or guessed."""
        sheet = self.sheet
        header = sheet.by_field["asset_type"].header if "asset_type" in sheet.by_field else None
        for stated, count in self.unknown.most_common(20):
            if stated:
                hint = did_you_mean(stated, asset_types(), "Say what it is in a recipe's 'types'.")
                text = f"the type '{stated[:60]}' of {count} rows is not known; kept as it is."
            else:
                hint = 'Say it in a recipe: {"asset_type": "hospital"}.'
                text = f"nothing tells the type of {count} rows."
            sheet.staged.find(sheet.layer.file, text, column=header, offer=hint)
        for kind, count in self.by_name.items():
            text = f"{count} rows are taken for {kind} by their names."
            sheet.staged.find(sheet.layer.file, text, offer="Add a column with the type.")


@lru_cache(maxsize=20_000)
def type_of(text: str) -> str | None:
    """Return the type of assets that a word means, in five languages; None if unknown."""
    if text in asset_types():
        return text
    known = meanings("asset_type", text)
    return known[0] if known else _labels().get(plain(text))


@lru_cache(maxsize=1)
def _labels() -> Mapping[str, str]:
    """Return the type of each label in plain letters."""
    result: dict[str, str] = {}
    for kind in asset_types().values():
        for label in (kind.asset_type, kind.label, kind.short_label):
            result.setdefault(plain(label), kind.asset_type)
    return result


def type_of_words(text: str) -> str | None:
    """Return the type that words within a name mean: the longest run of words that does."""
    words = re.findall(r"[^\W\d_]+", text)
    for size in range(min(3, len(words)), 0, -1):
        for start in range(len(words) - size + 1):
            run = " ".join(words[start : start + size])
            for term in (run, *(run.removesuffix(end) for end in ("s", "es", "en"))):
                result = type_of(term) if len(term) > 3 else None
                if result:
                    return result
    return None
