"""Nearest suppliers in metres: points in a projected CRS and their service areas.

A service area without a polygon is the Voronoi cell of its supplier among all suppliers of the
same kind. This equals a search for the nearest supplier, so no cell is constructed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from models.world import Asset

Point = tuple[float, float]


def utm_crs(lon: float, lat: float) -> str:
    """Return the EPSG code of the UTM zone (WGS 84) of a place; Neubrandenburg is in zone 33."""
    zone = min(60, int((lon + 180) // 6) + 1)
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"


@lru_cache(maxsize=8)
def to_metres(crs: str) -> Transformer:
    """Return the transformer from EPSG:4326 (lon, lat) to a projected CRS."""
    return Transformer.from_crs("EPSG:4326", crs, always_xy=True)


def in_metres(geometry: BaseGeometry, crs: str) -> BaseGeometry:
    """Return a geometry of EPSG:4326 in a projected CRS."""
    return shapely.transform(geometry, to_metres(crs).transform, interleaved=False)


def in_degrees(geometry: BaseGeometry, crs: str) -> BaseGeometry:
    """Return a geometry of a projected CRS in EPSG:4326."""
    back = to_metres(crs)

    def inverse(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[Any, Any]:
        lon, lat = back.transform(x, y, direction="INVERSE")
        return lon, lat

    return shapely.transform(geometry, inverse, interleaved=False)


@dataclass(frozen=True)
class Sites:
    """Assets with their places in metres, ordered by id so that ties are deterministic."""

    ids: tuple[str, ...]
    xy: NDArray[np.float64]
    crs: str

    @classmethod
    def of(cls, assets: Iterable[Asset], crs: str | None = None) -> Sites:
        """Project the assets; the default CRS is the UTM zone of their centre."""
        ordered = sorted(assets, key=lambda a: a.asset_id)
        lon = np.array([a.lon for a in ordered], dtype=float)
        lat = np.array([a.lat for a in ordered], dtype=float)
        if crs is None:
            crs = utm_crs(float(lon.mean()), float(lat.mean())) if ordered else "EPSG:32633"
        x, y = to_metres(crs).transform(lon, lat) if ordered else (lon, lat)
        return cls(tuple(a.asset_id for a in ordered), np.column_stack([x, y]), crs)

    @cached_property
    def row(self) -> Mapping[str, int]:
        """Return the row of each id."""
        return {asset_id: row for row, asset_id in enumerate(self.ids)}

    def among(self, chosen: Iterable[str]) -> Sites:
        """Return only the sites with these ids."""
        rows = sorted(self.row[asset_id] for asset_id in set(chosen) if asset_id in self.row)
        return Sites(tuple(self.ids[row] for row in rows), self.xy[rows], self.crs)

    def point(self, asset_id: str) -> Point:
        """Return the place of one asset in metres."""
        x, y = self.xy[self.row[asset_id]]
        return float(x), float(y)

    def by_distance(self, point: Point, reach_m: float = np.inf) -> list[tuple[float, str]]:
        """Return (distance in m, id) of the sites within reach, nearest first, ties by id."""
        distance = np.hypot(self.xy[:, 0] - point[0], self.xy[:, 1] - point[1])
        rows = np.flatnonzero(distance <= reach_m)
        order = rows[np.argsort(distance[rows], kind="stable")]
        return [(float(distance[row]), self.ids[row]) for row in order]


def owner(
    point: Point, suppliers: Sites, polygons: Mapping[str, BaseGeometry], besides: str = ""
) -> str | None:
    """Return the supplier whose area holds the point.

    Parameters
    ----------
    point
        A place in the CRS of ``suppliers`` (m).
    suppliers
        The candidates.
    polygons
        Declared areas by supplier id, in the same CRS. They take precedence. If none contains
        the point, the nearest supplier *without* a polygon owns it, or, if all have one, the
        nearest.
    besides
        Id of a candidate to leave out, if any.
    """
    place = shapely.Point(point)
    for asset_id in suppliers.ids:
        if asset_id in polygons and asset_id != besides and polygons[asset_id].covers(place):
            return asset_id
    ranked = [asset_id for _, asset_id in suppliers.by_distance(point) if asset_id != besides]
    free = (asset_id for asset_id in ranked if asset_id not in polygons)
    return next(free, ranked[0] if ranked else None)


def largest_remainder(total: int, weights: Sequence[float]) -> list[int]:
    """Split a whole number by weights so that the parts add up to it exactly.

    Hamilton's method: each part is the floor of its exact value, the rest goes to the largest
    remainders, ties go to the earlier weight.
    """
    whole = float(sum(weights))
    if not weights or whole <= 0:
        return [0] * len(weights)
    exact = [total * weight / whole for weight in weights]
    parts = [int(value) for value in exact]
    order = sorted(range(len(parts)), key=lambda row: (parts[row] - exact[row], row))
    for row in order[: total - sum(parts)]:
        parts[row] += 1
    return parts
