"""A GeoPackage whose layers are the tables of a world."""

from __future__ import annotations

import json
from pathlib import Path

from data.worlds import tables as limits
from data.worlds.geopackage import layer_names, read_gpkg
from data.worlds.listing import WORLD, table_named, tell_other_layers
from data.worlds.tables import Findings, Table, Values


class GeoPackage:
    """One file with a layer for each table."""

    def recognises(self, path: Path) -> bool:
        """Return whether the file's ending is ``.gpkg``."""
        return path.suffix.lower() == ".gpkg" and path.is_file()

    def tables(
        self, path: Path, findings: Findings
    ) -> tuple[Values | None, dict[str, Table | None]]:
        """Return the world's metadata and its tables by name; None for one that is unreadable."""
        tables = read_gpkg(path, findings, limits.MAX_TABLE_BYTES, table_named)
        meta = _meta_of_layer(tables.pop(WORLD, None), path, findings)
        tell_other_layers(path.name, layer_names(path), findings)
        return meta, {**tables}


def _meta_of_layer(table: Table | None, path: Path, findings: Findings) -> Values | None:
    if table is None or len(table.numbers) != 1:
        findings.problem(path.name, "needs a layer 'world' of one row with id and title.")
        return None
    meta: Values = {name: cells[0] for name, cells in table.cells.items() if cells[0]}
    for name in ("bbox", "sources"):
        if name in meta:
            try:
                meta[name] = json.loads(meta[name])
            except ValueError:
                findings.problem(table.place, f"{name} is not JSON.")
                return None
    return meta
