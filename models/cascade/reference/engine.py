"""The cascade engine, reference edition: slow, clear, and the specification.

The rules are those of ``docs/model.md``. Faster engines must give the same trace, row by row.

Time is event driven, in whole milliseconds. At one instant the scenario's events and the ends of
clocks come first (``_begin``), then losses in rounds until nothing changes (``_losses``), then
returns in rounds until nothing changes (``_returns``). Each round judges all assets at once from
the state that the last one left, so neither the order of rows nor names matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import fsum

from models.cascade.reference.deadlocks import (
    Closure,
    deadlocks_of,
    loop_groups,
    rings_of,
    stuck_assets,
)
from models.cascade.reference.falls import Falls
from models.cascade.reference.networks import Network, networks_of
from models.cascade.reference.record import Recorder, outcome_of
from models.measures import with_measures
from models.outcome import Outcome, RowKind
from models.scenario import Event, Scenario
from models.units import to_ms
from models.world import Group, World

#: Comparisons give way by this much, so that rounding cannot tip them.
TOLERANCE = 1e-9


def run(world: World, scenario: Scenario) -> Outcome:
    """Run one cascade from 0 h to the scenario's horizon, both included.

    Raises
    ------
    UnknownIdError
        If a measure of the scenario names what the world does not have.
    """
    engine = Engine(with_measures(world, scenario.measures), scenario)
    engine.run()
    return outcome_of(engine, deadlocks_of(engine))


@dataclass(slots=True)
class GroupState:
    """Where one dependency group stands.

    The store was ``stored`` ms full at ``since``; it drains while ``unserved`` and fills while
    served. ``restart_at`` is when a lost group that is served again stops hurting. ``holds``:
    a black start keeps it counted as served. ``because`` are the rows that made it (un)served.
    """

    group: Group
    full: int
    recharge: int
    restart: int
    stored: int
    since: int = 0
    unserved: bool = False
    lost: bool = False
    restart_at: int | None = None
    holds: bool = False
    because: tuple[int, ...] = ()
    failed_at_row: int = 0  # how long the trace was when it last became unserved

    def store_at(self, t: int) -> int:
        """Return the ms of autonomy left at ``t``, rounded down."""
        passed = t - self.since
        if self.unserved:
            return max(0, self.stored - passed)
        if self.recharge == 0:
            return self.full
        return min(self.full, self.stored + passed * self.full // self.recharge)

    def turn(self, t: int, *, unserved: bool, because: tuple[int, ...]) -> None:
        """Start draining or filling at ``t``."""
        self.stored, self.since = self.store_at(t), t
        self.unserved, self.because = unserved, because

    @property
    def ends_at(self) -> int | None:
        """When the autonomy clock runs out; None while it does not run or no longer matters."""
        return self.since + self.stored if self.unserved and not self.lost else None


class Engine:
    """The state of one run. ``level``, ``own``: per asset in [0, 1]; ``cut``: links hit now."""

    def __init__(self, world: World, scenario: Scenario) -> None:
        self.world = world
        self.horizon = to_ms(scenario.horizon_h)
        self.typical_repairs = scenario.repairs == "typical"
        self.events = [(to_ms(event.at_h), event) for event in scenario.events]
        self.networks: dict[str, Network] = networks_of(world)
        self.networks_at = _networks_at(world, self.networks)
        self.own = dict.fromkeys(world.assets, 1.0)
        self.level = dict.fromkeys(world.assets, 1.0)
        self.cut: set[str] = set()
        self.delivered = {name: dict.fromkeys(n.members, 1.0) for name, n in self.networks.items()}
        self.groups = {gid: fresh_state(group) for gid, group in sorted(world.groups.items())}
        self.groups_of = {
            asset: [self.groups[g.group_id] for g in groups]
            for asset, groups in world.groups_of.items()
        }
        self.repair_at: dict[str, int] = {}
        self.restart_at: dict[str, int] = {}
        self.supplied: set[tuple[str, str]] = set()
        self.loop_groups = loop_groups(self)
        self.greatest: tuple[object, Closure] | None = None
        self.recorder = Recorder(world)
        self.now = 0
        # what is only asked anew where something it depends on has changed
        self._served: dict[str, bool] = {}
        self._stale = set(self.networks)
        self._unsettled: set[str] = set()
        self._switched: dict[str, bool] = {}

    # -- the clock -----------------------------------------------------------------------------

    def run(self) -> None:
        """Settle the world once, then take instant after instant up to the horizon."""
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
        yield from self.repair_at.values()
        yield from self.restart_at.values()
        for state in self.groups.values():
            if (ends := state.ends_at) is not None:
                yield ends
            if state.restart_at is not None:
                yield state.restart_at

    def _instant(self, t: int, *, settling: bool) -> None:
        self.now = t
        self.recorder.begin(t, settling=settling)
        if not settling:
            self._begin()
        self._losses()
        self._returns()
        self._let_go()
        self._unsettled.clear()
        stuck = stuck_assets(self)
        locked = frozenset(asset for ring in rings_of(self, stuck) for asset in ring)
        self.recorder.note_states(self, stuck, locked)

    # -- step 1: events and the ends of clocks -------------------------------------------------

    def _begin(self) -> None:
        for number, (at, event) in enumerate(self.events):
            if at == self.now:
                self._apply(event, number)
        for link in (link for link, is_other in self._switched.items() if is_other):
            self.recorder.link_row(link, 0.0 if link in self.cut else 1.0)
        self._switched.clear()
        self._resupply()
        for state in self.groups.values():
            if state.ends_at == self.now:
                self._lose(state, "autonomy")
        for asset in [a for a, at in self.repair_at.items() if at == self.now]:
            self._repair(asset)
        for asset in [a for a, at in self.restart_at.items() if at == self.now]:
            self._restore(asset)

    def _apply(self, event: Event, number: int) -> None:
        if event.do in ("fail", "degrade") and event.asset is not None:
            self._hit(event.asset, event.to if event.do == "degrade" and event.to else 0.0)
            self._plan_repair(event.asset, number)
        elif event.do == "repair" and event.asset is not None:
            self._repair(event.asset)
        elif event.link is not None and (event.do == "fail") != (event.link in self.cut):
            self.cut ^= {event.link}
            # a link that is hit and repaired at one instant has no row, as an asset has none
            self._switched[event.link] = not self._switched.get(event.link, False)
            self._stale.add(self.world.links[event.link].service)

    def _resupply(self) -> None:
        before, self.supplied = self.supplied, set(self._supplies())
        for asset, _ in before ^ self.supplied:
            for state in self.groups_of.get(asset, ()):
                self._served.pop(state.group.group_id, None)

    def _supplies(self) -> Iterator[tuple[str, str]]:
        for at, event in self.events:
            if event.do != "supply" or event.asset is None or event.service is None:
                continue
            until = None if event.until_h is None else to_ms(event.until_h)
            if at <= self.now and (until is None or self.now < until):
                yield event.asset, event.service

    def _hit(self, asset: str, to: float) -> None:
        """Damage never lifts, and voids a repair or restart under way."""
        self._damage(asset, min(self.own[asset], to), "direct")
        self.repair_at.pop(asset, None)
        self.restart_at.pop(asset, None)

    def _plan_repair(self, asset: str, number: int) -> None:
        """Plan the typical repair, unless the scenario names a later repair of this asset."""
        repair_h = self.world.assets[asset].repair_h
        if not self.typical_repairs or repair_h is None or self.own[asset] >= 1:
            return
        here = (self.now, number)
        named = ((at, n) for n, (at, e) in enumerate(self.events) if _repairs(e, asset))
        if not any(then > here for then in named):
            self.repair_at[asset] = self.now + to_ms(repair_h)

    def _repair(self, asset: str) -> None:
        self.repair_at.pop(asset, None)
        if self.own[asset] >= 1 or asset in self.restart_at:
            return
        self.recorder.touch(asset)
        self.restart_at[asset] = self.now + to_ms(self.world.assets[asset].restart_h)
        if self.restart_at[asset] == self.now:
            self._restore(asset)

    def _restore(self, asset: str) -> None:
        del self.restart_at[asset]
        waited = self.world.assets[asset].restart_h > 0
        self._damage(asset, 1.0, "restart" if waited else "repair")

    def _damage(self, asset: str, own: float, kind: RowKind) -> None:
        if own == self.own[asset]:
            self.recorder.touch(asset)
            return
        self.own[asset] = own
        self._unsettled.add(asset)
        self._stale.update(self.networks_at[asset])
        self.recorder.own_changed(asset, kind)

    # -- step 2: losses ------------------------------------------------------------------------

    def _losses(self) -> None:
        """Let levels fall and groups be lost until nothing changes.

        The first round takes what this instant brought; links and own damage have changed, so
        what networks deliver is asked anew before any group is judged.
        """
        self._move_levels(rising=False)
        self._deliver()
        changing = True
        while changing:
            changing = self._judge_losses()
            self._move_levels(rising=False)
            self._deliver()

    def _judge_losses(self) -> bool:
        """Start the clock of every newly unserved group; lose those without hours left."""
        self.recorder.next_round()
        lost_some = False
        for state in self.groups.values():
            if self._counts_as_served(state):
                continue
            if state.restart_at is not None or not state.unserved:
                self.recorder.touch(state.group.consumer_id)
            state.restart_at = None
            if not state.unserved:
                state.turn(self.now, unserved=True, because=self._failing(state.group))
                state.failed_at_row = len(self.recorder.rows)
            if not state.lost and state.store_at(self.now) == 0:
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
        """Stop the clock of every newly served group, start restarts, end those that are over."""
        back_some = False
        for state in self.groups.values():
            if not self._counts_as_served(state):
                continue
            if state.unserved:
                state.turn(self.now, unserved=False, because=self._risen(state))
                self.recorder.touch(state.group.consumer_id)
            if not state.lost:
                continue
            if state.restart_at is None:
                self.recorder.touch(state.group.consumer_id)
                state.restart_at = self.now + state.restart
            if state.restart_at <= self.now:
                state.lost, state.restart_at = False, None
                self._unsettled.add(state.group.consumer_id)
                self.recorder.note_cause(state.group, "restart", state.because)
                back_some = True
        return back_some

    def _let_go(self) -> None:
        """End the hold of black starts whose group is really served and not lost."""
        for state in self.groups.values():
            if state.holds and not state.lost and self.is_served(state.group):
                state.holds = False

    # -- what holds now ------------------------------------------------------------------------

    def delivery(self, asset: str, service: str) -> float:
        """Return what dependents get of ``service`` from ``asset``, in [0, 1]."""
        in_network = self.delivered.get(service, {})
        return in_network.get(asset, self.level[asset])

    def is_served(self, group: Group) -> bool:
        """Whether suppliers, or an emergency supply, serve the group."""
        known = self._served.get(group.group_id)
        if known is None:
            known = (group.consumer_id, group.service) in self.supplied or enough(
                group, [self.delivery(s.asset_id, group.service) for s in group.suppliers]
            )
            self._served[group.group_id] = known
        return known

    def _counts_as_served(self, state: GroupState) -> bool:
        return state.holds or self.is_served(state.group)

    def _move_levels(self, *, rising: bool) -> bool:
        """Take every level down to, or up to, what own damage and lost groups leave."""
        moved = []
        for asset in sorted(self._unsettled):
            target = self.own[asset] * least_factor(self.groups_of.get(asset, ()))
            if target > self.level[asset] if rising else target < self.level[asset]:
                moved.append((asset, self.level[asset], target))
        for asset, before, after in moved:
            self.level[asset] = after
            lost = (s.group.loss for s in self.groups_of.get(asset, ()) if s.lost)
            self.recorder.level_row(asset, before, after, max(lost, default=0.0))
            self._stale.update(self.networks_at[asset])
            self._ask_dependents(asset)
        return bool(moved)

    def _deliver(self) -> None:
        """Ask anew what networks deliver where it may have changed; a row for each change."""
        for name in sorted(self._stale):
            network, before = self.networks[name], self.delivered[name]
            after = network.deliveries(self.level, self.own, self.cut)
            moved = sorted(a for a, d in after.items() if d != before[a])
            dark = {a for a in moved if after[a] <= 0}
            falls = Falls(network, self.recorder.rows_now(), self.own, self.cut, dark)
            for asset in moved:
                is_fall = after[asset] < before[asset]
                because = falls.because(asset, after[asset]) if is_fall else None
                self.recorder.delivery_row(asset, network, before[asset], after[asset], because)
                self._ask_dependents(asset)
            self.delivered[name] = after
        self._stale.clear()

    def _ask_dependents(self, asset: str) -> None:
        for group in self.world.groups_fed_by.get(asset, ()):
            self._served.pop(group.group_id, None)

    def _failing(self, group: Group) -> tuple[int, ...]:
        """Return the latest rows of the suppliers that do not do their part."""
        part = 1.0 if group.has_shares else group.min_supply_fraction or 0.0
        suppliers = [s.asset_id for s in group.suppliers]
        short = [s for s in suppliers if not is_up(self.delivery(s, group.service), part)]
        return self.recorder.latest(short, group.service, in_network=self._in_network(group))

    def _risen(self, state: GroupState) -> tuple[int, ...]:
        """Return the latest rows of the suppliers that rose since the group was unserved."""
        group = state.group
        suppliers = [s.asset_id for s in group.suppliers]
        up = [s for s in suppliers if self.delivery(s, group.service) > 0]
        rows = self.recorder.latest(up, group.service, in_network=self._in_network(group))
        return tuple(row for row in rows if row >= state.failed_at_row and self.recorder.rose(row))

    def _in_network(self, group: Group) -> frozenset[str]:
        network = self.networks.get(group.service)
        return network.members if network else frozenset()


def enough(group: Group, delivered: list[float]) -> bool:
    """Whether these deliveries, in the order of the group's suppliers, serve the group."""
    fraction = group.min_supply_fraction or 0.0
    if group.has_shares:
        total = fsum(
            (supplier.share or 0.0) * level
            for supplier, level in zip(group.suppliers, delivered, strict=True)
        )
        return is_up(total, fraction)
    return sum(is_up(level, fraction) for level in delivered) >= group.k


def least_factor(states: Iterable[GroupState]) -> float:
    """Return min over lost groups of (1 - loss): two lost inputs do not hurt twice."""
    return min([1.0 - state.group.loss for state in states if state.lost], default=1.0)


def _repairs(event: Event, asset: str) -> bool:
    return event.do == "repair" and event.asset == asset


def is_up(level: float, fraction: float) -> bool:
    """Whether a supplier at this level does its part."""
    return level > 0 if fraction <= 0 else level >= fraction - TOLERANCE


def fresh_state(group: Group) -> GroupState:
    """Return a group with a full store, as a run begins."""
    full = to_ms(group.autonomy_h)
    return GroupState(
        group=group,
        full=full,
        recharge=to_ms(group.recharge_h),
        restart=to_ms(group.restart_h),
        stored=full,
    )


def _networks_at(world: World, networks: dict[str, Network]) -> dict[str, tuple[str, ...]]:
    return {
        asset: tuple(name for name, network in networks.items() if asset in network.members)
        for asset in world.assets
    }
