"""The records of a text with commas, as spreadsheets write it (RFC 4180).

Python's own reader does it: pandas saves half a second on 300,000 rows, but takes as long to
import as an embedded region takes to read.
"""

from __future__ import annotations

import csv
import io
from itertools import chain, compress, islice

#: Follows the text as a record of its own; it is part of the last cell where a quote is open.
_END = "\0end"
#: Records turned into columns together: kept for longer, they would slow the collector down.
_AT_ONCE = 5_000
#: A cell may hold a long list or a shape; the file's size is bounded where it is read.
csv.field_size_limit(1_000_000_000)

Records = tuple[list[str], tuple[int, ...], list[tuple[str, ...]]]


class BrokenTableError(ValueError):
    """The text is no table; the message says in which record, for people."""


def read_records(text: str) -> Records:
    """Return the header, the numbers of the rows, and the cells of each column.

    Rows are numbered as in a spreadsheet: the header is row 1, and rows without any content count
    but are left out. Cells are stripped, and missing ones at the end of a row are empty.

    Raises
    ------
    BrokenTableError
        Where the first row is empty, a row is longer than it, or a quote is not closed.
    """
    reader = csv.reader(chain(io.StringIO(text, newline=""), ["\n", _END]))
    header = [name.strip() for name in next(reader)]
    if header in ([], [""]):
        raise BrokenTableError("No columns to parse from file")
    numbers: list[int] = []
    columns: list[list[str]] = [[] for _name in header]
    # one object for equal texts of a column: a large table repeats most of its cells
    known: list[dict[str, str]] = [{} for _name in header]
    first, is_whole = 2, False
    while records := list(islice(reader, _AT_ONCE)):
        if is_whole := records[-1] == [_END]:
            records.pop()
        _fill(records, len(header), first)
        for column, seen, cells in zip(columns, known, zip(*records, strict=True), strict=False):
            stripped = tuple(map(str.strip, cells))
            column.extend(map(seen.setdefault, stripped, stripped))
        numbers.extend(range(first, first + len(records)))
        first += len(records)
    if not is_whole:
        raise BrokenTableError(f"EOF inside string starting at row {first - 2}")
    is_full = [any(cells) for cells in zip(*columns, strict=True)]
    kept = [tuple(compress(column, is_full)) for column in columns]
    return header, tuple(compress(numbers, is_full)), kept


def _fill(records: list[list[str]], width: int, first: int) -> None:
    """Add the empty cells that rows lack at their end; ``first`` is the first row's number."""
    for number, cells in enumerate(records, first):
        if len(cells) > width:
            raise BrokenTableError(f"Expected {width} fields in line {number}, saw {len(cells)}")
        if len(cells) < width:
            cells += [""] * (width - len(cells))
