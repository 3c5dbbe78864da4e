"""Tables as CSV for spreadsheets: the one writer of all exported tables.

Spreadsheets run a text that begins like a formula. Such a text gets an apostrophe before it, and
an additional column of the row records this, so that it can be undone.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from numbers import Number
from typing import Any

#: The column that records apostrophes; only present if there are any.
NOTE_COLUMN = "cell_note"
_NOTE = "an apostrophe stands before what would be a formula: "
#: blanks and zero-width characters that spreadsheets skip
_PASSED_OVER = (
    r"\s\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e"
    r"\u200b-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0"
)
#: the last four are the full-width forms of the first
_BEGINS_LIKE_A_FORMULA = re.compile(
    rf"'*(?:[{_PASSED_OVER}]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])"
)


def neutral(text: str) -> str:
    """Return a text that no spreadsheet runs as a formula."""
    return f"'{text}" if _BEGINS_LIKE_A_FORMULA.match(text) else text


def as_meant(cell: str) -> str:
    """Return the text before :func:`neutral`."""
    is_made = cell.startswith("'") and _BEGINS_LIKE_A_FORMULA.match(cell)
    return cell[1:] if is_made else cell


def csv_text(
    header: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    text_of: Callable[[Any], str] = str,
    line_end: str = "\n",
) -> str:
    """Return a table as CSV.

    Parameters
    ----------
    header
        The names of the columns.
    rows
        The cells of each row. Numbers are written as they are; texts are made neutral.
    text_of
        Makes the text of a cell that is not None.
    line_end
        What ends a line.

    Returns
    -------
    The text. It has an additional column :data:`NOTE_COLUMN` if a cell was changed.
    """
    lines, notes = [], []
    for row in rows:
        stated = ["" if cell is None else text_of(cell) for cell in row]
        safe = [
            text if _is_number(cell) else neutral(text)
            for cell, text in zip(row, stated, strict=True)
        ]
        changed = [
            name
            for name, old, new in zip(header, stated, safe, strict=True)
            if old != new
        ]  # fmt: skip
        lines.append(safe)
        notes.append(_NOTE + ", ".join(changed) if changed else "")
    made = [[*map(neutral, header)], *lines]
    if any(notes):
        made = [[*line, note] for line, note in zip(made, [NOTE_COLUMN, *notes], strict=True)]
    return "".join(_line(cells) + line_end for cells in made)


def _line(cells: Sequence[str]) -> str:
    """Return one line without its end; cells that contain a line end are quoted."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue().removesuffix("\r\n")


def _is_number(cell: Any) -> bool:
    return isinstance(cell, Number) and not isinstance(cell, bool)
