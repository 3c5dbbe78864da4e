"""Link networks: assets that a working source reaches, and the balance of each part.

The least fixed point of the model (``docs/model.md``): an asset is *energised* only if a path of
working assets and links, along directed ones, joins it to a working source of the service.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import fsum

from models.world import World


@dataclass(frozen=True)
class Network:
    """The links of one service, with the assets that feed and draw from them.

    ``onward`` leads from an asset along usable directions, ``around`` in either direction.
    ``supply`` is None for an unlimited source.
    """

    service: str
    members: frozenset[str]
    onward: Mapping[str, tuple[tuple[str, str], ...]]
    around: Mapping[str, tuple[tuple[str, str], ...]]
    supply: Mapping[str, float | None]
    demand: Mapping[str, float]

    def energised(self, level: Mapping[str, float], cut: Collection[str]) -> set[str]:
        """Return the assets that a working source reaches.

        ``level`` per asset in [0, 1]; ``cut`` are the ids of links out of service.
        """
        reached = {source for source in self.supply if level[source] > 0}
        frontier = list(reached)
        while frontier:
            for link, neighbour in self.onward.get(frontier.pop(), ()):
                if neighbour not in reached and link not in cut and level[neighbour] > 0:
                    reached.add(neighbour)
                    frontier.append(neighbour)
        return reached

    def deliveries(
        self, level: Mapping[str, float], own: Mapping[str, float], cut: Collection[str]
    ) -> dict[str, float]:
        """Return what each member delivers: the smaller of its level and its part's balance.

        Parameters
        ----------
        level
            Per asset, in [0, 1]: decides which assets a source reaches.
        own
            Direct damage alone, in [0, 1]. Parts and demand depend on it and not on ``level``, so
            that a balance does not flicker as consumers fail and return within one instant.
        cut
            The ids of links out of service.
        """
        reached = self.energised(level, cut)
        delivered = dict.fromkeys(self.members, 0.0)
        if not self.demand:
            return delivered | {asset: level[asset] for asset in reached}
        for part in self._parts(own, cut):
            balance = self._balance(part, level)
            for asset in part & reached:
                delivered[asset] = min(level[asset], balance)
        return delivered

    def upstream(self, asset: str, own: Mapping[str, float], cut: Collection[str]) -> set[str]:
        """Return the assets of ``asset``'s part from which a path leads to it, and its sources.

        Parameters
        ----------
        asset
            Id of the asset where paths end.
        own
            Direct damage per asset, in [0, 1]: an asset at 0 passes nothing on.
        cut
            The ids of links out of service.
        """
        part = next((p for p in self._parts(own, cut) if asset in p), set())
        reached, frontier = {asset}, [asset]
        while frontier:
            at = frontier.pop()
            for before in part - reached:
                if any(to == at and link not in cut for link, to in self.onward.get(before, ())):
                    reached.add(before)
                    frontier.append(before)
        # a source anywhere in the part feeds its balance
        return reached | (part & self.supply.keys() if self.demand else set())

    def _parts(self, own: Mapping[str, float], cut: Collection[str]) -> list[set[str]]:
        """Return the parts connected by uncut links between assets whose ``own`` is above 0."""
        left = {asset for asset in self.members if own[asset] > 0}
        parts = []
        while left:
            frontier = [left.pop()]
            part = set(frontier)
            while frontier:
                for link, neighbour in self.around.get(frontier.pop(), ()):
                    if neighbour in left and link not in cut:
                        left.remove(neighbour)
                        part.add(neighbour)
                        frontier.append(neighbour)
            parts.append(part)
        return parts

    def _balance(self, part: set[str], level: Mapping[str, float]) -> float:
        """Return min(1, S / D) of one part; 1 with an unlimited source or without demand."""
        demand = fsum(self.demand.get(asset, 0.0) for asset in part)
        sources = [source for source in part & self.supply.keys() if level[source] > 0]
        if demand <= 0 or any(self.supply[source] is None for source in sources):
            return 1.0
        supply = fsum((self.supply[source] or 0.0) * level[source] for source in sources)
        # rounded, so that rounding errors of the sums make neither a change nor a shortage
        return round(min(1.0, supply / demand), 12)


def networks_of(world: World) -> dict[str, Network]:
    """Return the network of every service that links carry or an asset feeds."""
    supply: dict[str, dict[str, float | None]] = defaultdict(dict)
    demand: dict[str, dict[str, float]] = defaultdict(dict)
    for asset in world.assets.values():
        for service in asset.source_of:
            supply[service][asset.asset_id] = None
    for flow in world.flows:
        if flow.supply is not None:
            supply[flow.service][flow.asset_id] = flow.supply
        if flow.demand is not None:
            demand[flow.service][flow.asset_id] = flow.demand
    return {
        service: _network(world, service, supply[service], demand[service])
        for service in sorted({*world.link_services, *supply})
    }


def _network(
    world: World,
    service: str,
    supply: Mapping[str, float | None],
    demand: Mapping[str, float],
) -> Network:
    onward: dict[str, list[tuple[str, str]]] = defaultdict(list)
    around: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for link in world.links.values():
        if link.service != service:
            continue
        onward[link.from_id].append((link.link_id, link.to_id))
        around[link.from_id].append((link.link_id, link.to_id))
        around[link.to_id].append((link.link_id, link.from_id))
        if not link.directed:
            onward[link.to_id].append((link.link_id, link.from_id))
    members = frozenset(around) | frozenset(supply)
    return Network(
        service=service,
        members=members,
        onward={asset: tuple(sorted(pairs)) for asset, pairs in onward.items()},
        around={asset: tuple(sorted(pairs)) for asset, pairs in around.items()},
        supply=dict(supply),
        # demand outside the network does not count in its balance; ``validate`` warns of it
        demand={asset: d for asset, d in demand.items() if asset in members and d > 0},
    )
