"""From staged tables to one world: needs by rule, who serves the people, what each provides.

What is declared goes first: a rule gives nothing for a service that an asset has a declared
dependency on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from models.imports.knowledge import Knowledge
from models.imports.staged import Staged
from models.knowledge.dependencies import Inferred, Region, infer, services_provided
from models.knowledge.rules import Override, Rule
from models.space.areas import to_metres, utm_crs
from models.world import (
    ASSUMPTION,
    Asset,
    Cell,
    CommonCause,
    Flow,
    Group,
    Range,
    Serving,
    UnknownNeed,
    World,
)

#: service → types that serve people with it, the first ones that a world has
SERVED_BY: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "electricity": (("substation_mv", "substation_hv"), ("substation_ehv",)),
    "drinking_water": (("water_works", "water_supply"), ("water_pumping_station",),
                       ("water_tower", "water_reservoir")),
    "waste_water": (("wastewater_plant",),),
    "fixed_telecom": (("telecom_exchange",),),
    "mobile_telecom": (("mobile_site",),),
    "acute_care": (("hospital",),),
}  # fmt: skip


#: Services whose pipes say who gets them: no rule adds to that.
PIPED = ("drinking_water", "waste_water", "heat", "gas", "fuel")


@dataclass(frozen=True, slots=True)
class Meta:
    """What a world says about itself."""

    world_id: str
    title: str


def assemble(staged: Staged, knowledge: Knowledge, meta: Meta) -> World:
    """Return the world of staged tables, without its hash.

    Parameters
    ----------
    staged
        Assets, links, cells and what was declared about them.
    knowledge
        Rules, overrides and numbers.
    meta
        Id and title.
    """
    assets = dict(staged.assets)
    crs = _crs(assets.values())
    overrides = (*knowledge.overrides, *staged.overrides)
    inferred = _infer(staged, assets, knowledge, overrides, crs)
    declared = {(g.consumer_id, g.service) for g in staged.groups}
    groups = [g for g in inferred.groups if (g.consumer_id, g.service) not in declared]
    servings = [*staged.servings, *_served(staged, assets, knowledge, crs)]
    flows = _flows(staged, servings, assets, groups, knowledge)
    every = {g.group_id: g for g in (*staged.groups, *groups)}
    unknown = tuple(
        need for need in inferred.unknown_needs
        if (need.asset_id, need.service) not in declared
    )  # fmt: skip
    return World(
        world_id=meta.world_id,
        title=meta.title,
        assets=_by_id(_with_provides(assets, staged, servings, knowledge.rules)),
        links={x.link_id: x for x in sorted(staged.links, key=lambda x: x.link_id)},
        groups=dict(sorted(every.items())),
        flows=tuple(sorted(flows, key=lambda f: (f.asset_id, f.service))),
        common_causes={c.group_id: c for c in sorted(staged.common_causes, key=_group_id)},
        service_areas=tuple(staged.service_areas),
        cells={c.cell_id: c for c in sorted(staged.cells, key=lambda c: c.cell_id)},
        servings=tuple(sorted(servings, key=lambda s: (s.cell_id, s.service, s.asset_id))),
        unknown_needs=tuple(sorted((*staged.unknown_needs, *unknown), key=_need_order)),
        markings=tuple(sorted(staged.markings, key=lambda m: (m.what, m.name))),
        ranges=tuple(sorted((*staged.ranges, *_ranges(groups, inferred.rule_of)),
                            key=lambda r: (r.table, r.row, r.column))),
        version="1",
        snapshot_date=staged.snapshot_date,
        bbox=staged.bbox,
        licence=staged.licence,
        attribution=staged.attribution,
        sources=tuple(staged.sources),
    )  # fmt: skip


def _need_order(need: UnknownNeed) -> tuple[str, str, str]:
    return need.asset_id, need.rule_id, need.service


def _group_id(cause: CommonCause) -> str:
    return cause.group_id


def _by_id(assets: Mapping[str, Asset]) -> dict[str, Asset]:
    return dict(sorted(assets.items()))


def _crs(assets: Iterable[Asset]) -> str:
    """Return the UTM zone of the middle of the assets: distances are measured there."""
    places = np.array([(a.lon, a.lat) for a in assets if np.isfinite(a.lon)])
    if not len(places):
        return "EPSG:32633"
    lon, lat = np.median(places, axis=0)
    return utm_crs(float(lon), float(lat))


# --- dependencies ------------------------------------------------------------------------------


def _infer(
    staged: Staged,
    assets: Mapping[str, Asset],
    knowledge: Knowledge,
    overrides: Sequence[Override],
    crs: str,
) -> Inferred:
    provided = services_provided(knowledge.rules)
    linked: dict[str, set[str]] = defaultdict(set)
    for link in staged.links:
        linked[link.from_id].add(link.service)
        linked[link.to_id].add(link.service)
    known = {
        a: replace(x, provides=tuple(sorted(
            {*x.provides, *provided.get(x.asset_type, ()), *linked.get(a, ())}
        )))
        for a, x in assets.items()
    }  # fmt: skip
    region = Region(
        known, staged.links, staged.facts,
        local_reach_m=knowledge.numbers["local_reach_m"], crs=crs,
    )  # fmt: skip
    # what stands for the outside has no needs here
    boundaries = {
        a for a, x in assets.items()
        if x.origin == ASSUMPTION and (x.source_of or x.asset_type.endswith("_boundary"))
    }  # fmt: skip
    inferred = infer(region, knowledge.rules, overrides)

    def is_told_otherwise(asset_id: str, service: str) -> bool:
        by_links = service in PIPED and service in linked.get(asset_id, ())
        return asset_id in boundaries or by_links

    return Inferred(
        tuple(g for g in inferred.groups if not is_told_otherwise(g.consumer_id, g.service)),
        inferred.rule_of,
        tuple(u for u in inferred.unknown_needs if not is_told_otherwise(u.asset_id, u.service)),
    )


def _ranges(groups: Iterable[Group], rule_of: Mapping[str, Rule]) -> list[Range]:
    """Return the bounds of the buffers that rules state."""
    result = []
    for group in groups:
        rule = rule_of.get(group.group_id)
        low, _, high = rule.autonomy_h if rule else (0.0, 0.0, 0.0)
        if rule and (low or high) and low <= group.autonomy_h <= high:
            result.append(Range("dependencies", (group.group_id,), "autonomy_h", low, high))
    return result


# --- people ------------------------------------------------------------------------------------


def _served(
    staged: Staged, assets: Mapping[str, Asset], knowledge: Knowledge, crs: str
) -> list[Serving]:
    """Return who serves each cell with what: the nearest one that has room to."""
    if not staged.cells:
        return []
    done = {s.service for s in staged.servings} | {a.service for a in staged.service_areas}
    ordered = sorted(staged.cells, key=lambda c: c.cell_id)
    spots = _points([(c.lon, c.lat) for c in ordered], crs)
    result: list[Serving] = []
    for service, choices in SERVED_BY.items():
        if service in done:
            continue
        types = next((t for t in choices if any(a.asset_type in t for a in assets.values())), ())
        candidates = sorted(
            (a for a in assets.values() if a.asset_type in types and _may_serve(a)),
            key=lambda a: a.asset_id,
        )
        if candidates:
            nearest = _nearest(spots, candidates, service, knowledge, crs)
            result += [
                _serving(cell, candidates[row], service)
                for cell, row in zip(ordered, nearest, strict=True)
                if row >= 0
            ]
    return result


def _may_serve(asset: Asset) -> bool:
    """Whether an asset serves people: a grid outside does so only where nothing else does."""
    return asset.origin != ASSUMPTION or not asset.asset_id.startswith("assumed/grid/")


def _serving(cell: Cell, supplier: Asset, service: str) -> Serving:
    return Serving(cell.cell_id, supplier.asset_id, service, 1.0, ASSUMPTION, "D", "nearest one")


def _points(lonlat: Sequence[tuple[float, float]], crs: str) -> np.ndarray:
    places = np.array(lonlat, dtype=float).reshape(-1, 2)
    x, y = to_metres(crs).transform(places[:, 0], places[:, 1])
    return np.column_stack([x, y])


def _nearest(
    spots: np.ndarray, candidates: Sequence[Asset], service: str, knowledge: Knowledge, crs: str
) -> list[int]:
    """Return the row of the nearest candidate of each spot, -1 for none.

    Of electricity, a local station takes a spot only within its reach; else the nearest station
    above it does.
    """
    places = _points([(a.lon, a.lat) for a in candidates], crs)
    rows = np.arange(len(candidates))
    nearest = rows[shapely.STRtree(shapely.points(places)).nearest(shapely.points(spots))]
    if service != "electricity":
        return [int(r) for r in nearest]
    main = np.array([a.asset_type != "substation_mv" for a in candidates])
    if not main.any():
        return [int(r) for r in nearest]
    above = rows[main][shapely.STRtree(shapely.points(places[main])).nearest(shapely.points(spots))]
    away = np.hypot(*(places[nearest] - spots).T)
    near = away <= knowledge.numbers["local_reach_m"]
    return [int(r) for r in np.where(near, nearest, above)]


def _with_provides(
    assets: Mapping[str, Asset],
    staged: Staged,
    servings: Iterable[Serving],
    rules: Sequence[Rule],
) -> dict[str, Asset]:
    """Say what each asset provides: as declared, by the rules, its links, the people it serves."""
    by_type = services_provided(rules)
    provides = {a: {*x.provides, *by_type.get(x.asset_type, ())} for a, x in assets.items()}
    for link in staged.links:
        for end in (link.from_id, link.to_id):
            if end in provides:
                provides[end].add(link.service)
    for group in staged.groups:
        for supplier in group.suppliers:
            if supplier.asset_id in provides:
                provides[supplier.asset_id].add(group.service)
    for serving in servings:
        if serving.asset_id in provides:
            provides[serving.asset_id].add(serving.service)
    # a world of ours says which rules do not apply: its assets stay as they are stated
    stated = {o.consumer for o in staged.overrides if o.action == "skip"}
    return {
        a: x if x.is_junction or a in stated else replace(x, provides=tuple(sorted(provides[a])))
        for a, x in assets.items()
    }


# --- flows -------------------------------------------------------------------------------------


def _flows(
    staged: Staged,
    servings: Iterable[Serving],
    assets: Mapping[str, Asset],
    groups: Iterable[Group],
    knowledge: Knowledge,
) -> list[Flow]:
    """Return declared flows, and the electric demand of stations by the people behind them."""
    if any(f.service == "electricity" for f in staged.flows) or not staged.cells:
        return list(staged.flows)
    feeds = {
        g.consumer_id: g.suppliers[0].asset_id
        for g in groups
        if g.service == "electricity" and assets[g.consumer_id].asset_type == "substation_mv"
    }
    linked = {
        end for x in staged.links if x.service == "electricity" for end in (x.from_id, x.to_id)
    }
    people_of = {c.cell_id: c.people for c in staged.cells}
    total: dict[str, int] = defaultdict(int)
    for serving in servings:
        if serving.service == "electricity":
            station = serving.asset_id
            for _ in range(4):  # local station → its station → …: the first on the network
                if station in linked or station not in feeds:
                    break
                station = feeds[station]
            total[station] += people_of.get(serving.cell_id, 0)
    mw = knowledge.numbers["kw_per_person"] / 1000
    return [
        *staged.flows,
        *(
            Flow(station, "electricity", demand=round(count * mw, 2), unit="MW")
            for station, count in sorted(total.items())
            if station in linked and count
        ),
    ]
