"""Tables as text: CSV as the standard has it, and as spreadsheets of many countries write it.

Commas, semicolons and tabs separate; which of them is read off the header, or said by a first
line ``sep=;``. Decimals may have a comma where commas do not separate.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from data.worlds import json_text
from data.worlds.tables import MAX_TOLD, Findings, Table
from models.papers.tabular import NOTE_COLUMN, as_meant

#: Of equally many columns the first one counts.
SEPARATORS = (",", ";", "\t")
#: The largest cell: an area of a few hundred thousand corners as WKT.
MAX_CELL = 10_000_000
_NAMES = {";": "semicolons", "\t": "tabs"}

csv.field_size_limit(MAX_CELL)


def read_csv(path: Path, findings: Findings, limit: int) -> Table | None:
    """Read a table; rows are numbered as in a spreadsheet, the header is row 1.

    Parameters
    ----------
    path, findings
        The file, and where to tell what is wrong with it.
    limit
        The largest file, in bytes.

    Returns
    -------
    The table; None, after telling it, where there is no header to go by. Rows with too many
    cells, and all that follow a quotation mark without its second one, are told and left out.
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
    """The rows of a text, each with its number; after one that is broken there are none."""

    def __init__(self, text: str, separator: str, first: int) -> None:
        self._reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        self.separator = separator
        self._number = first - 1
        #: the row that could not be read, and why
        self.broken: tuple[int, str] | None = None

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        while self.broken is None:
            self._number += 1
            try:
                yield self._number, next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                self.broken = self._number, self._why(str(error))

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


def _table(place: str, header: list[str], records: _Records, findings: Findings) -> Table:
    width = len(header)
    numbers: list[int] = []
    rows: list[list[str]] = []
    short: list[int] = []
    long: list[int] = []
    extra = False
    is_ours = NOTE_COLUMN in header  # written by this program, with apostrophes before formulas
    for number, record in records:
        cells = [cell.strip() for cell in record]
        if is_ours:
            cells = [as_meant(cell) for cell in cells]
        if not any(cells):
            continue
        if any(cells[width:]):
            long.append(number)
            if len(long) <= MAX_TOLD:
                _tell_long(place, number, len(cells), width, findings)
            continue
        if len(cells) < width:
            short.append(number)
            cells += [""] * (width - len(cells))
        numbers.append(number)
        rows.append(cells[:width])
        extra = extra or any(cell for cell, name in zip(cells, header, strict=False) if not name)
    if len(long) > MAX_TOLD:
        findings.problem(place, f"{len(long) - MAX_TOLD} more rows with too many cells.")
    _tell_broken(place, records, findings)
    _warn_of_form(place, header, short, extra, findings)
    _warn_of_lines(place, rows, numbers, findings)
    columns = list(zip(*rows, strict=True)) if rows else [() for _ in header]
    cells_of = {name: columns[i] for i, name in enumerate(header) if name}
    return Table(
        place,
        "row",
        tuple(numbers),
        cells_of,
        may_have_commas=records.separator != ",",
        is_whole=not long and records.broken is None,
    )


def _tell_long(place: str, number: int, cells: int, width: int, findings: Findings) -> None:
    text = f"not a table with commas: {cells} cells, but the header has {width}."
    findings.problem(f"{place}, row {number}", f"{text} Quote texts with commas.")


def _tell_broken(place: str, records: _Records, findings: Findings) -> None:
    if records.broken is not None:
        number, why = records.broken
        text = f"not a table with commas: {why} The rest is not checked."
        findings.problem(f"{place}, row {number}", text)


def _warn_of_lines(
    place: str, rows: list[list[str]], numbers: list[int], findings: Findings
) -> None:
    """Warn of cells that go on in the next line: a quotation mark may be missing."""
    found = [
        number
        for number, row in zip(numbers, rows, strict=True)
        if any("\n" in cell or "\r" in cell for cell in row)
    ]
    if found:
        text = f"{len(found)} with a line end inside a text; is a quotation mark missing?"
        findings.warn(f"{place}, row {found[0]}", f"first of {text}")


def _warn_of_form(
    place: str, header: list[str], short: list[int], extra: bool, findings: Findings
) -> None:
    if short:
        rows = "a row has" if len(short) == 1 else f"{len(short)} rows have"
        text = f"{rows} fewer cells than the header (row {short[0]}); the rest counts as empty."
        findings.warn(place, text)
    if extra:
        nameless = [n for n, name in enumerate(header, 1) if not name]
        findings.warn(place, f"column {nameless[0]} has no name in the header. It is not read.")


def _stated_separator(text: str) -> tuple[str, str, int]:
    """Return what a first line ``sep=;`` says, the text behind it, and the number of its row."""
    line, _, rest = text.partition("\n")
    said = line.rstrip("\r").strip('"')
    if said.lower().startswith("sep=") and said[4:] in SEPARATORS:
        return said[4:], rest, 2
    return "", text, 1


def _separator(text: str) -> str:
    """Return what splits the header into the most columns."""
    line = next(iter(io.StringIO(text, newline="")))
    counts = {}
    for separator in SEPARATORS:
        try:
            counts[separator] = len(next(csv.reader([line], delimiter=separator)))
        except csv.Error:
            counts[separator] = 1
    return max(SEPARATORS, key=lambda separator: counts[separator])
