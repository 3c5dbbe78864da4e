"""Which initiating events caused a loss: the smallest sets of them that suffice (NESS test).

An event is a cause if it is a necessary element of a set of events that is sufficient for the loss
at that hour, all else being equal. The sets are derived from the trace
(``models/explain/replay.py``), which tries hundreds at once; the engine then confirms those that
are reported. The trace may not give a set, or give one too much with a black start or if supply is
short, since fewer events may then do more harm.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import combinations
from operator import or_

from models.cascade.reference.networks import Network, networks_of
from models.explain.damage import Damage, damages_of, is_initiating
from models.explain.levels import Facet
from models.explain.replay import Replay
from models.explain.reruns import TOLERANCE, Reruns, lowest
from models.measures import with_measures
from models.outcome import Outcome, TraceRow
from models.scenario import Event, Scenario, parts_of
from models.units import to_ms
from models.world import World

Set = frozenset[int]

#: Limits on the number of sets reported, and on the events in a set.
MOST_SETS, MOST_EVENTS = 16, 4
#: Up to this many events, all sets of ``MOST_EVENTS`` are tried; up to this many, all pairs.
ALL_SETS_OF, ALL_PAIRS_OF = 12, 60
#: Up to this many events, checking causes runs every set.
RERUN_ALL_OF = 9
#: Beyond this many events that act together, no smaller set is searched.
MOST_TOGETHER = 40


@dataclass(frozen=True, slots=True)
class Causes:
    """The smallest sets of events (positions in the scenario) that suffice for a loss.

    A single empty set: the world loses it without any event. ``cut``: there may be more sets.
    """

    sets: tuple[Set, ...]
    cut: bool = False


class Case:
    """A scenario in its world, and its outcome: the input of explanations.

    ``shown`` is the world as the viewer may see it; its labels are used in sentences.
    """

    def __init__(
        self, world: World, scenario: Scenario, outcome: Outcome, shown: World | None = None
    ) -> None:
        self.world = with_measures(world, scenario.measures)
        self.shown = shown or self.world
        self.scenario, self.outcome = scenario, outcome

    @cached_property
    def networks(self) -> dict[str, Network]:
        """Return the link networks of the world."""
        return networks_of(self.world)

    @cached_property
    def damages(self) -> Mapping[tuple[str | None, str | None], Damage]:
        """Return the damage of each asset or link that is hit."""
        return damages_of(self.world, self.scenario)

    def upstream(self, asset: str) -> set[str]:
        """Return the asset and every upstream asset that was ever below full."""
        below = self.outcome.assets
        reached, frontier = {asset}, [asset]
        asked: set[str] = set()
        while frontier:
            here = frontier.pop()
            new = {s.asset_id for g in self.world.groups_of.get(here, ()) for s in g.suppliers}
            for name, network in self.networks.items():
                if name not in asked and here in network.members:
                    asked.add(name)
                    new |= network.members
            new = {a for a in new if a in below} - reached
            reached |= new
            frontier += new
        return reached

    def roots(self, assets: set[str], until_ms: int) -> list[int]:
        """Return the initiating events up to a moment on these assets and their networks' links."""
        services = {n for n, net in self.networks.items() if not net.members.isdisjoint(assets)}
        return [
            number
            for number, event in enumerate(self.scenario.events)
            if is_initiating(event)
            and to_ms(event.at_h) <= until_ms
            and any(self._is_about(part, assets, services) for part in self.parts(number))
        ]

    def parts(self, number: int) -> list[Event]:
        """Return what an event of the scenario does to single assets and links."""
        return list(parts_of(self.scenario.events[number], self.world.staffed))

    def _is_about(self, part: Event, assets: Container[str], services: Container[str]) -> bool:
        if part.link is None:
            return part.asset in assets
        return self.world.links[part.link].service in services

    def causes(self, row: TraceRow) -> Causes:
        """Return the smallest sets of events that suffice for a falling row."""
        asset = row.asset or ""
        assets = self.upstream(asset)
        facets = self._facets(asset, row.t_ms)

        def suffice(sets: Sequence[Set]) -> list[bool]:
            return self._suffice(sets, assets, facets, row.t_ms)

        roots = self.roots(assets, row.t_ms)
        return self._proved(asset, row.t_ms, roots, smallest(roots, suffice))

    def _proved(self, asset: str, t_ms: int, roots: Sequence[int], causes: Causes) -> Causes:
        """Return the causes as the engine confirms them.

        A set that the trace does not give would make a larger one look smallest, and fewer events
        may do more harm (``_is_exempt``).
        """
        suffice = self.rerun(asset, t_ms, self._fallen_before(asset, t_ms))
        confirmed = tuple(chosen for chosen in causes.sets if is_smallest(chosen, suffice))
        if confirmed and confirmed == causes.sets:
            return causes
        if len(roots) <= ALL_SETS_OF:
            return smallest(roots, suffice)
        if not confirmed and (one := _one(roots, suffice)) is not None:
            confirmed = (one,)
        return Causes(confirmed, cut=True)

    @cached_property
    def reruns(self) -> Reruns:
        """Return the runs of the scenario with some of its events left out."""
        return Reruns(self.world, self.scenario)

    def standing(self, row: TraceRow, chosen: Set) -> set[int]:
        """Return the falling rows up to ``row`` that one set of events alone causes."""
        assets = self.upstream(row.asset or "")
        if self._is_exempt(assets):
            before = self.outcome.trace[: row.row + 1]
            return {r.row for r in before if r.after < r.before
                    and self.reruns.facet(chosen, r) <= r.after + TOLERANCE}  # fmt: skip
        return {n for n, bits in self._replay(assets, [chosen]).run(row.t_ms).items() if bits}

    def _may_start(self, assets: Iterable[str]) -> bool:
        return any(self.world.assets[asset].black_start for asset in assets)

    def _is_exempt(self, assets: Iterable[str]) -> bool:
        """Whether fewer events may do more harm: with a black start, or if supply is short."""
        chosen = set(assets)
        short = (
            network
            for network in self.networks.values()
            if network.demand and any(most is not None for most in network.supply.values())
        )
        return self._may_start(chosen) or any(not n.members.isdisjoint(chosen) for n in short)

    def rerun(
        self, asset: str, t_ms: int, but: Collection[str | None] = ()
    ) -> Callable[[Sequence[Set]], list[bool]]:
        """Return a test whether a set, run alone, leaves the asset as low as it was.

        Parameters
        ----------
        asset
            Its id.
        t_ms
            The moment.
        but
            Deliveries to leave out; None among them is the level.
        """
        limit = lowest(self._rows_of.get(asset, ()), t_ms, but) + TOLERANCE

        def suffice(sets: Sequence[Set]) -> list[bool]:
            return [self.reruns.lowest(chosen, asset, t_ms, but) <= limit for chosen in sets]

        return suffice

    def _fallen_before(self, asset: str, t_ms: int) -> set[str | None]:
        """Return what of an asset was as low before a fall: another loss than this one."""
        low = min((row.after for row in self.falls(asset, t_ms)), default=0.0)
        before = {r.service: r.after for r in self._rows_of.get(asset, ()) if r.t_ms < t_ms}
        return {service for service, value in before.items() if value <= low}

    def lowest(self, asset: str, t_ms: int) -> float:
        """Return the lowest level or delivery of an asset at a moment."""
        return lowest(self._rows_of.get(asset, ()), t_ms)

    def _facets(self, asset: str, t_ms: int) -> set[int]:
        """Return the rows with which the asset is lowest at a moment."""
        last: dict[Facet, TraceRow] = {(asset, row.service): row for row in self.falls(asset, t_ms)}
        low = min((row.after for row in last.values()), default=0.0)
        return {row.row for row in last.values() if row.after <= low}

    def falls(self, asset: str, t_ms: int) -> list[TraceRow]:
        """Return the falling rows of an asset at a moment."""
        return [row for row in self._rows_of.get(asset, ())
                if row.t_ms == t_ms and row.after < row.before]  # fmt: skip

    @cached_property
    def _rows_of(self) -> dict[str, list[TraceRow]]:
        rows: dict[str, list[TraceRow]] = {}
        for row in self.outcome.trace:
            rows.setdefault(row.asset or "", []).append(row)
        return rows

    def _suffice(
        self, sets: Sequence[Set], assets: Iterable[str], rows: Iterable[int], until_ms: int
    ) -> list[bool]:
        bits = self._replay(assets, sets).run(until_ms)
        enough = reduce(or_, (bits.get(row, 0) for row in rows), 0)
        return [bool(enough >> i & 1) for i in range(len(sets))]

    def _replay(self, assets: Iterable[str], sets: Sequence[Set]) -> Replay:
        return Replay(
            self.world, self.networks, self.scenario, self.outcome, self.damages, assets, sets
        )


def smallest(roots: Sequence[int], suffice: Callable[[Sequence[Set]], list[bool]]) -> Causes:
    """Return the smallest sets of ``roots`` that suffice.

    Parameters
    ----------
    roots
        Positions of initiating events.
    suffice
        Returns for each of the sets whether it suffices.
    """
    n = len(roots)
    size = MOST_EVENTS if n <= ALL_SETS_OF else 2 if n <= ALL_PAIRS_OF else 1
    tried = subsets(roots, size)
    enough = suffice(tried)
    sets: list[Set] = []
    for chosen, is_enough in zip(tried, enough, strict=True):
        if is_enough and not any(smaller <= chosen for smaller in sets):
            sets.append(chosen)
    cut = len(sets) > MOST_SETS or (size < n and not _is_closed(sets, n, size))
    if not sets and (smallest_set := _one(roots, suffice)) is not None:
        return Causes((smallest_set,), cut=True)
    return Causes(tuple(sets[:MOST_SETS]), cut)


def is_smallest(chosen: Set, suffice: Callable[[Sequence[Set]], list[bool]]) -> bool:
    """Whether a set suffices, and none of its proper subsets does.

    Of more than ``MOST_EVENTS``, only the subsets with one event less are tried.
    """
    if len(chosen) > MOST_EVENTS:
        fewer = [chosen - {number} for number in sorted(chosen)]
    else:
        fewer = [less for less in subsets(sorted(chosen), len(chosen)) if less != chosen]
    return suffice([chosen])[0] and not any(suffice(fewer))


def subsets(roots: Sequence[int], size: int) -> list[Set]:
    """Return all sets of up to ``size`` events, smaller ones first."""
    sizes = range(min(size, len(roots)) + 1)
    return [frozenset(chosen) for k in sizes for chosen in combinations(roots, k)]


def checked(case: Case, asset: str, t_ms: int) -> Causes:
    """Return the smallest sets that, run alone, leave an asset as low as it was at a moment.

    Up to ``RERUN_ALL_OF`` events, every set is run. With more, the sets derived from the trace are
    run, and those with one event less.

    Parameters
    ----------
    case
        The scenario and its outcome.
    asset
        Id of the lost asset.
    t_ms
        The moment.
    """
    suffice = case.rerun(asset, t_ms)
    roots = case.roots(case.upstream(asset), t_ms)
    if len(roots) <= RERUN_ALL_OF:
        return smallest(roots, suffice)
    sets = case.causes(falls[0]).sets if (falls := case.falls(asset, t_ms)) else ()
    confirmed = [chosen for chosen in sets if is_smallest(chosen, suffice)]
    if not confirmed and (smallest_set := _one(roots, suffice)) is not None:
        confirmed = [smallest_set]
    return Causes(tuple(confirmed), cut=True)


def _is_closed(sets: Sequence[Set], n: int, size: int) -> bool:
    """Whether no larger set can be a smallest one, because too few events remain."""
    if any(not chosen for chosen in sets):
        return True
    alone = {e for chosen in sets if len(chosen) == 1 for e in chosen}
    return n - len(alone) <= size


def _one(roots: Sequence[int], suffice: Callable[[Sequence[Set]], list[bool]]) -> Set | None:
    """Return one irreducible set, preferring early events."""
    kept: list[int] = []
    left = list(roots)
    while len(kept) <= MOST_TOGETHER:
        starts = [frozenset((*kept, *left[:i])) for i in range(len(left) + 1)]
        enough = suffice(starts)
        if not any(enough):
            return None
        at = enough.index(True)
        if at == 0:
            return frozenset(kept)
        kept.append(left[at - 1])
        left = left[: at - 1]
    return frozenset((*kept, *left))
