"""A folder of tables: CSV, GeoJSON or GeoParquet files, with ``world.json``."""

from __future__ import annotations

from pathlib import Path

from data.worlds import tables as limits
from data.worlds.base_map import check_base
from data.worlds.csv_text import read_csv
from data.worlds.json_text import read_json
from data.worlds.listing import tables_in, world_file
from data.worlds.parquet import read_parquet
from data.worlds.schema import COLUMNS
from data.worlds.spatial import read_geojson
from data.worlds.tables import Findings, Table, Values


class Folder:
    """A folder of tables."""

    def recognises(self, path: Path) -> bool:
        """Return whether the folder contains ``world.json``."""
        return world_file(path) is not None

    def tables(
        self, path: Path, findings: Findings
    ) -> tuple[Values | None, dict[str, Table | None]]:
        """Return the world's metadata and its tables by name; None for one that is unreadable."""
        if not path.is_dir():
            findings.problem(str(path), "a world is a folder with world.json or a .gpkg file.")
            return None, {}
        file = world_file(path)
        if file is None:
            findings.problem(path.name, "no world.json. It states at least the id and the title.")
            meta = None
        else:
            meta = read_json(file, findings)
            if meta is not None and not isinstance(meta, dict):
                findings.problem("world.json", 'not an object like {"id": …, "title": …}.')
                meta = None
        files = tables_in(path, findings)
        check_base(path, findings)
        # in the order of the tables: problems of assets come before those that follow from them
        return meta, {name: _file(files[name], findings) for name in COLUMNS if name in files}


def _file(path: Path, findings: Findings) -> Table | None:
    read = _READERS.get(path.suffix.lower(), read_csv)
    return read(path, findings, limits.MAX_TABLE_BYTES)


_READERS = {".geojson": read_geojson, ".parquet": read_parquet}
