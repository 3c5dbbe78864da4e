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

import weakref
from collections import Counter, defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import fsum
from typing import Any, NamedTuple

from models.impact.consequences import Steps, delivery_course, person_hours
from models.outcome import Outcome
from models.units import to_hours
from models.world import (
    SEWAGE_TREATMENT,
    Cell,
    ServiceArea,
    Serving,
    UseNeed,
    World,
    parts_served,
)

#: what the cell of an asset with service areas is called: this before the asset's id
AREA_CELL = "area:"
#: the group of all people
EVERYBODY = ""


@dataclass(frozen=True, slots=True)
class Lacking:
    """People who lack at least one service, each counted once.

    ``courses`` hold, for n from 1, how many lack at least n services over time. Of those who lack
    any one, ``peak`` is the largest number, first reached at ``peak_ms``, and ``person_hours`` the
    area under the course. ``by_missing`` are the people who lack exactly n services at ``peak_ms``,
    by n; they add up to ``peak``.
    """

    courses: tuple[Steps, ...]
    peak: int
    peak_ms: int
    person_hours: float
    by_missing: Mapping[int, int]

    @property
    def course(self) -> Steps:
        """Return how many lack at least one service over time."""
        return self.courses[0]


#: Service, asset and share of everybody who serves a cell, sorted.
Served = tuple[tuple[str, str, float], ...]


class Neighbours(NamedTuple):
    """People whom the same assets serve alike: how many of them, by group."""

    served: Served
    people: tuple[tuple[str, int], ...]


@dataclass(frozen=True, eq=False)
class Settlement:
    """All cells of a world, and who serves them; those of service areas are among them."""

    cells: Mapping[str, Cell]
    servings: tuple[Serving, ...]

    @cached_property
    def neighbours(self) -> tuple[Neighbours, ...]:
        """Return the people of all cells that the same assets serve alike, together."""
        of_cell: dict[str, list[tuple[str, str, float]]] = defaultdict(list)
        for one in self.servings:
            of_cell[one.cell_id].append((one.service, one.asset_id, one.share))
        people: dict[Served, Counter[str]] = defaultdict(Counter)
        for cell_id, served in of_cell.items():
            cell = self.cells[cell_id]
            people[tuple(sorted(served))].update({EVERYBODY: cell.people, **dict(cell.groups)})
        return tuple(
            Neighbours(served, tuple((name, n) for name, n in sorted(counts.items()) if n))
            for served, counts in sorted(people.items())
        )

    @cached_property
    def neighbours_of(self) -> Mapping[str, frozenset[int]]:
        """Return the places among ``neighbours`` of those whom each asset serves."""
        found: dict[str, set[int]] = defaultdict(set)
        for place, neighbours in enumerate(self.neighbours):
            for _, asset_id, _ in neighbours.served:
                found[asset_id].add(place)
        return {asset_id: frozenset(places) for asset_id, places in found.items()}

    @cached_property
    def parts(self) -> tuple[float, ...]:
        """Return the part of its cell's people that each serving is for, in [0, 1]."""
        return parts_served(self.servings)

    @cached_property
    def cells_of(self) -> Mapping[str, tuple[str, ...]]:
        """Return the cells that each asset serves, in order."""
        found: dict[str, set[str]] = defaultdict(set)
        for serving in self.servings:
            found[serving.asset_id].add(serving.cell_id)
        return {asset_id: tuple(sorted(cells)) for asset_id, cells in found.items()}

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Return the groups that people are counted in, everybody first."""
        named = {name for cell in self.cells.values() for name, _ in cell.groups}
        return (EVERYBODY, *sorted(named))


#: By the identity of worlds that are still there.
_SETTLEMENTS: dict[int, Settlement] = {}


def settlement_of(world: World) -> Settlement:
    """Return the cells of a world, made once per world."""
    found = _SETTLEMENTS.get(id(world))
    if found is None:
        found = _SETTLEMENTS[id(world)] = _settlement(world)
        weakref.finalize(world, _SETTLEMENTS.pop, id(world), None)
    return found


def _settlement(world: World) -> Settlement:
    home = [serving for serving in world.servings if serving.service != SEWAGE_TREATMENT]
    by_cells = {serving.service for serving in home}
    areas: dict[str, list[ServiceArea]] = defaultdict(list)
    for area in world.service_areas:
        if area.service not in by_cells and area.people:
            areas[area.asset_id].append(area)
    cells, servings = dict(world.cells), home
    for asset_id, listed in areas.items():
        by_service: dict[str, int] = defaultdict(int)
        for area in listed:
            by_service[area.service] += round(area.people)
        asset, people = world.assets[asset_id], max(by_service.values())
        cell_id = AREA_CELL + asset_id
        cells[cell_id] = Cell(cell_id, people, asset.lon, asset.lat)
        servings += [
            Serving(cell_id, asset_id, service, count / people, listed[0].confidence)
            for service, count in sorted(by_service.items())
        ]
    return Settlement(cells, tuple(servings))


def distinct_people(
    world: World, outcome: Outcome, besides: Container[str] = ()
) -> dict[str, Lacking]:
    """Return who lacks something over a run: of all people under ``""``, and of each group.

    Parameters
    ----------
    world, outcome
        Who lives where, and what became of those who serve them.
    besides
        Services that do not count.
    """
    settlement = settlement_of(world)
    fell = outcome.levels.keys() | {asset for asset, _ in outcome.delivery}
    touched = {place for asset in fell for place in settlement.neighbours_of.get(asset, ())}
    jumps: dict[str, list[_Jump]] = {name: [] for name in settlement.groups}
    for place in sorted(touched):
        neighbours = settlement.neighbours[place]
        served = [one for one in neighbours.served if one[0] not in besides]
        for t_ms, before, after in _moves(served, world.use_needs, outcome):
            for name, people in neighbours.people:
                jumps[name].append(_Jump(t_ms, people, before, after))
    return {name: _lacking(found, outcome.horizon_ms) for name, found in jumps.items()}


class _Jump(NamedTuple):
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
    served: Sequence[tuple[str, str, float]], use_needs: Sequence[UseNeed], outcome: Outcome
) -> Iterator[tuple[int, tuple[float, ...], tuple[float, ...]]]:
    """Yield when the shortfalls of people who are served alike change, and from what to what."""
    before: tuple[float, ...] = ()
    after: tuple[float, ...]
    if len(served) == 1:  # nearly everybody, in a large world of service areas
        ((service, asset_id, share),) = served
        for t_ms, level in delivery_course(outcome, asset_id, service):
            after = (share * (1.0 - level),) if level < 1.0 else ()
            if after != before:
                yield t_ms, before, after
            before = after
        return
    levels = [1.0] * len(served)
    moments: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for place, (service, asset_id, _share) in enumerate(served):
        for t_ms, level in delivery_course(outcome, asset_id, service):
            moments[t_ms].append((place, level))
    for t_ms in sorted(moments):
        for place, level in moments[t_ms]:
            levels[place] = level
        now = zip(served, levels, strict=True)
        lack = shortfalls(((one[0], one[2], level) for one, level in now), use_needs)
        after = tuple(sorted((part for part in lack.values() if part > 0.0), reverse=True))
        if after != before:
            yield t_ms, before, after
        before = after


def _lacking(jumps: Sequence[_Jump], horizon_ms: int) -> Lacking:
    most_missing = max((len(jump.after) for jump in jumps), default=0)
    courses = tuple(_course(jumps, place) for place in range(max(1, most_missing)))
    peak_ms, most = max(courses[0], key=lambda step: (step[1], -step[0]))
    return Lacking(
        courses=courses,
        peak=round(most),
        peak_ms=peak_ms,
        person_hours=person_hours(courses[0], horizon_ms),
        by_missing=_by_missing(courses, peak_ms),
    )


def _course(jumps: Sequence[_Jump], place: int) -> Steps:
    """Return the people of the shortfalls at one place, the largest first, over time."""
    by_time: dict[int, list[float]] = defaultdict(list, {0: []})
    for jump in jumps:
        change = _at(jump.after, place) - _at(jump.before, place)
        if change:
            by_time[jump.t_ms].append(jump.people * change)
    total = 0.0
    course: list[tuple[int, float]] = []
    for t_ms in sorted(by_time):
        total = fsum((total, *by_time[t_ms]))
        # rounded to a millionth of a person, as people without one service are
        people = round(total, 6) + 0.0
        if not course or people != course[-1][1]:
            course.append((t_ms, people))
    return tuple(course)


def _by_missing(courses: Sequence[Steps], at_ms: int) -> dict[int, int]:
    """Return how many people lack exactly n services at a time, whole and adding up."""
    at_least = [
        round(max((s for s in course if s[0] <= at_ms), default=(0, 0.0))[1]) for course in courses
    ]
    exactly = [n - more for n, more in zip(at_least, [*at_least[1:], 0], strict=True)]
    return {n: count for n, count in enumerate(exactly, start=1) if count > 0}


def _at(shortfall: tuple[float, ...], place: int) -> float:
    return shortfall[place] if place < len(shortfall) else 0.0


def people_served(world: World, assets: Collection[str]) -> int:
    """Return how many distinct people some assets serve: who would lack something without them."""
    settlement = settlement_of(world)
    lack: dict[tuple[str, str], list[float]] = defaultdict(list)
    for serving, part in zip(settlement.servings, settlement.parts, strict=True):
        if serving.asset_id in assets:
            lack[serving.cell_id, serving.service].append(part)
    worst: dict[str, float] = defaultdict(float)
    for (cell_id, _service), parts in lack.items():
        worst[cell_id] = max(worst[cell_id], fsum(parts))
    return round(fsum(settlement.cells[cell].people * part for cell, part in worst.items()))


def people_distinct(world: World, outcome: Outcome) -> dict[str, Any]:
    """Return the plain form of :func:`distinct_people`: people (whole), person-hours, hours (h)."""
    found = {name: _plain(one) for name, one in distinct_people(world, outcome).items()}
    return {**found.pop(EVERYBODY), "groups": found}


def _plain(lacking: Lacking) -> dict[str, Any]:
    return {
        "peak": lacking.peak,
        "peak_h": to_hours(lacking.peak_ms),
        "person_hours": lacking.person_hours,
        "by_missing": {str(n): count for n, count in lacking.by_missing.items()},
    }
