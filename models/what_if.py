"""What if this too? What one more knock-out takes on top of what a scenario takes already."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

from models.cascade.engine import run
from models.consequences import people_summary
from models.outcome import Outcome
from models.scenario import Event, Scenario
from models.world import World

#: More runs than this are refused: nobody waits for them.
MOST_RUNS = 100_000


@dataclass(frozen=True, slots=True)
class Things:
    """What one cause knocks out together."""

    assets: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Extra:
    """What is lost beyond the scenario itself, up to its horizon.

    ``lost``: assets ever below full with it and never without. ``people`` without a service at
    the worst moment, summed over services: who loses two counts twice.
    """

    lost: frozenset[str]
    people: int
    person_hours: float


def extras(
    world: World,
    scenario: Scenario,
    hits: Iterable[Things],
    at_h: float,
    shown: Container[str] | None = None,
    besides: Container[str] = (),
) -> Iterator[Extra]:
    """Run the scenario once more for each of ``hits``, knocked out at ``at_h`` as well.

    Counted are the assets that are ``shown`` (None: all) and the people without services
    ``besides`` these.
    """

    def measured(outcome: Outcome) -> Extra:
        return _measured(world, outcome, shown, besides)

    before = measured(run(world, scenario))
    for things in hits:
        more = (
            *(Event(at_h, "fail", asset) for asset in things.assets),
            *(Event(at_h, "fail", link=link) for link in things.links),
        )
        tried = replace(scenario, events=(*scenario.events, *more))
        after = measured(run(world, tried))
        yield Extra(
            after.lost - before.lost,
            after.people - before.people,
            after.person_hours - before.person_hours,
        )


def candidates(world: World) -> dict[str, Things]:
    """Return what a screening knocks out: every asset, and every common cause of several.

    Junctions only join lines and are left out. Ids of causes do not clash with those of assets:
    they start with ``cause:``.
    """
    assets = (a for a in sorted(world.assets) if not world.assets[a].is_junction)
    found = {asset: Things((asset,)) for asset in assets}
    for name, cause in sorted(world.common_causes.items()):
        if len(cause.asset_ids) + len(cause.link_ids) > 1:
            found[f"cause:{name}"] = Things(cause.asset_ids, cause.link_ids)
    return found


def causes_of(world: World) -> Mapping[str, tuple[str, ...]]:
    """Return the common causes of several that can fail each asset."""
    found: dict[str, tuple[str, ...]] = {}
    for name, cause in sorted(world.common_causes.items()):
        if len(cause.asset_ids) + len(cause.link_ids) > 1:
            for asset in cause.asset_ids:
                found[asset] = (*found.get(asset, ()), name)
    return found


def pair_count(world: World) -> int:
    """Return how many pairs there are, without making them: a large world has billions."""
    assets = sum(not asset.is_junction for asset in world.assets.values())
    return assets * (assets - 1) // 2


def pairs_of(world: World) -> tuple[tuple[str, str], ...]:
    """Return every two assets, by id."""
    assets = sorted(a for a, asset in world.assets.items() if not asset.is_junction)
    return tuple(combinations(assets, 2))


def _measured(
    world: World, outcome: Outcome, shown: Container[str] | None, besides: Container[str]
) -> Extra:
    summary = people_summary(world, outcome)
    people = [one for service, one in summary.items() if service not in besides]
    lost = (a for a in outcome.assets if not world.assets[a].is_junction)
    return Extra(
        frozenset(a for a in lost if shown is None or a in shown),
        sum(round(one["peak"]) for one in people),
        sum(one["person_hours"] for one in people),
    )
