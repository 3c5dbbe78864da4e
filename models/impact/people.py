"""Distinct people: who lacks something, and how many services each of them lacks.

People live in cells, and assets serve cells (:class:`~models.world.Serving`). An asset of
``service_areas`` whose service no serving names is a cell of its own, with as many people as its
largest area; nothing is known of how such cells overlap, so worlds that only have areas may count
a person once per asset.

Two assumptions, stated in ``docs/model.md``: a partial supply is shared evenly among the people it
is for, and within a cell the same people go without first (the sets are nested), so the people who
lack at least n services are those of the n-th largest shortfall.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum

from models.impact.consequences import Steps, delivery_course, person_hours
from models.outcome import Outcome
from models.world import Cell, Serving, UseNeed, World

#: what the cell of an asset with service areas is called: this before the asset's id
AREA_CELL = "area:"
#: the group of all people
EVERYBODY = ""


@dataclass(frozen=True, slots=True)
class Lacking:
    """People who lack at least one service, each counted once.

    ``course`` holds their number over time, ``peak`` the largest, first reached at ``peak_ms``.
    ``person_hours`` is the area under the course. ``by_missing`` are the people who lack exactly
    n services at ``peak_ms``, by n; they add up to ``peak``.
    """

    course: Steps
    peak: int
    peak_ms: int
    person_hours: float
    by_missing: Mapping[int, int]


def cells_with_areas(world: World) -> tuple[Mapping[str, Cell], tuple[Serving, ...]]:
    """Return all cells by id and who serves them: those of service areas included."""
    served = {serving.service for serving in world.servings}
    areas = defaultdict(list)
    for area in world.service_areas:
        if area.service not in served and area.people:
            areas[area.asset_id].append(area)
    cells, servings = dict(world.cells), list(world.servings)
    for asset_id, listed in areas.items():
        by_service: dict[str, int] = defaultdict(int)
        for area in listed:
            by_service[area.service] += area.people
        asset, people = world.assets[asset_id], max(by_service.values())
        cell_id = AREA_CELL + asset_id
        cells[cell_id] = Cell(cell_id, people, asset.lon, asset.lat)
        servings += [
            Serving(cell_id, asset_id, service, count / people, listed[0].confidence)
            for service, count in sorted(by_service.items())
        ]
    return cells, tuple(servings)


def distinct_people(world: World, outcome: Outcome) -> dict[str, Lacking]:
    """Return who lacks something over a run: of all people under ``""``, and of each group."""
    cells, servings = cells_with_areas(world)
    fell = outcome.levels.keys() | {asset for asset, _ in outcome.delivery}
    touched = {serving.cell_id for serving in servings if serving.asset_id in fell}
    of_cell: dict[str, list[Serving]] = {cell_id: [] for cell_id in touched}
    for serving in servings:
        if serving.cell_id in touched:
            of_cell[serving.cell_id].append(serving)
    names = {EVERYBODY} | {name for cell in cells.values() for name, _ in cell.groups}
    jumps: dict[str, list[_Jump]] = {name: [] for name in sorted(names)}
    for cell_id in sorted(touched):
        cell = cells[cell_id]
        weights = {EVERYBODY: cell.people, **dict(cell.groups)}
        for t_ms, before, after in _moves(of_cell[cell_id], world.use_needs, outcome):
            for name, people in weights.items():
                if people:
                    jumps[name].append(_Jump(t_ms, people, before, after))
    return {name: _lacking(found, outcome.horizon_ms) for name, found in jumps.items()}


@dataclass(frozen=True, slots=True)
class _Jump:
    """At ``t_ms``, the shortfalls of a cell's people change; each sorted, the largest first."""

    t_ms: int
    people: int
    before: tuple[float, ...]
    after: tuple[float, ...]


def shortfalls(
    delivered: Iterable[tuple[str, float, float]], use_needs: Sequence[UseNeed]
) -> dict[str, float]:
    """Return the part of a cell's people that lacks each service, in [0, 1].

    Parameters
    ----------
    delivered
        Service, share and delivered level in [0, 1] of every asset that serves the cell.
    use_needs
        What a service at home needs besides its own supply.

    Returns
    -------
    One number per service that the cell is served with. A need that is itself a use of another
    service is followed in turn.
    """
    shares: dict[str, list[float]] = defaultdict(list)
    missing: dict[str, list[float]] = defaultdict(list)
    for service, share, level in delivered:
        shares[service].append(share)
        missing[service].append(share * (1.0 - level))
    lack = {name: fsum(missing[name]) / max(1.0, fsum(shares[name])) for name in sorted(shares)}
    # needs may lean on each other; each round follows one step, and there are so many at most
    for _ in range(len(lack)):
        for need in use_needs:
            if need.service in lack and need.needs in lack:
                lack[need.service] = max(lack[need.service], need.share * lack[need.needs])
    return lack


def _moves(
    servings: Sequence[Serving], use_needs: Sequence[UseNeed], outcome: Outcome
) -> Iterator[tuple[int, tuple[float, ...], tuple[float, ...]]]:
    """Yield when the shortfalls of one cell change, and from what to what."""
    courses = [delivery_course(outcome, one.asset_id, one.service) for one in servings]
    levels = [1.0] * len(servings)
    moments: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for place, course in enumerate(courses):
        for t_ms, level in course:
            moments[t_ms].append((place, level))
    before: tuple[float, ...] = ()
    for t_ms in sorted(moments):
        for place, level in moments[t_ms]:
            levels[place] = level
        now = zip(servings, levels, strict=True)
        lack = shortfalls(((s.service, s.share, level) for s, level in now), use_needs)
        after = tuple(sorted((part for part in lack.values() if part > 0.0), reverse=True))
        if after != before:
            yield t_ms, before, after
        before = after


def _lacking(jumps: Sequence[_Jump], horizon_ms: int) -> Lacking:
    by_time: dict[int, list[_Jump]] = defaultdict(list, {0: []})
    for jump in jumps:
        by_time[jump.t_ms].append(jump)
    terms: list[float] = []
    course: list[tuple[int, float]] = []
    for t_ms in sorted(by_time):
        terms += [j.people * (_at(j.after, 0) - _at(j.before, 0)) for j in by_time[t_ms]]
        # rounded to a millionth of a person, as people without one service are
        people = round(fsum(terms), 6) + 0.0
        if not course or people != course[-1][1]:
            course.append((t_ms, people))
    peak_ms, most = max(course, key=lambda step: (step[1], -step[0]))
    return Lacking(
        course=tuple(course),
        peak=round(most),
        peak_ms=peak_ms,
        person_hours=person_hours(tuple(course), horizon_ms),
        by_missing=_by_missing(by_time, peak_ms, round(most)),
    )


def _by_missing(by_time: Mapping[int, Sequence[_Jump]], at_ms: int, peak: int) -> dict[int, int]:
    """Return how many people lack exactly n services at a time, whole and adding up to the peak."""
    terms: dict[int, list[float]] = defaultdict(list)
    for t_ms, jumps in by_time.items():
        for jump in jumps if t_ms <= at_ms else ():
            for n in range(1, max(len(jump.before), len(jump.after)) + 1):
                terms[n].append(jump.people * (_at(jump.after, n - 1) - _at(jump.before, n - 1)))
    at_least = {n: round(fsum(terms[n])) for n in sorted(terms)}
    at_least[1] = peak
    exactly = {n: count - at_least.get(n + 1, 0) for n, count in sorted(at_least.items())}
    return {n: count for n, count in exactly.items() if count > 0}


def _at(shortfall: tuple[float, ...], place: int) -> float:
    return shortfall[place] if place < len(shortfall) else 0.0
