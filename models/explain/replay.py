"""Plays a trace again for many sets of initiating events at once, one bit for each set.

For every thing and moment there are numbers whose bit i says: with the events of set i alone, this
thing is at a level or below. Where that does not follow from the trace, the bit is 0: what is said
to suffice does, while a set may be missed whose losses come at moments that never were. The engine
is not run. Clocks of groups follow the reference engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from models.cascade.reference.networks import Network
from models.cascade.reference.state import TOLERANCE, GroupState, enough, fresh_state, is_up
from models.explain.damage import Damage, own_at
from models.outcome import Outcome, TraceRow
from models.scenario import Scenario
from models.units import to_ms
from models.world import Group, World

#: An asset's level (None), or what it delivers of a service in that link network.
Facet = tuple[str, str | None]
#: (level, bits) from low to high: which sets leave something at that level or below.
Levels = list[tuple[float, int]]
#: More different states of a balanced network than this are not told apart.
MOST_STATES = 512


@dataclass(slots=True)
class Clock:
    """A group as it was, and for which sets it would have been the same.

    ``lost``: lost as it was. ``drained``: unserved ever since its store was last full. ``late``
    are sets that left it unserved only later, with the moment.
    """

    state: GroupState
    lost: int = 0
    drained: int = 0
    unserved: int = 0
    late: list[tuple[int, int]] = field(default_factory=list)
    lost_at: int = -1


class Replay:
    """The trace up to a moment, for some assets and all they hang on.

    Parameters
    ----------
    world
        With the scenario's measures.
    assets
        The assets whose levels, groups and networks are followed.
    sets
        Sets of initiating events (numbers of the scenario's events).
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
        self.rows: dict[int, int] = {}
        self._has: dict[frozenset[int], int] = {}

    def run(self, until_ms: int) -> dict[int, int]:
        """Return the bits of every falling row up to a moment, of the assets and links followed."""
        by_time: dict[int, list[TraceRow]] = {}
        for row in self.outcome.trace:
            if row.t_ms <= until_ms:
                by_time.setdefault(row.t_ms, []).append(row)
        starting, begun = _settling(by_time.get(0, []))
        self._instant(0, starting, settling=True)
        by_time[0] = begun
        left = sorted({*by_time, *self._moments(until_ms)}, reverse=True)
        while left:
            # what a set loses later than it was comes at moments of its own
            own = min(self._late_ends(), default=until_ms)
            t = own if self.now < own < left[-1] else left.pop()
            self._instant(t, by_time.get(t, []), settling=False)
        return self.rows

    def _late_ends(self) -> Iterator[int]:
        for clock in self.clocks.values():
            for t, bits in clock.late:
                if bits & ~clock.lost and t + clock.state.full > self.now:
                    yield t + clock.state.full

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
        last = max((i for i, row in enumerate(rows) if row.after < row.before), default=-1)
        self._take(rows[: last + 1])
        self._fall()
        self._note(rows[: last + 1])
        self._take(rows[last + 1 :])
        self._judge_returns()
        self._hold()

    def _take(self, rows: Iterable[TraceRow]) -> None:
        """Take over what rows say of levels and deliveries."""
        for row in rows:
            if row.asset is not None:
                self.actual[row.asset, row.service] = row.after

    # -- damage, links, supplies ---------------------------------------------------------------

    def _strike(self) -> None:
        """Bring damage, links and supplies to this moment."""
        for (asset, link), damage in self.damages.items():
            now = damage.at(self.now)
            values: dict[float, int] = {}
            for hits, course in damage.courses:
                value = own_at(course, self.now)
                values[value] = values.get(value, 0) | self._with(hits)
            if link is not None:
                self.cut.pop(link, None)
                if now <= 0:
                    self.cut[link] = values.get(0.0, 0)
            elif asset is not None:
                self.own[asset] = sorted((v, bits) for v, bits in values.items() if v < 1)
        self.supplied = {
            (event.asset or "", event.service or "")
            for event in self.scenario.events
            if event.do == "supply"
            and to_ms(event.at_h) <= self.now
            and (event.until_h is None or self.now < to_ms(event.until_h))
        }

    def _with(self, hits: frozenset[int]) -> int:
        """Return the sets that hold these hits."""
        known = self._has.get(hits)
        if known is None:
            known = sum(1 << i for i, chosen in enumerate(self.sets) if hits <= chosen)
            self._has[hits] = known
        return known

    # -- falls -----------------------------------------------------------------------------------

    def _run_out(self) -> None:
        """Lose the groups whose hours have ended."""
        for clock in self.clocks.values():
            ends = clock.state.ends_at
            if ends is not None and ends <= self.now:
                self._lose(clock, clock.drained)

    def _fall(self) -> None:
        """Follow losses until no bit is added."""
        changing = True
        while changing:
            self._deliver()
            changing = False
            for clock in self.clocks.values():
                changing |= self._judge_loss(clock)
            changing |= self._level_all()
        for clock in self.clocks.values():
            if clock.state.unserved:
                clock.drained &= clock.unserved
                clock.late = [(t, bits & clock.unserved) for t, bits in clock.late]

    def _judge_loss(self, clock: Clock) -> bool:
        state, before = clock.state, clock.lost
        clock.unserved = self._unserved(state.group)
        if not (state.holds or self._is_served(state.group)):
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
        return clock.lost != before

    def _drain(self, clock: Clock) -> None:
        """Start the clock of a group that is unserved; lose it where no hours are left."""
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
        clock.state.holds = self.world.assets[clock.state.group.consumer_id].black_start

    def _late(self, clock: Clock) -> int:
        """Return the sets that began to drain the group later than it was, and are through."""
        known = reduce(or_, (bits for _, bits in clock.late), clock.lost | clock.drained)
        if fresh := clock.unserved & ~known:
            clock.late.append((self.now, fresh))
        through = (bits for t, bits in clock.late if t + clock.state.full <= self.now)
        return reduce(or_, through, 0) & clock.unserved

    def _level_all(self) -> bool:
        changed = False
        for asset in self.assets:
            levels = self._levels_of(asset)
            changed |= levels != self.levels.get((asset, None), [])
            self.levels[asset, None] = levels
        return changed

    def _levels_of(self, asset: str) -> Levels:
        if self.actual.get((asset, None), 1.0) >= 1:
            return []
        lost = [(1.0 - c.state.group.loss, c.lost) for c in self.clocks_of.get(asset, ())
                if c.state.lost]  # fmt: skip
        found: dict[float, int] = {}
        for own, by_own in (*self.own.get(asset, ()), (1.0, self.all)):
            for factor, by_group in (*lost, (1.0, self.all)):
                if own * factor < 1:
                    bits = found.get(own * factor, 0)
                    found[own * factor] = bits | (by_own & by_group)
        return sorted(found.items())

    # -- who is served ---------------------------------------------------------------------------

    def _delivery(self, asset: str, service: str) -> tuple[float, Levels]:
        """Return what dependents get, and the levels to which sets bring that."""
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
            states = _states(self.all, choices) or ()
            return reduce(or_, (b for b, values in states if not enough(group, values)), 0)
        fraction = group.min_supply_fraction or 0.0
        down = [reduce(or_, (b for v, b in levels if not is_up(v, fraction)), 0)
                for levels in choices]  # fmt: skip
        return at_least(len(choices) - group.k + 1, down, self.all)

    # -- networks --------------------------------------------------------------------------------

    def _deliver(self) -> None:
        for name in self.names:
            network = self.networks[name]
            if network.demand:
                self._balance(network)
            else:
                self._darken(network)

    def _darken(self, network: Network) -> None:
        """Find the sets that leave no path from a working source to what is dark."""
        service = network.service
        low = {a for a in network.members if self.actual.get((a, service), 1.0) < 1}
        dark = {a for a in low if self.actual[a, service] <= 0}
        up = {a: self.all & ~self._at_most((a, None), 0.0) for a in dark}
        reach = self._reach(network, dark, up)
        for a in low:
            levels = self.levels.get((a, None), [])
            if a in dark and (out := self.all & ~reach[a]):
                levels = [(0.0, out), *levels]
            self.levels[a, service] = levels

    def _reach(self, network: Network, dark: set[str], up: Mapping[str, int]) -> dict[str, int]:
        """Return the sets with which a path leads to each asset that is dark."""
        reach = {a: up[a] if a in network.supply else 0 for a in dark}
        for a in dark:
            for link, other in network.around.get(a, ()):
                if other not in dark and self._leads(network, other, link, a):
                    reach[a] |= up[a] & self._whole(link)
        frontier = [a for a in dark if reach[a]]
        while frontier:
            here = frontier.pop()
            for link, there in network.onward.get(here, ()):
                if there in dark:
                    new = reach[there] | (up[there] & reach[here] & self._whole(link))
                    if new != reach[there]:
                        reach[there] = new
                        frontier.append(there)
        return reach

    def _at_most(self, facet: Facet, level: float) -> int:
        """Return the sets that leave something at a level or below."""
        limit = level + TOLERANCE
        return reduce(or_, (b for v, b in self.levels.get(facet, ()) if v <= limit), 0)

    def _leads(self, network: Network, here: str, link: str, there: str) -> bool:
        return any(pair == (link, there) for pair in network.onward.get(here, ()))

    def _whole(self, link: str) -> int:
        return self.all & ~self.cut.get(link, 0)

    def _balance(self, network: Network) -> None:
        """Ask the network anew for every different state that sets leave it in."""
        service = network.service
        low = [a for a in network.members if self.actual.get((a, service), 1.0) < 1]
        if not low:
            return
        assets = sorted(a for a in network.members if self.own.get(a)
                        or self.actual.get((a, None), 1.0) < 1)  # fmt: skip
        links = sorted(k for k in self.cut if self.world.links[k].service == service)
        choices = [[(0.0, self.cut[k])] for k in links]
        for a in assets:
            choices.append(self.own.get(a, []))
            choices.append(self.levels.get((a, None), []))
        states = _states(self.all, choices)
        found: dict[str, dict[float, int]] = {a: {} for a in low}
        for bits, values in states or ():
            own = dict.fromkeys(network.members, 1.0)
            level = dict(own)
            pairs = values[len(links) :]
            for i, a in enumerate(assets):
                own[a] = pairs[2 * i]
                level[a] = min(own[a], pairs[2 * i + 1])
            cut = {k for k, value in zip(links, values, strict=False) if value <= 0}
            delivered = network.deliveries(level, own, cut)
            for a in low:
                if delivered[a] < 1:
                    found[a][delivered[a]] = found[a].get(delivered[a], 0) | bits
        for a in low:
            self.levels[a, service] = sorted(found[a].items())

    # -- rows, returns ---------------------------------------------------------------------------

    def _note(self, rows: Iterable[TraceRow]) -> None:
        for row in rows:
            if row.after >= row.before:
                continue
            if row.link is not None:
                self.rows[row.row] = self.cut.get(row.link, 0)
            elif row.asset is not None:
                self.rows[row.row] = self._at_most((row.asset, row.service), row.after)

    def _judge_returns(self) -> None:
        for clock in self.clocks.values():
            state = clock.state
            if state.holds or self._is_served(state.group):
                if state.unserved:
                    state.turn(self.now, unserved=False, because=())
                if not state.lost:
                    continue
                if state.restart_at is None:
                    state.restart_at = self.now + state.restart
                if state.restart_at <= self.now:
                    state.lost, state.restart_at = False, None
                    clock.lost = 0
        for clock in self.clocks.values():
            if clock.state.holds and not clock.state.lost and self._is_served(clock.state.group):
                clock.state.holds = False

    def _hold(self) -> None:
        """Drop the sets for which something is lost no more, until all that is kept holds."""
        changing = True
        while changing:
            changing = self._level_all()
            self._deliver()
            for clock in self.clocks.values():
                clock.unserved = self._unserved(clock.state.group)
                if clock.state.lost and clock.state.unserved:
                    kept = clock.lost & clock.unserved
                    changing |= kept != clock.lost
                    clock.lost = kept
                if clock.state.unserved:
                    clock.drained &= clock.unserved


def _settling(rows: Sequence[TraceRow]) -> tuple[list[TraceRow], list[TraceRow]]:
    """Part the rows of 0 h: what the world does before any event, and the rest."""
    last = max((i for i, row in enumerate(rows) if row.kind == "initial"), default=-1)
    return list(rows[: last + 1]), list(rows[last + 1 :])


def at_least(n: int, vectors: Sequence[int], every: int) -> int:
    """Return the bits that at least ``n`` of some vectors have."""
    if n <= 0:
        return every
    counts = [every, *([0] * n)]
    for vector in vectors:
        for i in range(n, 0, -1):
            counts[i] |= counts[i - 1] & vector
    return counts[n]


def _states(
    every: int, choices: Sequence[Sequence[tuple[float, int]]]
) -> list[tuple[int, list[float]]] | None:
    """Return the different lists of values, each with the sets that have it; 1 where none stands.

    None where there are more than ``MOST_STATES``.
    """
    found: list[tuple[int, list[float]]] = [(every, [])]
    for options in choices:
        parted = []
        for bits, values in found:
            left = bits
            for value, holds in options:
                if here := left & holds:
                    parted.append((here, [*values, value]))
                    left &= ~holds
            if left:
                parted.append((left, [*values, 1.0]))
        if len(parted) > MOST_STATES:
            return None
        found = parted
    return found
