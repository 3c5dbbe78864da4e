"""What a cascade spills: sewage that no works cleans, in cubic metres.

The waste water of a cell reaches the environment where its works do not clean it, or its sewer does
not carry it there: the part is 1 minus the smaller of both deliveries. It is a consequence for the
river. The people of the cell lack nothing by it, so they are not counted among those who do.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from math import fsum

from models.impact.consequences import Steps, delivery_course, person_hours
from models.outcome import Outcome
from models.world import SEWAGE_TREATMENT, World, parts_served

SEWER = "waste_water"
HOURS_A_DAY = 24.0
#: The sewer of people whom no asset serves with one: it always carries.
NO_SEWER = ""


def spilled_m3(world: World, outcome: Outcome) -> float | None:
    """Return the sewage spilled until the horizon, in m3; None where no works serve any cell."""
    course = known_spill(world, outcome)
    return None if course is None else m3_of(world, course, outcome.horizon_ms)


def m3_of(world: World, course: Steps, until_ms: int) -> float:
    """Return the sewage that is spilled up to a moment, in m3.

    Parameters
    ----------
    world
        Has the rate of sewage per person.
    course
        People whose sewage is spilled, over time.
    until_ms
        The moment.
    """
    rate = world.sewage_rate
    return (
        0.0
        if rate is None
        else person_hours(course, until_ms) / HOURS_A_DAY * (rate.m3_per_person_d)
    )


def known_spill(world: World, outcome: Outcome) -> Steps | None:
    """Return the people whose sewage is spilled, over time; None where no works serve any cell."""
    served = any(serving.service == SEWAGE_TREATMENT for serving in world.servings)
    return spill_course(world, outcome) if served and world.sewage_rate else None


def spill_course(world: World, outcome: Outcome) -> Steps:
    """Return the people whose sewage is spilled untreated, over time."""
    jumps: dict[int, list[float]] = defaultdict(list, {0: []})
    for (sewer, works), people in _drained(world).items():
        before = 0.0
        for t_ms, level in _carried(outcome, sewer, works):
            spilled = people * (1.0 - level)
            jumps[t_ms].append(spilled - before)
            before = spilled
    so_far: list[float] = []
    steps: list[tuple[int, float]] = []
    for t_ms in sorted(jumps):
        so_far += jumps[t_ms]
        steps.append((t_ms, round(fsum(so_far), 6) + 0.0))
    return tuple(steps)


def _drained(world: World) -> dict[tuple[str, str], float]:
    """Return the people behind each pair of sewer and works."""
    parts: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for serving, part in zip(world.servings, parts_served(world.servings), strict=True):
        if serving.service in (SEWER, SEWAGE_TREATMENT):
            parts[serving.cell_id, serving.service][serving.asset_id] = part
    people: dict[tuple[str, str], float] = defaultdict(float)
    for cell_id, cell in world.cells.items():
        sewers = dict(parts.get((cell_id, SEWER), {}))
        sewers[NO_SEWER] = max(0.0, 1.0 - fsum(sewers.values()))
        works = parts.get((cell_id, SEWAGE_TREATMENT), {})
        for (sewer, a), (plant, b) in product(sewers.items(), works.items()):
            people[sewer, plant] += cell.people * a * b
    return people


def _carried(outcome: Outcome, sewer: str, works: str) -> Steps:
    """Return the part that reaches the works and is cleaned, over time."""
    courses = [delivery_course(outcome, works, SEWAGE_TREATMENT)]
    if sewer != NO_SEWER:
        courses.append(delivery_course(outcome, sewer, SEWER))
    moments = sorted({t_ms for course in courses for t_ms, _ in course})
    return tuple((t_ms, min(_level_at(course, t_ms) for course in courses)) for t_ms in moments)


def _level_at(course: Steps, t_ms: int) -> float:
    return [level for at_ms, level in course if at_ms <= t_ms][-1]
