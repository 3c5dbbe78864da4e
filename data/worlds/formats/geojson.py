"""One GeoJSON file that holds a whole world, as the export writes it.

Its features are assets, links and cells of people. The members ``world`` and ``tables`` hold the
metadata and all other tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data.worlds import tables as limits
from data.worlds.json_text import read_json
from data.worlds.schema import COLUMNS, SPATIAL
from data.worlds.spatial import read_geojson, stated_text
from data.worlds.tables import Findings, Table, Values

#: Property of a feature that names its table.
TABLE = "table"
#: The member ``world`` stands within the first bytes of the file.
_HEAD_BYTES = 200


class WholeGeoJson:
    """A GeoJSON file with the members ``world`` and ``tables``."""

    def recognises(self, path: Path) -> bool:
        """Return whether the head of the file names its world."""
        if path.suffix.lower() not in (".geojson", ".json") or not path.is_file():
            return False
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        return b'"FeatureCollection"' in head and b'"world"' in head

    def tables(
        self, path: Path, findings: Findings
    ) -> tuple[Values | None, dict[str, Table | None]]:
        """Return the world's metadata and its tables by name; None for one that is unreadable."""
        plain = read_json(path, findings)
        drawn = read_geojson(path, findings, limits.MAX_TABLE_BYTES) if plain is not None else None
        if drawn is None:
            return None, {}
        meta, others = plain.get("world"), plain.get("tables", {})
        if not isinstance(meta, dict) or not isinstance(others, dict):
            findings.problem(path.name, 'needs the members "world" and "tables" as objects.')
            return None, {}
        tables: dict[str, Table | None] = {**_parts(drawn, findings)}
        for name, rows in others.items():
            if name in COLUMNS and name not in tables:
                tables[name] = _rows(f"{path.name}, table {name}", rows, findings)
            else:
                findings.warn(path.name, f"the table '{name}' is not read.")
        return meta, tables


def _parts(drawn: Table, findings: Findings) -> Mapping[str, Table]:
    """Return the features by the table they name."""
    named = drawn.cells.get(TABLE, ("",) * len(drawn.numbers))
    for number, name in zip(drawn.numbers, named, strict=True):
        if name not in SPATIAL:
            text = f"'{name}' is not one of {', '.join(SPATIAL)}."
            findings.row(drawn, number, TABLE, text, "table")
    return {name: _of_table(drawn, named, name) for name in SPATIAL if name in named}


def _of_table(drawn: Table, named: tuple[str, ...], name: str) -> Table:
    places = [place for place, other in enumerate(named) if other == name]
    picked = {
        column: tuple(cells[place] for place in places)
        for column, cells in drawn.cells.items()
        if column != TABLE
    }
    cells = {column: cells for column, cells in picked.items() if any(cells)}
    shapes = drawn.geometries or ()
    return Table(
        drawn.place,
        drawn.unit,
        tuple(drawn.numbers[place] for place in places),
        cells,
        tuple(shapes[place] for place in places),
    )


def _rows(place: str, rows: Any, findings: Findings) -> Table | None:
    """Return a table that is written as a list of objects."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        findings.problem(place, "not a list of objects.")
        return None
    names = dict.fromkeys(str(name) for row in rows for name in row)
    cells = {name: tuple(stated_text(row.get(name)) for row in rows) for name in names}
    return Table(place, "row", tuple(range(1, len(rows) + 1)), cells)
