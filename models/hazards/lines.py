"""Polylines as arrays: where links run, how long each of their pieces is on the ground."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.hazards.curves import F64
from models.world import World

I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Lines:
    """All straight segments of ``ids``, [segments]: ends in degrees, geodesic length in metres."""

    ids: tuple[str, ...]
    of: I64
    lon0: F64
    lat0: F64
    lon1: F64
    lat1: F64
    length_m: F64

    @property
    def total_m(self) -> F64:
        """Return the geodesic length of each line, [lines]."""
        found = np.bincount(self.of, weights=self.length_m, minlength=len(self.ids))
        return found.astype(np.float64)


@dataclass(frozen=True, eq=False)
class Pieces:
    """Parts of lines with one intensity each, [pieces]; what no piece covers has none."""

    of: I64
    length_m: F64
    intensity: F64


def lines_of(world: World, link_ids: Sequence[str]) -> Lines:
    """Return the ways of links; one without geometry is the straight line between its ends."""
    from pyproj import Geod
    from shapely import get_coordinates

    coordinates: list[F64] = []
    for link_id in link_ids:
        link = world.links[link_id]
        if link.geometry is not None and not link.geometry.is_empty:
            coordinates.append(get_coordinates(link.geometry))
        else:
            ends = (world.assets[link.from_id], world.assets[link.to_id])
            coordinates.append(np.array([(end.lon, end.lat) for end in ends]))
    starts = [part[:-1] for part in coordinates]
    ends_at = [part[1:] for part in coordinates]
    of = np.repeat(np.arange(len(link_ids)), [len(part) for part in starts])
    begin = np.concatenate(starts) if starts else np.empty((0, 2))
    end = np.concatenate(ends_at) if ends_at else np.empty((0, 2))
    geod = Geod(ellps="WGS84")
    _, _, length = geod.inv(begin[:, 0], begin[:, 1], end[:, 0], end[:, 1])
    lon0, lat0, lon1, lat1 = np.concatenate([begin, end], axis=1).T.copy()
    return Lines(tuple(link_ids), of, lon0, lat0, lon1, lat1, np.abs(length))


def summary(pieces: Pieces, lines: Lines, above: float) -> Mapping[str, F64]:
    """Return ``max``, ``mean``, ``length_m`` and ``hit_m`` of each line, [lines].

    Parameters
    ----------
    pieces
        The parts of the lines on which a field has a value.
    lines
        The lines. The mean is over their whole length: where a field has no value it is 0.
    above
        Length counts as hit where the intensity is above this.
    """
    n, total = len(lines.ids), lines.total_m
    most = np.zeros(n)
    np.maximum.at(most, pieces.of, pieces.intensity)
    weighted = np.bincount(pieces.of, weights=pieces.length_m * pieces.intensity, minlength=n)
    hit = pieces.intensity > above
    hit_m = np.bincount(pieces.of[hit], weights=pieces.length_m[hit], minlength=n)
    mean = np.divide(weighted, total, out=np.zeros(n), where=total > 0)
    return {"max": most, "mean": mean, "length_m": total, "hit_m": np.minimum(hit_m, total)}
