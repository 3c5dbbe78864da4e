"""Extent of a world on a map, also across the antimeridian (180°).

Within a frame longitudes continue beyond 180°, so that neighbours stay neighbours.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from models.world import World

Frame = tuple[float, float, float, float]

#: frame of a world without any place
_EUROPE: Frame = (-10.0, 35.0, 30.0, 60.0)
#: Web maps end here; the poles themselves would be infinitely far away.
MAP_END = 85.051128


def frame(world: World) -> Frame:
    """Return west, south, east, north in degrees; east is above 180 across the antimeridian."""
    if world.bbox is not None:
        west, south, east, north = world.bbox
        return west, south, east + 360.0 if east < west else east, north
    assets = [world.assets[asset_id] for asset_id in world.listed]
    if not assets:
        return _EUROPE
    west, east = _span(asset.lon for asset in assets)
    lats = [asset.lat for asset in assets]
    return west, min(lats), east, max(lats)


def unrolled(lon: float, west: float, east: float) -> float:
    """Return a longitude in the range of a frame from ``west`` to ``east``.

    Parameters
    ----------
    lon
        Degrees in [-180, 180].
    west, east
        The frame's edges in degrees; ``east`` is above 180 where it crosses the antimeridian.
    """
    return lon + 360.0 if lon < west and east > 180 else lon


def _span(lons: Iterable[float]) -> tuple[float, float]:
    """Return the shortest arc that contains all of these longitudes."""
    ordered = sorted(lons)
    west, east = ordered[0], ordered[-1]
    if east - west <= 180:
        return west, east
    gaps = [(b - a, i) for i, (a, b) in enumerate(pairwise(ordered), 1)]
    gap, at = max(gaps)
    return (ordered[at], ordered[at - 1] + 360.0) if gap > 360 - (east - west) else (west, east)
