"""The cascade engine, reference edition: slow, clear, and the specification.

The rules are those of ``docs/model.md``. Faster engines must give the same trace, row by row.

Time is event driven, in whole milliseconds. At one instant the scenario's events and the ends of
clocks come first (``_begin``), then losses in rounds until nothing changes (``_losses``), then
returns in rounds until nothing changes (``_returns``). Each round judges all assets at once from
the state after the previous round, so neither the order of rows nor names matter.
"""

from __future__ import annotations

from collections.abc import Iterator

from models.cascade.reference.deadlocks import Deadlocks
from models.cascade.reference.falls import Falls
from models.cascade.reference.record import Recorder, outcome_of
from models.cascade.reference.state import GroupState, WorldState, is_up
from models.measures import with_measures
from models.outcome import Outcome, RowKind
from models.scenario import Event, Scenario
from models.units import to_ms
from models.world import Group, World


def run(world: World, scenario: Scenario) -> Outcome:
    """Run one cascade from 0 h to the scenario's horizon, both included.

    Raises
    ------
    UnknownIdError
        If a measure of the scenario names what the world does not have.
    """
    engine = Engine(with_measures(world, scenario.measures), scenario)
    engine.run()
    return outcome_of(engine.recorder, engine.now, engine.deadlocks.all(), engine.horizon)


class Engine:
    """The steps that take a world from one moment to the next."""

    def __init__(self, world: World, scenario: Scenario) -> None:
        self.world = world
        self.horizon = to_ms(scenario.horizon_h)
        self.typical_repairs = scenario.repairs == "typical"
        self.events = [(to_ms(event.at_h), event) for event in scenario.events]
        self.now = WorldState(world)
        self.deadlocks = Deadlocks(self.now)
        self.recorder = Recorder(world)
        # re-evaluated only if an input has changed
        self._stale = set(self.now.networks)
        self._unsettled: set[str] = set()
        self._switched: dict[str, bool] = {}

    # -- the clock -----------------------------------------------------------------------------

    def run(self) -> None:
        """Settle the world once, then process instant after instant up to the horizon."""
        self._instant(0, settling=True)
        moment = self._next(after=-1)
        while moment is not None and moment <= self.horizon:
            self._instant(moment, settling=False)
            moment = self._next(after=moment)

    def _next(self, after: int) -> int | None:
        return min((t for t in self._moments() if t > after), default=None)

    def _moments(self) -> Iterator[int]:
        for at, event in self.events:
            yield at
            if event.do == "supply" and event.until_h is not None:
                yield to_ms(event.until_h)
        yield from self.now.repair_at.values()
        yield from self.now.restart_at.values()
        for state in self.now.groups.values():
            if (ends := state.ends_at) is not None:
                yield ends
            if state.restart_at is not None:
                yield state.restart_at

    def _instant(self, t: int, *, settling: bool) -> None:
        self.now.t = t
        self.recorder.begin(t, settling=settling)
        if not settling:
            self._begin()
        self._losses()
        self._returns()
        self._let_go()
        self._unsettled.clear()
        stuck = self.deadlocks.stuck()
        locked = frozenset(asset for ring in self.deadlocks.rings(stuck) for asset in ring)
        self.recorder.note_states(self.now, stuck, locked)

    # -- step 1: events and the ends of clocks -------------------------------------------------

    def _begin(self) -> None:
        for number, (at, event) in enumerate(self.events):
            if at == self.now.t:
                self._apply(event, number)
        for link in (link for link, is_other in self._switched.items() if is_other):
            self.recorder.link_row(link, 0.0 if link in self.now.cut else 1.0)
        self._switched.clear()
        self.now.supply(set(self._supplies()))
        for state in self.now.groups.values():
            if state.ends_at == self.now.t:
                self._lose(state, "autonomy")
        for asset in [a for a, at in self.now.repair_at.items() if at == self.now.t]:
            self._repair(asset)
        for asset in [a for a, at in self.now.restart_at.items() if at == self.now.t]:
            self._restore(asset)

    def _apply(self, event: Event, number: int) -> None:
        if event.do in ("fail", "degrade") and event.asset is not None:
            self._hit(event.asset, event.to if event.do == "degrade" and event.to else 0.0)
            self._plan_repair(event.asset, number)
        elif event.do == "repair" and event.asset is not None:
            self._repair(event.asset)
        elif event.link is not None and (event.do == "fail") != (event.link in self.now.cut):
            self.now.cut ^= {event.link}
            # a link that is hit and repaired at one instant has no row, as an asset has none
            self._switched[event.link] = not self._switched.get(event.link, False)
            self._stale.add(self.world.links[event.link].service)

    def _supplies(self) -> Iterator[tuple[str, str]]:
        for at, event in self.events:
            if event.do != "supply" or event.asset is None or event.service is None:
                continue
            until = None if event.until_h is None else to_ms(event.until_h)
            if at <= self.now.t and (until is None or self.now.t < until):
                yield event.asset, event.service

    def _hit(self, asset: str, to: float) -> None:
        """Damage never lifts, and voids a repair or restart under way."""
        self._damage(asset, min(self.now.own[asset], to), "direct")
        self.now.repair_at.pop(asset, None)
        self.now.restart_at.pop(asset, None)

    def _plan_repair(self, asset: str, number: int) -> None:
        """Plan the typical repair, unless the scenario names a later repair of this asset."""
        repair_h = self.world.assets[asset].repair_h
        if not self.typical_repairs or repair_h is None or self.now.own[asset] >= 1:
            return
        here = (self.now.t, number)
        named = ((at, n) for n, (at, e) in enumerate(self.events) if _repairs(e, asset))
        if not any(then > here for then in named):
            self.now.repair_at[asset] = self.now.t + to_ms(repair_h)

    def _repair(self, asset: str) -> None:
        self.now.repair_at.pop(asset, None)
        if self.now.own[asset] >= 1 or asset in self.now.restart_at:
            return
        self.recorder.touch(asset)
        self.now.restart_at[asset] = self.now.t + to_ms(self.world.assets[asset].restart_h)
        if self.now.restart_at[asset] == self.now.t:
            self._restore(asset)

    def _restore(self, asset: str) -> None:
        del self.now.restart_at[asset]
        waited = self.world.assets[asset].restart_h > 0
        self._damage(asset, 1.0, "restart" if waited else "repair")

    def _damage(self, asset: str, own: float, kind: RowKind) -> None:
        if own == self.now.own[asset]:
            self.recorder.touch(asset)
            return
        self.now.own[asset] = own
        self._unsettled.add(asset)
        self._stale.update(self.now.networks_at[asset])
        self.recorder.own_changed(asset, kind)

    # -- step 2: losses ------------------------------------------------------------------------

    def _losses(self) -> None:
        """Let levels fall and groups be lost until nothing changes.

        The first round applies the events of this instant. Links and own damage have changed, so
        network deliveries are recomputed before any group is judged.
        """
        self._move_levels(rising=False)
        self._deliver()
        changing = True
        while changing:
            changing = self._judge_losses()
            self._move_levels(rising=False)
            self._deliver()

    def _judge_losses(self) -> bool:
        """Start the clock of every newly unserved group; lose groups without autonomy left."""
        self.recorder.next_round()
        lost_some = False
        for state in self.now.groups.values():
            if self.now.counts_as_served(state):
                continue
            if state.restart_at is not None or not state.unserved:
                self.recorder.touch(state.group.consumer_id)
            state.restart_at = None
            if not state.unserved:
                state.turn(self.now.t, unserved=True, because=self._failing(state.group))
                state.failed_at_row = len(self.recorder.rows)
            if not state.lost and state.store_at(self.now.t) == 0:
                self._lose(state, "cascade")
                lost_some = True
        return lost_some

    def _lose(self, state: GroupState, kind: RowKind) -> None:
        state.lost = True
        self._unsettled.add(state.group.consumer_id)
        state.holds = self.world.assets[state.group.consumer_id].black_start
        self.recorder.note_cause(state.group, kind, state.because)

    # -- step 3: returns -----------------------------------------------------------------------

    def _returns(self) -> None:
        """Let levels rise and served groups return until nothing changes; nothing is lost."""
        changing = True
        while changing:
            self.recorder.next_round()
            changing = self._judge_returns()
            changing |= self._move_levels(rising=True)
            self.recorder.own_risen()
            self._deliver()

    def _judge_returns(self) -> bool:
        """Stop the clock of every newly served group; start restarts, end those that are over."""
        back_some = False
        for state in self.now.groups.values():
            if not self.now.counts_as_served(state):
                continue
            if state.unserved:
                state.turn(self.now.t, unserved=False, because=self._risen(state))
                self.recorder.touch(state.group.consumer_id)
            if not state.lost:
                continue
            if state.restart_at is None:
                self.recorder.touch(state.group.consumer_id)
                state.restart_at = self.now.t + state.restart
            if state.restart_at <= self.now.t:
                state.lost, state.restart_at = False, None
                self._unsettled.add(state.group.consumer_id)
                self.recorder.note_cause(state.group, "restart", state.because)
                back_some = True
        return back_some

    def _let_go(self) -> None:
        """End the hold of black starts whose group is served without it and not lost."""
        for state in self.now.groups.values():
            if state.holds and not state.lost and self.now.is_served(state.group):
                state.holds = False

    # -- levels and networks -------------------------------------------------------------------

    def _move_levels(self, *, rising: bool) -> bool:
        """Lower or raise every level to what own damage and lost groups allow."""
        moved = []
        for asset in sorted(self._unsettled):
            target = self.now.target(asset)
            if target > self.now.level[asset] if rising else target < self.now.level[asset]:
                moved.append((asset, self.now.level[asset], target))
        for asset, before, after in moved:
            self.now.level[asset] = after
            lost = (s.group.loss for s in self.now.groups_of.get(asset, ()) if s.lost)
            self.recorder.level_row(asset, before, after, max(lost, default=0.0))
            self._stale.update(self.now.networks_at[asset])
            self.now.judge_dependents(asset)
        return bool(moved)

    def _deliver(self) -> None:
        """Recompute network deliveries that may have changed; write a row for each change."""
        for name in sorted(self._stale):
            network, before = self.now.networks[name], self.now.delivered[name]
            after = network.deliveries(self.now.level, self.now.own, self.now.cut)
            moved = sorted(a for a, d in after.items() if d != before[a])
            dark = {a for a in moved if after[a] <= 0}
            falls = Falls(network, self.recorder.rows_now(), self.now.own, self.now.cut, dark)
            for asset in moved:
                is_fall = after[asset] < before[asset]
                because = falls.because(asset, after[asset]) if is_fall else None
                self.recorder.delivery_row(asset, network, before[asset], after[asset], because)
                self.now.judge_dependents(asset)
            self.now.delivered[name] = after
        self._stale.clear()

    def _failing(self, group: Group) -> tuple[int, ...]:
        """Return the latest rows of the suppliers that do not supply enough."""
        part = 1.0 if group.has_shares else group.min_supply_fraction or 0.0
        suppliers = [s.asset_id for s in group.suppliers]
        short = [s for s in suppliers if not is_up(self.now.delivery(s, group.service), part)]
        return self.recorder.latest(short, group.service, in_network=self._in_network(group))

    def _risen(self, state: GroupState) -> tuple[int, ...]:
        """Return the latest rows of the suppliers that rose since the group was unserved."""
        group = state.group
        suppliers = [s.asset_id for s in group.suppliers]
        up = [s for s in suppliers if self.now.delivery(s, group.service) > 0]
        rows = self.recorder.latest(up, group.service, in_network=self._in_network(group))
        return tuple(row for row in rows if row >= state.failed_at_row and self.recorder.rose(row))

    def _in_network(self, group: Group) -> frozenset[str]:
        network = self.now.networks.get(group.service)
        return network.members if network else frozenset()


def _repairs(event: Event, asset: str) -> bool:
    return event.do == "repair" and event.asset == asset
