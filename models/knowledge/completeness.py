"""Completeness of dependencies: known and unknown suppliers per asset type and service."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from models.world import ASSUMPTION, DECLARED, World


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


@dataclass(frozen=True, slots=True)
class Expectation:
    """How many assets of a type a place usually has: ``per_100k`` people."""

    asset_type: str
    per_100k: float
    confidence: str
    source: str


@dataclass(frozen=True, slots=True)
class Seen:
    """How many assets of a type a world has, and how many are expected of its people."""

    sector: str
    expectation: Expectation
    count: int
    expected: float

    @property
    def is_thin(self) -> bool:
        """Whether it has less than half of what is expected, where that is two or more."""
        return self.expected >= 2 and self.count < self.expected / 2


def against_expectation(
    world: World, people: int, expectations: Iterable[tuple[str, Expectation]]
) -> tuple[Seen, ...]:
    """Compare the assets of a world with what its people would lead one to expect.

    Parameters
    ----------
    world
        The world.
    people
        How many live there.
    expectations
        Each with its sector (the one that the page shows).

    Returns
    -------
    One row per expectation, in their order; none where nobody lives.
    """
    count = Counter(asset.asset_type for asset in world.assets.values())
    return tuple(
        Seen(sector, one, count[one.asset_type], people / 100_000 * one.per_100k)
        for sector, one in expectations
        if people
    )


def sector_rows(world: World) -> list[dict[str, str | int]]:
    """Return how much of each sector was read, inferred, assumed, and is missing.

    ``read`` and ``assumed`` count assets, ``declared``, ``inferred`` and ``guessed`` the needs of
    the sector's assets by origin, ``missing`` needs without a known supplier.
    """
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for asset in world.assets.values():
        if not asset.is_junction:
            rows[asset.sector]["assumed" if asset.origin == ASSUMPTION else "read"] += 1
    for group in world.groups.values():
        if (consumer := world.assets.get(group.consumer_id)) is not None:
            origin = {DECLARED: "declared", ASSUMPTION: "guessed"}.get(group.origin, "inferred")
            rows[consumer.sector][origin] += 1
    for need in world.unknown_needs:
        if (needy := world.assets.get(need.asset_id)) is not None:
            rows[needy.sector]["missing"] += 1
    names = ("read", "assumed", "declared", "inferred", "guessed", "missing")
    return [
        {"sector": sector, **{name: rows[sector][name] for name in names}}
        for sector in sorted(rows)
    ]


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
