"""Distinct people: who lacks something at home, and how many services each of them lacks.

A person has a service *at home* while it is supplied there and what its use needs is there, too:
without electricity the router is off. Who lives where is in ``models/impact/settlement.py``.

Within a cell the same people go without first (the sets are nested), so the people who lack at
least n services are those of the n-th largest shortfall (``docs/model.md``, *People*).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import fsum
from typing import Any, NamedTuple

from models.impact.consequences import Steps, delivery_course, person_hours
from models.impact.settlement import EVERYBODY, Served, Settlement, lost_part, settlement_of
from models.outcome import Outcome
from models.units import to_hours
from models.world import UseNeed, World

#: A service, and what its use at home needs; the need is empty for what is lacked at all.
Reason = tuple[str, str]


@dataclass(frozen=True, slots=True)
class AtHome:
    """People who lack one service at home: over time, at most, and in person-hours.

    ``by_need``: of these, those who would have the supply, by the service that its use needs.
    """

    course: Steps
    peak: int
    peak_ms: int
    person_hours: float
    by_need: Mapping[str, Steps] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lacking:
    """People who lack at least one service, each counted once.

    ``courses`` hold, for n from 1, how many lack at least n services over time. Of those who lack
    any one, ``peak`` is the largest number, first reached at ``peak_ms``, and ``person_hours`` the
    area under the course. ``by_missing`` are the people who lack exactly n services at ``peak_ms``,
    by n; they add up to ``peak``. ``services``: who lacks each service that people are served with.
    ``at_least``: where cells may overlap, the fewest people that these may be, over time.
    """

    courses: tuple[Steps, ...]
    peak: int
    peak_ms: int
    person_hours: float
    by_missing: Mapping[int, int]
    services: Mapping[str, AtHome] = field(default_factory=dict)
    at_least: Steps | None = None

    @property
    def course(self) -> Steps:
        """Return how many lack at least one service over time."""
        return self.courses[0]

    def at_least_n(self, n: int) -> Steps:
        """Return how many lack at least ``n`` services over time, ``n`` from 1."""
        return self.courses[n - 1] if n <= len(self.courses) else ((0, 0.0),)


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
    jumps: dict[str, list[_Jump]] = {name: [] for name in settlement.groups}
    for place in touched(settlement, outcome):
        neighbours = settlement.neighbours[place]
        served = [service for service in neighbours.served if service.service not in besides]
        overlaps = settlement.may_overlap and place in settlement.area_neighbours
        for t_ms, before, after in moves(served, world.use_needs, outcome):
            for name, people in neighbours.people:
                jumps[name].append(_Jump(t_ms, people, before, after, overlaps))
    horizon_ms = outcome.horizon_ms
    found = {name: _lacking(of_group, horizon_ms) for name, of_group in jumps.items()}
    services = [service for service in world.served if service not in besides]
    at_home = _at_home(jumps[EVERYBODY], services, horizon_ms)
    fewest = _at_least(jumps[EVERYBODY], at_home) if settlement.may_overlap else None
    found[EVERYBODY] = replace(found[EVERYBODY], services=at_home, at_least=fewest)
    return found


def touched(settlement: Settlement, outcome: Outcome) -> list[int]:
    """Return the places of neighbours whom an asset serves that ever fell, in order."""
    fell = outcome.levels.keys() | {asset for asset, _ in outcome.delivery}
    return sorted({place for asset in fell for place in settlement.neighbours_of.get(asset, ())})


class Shortfall(NamedTuple):
    """What a cell's people lack at a moment, as parts of them in (0, 1].

    ``parts`` of all services, the largest first; ``reasons``, sorted, by service and need.
    """

    parts: tuple[float, ...]
    reasons: tuple[tuple[Reason, float], ...]


NOTHING = Shortfall((), ())


class _Jump(NamedTuple):
    """At ``t_ms``, what a cell's people lack changes; ``overlaps``: others may be the same ones."""

    t_ms: int
    people: int
    before: Shortfall
    after: Shortfall
    overlaps: bool = False


def shortfalls(
    delivered: Iterable[tuple[str, float, float]], use_needs: Sequence[UseNeed]
) -> dict[Reason, float]:
    """Return the part of a cell's people that lacks each service at home, in [0, 1].

    Parameters
    ----------
    delivered
        Service, share, and the part of its people left without, in [0, 1], of every asset that
        serves the cell.
    use_needs
        What a service at home needs besides its own supply.

    Returns
    -------
    One number under ``(service, "")`` per service that the cell is served with, and under
    ``(service, need)`` the part that lacks it for that need alone. A need that is itself a use of
    another service is followed in turn.
    """
    shares: dict[str, list[float]] = defaultdict(list)
    missing: dict[str, list[float]] = defaultdict(list)
    for service, share, lost in delivered:
        shares[service].append(share)
        missing[service].append(share * lost)
    supply = {name: fsum(missing[name]) / max(1.0, fsum(shares[name])) for name in sorted(shares)}
    lack, binds = dict(supply), dict.fromkeys(supply, "")
    # needs may lean on each other; each round follows one step, and there are so many at most
    for _ in range(len(lack)):
        for need in use_needs:
            part = need.share * lack.get(need.needs, 0.0)
            if part > lack.get(need.service, 1.0):
                lack[need.service], binds[need.service] = part, need.needs
    found = {(name, ""): part for name, part in lack.items()}
    for name, need_name in binds.items():
        if need_name:
            found[name, need_name] = lack[name] - supply[name]
    return found


def moves(
    served: Sequence[Served], use_needs: Sequence[UseNeed], outcome: Outcome
) -> Iterator[tuple[int, Shortfall, Shortfall]]:
    """Yield when the shortfalls of people who are served alike change, and from what to what.

    Parameters
    ----------
    served
        Who serves them with what.
    use_needs
        What a service at home needs besides its own supply.
    outcome
        What became of those who serve them.
    """
    before = NOTHING
    if len(served) == 1:  # nearly everybody, in a large world of service areas
        supplier = served[0]
        for t_ms, level in delivery_course(outcome, supplier.asset_id, supplier.service):
            part = supplier.share * lost_part(level, supplier.shed_from, supplier.shed_width)
            after = Shortfall((part,), (((supplier.service, ""), part),)) if part > 0.0 else NOTHING
            if after != before:
                yield t_ms, before, after
            before = after
        return
    levels = [1.0] * len(served)
    moments: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for place, supplier in enumerate(served):
        for t_ms, level in delivery_course(outcome, supplier.asset_id, supplier.service):
            moments[t_ms].append((place, level))
    for t_ms in sorted(moments):
        for place, level in moments[t_ms]:
            levels[place] = level
        after = _shortfall(served, levels, use_needs)
        if after != before:
            yield t_ms, before, after
        before = after


def _shortfall(
    served: Sequence[Served], levels: Sequence[float], use_needs: Sequence[UseNeed]
) -> Shortfall:
    now = [
        (service.service, service.share, lost_part(level, service.shed_from, service.shed_width))
        for service, level in zip(served, levels, strict=True)
    ]
    lack = sorted((why, part) for why, part in shortfalls(now, use_needs).items() if part > 0.0)
    parts = sorted((part for (_, need), part in lack if not need), reverse=True)
    return Shortfall(tuple(parts), tuple(lack))


def _lacking(jumps: Sequence[_Jump], horizon_ms: int) -> Lacking:
    most_missing = max((len(jump.after.parts) for jump in jumps), default=0)
    courses = tuple(_nth_course(jumps, place) for place in range(max(1, most_missing)))
    peak_ms, most = _highest(courses[0])
    return Lacking(
        courses=courses,
        peak=round(most),
        peak_ms=peak_ms,
        person_hours=person_hours(courses[0], horizon_ms),
        by_missing=_by_missing(courses, peak_ms),
    )


def _at_home(jumps: Sequence[_Jump], services: Iterable[str], horizon_ms: int) -> dict[str, AtHome]:
    """Return who lacks each service at home."""
    changes: dict[Reason, list[tuple[int, float]]] = {(service, ""): [] for service in services}
    for jump in jumps:
        for why, change in _changes(jump.before, jump.after).items():
            changes.setdefault(why, []).append((jump.t_ms, jump.people * change))
    courses = {why: course_of(changes[why]) for why in sorted(changes)}
    needs: dict[str, dict[str, Steps]] = defaultdict(dict)
    for (service, need), course in courses.items():
        if need:
            needs[service][need] = course
    found = {}
    for (service, need), course in courses.items():
        if not need:
            peak_ms, most = _highest(course)
            hours = person_hours(course, horizon_ms)
            found[service] = AtHome(course, round(most), peak_ms, hours, needs.get(service, {}))
    return found


def _changes(before: Shortfall, after: Shortfall) -> dict[Reason, float]:
    earlier, later = dict(before.reasons), dict(after.reasons)
    found = {w: later.get(w, 0.0) - earlier.get(w, 0.0) for w in earlier.keys() | later.keys()}
    return {why: change for why, change in found.items() if change}


def difference(before: Shortfall, after: Shortfall) -> dict[str, float]:
    """Return by which part more of the people lack each service, where that differs."""
    changes = _changes(before, after)
    return {service: change for (service, need), change in changes.items() if not need}


def _at_least(jumps: Sequence[_Jump], at_home: Mapping[str, AtHome]) -> Steps:
    """Return the fewest people who lack something: of one service, or in cells that stand apart."""
    apart = _nth_course([jump for jump in jumps if not jump.overlaps], 0)
    courses = [apart, *(service.course for service in at_home.values())]
    moments = sorted({t_ms for course in courses for t_ms, _ in course})
    return tuple((t_ms, max(value_at(course, t_ms) for course in courses)) for t_ms in moments)


def _nth_course(jumps: Sequence[_Jump], place: int) -> Steps:
    """Return the people of the shortfalls at one place, the largest first, over time."""
    return course_of(
        (jump.t_ms, jump.people * (_at(jump.after, place) - _at(jump.before, place)))
        for jump in jumps
    )


def course_of(changes: Iterable[tuple[int, float]]) -> Steps:
    """Return the sum of changes (ms, people) over time."""
    by_time: dict[int, list[float]] = defaultdict(list, {0: []})
    for t_ms, change in changes:
        if change:
            by_time[t_ms].append(change)
    total = 0.0
    course: list[tuple[int, float]] = []
    for t_ms in sorted(by_time):
        total = fsum((total, *by_time[t_ms]))
        # rounded to a millionth of a person, as people without one service are
        people = round(total, 6) + 0.0
        if not course or people != course[-1][1]:
            course.append((t_ms, people))
    return tuple(course)


def _highest(course: Steps) -> tuple[int, float]:
    return max(course, key=lambda step: (step[1], -step[0]))


def value_at(course: Steps, t_ms: int) -> float:
    """Return the people of a course at a time."""
    return next((people for since_ms, people in reversed(course) if since_ms <= t_ms), 0.0)


def _by_missing(courses: Sequence[Steps], at_ms: int) -> dict[int, int]:
    """Return how many people lack exactly n services at a time, whole and adding up."""
    at_least = [round(value_at(course, at_ms)) for course in courses]
    exactly = [n - more for n, more in zip(at_least, [*at_least[1:], 0], strict=True)]
    return {n: count for n, count in enumerate(exactly, start=1) if count > 0}


def _at(shortfall: Shortfall, place: int) -> float:
    return shortfall.parts[place] if place < len(shortfall.parts) else 0.0


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
    found = distinct_people(world, outcome)
    everybody = found.pop(EVERYBODY)
    at_least = everybody.at_least
    fewest = {} if at_least is None else {"at_least": round(_highest(at_least)[1])}
    return {
        **_plain(everybody),
        **fewest,
        "by_service": {
            name: _plain_service(service) for name, service in everybody.services.items()
        },
        "groups": {name: _plain(match) for name, match in found.items()},
    }


def _plain(lacking: Lacking) -> dict[str, Any]:
    return {
        "peak": lacking.peak,
        "peak_h": to_hours(lacking.peak_ms),
        "person_hours": lacking.person_hours,
        "by_missing": {str(n): count for n, count in lacking.by_missing.items()},
    }


def _plain_service(found: AtHome) -> dict[str, Any]:
    """Return people without one service at home; of the peak, how many for a use need alone."""
    at_peak = {need: round(value_at(c, found.peak_ms)) for need, c in found.by_need.items()}
    return {
        "peak": found.peak,
        "peak_h": to_hours(found.peak_ms),
        "person_hours": found.person_hours,
        "by_use_need": {need: people for need, people in at_peak.items() if people},
    }
