"""What each cell of people lacks over time: for maps, and for the area of a warning.

These are the cells of ``people.csv``; those made of service areas have no place of their own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from typing import NamedTuple

from models.impact.people import Shortfall, moves
from models.impact.settlement import Served, settlement_of
from models.outcome import Outcome
from models.world import World

#: A service is missing in a cell where at least this part of its people lacks it.
MISSING = 0.5


class CellMoment(NamedTuple):
    """What a cell lacks from ``t_ms`` on.

    ``services`` that at least half of its people lack, sorted; ``part`` of its people who lack at
    least one, in [0, 1].
    """

    t_ms: int
    services: tuple[str, ...]
    part: float


def cell_courses(world: World, outcome: Outcome) -> dict[str, tuple[CellMoment, ...]]:
    """Return what each cell lacks, where that changes; cells that never lack anything are left out.

    Parameters
    ----------
    world, outcome
        Who lives where, and what became of those who serve them.
    """
    settlement = settlement_of(world)
    fell = outcome.levels.keys() | {asset for asset, _ in outcome.delivery}
    alike: dict[tuple[Served, ...], list[str]] = defaultdict(list)
    for cell_id in sorted({c for asset in fell for c in settlement.cells_of.get(asset, ())}):
        if cell_id not in settlement.area_cells:
            alike[settlement.served[cell_id]].append(cell_id)
    found: dict[str, tuple[CellMoment, ...]] = {}
    for served, cells in alike.items():
        course = tuple(_moment(t, now) for t, _, now in moves(served, world.use_needs, outcome))
        if course:
            found.update(dict.fromkeys(cells, course))
    return dict(sorted(found.items()))


def _moment(t_ms: int, lack: Shortfall) -> CellMoment:
    services = (name for (name, need), part in lack.reasons if not need and part >= MISSING)
    return CellMoment(t_ms, tuple(services), lack.parts[0] if lack.parts else 0.0)


def moment_at(course: Collection[CellMoment], t_ms: int) -> CellMoment:
    """Return what a cell lacks at a time."""
    now = CellMoment(0, (), 0.0)
    for moment in course:
        if moment.t_ms > t_ms:
            break
        now = moment
    return now


class PlaceLacking(NamedTuple):
    """People of a municipality: all of them, and those who lack something."""

    name: str
    people: int
    lacking: float


def by_municipality(
    world: World, courses: Mapping[str, tuple[CellMoment, ...]], t_ms: int
) -> tuple[PlaceLacking, ...]:
    """Return who lacks something at a time by municipality, most people first.

    Parameters
    ----------
    world
        Who lives where; cells without a municipality are left out.
    courses
        Of :func:`cell_courses`.
    t_ms
        The time, in ms.
    """
    people: Counter[str] = Counter()
    lacking: defaultdict[str, float] = defaultdict(float)
    for cell_id, cell in world.cells.items():
        if cell.municipality:
            people[cell.municipality] += cell.people
            part = moment_at(courses.get(cell_id, ()), t_ms).part
            lacking[cell.municipality] += cell.people * part
    found = [PlaceLacking(name, n, round(lacking[name], 6)) for name, n in people.items()]
    return tuple(sorted(found, key=lambda cell: (-cell.lacking, -cell.people, cell.name)))
