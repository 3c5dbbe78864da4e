"""State of a world at one moment of a run: levels, damage, groups, links and supplies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import fsum

from models.cascade.reference.networks import Network, networks_of
from models.units import to_ms
from models.world import Group, World

#: Tolerance of comparisons, so that rounding cannot decide them.
TOLERANCE = 1e-9


@dataclass(slots=True)
class GroupState:
    """State of one dependency group.

    The store was ``stored`` ms full at ``since``; it drains while ``unserved`` and fills while
    served. ``restart_at``: when a lost group that is served again stops limiting its consumer.
    ``holds``: a black start counts it as served. ``because``: rows that made it (un)served.
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
        """Start draining or filling at ``t``.

        Parameters
        ----------
        t
            Now, in ms.
        unserved
            Whether the store drains from now on.
        because
            Trace rows that caused it.
        """
        self.stored, self.since = self.store_at(t), t
        self.unserved, self.because = unserved, because

    @property
    def ends_at(self) -> int | None:
        """Return when the autonomy ends; None if the clock does not run or no longer matters."""
        return self.since + self.stored if self.unserved and not self.lost else None


class WorldState:
    """The state of one run at ``t``, in ms.

    ``level``, ``own``: per asset in [0, 1]; ``delivered``: the same per service of a link network;
    ``cut``: links out of service; ``supplied``: needs (asset, service) with an emergency supply;
    ``repair_at``, ``restart_at``: when what is under way ends, in ms.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.t = 0
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
        # re-evaluated only if an input has changed
        self._served: dict[str, bool] = {}

    def delivery(self, asset: str, service: str) -> float:
        """Return what dependents get of ``service`` from ``asset``, in [0, 1]."""
        in_network = self.delivered.get(service, {})
        return in_network.get(asset, self.level[asset])

    def is_served(self, group: Group) -> bool:
        """Whether suppliers, or an emergency supply, serve the group."""
        cached = self._served.get(group.group_id)
        if cached is None:
            cached = (group.consumer_id, group.service) in self.supplied or enough(
                group, [self.delivery(s.asset_id, group.service) for s in group.suppliers]
            )
            self._served[group.group_id] = cached
        return cached

    def counts_as_served(self, state: GroupState) -> bool:
        """Whether the group is served, or a black start holds it."""
        return state.holds or self.is_served(state.group)

    def target(self, asset: str) -> float:
        """Return the level that own damage and lost groups allow."""
        return self.own[asset] * least_factor(self.groups_of.get(asset, ()))

    def supply(self, supplied: set[tuple[str, str]]) -> None:
        """Set the needs that have an emergency supply; all others have none."""
        for asset, _ in self.supplied ^ supplied:
            for state in self.groups_of.get(asset, ()):
                self._served.pop(state.group.group_id, None)
        self.supplied = supplied

    def judge_dependents(self, asset: str) -> None:
        """Mark the groups that ``asset`` supplies for re-evaluation."""
        for group in self.world.groups_fed_by.get(asset, ()):
            self._served.pop(group.group_id, None)


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


def is_up(level: float, fraction: float) -> bool:
    """Whether a supplier's level suffices: above 0, or at least ``fraction`` if that is set."""
    return level > 0 if fraction <= 0 else level >= fraction - TOLERANCE


def least_factor(states: Iterable[GroupState]) -> float:
    """Return min over lost groups of (1 - loss): losses of several inputs do not multiply."""
    return min([1.0 - state.group.loss for state in states if state.lost], default=1.0)


def fresh_state(group: Group) -> GroupState:
    """Return a served group with a full store."""
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
