"""The safe public map: the cost of a scenario by cells of a fixed grid, in coarse numbers.

It is made of what may be seen with the label CLEAR (``need_to_know.py``), so nothing about what is
hidden can be in it. Cells lie on a grid that no asset moves. Every count is 0, *a few*, or a
multiple of ``round_to``: sums and differences of published counts are 0 or at least ``least_told``
too, so no small count can be derived from others (complementary suppression).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from typing_extensions import TypedDict

from models.errors import BadInputError
from models.impact.consequences import Steps
from models.impact.people import course_of, difference, moves
from models.impact.settlement import parts_for, settlement_of
from models.outcome import Outcome
from models.space.areas import to_metres, utm_crs
from models.space.frame import frame
from models.units import MS_PER_HOUR
from models.world import Asset, World
from models.world import Cell as Home

#: a count over time, as [hour, count] where it changes
Course = list[list[float]]
#: column and row of the grid, from its origin
Cell = tuple[int, int]
#: metres from the zone's origin that a cell may be away
FARTHEST_M = 2e7
#: what is published for a count from 1 to just below ``least_told``
FEW = -1


class CellNumbers(TypedDict):
    """People whom a service reaches in a cell, and the course of those without it."""

    served: int
    without: Course


class ServiceCell(CellNumbers):
    """The same with the cell's place in the list of cells."""

    cell: int


class CoarseService(TypedDict):
    """A service in all cells in which it reaches enough people."""

    id: str
    cells: list[ServiceCell]


class FacilityCell(TypedDict):
    """The course of the facilities affected in a cell."""

    cell: int
    affected: Course


class CoarseHead(TypedDict):
    """Horizon and limits, the rings of the cells in degrees, and facilities affected."""

    horizon_h: float
    step_h: float
    least_told: int
    round_to: int
    cell_m: float
    cells: list[list[list[float]]]
    facilities: list[FacilityCell]


class CoarseMap(CoarseHead):
    """The whole map, without words."""

    services: list[CoarseService]


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers that keep it safe; rows of ``data/knowledge/public_map.csv``."""

    least_told: int
    round_to: int
    cell_m: float
    step_h: float

    def __post_init__(self) -> None:
        """Refuse limits with which a small count could be worked out from others."""
        if not 1 < self.least_told <= self.round_to or self.cell_m <= 0 or self.step_h <= 0:
            raise BadInputError(["The public map's round_to must be at least its least_told."])

    def coarse(self, count: float) -> int:
        """Return a count as it may be published: 0, FEW, or a multiple of ``round_to``."""
        whole = ceil(count - 1e-6)
        if whole <= 0:
            return 0
        if whole < self.least_told:
            return FEW
        return max(1, floor(whole / self.round_to + 0.5)) * self.round_to


@dataclass(frozen=True)
class Grid:
    """Square cells in the UTM zone of a region, counted from the zone's own origin."""

    crs: str
    cell_m: float

    @classmethod
    def of(cls, world: World, cell_m: float) -> Grid:
        """Return the grid of a region; only its zone depends on where the region is."""
        if world.bbox is not None:
            west, south, east, north = frame(world)
            middle = ((west + east) / 2 + 180) % 360 - 180
            return cls(utm_crs(middle, (south + north) / 2), cell_m)
        first = next(iter(world.assets.values()))
        return cls(utm_crs(first.lon, first.lat), cell_m)

    def cells(self, places: Mapping[str, Asset | Home]) -> dict[str, Cell]:
        """Return the cell of each asset or cell of people, by id."""
        if not places:
            return {}
        spots = places.values()
        x, y = to_metres(self.crs).transform([s.lon for s in spots], [s.lat for s in spots])
        # a zone does not reach round the earth: what is too far away is at its edge
        x, y = (np.clip(np.nan_to_num(axis), -FARTHEST_M, FARTHEST_M) for axis in (x, y))
        return {
            name: (floor(x[i] / self.cell_m), floor(y[i] / self.cell_m))
            for i, name in enumerate(places)
        }

    def ring(self, cell: Cell) -> list[list[float]]:
        """Return the corners of a cell as a closed ring, in degrees."""
        column, row = cell
        corners = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
        x = [(column + i) * self.cell_m for i, _ in corners]
        y = [(row + j) * self.cell_m for _, j in corners]
        lon, lat = to_metres(self.crs).transform(x, y, direction="INVERSE")
        return [[round(a, 5), round(b, 5)] for a, b in zip(lon, lat, strict=True)]


def public_map(world: World, outcome: Outcome, limits: Limits) -> CoarseMap:
    """Return the map as plain values; ``world`` is what may be seen with the label CLEAR.

    Parameters
    ----------
    world
        What may be seen with the label CLEAR.
    outcome
        What came of a scenario in the whole world.
    limits
        The fewest people, the size of cells and the steps of time that anything is shown with.

    Returns
    -------
    ``cells`` with their rings; per service and cell where enough people live that it is for, their
    number ``served`` and the course of those ``without`` it at home, as [hour, count] where the
    count changes; per cell the course of ``facilities`` affected. Hours are multiples of
    ``step_h``.
    """
    grid = Grid.of(world, limits.cell_m)
    services = _services(world, outcome, limits, grid)
    listed = grid.cells({asset_id: world.assets[asset_id] for asset_id in world.listed})
    facilities = _facilities(outcome, limits, listed)
    shown = sorted({c for service in services.values() for c in service} | facilities.keys())
    place = {cell: i for i, cell in enumerate(shown)}
    return {
        "horizon_h": outcome.horizon_ms / MS_PER_HOUR,
        "step_h": limits.step_h,
        "least_told": limits.least_told,
        "round_to": limits.round_to,
        "cell_m": limits.cell_m,
        "cells": [grid.ring(cell) for cell in shown],
        "services": [
            {
                "id": service,
                "cells": [{"cell": place[c], **numbers} for c, numbers in sorted(value.items())],
            }
            for service, value in services.items()
        ],
        "facilities": [{"cell": place[c], "affected": found} for c, found in facilities.items()],
    }


def _services(
    world: World, outcome: Outcome, limits: Limits, grid: Grid
) -> dict[str, dict[Cell, CellNumbers]]:
    """Return the public numbers by service and cell, of people where they live."""
    settlement = settlement_of(world)
    cell_of = grid.cells(settlement.cells)
    living: dict[str, dict[Cell, float]] = {s: defaultdict(float) for s in world.served}
    jumps: dict[tuple[str, Cell], list[tuple[int, float]]] = defaultdict(list)
    for cell_id, served in settlement.served.items():
        people, cell = settlement.cells[cell_id].people, cell_of[cell_id]
        for service, part in parts_for(served).items():
            living[service][cell] += people * part
        for t_ms, before, after in moves(served, world.use_needs, outcome):
            for service, part in difference(before, after).items():
                jumps[service, cell].append((t_ms, people * part))
    found: dict[str, dict[Cell, CellNumbers]] = {}
    for service, cells in living.items():
        numbers = {
            cell: _cell(outcome, count, course_of(jumps[service, cell]), limits)
            for cell, count in sorted(cells.items())
        }
        found[service] = {cell: number for cell, number in numbers.items() if number is not None}
    return found


def _cell(outcome: Outcome, people: float, without: Steps, limits: Limits) -> CellNumbers | None:
    """Return the public numbers of one service in one cell; None if it is for too few people."""
    served = limits.coarse(people)
    if served <= 0:
        return None
    return {"served": served, "without": _coarse_course(without, outcome, limits, most=served)}


def _facilities(outcome: Outcome, limits: Limits, cell_of: dict[str, Cell]) -> dict[Cell, Course]:
    """Return how many facilities are affected by cell; cells without any are left out."""
    jumps: dict[Cell, list[tuple[int, float]]] = defaultdict(list)
    for asset_id, cell in cell_of.items():
        before = 0.0
        for change in outcome.states.get(asset_id, ()):
            now = float(change.delivered < 1)
            jumps[cell].append((change.t_ms, now - before))
            before = now
    facilities = {}
    for cell, changes in sorted(jumps.items()):
        course = _coarse_course(_added_up(changes), outcome, limits)
        if any(count for _, count in course):
            facilities[cell] = course
    return facilities


def _added_up(jumps: Iterable[tuple[int, float]]) -> Steps:
    steps: list[tuple[int, float]] = [(0, 0.0)]
    for t, jump in sorted(jumps):
        steps.append((t, steps[-1][1] + jump))
    return tuple(steps)


def _coarse_course(
    steps: Steps, outcome: Outcome, limits: Limits, most: int | None = None
) -> Course:
    """Return a course as published: the count at each whole step, where that changes."""
    step_ms = limits.step_h * MS_PER_HOUR
    at: dict[int, float] = {0: 0.0}
    for t, value in steps:
        if t <= outcome.horizon_ms:
            at[ceil(t / step_ms)] = value
    course: Course = []
    for number, value in sorted(at.items()):
        count = limits.coarse(value)
        count = count if most is None else min(count, most)
        if not course or course[-1][1] != count:
            course.append([number * limits.step_h, count])
    return course
