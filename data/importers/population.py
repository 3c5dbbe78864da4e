"""People from a raster (GeoTIFF) or a table, clipped to where the assets are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from data.importers.options import Options
from data.importers.registry import importer_of
from models.errors import BadInputError
from models.imports.staged import LayerReport, Staged
from models.world import Cell

#: Cells of a finer raster are added up until there are no more than this.
MAX_CELLS = 40_000
#: More pixels than this of the region are added up while they are read.
MAX_PIXELS = 25_000_000
#: Degrees around the assets within which people are taken.
MARGIN = 0.02
_TIFF = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")


class Population:
    """A file of people; what else it holds is left aside."""

    def recognises(self, path: Path) -> bool:
        """Tell whether there is such a file."""
        return path.is_file()

    def tables(self, path: Path, options: Options) -> Staged:
        """Return the cells of people where the other files' assets are.

        Parameters
        ----------
        path
            A raster or a table.
        options
            Where the assets are, and the reference system of a table.

        Raises
        ------
        BadInputError
            If nobody is counted there.
        """
        if path.is_symlink() or not path.is_file():
            raise BadInputError([f"{path}: there is no such file of people."])
        staged = _raster(path, options) if is_raster(path) else _table(path, options)
        if not staged.cells:
            raise BadInputError([f"{path.name}: nobody is counted where the assets are."])
        return staged


def is_raster(path: Path) -> bool:
    """Tell by its first bytes whether a file is a GeoTIFF."""
    with path.open("rb") as file:
        return file.read(4) in _TIFF


def _table(path: Path, options: Options) -> Staged:
    recipe = {**options.recipe, "kind": "people"}
    read = importer_of(path).tables(path, replace(options, recipe=recipe, near=None))
    result = Staged(layers=read.layers, findings=read.findings)
    result.cells = [c for c in read.cells if _is_within(c.lon, c.lat, options)]
    for layer in result.layers:
        layer.left_out["outside of where the assets are"] = len(read.cells) - len(result.cells)
        layer.read = len(result.cells)
    return result


def _is_within(lon: float, lat: float, options: Options) -> bool:
    if options.near is None:
        return True
    west, south, east, north = options.near
    return west - MARGIN <= lon <= east + MARGIN and south - MARGIN <= lat <= north + MARGIN


def _raster(path: Path, options: Options) -> Staged:
    import rasterio
    from rasterio.errors import RasterioError

    try:
        with rasterio.open(path) as data:
            cells, rows = _cells(data, path, options)
    except (RasterioError, ValueError, MemoryError) as error:
        raise BadInputError([f"{path.name}: not a readable raster ({error})."]) from error
    layer = LayerReport(path.name, "raster", "band 1", rows, len(cells))
    layer.left_out["nobody lives there"] = max(0, rows - len(cells))
    return Staged(cells=cells, layers=[layer])


def _cells(data: Any, path: Path, options: Options) -> tuple[list[Cell], int]:
    from pyproj import Transformer
    from rasterio.enums import Resampling
    from rasterio.windows import Window, from_bounds
    from rasterio.windows import transform as window_transform

    system = data.crs or options.crs
    if not system:
        raise BadInputError([
            f"{path.name}: the raster does not say its reference system. Name it with --crs EPSG:n."
        ])  # fmt: skip
    whole = Window(0, 0, data.width, data.height)
    window = whole
    if options.near is not None:
        west, south, east, north = options.near
        there = Transformer.from_crs(4326, system, always_xy=True)
        box = there.transform_bounds(west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN)
        try:
            window = from_bounds(*box, transform=data.transform).intersection(whole)
        except rasterio_window_error():
            return [], 0
        window = window.round_offsets().round_lengths()
    height, width = max(1, int(window.height)), max(1, int(window.width))
    step = max(1, int(np.ceil(np.sqrt(height * width / MAX_CELLS))))
    if height * width > MAX_PIXELS:
        band = data.read(
            1, window=window, out_shape=(height // step + 1, width // step + 1),
            resampling=Resampling.sum, masked=True,
        )  # fmt: skip
        scale = (height / band.shape[0], width / band.shape[1])
        people = np.ma.filled(band.astype(float), 0.0)
    else:
        band = data.read(1, window=window, masked=True)
        people = _summed(np.ma.filled(band.astype(float), 0.0), step)
        scale = (float(step), float(step))
    people[~np.isfinite(people) | (people < 0)] = 0.0
    rows, columns = np.nonzero(people >= 0.5)
    move = window_transform(window, data.transform)
    x, y = move @ ((columns + 0.5) * scale[1], (rows + 0.5) * scale[0])
    lon, lat = Transformer.from_crs(system, 4326, always_xy=True).transform(x, y)
    counts = _whole(people[rows, columns])
    result = [
        Cell(f"cell/{row}-{column}", int(count), round(float(a), 5), round(float(b), 5),
             confidence="B", source=path.name)
        for row, column, count, a, b in zip(
            rows.tolist(), columns.tolist(), counts, lon, lat, strict=True
        )
        if count
    ]  # fmt: skip
    return result, height * width


def rasterio_window_error() -> Any:
    """Return what the library raises where a window lies outside of a raster."""
    from rasterio.errors import WindowError

    return WindowError


def _summed(people: np.ndarray, step: int) -> np.ndarray:
    """Add up squares of ``step`` pixels."""
    if step == 1:
        return people
    people[~np.isfinite(people) | (people < 0)] = 0.0
    high = -people.shape[0] % step, -people.shape[1] % step
    padded = np.pad(people, ((0, high[0]), (0, high[1])))
    shape = padded.shape[0] // step, step, padded.shape[1] // step, step
    result: np.ndarray = padded.reshape(shape).sum(axis=(1, 3))
    return result


def _whole(people: np.ndarray) -> list[int]:
    """Round so that the parts add up to the rounded sum."""
    from models.space.areas import largest_remainder

    if not len(people):
        return []
    return largest_remainder(round(float(people.sum())), people.tolist())
