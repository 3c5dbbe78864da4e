"""Curves of a workbook in the layout of Nirandjan et al. (2024), of any version.

A sheet is one hazard, kind and intensity measure. A row that begins with *ID number* names the
curves; rows below it say what they are of; the last row of words before the numbers heads the
intensities and, under each id, one damage ratio or several damage states. Nothing else of a file
is assumed: new sheets, ids, states and rows need no code.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from models.errors import BadInputError
from models.hazards.curves import DAMAGE, Curve, Points, Response

#: What the first letter of a sheet's name stands for.
HAZARDS: Mapping[str, str] = {
    "F": "flood",
    "E": "earthquake",
    "W": "wind",
    "L": "landslide",
}
MAX_BYTES, MAX_UNPACKED = 50_000_000, 500_000_000
MAX_ROWS, MAX_COLUMNS = 20_000, 5_000
_HEAD = "id number"
_UNIT = re.compile(r"[\(\[]([^()\[\]]*)[\)\]]\W*$")
#: What heads a column of damage ratios or rates; any other head is a damage state.
_RATIO = re.compile(r"damage factor|damage ratio|rate|per km|/km|/m\b|probability of damage", re.I)

Row = Sequence[Any]


def read_curve_table(path: Path) -> tuple[Curve, ...]:
    """Return every curve of a workbook, in the order of its sheets and columns.

    Raises
    ------
    BadInputError
        The file is no workbook, is too large, or holds no sheet of curves.
    """
    found: list[Curve] = []
    for title, rows in _sheets(path):
        start = next((i for i, row in enumerate(rows[:10]) if _word(row[0]) == _HEAD), None)
        if start is not None:
            found += _curves(path.name, title, rows[start:])
    if not found:
        text = "no sheet of curves: none has ids in a row that begins with 'ID number'."
        raise BadInputError([f"{path.name}: {text}"])
    return tuple(_paired(found))


def _sheets(path: Path) -> Iterator[tuple[str, list[Row]]]:
    from python_calamine import CalamineError, CalamineWorkbook

    _require_size(path)
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            for title in book.sheet_names:
                sheet = book.get_sheet_by_name(title)
                if sheet.total_height > MAX_ROWS or sheet.total_width > MAX_COLUMNS:
                    text = f"sheet '{title}' has more than {MAX_ROWS:,} rows"
                    raise BadInputError([f"{path.name}: {text} or {MAX_COLUMNS:,} columns."])
                rows = sheet.to_python(skip_empty_area=False)
                yield title, [[None if cell == "" else cell for cell in row] for row in rows if row]
    except (CalamineError, zipfile.BadZipFile, ValueError) as error:
        text = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadInputError([f"{path.name}: no workbook that can be read ({text})."]) from None


def _require_size(path: Path) -> None:
    """Refuse what would not fit into memory once unpacked."""
    if not path.is_file():
        raise BadInputError([f"{path}: no such file."])
    if path.stat().st_size > MAX_BYTES:
        raise BadInputError([f"{path.name}: larger than {MAX_BYTES:,} bytes."])
    try:
        with zipfile.ZipFile(path) as packed:
            unpacked = sum(member.file_size for member in packed.infolist())
    except zipfile.BadZipFile:
        raise BadInputError([f"{path.name}: no workbook (.xlsx)."]) from None
    if unpacked > MAX_UNPACKED:
        raise BadInputError([f"{path.name}: unpacks to more than {MAX_UNPACKED:,} bytes."])


# --- one sheet -------------------------------------------------------------------------------


def _curves(file: str, title: str, rows: Sequence[Row]) -> Iterator[Curve]:
    ids = [(c, _text(cell)) for c, cell in enumerate(rows[0]) if c and _text(cell)]
    first = next((i for i, row in enumerate(rows) if i and _is_data(row, ids)), len(rows))
    if first < 2:  # a list with a head row, such as one of costs
        return
    head, body = rows[first - 1], rows[first:]
    about = [row for row in rows[1 : first - 1] if _text(row[0])]
    letter, _, _ = title.partition("_")
    for n, (column, curve_id) in enumerate(ids):
        end = ids[n + 1][0] if n + 1 < len(ids) else len(rows[0])
        im_column = _im_column(rows[0], body, column)
        im, unit = _measure(_cell(head, im_column))
        columns = [column]
        if im_column == 0:  # a table of words has one column for each id
            columns += [c for c in range(column + 1, end) if _text(_cell(head, c))]
        responses: dict[str, Response] = {}
        categories: tuple[str, ...] = ()
        for c in columns:
            points, words = _points(body, im_column, c)
            if points is None:
                continue
            responses[_text(_cell(head, c)).lower() or DAMAGE] = points
            categories = words
        if not responses:
            continue
        quantity = next(iter(responses))
        is_ratio = len(responses) == 1 and (
            _RATIO.search(quantity) is not None or "_vuln_" in title.lower()
        )
        described = [_text(_cell(row, column)) for row in about]
        yield Curve(
            curve_id=curve_id,
            hazard=HAZARDS.get(letter, letter.lower()),
            im=im or "category",
            unit=unit,
            asset_type=described[0] if described else "",
            kind="damage" if is_ratio else "states",
            responses=responses,
            source=f"{file}, sheet {title} (layout of Nirandjan et al. 2024, NHESS 24:4341)",
            sheet=title,
            component="; ".join(text for text in described[1:] if text and text != "N/A"),
            quantity=quantity if is_ratio else "",
            categories=categories,
            lost_state="" if is_ratio else _lost_state(tuple(responses)),
        )


def _lost_state(states: Sequence[str]) -> str:
    """Return the state from which an asset is lost: moderate where there is one, else the last."""
    return next((state for state in states if state.startswith("moderate")), states[-1])


def _is_data(row: Row, ids: Sequence[tuple[int, str]]) -> bool:
    """Whether a row has a number under some id."""
    return any(isinstance(_cell(row, c), int | float) for c, _ in ids)


def _im_column(top: Row, body: Sequence[Row], column: int) -> int:
    """Return the column of intensities of a curve: the first, or the nearest one to its left."""
    if any(isinstance(row[0], int | float) for row in body):
        return 0
    for c in range(column - 1, 0, -1):
        if not _text(_cell(top, c)) and any(_cell(row, c) is not None for row in body):
            return c
    return 0


def _points(
    body: Sequence[Row], im_column: int, column: int
) -> tuple[Points | None, tuple[str, ...]]:
    """Return a column as points, and the names of its intensities where these are words."""
    pairs: list[tuple[float, float]] = []
    words: list[str] = []
    for row in body:
        im, value = _cell(row, im_column), _cell(row, column)
        if not isinstance(value, int | float) or isinstance(value, bool) or im is None:
            continue
        if isinstance(im, int | float):
            pairs.append((float(im), float(value)))
        elif _text(im).startswith("<") and im_column == 0:  # a class below the first number
            pairs.append((0.0, float(value)))
        else:
            pairs.append((float(len(words)), float(value)))
            words.append(_text(im))
    pairs.sort(key=lambda pair: pair[0])
    if not pairs:
        return None, ()
    return Points(*map(tuple, zip(*pairs, strict=True))), tuple(words)


def _measure(cell: object) -> tuple[str, str]:
    """Return an intensity and its unit from a head such as ``Depth (m)``."""
    text = _text(cell).rstrip("* ")
    found = _UNIT.search(text)
    return (text[: found.start()].strip(" *,"), found[1].strip()) if found else (text, "")


def _paired(curves: Sequence[Curve]) -> Iterator[Curve]:
    """Yield the curves, each with that of its id of the other kind."""
    of: dict[tuple[str, str], Curve] = {}
    for curve in curves:
        of.setdefault((curve.curve_id, curve.kind), curve)
    for curve in curves:
        other = "states" if curve.kind == "damage" else "damage"
        yield replace(curve, also=of.get((curve.curve_id, other)))


def _cell(row: Row, column: int) -> Any:
    return row[column] if column < len(row) else None


def _text(cell: object) -> str:
    return " ".join(str(cell).split()) if cell is not None else ""


def _word(cell: object) -> str:
    return _text(cell).lower()
