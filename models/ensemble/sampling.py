"""Sampling of ensembles: uncertain numbers, events, common causes.

Every random number is a function of three things alone: the seed, the ids of the item it belongs
to, and the number of the run. So the worker process and the order of draws do not matter, and an
additional asset changes no other asset's numbers.

Only stated uncertainty is varied: numbers with bounds, events with a ``p``, and the ``beta`` of
common-cause groups where the scenario enables it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from models.scenario import HELP, Event, Hit, Scenario, hit_parts
from models.units import to_ms
from models.world import Range, World

F64 = npt.NDArray[np.float64]
U64 = npt.NDArray[np.uint64]

#: Numbers with an effect only if something can return.
_OF_RETURNS = {
    ("assets", "restart_h"),
    ("dependencies", "restart_h"),
    ("dependencies", "recharge_h"),
}


@dataclass(frozen=True, slots=True)
class Chance:
    """An event that happens in a run with probability ``p``, independent of all others.

    ``after``: positions of chances; it needs one of them to happen as well.
    ``group`` is the common-cause group of a shock. ``part``: one hit of a wide event; ``hit``
    states what of it is drawn, with the random numbers of ``time_key``.
    ``number`` is the place of the event in the scenario.
    """

    event: Event
    key: int
    p: float
    after: tuple[int, ...] = ()
    group: str = ""
    part: bool = False
    number: int = 0
    hit: Hit | None = None
    time_key: int = 0

    @property
    def is_certain(self) -> bool:
        """Whether it happens in every run."""
        return self.p >= 1.0 and not self.after


@dataclass(frozen=True, eq=False)
class Chances:
    """Events that may happen in a run, in order; shocks come after the events that trigger them."""

    items: tuple[Chance, ...]

    @cached_property
    def keys(self) -> U64:
        """Return the keys, [chances]."""
        return np.array([chance.key for chance in self.items], dtype=np.uint64)

    @cached_property
    def p(self) -> F64:
        """Return the probabilities, [chances]."""
        return np.array([chance.p for chance in self.items], dtype=np.float64)

    @cached_property
    def timed(self) -> tuple[int, ...]:
        """Return the positions of those whose repair or length is drawn."""
        return tuple(i for i, chance in enumerate(self.items) if chance.hit is not None)

    def events(self, run: int, does: npt.NDArray[np.bool_]) -> tuple[Event, ...]:
        """Return the events of one run, with their drawn times.

        Parameters
        ----------
        run
            Its number.
        does
            Which chances happen in it, [chances].
        """
        found = {i: c.event for i, c in enumerate(self.items) if does[i]}
        drawn = [i for i in self.timed if i in found]
        if drawn:
            from models.cascade.compile.random_kernels import uniform

            keys = [key for i in drawn for key in _keys_of_times(self.items[i].time_key)]
            u = np.empty((1, len(keys)))
            uniform(np.array(keys, dtype=np.uint64), run, u)
            for i, pair in zip(drawn, u.reshape(-1, 2).tolist(), strict=True):
                found[i] = _with_time(found[i], self.items[i].hit, *pair)
        return tuple(found.values())

    @cached_property
    def shocks(self) -> tuple[tuple[int, list[int]], ...]:
        """Return the positions of shocks, each with those of its triggers."""
        return tuple((i, list(c.after)) for i, c in enumerate(self.items) if c.after)

    def rows(self, batch: int) -> U64:
        """Return the runs of a batch in which each chance happens, [chances, 8] words."""
        from models.cascade.compile.random_kernels import WORDS, happens

        rows = np.empty((len(self.items), WORDS), dtype=np.uint64)
        happens(self.keys, self.p, batch, rows)
        for i, after in self.shocks:
            rows[i] &= np.bitwise_or.reduce(rows[after], axis=0)
        return rows


def key_of(seed: int, *names: str) -> int:
    """Return the 64-bit key of the random numbers of the item with these names."""
    text = "\x1f".join((str(seed), *names)).encode("utf-8")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


def _keys_of_times(key: int) -> tuple[int, int]:
    """Return the keys of the state of damage and of the hours."""
    return key, key_of(key, "hours")


def _with_time(event: Event, hit: Hit | None, state: float, hours: float) -> Event:
    """Return an event of a run, its length or its repair at the drawn quantiles.

    Parameters
    ----------
    event
        What a hit does.
    hit
        Of which it is a part.
    state, hours
        Uniform numbers in [0, 1).
    """
    if hit is None:
        return event
    if hit.for_range is not None:
        low, mode, high = hit.for_range
        quantile = (np.array([value]) for value in (hours, low, mode, high))
        for_h = float(triangular(*quantile)[0]) if low < high else mode
        return replace(event, until_h=event.at_h + for_h)
    from models.hazards.curves import repair_h

    for share, mean_d, spread_d in hit.repairs:
        if state < share or (share, mean_d, spread_d) == hit.repairs[-1]:
            # the normal distribution has no quantile 0
            return replace(event, repair_h=repair_h(mean_d, spread_d, max(hours, 2.0**-53)))
        state -= share
    return event


# --- uncertain numbers -----------------------------------------------------------------------


def varied_ranges(world: World, scenario: Scenario) -> tuple[Range, ...]:
    """Return the bounds that have an effect in this scenario, in order.

    Equal bounds vary nothing. Repair times count if ``repairs`` are typical; restarts and
    recharging if anything can return at all.
    """
    typical = scenario.repairs == "typical"
    returns = (
        typical
        or any(event.do in HELP for event in scenario.events)
        or bool(world.flows)
        or any(asset.black_start for asset in world.assets.values())
    )
    return tuple(
        range_
        for range_ in world.ranges
        if range_.low < range_.high
        and (typical or (range_.table, range_.column) != ("assets", "repair_h"))
        and (returns or (range_.table, range_.column) not in _OF_RETURNS)
    )


def middle(world: World, range_: Range) -> float:
    """Return the most likely value of an uncertain number, in its own unit."""
    if range_.table == "assets":
        value = getattr(world.assets[range_.row[0]], range_.column)
    elif range_.column == "share":
        suppliers = world.groups[range_.row[0]].suppliers
        value = next(s.share for s in suppliers if s.asset_id == range_.row[1])
    elif range_.table == "dependencies":
        value = getattr(world.groups[range_.row[0]], range_.column)
    else:
        flows = (f for f in world.flows if (f.asset_id, f.service) == range_.row)
        value = getattr(next(flows), range_.column)
    return float(value)


@dataclass(frozen=True, eq=False)
class Draws:
    """The uncertain numbers of an ensemble: ``low``, ``mode``, ``high`` and ``keys`` are [q]."""

    ranges: tuple[Range, ...]
    keys: U64
    low: F64
    mode: F64
    high: F64

    @classmethod
    def of(cls, world: World, ranges: Sequence[Range], seed: int) -> Draws:
        """Return the draws of these numbers of a world.

        Parameters
        ----------
        world
            Source of the most likely values.
        ranges
            The numbers that vary.
        seed
            Seed of the ensemble: together with a number's names it determines the draws.
        """
        keys = [key_of(seed, range_.table, *range_.row, range_.column) for range_ in ranges]
        return cls(
            ranges=tuple(ranges),
            keys=np.array(keys, dtype=np.uint64),
            low=np.array([range_.low for range_ in ranges], dtype=np.float64),
            mode=np.array([middle(world, range_) for range_ in ranges], dtype=np.float64),
            high=np.array([range_.high for range_ in ranges], dtype=np.float64),
        )

    def values(self, first: int, runs: int, which: slice = slice(None)) -> F64:
        """Return the values in runs ``first`` onwards, [runs, q], of those in ``which``.

        Parameters
        ----------
        first
            Number of the first run.
        runs
            Number of runs.
        which
            The numbers to draw, as a slice of ``ranges``.
        """
        from models.cascade.compile.random_kernels import uniform

        keys = self.keys[which]
        u = np.empty((runs, len(keys)))
        uniform(keys, first, u)
        return triangular(u, self.low[which], self.mode[which], self.high[which])


def triangular(u: F64, low: F64, mode: F64, high: F64) -> F64:
    """Return the quantiles ``u`` of triangular distributions with ``low`` < ``high``.

    The inverse of the distribution function (Johnson, Kotz and Balakrishnan 1995, Continuous
    Univariate Distributions 2, 26.9).

    Parameters
    ----------
    u
        Uniform numbers in [0, 1), [..., q].
    low, mode, high
        The least, the most likely and the largest value of each quantity, [q].
    """
    left = u * (high - low) < mode - low
    rising = low + np.sqrt(u * (high - low) * (mode - low))
    falling = high - np.sqrt((1.0 - u) * (high - low) * (high - mode))
    quantiles: F64 = np.clip(np.where(left, rising, falling), low, high)
    return quantiles


T = TypeVar("T")


def with_values(world: World, ranges: Sequence[Range], values: Sequence[float]) -> World:
    """Return the world with these uncertain numbers set to ``values``.

    Parameters
    ----------
    world
        Not modified.
    ranges
        The numbers to set, [q].
    values
        New values, in the units of their columns, [q].
    """
    new: dict[str, dict[tuple[str, ...], dict[str, float]]] = {}
    for range_, value in zip(ranges, values, strict=True):
        new.setdefault(range_.table, {}).setdefault(range_.row, {})[range_.column] = float(value)
    of_groups = new.get("dependencies", {})
    groups = {row[0]: fields for row, fields in of_groups.items() if len(row) == 1}
    shares = {row: fields["share"] for row, fields in of_groups.items() if len(row) == 2}
    for group_id in {group_id for group_id, _ in shares}:
        suppliers = tuple(
            replace(s, share=shares.get((group_id, s.asset_id), s.share))
            for s in world.groups[group_id].suppliers
        )
        groups.setdefault(group_id, {})["suppliers"] = suppliers  # type: ignore[assignment]
    assets = {row[0]: fields for row, fields in new.get("assets", {}).items()}
    flows: Mapping[Any, Mapping[str, Any]] = new.get("flows", {})
    return replace(
        world,
        assets=_changed(world.assets, assets),
        groups=_changed(world.groups, groups),
        flows=tuple(replace(f, **flows.get((f.asset_id, f.service), {})) for f in world.flows),
    )


def _changed(things: Mapping[str, T], fields: Mapping[str, Mapping[str, Any]]) -> Mapping[str, T]:
    if not fields:
        return things
    return {**things, **{i: replace(things[i], **new) for i, new in fields.items()}}  # type: ignore[type-var]


# --- events that may happen ------------------------------------------------------------------


def chances_of(world: World, scenario: Scenario) -> Chances:
    """Return the events that may happen in a run, in order; shocks come after their triggers.

    Equal events (same kind, thing and service) are distinguished by how many came before them.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    chances: list[Chance] = []
    named: dict[str | None, int] = {}
    for number, event in enumerate(scenario.events):
        names: tuple[str, ...] = (event.do, event.asset or "", event.link or "")
        names += (event.service or "",)
        if event.sector is not None or event.hazard is not None:
            names += (event.sector or event.hazard or "",)
        key = key_of(scenario.seed, "event", *names, str(seen[names]))
        seen[names] += 1
        p = 1.0 if event.p is None else event.p
        trigger = named.get(event.triggered_by) if event.triggered_by is not None else None
        after = () if trigger is None else (trigger,)
        if event.name is not None:
            named[event.name] = len(chances)
        if not event.hits:
            chances.append(Chance(event, key, p, after, number=number))
            continue
        typical = scenario.repairs == "typical"
        of_hits = _of_hits(event, key, p, after, len(chances), typical)
        chances += [replace(chance, number=number) for chance in of_hits]
    if scenario.common_cause == "none":
        return Chances(tuple(chances))
    shocks = sorted(_shocks(world, scenario, chances), key=lambda shock: shock[0])
    return Chances(_in_order(chances, shocks))


def _of_hits(
    event: Event, key: int, p: float, trigger: tuple[int, ...], first: int, typical: bool
) -> Iterator[Chance]:
    """Yield the chance of a wide event itself, then those of what it may hit.

    An attack reaches all or nothing, so its own chance is that of its hits; a hazard's field is
    there or not, and what stands in it is lost or not, each by itself.
    """
    shared = event.do == "attack"
    own_p = p * event.hits[0].p if shared else p
    after = (first,) if own_p < 1.0 or trigger else ()
    yield Chance(replace(event, hits=()), key, own_p, trigger)
    for hit in event.hits:
        thing = hit.asset or hit.link or ""
        own = key_of(key, "hit", "asset" if hit.asset else "link", thing)
        for part in hit_parts(event, hit):
            hit_p = hit.own_p if shared else hit.p
            is_drawn = hit.for_range is not None or (typical and hit.repairs and part.asset)
            # an attack lasts as long for all that it reaches
            time_key = key_of(key if hit.for_range is not None else own, "time")
            yield Chance(
                part,
                own,
                hit_p,
                after,
                part=True,
                hit=hit if is_drawn else None,
                time_key=time_key,
            )


def _shocks(
    world: World, scenario: Scenario, chances: Sequence[Chance]
) -> Iterator[tuple[int, Chance]]:
    """Yield the shocks, each with the position of its last trigger.

    Binomial shock with conditional probability ``beta`` (the beta factor of Fleming 1975, member
    by member as in Vesely 1977). Members hit at one moment are hit by one cause: there is one
    draw per group, member and moment. Assets failed by a shock trigger no further shocks.
    """
    fails: dict[str, list[int]] = {}
    for i, chance in enumerate(chances):
        if chance.event.do == "fail" and not chance.part:
            fails.setdefault(chance.event.asset or chance.event.link or "", []).append(i)
    for group in world.common_causes.values():
        members = [("asset", i) for i in group.asset_ids] + [("link", i) for i in group.link_ids]
        hits = [(i, name) for _, name in members for i in fails.get(name, ())]
        for at in sorted({to_ms(chances[i].event.at_h) for i, _ in hits}):
            now = sorted((i, name) for i, name in hits if to_ms(chances[i].event.at_h) == at)
            for thing, name in members:
                after = tuple(i for i, hit in now if hit != name)
                if not after or not group.beta:
                    continue
                event = Event(chances[now[0][0]].event.at_h, "fail", **{thing: name})  # type: ignore[arg-type]
                key = key_of(scenario.seed, "shock", group.group_id, thing, name, str(at))
                yield now[-1][0], Chance(event, key, group.beta, after, group.group_id)


def _in_order(
    chances: Sequence[Chance], shocks: Iterable[tuple[int, Chance]]
) -> tuple[Chance, ...]:
    """Insert each shock behind the event at its position, and renumber ``after``."""
    behind: dict[int, list[Chance]] = {}
    for position, shock in shocks:
        behind.setdefault(position, []).append(shock)
    ordered: list[Chance] = []
    moved: dict[int, int] = {}
    for i, chance in enumerate(chances):
        moved[i] = len(ordered)
        ordered.append(replace(chance, after=tuple(moved[j] for j in chance.after)))
        ordered += (replace(s, after=tuple(moved[j] for j in s.after)) for s in behind.get(i, ()))
    return tuple(ordered)


def lanes_of(rows: U64) -> npt.NDArray[np.bool_]:
    """Return words as one column per run: [chances, 512]."""
    bits = np.unpackbits(rows.astype("<u8").view(np.uint8), axis=1, bitorder="little")
    return bits.astype(bool)
