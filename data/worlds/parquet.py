"""GeoParquet and Parquet tables. Stated sizes are checked before anything is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely

from data.worlds import tables as limits
from data.worlds.spatial import stated_text, to_degrees
from data.worlds.tables import Findings, Table
from models.errors import BadInputError

#: Most rows and columns that are read.
MAX_ROWS = 2_000_000
MAX_COLUMNS = 2_000


class ParquetTable(NamedTuple):
    """A table and the coordinate system of its shapes, empty for degrees."""

    table: Table
    system: str


def read_parquet(path: Path, findings: Findings, limit: int) -> Table | None:
    """Read a table of a world from a Parquet file; its rows are numbered from 1.

    Parameters
    ----------
    path
        The file.
    findings
        Where problems are noted.
    limit
        Largest file, in bytes.

    Returns
    -------
    The table, its shapes in degrees; None, with a problem reported, if it cannot be read.
    """
    if path.stat().st_size > limit:
        findings.problem(path.name, f"larger than {limit // 1_000_000} MB.")
        return None
    try:
        table, system = parquet_table(path)
    except BadInputError as error:
        findings.problems += error.problems
        return None
    if table.geometries is None:
        return table
    shapes = to_degrees(table.geometries, system, path.name, findings)
    return None if shapes is None else Table(table.place, "row", table.numbers, table.cells, shapes)


def parquet_table(path: Path) -> ParquetTable:
    """Return the cells of a Parquet file as text, and its shapes as they are.

    Raises
    ------
    BadInputError
        If it is no Parquet file, or larger than a table may be.
    """
    import pyarrow as pa  # slow to import, and rarely needed
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        meta = file.metadata
        size = sum(meta.row_group(i).total_byte_size for i in range(meta.num_row_groups))
        if meta.num_columns > MAX_COLUMNS:
            text = f"{meta.num_columns:,} columns; up to {MAX_COLUMNS:,} are read."
            raise BadInputError([f"{path.name}: {text}"])
        if meta.num_rows > MAX_ROWS or size > 2 * limits.MAX_TABLE_BYTES:
            raise BadInputError([f"{path.name}: larger than a table of a world may be."])
        return _cells(file.read(), path.name)
    except (pa.ArrowException, shapely.errors.ShapelyError, OSError, ValueError) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise BadInputError([f"{path.name}: not a readable Parquet file ({said})."]) from error


def _cells(table: Any, place: str) -> ParquetTable:
    described = json.loads((table.schema.metadata or {}).get(b"geo", b"{}"))
    described = described if isinstance(described, dict) else {}
    column = described.get("primary_column", "geometry")
    stated = described.get("columns", {}).get(column, {})
    shapes, system = None, ""
    if column in table.column_names and stated:
        raw = np.array(table[column].to_pylist(), dtype=object)
        shapes = tuple(shapely.from_wkb(raw, on_invalid="ignore"))
        crs = stated.get("crs", "OGC:CRS84")
        system = json.dumps(crs) if isinstance(crs, dict) else str(crs or "")
        table = table.drop([column])
    cells = {
        name: tuple(stated_text(cell) for cell in table[name].to_pylist())
        for name in table.column_names
    }
    numbers = tuple(range(1, table.num_rows + 1))
    return ParquetTable(Table(place, "row", numbers, cells, shapes), system)
