"""The situation at one hour: assets by sector, people by service, for a status report."""

from __future__ import annotations

from collections import Counter

from typing_extensions import TypedDict

from models.exercise.predictions import has_failed
from models.impact.people import Lacking, value_at
from models.outcome import Outcome
from models.units import to_ms
from models.world import World


class SectorReport(TypedDict):
    """How many assets of a sector have failed or are reduced, of all."""

    sector: str
    lost: int
    reduced: int
    of: int


class PeopleReport(TypedDict):
    """How many people are without a service."""

    service: str
    without: int


class Situation(TypedDict):
    """The situation at an hour."""

    hour: float
    sectors: list[SectorReport]
    people: list[PeopleReport]


def situation(world: World, outcome: Outcome, people: Lacking, at_h: float) -> Situation:
    """Return the report, as plain data; what has no loss at all is left out.

    Parameters
    ----------
    world, outcome
        The world, and the outcome of a scenario in it.
    people
        Who lacks something, each counted once, and who lacks each service at home.
    at_h
        Hour of the scenario to report.

    Returns
    -------
    ``lost`` counts assets that have failed (:func:`models.exercise.predictions.has_failed`),
    ``reduced`` those on a backup, degraded or not whole yet, of all ``of`` in the sector; people
    are those without a service at home at that hour.
    """
    at_ms = min(to_ms(at_h), outcome.horizon_ms)
    lost: Counter[str] = Counter()
    reduced: Counter[str] = Counter()
    for asset in world.listed:
        upto = [row for row in outcome.states.get(asset, ()) if row.t_ms <= at_ms]
        if upto and has_failed(upto[-1]):
            lost[world.assets[asset].sector] += 1
        elif upto and upto[-1].state not in ("working", "unknown"):
            reduced[world.assets[asset].sector] += 1
    without = {
        service: round(value_at(lacking.course, at_ms))
        for service, lacking in people.services.items()
    }
    return {
        "hour": at_h,
        "sectors": [
            {"sector": sector, "lost": lost[sector], "reduced": reduced[sector], "of": total}
            for sector, total in world.listed_by_sector.items()
            if lost[sector] or reduced[sector]
        ],
        "people": [{"service": name, "without": n} for name, n in without.items() if n],
    }
