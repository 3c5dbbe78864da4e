"""Which importer reads a file, told by its content."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Protocol

from data.importers.options import Options
from models.errors import BadInputError
from models.imports.staged import Staged

#: module → class, in the order in which they are asked; a module is read when it is its turn
IMPORTERS = (
    ("data.importers.own", "OwnWorld"),
    ("data.importers.osm.importer", "OpenStreetMap"),
    ("data.importers.networks.gtfs", "Gtfs"),
    ("data.importers.networks.pypsa", "PypsaFolder"),
    ("data.importers.networks.pypsa", "PypsaNetcdf"),
    ("data.importers.networks.matpower", "Matpower"),
    ("data.importers.networks.epanet", "Epanet"),
    ("data.importers.networks.pandapower", "Pandapower"),
    ("data.importers.tables.vector", "Parquet"),
    ("data.importers.tables.spreadsheet", "Spreadsheet"),
    ("data.importers.tables.vector", "Vector"),
    ("data.importers.tables.files", "GeoJson"),
    ("data.importers.tables.files", "Csv"),
)


class Importer(Protocol):
    """Reads one kind of file."""

    def recognises(self, path: Path) -> bool:
        """Tell by its content whether a file is of this kind."""

    def tables(self, path: Path, options: Options) -> Staged:
        """Return what a file holds as staged tables.

        Parameters
        ----------
        path
            What ``recognises`` said yes to.
        options
            How to read it.
        """


def importer_of(path: Path) -> Importer:
    """Return the importer that reads a file.

    Raises
    ------
    BadInputError
        If there is no such file, it is empty, a symbolic link, or of no known kind.
    """
    if path.is_symlink():
        raise BadInputError([f"{path}: a symbolic link is refused. Give the file itself."])
    if not path.exists():
        raise BadInputError([f"{path}: there is no such file."])
    if path.is_file() and not path.stat().st_size:
        raise BadInputError([f"{path.name}: the file is empty."])
    if not path.is_file() and not path.is_dir():
        raise BadInputError([f"{path.name}: neither a file nor a folder."])
    for module, name in IMPORTERS:
        importer: Importer = getattr(import_module(module), name)()
        if importer.recognises(path):
            return importer
    raise BadInputError([f"{path.name}: {UNKNOWN}"])


UNKNOWN = (
    "of no known kind. Kinds are OpenStreetMap (.osm, .bz2, .pbf), GeoPackage, GeoJSON, "
    "FlatGeobuf, Shapefile, KML, GML, DXF, GeoParquet, CSV, XLSX, ODS, pandapower, PyPSA, "
    "MATPOWER, EPANET, GTFS and worlds of ours. A raster of people goes to --population."
)
