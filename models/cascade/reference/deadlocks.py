"""Restart deadlocks: who cannot come back by itself, and the fewest supplies that free them.

Finish every repair and restart under way, then let returns run with each restart as 0 h. An asset
still below its level in the greatest fixed point from all assets at ``own`` (links and supplies
of now, stores empty) is *stuck*: it could run, but nothing inside the model can start it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

import networkx as nx

from models import outcome
from models.cascade.joined import MOST_COMPARED, joined
from models.outcome import Deadlock, Supply

if TYPE_CHECKING:
    from models.cascade.reference.engine import Engine, GroupState

Supplies = Collection[tuple[str, str]]
_Test = Callable[[Supplies], bool]


def stuck_assets(engine: Engine) -> frozenset[str]:
    """Return the assets that are stuck at the engine's hour."""
    waiting = {gid for gid, s in engine.groups.items() if s.lost and s.restart_at is None}
    if not waiting & engine.loop_groups:
        return frozenset()
    reached = _returned(engine, ())
    if not reached.lost & engine.loop_groups:
        return frozenset()
    best = _greatest(engine).level
    return frozenset(a for a, level in best.items() if reached.level[a] < level - 1e-9)


def deadlocks_of(engine: Engine) -> tuple[Deadlock, ...]:
    """Return one deadlock per set of stuck assets that wait for each other.

    The largest are searched first, until what may be tried in all is used up.
    """
    found: list[Deadlock] = []
    left = outcome.MOST_TRIES
    rings = rings_of(engine, stuck_assets(engine))
    rings.sort(key=lambda ring: (-len(ring), ring))
    for ring in rings:
        wanted = sorted(_lost_upstream(engine, ring))
        left -= len(wanted)
        if left < 0:
            found.append(Deadlock(tuple(ring), (), smallest=False, searched=False))
            continue
        deadlock, tried = _deadlock(engine, ring, wanted, min(outcome.MOST_SETS_TRIED, left))
        found.append(deadlock)
        left -= tried
    return joined(found, _also_freed(engine, found, rings))


def _also_freed(
    engine: Engine, found: Sequence[Deadlock], rings: Sequence[Sequence[str]]
) -> Iterator[tuple[int, int]]:
    """Yield each ring with those that its breaking set frees."""
    best = _greatest(engine).level
    for number, deadlock in enumerate(found):
        if not deadlock.searched or len(rings) > MOST_COMPARED:
            continue
        level = _returned(engine, {(s.asset, s.service) for s in deadlock.breaking}).level
        for other, ring in enumerate(rings):
            if all(level[asset] >= best[asset] - 1e-9 for asset in ring):
                yield number, other


def rings_of(engine: Engine, stuck: frozenset[str]) -> list[list[str]]:
    """Return the sets of stuck assets that wait for each other, each sorted, in order."""
    if not stuck:
        return []
    waits = _waits(engine, stuck)
    rings = [sorted(ring) for ring in nx.strongly_connected_components(waits)]
    return sorted(r for r in rings if len(r) > 1 or waits.has_edge(r[0], r[0]))


def loop_groups(engine: Engine) -> frozenset[str]:
    """Return the groups that lie on a loop of dependencies and networks; only these can lock.

    A network is one node that its members feed where they are a source or lie between links.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    for network in engine.networks.values():
        hub = f"network {network.service}"
        for asset in network.members:
            graph.add_edge(hub, asset)
            if asset in network.supply or len(network.around.get(asset, ())) > 1:
                graph.add_edge(asset, hub)
    for state in engine.groups.values():
        for supplier in state.group.suppliers:
            graph.add_edge(supplier.asset_id, state.group.consumer_id)
    ring_of = {a: i for i, r in enumerate(nx.strongly_connected_components(graph)) for a in r}
    return frozenset(
        gid
        for gid, state in engine.groups.items()
        if any(
            ring_of[s.asset_id] == ring_of[state.group.consumer_id] for s in state.group.suppliers
        )
    )


class Closure:
    """What the world comes to, apart from time, from a set of lost groups."""

    def __init__(self, engine: Engine, lost: Sequence[GroupState], supplies: Supplies) -> None:
        self.engine, self.supplies = engine, supplies
        finished = engine.repair_at.keys() | engine.restart_at.keys()
        self.own = engine.own | dict.fromkeys(finished, 1.0)
        self.lost = {state.group.group_id for state in lost}
        consumers = {state.group.consumer_id for state in lost}
        self.level = self.own | {asset: self._level(asset) for asset in consumers}
        self.delivered: dict[str, dict[str, float]] = {}
        self._deliver(engine.networks)

    def serves(self, state: GroupState) -> bool:
        """Whether the group is served here, or held by a black start."""
        from models.cascade.reference.engine import enough

        group = state.group
        wanted = (group.consumer_id, group.service)
        if state.holds or wanted in self.supplies or wanted in self.engine.supplied:
            return True
        network = self.delivered.get(group.service, {})
        sources = (s.asset_id for s in group.suppliers)
        return enough(group, [network.get(s, self.level[s]) for s in sources])

    def delivery(self, asset: str, service: str) -> float:
        """Return what dependents get of a service from an asset."""
        return self.delivered.get(service, {}).get(asset, self.level[asset])

    def flip(self, states: list[GroupState]) -> None:
        """Lose what is not lost, and the other way round; follow up levels and networks."""
        for state in states:
            self.lost ^= {state.group.group_id}
        moved = {state.group.consumer_id for state in states}
        moved = {asset for asset in moved if self._level(asset) != self.level[asset]}
        self.level |= {asset: self._level(asset) for asset in moved}
        self._deliver({n for asset in moved for n in self.engine.networks_at.get(asset, ())})

    def _deliver(self, names: Iterable[str]) -> None:
        for name in names:
            network = self.engine.networks[name]
            self.delivered[name] = network.deliveries(self.level, self.own, self.engine.cut)

    def _level(self, asset: str) -> float:
        lost = (s for s in self.engine.groups_of.get(asset, ()) if s.group.group_id in self.lost)
        return self.own[asset] * min((1.0 - s.group.loss for s in lost), default=1.0)


def _returned(engine: Engine, supplies: Supplies) -> Closure:
    """Let returns run from now, every restart as 0 h."""
    lost = [s for s in engine.groups.values() if s.lost and s.restart_at is None]
    here = Closure(engine, lost, supplies)
    while back := [s for s in lost if s.group.group_id in here.lost and here.serves(s)]:
        here.flip(back)
    return here


def _greatest(engine: Engine) -> Closure:
    """Return the world after losses ran from all at ``own``, stores empty; a black start holds.

    They depend on damage, links and supplies alone, so the engine keeps the last answer.
    """
    here = Closure(engine, (), ())
    basis = (here.own, set(engine.cut), set(engine.supplied))
    if engine.greatest is not None and engine.greatest[0] == basis:
        return engine.greatest[1]
    assets = engine.world.assets
    losing = [s for s in engine.groups.values() if not assets[s.group.consumer_id].black_start]
    while gone := [s for s in losing if s.group.group_id not in here.lost and not here.serves(s)]:
        here.flip(gone)
    engine.greatest = (basis, here)
    return here


def _waits(engine: Engine, stuck: frozenset[str]) -> nx.DiGraph[str]:
    """Return who among the stuck waits for whom, by a supplier or by a supplier's network."""
    here = _returned(engine, ())
    # what the greatest fixed point has lost too holds nobody below it
    hopeless = _greatest(engine).lost
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(stuck)
    for state in engine.groups.values():
        group = state.group
        holds = group.loss > 0 and group.group_id in here.lost - hopeless
        if group.consumer_id not in stuck or not holds or group.group_id not in engine.loop_groups:
            continue
        for supplier in group.suppliers:
            if not _would_help(engine, here, supplier.asset_id, group.service):
                continue
            for held in _held_by(engine, here, supplier.asset_id, group.service, stuck):
                graph.add_edge(group.consumer_id, held)
    return graph


def _held_by(
    engine: Engine, here: Closure, supplier: str, service: str, stuck: frozenset[str]
) -> Iterator[str]:
    if supplier in stuck:
        yield supplier
    network = engine.networks.get(service)
    if network and supplier in network.members and here.delivered[service][supplier] < 1:
        before = network.upstream(supplier, here.own, engine.cut) & stuck
        yield from (a for a in sorted(before) if _would_help(engine, here, a, service))


def _would_help(engine: Engine, here: Closure, asset: str, service: str) -> bool:
    """Whether an asset would deliver more in the greatest fixed point: else nobody waits for it."""
    best = _greatest(engine).delivery(asset, service)
    return best > here.delivery(asset, service) + 1e-9


def _deadlock(
    engine: Engine, ring: list[str], wanted: list[tuple[str, str]], most: int
) -> tuple[Deadlock, int]:
    best = _greatest(engine).level

    def frees(supplies: Supplies) -> bool:
        level = _returned(engine, supplies).level
        return all(level[asset] >= best[asset] - 1e-9 for asset in ring)

    breaking, smallest, tried = _fewest(wanted, frees, most)
    supplies = tuple(Supply(asset, service) for asset, service in breaking)
    return Deadlock(tuple(ring), supplies, smallest), tried


def _lost_upstream(engine: Engine, ring: list[str]) -> set[tuple[str, str]]:
    """Return the lost needs (asset, service) of the ring and of all it hangs on."""
    found: set[tuple[str, str]] = set()
    seen, frontier = set(ring), list(ring)
    while frontier:
        for state in engine.groups_of.get(frontier.pop(), ()):
            group = state.group
            if not state.lost or state.restart_at is not None or group.loss <= 0:
                continue
            found.add((group.consumer_id, group.service))
            network = engine.networks.get(group.service)
            for supplier in (s.asset_id for s in group.suppliers):
                fed = {supplier}
                if network and supplier in network.members:
                    fed |= network.upstream(supplier, engine.own, engine.cut)
                frontier += fed - seen
                seen |= fed
    return found


def _fewest(
    wanted: list[tuple[str, str]], frees: _Test, most: int
) -> tuple[tuple[tuple[str, str], ...], bool, int]:
    """Return the first smallest set that frees, whether it is known to be smallest, and the tries.

    ``most`` sets are tried, those of one size all or none; then what can be left out is left out.
    """
    tried = 0
    for size in range(1, len(wanted) + 1):
        if tried + comb(len(wanted), size) > most:
            break
        for supplies in combinations(wanted, size):
            tried += 1
            if frees(supplies):
                return supplies, True, tried
    kept = list(wanted)
    for one in wanted:
        without = [pair for pair in kept if pair != one]
        if frees(without):
            kept = without
    return tuple(kept), False, tried
