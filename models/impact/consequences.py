"""What a cascade does to people and services, in stated units.

People without a service are ``people x (1 - delivered)`` summed over the assets that serve them
(model.md, "What is reported"); person-hours are that number summed over the hours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import fsum

from models.outcome import Outcome
from models.units import to_hours
from models.world import ServiceArea, World

#: A course over time: (t_ms, value) steps in time order, the first at 0.
Steps = tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class SectorCount:
    """Assets of one sector below full level or delivery at some time, by how it began."""

    total: int
    direct: int
    indirect: int


def delivery_course(outcome: Outcome, asset_id: str, service: str) -> Steps:
    """Return what ``asset_id`` delivers of ``service`` over time, levels in [0, 1].

    Parameters
    ----------
    outcome
        What is read.
    asset_id
        Who delivers.
    service
        What is delivered; outside of link networks every service is delivered at the asset's level.
    """
    in_network = outcome.delivery.get((asset_id, service))
    return in_network or outcome.levels.get(asset_id, ((0, 1.0),))


def people_without(world: World, outcome: Outcome) -> dict[str, Steps]:
    """Return the people without each service over time, for every service with areas."""
    # who never fell leaves nobody without: in a large world that is nearly everyone
    fell = outcome.levels.keys() | {asset for asset, _ in outcome.delivery}
    areas: dict[str, list[ServiceArea]] = {service: [] for service in world.served}
    for asset in fell & world.people_of.keys():
        for area in world.people_of[asset]:
            areas[area.service].append(area)
    return {service: people_course(outcome, found) for service, found in areas.items()}


def people_course(outcome: Outcome, areas: Iterable[ServiceArea]) -> Steps:
    """Return the people of some service areas who are without over time."""
    jumps: dict[int, list[float]] = defaultdict(list, {0: []})
    for area in areas:
        before = 0.0
        for t, delivered in delivery_course(outcome, area.asset_id, area.service):
            without = area.people * (1.0 - delivered)
            jumps[t].append(without - before)
            before = without
    so_far: list[float] = []
    steps: list[tuple[int, float]] = []
    for t in sorted(jumps):
        so_far += jumps[t]
        # rounded to a millionth of a person: what stays after full return is no one
        steps.append((t, round(fsum(so_far), 6) + 0.0))
    return tuple(steps)


def person_hours(steps: Steps, horizon_ms: int) -> float:
    """Return the area under a course of people up to the horizon, in person-hours."""
    ends = (*steps, (horizon_ms, 0.0))
    return fsum(people * to_hours(until - since) for (since, people), (until, _) in pairwise(ends))


def people_summary(world: World, outcome: Outcome) -> dict[str, dict[str, float]]:
    """Return ``peak`` (people, whole) and ``person_hours`` per service."""
    return {
        service: {
            "peak": round(max(people for _, people in steps)),
            "person_hours": person_hours(steps, outcome.horizon_ms),
        }
        for service, steps in people_without(world, outcome).items()
    }


def direct_hits(outcome: Outcome) -> frozenset[str]:
    """Return the assets that were ever hit themselves."""
    hits = (row.asset for row in outcome.trace if row.kind in ("direct", "common-cause"))
    return frozenset(asset for asset in hits if asset is not None)


def lost_by_sector(world: World, outcome: Outcome) -> dict[str, SectorCount]:
    """Return per sector how many assets there are and how many were ever below full."""
    direct: dict[str, int] = defaultdict(int)
    indirect: dict[str, int] = defaultdict(int)
    hits = direct_hits(outcome)
    for asset_id in outcome.assets:
        asset = world.assets[asset_id]
        if not asset.is_junction:
            (direct if asset_id in hits else indirect)[asset.sector] += 1
    totals = world.listed_by_sector
    return {s: SectorCount(total, direct[s], indirect[s]) for s, total in totals.items()}


def special_users_lost(
    world: World, outcome: Outcome, special_types: Collection[str]
) -> tuple[str, ...]:
    """Return the assets of ``special_types`` that were ever below full, by first loss, then id.

    Parameters
    ----------
    world, outcome
        The world, and what came of a scenario in it.
    special_types
        Which types of asset count (hospitals, care homes, schools): a column of the table of types.
    """
    lost = [a for a in outcome.assets if world.assets[a].asset_type in special_types]
    return tuple(sorted(lost, key=lambda a: (outcome.assets[a].first_loss_ms, a)))


def restored_ms(outcome: Outcome, share: float = 0.9) -> int | None:
    """Return when ``share`` of the assets ever lost were back for good; None if never.

    ``share`` in (0, 1]. An asset counts as back when its last state is working again.
    """
    ends = (outcome.states[asset][-1] for asset in outcome.assets if asset in outcome.states)
    back = sorted(
        [end.t_ms for end in ends if end.state in ("working", "backup", "unknown")]
        # what fell and came back within its moments was never shown as lost
        + [0 for asset in outcome.assets if asset not in outcome.states]
    )
    # exact in integers: ceil(share x n) with share to a millionth
    needed = -(-len(outcome.assets) * round(share * 1_000_000) // 1_000_000)
    if not outcome.assets:
        return 0
    return back[needed - 1] if needed <= len(back) else None
