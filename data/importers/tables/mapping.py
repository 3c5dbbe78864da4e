"""Guesses what the columns of a foreign table are, from headers in five languages.

A header may carry a unit: ``Leistung [MW]``, ``Autonomie (min)``, ``height_m``, ``Länge in km``.
A recipe says what the guess gets wrong; it is a small JSON object::

    {"columns": {"Anlage": "name", "Sp.": {"field": "voltage_kv", "unit": "V"}, "foo": null},
     "layers": {"stationen": {"kind": "assets", "asset_type": "substation_mv",
                              "columns": {…}, "skip": false}},
     "types": {"KH": "hospital"}, "crs": "EPSG:25833", "bad_rows": "leave_out"}
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from data.knowledge.synonyms import meanings, plain
from data.worlds.columns import Column
from data.worlds.schema import COLUMNS
from models.errors import BadInputError, did_you_mean

FOLDER = Path(__file__).parent.parent
#: field → unit that its values are kept in
UNIT_OF = {
    "repair_h": "h", "restart_h": "h", "autonomy_h": "h", "recharge_h": "h", "length_m": "m",
    "voltage_kv": "kV",
}  # fmt: skip
#: Fields that keep their unit: it goes into the column ``unit``.
KEEPS_UNIT = ("capacity", "supply", "demand")
_NUMBERS = ("x", "y", "supply", "demand", "autonomy_h", "recharge_h", "share", "voltage_kv",
            "length_m", "capacity")  # fmt: skip
_UNIT = re.compile(
    r"^(?P<name>.*?)\s*(?:[\[(](?P<in>[^\])]{1,12})[\])]|\bin (?P<word>\S{1,8}))\s*$"
)
#: A header is compared with terms that are spelt at least this much alike, in %.
_ALIKE = 90


def _columns() -> dict[str, Column]:
    """Return the column of each field, as the checks of tables take it."""
    result: dict[str, Column] = {}
    for table in ("assets", "links", "dependencies", "flows", "people"):
        for column in COLUMNS[table]:
            result.setdefault(column.name, column)
    for name in _NUMBERS:
        if name in ("x", "y"):
            result[name] = Column(name, "number", default=None)
        else:
            result[name] = Column(name, "number", default=None, low=0)
    texts = ("asset_type", "sector", "supplier_id", "consumer_id", "from_id", "to_id", "service",
             "fuel", "epsg", "confidence", "kind", "provides", "source_of")  # fmt: skip
    for name in texts:
        result[name] = Column(name, "text")
    result["people"] = Column("people", "number", default=None, low=0, high=1e10)
    for name in ("asset_id", "link_id", "cell_id", "group_id"):
        result[name] = Column(name, "id", default="")
    return result


FIELDS: Mapping[str, Column] = _columns()


@dataclass(frozen=True, slots=True)
class Mapped:
    """What one column is: a field, and by what its numbers are multiplied."""

    header: str
    field: str
    factor: float = 1.0
    unit: str = ""
    how: str = "guess"


def map_columns(headers: Sequence[str], recipe: Mapping[str, Any], place: str) -> list[Mapped]:
    """Return what each column is that is known; every field at most once.

    Parameters
    ----------
    headers
        Names of the columns.
    recipe
        The part of a recipe that is about this table: its ``columns``.
    place
        What a message names.

    Raises
    ------
    BadInputError
        If the recipe names a column or a field that there is not.
    """
    stated = recipe.get("columns", {})
    if not isinstance(stated, dict):
        raise BadInputError([f"{place}: 'columns' of the recipe is no object."])
    result: dict[str, Mapped] = {}
    settled: set[str] = set()
    for header, meant in stated.items():
        if header not in headers:
            continue
        settled.add(header)
        if meant is None:
            continue
        mapped = _stated(header, meant, place)
        result[mapped.field] = mapped
    for exactness in (_exact, _synonym, _similar):
        for header in headers:
            guess = None if header in settled else exactness(header)
            if guess is not None and guess.field not in result:
                result[guess.field] = guess
                settled.add(header)
    if "lon" in result and "x" in result and result["x"].how != "recipe":
        result.pop("x")
        result.pop("y", None)
    return list(result.values())


def _stated(header: str, meant: Any, place: str) -> Mapped:
    stated = {"field": meant} if isinstance(meant, str) else meant
    field = stated.get("field") if isinstance(stated, dict) else None
    if not isinstance(field, str) or field not in FIELDS:
        hint = did_you_mean(str(field), FIELDS, f"Fields are {', '.join(FIELDS)}.")
        raise BadInputError([f"{place}: the recipe says '{field}' of column '{header}'. {hint}"])
    unit = str(stated.get("unit", "")) or split_unit(header)[1]
    return _with_unit(header, field, unit, "recipe")


def _with_unit(header: str, field: str, unit: str, how: str) -> Mapped:
    target = UNIT_OF.get(field)
    known = units().get(unit.casefold())
    if known is None:
        return Mapped(header, field, 1.0, unit if field in KEEPS_UNIT else "", how)
    to, factor = known
    if target is None:
        return Mapped(header, field, factor, to if field in KEEPS_UNIT else "", how)
    return Mapped(header, field, factor if to == target else 1.0, "", how)


def split_unit(header: str) -> tuple[str, str]:
    """Return a header without its unit, and the unit; empty where it has none."""
    match = _UNIT.match(header)
    if match:
        unit = (match["in"] or match["word"]).strip()
        if unit.casefold() in units():
            return match["name"].strip(), unit
    for separator in ("_", " "):
        name, _, unit = header.rpartition(separator)
        if name and unit.casefold() in units() and len(unit) <= 4:
            return name, unit
    return header, ""


def _exact(header: str) -> Mapped | None:
    field = header.strip().casefold().replace(" ", "_").replace("-", "_")
    if field in FIELDS:
        return Mapped(header, field, how="name")
    return None


def _synonym(header: str) -> Mapped | None:
    name, unit = split_unit(header)
    for text in dict.fromkeys((header, name)):
        field = terms().get(plain(text)) or next(iter(meanings("column", text)), None)
        if field in FIELDS:
            return _with_unit(header, str(field), unit if text == name else "", "synonym")
    return None


def _similar(header: str) -> Mapped | None:
    from rapidfuzz import fuzz, process

    name, unit = split_unit(header)
    asked = plain(name)
    if len(asked) < 5:
        return None
    hit = process.extractOne(asked, terms().keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return _with_unit(header, terms()[hit[0]], unit, "similar") if hit else None


@lru_cache(maxsize=1)
def terms() -> Mapping[str, str]:
    """Return the field of each known header, in plain letters."""
    with (FOLDER / "column_synonyms.csv").open(encoding="utf-8", newline="") as file:
        result: dict[str, str] = {}
        for row in csv.DictReader(file):
            result.setdefault(plain(row["term"]), row["field"])
        return result


@lru_cache(maxsize=1)
def units() -> Mapping[str, tuple[str, float]]:
    """Return (unit it is turned into, factor) of each known unit, in small letters."""
    with (FOLDER / "units.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["unit"].casefold(): (row["target"], float(row["factor"]))
            for row in csv.DictReader(file)
        }
