"""Workbooks: XLSX, XLS and ODS."""

from __future__ import annotations

import datetime
import zipfile
from pathlib import Path
from typing import Any

from data.importers import archives
from data.importers.options import Options
from data.importers.tables.files import head_of, require_size
from data.importers.tables.layers import Layer
from data.importers.tables.staging import MAX_COLUMNS, stage
from data.worlds.spatial import stated_text
from data.worlds.tables import Table
from models.errors import BadInputError
from models.imports.staged import Staged

#: Rows of a header may stand below a title: so many rows are looked at.
_HEADER_WITHIN = 20


class Spreadsheet:
    """XLSX, XLS and ODS files; every sheet is a layer."""

    def recognises(self, path: Path) -> bool:
        """Tell whether the file is a workbook."""
        if not path.is_file():
            return False
        if head_of(path, 8).startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
            return True
        names = archives.names(path)
        if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
            return True
        return "content.xml" in names and "mimetype" in names

    def tables(self, path: Path, options: Options) -> Staged:
        """Return what the sheets hold.

        Parameters
        ----------
        path
            The file.
        options
            How to read it.

        Raises
        ------
        BadInputError
            With a line for each problem.
        """
        from python_calamine import CalamineError, load_workbook

        require_size(path)
        archives.require_bounded(path)
        layers = []
        try:
            book = load_workbook(str(path))
            for name in book.sheet_names:
                sheet = book.get_sheet_by_name(name)
                width = (sheet.end[1] + 1) if sheet.end else 0
                if width > MAX_COLUMNS:
                    text = f"{width:,} columns; up to {MAX_COLUMNS:,} are read."
                    raise BadInputError([f"{path.name}, sheet {name}: {text}"])
                table = _sheet(path.name, name, sheet.to_python(skip_empty_area=False))
                if table is not None:
                    layers.append(Layer(path.name, "spreadsheet", name, table))
        except (CalamineError, OSError, ValueError, zipfile.BadZipFile) as error:
            raise BadInputError([f"{path.name}: not a readable workbook ({error})."]) from error
        if not layers:
            raise BadInputError([f"{path.name}: no sheet has a header and a row below it."])
        return stage(layers, options)


def _sheet(file: str, name: str, content: list[list[Any]]) -> Table | None:
    """Return a sheet as a table; the header is the first row with most of its cells filled."""
    top = content[:_HEADER_WITHIN]
    filled = [sum(isinstance(c, str) and bool(c.strip()) for c in row) for row in top]
    if not filled or max(filled) < 2:
        return None
    start = next(row for row, count in enumerate(filled) if count >= max(2, 0.6 * max(filled)))
    header = [str(c).strip() for c in content[start]]
    place = f"{file}, sheet {name}"
    twice = sorted({h for h in header if h and header.count(h) > 1})
    if twice:
        raise BadInputError(
            [f"{place}, row {start + 1}: columns appear twice: {', '.join(twice)}."]
        )
    numbers, columns = [], {h: [] for h in header if h}  # type: ignore[var-annotated]
    for number, row in enumerate(content[start + 1 :], start + 2):
        cells = [stated_text(_plain_cell(c)) for c in row]
        if not any(cells):
            continue
        numbers.append(number)
        for h, cell in zip(header, cells, strict=False):
            if h:
                columns[h].append(cell)
    if not numbers:
        return None
    return Table(place, "row", tuple(numbers), {h: tuple(c) for h, c in columns.items()},
                 may_have_commas=True)  # fmt: skip


def _plain_cell(cell: Any) -> Any:
    if isinstance(cell, datetime.timedelta):
        return cell.total_seconds() / 3600
    if isinstance(cell, datetime.time):
        return cell.hour + cell.minute / 60
    return cell
