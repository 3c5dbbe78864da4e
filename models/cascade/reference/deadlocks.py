"""Restart deadlocks: assets that cannot restart by themselves, and the fewest supplies that help.

Finish every repair and restart under way, then let returns run with each restart as 0 h. An asset
still below its level in the greatest fixed point from all assets at ``own`` (current links and
supplies, stores empty) is *stuck*: it could run, but nothing inside the model can start it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import combinations
from math import comb

import networkx as nx

from models import outcome
from models.cascade.joined import MOST_COMPARED, joined
from models.cascade.reference.state import TOLERANCE, GroupState, WorldState, enough
from models.outcome import Deadlock, Supply

Supplies = Collection[tuple[str, str]]
_Test = Callable[[Supplies], bool]


class Deadlocks:
    """Stuck assets of a state that moves on, and the supplies that would free them."""

    def __init__(self, now: WorldState) -> None:
        self.now = now
        self.loop_groups = loop_groups(now)
        self._greatest: tuple[object, Closure] | None = None

    def stuck(self) -> frozenset[str]:
        """Return the assets that are stuck now."""
        groups = self.now.groups.items()
        waiting = {gid for gid, s in groups if s.lost and s.restart_at is None}
        if not waiting & self.loop_groups:
            return frozenset()
        reached = self._returned(())
        if not reached.lost & self.loop_groups:
            return frozenset()
        best = self._best().level
        return frozenset(a for a, level in best.items() if reached.level[a] < level - TOLERANCE)

    def rings(self, stuck: frozenset[str]) -> list[list[str]]:
        """Return the sets of stuck assets that wait for each other, each sorted, in order."""
        if not stuck:
            return []
        waits = self._waits(stuck)
        rings = [sorted(ring) for ring in nx.strongly_connected_components(waits)]
        return sorted(r for r in rings if len(r) > 1 or waits.has_edge(r[0], r[0]))

    def all(self) -> tuple[Deadlock, ...]:
        """Return one deadlock per set of stuck assets that wait for each other.

        The largest are searched first, until the budget of tries is used up.
        """
        deadlocks: list[Deadlock] = []
        left = outcome.MOST_TRIES
        rings = sorted(self.rings(self.stuck()), key=lambda ring: (-len(ring), ring))
        for ring in rings:
            lost_needs = sorted(self._lost_upstream(ring))
            left -= len(lost_needs)
            if left < 0:
                deadlocks.append(Deadlock(tuple(ring), (), smallest=False, searched=False))
                continue
            deadlock, tried = self._deadlock(ring, lost_needs, min(outcome.MOST_SETS_TRIED, left))
            deadlocks.append(deadlock)
            left -= tried
        return joined(deadlocks, self._also_freed(deadlocks, rings))

    def _also_freed(
        self, deadlocks: Sequence[Deadlock], rings: Sequence[Sequence[str]]
    ) -> Iterator[tuple[int, int]]:
        """Yield each ring with the other rings that its breaking set frees."""
        best = self._best().level
        for number, deadlock in enumerate(deadlocks):
            if not deadlock.searched or len(rings) > MOST_COMPARED:
                continue
            level = self._returned({(s.asset, s.service) for s in deadlock.breaking}).level
            for other, ring in enumerate(rings):
                if all(level[asset] >= best[asset] - TOLERANCE for asset in ring):
                    yield number, other

    def _returned(self, supplies: Supplies) -> Closure:
        """Run the returns from now, with every restart as 0 h."""
        lost = [s for s in self.now.groups.values() if s.lost and s.restart_at is None]
        here = Closure(self.now, lost, supplies)
        while back := [s for s in lost if s.group.group_id in here.lost and here.serves(s)]:
            here.flip(back)
        return here

    def _best(self) -> Closure:
        """Return the greatest fixed point: losses from all at ``own``, stores empty.

        Black starts hold. It depends on damage, links and supplies alone, so it is cached.
        """
        here = Closure(self.now, (), ())
        basis = (here.own, set(self.now.cut), set(self.now.supplied))
        if self._greatest is not None and self._greatest[0] == basis:
            return self._greatest[1]
        assets = self.now.world.assets
        losing = [
            s for s in self.now.groups.values() if not assets[s.group.consumer_id].black_start
        ]
        while gone := [
            s for s in losing if s.group.group_id not in here.lost and not here.serves(s)
        ]:
            here.flip(gone)
        self._greatest = (basis, here)
        return here

    def _waits(self, stuck: frozenset[str]) -> nx.DiGraph[str]:
        """Return which stuck assets wait for which, through a supplier or a supplier's network."""
        here, best = self._returned(()), self._best()
        # a group lost in the greatest fixed point, too, holds no asset below its level there
        holding = (here.lost - best.lost) & self.loop_groups
        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(stuck)
        for state in self.now.groups.values():
            group = state.group
            holds = group.loss > 0 and group.group_id in holding
            if group.consumer_id not in stuck or not holds:
                continue
            for supplier in group.suppliers:
                for held in _held_by(here, best, supplier.asset_id, group.service):
                    if held in stuck:
                        graph.add_edge(group.consumer_id, held)
        return graph

    def _deadlock(
        self, ring: list[str], lost_needs: list[tuple[str, str]], most: int
    ) -> tuple[Deadlock, int]:
        best = self._best().level

        def frees(supplies: Supplies) -> bool:
            level = self._returned(supplies).level
            return all(level[asset] >= best[asset] - TOLERANCE for asset in ring)

        breaking, smallest, tried = _fewest(lost_needs, frees, most)
        supplies = tuple(Supply(asset, service) for asset, service in breaking)
        return Deadlock(tuple(ring), supplies, smallest), tried

    def _lost_upstream(self, ring: list[str]) -> set[tuple[str, str]]:
        """Return the lost needs (asset, service) of the ring and of everything upstream of it."""
        now = self.now
        lost_needs: set[tuple[str, str]] = set()
        seen, frontier = set(ring), list(ring)
        while frontier:
            for state in now.groups_of.get(frontier.pop(), ()):
                group = state.group
                if not state.lost or state.restart_at is not None or group.loss <= 0:
                    continue
                lost_needs.add((group.consumer_id, group.service))
                network = now.networks.get(group.service)
                for supplier in (s.asset_id for s in group.suppliers):
                    fed = {supplier}
                    if network and supplier in network.members:
                        fed |= network.upstream(supplier, now.own, now.cut)
                    frontier += fed - seen
                    seen |= fed
        return lost_needs


class Closure:
    """The state that a set of lost groups leads to if time is left out."""

    def __init__(self, now: WorldState, lost: Sequence[GroupState], supplies: Supplies) -> None:
        self.now, self.supplies = now, supplies
        finished = now.repair_at.keys() | now.restart_at.keys()
        self.own = now.own | {asset: now.limit[asset] for asset in finished}
        self.lost = {state.group.group_id for state in lost}
        consumers = {state.group.consumer_id for state in lost}
        self.level = self.own | {asset: self._level(asset) for asset in consumers}
        self.delivered: dict[str, dict[str, float]] = {}
        self._deliver(now.networks)

    def serves(self, state: GroupState) -> bool:
        """Whether the group is served here, or held by a black start."""
        group = state.group
        need = (group.consumer_id, group.service)
        if state.holds or need in self.supplies or need in self.now.supplied:
            return True
        return enough(group, [self.delivery(s.asset_id, group.service) for s in group.suppliers])

    def delivery(self, asset: str, service: str) -> float:
        """Return what dependents get of a service from an asset."""
        return self.delivered.get(service, {}).get(asset, self.level[asset])

    def flip(self, states: list[GroupState]) -> None:
        """Toggle groups between lost and not lost, and update levels and networks."""
        for state in states:
            self.lost ^= {state.group.group_id}
        moved = {state.group.consumer_id for state in states}
        moved = {asset for asset in moved if self._level(asset) != self.level[asset]}
        self.level |= {asset: self._level(asset) for asset in moved}
        self._deliver({n for asset in moved for n in self.now.networks_at.get(asset, ())})

    def _deliver(self, names: Iterable[str]) -> None:
        for name in names:
            network = self.now.networks[name]
            self.delivered[name] = network.deliveries(self.level, self.own, self.now.cut)

    def _level(self, asset: str) -> float:
        lost = (s for s in self.now.groups_of.get(asset, ()) if s.group.group_id in self.lost)
        return self.own[asset] * min((1.0 - s.group.loss for s in lost), default=1.0)


def loop_groups(now: WorldState) -> frozenset[str]:
    """Return the groups on a loop of dependencies and networks; only these can deadlock.

    A network counts as one node, fed by members that are sources or lie between links.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    for network in now.networks.values():
        hub = f"network {network.service}"
        for asset in network.members:
            graph.add_edge(hub, asset)
            if asset in network.supply or len(network.around.get(asset, ())) > 1:
                graph.add_edge(asset, hub)
    for state in now.groups.values():
        for supplier in state.group.suppliers:
            graph.add_edge(supplier.asset_id, state.group.consumer_id)
    ring_of = {a: i for i, r in enumerate(nx.strongly_connected_components(graph)) for a in r}
    return frozenset(
        gid
        for gid, state in now.groups.items()
        if any(
            ring_of[s.asset_id] == ring_of[state.group.consumer_id] for s in state.group.suppliers
        )
    )


def _held_by(here: Closure, best: Closure, supplier: str, service: str) -> Iterator[str]:
    """Yield a supplier and the assets upstream of it in the network that could deliver more.

    An asset that delivers no more in the greatest fixed point is never waited for.
    """

    def would_help(asset: str) -> bool:
        return best.delivery(asset, service) > here.delivery(asset, service) + TOLERANCE

    if not would_help(supplier):
        return
    yield supplier
    network = here.now.networks.get(service)
    if network and supplier in network.members:
        yield from filter(would_help, network.upstream(supplier, here.own, here.now.cut))


def _fewest(
    lost_needs: list[tuple[str, str]], frees: _Test, most: int
) -> tuple[tuple[tuple[str, str], ...], bool, int]:
    """Return the first smallest breaking set, whether it is proven smallest, and the tries.

    At most ``most`` sets are tried, each size completely or not at all. Beyond that, one set is
    reduced until nothing can be left out.
    """
    tried = 0
    for size in range(1, len(lost_needs) + 1):
        if tried + comb(len(lost_needs), size) > most:
            break
        for supplies in combinations(lost_needs, size):
            tried += 1
            if frees(supplies):
                return supplies, True, tried
    kept = list(lost_needs)
    for lost_need in lost_needs:
        without = [pair for pair in kept if pair != lost_need]
        if frees(without):
            kept = without
    return tuple(kept), False, tried
