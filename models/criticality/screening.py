"""Single points of failure: a knock-out of every asset, and of every pair, ranked by its cost.

The cost of a knock-out is the assets, people or person-hours lost because of it: losses of the
world without any knock-out are left out. Nothing is repaired. The fail-only core computes worlds
in its scope (``core.in_scope``) at once; other worlds, and person-hours, need a timed run per
knock-out.

People are those who lack something at the worst moment, each counted once, whatever they lack
(``models/impact/people.py``). Person-hours are theirs, too.
``tell`` is called with (done, of) as the work goes on, and may raise to stop it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import heapify, heappop, heappush, nlargest
from itertools import combinations
from typing import Literal, NamedTuple

import numpy as np

from models.cascade.arrays import I32, I64, WorldArrays, arrays_of
from models.cascade.reference.networks import networks_of
from models.cascade.yes_or_no import (
    Core,
    PairTable,
    Tell,
    Timed,
    every_cascade,
    every_single,
    hidden_pairs,
    in_scope,
    part,
    untold,
    worst_pairs,
)
from models.criticality.what_if import MOST_RUNS, Baseline, Things, causes_of
from models.errors import BadInputError
from models.impact.people import people_served
from models.impact.settlement import settlement_of
from models.scenario import Scenario
from models.units import MS_PER_HOUR, to_ms
from models.wording import _, number
from models.world import World

By = Literal["assets", "people", "person-hours"]

#: Horizon for person-hours if none is stated; h.
USUAL_HORIZON_H = 168.0
#: Fewer person-hours than this are rounding.
_SOME_HOURS = 1e-3


@dataclass(frozen=True, slots=True)
class Single:
    """Cost of the knock-out of one asset, itself included.

    ``person_hours`` is None without a horizon. ``causes`` are the ids of the common causes that
    can fail it together with others.
    """

    asset: str
    assets: int
    people: int
    person_hours: float | None = None
    causes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Singles:
    """Assets by the cost of their knock-out, in descending order.

    ``horizon_h`` is None if final losses count, at whatever time. ``screened``: how many assets
    were knocked out; ``rows``: all of them, or the first.
    """

    by: By
    horizon_h: float | None
    screened: int
    rows: tuple[Single, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Cost of two knock-outs together.

    ``assets_only``: assets that neither knock-out fails alone; ``people_only``: the people whom
    those serve, each counted once; ``person_hours_only``: the cost beyond the sum of each alone.
    ``causes``: the common causes that can fail both.
    """

    first: str
    second: str
    assets: int
    people: int
    assets_only: int
    people_only: int
    person_hours: float | None = None
    person_hours_only: float | None = None
    causes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pairs:
    """The first pairs of two rankings.

    ``hidden``: by the cost that neither has alone; ``n_hidden`` pairs have any.
    ``worst``: by the whole cost. ``screened``: how many pairs there are.
    """

    by: By
    horizon_h: float | None
    screened: int
    n_hidden: int
    hidden: tuple[Pair, ...]
    worst: tuple[Pair, ...]


#: field of Single and Pair that each ranking sorts by
_FIELD: dict[By, str] = {"assets": "assets", "people": "people", "person-hours": "person_hours"}


def singles(
    world: World,
    by: By = "assets",
    *,
    horizon_h: float | None = None,
    top: int | None = None,
    arrays: WorldArrays | None = None,
    tell: Tell = untold,
) -> Singles:
    """Knock out every asset by itself and rank them.

    Parameters
    ----------
    world
        Its assets are knocked out at 0 h, and nothing is repaired.
    by
        Cost to rank by.
    horizon_h
        Count losses up to this hour. None: final losses; for person-hours up to 168 h.
    top
        How many rows to return; None: all.
    arrays
        Arrays of the world, if already made.
    tell
        Called regularly with (done, of); may raise to stop.
    """
    screen = _Screen(world, by, horizon_h, arrays or arrays_of(world))
    if screen.by_core:
        total = every_single(Core(screen.arrays), screen.weight, tell)[screen.number]
        rows = _singles_of(screen, total, top)
    else:
        rows = _ranked(_timed_singles(screen, tell), by)[:top]
    return Singles(by, screen.horizon_h, len(screen.assets), tuple(rows))


def pairs(
    world: World,
    by: By = "assets",
    *,
    horizon_h: float | None = None,
    top: int = 20,
    arrays: WorldArrays | None = None,
    most_runs: int = MOST_RUNS,
    tell: Tell = untold,
) -> Pairs:
    """Knock out every two assets and return the first ``top`` pairs, exactly.

    Parameters
    ----------
    world, by, horizon_h, arrays, tell
        As for ``singles``.
    top
        How many pairs to return.
    most_runs
        More timed runs than this are refused.

    Raises
    ------
    BadInputError
        If it is too much work: more than ``most_runs`` timed runs, or a world in which nearly
        every pair has to be tried.
    """
    screen = _Screen(world, by, horizon_h, arrays or arrays_of(world))
    return (
        _core_pairs(screen, top, tell)
        if screen.by_core
        else _timed_pairs(screen, top, most_runs, tell)
    )


class _Loss(NamedTuple):
    """Losses of one timed run; assets by number, without junctions."""

    assets: I32
    people: int
    person_hours: float


@dataclass(frozen=True)
class _Screen:
    """One screening: the world, the cost to rank by, and the horizon."""

    world: World
    by: By
    asked_h: float | None
    arrays: WorldArrays

    @cached_property
    def assets(self) -> tuple[str, ...]:
        """Return the assets to knock out: all but junctions, by id."""
        chosen = (a for a, asset in self.world.assets.items() if not asset.is_junction)
        return tuple(sorted(chosen))

    @cached_property
    def number(self) -> I32:
        """Return the numbers of ``assets`` in the arrays."""
        return np.array([self.arrays.number[a] for a in self.assets], dtype=np.int32)

    @cached_property
    def weight(self) -> I64:
        """Return 1 (a junction: 0) and the people of every asset's own cells, [n, 2].

        The people are distinct if each cell is served by one asset: in worlds without servings.
        """
        weight = np.zeros((len(self.arrays.ids), 2), dtype=np.int64)
        weight[self.number, 0] = 1
        if not self.world.servings:
            settlement = settlement_of(self.world)
            for asset, cells in settlement.cells_of.items():
                people = sum(settlement.cells[cell].people for cell in cells)
                weight[self.arrays.number[asset], 1] = people
        return weight

    def people_of(self, assets: I32) -> int:
        """Return the distinct people that these assets serve, by number."""
        if not self.world.servings:
            return int(self.weight[assets, 1].sum())
        return people_served(self.world, {self.arrays.ids[a] for a in assets.tolist()})

    @cached_property
    def in_core(self) -> bool:
        """Whether this world is in the scope of the fail-only core, which sums people by asset."""
        return not self.world.servings and in_scope(self.world, self.arrays)

    @property
    def by_core(self) -> bool:
        """Whether final losses suffice and the core can compute them."""
        return self.horizon_h is None and self.in_core

    @property
    def horizon_h(self) -> float | None:
        """Return the hour up to which losses count; None: all of them."""
        usual = USUAL_HORIZON_H if self.by == "person-hours" else None
        return usual if self.asked_h is None else self.asked_h

    @cached_property
    def run_h(self) -> float:
        """Return the horizon of timed runs."""
        if self.horizon_h is not None:
            return self.horizon_h
        # a cascade passes each group once; plus an hour, so that rounding cuts nothing off
        return 1.0 + sum(g.autonomy_h + g.restart_h for g in self.world.groups.values())

    def hours(self, person_hours: float) -> float | None:
        """Return person-hours if there is a horizon, else None: they would have no bound."""
        return None if self.horizon_h is None else person_hours

    @cached_property
    def _causes(self) -> Mapping[str, tuple[str, ...]]:
        return causes_of(self.world)

    def causes(self, *assets: str) -> tuple[str, ...]:
        """Return the common causes that can fail all of these assets; each has several members."""
        first, *others = (self._causes.get(asset, ()) for asset in assets)
        return tuple(c for c in first if all(c in other for other in others))

    @cached_property
    def loss(self) -> _Lose:
        """Return a function: knock-outs at 0 h → additional losses.

        The only place that chooses the engine.
        """
        return _core_runs(self) if self.in_core else _engine_runs(self)

    def losses(self, knock_outs: Sequence[tuple[str, ...]], tell: Tell) -> list[_Loss]:
        """Return the losses of each set of knock-outs."""
        losses = []
        for done, hits in enumerate(knock_outs):
            tell(done, len(knock_outs))
            losses.append(self.loss(hits))
        return losses

    @cached_property
    def leaves(self) -> frozenset[str]:
        """Return the assets that supply nothing, neither by a group nor in a link network."""
        members = {a for network in networks_of(self.world).values() for a in network.members}
        return frozenset(a for a in self.assets if a not in self.world.groups_fed_by) - members


_Lose = Callable[[tuple[str, ...]], _Loss]


def _core_runs(screen: _Screen) -> _Lose:
    """Return a function: knock-outs at 0 h → losses, computed by the fail-only core."""
    core, arrays, horizon = Timed(screen.arrays), screen.arrays, to_ms(screen.run_h)
    counted, people = screen.weight[:, 0] > 0, screen.weight[:, 1]

    def lose(hits: tuple[str, ...]) -> _Loss:
        core.run([arrays.number[a] for a in hits], [0] * len(hits), horizon)
        lost = core.order[: core.size]
        hours = (horizon - core.time[lost]) / MS_PER_HOUR
        loss = _Loss(lost[counted[lost]], int(people[lost].sum()), float(people[lost] @ hours))
        core.wipe()
        return loss

    assets, people_anyway, hours_anyway = lose(())
    counted[assets] = False

    def beyond(hits: tuple[str, ...]) -> _Loss:
        lost = lose(hits)
        return _Loss(lost.assets, lost.people - people_anyway, lost.person_hours - hours_anyway)

    return beyond


def _engine_runs(screen: _Screen) -> _Lose:
    """Return a function: knock-outs at 0 h → losses, computed by the timed engine."""
    base = Baseline(screen.world, Scenario(screen.world.world_id, horizon_h=screen.run_h), 0.0)

    def lose(hits: tuple[str, ...]) -> _Loss:
        beyond = base.beyond(Things(hits))
        return _Loss(beyond.lost, beyond.people, beyond.person_hours)

    return lose


def _singles_of(screen: _Screen, total: I64, top: int | None) -> list[Single]:
    """Return the first rows of the ranking by ``total`` [assets, 2], as the core counted."""
    column = 1 if screen.by == "people" else 0
    first = np.lexsort((-total[:, 0], -total[:, column]))[:top]  # stable: ties stay sorted by id
    chosen = ((screen.assets[i], *total[i].tolist()) for i in first)
    return [Single(a, n, people, None, screen.causes(a)) for a, n, people in chosen]


def _timed_singles(screen: _Screen, tell: Tell) -> Iterator[Single]:
    for done, asset in enumerate(screen.assets):
        tell(done, len(screen.assets))
        lost, people, person_hours = screen.loss((asset,))
        hours, causes = screen.hours(person_hours), screen.causes(asset)
        yield Single(asset, len(lost), people, hours, causes)


def _ranked(rows: Iterable[Single], by: By) -> list[Single]:
    """Return the ranking; ties are sorted by assets, then by id."""
    name = _FIELD[by]
    return sorted(rows, key=lambda row: (-getattr(row, name), -row.assets, row.asset))


# -- pairs -------------------------------------------------------------------------------------


def _core_pairs(screen: _Screen, top: int, tell: Tell) -> Pairs:
    core, weight = Core(screen.arrays), screen.weight
    column = 1 if screen.by == "people" else 0
    cascades = every_cascade(core, screen.number, weight, part(tell, 0, 0.2))
    hidden = hidden_pairs(core, cascades, weight, part(tell, 0.2, 1))
    worst = worst_pairs(hidden, cascades, screen.number, weight, column, top)
    ends = screen.arrays.rank[np.stack([hidden.first, hidden.second])]
    keys = (ends.max(axis=0), ends.min(axis=0), -hidden.only[:, 0], -hidden.only[:, column])
    by_only = np.lexsort(keys)  # the last key first; ties by id
    return Pairs(
        screen.by,
        None,
        _two_of(len(screen.assets)),
        len(hidden),
        tuple(_named(screen, hidden.pick(by_only[:top]))),
        tuple(sorted(_named(screen, worst), key=_order(_FIELD[screen.by], "assets"))),
    )


def _named(screen: _Screen, table: PairTable) -> list[Pair]:
    def pair(a: int, b: int, both: Sequence[int], only: Sequence[int]) -> Pair:
        first, second = sorted((screen.arrays.ids[a], screen.arrays.ids[b]))
        (assets, people), (assets_only, people_only) = both, only
        causes = screen.causes(first, second)
        return Pair(first, second, assets, people, assets_only, people_only, causes=causes)

    columns = (table.first, table.second, table.both, table.only)
    return [pair(*row) for row in zip(*(c.tolist() for c in columns), strict=True)]


def _timed_pairs(screen: _Screen, top: int, most_runs: int, tell: Tell) -> Pairs:
    """Try every pair without a leaf, and those pairs with a leaf that may be among the first.

    A leaf's knock-out fails only the leaf: the cost of such a pair is at most the sum of both.
    """
    one = [(a,) for a in screen.assets]
    tried = list(combinations([a for a in screen.assets if a not in screen.leaves], 2))
    _within(len(tried), most_runs)
    losses = screen.losses([*one, *tried], tell)
    alone = dict(zip(screen.assets, losses, strict=False))
    rows = [
        _pair(screen, a, b, alone[a], alone[b], both)
        for (a, b), both in zip(tried, losses[len(one) :], strict=True)
    ]
    name = _FIELD[screen.by]
    hidden = [row for row in rows if row.assets_only or (row.person_hours_only or 0) > _SOME_HOURS]
    hidden.sort(key=_order(f"{name}_only", "assets_only"))
    rows += _leaf_pairs(screen, rows, alone, top, most_runs)
    rows.sort(key=_order(name, "assets"))
    return Pairs(
        screen.by,
        screen.horizon_h,
        _two_of(len(screen.assets)),
        len(hidden),
        tuple(hidden[:top]),
        tuple(rows[:top]),
    )


def _leaf_pairs(
    screen: _Screen, rows: Sequence[Pair], alone: Mapping[str, _Loss], top: int, most_runs: int
) -> list[Pair]:
    """Return the pairs with a leaf that may be among the first ``top``, in addition to ``rows``."""
    name = _FIELD[screen.by]
    value = {a: _value(loss, screen.by) for a, loss in alone.items()}
    # people are rounded to whole numbers, so a sum of three may be off by 1.5
    slack = {"assets": 0.0, "people": 1.5, "person-hours": _SOME_HOURS}[screen.by]
    ranked = sorted(screen.assets, key=lambda a: (-value[a], a))
    best = nlargest(top, (getattr(row, name) for row in rows))
    heapify(best)  # the smallest of the first ``top`` is in front
    kept: list[Pair] = []
    for i, a in enumerate(ranked):
        for b in ranked[i + 1 :]:
            if len(best) == top and value[a] + value[b] + slack <= best[0]:
                break
            if a not in screen.leaves and b not in screen.leaves:
                continue
            _within(len(rows) + len(kept), most_runs)
            first, second = sorted((a, b))
            both = screen.loss((first, second))
            kept.append(_pair(screen, first, second, alone[first], alone[second], both))
            heappush(best, getattr(kept[-1], name))
            if len(best) > top:
                heappop(best)
    return kept


def _value(loss: _Loss, by: By) -> float:
    return {"assets": len(loss.assets), "people": loss.people, "person-hours": loss.person_hours}[
        by
    ]


def _within(runs: int, most: int) -> None:
    if runs > most:
        raise BadInputError(
            [
                _(
                    "Screening all pairs would take at least {runs} timed runs; the "
                    "limit is {most}. Screen single assets, or a smaller part of the "
                    "world. Only worlds without links, shares, partial losses and "
                    "black starts need no run per pair, and only without "
                    "person-hours and horizon."
                ).format(runs=number(runs), most=number(most))
            ]
        )


def _pair(screen: _Screen, a: str, b: str, one: _Loss, other: _Loss, both: _Loss) -> Pair:
    only = np.setdiff1d(both.assets, np.union1d(one.assets, other.assets))
    return Pair(
        a,
        b,
        len(both.assets),
        both.people,
        len(only),
        screen.people_of(only),
        screen.hours(both.person_hours),
        screen.hours(both.person_hours - one.person_hours - other.person_hours),
        screen.causes(a, b),
    )


def _order(*names: str) -> Callable[[Pair], tuple[object, ...]]:
    """Return a sort key: these fields in descending order, then the ids."""
    return lambda pair: (*(-getattr(pair, name) for name in names), pair.first, pair.second)


def _two_of(n: int) -> int:
    return n * (n - 1) // 2
