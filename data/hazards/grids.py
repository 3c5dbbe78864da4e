"""Fields from tables of points: the grid of a ShakeMap, the track of a cyclone."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from models.errors import BadInputError
from models.hazards.curves import F64
from models.hazards.fields import Grid
from models.hazards.storm import Track

MAX_XML_BYTES, MAX_NODES, MAX_POINTS = 200_000_000, 5_000_000, 100_000
#: Units of a ShakeMap in ours.
_UNITS = {"pctg": "%g", "%g": "%g", "g": "g", "cms": "cm/s", "cm/s": "cm/s", "intensity": ""}
#: Names of columns of a track, the first that there is.
_COLUMNS = {
    "lon": ("lon", "longitude", "x"),
    "lat": ("lat", "latitude", "y"),
    "wind_m_s": ("max_wind_speed_ms", "max_wind_m_s", "vmax_m_s", "max_sustained_wind"),
    "radius_km": ("radius_to_max_winds_km", "rmax_km", "radius_max_wind", "rmw_km"),
    "pressure_hpa": ("min_pressure_hpa", "pressure_hpa", "central_pressure"),
    "time": ("time_utc", "time", "iso_time", "datetime"),
    "track_id": ("track_id", "sid", "storm_id"),
}


def shakemap_grid(path: Path, im: str, place: str) -> tuple[Grid, str]:
    """Return one field of a ShakeMap's ``grid.xml``, and its unit.

    Parameters
    ----------
    path
        The file.
    im
        Which field of it, such as PGA.
    place
        Where the scenario names the file, for messages.

    Raises
    ------
    BadInputError
        With what is wrong with the file.
    """
    from lxml import etree

    where = f"{place}: '{path.name}'"
    if path.stat().st_size > MAX_XML_BYTES:
        raise BadInputError([f"{where} is larger than {MAX_XML_BYTES:,} bytes."])
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, recover=False
    )
    try:
        tree = etree.parse(str(path), parser)
    except etree.XMLSyntaxError as error:
        text = str(error).splitlines()[0][:120]
        raise BadInputError([f"{where} is no XML ({text})."]) from None
    if tree.docinfo.internalDTD is not None:
        raise BadInputError([f"{where} declares a DOCTYPE, which a ShakeMap never has."])
    nodes = {str(etree.QName(n).localname): n for n in tree.iter() if isinstance(n.tag, str)}
    fields = [n for n in tree.iter() if isinstance(n.tag, str) and n.tag.endswith("grid_field")]
    if "grid_specification" not in nodes or "grid_data" not in nodes or not fields:
        raise BadInputError([f"{where} is no grid of a ShakeMap."])
    names = {str(n.get("name", "")).upper(): n for n in fields}
    if not {"LON", "LAT", im.upper()} <= names.keys():
        raise BadInputError([f"{where} has no field '{im}'. It has {', '.join(names)}."])
    try:
        table = np.array((nodes["grid_data"].text or "").split(), dtype=np.float64)
        table = table.reshape(-1, len(fields))
        column = {name: int(n.get("index", "0")) - 1 for name, n in names.items()}
        lon, lat, values = (table[:, column[name]] for name in ("LON", "LAT", im.upper()))
    except (ValueError, IndexError):
        raise BadInputError([f"{where}: the grid's numbers are not complete."]) from None
    unit = str(names[im.upper()].get("units", ""))
    return _regular(lon, lat, values, where), _UNITS.get(unit, unit)


def _regular(lon: F64, lat: F64, values: F64, where: str) -> Grid:
    """Return points of a regular grid as cells around them."""
    # places are written with few digits: neighbours differ by at least this
    x, y = np.unique(np.round(lon, 4)), np.unique(np.round(lat, 4))
    if len(values) > MAX_NODES or len(x) * len(y) != len(values) or min(len(x), len(y)) < 2:
        raise BadInputError([f"{where}: no full regular grid of up to {MAX_NODES:,} points."])
    dx, dy = (x[-1] - x[0]) / (len(x) - 1), (y[-1] - y[0]) / (len(y) - 1)
    cells = np.zeros((len(y), len(x)))
    column = np.rint((lon - x[0]) / dx).astype(np.int64)
    row = np.rint((y[-1] - lat) / dy).astype(np.int64)
    cells[row, column] = np.nan_to_num(values)
    return Grid(cells, (1 / dx, 0, 0.5 - x[0] / dx, 0, -1 / dy, 0.5 + y[-1] / dy))


def read_track(path: Path, track_id: str | None, place: str) -> Track:
    """Return the track of a cyclone: CSV, GeoJSON, GeoPackage or GeoParquet.

    Parameters
    ----------
    path
        The file, a row for each point of the track.
    track_id
        Which track of several.
    place
        Where the scenario names the file, for messages.

    Raises
    ------
    BadInputError
        With what is wrong with the file.
    """
    frame, where = _frame(path, place), f"{place}: '{path.name}'"
    held = {name: _column(frame, names) for name, names in _COLUMNS.items()}
    if held["track_id"] is not None:
        ids = frame[held["track_id"]].astype(str)
        listed = list(dict.fromkeys(ids))
        if track_id is None and len(listed) > 1:
            some = ", ".join(listed[:5])
            raise BadInputError(
                [f"{where} has {len(listed)} tracks ({some}, …). Name a 'track_id'."]
            )
        if track_id is not None:
            frame = frame[ids == track_id]
        if not len(frame):
            raise BadInputError([f"{where} has no track '{track_id}'."])
    if held["time"] is not None:
        frame = frame.sort_values(held["time"], kind="stable")
    if held["lon"] is None and getattr(frame, "geometry", None) is not None:
        points = frame.geometry.to_crs(4326) if frame.crs is not None else frame.geometry
        lon, lat = points.x.to_numpy(np.float64), points.y.to_numpy(np.float64)
    else:
        lon, lat = (_numbers(frame, held[name], name, where) for name in ("lon", "lat"))
    wind = _numbers(frame, held["wind_m_s"], "wind_m_s", where)
    radius = _numbers(frame, held["radius_km"], "radius_km", where)
    keep = np.isfinite(lon) & np.isfinite(lat) & np.isfinite(wind) & (wind > 0) & (radius > 0)
    if not 1 <= keep.sum() <= MAX_POINTS:
        text = "no point of the track has a place, a wind and a radius of the strongest wind"
        raise BadInputError([f"{where}: {text}."])
    pressure = np.full(len(lon), math.nan)
    if held["pressure_hpa"] is not None:
        pressure = _numbers(frame, held["pressure_hpa"], "pressure_hpa", where)
    return Track(lon[keep], lat[keep], wind[keep], 1000 * radius[keep], pressure[keep])


def _frame(path: Path, place: str) -> Any:
    import geopandas
    import pandas
    from pyogrio.errors import DataSourceError

    where = f"{place}: '{path.name}'"
    if path.stat().st_size > MAX_XML_BYTES:
        raise BadInputError([f"{where} is larger than {MAX_XML_BYTES:,} bytes."])
    try:
        if path.suffix.lower() == ".csv":
            return pandas.read_csv(path, nrows=MAX_POINTS + 1)
        if path.suffix.lower() in (".parquet", ".geoparquet"):
            return geopandas.read_parquet(path)
        return geopandas.read_file(path)
    except (DataSourceError, ValueError, OSError, ImportError) as error:
        text = str(error).splitlines()[0].replace(str(path), path.name) if str(error) else ""
        raise BadInputError([f"{where} cannot be read ({text[:120]})."]) from None


def _column(frame: Any, names: tuple[str, ...]) -> Any:
    lower = {str(name).lower(): name for name in frame.columns}
    return next((lower[name] for name in names if name in lower), None)


def _numbers(frame: Any, column: Any, name: str, where: str) -> F64:
    import pandas

    if column is None:
        names = ", ".join(_COLUMNS[name])
        raise BadInputError([f"{where} has no column for {name} (one of {names})."])
    values: F64 = pandas.to_numeric(frame[column], errors="coerce").to_numpy(np.float64)
    return values
