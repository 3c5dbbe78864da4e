"""Replays a trace for many sets of initiating events at once, one bit per set.

For every thing and moment there are integers whose bit i means: with the events of set i alone,
this thing is at a level or below. If that does not follow from the trace, the bit is 0. So every
set reported does suffice, but a set may be missed if its losses come at moments that the trace does
not have. The engine is not run. Clocks of groups follow the reference engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from models.cascade.reference.networks import Network
from models.cascade.reference.state import GroupState, enough, fresh_state, is_up
from models.explain.damage import Damage, own_at
from models.explain.levels import Facet, Levels, Low, at_least, states
from models.outcome import Outcome, TraceRow
from models.scenario import Scenario
from models.units import to_ms
from models.world import Group, World


@dataclass(slots=True)
class Clock:
    """Actual state of a group, and the sets with the same state.

    ``lost``: sets that lose it at the same time. ``drained``: sets that leave it unserved since its
    store was last full. ``late``: sets that leave it unserved later, with the moment. ``back``:
    sets that serve it again sooner, with the end of their restart.
    """

    state: GroupState
    served: bool = True
    lost: int = 0
    drained: int = 0
    unserved: int = 0
    late: list[tuple[int, int]] = field(default_factory=list)
    back: list[tuple[int, int]] = field(default_factory=list)
    lost_at: int = -1


class Replay:
    """The trace up to a moment, for some assets and everything upstream of them.

    Parameters
    ----------
    world
        With the scenario's measures.
    assets
        The assets whose levels, groups and networks are followed.
    sets
        Sets of initiating events (positions in the scenario).
    """

    def __init__(
        self,
        world: World,
        networks: Mapping[str, Network],
        scenario: Scenario,
        outcome: Outcome,
        damages: Mapping[tuple[str | None, str | None], Damage],
        assets: Iterable[str],
        sets: Sequence[frozenset[int]],
    ) -> None:
        self.world, self.networks, self.scenario, self.outcome = world, networks, scenario, outcome
        self.damages, self.sets = damages, sets
        self.all = (1 << len(sets)) - 1
        self.assets = sorted(assets)
        self.clocks = {
            group.group_id: Clock(fresh_state(group))
            for asset in self.assets
            for group in world.groups_of.get(asset, ())
        }
        self.clocks_of = {
            asset: [self.clocks[g.group_id] for g in world.groups_of.get(asset, ())]
            for asset in self.assets
        }
        names = {n.service for n in networks.values() if not n.members.isdisjoint(self.assets)}
        self.names = sorted(names)
        self.now = 0
        self.actual: dict[Facet, float] = {}
        self.levels: dict[Facet, Levels] = {}
        self.own: dict[str, Levels] = {}
        self.cut: dict[str, int] = {}
        self.supplied: set[tuple[str, str]] = set()
        self.low = Low(self.actual, self.levels, self.own, self.cut, self.all)
        self.rows: dict[int, int] = {}
        self._has: dict[frozenset[int], int] = {}
        self._fed: dict[str, list[str]] = {}
        for clock in self.clocks.values():
            for supplier in clock.state.group.suppliers:
                self._fed.setdefault(supplier.asset_id, []).append(clock.state.group.group_id)
        # re-evaluated only if an input has changed
        self._assets, self._nets, self._groups = set(self.assets), set(self.names), set(self.clocks)

    def run(self, until_ms: int) -> dict[int, int]:
        """Return the bits of every falling row of the followed assets and links up to a moment."""
        by_time: dict[int, list[TraceRow]] = {}
        for row in self.outcome.trace:
            if row.t_ms <= until_ms:
                by_time.setdefault(row.t_ms, []).append(row)
        starting, begun = _settling(by_time.get(0, []))
        self._instant(0, starting, settling=True)
        by_time[0] = begun
        left = sorted({*by_time, *self._moments(until_ms)}, reverse=True)
        while left:
            # what a set loses or gets back may come at a moment that is not in the trace
            own = min(self._own_moments(), default=until_ms)
            t = own if self.now < own < left[-1] else left.pop()
            self._instant(t, by_time.get(t, []), settling=False)
        return self.rows

    def _own_moments(self) -> Iterator[int]:
        for clock in self.clocks.values():
            for end in (clock.state.ends_at, clock.state.restart_at):
                if end is not None and end > self.now:
                    yield end
            for t, bits in clock.late:
                if bits & ~clock.lost and t + clock.state.full > self.now:
                    yield t + clock.state.full
            for t, bits in clock.back:
                if bits and t > self.now:
                    yield t

    def _moments(self, until_ms: int) -> set[int]:
        ends = {to_ms(e.until_h) for e in self.scenario.events if e.until_h is not None}
        steps = {t for damage in self.damages.values() for t, _ in damage.actual}
        events = {to_ms(event.at_h) for event in self.scenario.events}
        return {t for t in ends | steps | events if t <= until_ms}

    def _instant(self, t: int, rows: Sequence[TraceRow], *, settling: bool) -> None:
        self.now = t
        if not settling:
            self._strike()
            self._run_out()
        # a set may lose the group later, having drained it since
        self._groups.update(g for g, clock in self.clocks.items() if clock.late or clock.back)
        last = max((i for i, row in enumerate(rows) if row.after < row.before), default=-1)
        self._take(rows[: last + 1])
        asked = self._settle(self._judge_loss)
        for clock in map(self.clocks.__getitem__, asked):
            if clock.state.unserved:
                clock.drained &= clock.unserved
                clock.late = [(t, bits & clock.unserved) for t, bits in clock.late]
        self._note(rows[: last + 1])
        self._take(rows[last + 1 :])
        for group_id in self._groups:
            self._ask(self.clocks[group_id])
        asked |= self._groups
        self._judge_returns()
        self._groups |= asked
        self._settle(self._keep)

    def _take(self, rows: Iterable[TraceRow]) -> None:
        """Apply the levels and deliveries of rows."""
        for row in rows:
            if row.asset is not None:
                self.actual[row.asset, row.service] = row.after
                self._moved(row.asset, row.service)

    def _moved(self, asset: str, service: str | None) -> None:
        """Mark everything that depends on a level or delivery for re-evaluation."""
        self._groups.update(self._fed.get(asset, ()))
        if service is not None:
            self._nets.add(service)
        elif asset in self.clocks_of:
            self._assets.add(asset)
            self._nets.update(self._nets_of(asset))

    def _nets_of(self, asset: str) -> list[str]:
        return [name for name in self.names if asset in self.networks[name].members]

    def _settle(self, judge: Callable[[Clock], bool]) -> set[str]:
        """Update levels, networks and groups until nothing changes; return the groups judged.

        ``judge`` returns whether the effect of a group on its consumer changed.
        """
        asked: set[str] = set()
        while self._assets or self._nets or self._groups:
            assets, self._assets = self._assets, set()
            for asset in sorted(assets):
                levels = self._levels_of(asset)
                if levels != self.levels.get((asset, None), []):
                    self.levels[asset, None] = levels
                    self._moved(asset, None)
                    self._assets.discard(asset)
            nets, self._nets = self._nets.intersection(self.names), set()
            for name in sorted(nets):
                for asset, levels in self._deliveries(self.networks[name]).items():
                    if levels != self.levels.get((asset, name), []):
                        self.levels[asset, name] = levels
                        self._groups.update(self._fed.get(asset, ()))
            groups, self._groups = self._groups, set()
            asked |= groups
            for group_id in sorted(groups):
                clock = self.clocks[group_id]
                self._ask(clock)
                if judge(clock):
                    self._assets.add(clock.state.group.consumer_id)
        return asked

    def _deliveries(self, network: Network) -> dict[str, Levels]:
        if not network.demand:
            return self.low.darkened(network)
        cut_now = (link for link, cut in self.cut.items() if cut)
        links = (k for k in cut_now if self.world.links[k].service == network.service)
        return self.low.balanced(network, sorted(links))

    def _ask(self, clock: Clock) -> None:
        clock.unserved = self._unserved(clock.state.group)
        clock.served = self._is_served(clock.state.group)

    # -- damage, links, supplies ---------------------------------------------------------------

    def _strike(self) -> None:
        """Update damage, links and supplies to this moment."""
        for (asset, link), damage in self.damages.items():
            now = damage.at(self.now)
            values: dict[float, int] = {}
            for hits, course in damage.courses:
                value = own_at(course, self.now)
                values[value] = values.get(value, 0) | self._with(hits)
            if link is not None:
                cut = values.get(0.0, 0) if now <= 0 else 0
                if cut != self.cut.get(link, 0):
                    self.cut[link] = cut
                    self._nets.add(self.world.links[link].service)
            elif asset in self.clocks_of:
                own = sorted((v, bits) for v, bits in values.items() if v < 1)
                if own != self.own.get(asset, []):
                    self.own[asset] = own
                    self._moved(asset, None)
        before = self.supplied
        self.supplied = {
            (event.asset or "", event.service or "")
            for event in self.scenario.events
            if event.do == "supply"
            and to_ms(event.at_h) <= self.now
            and (event.until_h is None or self.now < to_ms(event.until_h))
        }
        for asset, _service in before ^ self.supplied:
            self._groups.update(c.state.group.group_id for c in self.clocks_of.get(asset, ()))

    def _with(self, hits: frozenset[int]) -> int:
        """Return the sets that contain these hits."""
        sets = self._has.get(hits)
        if sets is None:
            sets = sum(1 << i for i, chosen in enumerate(self.sets) if hits <= chosen)
            self._has[hits] = sets
        return sets

    # -- falls -----------------------------------------------------------------------------------

    def _run_out(self) -> None:
        """Lose the groups whose autonomy has ended."""
        for clock in self.clocks.values():
            ends = clock.state.ends_at
            if ends is not None and ends <= self.now:
                self._lose(clock, clock.drained)
                self._groups.add(clock.state.group.group_id)

    def _judge_loss(self, clock: Clock) -> bool:
        """Update an unserved group; return whether more sets lose it, or it is lost only now."""
        state, before = clock.state, (clock.lost, clock.state.lost)
        if not (state.holds or clock.served):
            self._drain(clock)
        elif clock.lost_at < self.now:
            return False
        if state.lost and state.full == 0:
            clock.lost |= clock.unserved
        else:
            late = self._late(clock) if state.unserved else 0
            if clock.lost_at == self.now:
                clock.lost |= clock.drained & clock.unserved
            if state.lost:
                clock.lost |= late
        return (clock.lost, state.lost) != before

    def _drain(self, clock: Clock) -> None:
        """Start the clock of an unserved group; lose it if no autonomy is left."""
        state = clock.state
        state.restart_at = None
        if not state.unserved:
            full = state.store_at(self.now) == state.full
            state.turn(self.now, unserved=True, because=())
            clock.drained = self.all if full else clock.drained
            clock.late = []
        if not state.lost and state.store_at(self.now) == 0:
            self._lose(clock, 0)

    def _lose(self, clock: Clock, bits: int) -> None:
        clock.state.lost, clock.lost, clock.lost_at = True, bits, self.now
        clock.back = []
        self._assets.add(clock.state.group.consumer_id)
        clock.state.holds = self.world.assets[clock.state.group.consumer_id].black_start

    def _late(self, clock: Clock) -> int:
        """Return the sets that began to drain the group later and have emptied its store."""
        late = reduce(or_, (bits for _, bits in clock.late), clock.lost | clock.drained)
        if fresh := clock.unserved & ~late:
            clock.late.append((self.now, fresh))
        through = (bits for t, bits in clock.late if t + clock.state.full <= self.now)
        return reduce(or_, through, 0) & clock.unserved

    def _levels_of(self, asset: str) -> Levels:
        if self.actual.get((asset, None), 1.0) >= 1:
            return []
        lost = [(1.0 - c.state.group.loss, c.lost) for c in self.clocks_of.get(asset, ())
                if c.state.lost]  # fmt: skip
        levels: dict[float, int] = {}
        for own, by_own in (*self.own.get(asset, ()), (1.0, self.all)):
            for factor, by_group in (*lost, (1.0, self.all)):
                if own * factor < 1:
                    bits = levels.get(own * factor, 0)
                    levels[own * factor] = bits | (by_own & by_group)
        return sorted(levels.items())

    # -- served groups ---------------------------------------------------------------------------

    def _delivery(self, asset: str, service: str) -> tuple[float, Levels]:
        """Return the delivery to dependents, and the levels that sets lead to."""
        network = self.networks.get(service)
        key = (asset, service if network and asset in network.members else None)
        value = self.actual.get(key, 1.0)
        return value, [] if value >= 1 else self.levels.get(key, [])

    def _is_served(self, group: Group) -> bool:
        if (group.consumer_id, group.service) in self.supplied:
            return True
        return enough(group, [self._delivery(s.asset_id, group.service)[0]
                              for s in group.suppliers])  # fmt: skip

    def _unserved(self, group: Group) -> int:
        """Return the sets that leave the group unserved now."""
        if (group.consumer_id, group.service) in self.supplied:
            return 0
        choices = [self._delivery(s.asset_id, group.service)[1] for s in group.suppliers]
        if group.has_shares:
            parts = states(self.all, choices) or ()
            return reduce(or_, (b for b, values in parts if not enough(group, values)), 0)
        fraction = group.min_supply_fraction or 0.0
        down = [reduce(or_, (b for v, b in levels if not is_up(v, fraction)), 0)
                for levels in choices]  # fmt: skip
        return at_least(len(choices) - group.k + 1, down, self.all)

    # -- rows, returns ---------------------------------------------------------------------------

    def _note(self, rows: Iterable[TraceRow]) -> None:
        for row in rows:
            if row.after >= row.before:
                continue
            if row.link is not None:
                self.rows[row.row] = self.cut.get(row.link, 0)
            elif row.asset is not None:
                self.rows[row.row] = self.low.at_most((row.asset, row.service), row.after)

    def _judge_returns(self) -> None:
        for clock in self.clocks.values():
            state = clock.state
            if not (state.unserved or state.lost or state.holds):
                continue
            if state.holds or clock.served:
                if state.unserved:
                    state.turn(self.now, unserved=False, because=())
                if state.lost and state.restart_at is None:
                    state.restart_at = self.now + state.restart
                if state.lost and state.restart_at is not None and state.restart_at <= self.now:
                    state.lost, state.restart_at = False, None
                    clock.lost, clock.back = 0, []
                    self._assets.add(state.group.consumer_id)
            if state.holds and not state.lost and clock.served:
                state.holds = False

    def _keep(self, clock: Clock) -> bool:
        """Remove the sets in which a group is no longer lost; return whether there were any."""
        before, unserved = clock.lost, clock.unserved
        if clock.state.unserved:
            clock.drained &= unserved
        if not clock.state.lost:
            return False
        over = reduce(or_, (bits for t, bits in clock.back if t <= self.now), 0)
        clock.lost &= ~over | unserved
        # unserved before its restart is over, a group stays lost
        clock.back = [(t, bits & ~unserved) for t, bits in clock.back if t > self.now]
        if clock.state.unserved:
            back = reduce(or_, (bits for _, bits in clock.back), unserved)
            if clock.state.restart == 0:
                clock.lost &= unserved
            elif fresh := clock.lost & ~back:
                clock.back.append((self.now + clock.state.restart, fresh))
        return clock.lost != before


def _settling(rows: Sequence[TraceRow]) -> tuple[list[TraceRow], list[TraceRow]]:
    """Split the rows of 0 h: those before any event, and the rest."""
    last = max((i for i, row in enumerate(rows) if row.kind == "initial"), default=-1)
    return list(rows[: last + 1]), list(rows[last + 1 :])
