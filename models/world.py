"""The world: assets, the links and dependencies between them, and the people they serve.

A :class:`World` is loaded once, never changed, and shared by every request. ``data`` validates its
files: a world is already consistent.
Units ride in the names: ``_h`` hours, ``_m`` metres.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import fsum
from types import MappingProxyType
from typing import Literal

from shapely.geometry.base import BaseGeometry

from models.access import Tlp

Kind = Literal["physical", "cyber", "geographic", "logical"]

#: An asset of this type only joins links; it is neither counted nor listed.
JUNCTION = "junction"

#: ``origin`` of declared rows; every other origin is a rule id or ``assumption``.
DECLARED = "declared"
ASSUMPTION = "assumption"


@dataclass(frozen=True, slots=True)
class Asset:
    """One thing that can fail.

    ``repair_h`` is None if it is not stated: ``repairs: typical`` does not repair it.
    ``source_of`` are the services it injects into a link network from outside the model.
    ``capacity`` in ``unit`` is what it could give; it moves no result by itself.
    ``contact`` is whom to call about it. ``plinth_height_m`` is how far above the ground water
    does no harm. ``tlp``: who may see it; empty is CLEAR.
    """

    asset_id: str
    name: str
    asset_type: str
    sector: str
    lon: float
    lat: float
    provides: tuple[str, ...] = ()
    source_of: tuple[str, ...] = ()
    capacity: float | None = None
    unit: str = ""
    repair_h: float | None = None
    restart_h: float = 0.0
    black_start: bool = False
    operator: str = ""
    contact: str = ""
    product: str = ""
    tlp: Tlp | Literal[""] = ""
    confidence: str = ""
    source: str = ""
    origin: str = DECLARED
    note: str = ""
    plinth_height_m: float = 0.0
    geometry: BaseGeometry | None = field(default=None, compare=False, repr=False)

    @property
    def is_junction(self) -> bool:
        """Whether it only joins links."""
        return self.asset_type == JUNCTION


@dataclass(frozen=True, slots=True)
class Link:
    """One connection that carries one service: a circuit, a pipe, a piece of road.

    ``voltage_kv`` moves no result; lines of lower voltage are drawn thinner. ``structure`` is
    ``bridge`` or ``tunnel`` where the link is one: water on the ground does not reach it.
    """

    link_id: str
    from_id: str
    to_id: str
    service: str
    directed: bool = False
    capacity: float | None = None
    length_m: float | None = None
    voltage_kv: float | None = None
    structure: str = ""
    name: str = ""
    tlp: Tlp | Literal[""] = ""
    origin: str = DECLARED
    confidence: str = ""
    source: str = ""
    geometry: BaseGeometry | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Supplier:
    """One supplier of a group; ``share`` is its part of the supply, in the fraction's unit."""

    asset_id: str
    share: float | None = None
    distance_m: float | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """One asset needs one service from these suppliers (a dependency group).

    Served when ``k`` suppliers deliver at least ``min_supply_fraction`` (None or 0: anything
    above 0), or, where shares are given, when the share-weighted level reaches the fraction.
    """

    group_id: str
    consumer_id: str
    service: str
    suppliers: tuple[Supplier, ...]
    kind: Kind = "physical"
    k: int = 1
    min_supply_fraction: float | None = None
    autonomy_h: float = 0.0
    recharge_h: float = 0.0
    restart_h: float = 0.0
    loss: float = 1.0
    buffer: str = ""
    origin: str = DECLARED
    confidence: str = ""
    source: str = ""

    @property
    def has_shares(self) -> bool:
        """Whether the group is judged by shares instead of k of n."""
        return bool(self.suppliers) and self.suppliers[0].share is not None


@dataclass(frozen=True, slots=True)
class Flow:
    """Supply or demand of a service at an asset. A supply makes the asset a source."""

    asset_id: str
    service: str
    supply: float | None = None
    demand: float | None = None
    unit: str = ""
    confidence: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class CommonCause:
    """Assets and links that one cause can fail together."""

    group_id: str
    basis: str
    name: str = ""
    asset_ids: tuple[str, ...] = ()
    link_ids: tuple[str, ...] = ()
    beta: float | None = None


@dataclass(frozen=True, slots=True)
class ServiceArea:
    """People whom an asset serves with a service: whole numbers, but for sums over cell parts."""

    asset_id: str
    service: str
    people: float
    confidence: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """People who live at one place: a block of houses, a quarter, a municipality.

    ``groups`` are numbers of people among ``people`` by name of the group (``over_80``), ordered
    by name; one person may belong to several. ``shed_order``: of servings that state none.
    """

    cell_id: str
    people: int
    lon: float
    lat: float
    municipality: str = ""
    groups: tuple[tuple[str, int], ...] = ()
    confidence: str = ""
    source: str = ""
    shed_order: int | None = None
    geometry: BaseGeometry | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Serving:
    """An asset serves a cell with a service; ``share`` is the part of its people that it serves.

    Where the shares of one cell and service add up to more than 1, each counts as its part of
    their sum. Of an asset that delivers a part, the people of the lowest ``shed_order`` go without
    first, those without one last; equal ones evenly.
    """

    cell_id: str
    asset_id: str
    service: str
    share: float = 1.0
    origin: str = DECLARED
    confidence: str = ""
    source: str = ""
    shed_order: int | None = None


@dataclass(frozen=True, slots=True)
class SewageRate:
    """What a person sends to the sewer, in m3 a day."""

    m3_per_person_d: float
    confidence: str = ""
    source: str = ""


#: A service to the environment: who lacks it spills what works would clean, and lacks nothing.
SEWAGE_TREATMENT = "sewage_treatment"


def parts_served(servings: Sequence[Serving]) -> tuple[float, ...]:
    """Return the part of its cell's people that each serving covers, in [0, 1]."""
    shares: dict[tuple[str, str], list[float]] = defaultdict(list)
    for serving in servings:
        shares[serving.cell_id, serving.service].append(serving.share)
    total = {pair: max(1.0, fsum(listed)) for pair, listed in shares.items()}
    return tuple(serving.share / total[serving.cell_id, serving.service] for serving in servings)


@dataclass(frozen=True, slots=True)
class UseNeed:
    """At home, a service works only while ``needs`` is available, too, for ``share`` of people."""

    service: str
    needs: str
    share: float = 1.0
    confidence: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class UnknownNeed:
    """A service that an asset needs from an unknown supplier.

    ``hides_state``: the need is so direct that the asset cannot be called working; it is drawn
    as unknown until something is known to have failed.
    """

    asset_id: str
    service: str
    rule_id: str = ""
    hides_state: bool = False
    note: str = ""


#: Things that a row of ``labels.csv`` can label besides one asset or link.
FIELDS = ("operator", "contact", "product", "note", "source", "capacity", "people")
LAYERS = ("links", "dependencies", "common_cause")
#: Prefix of the file names of base map layers in labels.
BASE_LAYER = "base:"


@dataclass(frozen=True, slots=True)
class Marking:
    """One information label: who may see an asset, link, service, field of assets, or layer."""

    what: Literal["asset", "link", "field", "layer", "service"]
    name: str
    tlp: Tlp
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Range:
    """The bounds of one uncertain number; the number itself is its most likely value.

    ``row`` are the ids that name the row: an asset; a group, for a share with its supplier; an
    asset and service. Bounds are in the unit of ``column``. Ensembles alone read them.
    """

    table: Literal["assets", "dependencies", "flows"]
    row: tuple[str, ...]
    column: str
    low: float
    high: float


@dataclass(frozen=True)
class World:
    """All tables of one region, with the indexes every reader needs."""

    world_id: str
    title: str
    assets: Mapping[str, Asset]
    links: Mapping[str, Link] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    flows: tuple[Flow, ...] = ()
    common_causes: Mapping[str, CommonCause] = field(default_factory=dict)
    service_areas: tuple[ServiceArea, ...] = ()
    #: cells with their people, ordered by id; servings, ordered by cell, service, asset
    cells: Mapping[str, Cell] = field(default_factory=dict)
    servings: tuple[Serving, ...] = ()
    #: from the knowledge tables, not from the world's files; ordered by service and need
    use_needs: tuple[UseNeed, ...] = field(default=(), compare=False)
    #: from the knowledge tables, too
    sewage_rate: SewageRate | None = field(default=None, compare=False)
    unknown_needs: tuple[UnknownNeed, ...] = ()
    #: ordered by table, row and column
    ranges: tuple[Range, ...] = ()
    #: ordered by what and name; those of single assets and links may stand in their rows instead
    markings: tuple[Marking, ...] = ()
    #: only in a redacted view: ids of redacted items → their labels. A group is redacted if some
    #: of its suppliers were left out.
    unseen: Mapping[str, Tlp] = field(default_factory=dict)
    version: str = ""
    snapshot_date: str = ""
    bbox: tuple[float, float, float, float] | None = None
    licence: str = ""
    attribution: str = ""
    sources: tuple[Mapping[str, object], ...] = ()
    #: sha256 over the canonical tables; the adapter that read them sets it.
    sha256: str = ""

    @cached_property
    def groups_of(self) -> Mapping[str, tuple[Group, ...]]:
        """Return the groups of each consumer, ordered by id."""
        by_asset: dict[str, list[Group]] = defaultdict(list)
        for group in sorted(self.groups.values(), key=lambda g: g.group_id):
            by_asset[group.consumer_id].append(group)
        return MappingProxyType({asset: tuple(groups) for asset, groups in by_asset.items()})

    @cached_property
    def groups_fed_by(self) -> Mapping[str, tuple[Group, ...]]:
        """Return the groups of each supplier, ordered by id."""
        groups: dict[str, dict[str, Group]] = defaultdict(dict)
        for group in sorted(self.groups.values(), key=lambda g: g.group_id):
            for supplier in group.suppliers:
                groups[supplier.asset_id][group.group_id] = group
        return MappingProxyType({asset: tuple(g.values()) for asset, g in groups.items()})

    @cached_property
    def listed(self) -> tuple[str, ...]:
        """Return the ids of listed assets: all but junctions, in order."""
        return tuple(a.asset_id for a in self.assets.values() if not a.is_junction)

    @cached_property
    def place_of(self) -> Mapping[str, int]:
        """Return the place of each id in :attr:`listed`."""
        return MappingProxyType({asset_id: i for i, asset_id in enumerate(self.listed)})

    @cached_property
    def listed_by_sector(self) -> Mapping[str, int]:
        """Return how many listed assets each sector has, by sector."""
        counts = Counter(self.assets[asset_id].sector for asset_id in self.listed)
        return MappingProxyType({sector: counts[sector] for sector in sorted(counts)})

    @cached_property
    def staffed(self) -> Mapping[str, tuple[str, ...]]:
        """Return the ids of the assets with staff by sector, in order: all but junctions."""
        found: dict[str, list[str]] = defaultdict(list)
        for asset_id in self.listed:
            found[self.assets[asset_id].sector].append(asset_id)
        return MappingProxyType({sector: tuple(found[sector]) for sector in sorted(found)})

    @cached_property
    def link_place_of(self) -> Mapping[str, int]:
        """Return the place of each link among the links."""
        return MappingProxyType({link_id: k for k, link_id in enumerate(self.links)})

    @cached_property
    def links_at(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """Return the links of each (asset, service)."""
        by_end: dict[tuple[str, str], list[str]] = defaultdict(list)
        for link in self.links.values():
            for end in {link.from_id, link.to_id}:
                by_end[end, link.service].append(link.link_id)
        return MappingProxyType({pair: tuple(links) for pair, links in by_end.items()})

    @cached_property
    def unknown_needs_of(self) -> Mapping[str, tuple[UnknownNeed, ...]]:
        """Return the needs of each asset without a known supplier."""
        by_asset: dict[str, list[UnknownNeed]] = defaultdict(list)
        for need in self.unknown_needs:
            by_asset[need.asset_id].append(need)
        return MappingProxyType({asset: tuple(needs) for asset, needs in by_asset.items()})

    @cached_property
    def link_services(self) -> tuple[str, ...]:
        """Return the services that links carry, in order."""
        return tuple(sorted({link.service for link in self.links.values()}))

    @cached_property
    def hidden(self) -> frozenset[str]:
        """Return the assets whose state is unknown although they appear intact."""
        return frozenset(need.asset_id for need in self.unknown_needs if need.hides_state)

    @cached_property
    def areas(self) -> tuple[ServiceArea, ...]:
        """Return the people whom each asset serves with each service, in the order of the tables.

        These are the service areas; for services of cells, the sums over cells.
        """
        people: dict[tuple[str, str], list[float]] = defaultdict(list)
        home = [serving for serving in self.servings if serving.service != SEWAGE_TREATMENT]
        for serving, part in zip(home, parts_served(home), strict=True):
            pair = serving.asset_id, serving.service
            people[pair].append(self.cells[serving.cell_id].people * part)
        by_cells = {service for _, service in people}
        stated = (area for area in self.service_areas if area.service not in by_cells)
        return (*stated, *(ServiceArea(*pair, fsum(people[pair])) for pair in sorted(people)))

    @cached_property
    def people_of(self) -> Mapping[str, tuple[ServiceArea, ...]]:
        """Return the people that each asset serves, see :attr:`areas`."""
        by_asset: dict[str, list[ServiceArea]] = defaultdict(list)
        for area in self.areas:
            by_asset[area.asset_id].append(area)
        return MappingProxyType({asset: tuple(areas) for asset, areas in by_asset.items()})

    @cached_property
    def served(self) -> tuple[str, ...]:
        """Return the services with which assets serve people, in order."""
        return tuple(sorted({area.service for area in self.areas}))

    def label(self, asset_id: str) -> str:
        """Return an asset's name, or its id if it has none."""
        return self.assets[asset_id].name or asset_id
