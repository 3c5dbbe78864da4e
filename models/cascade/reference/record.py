"""The trace of a run, and the outcome computed from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from models.cascade.reference.networks import Network
from models.cascade.reference.shown import state_now
from models.cascade.reference.state import WorldState
from models.outcome import AssetOutcome, Deadlock, Outcome, RowKind, State, StateChange, TraceRow
from models.world import Group, World


@dataclass(frozen=True, slots=True)
class Cause:
    """A group that was lost or came back in this round."""

    group: Group
    kind: RowKind
    because: tuple[int, ...]


class Recorder:
    """Writes trace rows while the engine runs, and each asset's displayed states over time."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rows: list[TraceRow] = []
        self.states: dict[str, list[StateChange]] = {}
        self._t = 0
        self._settling = True
        self._first = 0
        self._causes: dict[str, list[Cause]] = defaultdict(list)
        self._own_row: dict[str, RowKind] = {}
        self._round: list[int] = []
        self._latest: dict[tuple[str, str | None], int] = {}
        self._stuck: frozenset[str] = frozenset()
        self._locked: frozenset[str] = frozenset()
        self._touched: set[str] = set(world.hidden)

    # -- while the engine runs -----------------------------------------------------------------

    def begin(self, t: int, *, settling: bool) -> None:
        """Start an instant."""
        self._t, self._settling, self._first = t, settling, len(self.rows)
        self._own_row.clear()
        self.next_round()

    def own_risen(self) -> None:
        """Clear repairs: the first round of returns, where they show, is over."""
        self._own_row.clear()

    def next_round(self) -> None:
        """Clear the causes and rows of the last round."""
        self._causes.clear()
        # a hit shows in the first round of losses, a repair in the first round of returns
        self._own_row = {a: k for a, k in self._own_row.items() if k != "direct"}
        self._round = []

    def touch(self, asset: str) -> None:
        """Mark that the displayed state of ``asset`` may have changed."""
        self._touched.add(asset)

    def own_changed(self, asset: str, kind: RowKind) -> None:
        """Record that damage or repair changed the asset's ``own``."""
        self._own_row[asset] = kind
        self.touch(asset)

    def note_cause(self, group: Group, kind: RowKind, because: tuple[int, ...]) -> None:
        """Record that a group was lost or returned, for the row its consumer may get.

        Parameters
        ----------
        group
            The group that was lost or returned.
        kind
            Kind of the row if this group binds.
        because
            Trace rows that caused it.
        """
        self._causes[group.consumer_id].append(Cause(group, kind, because))
        self.touch(group.consumer_id)

    def link_row(self, link: str, after: float) -> None:
        """Write that a link was hit (0) or repaired (1)."""
        kind: RowKind = "repair" if after else "direct"
        self._write(None, 1.0 - after, after, kind, None, (), link=link)

    def level_row(self, asset: str, before: float, after: float, still: float) -> None:
        """Write a change of an asset's level, with the group that binds.

        Parameters
        ----------
        asset
            Whose level changed.
        before, after
            The level, in [0, 1].
        still
            The largest loss, in [0, 1], of the groups that are lost now.
        """
        falls = after < before
        own = self._own_row.get(asset)
        if own == "direct" and falls:
            self._write(asset, before, after, own, None, ())
            return
        causes = [c for c in self._causes[asset] if (c.kind != "restart") == falls]
        # ``still``: the largest loss among the groups lost now; what returned bound above it only
        most = max((c.group.loss for c in causes), default=0.0)
        if not falls and most <= still:
            causes = [c for c in causes if c.group.loss == still]
        binding = sorted(
            (c for c in causes if c.group.loss == most > 0), key=lambda c: c.group.group_id
        )
        because = {row for cause in binding for row in cause.because}
        kind = binding[0].kind if binding else own or "repair"
        group = binding[0].group.group_id if binding else None
        self._write(asset, before, after, kind, group, tuple(sorted(because)))

    def rows_now(self) -> list[TraceRow]:
        """Return the rows of this instant so far."""
        return self.rows[self._first :]

    def delivery_row(
        self,
        asset: str,
        network: Network,
        before: float,
        after: float,
        because: tuple[int, ...] | None,
    ) -> None:
        """Write a change of what an asset delivers in a link network.

        Parameters
        ----------
        asset
            Id of the asset that delivers.
        network
            Network in which it delivers.
        before, after
            The delivery, in [0, 1].
        because
            The rows that made it fall; None for a rise, which this round's rows in the network
            explain.
        """
        if because is None:
            because = tuple(row for row in self._round if self._belongs(row, network))
        self._write(asset, before, after, "delivery", None, because, service=network.service)

    def _belongs(self, row: int, network: Network) -> bool:
        """Whether a row of this round is about the network's links or its assets' levels."""
        trace_row = self.rows[row]
        if trace_row.link is not None:
            return self.world.links[trace_row.link].service == network.service
        return trace_row.service is None and trace_row.asset in network.members

    def latest(
        self, assets: Iterable[str], service: str, in_network: Collection[str]
    ) -> tuple[int, ...]:
        """Return the latest row of each asset: on delivery in the network, on level outside.

        Parameters
        ----------
        assets
            The ids of suppliers.
        service
            What they supply.
        in_network
            The ids of those that supply it through a link network.
        """
        keys = ((asset, service if asset in in_network else None) for asset in assets)
        return tuple(sorted({self._latest[key] for key in keys if key in self._latest}))

    def rose(self, row: int) -> bool:
        """Whether a row is a rise."""
        return self.rows[row].after > self.rows[row].before

    def _write(
        self,
        asset: str | None,
        before: float,
        after: float,
        kind: RowKind,
        group: str | None,
        because: tuple[int, ...],
        link: str | None = None,
        service: str | None = None,
    ) -> None:
        if self._settling and after < before:
            kind = "initial"
        row = TraceRow(
            row=len(self.rows),
            t_ms=self._t,
            asset=asset,
            before=before,
            after=after,
            kind=kind,
            group=group,
            because=because,
            order=max((self._order(r, asset) for r in because), default=0),
            link=link,
            service=service,
        )
        self.rows.append(row)
        if service is None:
            self._round.append(row.row)
        if asset is not None:
            self._latest[asset, service] = row.row
            self.touch(asset)

    def _order(self, row: int, asset: str | None) -> int:
        earlier = self.rows[row]
        return earlier.order + (earlier.asset != asset)

    def note_states(self, world: WorldState, stuck: frozenset[str], locked: frozenset[str]) -> None:
        """Record the displayed state of every asset that may have changed, from this instant on.

        Parameters
        ----------
        world
            Its state at the end of this instant.
        stuck
            The ids of assets that cannot come back by themselves.
        locked
            Those of them that wait for each other.
        """
        for asset in sorted(self._touched | (stuck ^ self._stuck) | (locked ^ self._locked)):
            now = state_now(world, asset, stuck, locked)
            past = [c for c in self.states.pop(asset, ()) if c.t_ms < now.t_ms]
            if _shown(past[-1]) != _shown(now) if past else now.state != "working":
                past.append(now)
            if past:
                self.states[asset] = past
        self._touched.clear()
        self._stuck, self._locked = stuck, locked


def _shown(change: StateChange) -> tuple[object, ...]:
    return (
        change.state,
        change.level,
        change.delivered,
        change.deadline_ms,
        change.group,
        change.locked,
    )


# -- after the run -----------------------------------------------------------------------------


def outcome_of(
    recorder: Recorder, end: WorldState, deadlocks: tuple[Deadlock, ...], horizon_ms: int
) -> Outcome:
    """Return the outcome of a finished run, from its trace and the state at its ``end``.

    Parameters
    ----------
    recorder
        Holds the trace and the states of the run.
    end
        The world at the horizon.
    deadlocks
        Deadlocks at the horizon.
    horizon_ms
        When the run stopped, in ms.
    """
    levels: dict[str, list[tuple[int, float]]] = {}
    delivery: dict[tuple[str, str], list[tuple[int, float]]] = {}
    links: dict[str, list[tuple[int, float]]] = {}
    first_fall: dict[str, TraceRow] = {}
    for row in recorder.rows:
        if row.asset is None:
            _step(links.setdefault(row.link or "", [(0, 1.0)]), row)
            continue
        if row.after < row.before:
            first_fall.setdefault(row.asset, row)
        if row.service is None:
            _step(levels.setdefault(row.asset, [(0, 1.0)]), row)
        else:
            _step(delivery.setdefault((row.asset, row.service), [(0, 1.0)]), row)
    assets = {
        asset: AssetOutcome(
            level_end=end.level[asset],
            delivers_end=_delivers_end(end, asset),
            state_end=_state_end(recorder, asset),
            first_loss_ms=row.t_ms,
            down_ms=_down_ms(asset, levels, delivery, end, horizon_ms),
            order=row.order,
        )
        for asset, row in sorted(first_fall.items())
    }
    return Outcome(
        horizon_ms=horizon_ms,
        trace=tuple(recorder.rows),
        assets=assets,
        states={asset: tuple(changes) for asset, changes in sorted(recorder.states.items())},
        levels={asset: tuple(steps) for asset, steps in sorted(levels.items())},
        delivery={key: tuple(steps) for key, steps in sorted(delivery.items())},
        link_hits={link: tuple(steps) for link, steps in sorted(links.items())},
        deadlocks=deadlocks,
    )


def _state_end(recorder: Recorder, asset: str) -> State:
    # an asset that fell and returned within one instant was never displayed as anything else
    return recorder.states[asset][-1].state if asset in recorder.states else "working"


def _step(steps: list[tuple[int, float]], row: TraceRow) -> None:
    if steps[-1][0] == row.t_ms:
        steps.pop()
    steps.append((row.t_ms, row.after))


def _delivers_end(end: WorldState, asset: str) -> dict[str, float]:
    services = {*end.world.assets[asset].provides, *end.networks_at[asset]}
    return {service: end.delivery(asset, service) for service in sorted(services)}


def _down_ms(
    asset: str,
    levels: Mapping[str, list[tuple[int, float]]],
    delivery: Mapping[tuple[str, str], list[tuple[int, float]]],
    end: WorldState,
    horizon_ms: int,
) -> int:
    """Return the ms at level 0 or delivering 0 in a link network."""
    courses = [delivery.get((asset, service), []) for service in end.networks_at[asset]]
    courses = [course for course in (levels.get(asset, []), *courses) if course]
    times = sorted({t for course in courses for t, _ in course} | {horizon_ms})
    return sum(
        until - since
        for since, until in pairwise(times)
        if any(_at(course, since) <= 0 for course in courses)
    )


def _at(course: list[tuple[int, float]], t: int) -> float:
    return next(level for since, level in reversed(course) if since <= t)
