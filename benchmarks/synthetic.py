"""Made-up worlds of any size, for measuring: the same seed and size give the same world.

``infra``
    19 kinds of assets in towns on a plain, each fed by its nearest suppliers; redundancy as it is
    common; power, telecoms, gas, water and fuel need each other.
``infraw``
    The same, but half of the groups with a spare supplier have lost their spare.
``rand``
    Random suppliers and random k of n: the cascade of one asset in two reaches most of the world.
``randand``
    Random suppliers, each of them needed.

They are synthetic: what is measured on them says how the code behaves, never how a country does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from scipy.spatial import cKDTree

from models.cascade.arrays import F64, I32, I64, GroupTable, WorldArrays, arrange
from models.units import MS_PER_HOUR
from models.world import JUNCTION, Asset, Group, Link, ServiceArea, Supplier, World

Family = Literal["infra", "infraw", "rand", "randand"]
FAMILIES: tuple[Family, ...] = get_args(Family)

#: kind of asset: sector and share of all assets; the last takes what is left
KINDS: dict[str, tuple[str, float]] = {
    "power_plant": ("energy", 0.004),
    "substation_hv": ("energy", 0.006),
    "substation_mv": ("energy", 0.080),
    "telecom_core": ("telecoms", 0.001),
    "exchange": ("telecoms", 0.010),
    "mast": ("telecoms", 0.050),
    "gas_compressor": ("energy", 0.001),
    "gas_station": ("energy", 0.010),
    "water_works": ("water", 0.005),
    "pumping_station": ("water", 0.015),
    "sewage_works": ("water", 0.010),
    "fuel_depot": ("energy", 0.002),
    "fuel_station": ("energy", 0.020),
    "hospital": ("health", 0.003),
    "clinic": ("health", 0.030),
    "data_centre": ("telecoms", 0.002),
    "emergency_station": ("emergency", 0.015),
    "factory": ("industry", 0.056),
    "district": ("people", 0.680),
}


@dataclass(frozen=True, slots=True)
class Need:
    """A kind of asset needs ``service`` from ``k`` of its ``n`` nearest of another kind."""

    consumer: str
    service: str
    supplier: str
    k: int
    n: int
    autonomy_h: tuple[int, ...]


NEEDS = (
    Need("power_plant", "gas", "gas_station", 1, 2, (24, 48)),
    Need("power_plant", "water", "pumping_station", 1, 2, (8, 12)),
    Need("power_plant", "telecoms", "exchange", 1, 2, (4, 8)),
    Need("substation_hv", "power", "power_plant", 2, 3, (0,)),
    Need("substation_hv", "telecoms", "exchange", 1, 2, (8, 12)),
    Need("substation_mv", "power", "substation_hv", 1, 2, (0,)),
    Need("telecom_core", "power", "substation_hv", 1, 2, (48, 72)),
    Need("telecom_core", "fuel", "fuel_depot", 1, 2, (72,)),
    Need("exchange", "power", "substation_mv", 1, 1, (8, 12)),
    Need("exchange", "backbone", "telecom_core", 1, 2, (0,)),
    Need("mast", "power", "substation_mv", 1, 1, (2, 4)),
    Need("mast", "telecoms", "exchange", 1, 2, (0,)),
    Need("gas_compressor", "power", "substation_hv", 1, 2, (4, 8)),
    Need("gas_compressor", "telecoms", "exchange", 1, 2, (12, 24)),
    Need("gas_station", "gas", "gas_compressor", 1, 2, (12, 24)),
    Need("gas_station", "power", "substation_mv", 1, 1, (24,)),
    Need("water_works", "power", "substation_mv", 1, 2, (12, 24)),
    Need("water_works", "telecoms", "exchange", 1, 2, (24,)),
    Need("pumping_station", "water", "water_works", 1, 2, (8, 12)),
    Need("pumping_station", "power", "substation_mv", 1, 2, (4, 8)),
    Need("sewage_works", "power", "substation_mv", 1, 1, (8, 12)),
    Need("sewage_works", "water", "pumping_station", 1, 2, (24,)),
    Need("fuel_depot", "power", "substation_mv", 1, 2, (12, 24)),
    Need("fuel_station", "power", "substation_mv", 1, 1, (0,)),
    Need("fuel_station", "fuel", "fuel_depot", 1, 2, (48, 72)),
    Need("hospital", "power", "substation_mv", 1, 2, (24, 48)),
    Need("hospital", "water", "pumping_station", 1, 2, (4, 8)),
    Need("hospital", "telecoms", "exchange", 1, 2, (8,)),
    Need("clinic", "power", "substation_mv", 1, 1, (0, 2)),
    Need("clinic", "water", "pumping_station", 1, 2, (2, 4)),
    Need("clinic", "telecoms", "mast", 1, 2, (4,)),
    Need("data_centre", "power", "substation_hv", 1, 2, (24, 48)),
    Need("data_centre", "telecoms", "telecom_core", 1, 2, (0,)),
    Need("emergency_station", "power", "substation_mv", 1, 2, (12, 24)),
    Need("emergency_station", "telecoms", "mast", 1, 2, (0,)),
    Need("emergency_station", "fuel", "fuel_station", 1, 3, (24, 48)),
    Need("factory", "power", "substation_mv", 1, 1, (0,)),
    Need("factory", "gas", "gas_station", 1, 2, (2, 4)),
    Need("district", "power", "substation_mv", 1, 2, (0,)),
    Need("district", "water", "pumping_station", 1, 2, (4, 8, 12)),
    Need("district", "sewage", "sewage_works", 1, 1, (24, 48)),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Synthetic:
    """A made-up world in columns: assets by position, groups as ``arrange`` takes them.

    ``kind`` [n] is a position in ``KINDS``, ``people`` [n] how many an asset serves, ``service``
    [m] the service of each group, ``lon`` and ``lat`` [n] degrees.
    """

    name: str
    lon: F64
    lat: F64
    kind: I32
    people: I64
    service: tuple[str, ...]
    table: GroupTable

    @property
    def ids(self) -> list[str]:
        """Return the asset ids, in order."""
        return _names("a", len(self.kind))

    @property
    def group_ids(self) -> list[str]:
        """Return the group ids, in order."""
        return _names("g", len(self.table.consumer))

    def arrays(self) -> WorldArrays:
        """Return the arrays; no world is built on the way."""
        return arrange(self.ids, self.group_ids, self.lon, self.lat, self.table)

    def of_kind(self, arrays: WorldArrays, kind: str) -> I32:
        """Return the numbers that the assets of a kind have in ``arrays``."""
        number = np.empty(len(self.kind), dtype=np.int32)
        number[arrays.rank] = np.arange(len(self.kind), dtype=np.int32)
        numbers: I32 = number[self.kind == list(KINDS).index(kind)]
        return numbers

    def world(self, *, grid: bool = False) -> World:
        """Return the same as a world of objects.

        ``grid``: a mesh of junctions carries the power from the plants to the high-voltage
        substations, in place of their dependency groups for it (``infra`` and ``infraw``).
        """
        kinds = list(KINDS)
        ids = self.ids
        assets = {
            a: Asset(a, a, kinds[k], KINDS[kinds[k]][0], float(x), float(y))
            for a, k, x, y in zip(ids, self.kind, self.lon, self.lat, strict=True)
        }
        groups = {group.group_id: group for group in self._groups(ids)}
        areas = tuple(
            ServiceArea(ids[i], "living", int(self.people[i])) for i in np.flatnonzero(self.people)
        )
        links: dict[str, Link] = {}
        if grid:
            hv = {a for a, asset in assets.items() if asset.asset_type == "substation_hv"}
            groups = {
                g: group
                for g, group in groups.items()
                if group.consumer_id not in hv or group.service != "power"
            }
            mesh, links = self._mesh(ids)
            assets |= mesh
        return World(
            self.name, self.name, assets, links=links, groups=groups, service_areas=areas,
            sha256=self.name,
        )  # fmt: skip

    def _groups(self, ids: list[str]) -> list[Group]:
        table = self.table
        of_group = np.split(table.supplier, table.sup_ptr[1:-1])
        return [
            Group(
                group_id,
                ids[table.consumer[g]],
                self.service[g],
                tuple(Supplier(ids[s]) for s in of_group[g]),
                k=int(table.k[g]),
                autonomy_h=int(table.autonomy_ms[g]) / MS_PER_HOUR,
            )
            for g, group_id in enumerate(self.group_ids)
        ]  # fmt: skip

    def _mesh(self, ids: list[str]) -> tuple[dict[str, Asset], dict[str, Link]]:
        """Return a square mesh of about n / 20 junctions, and the links to what hangs on it."""
        kinds = list(KINDS)
        side = max(2, round((len(ids) / 20) ** 0.5))
        low = np.array([self.lon.min(), self.lat.min()])
        span = np.array([np.ptp(self.lon), np.ptp(self.lat)])
        junctions = {
            f"j{x:04d}-{y:04d}": Asset(
                f"j{x:04d}-{y:04d}", "", JUNCTION, "energy",
                float(low[0] + span[0] * x / (side - 1)),
                float(low[1] + span[1] * y / (side - 1)),
            )
            for x in range(side)
            for y in range(side)
        }  # fmt: skip
        pairs = [
            (f"j{x:04d}-{y:04d}", f"j{x + dx:04d}-{y + dy:04d}")
            for x in range(side)
            for y in range(side)
            for dx, dy in ((1, 0), (0, 1))
            if x + dx < side and y + dy < side
        ]
        plants = np.flatnonzero(self.kind == kinds.index("power_plant"))
        hung = np.flatnonzero(self.kind <= kinds.index("substation_hv"))
        steps = np.stack([self.lon[hung], self.lat[hung]], axis=1) - low
        for i, (x, y) in zip(hung, np.rint(steps / span * (side - 1)).astype(int), strict=True):
            pairs.append((ids[i], f"j{x:04d}-{y:04d}"))
        sources = {
            ids[i]: Asset(
                ids[i], ids[i], "power_plant", "energy", float(self.lon[i]), float(self.lat[i]),
                source_of=("power",),
            )
            for i in plants
        }  # fmt: skip
        links = {
            f"l{number:07d}": Link(f"l{number:07d}", a, b, "power")
            for number, (a, b) in enumerate(pairs)
        }
        return junctions | sources, links


def synthetic(family: Family, n: int, seed: int = 1) -> Synthetic:
    """Return a made-up world of ``n`` assets (for the regional ones at least 200)."""
    rng = np.random.default_rng((FAMILIES.index(family), n, seed))
    lon, lat = _places(n, rng)
    if family in ("infra", "infraw"):
        kind = _kinds(n, rng)
        groups, service = _regional_groups(lon, lat, kind, rng)
        if family == "infraw":
            spare = (groups.k < np.diff(groups.sup_ptr)) & (rng.random(len(groups.k)) < 0.5)
            groups.k[spare] = np.diff(groups.sup_ptr)[spare]
    else:
        kind = np.full(n, len(KINDS) - 1, dtype=np.int32)
        groups = _random_groups(n, rng, all_needed=family == "randand")
        service = ("power",) * len(groups.k)
    people = np.where(kind == len(KINDS) - 1, rng.integers(50, 2000, n), 0)
    return Synthetic(f"{family}-{n}-{seed}", lon, lat, kind, people, service, groups)


def county(seed: int = 1) -> World:
    """Return a county of 167 assets with loops, in which all is repaired and starts again.

    Power, telecoms, gas, water and fuel need each other; buffers fill again, groups and assets
    take time to start, and one need in five is only half of what its asset does.
    """
    made = synthetic("infra", 167, seed).world()
    rng = np.random.default_rng((167, seed))
    assets = {
        a: replace(asset, repair_h=float(rng.integers(4, 72)), restart_h=float(rng.integers(0, 4)))
        for a, asset in made.assets.items()
    }
    groups = {
        g: replace(
            group,
            recharge_h=2.0 * group.autonomy_h,
            restart_h=float(rng.integers(0, 3)),
            loss=0.5 if rng.random() < 0.2 else 1.0,
        )
        for g, group in made.groups.items()
    }
    return replace(made, world_id="county", assets=assets, groups=groups, sha256=f"county-{seed}")


def _names(letter: str, count: int) -> list[str]:
    return [f"{letter}{i:08d}" for i in range(count)]


def _places(n: int, rng: np.random.Generator) -> tuple[F64, F64]:
    """Return places, half of them in towns, in a box of about the size of a large country."""
    towns = max(1, n // 2000)
    centres = rng.random((towns, 2))
    place = rng.random((n, 2))
    in_town = rng.random(n) < 0.5
    town = centres[rng.integers(0, towns, n)]
    near = town + rng.normal(scale=0.3 / towns**0.5 / 4, size=(n, 2))
    place[in_town] = near[in_town]
    return 6 + 9 * place[:, 0], 47 + 8 * place[:, 1]


def _kinds(n: int, rng: np.random.Generator) -> I32:
    """Return the kind of each asset; of every kind there are at least three."""
    shares = np.array([share for _, share in KINDS.values()])
    counts = np.maximum(3, np.rint(shares * n)).astype(int)
    counts[-1] += n - counts.sum()
    kind: I32 = np.repeat(np.arange(len(KINDS), dtype=np.int32), counts)
    rng.shuffle(kind)
    return kind


def _regional_groups(
    lon: F64, lat: F64, kind: I32, rng: np.random.Generator
) -> tuple[GroupTable, tuple[str, ...]]:
    place = np.stack([lon, lat], axis=1)
    names = list(KINDS)
    of = [np.flatnonzero(kind == k).astype(np.int32) for k in range(len(names))]
    trees = [cKDTree(place[rows]) for rows in of]
    consumer, suppliers, sizes, k, hours, service = [], [], [], [], [], []
    for need in NEEDS:
        rows, from_kind = of[names.index(need.consumer)], names.index(need.supplier)
        _, nearest = trees[from_kind].query(place[rows], k=range(1, need.n + 1))
        consumer.append(rows)
        suppliers.append(of[from_kind][nearest].ravel())
        sizes.append(np.full(len(rows), need.n))
        k.append(np.full(len(rows), need.k, dtype=np.int32))
        hours.append(rng.choice(np.array(need.autonomy_h), len(rows)))
        service += [need.service] * len(rows)
    table = _table(*(np.concatenate(part) for part in (consumer, suppliers, sizes, k, hours)))
    return table, tuple(service)


def _random_groups(n: int, rng: np.random.Generator, *, all_needed: bool) -> GroupTable:
    per_asset = np.full(n, 3) if all_needed else rng.binomial(3, 0.5, n)
    consumer = np.repeat(np.arange(n, dtype=np.int32), per_asset)
    m = len(consumer)
    sizes = np.ones(m, dtype=int) if all_needed else rng.choice(3, m, p=(0.37, 0.36, 0.27)) + 1
    k = (1 + rng.random(m) * sizes).astype(np.int32)
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    # distinct suppliers of one group: a random start and steps that cannot come round
    start, step = rng.integers(0, n, m), rng.integers(1, max(2, n // 4), m)
    within = np.arange(sizes.sum()) - np.repeat(first, sizes)
    supplier = (np.repeat(start, sizes) + within * np.repeat(step, sizes)) % n
    hours = rng.choice(np.array([0, 2, 4, 8, 12, 24, 48, 72]), m)
    return _table(consumer, supplier, sizes, k, hours)


def _table(consumer: I32, supplier: I64, sizes: I64, k: I32, hours: I64) -> GroupTable:
    m = len(consumer)
    return GroupTable(
        consumer=consumer.astype(np.int32),
        sup_ptr=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
        supplier=supplier.astype(np.int32),
        share=np.full(len(supplier), np.nan),
        k=k.astype(np.int32),
        fraction=np.zeros(m),
        loss=np.ones(m),
        autonomy_ms=hours.astype(np.int64) * MS_PER_HOUR,
        recharge_ms=np.zeros(m, dtype=np.int64),
        restart_ms=np.zeros(m, dtype=np.int64),
    )
