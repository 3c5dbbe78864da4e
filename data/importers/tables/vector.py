"""GIS formats: what GDAL reads, and GeoParquet."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from data.importers import archives
from data.importers.options import Options
from data.importers.tables.files import head_of, require_size
from data.importers.tables.layers import Layer
from data.importers.tables.staging import MAX_COLUMNS, stage
from data.worlds.parquet import parquet_table
from data.worlds.spatial import stated_text
from data.worlds.tables import Table
from models.errors import BadInputError
from models.imports.staged import Staged

_GDAL = {
    b"SQLite format 3\x00": "GeoPackage", b"fgb\x03": "FlatGeobuf", b"\x00\x00\x27\x0a": "Shapefile"
}  # fmt: skip


class Vector:
    """What GDAL reads: GeoPackage, FlatGeobuf, Shapefile, KML, GML, DXF."""

    def recognises(self, path: Path) -> bool:
        """Tell by the first bytes; a ZIP file counts if it holds one Shapefile or KML."""
        return path.is_file() and bool(self._kind(path))

    def _kind(self, path: Path) -> str:
        head = head_of(path, 4096)
        for magic, kind in _GDAL.items():
            if head.startswith(magic):
                return kind
        if head.startswith(b"PK"):
            names = archives.names(path)
            if any(n.lower().endswith(".shp") for n in names):
                return "Shapefile (ZIP)"
            return "KMZ" if any(n.lower().endswith(".kml") for n in names) else ""
        text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
        if text.startswith(b"<"):
            return "KML" if b"<kml" in head else "GML" if b"opengis.net/gml" in head else ""
        return "DXF" if text.startswith(b"0") and b"SECTION" in text[:64] else ""

    def tables(self, path: Path, options: Options) -> Staged:
        """Return what the layers hold.

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
        from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError

        require_size(path)
        kind = self._kind(path)
        if kind in ("KML", "GML"):
            archives.require_plain_xml(path)
        try:
            with _readable(path, kind) as source, warnings.catch_warnings():
                warnings.simplefilter("ignore")  # GDAL warns of what is refused below anyway
                layers = _vector_layers(source, path.name, kind)
        except (DataLayerError, DataSourceError, FeatureError, FieldError, OSError,
                ValueError, RuntimeError, UnicodeDecodeError) as error:  # fmt: skip
            said = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise BadInputError([f"{path.name}: not a readable {kind} ({said})."]) from error
        if not layers:
            raise BadInputError([f"{path.name}: no layer has a row in it."])
        return stage(layers, options)


@contextmanager
def _readable(path: Path, kind: str) -> Iterator[Path]:
    """Give the file where its reader may write beside it, and without what it does not need."""
    if kind == "Shapefile":
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="knock-on-") as scratch:
        if kind in ("Shapefile (ZIP)", "KMZ"):
            yield archives.unpack(path, Path(scratch), (".shp", ".shx", ".dbf", ".prj", ".cpg",
                                                        ".kml"))  # fmt: skip
            return
        suffix = {"GeoPackage": ".gpkg", "FlatGeobuf": ".fgb", "KML": ".kml", "GML": ".gml",
                  "DXF": ".dxf"}[kind]  # fmt: skip
        copy = Path(scratch) / f"{path.name.split('.')[0] or 'layer'}{suffix}"
        copy.symlink_to(path.resolve())
        yield copy


def _vector_layers(source: Path, file: str, kind: str) -> list[Layer]:
    import pyogrio

    result = []
    sources = sorted(source.rglob("*.shp")) + sorted(source.rglob("*.kml")) if (
        source.is_dir()
    ) else [source]  # fmt: skip
    for path in sources:
        for name, _ in pyogrio.list_layers(path):
            info = pyogrio.read_info(path, layer=name)
            if len(info["fields"]) > MAX_COLUMNS:
                text = f"{len(info['fields']):,} columns; up to {MAX_COLUMNS:,} are read."
                raise BadInputError([f"{file}, layer {name}: {text}"])
            frame = pyogrio.read_dataframe(path, layer=name, max_features=_MAX_ROWS)
            if not len(frame):
                continue
            layer = str(name) if len(sources) == 1 else path.stem
            result.append(_frame_layer(frame, file, layer, kind, str(info["crs"] or "")))
    return result


_MAX_ROWS = 2_000_000


def _frame_layer(frame: Any, file: str, name: str, kind: str, system: str) -> Layer:
    shapes = None
    if hasattr(frame, "geometry") and getattr(frame, "_geometry_column_name", None):
        column = frame.geometry.name
        shapes = tuple(s if s is not None else None for s in frame.geometry)
        frame = frame.drop(columns=column)
    frame = frame.astype(object).where(frame.notna(), None)
    cells = {str(c): tuple(stated_text(cell) for cell in frame[c]) for c in frame.columns}
    numbers = tuple(range(1, len(frame) + 1))
    table = Table(f"{file}, layer {name}", "row", numbers, cells, shapes)
    return Layer(file, kind, name, table, system)


class Parquet:
    """GeoParquet, and Parquet with columns of coordinates."""

    def recognises(self, path: Path) -> bool:
        """Tell by the first bytes."""
        return path.is_file() and head_of(path, 4) == b"PAR1"

    def tables(self, path: Path, options: Options) -> Staged:
        """Return what the table holds.

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
        require_size(path)
        table, system = parquet_table(path)
        return stage([Layer(path.name, "GeoParquet", path.stem, table, system)], options)
