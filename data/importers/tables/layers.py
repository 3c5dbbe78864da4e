"""A layer of a foreign file, and where its rows are on earth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from data.importers.options import Options
from data.worlds.tables import Findings, Table
from models.errors import BadInputError
from models.imports.staged import Staged

#: Farther from a centre than any projection goes, in its unit.
MAX_COORDINATE = 1e8
#: Of this share of the rows at least the places are degrees, else the table is projected.
_MOST = 0.5
_NEAR_DEGREES = 1.5


@dataclass(frozen=True, slots=True)
class Layer:
    """One table of a file; ``system`` is what it says its coordinates are in, empty for nothing."""

    file: str
    kind: str
    name: str
    table: Table
    system: str = ""


@dataclass(frozen=True, slots=True)
class Axes:
    """The numbers of two columns, NaN where there is none, and what the columns are called."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    x_name: str
    y_name: str
    are_degrees: bool


def places(
    layer: Layer, axes: Axes, options: Options, findings: Findings, staged: Staged
) -> NDArray[np.float64]:
    """Return longitude and latitude of each row, NaN where it has no place.

    Parameters
    ----------
    layer
        What the numbers are of.
    axes
        The two columns.
    options
        Which reference system the user named, and where the other files lie.
    findings
        Told of rows that lie nowhere.
    staged
        Told that the axes are swapped.

    Raises
    ------
    BadInputError
        If the numbers are no degrees and nobody says what they are.
    """
    x, y = axes.x.copy(), axes.y.copy()
    empty = np.isnan(x) | np.isnan(y) | ((x == 0) & (y == 0))
    x[empty] = y[empty] = np.nan
    known = ~empty
    if not known.any():
        return np.column_stack([x, y])
    system = _system(layer, options)
    fits = (np.abs(x) <= 180) & (np.abs(y) <= 90)
    turned = (np.abs(y) <= 180) & (np.abs(x) <= 90)
    if system and not _is_degrees(system) and not (axes.are_degrees and fits[known].all()):
        return _projected(layer, axes, (x, y), system, findings)
    if fits[known].mean() < _MOST and turned[known].all():
        x, y = y, x
        _tell_swapped(layer, axes, staged, "they only fit so")
    elif options.near is not None and turned[known].all() and _is_nearer(x, y, options.near):
        x, y = y, x
        _tell_swapped(layer, axes, staged, "so they lie where the other files do")
    elif fits[known].mean() < _MOST:
        _refuse(layer, axes, x[known], y[known], findings)
        return np.full((len(x), 2), np.nan)
    for row in np.flatnonzero(known & ~((np.abs(x) <= 180) & (np.abs(y) <= 90))).tolist():
        _tell_nowhere(layer, axes, row, (x, y), findings)
        x[row] = y[row] = np.nan
    return np.column_stack([x, y])


def _system(layer: Layer, options: Options) -> str:
    stated = options.recipe.get("crs") if isinstance(options.recipe, dict) else None
    return str(options.crs or stated or layer.system or "")


def _is_degrees(system: str) -> bool:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        return bool(CRS.from_user_input(system).is_geographic)
    except CRSError as error:
        raise BadInputError([f"the reference system '{system[:60]}' is not known."]) from error


def _projected(
    layer: Layer, axes: Axes, xy: tuple[NDArray[np.float64], NDArray[np.float64]], system: str,
    findings: Findings,
) -> NDArray[np.float64]:  # fmt: skip
    from pyproj import Transformer

    transformer = Transformer.from_crs(system, 4326, always_xy=True)
    lon, lat = transformer.transform(xy[0], xy[1])
    result = np.column_stack([np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)])
    lost = ~np.isnan(xy[0]) & ~(np.isfinite(result).all(axis=1) & (np.abs(result[:, 1]) <= 90))
    for row in np.flatnonzero(lost).tolist():
        _tell_nowhere(layer, axes, row, xy, findings)
    result[~np.isfinite(result).all(axis=1)] = np.nan
    result[lost] = np.nan
    return result


def _is_nearer(
    x: NDArray[np.float64], y: NDArray[np.float64], near: tuple[float, float, float, float]
) -> bool:
    west, south, east, north = near
    a, b = float(np.nanmedian(x)), float(np.nanmedian(y))

    def inside(lon: float, lat: float) -> bool:
        return (
            west - _NEAR_DEGREES <= lon <= east + _NEAR_DEGREES
            and south - _NEAR_DEGREES <= lat <= north + _NEAR_DEGREES
        )

    return inside(b, a) and not inside(a, b)


def _tell_swapped(layer: Layer, axes: Axes, staged: Staged, why: str) -> None:
    staged.find(
        layer.file, f"{axes.x_name} and {axes.y_name} are swapped: read so, {why}.",
        column=axes.x_name, offer="Swap the two headers in the file.",
    )  # fmt: skip


def _refuse(
    layer: Layer, axes: Axes, x: NDArray[np.float64], y: NDArray[np.float64], findings: Findings
) -> None:
    if float(np.nanmax(np.abs(np.concatenate([x, y])))) > MAX_COORDINATE:
        text = "lies nowhere on earth in any reference system."
        number, place = layer.table.numbers[0], f"{x[0]:g}, {y[0]:g}"
        findings.row(layer.table, number, axes.x_name, f"{place} {text}", "nowhere")
        return
    text = (
        f"the coordinates (such as {x[0]:.10g}, {y[0]:.10g}) are no degrees and the file does not "
        "say what they are in. Name their reference system with --crs EPSG:n."
    )
    findings.problem(layer.table.place, text)


def _tell_nowhere(
    layer: Layer, axes: Axes, row: int, xy: tuple[NDArray[np.float64], NDArray[np.float64]],
    findings: Findings,
) -> None:  # fmt: skip
    text = f"{xy[0][row]:g}, {xy[1][row]:g} lies nowhere on earth."
    findings.row(layer.table, layer.table.numbers[row], axes.x_name, text, "nowhere")


def shapes_in_degrees(
    layer: Layer, options: Options, findings: Findings, staged: Staged
) -> NDArray[Any] | None:
    """Return the geometries of a layer in degrees; None where it has none.

    Parameters
    ----------
    layer
        What they are of.
    options
        Which reference system the user named.
    findings, staged
        Told of what lies nowhere, and of swapped axes.
    """
    if layer.table.geometries is None:
        return None
    shapes = np.array(layer.table.geometries, dtype=object)
    present = np.array([s is not None and not s.is_empty for s in shapes], dtype=bool)
    shapes[~present] = None
    if not present.any():
        return shapes
    shapes[present] = shapely.force_2d(shapes[present])
    middles = np.full((len(shapes), 2), np.nan)
    box = shapely.bounds(shapes[present])
    middles[present] = np.column_stack([box[:, [0, 2]].mean(axis=1), box[:, [1, 3]].mean(axis=1)])
    system = layer.system or _system(layer, options)
    layer = Layer(layer.file, layer.kind, layer.name, layer.table, system)
    own = Options(crs=system or None, near=options.near)
    axes = Axes(middles[:, 0], middles[:, 1], "geometry", "geometry", False)
    lonlat = places(layer, axes, own, findings, staged)
    if system and not _is_degrees(system):
        from pyproj import Transformer

        there = Transformer.from_crs(system, 4326, always_xy=True)
        shapes[present] = shapely.transform(shapes[present], there.transform, interleaved=False)
    elif np.allclose(lonlat[present][:, 0], middles[present][:, 1], equal_nan=True) and not (
        np.allclose(middles[present][:, 0], middles[present][:, 1])
    ):
        shapes[present] = shapely.transform(shapes[present], lambda c: c[:, ::-1])
    lost = present & np.isnan(lonlat[:, 0])
    shapes[lost] = None
    return shapes
