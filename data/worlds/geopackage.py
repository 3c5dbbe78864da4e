"""GeoPackages as tables. Stated sizes and types in a file are not trusted.

Views are skipped: a view is a query by the file's author, and may never end.
"""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from shapely.geometry.base import BaseGeometry

from data.worlds.spatial import stated_text, to_degrees
from data.worlds.tables import GEOMETRY, Findings, Table


class _Layer(NamedTuple):
    """A table of the file that is a layer: number of rows, and columns."""

    rows: int
    columns: tuple[str, ...]


def read_gpkg(
    path: Path, findings: Findings, limit: int, table_of: Callable[[str], str | None]
) -> dict[str, Table]:
    """Read the layers of a GeoPackage that are tables of a world; rows are numbered from 1.

    Parameters
    ----------
    path, findings
        The file, and the list for its problems.
    limit
        The largest file, in bytes.
    table_of
        Name of a layer → our table; None if it is none.

    Returns
    -------
    The tables by name; empty, with a problem reported, if the file cannot be read.
    """
    # imported here, with pandas: a world in a folder does not need them, and they are slow
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        if path.stat().st_size > limit:
            findings.problem(path.name, f"larger than {limit // 1_000_000} MB.")
            return {}
        layers = _layers(path, findings)
        chosen = {name: table for name in layers if (table := table_of(name)) is not None}
        with warnings.catch_warnings(record=True) as issued:
            warnings.simplefilter("always")
            tables = {
                table: _table(path, name, layers[name], findings) for name, table in chosen.items()
            }
        for text in dict.fromkeys(str(warning.message) for warning in issued):
            findings.warn(path.name, text)
    except (OSError, ValueError, sqlite3.Error, DataSourceError, DataLayerError) as error:
        findings.problem(path.name, f"not a readable GeoPackage ({error}).")
        return {}
    return {name: table for name, table in tables.items() if table is not None}


def layer_names(path: Path) -> tuple[str, ...]:
    """Return the names of all layers, including views; none if the file is unreadable."""
    try:
        with closing(_opened(path)) as database:
            return tuple(str(row[0]) for row in database.execute(_LISTED))
    except sqlite3.Error:
        return ()


_LISTED = "SELECT table_name FROM gpkg_contents ORDER BY table_name"


def _opened(path: Path) -> sqlite3.Connection:
    address = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
    return sqlite3.connect(address, uri=True)


def _layers(path: Path, findings: Findings) -> Mapping[str, _Layer]:
    """Return the layers that are plain tables, by name; others are skipped with a warning."""
    with closing(_opened(path)) as database:
        kinds = {
            str(name): (kind, str(sql or ""))
            for name, kind, sql in database.execute("SELECT name, type, sql FROM sqlite_master")
        }
        layers: dict[str, _Layer] = {}
        for (name,) in database.execute(_LISTED).fetchall():
            kind, sql = kinds.get(str(name), ("missing", ""))
            if kind != "table" or sql.upper().startswith("CREATE VIRTUAL"):
                what = "a view" if kind == "view" else "no plain table"
                text = f"layer '{name}' is {what}. It is not read; save it as a table."
                findings.warn(path.name, text)
                continue
            quoted = '"' + str(name).replace('"', '""') + '"'
            ((rows,),) = database.execute(f"SELECT count(*) FROM {quoted}")  # noqa: S608 (quoted)
            columns = [str(row[1]) for row in database.execute(f"PRAGMA table_info({quoted})")]
            layers[str(name)] = _Layer(int(rows), tuple(columns))
        return layers


def _table(path: Path, name: str, layer: _Layer, findings: Findings) -> Table | None:
    import pyogrio  # see read_gpkg

    place = f"{path.name}, layer {name}"
    info = pyogrio.read_info(path, layer=name)
    if layer.rows == 0:
        shapes: tuple[BaseGeometry | None, ...] | None = None
        if info["geometry_type"] is not None:
            shapes = ()
        fields = (str(field) for field in info["fields"])
        return Table(place, "row", (), dict.fromkeys(fields, ()), shapes)
    # memory is allocated for the stated number of rows, which may be wrong
    frame = pyogrio.read_dataframe(path, layer=name, max_features=layer.rows, fid_as_index=True)
    if len(frame) != layer.rows:
        text = f"{len(frame):,} of its {layer.rows:,} rows can be read. Save the layer anew."
        findings.problem(place, text)
        return None
    shapes = None
    if info["geometry_type"] is not None:
        system = str(info["crs"] or "")
        shapes = to_degrees(frame.geometry, system, place, findings)
        if shapes is None:
            return None
        frame = frame.drop(columns=frame.geometry.name)
    cells = _cells(frame, info)
    key = info.get("fid_column") or ""
    if key and key not in cells and key.lower() not in ("fid", "ogc_fid", GEOMETRY):
        cells[key] = tuple(str(number) for number in frame.index)
    return Table(place, "row", tuple(range(1, len(frame) + 1)), cells, shapes)


def _cells(frame: Any, info: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the cells as text."""
    frame = frame.astype(object).where(frame.notna(), None)
    return {str(c): tuple(stated_text(cell) for cell in frame[c]) for c in frame.columns}
