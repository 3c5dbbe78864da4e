"""False redundancy: suppliers that stand in for each other and share what takes them together.

A group with more suppliers than it needs looks safe. It is not, where so many of them share one
cause that the rest is too few: a common-cause group, a site, an operator, a product, an asset that
all of them hang on, or a field of a scenario.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from models.cascade.timed.engine import run
from models.scenario import Event, Scenario
from models.world import Group, World

Basis = Literal["common cause", "site", "upstream", "field", "product", "operator"]
#: Suppliers closer than this share a site.
SITE_M = 50.0
#: At most so many assets are knocked out to see what hangs on them.
MOST_UPSTREAM = 500


@dataclass(frozen=True, slots=True)
class FalseRedundancy:
    """A group whose spare suppliers share a cause; ``people`` are those its consumer serves."""

    group_id: str
    consumer_id: str
    service: str
    k: int
    n: int
    basis: Basis
    what: str
    suppliers: tuple[str, ...]
    people: float


def false_redundancies(
    world: World, hit: Mapping[str, Sequence[str]] | None = None, *, upstream: bool = True
) -> tuple[FalseRedundancy, ...]:
    """Return every group whose redundancy is false, most people first.

    Parameters
    ----------
    world
        The whole world.
    hit
        The assets that each field of a scenario takes, by its name.
    upstream
        Whether assets are knocked out to find those that all suppliers hang on.
    """
    groups = [group for group in world.groups.values() if _spare(group) > 0]
    causes = dict(_causes(world, hit or {}))
    if upstream:
        causes |= {("upstream", name): lost for name, lost in _upstream(world, groups)}
    of_asset: dict[str, list[tuple[Basis, str]]] = defaultdict(list)
    for cause, members in causes.items():
        for member in members:
            of_asset[member].append(cause)
    found = [finding for group in groups for finding in _of_group(world, group, of_asset)]
    found.sort(key=lambda finding: (-finding.people, finding.group_id, finding.basis, finding.what))
    return tuple(found)


def _spare(group: Group) -> int:
    """Return how many suppliers a group can lose; none where shares add up to just enough."""
    if not group.has_shares:
        return len(group.suppliers) - group.k
    need = group.min_supply_fraction or 0.0
    shares = sorted((s.share or 0.0 for s in group.suppliers), reverse=True)
    left, spare = sum(shares), 0
    for share in shares:
        left -= share
        if left < need - 1e-9 or left <= 0:
            break
        spare += 1
    return spare


def _of_group(
    world: World, group: Group, of_asset: Mapping[str, Sequence[tuple[Basis, str]]]
) -> Iterator[FalseRedundancy]:
    sharing: dict[tuple[Basis, str], list[str]] = defaultdict(list)
    for supplier in group.suppliers:
        for cause in of_asset.get(supplier.asset_id, ()):
            sharing[cause].append(supplier.asset_id)
    people = sum(area.people for area in world.people_of.get(group.consumer_id, ()))
    for (basis, what), suppliers in sharing.items():
        if len(suppliers) > _spare(group) and len(suppliers) > 1 and what != group.consumer_id:
            yield FalseRedundancy(
                group.group_id,
                group.consumer_id,
                group.service,
                group.k,
                len(group.suppliers),
                basis,
                what,
                tuple(suppliers),
                people,
            )


def _causes(
    world: World, hit: Mapping[str, Sequence[str]]
) -> Iterator[tuple[tuple[Basis, str], Sequence[str]]]:
    for group in world.common_causes.values():
        yield ("common cause", group.group_id), group.asset_ids
    for name, assets in hit.items():
        yield ("field", name), assets
    for basis in ("operator", "product"):
        by_name: dict[str, list[str]] = defaultdict(list)
        for asset in world.assets.values():
            if text := getattr(asset, basis):
                by_name[text].append(asset.asset_id)
        for name, assets in by_name.items():
            yield (basis, name), assets
    yield from _sites(world)


def _sites(world: World) -> Iterator[tuple[tuple[Basis, str], Sequence[str]]]:
    """Yield the suppliers around each supplier, as far as a site reaches."""
    import numpy as np

    from models.hazards.storm import distance_m

    ids = sorted({s.asset_id for group in world.groups.values() for s in group.suppliers})
    lon = np.array([world.assets[i].lon for i in ids])
    lat = np.array([world.assets[i].lat for i in ids])
    for n, name in enumerate(ids):
        near = np.flatnonzero(np.abs(lat - lat[n]) < 0.001)
        close = near[distance_m(lon[n], lat[n], lon[near], lat[near]) <= SITE_M]
        if len(close) > 1 and ids[close[0]] == name:
            yield ("site", name), [ids[i] for i in close]


def _upstream(world: World, groups: Sequence[Group]) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield what each asset that a supplier may hang on takes with it, by knocking it out."""
    suppliers = {s.asset_id for group in groups for s in group.suppliers}
    seen, frontier = set(suppliers), sorted(suppliers)
    while frontier:
        here = frontier.pop()
        for group in world.groups_of.get(here, ()):
            for supplier in group.suppliers:
                if supplier.asset_id not in seen:
                    seen.add(supplier.asset_id)
                    frontier.append(supplier.asset_id)
    linked = {end for link in world.links.values() for end in (link.from_id, link.to_id)}
    tried = sorted(seen | {a for a in linked if a in world.listed})[:MOST_UPSTREAM]
    for name in tried:
        outcome = run(world, Scenario(world.world_id, (Event(0.0, "fail", name),)))
        lost = [
            asset
            for asset, effect in outcome.assets.items()
            if asset in suppliers and asset != name and effect.order > 0
            and min((effect.level_end, *effect.delivers_end.values())) <= 0
        ]  # fmt: skip
        if len(lost) > 1:
            yield name, lost
