"""Tables as text: standard CSV, and CSV as spreadsheets of many countries write it.

Separators are commas, semicolons or tabs, detected from the header or stated by a first line
``sep=;``. Decimals may have a comma if commas do not separate.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from data.worlds import json_text
from data.worlds.tables import MAX_TOLD, Findings, Table
from models.papers.tabular import NOTE_COLUMN, as_meant

#: Candidate separators; ties go to the first one.
SEPARATORS = (",", ";", "\t")
#: Size of the largest cell: a polygon of a few hundred thousand corners as WKT.
MAX_CELL = 10_000_000
_NAMES = {";": "semicolons", "\t": "tabs"}

csv.field_size_limit(MAX_CELL)


def read_csv(path: Path, findings: Findings, limit: int) -> Table | None:
    """Read a table; rows are numbered as in a spreadsheet, the header is row 1.

    Parameters
    ----------
    path, findings
        The file, and the list for its problems.
    limit
        The largest file, in bytes.

    Returns
    -------
    The table; None, with a problem reported, if there is no header. Rows with too many cells, and
    all rows after an unclosed quotation mark, are reported and left out.
    """
    text = json_text.read_text(path, findings, limit, any_unicode=True)
    if text is None:
        return None
    stated, text, first = _stated_separator(text)
    separator = stated or _separator(text)
    records = _Records(text, separator, first)
    header = [name.strip() for name in next(iter(records), (0, []))[1]]
    while header and not header[-1]:
        header.pop()
    if not header:
        _tell_broken(path.name, records, findings)
        if records.broken is None:
            findings.problem(path.name, "there is no header: the first row is empty.")
        return None
    if repeated := sorted({name for name in header if name and header.count(name) > 1}):
        findings.problem(path.name, f"columns appear twice: {', '.join(repeated)}.")
        return None
    table = _table(path.name, header, records, findings)
    if separator != ",":
        findings.warn(path.name, f"separated by {_NAMES[separator]} instead of commas; read so.")
    return table


class _Records:
    """The rows of a text, each with its number; it ends before an unreadable row."""

    def __init__(self, text: str, separator: str, first: int) -> None:
        self._reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        self.separator = separator
        self._number = first - 1
        #: the unreadable row, and the reason
        self.broken: tuple[int, str] | None = None
        #: whether the last row spans several lines
        self.spans_lines = False

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        while self.broken is None:
            self._number += 1
            line = self._reader.line_num
            try:
                record = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                self.broken = self._number, self._why(str(error))
                return
            self.spans_lines = self._reader.line_num > line + 1
            yield self._number, record

    def _why(self, said: str) -> str:
        line = self._reader.line_num
        if "field larger" in said:
            return f"a cell has more than {MAX_CELL:,} letters, or a quotation mark is not closed."
        name = {",": "comma", ";": "semicolon", "\t": "tab"}[self.separator]
        return (
            f"a quotation mark is opened and not closed where it should be (noticed in line "
            f"{line}). Behind a closing one only a {name} or the line's end may come; one within "
            "a text is written twice."
        )


class _Odd:
    """The numbers of rows whose length differs from the header, or that span several lines."""

    def __init__(self) -> None:
        self.long: list[int] = []
        self.short: list[int] = []
        self.over_lines: list[int] = []


def _table(place: str, header: list[str], records: _Records, findings: Findings) -> Table:
    width = len(header)
    numbers: list[int] = []
    columns: list[list[str]] = [[] for _name in header]
    # one object for equal texts of a column: a large table repeats most of its cells
    known_rows: list[dict[str, str]] = [{} for _name in header]
    odd = _Odd()
    is_ours = NOTE_COLUMN in header  # written by this program, with apostrophes before formulas
    for number, record in records:
        cells = list(map(str.strip, record))
        if not any(cells):
            continue
        if len(cells) != width and not _fits(cells, width, number, odd):
            if len(odd.long) <= MAX_TOLD:
                _tell_long(place, number, len(cells), width, findings)
            continue
        if is_ours:
            cells = list(map(as_meant, cells))
        if records.spans_lines:
            odd.over_lines.append(number)
        numbers.append(number)
        for column, seen, cell in zip(columns, known_rows, cells, strict=False):
            column.append(seen.setdefault(cell, cell))
    if len(odd.long) > MAX_TOLD:
        findings.problem(place, f"{len(odd.long) - MAX_TOLD} more rows with too many cells.")
    _tell_broken(place, records, findings)
    _warn_of_form(place, odd, findings)
    _warn_of_nameless(place, header, columns, findings)
    return Table(
        place,
        "row",
        tuple(numbers),
        {name: tuple(columns[i]) for i, name in enumerate(header) if name},
        may_have_commas=records.separator != ",",
        is_whole=not odd.long and records.broken is None,
    )


def _fits(cells: list[str], width: int, number: int, odd: _Odd) -> bool:
    """Pad a row that is too short; return whether it has no more cells than the header."""
    if any(cells[width:]):
        odd.long.append(number)
        return False
    if len(cells) < width:
        odd.short.append(number)
        cells += [""] * (width - len(cells))
    return True


def _tell_long(place: str, number: int, cells: int, width: int, findings: Findings) -> None:
    text = f"not a table with commas: {cells} cells, but the header has {width}."
    findings.problem(f"{place}, row {number}", f"{text} Quote texts with commas.")


def _tell_broken(place: str, records: _Records, findings: Findings) -> None:
    if records.broken is not None:
        number, why = records.broken
        text = f"not a table with commas: {why} The rest is not checked."
        findings.problem(f"{place}, row {number}", text)


def _warn_of_nameless(
    place: str, header: list[str], columns: list[list[str]], findings: Findings
) -> None:
    nameless = [n for n, name in enumerate(header, 1) if not name and any(columns[n - 1])]
    if nameless:
        text = f"column {nameless[0]} has no name in the header. It is not read."
        findings.warn(place, text)


def _warn_of_form(place: str, odd: _Odd, findings: Findings) -> None:
    if odd.short:
        rows = "a row has" if len(odd.short) == 1 else f"{len(odd.short)} rows have"
        text = f"{rows} fewer cells than the header (row {odd.short[0]}); the rest counts as empty."
        findings.warn(place, text)
    if odd.over_lines:
        text = f"{len(odd.over_lines)} with a line end inside a text; is a quotation mark missing?"
        findings.warn(f"{place}, row {odd.over_lines[0]}", f"first of {text}")


def _stated_separator(text: str) -> tuple[str, str, int]:
    """Return the separator of a first line ``sep=;``, the text after it, and its row number."""
    line, _, rest = text.partition("\n")
    said = line.rstrip("\r").strip('"')
    if said.lower().startswith("sep=") and said[4:] in SEPARATORS:
        return said[4:], rest, 2
    return "", text, 1


def _separator(text: str) -> str:
    """Return the separator that splits the header into the most columns."""
    line = next(iter(io.StringIO(text, newline="")))
    counts = {}
    for separator in SEPARATORS:
        try:
            counts[separator] = len(next(csv.reader([line], delimiter=separator)))
        except csv.Error:
            counts[separator] = 1
    return max(SEPARATORS, key=lambda separator: counts[separator])
