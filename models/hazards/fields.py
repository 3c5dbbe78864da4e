"""Fields of intensity: a value at every place, and along every line. No files, no clock.

Where a field has no value (outside it, or NaN) the intensity is 0. Lines are cut exactly where the
value changes: at the borders of cells and of areas; smooth fields are taken every ``STEP_M``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from models.hazards.curves import F64
from models.hazards.lines import I64, Lines, Pieces

#: Along lines, a smooth field is taken in the middle of steps of at most this.
STEP_M = 100.0
#: Pieces that are worked on at once.
_AT_ONCE = 4_000_000

#: From degrees to the coordinates of a field; None: these are degrees.
Project = Callable[[F64, F64], tuple[F64, F64]] | None


class Field(Protocol):
    """A field of intensity, in the unit that its event states."""

    def at(self, lon: F64, lat: F64) -> F64:
        """Return the intensity at places in degrees."""

    def along(self, lines: Lines) -> Pieces:
        """Return the pieces of lines on which it has a value."""


def _placed(project: Project, lon: F64, lat: F64) -> tuple[F64, F64]:
    return (lon, lat) if project is None else project(lon, lat)


@dataclass(frozen=True, eq=False)
class Grid:
    """Cells of equal size: ``values`` [rows, columns], in the order of the file.

    ``inverse`` leads from coordinates to column and row: ``column = a x + b y + c`` and
    ``row = d x + e y + f``, each from 0 at the outer border of the first cell.
    """

    values: Any
    inverse: tuple[float, float, float, float, float, float]
    project: Project = None

    def at(self, lon: F64, lat: F64) -> F64:
        """Return the value of the cell at each place; of a place on a border, of the next one."""
        column, row = self.place(lon, lat)
        return self._cells(column, row)

    def place(self, lon: F64, lat: F64) -> tuple[F64, F64]:
        """Return column and row of places in degrees, from 0 at the outer border."""
        x, y = _placed(self.project, np.asarray(lon, np.float64), np.asarray(lat, np.float64))
        a, b, c, d, e, f = self.inverse
        return a * x + b * y + c, d * x + e * y + f

    def _cells(self, column: F64, row: F64) -> F64:
        rows, columns = self.values.shape
        with np.errstate(invalid="ignore"):
            inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        found = np.zeros(len(column))
        i, j = row[inside].astype(np.int64), column[inside].astype(np.int64)
        found[inside] = np.nan_to_num(self.values[i, j].astype(np.float64))
        return found

    def along(self, lines: Lines) -> Pieces:
        """Return the pieces of lines in each cell."""
        c0, r0 = self.place(lines.lon0, lines.lat0)
        c1, r1 = self.place(lines.lon1, lines.lat1)
        finite = np.isfinite(c0) & np.isfinite(r0) & np.isfinite(c1) & np.isfinite(r1)
        first, last = self._inside(c0, r0, c1 - c0, r1 - r0)
        which = np.flatnonzero(finite & (last > first))
        crossed = np.full(len(which), 2.0)
        for begin, step in ((c0[which], (c1 - c0)[which]), (r0[which], (r1 - r0)[which])):
            ends = (np.floor(begin + t[which] * step) for t in (first, last))
            crossed += np.abs(np.subtract(*ends))
        parts = [
            self._pieces(lines, which[some], first, last, (c0, r0, c1 - c0, r1 - r0))
            for some in _chunks(crossed)
        ]
        return _joined(parts)

    def _inside(self, c0: F64, r0: F64, dc: F64, dr: F64) -> tuple[F64, F64]:
        """Return from where to where, as parts of it, each segment is on the grid."""
        rows, columns = self.values.shape
        first, last = np.zeros(len(c0)), np.ones(len(c0))
        for at, step, most in ((c0, dc, columns), (r0, dr, rows)):
            with np.errstate(divide="ignore", invalid="ignore"):
                enter, leave = (0 - at) / step, (most - at) / step
            low, high = np.minimum(enter, leave), np.maximum(enter, leave)
            still = step == 0
            off = still & ((at < 0) | (at >= most))
            first = np.where(still, first, np.fmax(first, low))
            last = np.where(off, -1.0, np.where(still, last, np.fmin(last, high)))
        return first, last

    def _pieces(
        self,
        lines: Lines,
        which: I64,
        first: F64,
        last: F64,
        way: tuple[F64, F64, F64, F64],
    ) -> Pieces:
        """Cut segments at every border of a cell, and look up the cell of each piece."""
        c0, r0, dc, dr = (part[which] for part in way)
        begin, end = first[which], last[which]
        number, cut = [np.arange(len(which))] * 2, [begin, end]
        for at, step in ((c0, dc), (r0, dr)):
            low = np.minimum(at + begin * step, at + end * step)
            high = np.maximum(at + begin * step, at + end * step)
            lowest = np.floor(low).astype(np.int64) + 1
            count = np.maximum(np.ceil(high).astype(np.int64) - lowest, 0)
            segment = np.repeat(np.arange(len(which)), count)
            offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
            border = lowest[segment] + offset
            with np.errstate(divide="ignore", invalid="ignore"):
                cut.append((border - at[segment]) / step[segment])
            number.append(segment)
        segment, t = np.concatenate(number), np.concatenate(cut)
        order = np.lexsort((t, segment))
        segment, t = segment[order], t[order]
        same = segment[1:] == segment[:-1]
        segment, size = segment[:-1][same], (t[1:] - t[:-1])[same]
        middle = (0.5 * (t[1:] + t[:-1]))[same]
        value = self._cells(c0[segment] + middle * dc[segment], r0[segment] + middle * dr[segment])
        keep = (value != 0) & (size > 0)
        segment = segment[keep]
        length = size[keep] * lines.length_m[which][segment]
        return Pieces(lines.of[which][segment], length, value[keep])


@dataclass(frozen=True, eq=False)
class Areas:
    """Polygons in degrees, each with an intensity; where several overlap the largest counts."""

    shapes: Sequence[Any]
    intensity: Sequence[float]

    @cached_property
    def _ranked(self) -> list[tuple[float, Any]]:
        """Return the intensities from the largest on, each with the union of its areas."""
        from shapely import prepare, union_all

        found = []
        for value in sorted(set(self.intensity), reverse=True):
            whole = union_all(
                [s for s, v in zip(self.shapes, self.intensity, strict=True) if v == value]
            )
            prepare(whole)
            found.append((value, whole))
        return found

    def at(self, lon: F64, lat: F64) -> F64:
        """Return the intensity at each place; the border of an area is in it."""
        from shapely import intersects_xy

        found = np.zeros(len(lon))
        for value, whole in self._ranked:
            found[intersects_xy(whole, lon, lat) & (found == 0)] = value
        return found

    def along(self, lines: Lines) -> Pieces:
        """Return the pieces of lines in each area."""
        from shapely import difference, intersection, intersects, is_empty, length, linestrings

        ends = np.stack([lines.lon0, lines.lat0, lines.lon1, lines.lat1], axis=1)
        rest: Any = linestrings(ends.reshape(-1, 2, 2))
        degrees, parts = length(rest), []
        for value, whole in self._ranked:
            hit = np.flatnonzero(~is_empty(rest) & intersects(whole, rest))
            inside = length(intersection(rest[hit], whole))
            with np.errstate(divide="ignore", invalid="ignore"):
                share = np.where(degrees[hit] > 0, inside / degrees[hit], 0.0)
            parts.append(
                Pieces(lines.of[hit], share * lines.length_m[hit], np.full(len(hit), float(value)))
            )
            rest[hit] = difference(rest[hit], whole)
        return _joined(parts)


@dataclass(frozen=True, eq=False)
class Smooth:
    """A field that is a formula, such as the wind around a storm or the shaking of the ground."""

    formula: Callable[[F64, F64], F64]

    def at(self, lon: F64, lat: F64) -> F64:
        """Return the intensity at each place."""
        return np.nan_to_num(self.formula(np.asarray(lon), np.asarray(lat)))

    def along(self, lines: Lines) -> Pieces:
        """Return pieces of at most ``STEP_M``, each with the intensity in its middle."""
        count = np.maximum(np.ceil(lines.length_m / STEP_M), 1.0)
        parts = []
        for some in _chunks(count):
            n = count[some].astype(np.int64)
            segment = np.repeat(np.asarray(some), n)
            offset = np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n)
            t = (offset + 0.5) / count[segment]
            lon = lines.lon0[segment] + t * (lines.lon1 - lines.lon0)[segment]
            lat = lines.lat0[segment] + t * (lines.lat1 - lines.lat0)[segment]
            value = self.at(lon, lat)
            parts.append(Pieces(lines.of[segment], lines.length_m[segment] / count[segment], value))
        return _joined(parts)


def _chunks(sizes: F64) -> Iterator[I64]:
    """Yield positions in order, so many at once that their sizes add up to no more than a limit."""
    batch = (np.cumsum(sizes) // _AT_ONCE).astype(np.int64)
    borders = np.flatnonzero(np.diff(batch)) + 1
    yield from np.split(np.arange(len(sizes)), borders)


def _joined(parts: Sequence[Pieces]) -> Pieces:
    if not parts:
        return Pieces(np.empty(0, np.int64), np.empty(0), np.empty(0))
    return Pieces(
        np.concatenate([part.of for part in parts]),
        np.concatenate([part.length_m for part in parts]),
        np.concatenate([part.intensity for part in parts]),
    )
