"""The wind of a cyclone along its track: Holland's profile, the largest over time at a place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.hazards.curves import F64

#: Points of a track are put in between so that they are no further apart than this part of the
#: radius of the strongest wind.
_STEP = 0.25
_MOST_STEPS = 20_000
_EARTH_M = 6_371_008.8


@dataclass(frozen=True, slots=True)
class Air:
    """Numbers of the profile that a track does not give: a row each of a knowledge table."""

    density_kg_m3: float
    outer_hpa: float
    b_low: float
    b_high: float


@dataclass(frozen=True)
class Track:
    """Points of a track in order of time, [points].

    ``wind_m_s`` is the largest mean wind, ``radius_m`` where it blows, ``pressure_hpa`` that in
    the centre (NaN: not known).
    """

    lon: F64
    lat: F64
    wind_m_s: F64
    radius_m: F64
    pressure_hpa: F64

    @cached_property
    def dense(self) -> Track:
        """Return the track with points in between, evenly, so that no place is passed over."""
        if len(self.lon) < 2:
            return self
        lon = np.unwrap(self.lon, period=360.0)
        way = distance_m(lon[:-1], self.lat[:-1], lon[1:], self.lat[1:])
        finest = _STEP * np.minimum(self.radius_m[:-1], self.radius_m[1:])
        count = np.clip(np.ceil(way / finest), 1, _MOST_STEPS // len(way) + 1).astype(np.int64)
        at = np.concatenate([n + np.arange(c) / c for n, c in enumerate(count)] + [[len(way)]])
        known = np.arange(len(lon))
        columns = (lon, self.lat, self.wind_m_s, self.radius_m, self.pressure_hpa)
        return Track(*(np.interp(at, known, values) for values in columns))


def gusts(track: Track, air: Air, factor: float, lon: F64, lat: F64) -> F64:
    """Return the largest gust over time at places, in m/s (Holland 1980).

    ``V(r) = Vmax sqrt((rm / r)^B exp(1 - (rm / r)^B))``, without asymmetry by the storm's motion.
    ``B = Vmax^2 e rho / (pn - pc)`` within its bounds; where the pressure is not known, the middle.

    Parameters
    ----------
    track
        The storm.
    air
        Density, outer pressure, bounds of B.
    factor
        From the track's wind to the gust that curves are about.
    lon, lat
        The places, in degrees.
    """
    dense = track.dense
    drop = 100.0 * np.maximum(air.outer_hpa - dense.pressure_hpa, 1.0)
    b = np.e * air.density_kg_m3 * dense.wind_m_s**2 / drop
    b = np.clip(np.where(np.isnan(b), 0.5 * (air.b_low + air.b_high), b), air.b_low, air.b_high)
    most = np.zeros(len(lon))
    for n in range(len(dense.lon)):
        r = np.maximum(distance_m(dense.lon[n], dense.lat[n], lon, lat), 1.0)
        ratio = (dense.radius_m[n] / r) ** b[n]
        np.maximum(most, dense.wind_m_s[n] * np.sqrt(ratio * np.exp(1.0 - ratio)), out=most)
    return factor * most


def distance_m(lon: F64, lat: F64, other_lon: F64, other_lat: F64) -> F64:
    """Return great-circle distances on a sphere, in metres.

    Parameters
    ----------
    lon, lat
        Places, in degrees.
    other_lon, other_lat
        Other places, of the same shape or one that goes with it.
    """
    a, b = np.radians(lat), np.radians(other_lat)
    half_lat = np.sin((b - a) / 2) ** 2
    half_lon = np.sin(np.radians(np.asarray(other_lon) - lon) / 2) ** 2
    inside = half_lat + np.cos(a) * np.cos(b) * half_lon
    found: F64 = 2 * _EARTH_M * np.arcsin(np.sqrt(np.minimum(inside, 1.0)))
    return found
