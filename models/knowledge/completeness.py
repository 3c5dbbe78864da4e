"""Completeness of dependencies: known and unknown suppliers per asset type and service."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from models.world import World


@dataclass(frozen=True, slots=True)
class Need:
    """The number of assets of a type with a known supply of a service, and with an unknown one."""

    service: str
    known: int
    unknown: int


@dataclass(frozen=True, slots=True)
class TypeRow:
    """One asset type: ``count`` assets, and the services that any of them needs."""

    asset_type: str
    count: int
    needs: tuple[Need, ...]


def completeness(world: World) -> tuple[TypeRow, ...]:
    """Return one row per asset type, junctions apart, in order of type.

    A service counts as needed by a type if any asset of it has a dependency on it or is known
    to need it; so ``count - known`` assets of the type may be missing a dependency.
    """
    members: dict[str, set[str]] = defaultdict(set)
    for asset in world.assets.values():
        if not asset.is_junction:
            members[asset.asset_type].add(asset.asset_id)
    supplied: dict[str, set[str]] = defaultdict(set)
    for group in world.groups.values():
        supplied[group.service].add(group.consumer_id)
    unknown: dict[str, set[str]] = defaultdict(set)
    for need in world.unknown_needs:
        unknown[need.service].add(need.asset_id)
    rows = []
    for asset_type in sorted(members):
        ids = members[asset_type]
        needs = (
            Need(service, len(supplied[service] & ids), len(unknown[service] & ids))
            for service in sorted(supplied.keys() | unknown.keys())
        )
        needed = tuple(need for need in needs if need.known or need.unknown)
        rows.append(TypeRow(asset_type, len(ids), needed))
    return tuple(rows)
