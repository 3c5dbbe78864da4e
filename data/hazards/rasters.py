"""Fields from rasters: GeoTIFF and what GDAL reads like it, NetCDF, water over a terrain.

Only the window around the world is read, so the size of a file is no concern; that of the window
is bounded.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.errors import BadInputError
from models.hazards.curves import F64
from models.hazards.fields import Grid, Project

#: Cells of a window at most: 200 MB of single precision.
MAX_CELLS = 50_000_000
#: Bytes of one block of a file at most: it is unpacked as a whole.
MAX_BLOCK_BYTES = 256_000_000
#: What makes PROJ open a file that a system of coordinates names.
_NAMES_FILES = re.compile(r"init\s*=|grids\s*=|catalog\s*=|\bfile\s*=|parameter_?file", re.I)
#: How files begin, and the driver that reads them: none that reads what a file points to.
DRIVERS = {
    b"II*\x00": "GTiff", b"MM\x00*": "GTiff", b"II+\x00": "GTiff", b"MM\x00+": "GTiff",
    b"ncols": "AAIGrid", b"NCOLS": "AAIGrid", b"SQLite format 3": "GPKG",
}  # fmt: skip

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a raster, with where its cells lie."""

    values: Any
    transform: Any
    project: Project


def open_raster(
    path: Path,
    box: Box,
    place: str,
    *,
    band: int | None,
    crs: str | None,
    empty: float = 0.0,
) -> Window:
    """Return the window of a raster around a box.

    Parameters
    ----------
    path
        The file.
    box
        West, south, east, north of the world, in degrees.
    place
        Where the scenario names the file, for messages.
    band
        Which band; None where there is one only.
    crs
        The system of coordinates where the file states none.
    empty
        What stands for cells without a value.

    Raises
    ------
    BadInputError
        With what is wrong with the file.
    """
    import rasterio
    from rasterio.errors import RasterioError

    with warnings.catch_warnings(), rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR"):
        warnings.simplefilter("ignore")
        try:
            with rasterio.open(path, driver=_driver(path, place)) as source:
                return _window(source, box, place, band, crs, empty)
        except (RasterioError, OverflowError, MemoryError) as error:
            text = str(error).splitlines()[0].replace(str(path), path.name) if str(error) else ""
            raise BadInputError([f"{place}: '{path.name}' cannot be read ({text})."]) from None


def _driver(path: Path, place: str) -> str:
    with path.open("rb") as file:
        start = file.read(16)
    found = next((name for begin, name in DRIVERS.items() if start.startswith(begin)), None)
    if found is None:
        text = "it is no GeoTIFF, NetCDF, ASCII grid, GeoJSON or GeoPackage"
        raise BadInputError([f"{place}: '{path.name}': {text}."])
    return found


def _window(
    source: Any, box: Box, place: str, band: int | None, crs: str | None, empty: float
) -> Window:
    from rasterio.windows import Window as Cells

    if band is None and source.count > 1:
        raise BadInputError([f"{place}: the file has {source.count} bands. Name one as 'band'."])
    number = band or 1
    if number > source.count:
        raise BadInputError([f"{place}: no band {number}: the file has {source.count}."])
    rows, columns = source.block_shapes[number - 1]
    if rows * columns * np.dtype(source.dtypes[number - 1]).itemsize > MAX_BLOCK_BYTES:
        text = f"its blocks have {rows:,} x {columns:,} cells: write it in smaller tiles"
        raise BadInputError([f"{place}: '{Path(source.name).name}': {text}."])
    system = _system(source.crs, crs, place, source.bounds, source.transform.is_identity)
    project = projection(system, place)
    col0, row0, col1, row1 = _cells_around(box, project, ~source.transform, place)
    col0, col1 = max(0, col0), min(source.width, col1)
    row0, row1 = max(0, row0), min(source.height, row1)
    if col1 <= col0 or row1 <= row0:
        return Window(np.zeros((0, 0), np.float32), source.transform, project)
    _require_cells((row1 - row0) * (col1 - col0), place)
    cells = Cells(col0, row0, col1 - col0, row1 - row0)
    values = source.read(number, window=cells, masked=True)
    return Window(_plain(values, empty), source.window_transform(cells), project)


def _require_cells(cells: int, place: str) -> None:
    if cells > MAX_CELLS:
        text = f"{cells:,} cells over this world are more than {MAX_CELLS:,}: use coarser cells"
        raise BadInputError([f"{place}: {text}."])


def _plain(values: Any, empty: float = 0.0) -> Any:
    """Return values without a mask, ``empty`` where it hid something; whole numbers stay such."""
    if empty and values.dtype.kind != "f":
        values = values.astype(np.float32)
    filled = np.ma.filled(values, empty)
    if filled.dtype.kind == "f":
        np.copyto(filled, empty, where=~np.isfinite(filled))
    return filled


def _system(held: Any, stated: str | None, place: str, bounds: Any, is_bare: bool) -> str:
    """Return the system of coordinates of a file."""
    if stated is not None:
        return stated
    if held:
        return str(held.to_wkt())
    text = "the file states no system of coordinates. Name it as 'crs', such as EPSG:25833"
    if is_bare:
        text = "the file states neither places nor a system of coordinates"
    raise BadInputError([f"{place}: {text}."])


def projection(system: str, place: str) -> Project:
    """Return what turns degrees into a system of coordinates; None where it is in degrees.

    Raises
    ------
    BadInputError
        There is no such system.
    """
    from pyproj import CRS, Transformer
    from pyproj.exceptions import CRSError

    try:
        crs = CRS.from_user_input("" if _NAMES_FILES.search(system) else system)
        if crs.to_epsg() == 4326:
            return None
        turned = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    except CRSError:
        text = f"'{system[:60]}' is no system of coordinates that is known"
        raise BadInputError([f"{place}: {text}. Write it like EPSG:25833."]) from None

    def project(lon: F64, lat: F64) -> tuple[F64, F64]:
        x, y = turned.transform(lon, lat)
        return np.asarray(x), np.asarray(y)

    return project


def _cells_around(box: Box, project: Project, inverse: Any, place: str) -> tuple[int, ...]:
    """Return the columns and rows that cover a box, with one cell around."""
    west, south, east, north = box
    t = np.linspace(0.0, 1.0, 21)
    lon = np.concatenate([west + t * (east - west)] * 2 + [np.full(21, west), np.full(21, east)])
    lat = np.concatenate(
        [np.full(21, south), np.full(21, north)] + [south + t * (north - south)] * 2
    )
    x, y = (lon, lat) if project is None else project(lon, lat)
    a, b, c, d, e, f = tuple(inverse)[:6]
    column, row = a * x + b * y + c, d * x + e * y + f
    fine = np.isfinite(column) & np.isfinite(row)
    if not fine.any():
        raise BadInputError([f"{place}: this world lies outside the file's system of coordinates."])
    edges = column[fine].min(), row[fine].min(), column[fine].max(), row[fine].max()
    low, high = np.floor(np.clip(edges[:2], -1e9, 1e9)), np.ceil(np.clip(edges[2:], -1e9, 1e9))
    return (*(int(v) - 1 for v in low), *(int(v) + 1 for v in high))


def grid_of(window: Window) -> Grid:
    """Return a window as a field."""
    inverse = ~window.transform
    return Grid(window.values, tuple(inverse)[:6], window.project)


# --- NetCDF ----------------------------------------------------------------------------------


def open_netcdf(
    path: Path, box: Box, place: str, *, variable: str | None, band: int | None, crs: str | None
) -> Window:
    """Return the window of a variable of a NetCDF file on a regular grid.

    Parameters
    ----------
    path, box, place
        As with ``open_raster``.
    variable
        Its name; None where one variable only is on a grid.
    band
        Which step of what stands before the two dimensions of place, from 1.
    crs
        The system of coordinates; degrees where neither this nor the file states one.

    Raises
    ------
    BadInputError
        With what is wrong with the file.
    """
    import xarray

    try:
        with xarray.open_dataset(path, engine="netcdf4", decode_times=False) as source:
            return _of_dataset(source, box, place, variable, band, crs)
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        text = str(error).splitlines()[0].replace(str(path), path.name) if str(error) else ""
        raise BadInputError([f"{place}: '{path.name}' cannot be read ({text[:120]})."]) from None


_X = ("longitude", "lon", "x", "easting", "rlon")
_Y = ("latitude", "lat", "y", "northing", "rlat")


def _of_dataset(
    source: Any, box: Box, place: str, variable: str | None, band: int | None, crs: str | None
) -> Window:
    from rasterio.transform import Affine

    data = _variable(source, place, variable)
    x_name, y_name = (
        next(str(d) for d in data.dims if str(d).lower() in names) for names in (_X, _Y)
    )
    others = [d for d in data.dims if d not in (x_name, y_name)]
    steps = int(np.prod([data.sizes[d] for d in others])) if others else 1
    if band is None and steps > 1:
        raise BadInputError([f"{place}: '{data.name}' has {steps} steps. Name one as 'band'."])
    if (band or 1) > steps:
        raise BadInputError([f"{place}: no step {band}: '{data.name}' has {steps}."])
    places = np.unravel_index((band or 1) - 1, [data.sizes[d] for d in others]) if others else ()
    data = data.isel({d: int(i) for d, i in zip(others, places, strict=True)})
    data = data.transpose(y_name, x_name)
    system = crs or _grid_mapping(source, data)
    project = projection(system, place) if system else None
    x, y = (
        np.asarray(source[n].values if n in source else [], np.float64) for n in (x_name, y_name)
    )
    if not (_is_ordered(x) and _is_ordered(y)):
        raise BadInputError([f"{place}: '{data.name}' is on no grid of rows and columns."])
    if project is None and x.max() > 180:  # degrees east from 0 to 360
        project = _eastward
    # the middle of cells may be unevenly apart: places are counted in cells, borders halfway
    project, transform = _counted(project, _borders(x), _borders(y)), Affine.identity()
    col0, row0, col1, row1 = _cells_around(box, project, ~transform, place)
    col0, col1 = max(0, col0), min(len(x), col1)
    row0, row1 = max(0, row0), min(len(y), row1)
    if col1 <= col0 or row1 <= row0:
        return Window(np.zeros((0, 0), np.float32), transform, project)
    _require_cells((row1 - row0) * (col1 - col0), place)
    values = np.ma.masked_invalid(data[row0:row1, col0:col1].values)
    return Window(_plain(values), Affine.translation(col0, row0), project)


def _eastward(lon: F64, lat: F64) -> tuple[F64, F64]:
    return np.mod(lon, 360.0), lat


def _variable(source: Any, place: str, variable: str | None) -> Any:
    on_grid = [
        str(name)
        for name, data in source.data_vars.items()
        if {str(d).lower() for d in data.dims} & set(_X)
        and {str(d).lower() for d in data.dims} & set(_Y)
        and data.dtype.kind in "fiu"
    ]
    listed = ", ".join(on_grid) or "none"
    if variable is None and len(on_grid) != 1:
        raise BadInputError([f"{place}: name the 'variable'. On a grid of the file: {listed}."])
    name = variable or on_grid[0]
    if name not in on_grid:
        raise BadInputError([f"{place}: no variable '{name}' on a grid. There are: {listed}."])
    return source[name]


def _grid_mapping(source: Any, data: Any) -> str:
    name = data.attrs.get("grid_mapping")
    held = source.get(name) if isinstance(name, str) else None
    attrs = held.attrs if held is not None else {}
    return str(attrs.get("crs_wkt") or attrs.get("spatial_ref") or "")


def _is_ordered(values: F64) -> bool:
    """Whether values rise or fall all along."""
    step = np.diff(values)
    return len(values) > 1 and bool((step > 0).all() or (step < 0).all())


def _borders(middles: F64) -> F64:
    """Return the borders of cells, halfway between their middles."""
    between = 0.5 * (middles[1:] + middles[:-1])
    first, last = 2 * middles[0] - between[0], 2 * middles[-1] - between[-1]
    return np.concatenate([[first], between, [last]])


def _counted(project: Project, x_borders: F64, y_borders: F64) -> Project:
    """Return what turns degrees into columns and rows, from 0; far off where it is outside."""

    def count(values: F64, borders: F64) -> F64:
        number, rising = np.arange(len(borders), dtype=np.float64), borders[0] < borders[-1]
        order = slice(None) if rising else slice(None, None, -1)
        off = (-2.0, len(borders) + 1.0) if rising else (len(borders) + 1.0, -2.0)
        return np.interp(values, borders[order], number[order], left=off[0], right=off[1])

    def counted(lon: F64, lat: F64) -> tuple[F64, F64]:
        x, y = (lon, lat) if project is None else project(lon, lat)
        return count(x, x_borders), count(y, y_borders)

    return counted


# --- water over a terrain --------------------------------------------------------------------


def water_over(
    window: Window, level_m: float, spring: tuple[float, float] | None, place: str
) -> Grid:
    """Return the depth of water at a level over a terrain.

    Parameters
    ----------
    window
        The height of the ground, in metres.
    level_m
        The height of the water's surface.
    spring
        Longitude and latitude from where the water comes: only what is connected with it by wet
        cells, across a side or a corner, is under water. None: all that is lower.
    place
        For messages.

    Raises
    ------
    BadInputError
        The water comes from outside the terrain around the world.
    """
    from scipy.ndimage import label

    grid = grid_of(window)
    ground = window.values.astype(np.float32)
    depth = np.maximum(np.float32(level_m) - ground, 0.0)
    if spring is not None and depth.size:
        lon, lat = (np.array([v]) for v in spring)
        column, row = (int(np.floor(v[0])) for v in grid.place(lon, lat))
        rows, columns = depth.shape
        if not (0 <= row < rows and 0 <= column < columns):
            raise BadInputError([f"{place}: the water comes from outside the terrain here."])
        parts, _count = label(depth > 0, structure=np.ones((3, 3)))
        mine = parts[row, column]
        depth = np.where((parts == mine) & (mine > 0), depth, np.float32(0.0))
    return Grid(depth, grid.inverse, grid.project)
