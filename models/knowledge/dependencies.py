"""The one rule engine: from rules of thumb to dependency groups, each with its origin.

OpenStreetMap and most asset lists contain positions, not dependencies. A
:class:`~models.knowledge.rules.Rule` states what one type of asset usually needs; :func:`infer`
applies it to the assets of a region and returns :class:`~models.world.Group` values that carry the
rule's id, its confidence and the distance, so that a declared dependency can replace an inferred
one. An unknown supplier becomes an :class:`~models.world.UnknownNeed`, never a silent "works".

The table and its sources: ``data/knowledge/dependency_rules.csv``. Distances are planar metres in
a projected CRS (UTM zone of the region), buffers are hours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import dist
from typing import Any

import networkx as nx
from shapely.geometry.base import BaseGeometry

from models.knowledge.rules import ANY, SELF, Override, Rule
from models.space.areas import Sites, owner
from models.world import ASSUMPTION, Asset, CommonCause, Group, Link, Supplier, UnknownNeed

#: Rules that are never inferred: operators state them, or they describe paths through a network.
NOT_ITS_OWN = ("explicit", "path_exists")


@dataclass(frozen=True)
class Region:
    """Input of the rules.

    ``facts`` are tags for conditions, by asset; ``polygons`` are declared service areas in the
    CRS of ``sites``, by supplier; ``local_reach_m`` is the reach of a local stage (a kiosk), 0 by
    default.
    """

    assets: Mapping[str, Asset]
    links: Sequence[Link] = ()
    facts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    polygons: Mapping[str, BaseGeometry] = field(default_factory=dict)
    local_reach_m: float = 0.0
    crs: str | None = None

    def sites(self) -> Sites:
        """Return all assets in metres."""
        return Sites.of(self.assets.values(), self.crs)


@dataclass(frozen=True, slots=True)
class Inferred:
    """Result of the rules: groups, the applied rule of each, and unknown needs."""

    groups: tuple[Group, ...]
    rule_of: Mapping[str, Rule]
    unknown_needs: tuple[UnknownNeed, ...]


@dataclass(frozen=True, slots=True)
class _Applied:
    """A rule for one consumer, with overrides applied."""

    rule: Rule
    skip: bool = False
    unknown: str = ""
    suppliers: tuple[str, ...] = ()
    note: str = ""


_Ranked = list[tuple[float, str]]


def infer(region: Region, rules: Iterable[Rule], overrides: Iterable[Override] = ()) -> Inferred:
    """Apply the rules to a region.

    Parameters
    ----------
    region
        Assets, links, facts and declared areas.
    rules
        Applied one by one; an asset gets at most one group per rule, ``<rule>:<asset>``.
    overrides
        In order; a later one wins.

    Returns
    -------
    Groups and unknown needs, ordered by id. If the service reaches the consumer through links that
    it also passes on (a substation on its lines), the rule gives no group: the network defines the
    dependency, even if an override states one for consumers without a line.
    """
    finder, changes = _Finder(region), _Changes(overrides)
    groups: list[Group] = []
    unknown: list[UnknownNeed] = []
    applied_rules: dict[str, Rule] = {}
    for rule in rules:
        for asset in finder.consumers(rule):
            applied = _apply(rule, asset, changes.of(asset))
            if applied.skip or finder.is_carried_by_links(rule, asset):
                continue
            needs = [] if applied.unknown else finder.suppliers(applied, asset)
            if needs:
                group = _group(applied, asset, needs)
                groups.append(group)
                applied_rules[group.group_id] = applied.rule
            else:
                unknown.append(_unknown_need(applied, asset))
    return Inferred(
        tuple(sorted(groups, key=lambda g: g.group_id)),
        applied_rules,
        tuple(sorted(unknown, key=lambda u: (u.asset_id, u.rule_id))),
    )


def services_provided(rules: Iterable[Rule]) -> dict[str, tuple[str, ...]]:
    """Return the services that each asset type supplies in rules that can be inferred."""
    services: dict[str, set[str]] = {}
    for rule in rules:
        for asset_type in rule.suppliers:
            if asset_type not in (SELF, ANY) and rule.assignment not in NOT_ITS_OWN:
                services.setdefault(asset_type, set()).add(rule.service)
    return {asset_type: tuple(sorted(services[asset_type])) for asset_type in sorted(services)}


def co_located(assets: Iterable[Asset], radius_m: float) -> tuple[CommonCause, ...]:
    """Return the groups of assets so close that one local cause can fail them together.

    Geographic interdependency (Rinaldi et al. 2001; rule D078) is no supply edge. Assets belong
    together if a chain of steps of at most ``radius_m`` joins them.
    """
    by_id = {asset.asset_id: asset for asset in assets}
    sites = Sites.of(by_id.values())
    near: nx.Graph[str] = nx.Graph()
    for asset_id, (x, y) in zip(sites.ids, sites.xy, strict=True):
        for _, other in sites.by_distance((float(x), float(y)), radius_m):
            near.add_edge(asset_id, other)
    groups = []
    for members in sorted(sorted(part) for part in nx.connected_components(near)):
        if len(members) > 1:
            names = Counter(by_id[member].name or member for member in members)
            listed = (f"{n} x {name}" if n > 1 else name for name, n in names.items())
            name = "Same place: " + "; ".join(listed)
            groups.append(CommonCause(f"location/{members[0]}", "location", name, tuple(members)))
    return tuple(groups)


class _Changes:
    """Overrides by whom they are about: most are about one of very many assets."""

    def __init__(self, overrides: Iterable[Override]) -> None:
        self._about: dict[str, list[tuple[int, Override]]] = {}
        for place, override in enumerate(overrides):
            self._about.setdefault(override.consumer, []).append((place, override))

    def of(self, asset: Asset) -> list[Override]:
        """Return those that may concern an asset, in their order."""
        whom = dict.fromkeys(("", asset.asset_type, asset.asset_id))
        found = [pair for name in whom for pair in self._about.get(name, ())]
        return [override for _, override in sorted(found, key=lambda pair: pair[0])]


class _Finder:
    """Finds suppliers; holds the indexes that all rules share."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self.sites = region.sites()
        self._networks: dict[str, Any] = {}
        self._sites_of: dict[tuple[str, ...], Sites] = {}
        self._entries: dict[str, Sites] = {}
        self._upstreams: dict[tuple[str, str], str] = {}
        self._of_type: dict[str, list[str]] = {}
        for asset_id, asset in sorted(region.assets.items()):
            self._of_type.setdefault(asset.asset_type, []).append(asset_id)
        self._assign: Mapping[str, Callable[[Rule, Asset], _Ranked]] = {
            "nearest": self._nearest,
            "within_radius": self._nearest,
            "co_located": self._nearest,
            "k_nearest": self._k_nearest,
            "nearest_in_service_area": self._service_area,
            "service_area": self._service_area,
            "grid_topology": self._grid_topology,
            "path_exists": self._path_exists,
            "global": self._anywhere,
            "self": self._self,
        }

    def consumers(self, rule: Rule) -> Iterable[Asset]:
        """Return the assets that a rule applies to."""
        for asset_type in rule.dependents:
            for asset_id in self._of_type.get(asset_type, ()):
                facts = self.region.facts.get(asset_id, {})
                if rule.condition is None or rule.condition.holds(facts):
                    yield self.region.assets[asset_id]

    def is_carried_by_links(self, rule: Rule, asset: Asset) -> bool:
        """Whether links bring the service to an asset that passes it on."""
        passes_on = rule.service in asset.provides and asset.asset_id in self.network(rule.service)
        return rule.assignment == "grid_topology" and passes_on

    def suppliers(self, applied: _Applied, asset: Asset) -> _Ranked:
        """Return (distance in m, id) of the suppliers, nearest first; empty if unknown."""
        if applied.suppliers:
            return sorted((self._distance(asset, s), s) for s in applied.suppliers)
        assign = self._assign.get(applied.rule.assignment)
        return assign(applied.rule, asset) if assign else []

    def network(self, service: str) -> Any:
        """Return the undirected graph of the links of one service, weighted by length."""
        if service not in self._networks:
            graph: Any = nx.Graph()
            for link in self.region.links:
                if link.service == service:
                    length = link.length_m if link.length_m is not None else 1.0
                    graph.add_edge(link.from_id, link.to_id, length=length)
            self._networks[service] = graph
        return self._networks[service]

    def _distance(self, asset: Asset, supplier_id: str) -> float:
        return dist(self.sites.point(asset.asset_id), self.sites.point(supplier_id))

    def _candidates(self, types: tuple[str, ...]) -> Sites:
        if types not in self._sites_of:
            ids = (a for t in types for a in self._of_type.get(t, ()))
            self._sites_of[types] = self.sites.among(ids)
        return self._sites_of[types]

    def _ranked(self, rule: Rule, asset: Asset, candidates: Sites) -> _Ranked:
        reach_m = rule.reach_m or float("inf")
        ranked = candidates.by_distance(self.sites.point(asset.asset_id), reach_m)
        return [pair for pair in ranked if pair[1] != asset.asset_id]

    def _nearest(self, rule: Rule, asset: Asset) -> _Ranked:
        return self._ranked(rule, asset, self._candidates(rule.suppliers))[: rule.n]

    def _anywhere(self, rule: Rule, asset: Asset) -> _Ranked:
        return self._nearest(replace(rule, reach_m=0.0), asset)

    def _self(self, rule: Rule, asset: Asset) -> _Ranked:
        return [(0.0, asset.asset_id)]

    def _k_nearest(self, rule: Rule, asset: Asset) -> _Ranked:
        """Return the nearest of each upstream: two kiosks of one station are no redundancy."""
        chosen: dict[str, tuple[float, str]] = {}
        for distance, supplier in self._ranked(rule, asset, self._candidates(rule.suppliers)):
            chosen.setdefault(self._upstream(rule, supplier), (distance, supplier))
            if len(chosen) == rule.n:
                break
        return list(chosen.values())

    def _stages(self, rule: Rule) -> tuple[str, tuple[str, ...]]:
        """Return the type that owns the areas and the types of its local stages."""
        main, *local = [t for t in rule.suppliers if self._of_type.get(t)] or [""]
        return main, tuple(local)

    def _upstream(self, rule: Rule, supplier_id: str) -> str:
        main, _ = self._stages(rule)
        key = (main, supplier_id)
        if key not in self._upstreams:
            supplier = self.region.assets[supplier_id]
            owned_by = None if supplier.asset_type == main else self._owner(supplier, main)
            self._upstreams[key] = owned_by or supplier_id
        return self._upstreams[key]

    def _owner(self, asset: Asset, owner_type: str) -> str | None:
        suppliers = self._candidates((owner_type,))
        point = self.sites.point(asset.asset_id)
        return owner(point, suppliers, self.region.polygons, besides=asset.asset_id)

    def _service_area(self, rule: Rule, asset: Asset) -> _Ranked:
        """Return the area's owner, or its local stage if one is within reach.

        The first supplier type present owns the areas; a later type is a local stage of it (a
        kiosk of a 110/20 kV station) and supplies the consumer if it lies in the same area within
        ``local_reach_m``.
        """
        main, local = self._stages(rule)
        owned_by = self._owner(asset, main)
        if owned_by is None:
            return []
        local = local if self.region.local_reach_m else ()
        near = replace(rule, reach_m=self.region.local_reach_m)
        for distance, kiosk in self._ranked(near, asset, self._candidates(local)):
            if self._upstream(rule, kiosk) == owned_by:
                return [(distance, kiosk)]
        distance = self._distance(asset, owned_by)
        return [(distance, owned_by)] if not rule.reach_m or distance <= rule.reach_m else []

    def _grid_topology(self, rule: Rule, asset: Asset) -> _Ranked:
        """Return the suppliers joined to the consumer by links, nearest along them first."""
        graph = self.network(rule.service)
        if asset.asset_id not in graph:
            return []
        candidates = {s for t in rule.suppliers for s in self._of_type.get(t, ())} - {
            asset.asset_id
        }
        reach = rule.reach_m or None
        lengths = nx.single_source_dijkstra_path_length(
            graph, asset.asset_id, cutoff=reach, weight="length"
        )
        return sorted((float(d), s) for s, d in lengths.items() if s in candidates)[: rule.n]

    def _path_exists(self, rule: Rule, asset: Asset) -> _Ranked:
        """Return the entry to the network; the engine checks the path to a source."""
        if rule.service not in self._entries:
            self._entries[rule.service] = self.sites.among(self.network(rule.service))
        return self._ranked(rule, asset, self._entries[rule.service])[:1]


def _apply(rule: Rule, asset: Asset, overrides: Sequence[Override]) -> _Applied:
    applied = _Applied(rule)
    for override in overrides:
        if override.concerns(rule, asset):
            applied = _change(applied, override)
    return applied


def _change(applied: _Applied, override: Override) -> _Applied:
    rule = applied.rule
    if override.confidence:
        rule = replace(rule, confidence=override.confidence)
    if override.action in _FIELDS:
        rule = _FIELDS[override.action](rule, override.value)
    note = "; ".join(text for text in (applied.note, override.note) if text)
    applied = replace(applied, rule=rule, note=note)
    if override.action == "skip":
        return replace(applied, skip=override.value != "false")
    if override.action == "unknown":
        return replace(applied, unknown=override.value or "shows")
    if override.action == "suppliers":
        return replace(applied, suppliers=tuple(override.value.split("|")))
    return applied


_FIELDS: Mapping[str, Callable[[Rule, str], Rule]] = {
    "supplier_types": lambda rule, value: replace(rule, suppliers=tuple(value.split("|"))),
    "assignment": lambda rule, value: replace(rule, assignment=value),
    "n": lambda rule, value: replace(rule, n=int(value)),
    "k": lambda rule, value: replace(rule, k=int(value)),
    "loss": lambda rule, value: replace(rule, loss=float(value)),
    "fraction": lambda rule, value: replace(rule, min_supply_fraction=float(value)),
    "reach_m": lambda rule, value: replace(rule, reach_m=float(value)),
    "autonomy_h": lambda rule, value: replace(rule, autonomy_h=(float(value),) * 3),
    "recharge_h": lambda rule, value: replace(rule, recharge_h=float(value)),
}


def _group(applied: _Applied, asset: Asset, ranked: _Ranked) -> Group:
    rule = applied.rule
    autonomy_h = rule.autonomy_h[1]
    source = f"{rule.source}; {applied.note}" if applied.note else rule.source
    return Group(
        group_id=f"{rule.rule_id}:{asset.asset_id}",
        consumer_id=asset.asset_id,
        service=rule.service,
        suppliers=tuple(Supplier(s, distance_m=round(d, 1)) for d, s in ranked),
        kind=rule.kind,
        k=max(1, min(rule.k, len(ranked))),
        min_supply_fraction=rule.min_supply_fraction,
        autonomy_h=autonomy_h,
        recharge_h=rule.recharge_h if autonomy_h else 0.0,
        restart_h=rule.restart_h,
        loss=rule.loss,
        buffer=rule.buffer if autonomy_h else "",
        origin=ASSUMPTION if applied.suppliers else rule.rule_id,
        confidence=rule.confidence,
        source=source,
    )


def _unknown_need(applied: _Applied, asset: Asset) -> UnknownNeed:
    rule = applied.rule
    direct = rule.tight and rule.kind == "physical" and rule.assignment != "explicit"
    hides = applied.unknown == "hides" or (direct and applied.unknown != "shows")
    return UnknownNeed(asset.asset_id, rule.service, rule.rule_id, hides, applied.note or rule.note)
