"""Tables as GeoPackages and GeoParquet files; equal content gives equal bytes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from data.worlds.tables import GEOMETRY

CRS = "EPSG:4326"
#: Time of writing in GeoPackages: fixed, so that equal content gives equal bytes.
FIXED_DATE = "2000-01-01T00:00:00.000Z"
Record = dict[str, Any]
Layers = Mapping[str, Sequence[Record]]


def write_parquet(path: Path, records: Sequence[Record]) -> None:
    """Write a table as GeoParquet, or as Parquet where it has no shapes."""
    # imported here: slow, and rarely needed by the server
    import geopandas as gpd
    import pandas as pd

    frame = pd.DataFrame.from_records(records)
    if GEOMETRY in frame:
        gpd.GeoDataFrame(frame, geometry=GEOMETRY, crs=CRS).to_parquet(path, index=False)
    else:
        frame.to_parquet(path, index=False)


def write_gpkg(path: Path, layers: Layers, styles: Mapping[str, str] | None = None) -> None:
    """Write tables as the layers of one GeoPackage.

    Parameters
    ----------
    path
        A new file.
    layers
        Rows by name of the layer; none may be empty.
    styles
        QML by name of the layer, for QGIS.
    """
    # imported here: slow, and rarely needed by the server
    import geopandas as gpd
    import pandas as pd
    import pyogrio

    with _fixed_date():
        for name, records in layers.items():
            frame = pd.DataFrame.from_records(records)
            if GEOMETRY in frame:
                frame = gpd.GeoDataFrame(frame, geometry=GEOMETRY, crs=CRS)
                kind = {"geometry_type": "Unknown"}
            else:
                kind = {}
            # the newest version that GDAL 3.6, and so the QGIS of Debian 12, knows whole
            version = {} if path.exists() else {"dataset_options": {"VERSION": "1.3"}}
            pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", **kind, **version)
        if styles:
            _add_styles(path, styles)


def _add_styles(path: Path, styles: Mapping[str, str]) -> None:
    """Add the table from which QGIS takes the style of a layer as it opens."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(_STYLE_TABLE)
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles', ?)",
            [FIXED_DATE],
        )
        database.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
            "f_geometry_column, styleName, styleQML, useAsDefault, update_time) "
            "SELECT '', '', ?1, coalesce((SELECT column_name FROM gpkg_geometry_columns "
            "WHERE table_name = ?1), ''), 'Knock-on', ?2, 1, ?3",
            [(layer, style, FIXED_DATE) for layer, style in styles.items()],
        )


#: As QGIS creates it.
_STYLE_TABLE = """
CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT, f_table_catalog TEXT(256),
f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30),
styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
update_time DATETIME)"""


@contextmanager
def _fixed_date() -> Iterator[None]:
    import pyogrio  # see write_gpkg

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_DATE})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
