"""Foreign tables: from cells of text to checked Python values.

Every cell is text, whatever the file, so that one set of checks serves all formats. Files are read
by ``csv_text``, ``json_text``, ``spatial`` and ``geopackage``. This module does not depend on the
meaning of tables; ``data/worlds/schema.py`` defines their columns.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import shapely
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from data.knowledge.synonyms import meanings
from data.worlds.columns import Column
from data.worlds.numbers import CellError, has_decimal_comma, number_cell, whole_cell
from models.access import LABELS
from models.errors import did_you_mean
from models.lettering import (
    escaped,
    first_unshown,
    has_half_letter,
    has_unshown,
)
from models.scenario import MAX_ID

#: Largest file of a table; 300,000 assets take about 40 MB.
MAX_TABLE_BYTES = 200_000_000
#: Most rows reported for one kind of problem in one column; the others are counted.
MAX_TOLD = 20
#: With more known ids, a hint only considers those that share a half with the wrong one.
MANY_IDS = 20_000
#: Longest line of a problem, in letters.
MAX_LINE = 2_000
#: Separator of the entries of a list in one cell.
LIST_SEPARATOR = "|"
GEOMETRY = "geometry"

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of one table as text, with the place of every row in its file.

    ``may_have_commas``: commas do not separate cells, so decimals may have one. ``is_whole``:
    False if rows of the file could not be read and are missing.
    """

    place: str
    unit: str
    numbers: tuple[int, ...]
    cells: Mapping[str, tuple[str, ...]]
    geometries: tuple[BaseGeometry | None, ...] | None = None
    may_have_commas: bool = False
    is_whole: bool = True

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns, geometry included."""
        own = (GEOMETRY,) if self.geometries is not None else ()
        return (*self.cells, *own)


@dataclass(slots=True)
class Findings:
    """Problems and warnings about foreign data, in the order in which they were found."""

    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    _untold: dict[tuple[str, str, str], int] = field(default_factory=lambda: defaultdict(int))
    _rows: set[tuple[str, int]] = field(default_factory=set)
    _cells: set[tuple[str, int, str]] = field(default_factory=set)

    def problem(self, place: str, text: str) -> None:
        """Add a problem of a whole file."""
        self.problems.append(_line(f"{place}: {text}"))

    def warn(self, place: str, text: str) -> None:
        """Add a warning."""
        self.warnings.append(_line(f"{place}: {text}"))

    def row(self, table: Table, row: int, column: str, text: str, sort: str = "") -> None:
        """Add a problem of one row and column.

        For each ``sort`` of problem in a column only the first ``MAX_TOLD`` rows are reported.

        Parameters
        ----------
        table
            The table with its name and rows.
        row
            Number of the row, as users count them.
        column
            Name of the column.
        text
            The problem.
        sort
            Problems of one sort are folded after a few.
        """
        self._rows.add((table.place, row))
        self._cells.add((table.place, row, column))
        key = (table.place, column, sort)
        self._untold[key] += 1
        if self._untold[key] <= MAX_TOLD:
            self.problem(f"{table.place}, {table.unit} {row}, column {column}", text)

    def is_told(self, table: Table, column: str, sort: str) -> bool:
        """Return whether another problem of this sort would be reported in full.

        Parameters
        ----------
        table
            The table with its name and rows.
        column
            Name of the column.
        sort
            Problems of one sort are folded after a few.
        """
        return self._untold.get((table.place, column, sort), 0) < MAX_TOLD

    def has(self, table: Table, row: int, column: str | None = None) -> bool:
        """Return whether the row, or its cell in a column, has a problem already.

        Parameters
        ----------
        table
            The table with its name and rows.
        row
            Number of the row, as users count them.
        column
            Name of the column; None for any.
        """
        if column is not None:
            return (table.place, row, column) in self._cells
        return (table.place, row) in self._rows

    def close(self) -> None:
        """Report the number of further rows with each problem; call once, at the end."""
        for (place, column, _sort), count in self._untold.items():
            if count > MAX_TOLD:
                more = count - MAX_TOLD
                self.problem(f"{place}, column {column}", f"{more} more rows with this problem.")
        self._untold.clear()


def _line(text: str) -> str:
    """Return a problem as one line of bounded length."""
    line = escaped(text[:MAX_LINE])
    return line if len(text) <= MAX_LINE else f"{line} …"


def hint(wrong: str, known: Iterable[str], otherwise: str, meant: Iterable[str] = ()) -> str:
    """Return a hint like :func:`~models.errors.did_you_mean`, fast even with very many ids.

    Parameters
    ----------
    wrong, known, otherwise, meant
        As there; of more than ``MANY_IDS`` known ids only similar ones are compared.

    Returns
    -------
    One sentence.
    """
    names = list(known)
    if len(names) > MANY_IDS:
        half = len(wrong) // 2 or 1
        names = [n for n in names if n.startswith(wrong[:half]) or n.endswith(wrong[-half:])]
        names = [n for n in names if abs(len(n) - len(wrong)) <= 2][:MANY_IDS]
    return did_you_mean(wrong, names, otherwise, meant)


def cell_text(content: Any) -> str:
    """Return one cell as the text it would have in a CSV file; None is an empty text."""
    if content is None:
        return ""
    if isinstance(content, bool | np.bool_):
        return "true" if content else "false"
    if isinstance(content, list | tuple):
        return LIST_SEPARATOR.join(cell_text(entry) for entry in content)
    if isinstance(content, dict):
        return json.dumps(content, sort_keys=True)
    return str(content).strip()


# --- tables to values ------------------------------------------------------------------------


def rows(
    table: Table, columns: Iterable[Column], findings: Findings
) -> Iterator[tuple[int, Values]]:
    """Return each row's number and checked values; a bad cell is reported and gets the default.

    If a required column is missing there are no rows.

    Parameters
    ----------
    table
        The table with its name and rows.
    columns
        The columns of such a table.
    findings
        Where problems are noted.
    """
    columns = tuple(columns)
    absent = [c.name for c in columns if c.required and c.name not in table.columns]
    for name in absent:
        columns_there = f"It has {', '.join(table.columns)}."
        meant = [column for column in table.columns if name in meanings("column", column)]
        other = hint(name, table.columns, columns_there, meant)
        findings.problem(table.place, f"the column {name} is missing. {other}")
    if absent:
        return iter(())
    present = [column for column in columns if column.name in table.columns]
    defaults = {c.name: c.default for c in columns if c.name not in table.columns}
    comma = table.may_have_commas and _writes_commas(table, present)
    values = [_column(table, column, findings, comma=comma) for column in present]
    names = [column.name for column in present]
    return (
        (number, defaults | dict(zip(names, row, strict=True)))
        for number, row in zip(table.numbers, zip(*values, strict=True), strict=True)
    )


def with_known_names(table: Table, columns: Iterable[Column], findings: Findings) -> Table | None:
    """Return a table with our names of columns, regardless of their case in the file.

    None, with a problem reported, if two columns then have the same name.

    Parameters
    ----------
    table
        The table with its name and rows.
    columns
        The columns of such a table.
    findings
        Where problems are noted.
    """
    declared = {column.name.casefold(): column.name for column in columns}
    names = {name: declared.get(name.casefold(), name) for name in table.cells}
    if table.geometries is not None:
        names = {name: new for name, new in names.items() if new != GEOMETRY}
    if len(set(names.values())) < len(names):
        twice = sorted(old for old, new in names.items() if list(names.values()).count(new) > 1)
        findings.problem(table.place, f"columns appear twice: {', '.join(twice)}.")
        return None
    return replace(table, cells={new: table.cells[old] for old, new in names.items()})


def _writes_commas(table: Table, columns: Iterable[Column]) -> bool:
    """Return whether a number of the table has a decimal comma."""
    numbers = [c.name for c in columns if c.kind in ("number", "whole") and c.name in table.cells]
    return any(has_decimal_comma(cell) for name in numbers for cell in table.cells[name])


def _column(table: Table, column: Column, findings: Findings, *, comma: bool) -> list[Any]:
    if column.name == GEOMETRY and table.geometries is not None:
        return list(table.geometries)
    parse = _PARSERS[column.kind]
    if comma and column.kind in ("number", "whole"):
        parse = _WITH_COMMAS[column.kind]
    parsed = []
    for number, cell in zip(table.numbers, table.cells[column.name], strict=True):
        try:
            parsed.append(_cell(cell, column, parse))
        except CellError as error:
            findings.row(table, number, column.name, str(error), "cell")
            parsed.append(column.default)
    return parsed


def _cell(cell: str, column: Column, parse: Callable[[str, Column], Any]) -> Any:
    if cell:
        return parse(cell, column)
    if column.required:
        raise CellError("the cell is empty.")
    return column.default


def _text_cell(cell: str, column: Column) -> str:
    """Return a text with control characters, line ends and bidi overrides escaped."""
    if column.choices and cell not in column.choices:
        allowed = f"It is one of {', '.join(column.choices)}."
        raise CellError(f"'{cell}' is not known. {hint(cell, column.choices, allowed)}")
    _require_letters(cell)
    return escaped(cell)


def _id_cell(cell: str, column: Column) -> str:
    """Return an id; ids are compared by character, so invisible characters are refused."""
    _require_letters(cell)
    if has_unshown(cell):
        what = "a control letter, a line end or a letter that turns the text round"
        raise CellError(f"'{cell[:60]}' holds {first_unshown(cell)}, {what}. Take it out.")
    if len(cell) > MAX_ID:
        raise CellError(f"'{cell[:40]}…' has {len(cell)} letters; an id has up to {MAX_ID}.")
    return cell


def _require_letters(cell: str) -> None:
    if has_half_letter(cell):
        raise CellError(
            f"'{cell[:60]}' holds half of a character (a lone surrogate), not a whole character. "
            "Write the text anew."
        )


def _flag_cell(cell: str, column: Column) -> bool:
    if cell.lower() not in _FLAGS:
        raise CellError(f"'{cell}' is neither true nor false.")
    return _FLAGS[cell.lower()]


def _list_cell(cell: str, column: Column) -> tuple[str, ...]:
    entries = (entry.strip() for entry in cell.split(LIST_SEPARATOR))
    return tuple(sorted({_id_cell(entry, column) for entry in entries if entry}))


def _tlp_cell(cell: str, column: Column) -> str:
    """Return a TLP 2.0 label without its prefix: ``TLP:AMBER`` and ``amber`` are equal."""
    label = cell.upper().removeprefix("TLP:").strip()
    if label in LABELS:
        return label
    if label == "WHITE":
        raise CellError(f"'{cell}' is no label of TLP 2.0. It is called CLEAR now.")
    raise CellError(f"'{cell}' is no label of TLP 2.0. It is one of {', '.join(LABELS)}.")


def _geometry_cell(cell: str, column: Column) -> BaseGeometry:
    try:
        return shapely.from_wkt(cell)
    except (ShapelyError, UnicodeError):
        raise CellError(f"'{cell[:40]}' is not a geometry in WKT.") from None


#: GeoPackages store flags as numbers.
_FLAGS = dict.fromkeys(("true", "yes", "1", "1.0"), True) | dict.fromkeys(
    ("false", "no", "0", "0.0"), False
)
_PARSERS: Mapping[str, Callable[[str, Column], Any]] = {
    "text": _text_cell,
    "id": _id_cell,
    "number": number_cell,
    "whole": whole_cell,
    "flag": _flag_cell,
    "list": _list_cell,
    "geometry": _geometry_cell,
    "tlp": _tlp_cell,
}
#: The same for tables that write decimals with a comma.
_WITH_COMMAS: Mapping[str, Callable[[str, Column], Any]] = {
    "number": partial(number_cell, comma=True),
    "whole": partial(whole_cell, comma=True),
}
