"""Distances between assets, on the ellipsoid."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from pyproj import Geod

from models.world import Asset


@cache
def _ellipsoid() -> Geod:
    return Geod(ellps="WGS84")


def distance_m(one: Asset, other: Asset) -> float:
    """Return the metres between two assets along the WGS84 ellipsoid."""
    return float(_ellipsoid().inv(one.lon, one.lat, other.lon, other.lat)[2])


def nearest_first(here: Asset, others: Sequence[Asset]) -> list[Asset]:
    """Return ``others`` by their distance from ``here``; ties by id."""
    return sorted(others, key=lambda other: (distance_m(here, other), other.asset_id))
