"""Foreign tables: from a CSV, GeoJSON or GeoPackage file to checked Python values.

Every cell arrives as text, whatever the file, so that one set of checks serves all formats.
Nothing here knows what an asset is; ``data/worlds/reader.py`` says which columns a table has.
"""

from __future__ import annotations

import json
import math
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
import shapely
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from data.knowledge.synonyms import meanings
from data.worlds.records import BrokenTableError, read_records
from models.access import LABELS
from models.errors import BadInputError, did_you_mean

#: A larger table is refused before it is read; 300,000 assets take about 40 MB.
MAX_TABLE_BYTES = 200_000_000
#: Of one kind of problem in one column this many rows are told; the rest is counted.
MAX_TOLD = 20
#: Above this many known ids a hint looks only at those that share a half with the wrong one.
MANY_IDS = 20_000
#: What separates the entries of a list in one cell.
LIST_SEPARATOR = "|"
GEOMETRY = "geometry"
CRS_NAMES = ("EPSG:4326", "EPSG::4326", "CRS84", "WGS 84")

Values = dict[str, Any]
_Parsed = TypeVar("_Parsed")


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds and which values it may take.

    ``required``: the column must be there and no cell may be empty. ``low`` and ``high`` bound
    a number from and including; ``above`` from and excluding.
    """

    name: str
    kind: Literal["text", "number", "whole", "flag", "list", "geometry", "tlp"] = "text"
    required: bool = False
    default: Any = ""
    low: float | None = None
    high: float | None = None
    above: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of one table as text, with the place of every row in its file."""

    place: str
    unit: str
    numbers: tuple[int, ...]
    cells: Mapping[str, tuple[str, ...]]
    geometries: tuple[BaseGeometry | None, ...] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns, geometry included."""
        own = (GEOMETRY,) if self.geometries is not None else ()
        return (*self.cells, *own)


@dataclass(slots=True)
class Findings:
    """What is wrong (``problems``) or odd (``warnings``) with foreign data, in order found."""

    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    _untold: dict[tuple[str, str, str], int] = field(default_factory=lambda: defaultdict(int))
    _rows: set[tuple[str, int]] = field(default_factory=set)

    def problem(self, place: str, text: str) -> None:
        """Add a problem of a whole file."""
        self.problems.append(f"{place}: {text}")

    def warn(self, place: str, text: str) -> None:
        """Add a warning."""
        self.warnings.append(f"{place}: {text}")

    def row(self, table: Table, row: int, column: str, text: str, sort: str = "") -> None:
        """Add a problem of one row and column.

        Of each ``sort`` of problem in a column only the first ``MAX_TOLD`` rows are told.
        """
        self._rows.add((table.place, row))
        key = (table.place, column, sort)
        self._untold[key] += 1
        if self._untold[key] <= MAX_TOLD:
            self.problem(f"{table.place}, {table.unit} {row}, column {column}", text)

    def is_told(self, table: Table, column: str, sort: str) -> bool:
        """Tell whether one more problem of this sort would be told in full."""
        return self._untold.get((table.place, column, sort), 0) < MAX_TOLD

    def has(self, table: Table, row: int) -> bool:
        """Tell whether the row has a problem already."""
        return (table.place, row) in self._rows

    def close(self) -> None:
        """Say of how many rows nothing was said; call once, at the end."""
        for (place, column, _sort), count in self._untold.items():
            if count > MAX_TOLD:
                more = count - MAX_TOLD
                self.problem(f"{place}, column {column}", f"{more} more rows with this problem.")
        self._untold.clear()


def hint(wrong: str, known: Iterable[str], otherwise: str, meant: Iterable[str] = ()) -> str:
    """Return what :func:`~models.errors.did_you_mean` says, soon also of very many names.

    Parameters
    ----------
    wrong, known, otherwise, meant
        As there; of more than ``MANY_IDS`` known names only similar ones are looked at.

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


# --- files to tables -------------------------------------------------------------------------


def read_json(path: Path, findings: Findings, limit: int = MAX_TABLE_BYTES) -> Any:
    """Return the content of a JSON file, or None after telling what is wrong with it."""
    text = _text(path, findings, limit)
    if text is None:
        return None
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"{path.name}, line {error.lineno}, character {error.colno}"
        findings.problem(place, f"not valid JSON ({error.msg}).")
    except (RecursionError, ValueError):
        findings.problem(path.name, "JSON that is nested too deep or has too long a number.")
    return None


def read_checked(path: Path, limit: int, parse: Callable[[object], _Parsed]) -> _Parsed:
    """Return what ``parse`` makes of a JSON file of at most ``limit`` bytes.

    Raises
    ------
    BadInputError
        With one line per problem, each with the file and the place in it.
    """
    findings = Findings()
    plain = read_json(path, findings, limit)
    if findings.problems:
        raise BadInputError(findings.problems)
    try:
        return parse(plain)
    except BadInputError as error:
        raise BadInputError(f"{path.name}: {line}" for line in error.problems) from None


def _text(path: Path, findings: Findings, limit: int) -> str | None:
    """Return the text of a UTF-8 file of a sensible size, or None after telling why not."""
    try:
        size = path.stat().st_size
        if size > limit:
            megabytes = f"{size / 1e6:.0f} MB; the limit is {limit / 1e6:.0f} MB"
            findings.problem(path.name, f"too large: {megabytes}.")
            return None
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = 1 + error.object.count(b"\n", 0, error.start)
        findings.problem(
            f"{path.name}, line {line}", "not UTF-8. Save the file with the encoding UTF-8."
        )
        return None
    except OSError as error:
        findings.problem(path.name, f"cannot be read ({error.strerror or error}).")
        return None
    if not text.strip():
        findings.problem(path.name, "the file is empty.")
        return None
    return text


def read_csv(path: Path, findings: Findings) -> Table | None:
    """Read a comma-separated file; rows are numbered as in a spreadsheet, the header is row 1."""
    text = _text(path, findings, MAX_TABLE_BYTES)
    if text is None:
        return None
    try:
        header, numbers, columns = read_records(text)
    except BrokenTableError as error:
        findings.problem(path.name, f"not a table with commas ({error}). Quote texts with commas.")
        return None
    if not _header_fits(header, path.name, findings):
        return None
    cells = {name: column for name, column in zip(header, columns, strict=True) if name}
    return Table(path.name, "row", numbers, cells)


def _header_fits(header: list[str], place: str, findings: Findings) -> bool:
    if repeated := sorted({name for name in header if name and header.count(name) > 1}):
        findings.problem(place, f"columns appear twice: {', '.join(repeated)}.")
        return False
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        findings.problem(place, "one column only. Save it separated by commas, not by ; or tabs.")
        return False
    return True


def read_geojson(path: Path, findings: Findings) -> Table | None:
    """Read a GeoJSON feature collection; its features are numbered from 1."""
    plain = read_json(path, findings)
    if plain is None:
        return None
    features = plain.get("features") if isinstance(plain, dict) else None
    if not isinstance(features, list) or not all(isinstance(f, dict) for f in features):
        findings.problem(path.name, "not a GeoJSON FeatureCollection.")
        return None
    if not _geojson_crs_fits(plain, path.name, findings):
        return None
    properties = [
        f["properties"] if isinstance(f.get("properties"), dict) else {} for f in features
    ]
    names = dict.fromkeys(str(name) for row in properties for name in row)
    cells = {name: tuple(cell_text(row.get(name)) for row in properties) for name in names}
    numbers = tuple(range(1, len(features) + 1))
    table = Table(path.name, "feature", numbers, cells)
    shapes = tuple(_shape(f.get("geometry"), table, n, findings) for n, f in enumerate(features, 1))
    return Table(path.name, "feature", numbers, cells, shapes)


def _properties(feature: Mapping[str, Any]) -> dict[str, Any]:
    found = feature.get("properties")
    return found if isinstance(found, dict) else {}


def _geojson_crs_fits(plain: Mapping[str, Any], place: str, findings: Findings) -> bool:
    crs = plain.get("crs")
    if crs is None or any(name in json.dumps(crs) for name in CRS_NAMES):
        return True
    findings.problem(place, f"its CRS is {json.dumps(crs)[:80]}. Save it in EPSG:4326 (lon/lat).")
    return False


def _shape(plain: Any, table: Table, row: int, findings: Findings) -> BaseGeometry | None:
    if plain is None:
        return None
    try:
        return shapely.geometry.shape(plain)
    except (ShapelyError, TypeError, ValueError, KeyError, AttributeError, IndexError):
        findings.row(table, row, GEOMETRY, "not a GeoJSON geometry.", "broken")
        return None


def read_gpkg(path: Path, findings: Findings) -> dict[str, Table]:
    """Read every layer of a GeoPackage; the rows of each are numbered from 1."""
    # imported here, with pandas: a world in a folder does not need them, and they are slow
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        if path.stat().st_size > MAX_TABLE_BYTES:
            findings.problem(path.name, f"larger than {MAX_TABLE_BYTES // 1_000_000} MB.")
            return {}
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            layers = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
            tables = {name: _layer(path, name, findings) for name in layers}
        for text in dict.fromkeys(str(warning.message) for warning in told):
            findings.warn(path.name, text)
    except (OSError, ValueError, DataSourceError, DataLayerError) as error:
        findings.problem(path.name, f"not a readable GeoPackage ({error}).")
        return {}
    return {name: table for name, table in tables.items() if table is not None}


def _layer(path: Path, name: str, findings: Findings) -> Table | None:
    import pyogrio  # see read_gpkg

    place = f"{path.name}, layer {name}"
    info = pyogrio.read_info(path, layer=name)
    frame = pyogrio.read_dataframe(path, layer=name)
    numbers = tuple(range(1, len(frame) + 1))
    shapes: tuple[BaseGeometry | None, ...] | None = None
    if info["geometry_type"] is not None:
        if info["crs"] is not None and info["crs"] not in CRS_NAMES:
            findings.problem(place, f"its CRS is {info['crs']}. Save it in EPSG:4326 (lon/lat).")
            return None
        shapes = tuple(frame.geometry)
        frame = frame.drop(columns=frame.geometry.name)
    frame = frame.astype(object).where(frame.notna(), None)
    cells = {str(c): tuple(cell_text(cell) for cell in frame[c]) for c in frame.columns}
    return Table(place, "row", numbers, cells, shapes)


def cell_text(content: Any) -> str:
    """Return one cell as the text it would have in a CSV file; nothing is an empty text."""
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


class CellError(ValueError):
    """The text of a cell is not what its column holds; the message is for people."""


def rows(
    table: Table, columns: Iterable[Column], findings: Findings
) -> Iterator[tuple[int, Values]]:
    """Return each row's number and checked values; a bad cell is told and takes its default.

    If a required column is missing there are no rows.
    """
    columns = tuple(columns)
    absent = [c.name for c in columns if c.required and c.name not in table.columns]
    for name in absent:
        known = f"It has {', '.join(table.columns)}."
        meant = [column for column in table.columns if name in meanings("column", column)]
        other = hint(name, table.columns, known, meant)
        findings.problem(table.place, f"the column {name} is missing. {other}")
    if absent:
        return iter(())
    present = [column for column in columns if column.name in table.columns]
    defaults = {c.name: c.default for c in columns if c.name not in table.columns}
    values = [_column(table, column, findings) for column in present]
    names = [column.name for column in present]
    return (
        (number, defaults | dict(zip(names, row, strict=True)))
        for number, row in zip(table.numbers, zip(*values, strict=True), strict=True)
    )


def _column(table: Table, column: Column, findings: Findings) -> list[Any]:
    if column.name == GEOMETRY and table.geometries is not None:
        return list(table.geometries)
    parse = _PARSERS[column.kind]
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
    if column.choices and cell not in column.choices:
        allowed = f"It is one of {', '.join(column.choices)}."
        raise CellError(f"'{cell}' is not known. {hint(cell, column.choices, allowed)}")
    return cell


def _number_cell(cell: str, column: Column) -> float:
    try:
        number = float(cell)
    except ValueError:
        comma = " Write decimals with a point." if "," in cell else ""
        raise CellError(f"'{cell}' is not a number.{comma}") from None
    if not math.isfinite(number):
        raise CellError(f"'{cell}' is not a finite number. Leave the cell empty if unknown.")
    if column.low == 0 and number < 0:
        raise CellError(f"{cell} is negative.")
    if column.low is not None and number < column.low:
        raise CellError(f"{cell} is too small; it starts at {column.low:g}.")
    if column.above is not None and number <= column.above:
        raise CellError(f"{cell} is too small; it must be above {column.above:g}.")
    if column.high is not None and number > column.high:
        raise CellError(f"{cell} is too large; it ends at {column.high:g}.")
    return number + 0.0  # turns -0.0 into 0.0


def _whole_cell(cell: str, column: Column) -> int:
    number = _number_cell(cell, column)
    if not number.is_integer():
        raise CellError(f"{cell} is not a whole number.")
    return int(number)


def _flag_cell(cell: str, column: Column) -> bool:
    if cell.lower() not in _FLAGS:
        raise CellError(f"'{cell}' is neither true nor false.")
    return _FLAGS[cell.lower()]


def _list_cell(cell: str, column: Column) -> tuple[str, ...]:
    entries = (entry.strip() for entry in cell.split(LIST_SEPARATOR))
    return tuple(sorted({entry for entry in entries if entry}))


def _tlp_cell(cell: str, column: Column) -> str:
    """Return a label of TLP 2.0 without its prefix: ``TLP:AMBER`` and ``amber`` are the same."""
    label = cell.upper().removeprefix("TLP:").strip()
    if label in LABELS:
        return label
    if label == "WHITE":
        raise CellError(f"'{cell}' is no label of TLP 2.0. It is called CLEAR now.")
    raise CellError(f"'{cell}' is no label of TLP 2.0. It is one of {', '.join(LABELS)}.")


def _geometry_cell(cell: str, column: Column) -> BaseGeometry:
    try:
        return shapely.from_wkt(cell)
    except ShapelyError:
        raise CellError(f"'{cell[:40]}' is not a geometry in WKT.") from None


#: GeoPackages give flags as numbers.
_FLAGS = dict.fromkeys(("true", "yes", "1", "1.0"), True) | dict.fromkeys(
    ("false", "no", "0", "0.0"), False
)
_PARSERS: Mapping[str, Callable[[str, Column], Any]] = {
    "text": _text_cell,
    "number": _number_cell,
    "whole": _whole_cell,
    "flag": _flag_cell,
    "list": _list_cell,
    "geometry": _geometry_cell,
    "tlp": _tlp_cell,
}
