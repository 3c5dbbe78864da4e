"""The fail-only core: cascades of worlds where k of n alone decides and nothing comes back.

It returns the reference's results for knock-outs without repair (same assets, same hours, same
binding group), in time proportional to what is lost. ``in_scope`` decides for which worlds; the
timed engine computes the others.

Not thread-safe: each thread makes its own ``Core`` of the same arrays, with a few bytes per asset;
the arrays themselves are shared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from models.cascade.arrays import I32, I64, Array, WorldArrays
from models.cascade.compile.unsigned import indices
from models.cascade.reference.networks import networks_of
from models.errors import BadInputError
from models.world import World

#: If a larger share of all assets is lost, memory is reset as a whole, not asset by asset.
MOST_UNDONE = 1 / 16
#: Called with (done, of) during a long computation; raises to stop it.
Tell = Callable[[int, int], None]


def untold(done: int, of: int) -> None:
    """Report no progress."""


def in_scope(world: World, arrays: WorldArrays) -> bool:
    """Whether the core computes knock-outs in this world, bit for bit like the reference.

    That takes all-or-nothing groups, no links, no balance, and no black starts.
    """
    return (
        arrays.all_or_nothing
        and bool((arrays.fraction <= 1).all())
        and not world.links
        and not any(world.assets[g.consumer_id].black_start for g in world.groups.values())
        and not any(network.demand for network in networks_of(world).values())
    )


def check(arrays: WorldArrays) -> None:
    """Raise BadInputError if k of n alone does not decide in this world."""
    if not arrays.all_or_nothing:
        raise BadInputError(
            ["This world has shares or partial losses: its cascades need the timed engine."]
        )


@dataclass(frozen=True, slots=True)
class Course:
    """Losses of one cascade, in order: assets by number, times in ms, the binding group or -1."""

    assets: I32
    time_ms: I64
    cause: I32


class CoreArrays(NamedTuple):
    """World, state and log of a :class:`Core`, indices unsigned: first argument of its kernels."""

    fed_ptr: Array
    fed: Array
    owner: Array
    left: Array
    down: Array
    queue: Array


class Core:
    """Working memory for cascades in one world, reset between calls.

    Raises
    ------
    BadInputError
        If the world is not all or nothing: its cascades need the timed engine.
    """

    def __init__(self, arrays: WorldArrays) -> None:
        from models.cascade.yes_or_no import core_kernels

        check(arrays)
        self._kernels = core_kernels
        self.arrays = arrays
        self.left = arrays.trip.copy()
        self.down = np.zeros(len(arrays.ids), dtype=np.uint8)
        #: lost assets, those that the world loses by itself first; also the log for undoing
        self.queue = np.empty(len(arrays.ids), dtype=np.int32)
        #: the same, as the kernels are handed it
        self.parts = CoreArrays(
            indices(arrays.fed_ptr), indices(arrays.fed), indices(arrays.owner),
            self.left, self.down, indices(self.queue),
        )  # fmt: skip
        #: how many assets the world loses without any knock-out
        self.lost_anyway = self._settle()
        #: ``left`` and ``down`` as they are between calls
        self.fresh = self.left.copy(), self.down.copy()

    def _settle(self) -> int:
        owners = np.unique(self.arrays.owner[self.arrays.trip == 0])
        self.down[owners] = 1
        self.queue[: len(owners)] = owners
        return self._spread(0, len(owners))

    def _spread(self, head: int, tail: int) -> int:
        return int(self._kernels.spread(*self.parts, head, tail))

    def clean(self) -> None:
        """Reset to what the world loses by itself, also after an interrupted call."""
        np.copyto(self.left, self.fresh[0])
        np.copyto(self.down, self.fresh[1])

    def lost(self, hits: Sequence[int] | I32) -> I32:
        """Return the numbers of the assets that these hits finally lose, themselves included.

        Assets that the world loses by itself are left out.
        """
        first, p = self.lost_anyway, self.parts
        tail = self._kernels.strike(np.asarray(hits, dtype=np.uint32), p.down, p.queue, first)
        tail = self._spread(first, tail)
        lost_now = self.queue[first:tail].copy()
        if len(lost_now) > len(self.down) * MOST_UNDONE:
            self.clean()
            return lost_now
        self._kernels.take_back(p.fed_ptr, p.fed, p.left, p.down, p.queue, first, tail)
        return lost_now

    def timed(
        self, hits: Sequence[int] | I32, hit_ms: Sequence[int] | I64, horizon_ms: int
    ) -> Course:
        """Return the losses up to the horizon, inclusive, including those without any hit.

        Parameters
        ----------
        hits
            The numbers of the knocked-out assets, [h].
        hit_ms
            Time of each knock-out, in ms, [h].
        horizon_ms
            When to stop, in ms, inclusive.
        """
        memory = self._timed
        memory.run(hits, hit_ms, horizon_ms)
        assets = memory.order[: memory.size].copy()
        course = Course(assets, memory.time[assets], memory.cause[assets])
        memory.wipe()
        return course

    @cached_property
    def _timed(self) -> Timed:
        return Timed(self.arrays)


class Timed:
    """Working memory of the timed kernel: ``time`` and ``cause`` per asset between run and wipe."""

    def __init__(self, arrays: WorldArrays) -> None:
        from models.cascade.yes_or_no import core_kernels

        check(arrays)
        self._kernels = core_kernels
        self.arrays = arrays
        self.lanes = Lanes.of_arrays(arrays)
        n, lanes = len(arrays.ids), len(self.lanes.ms)
        self.left = arrays.trip.copy()
        self.time = np.full(n, core_kernels.NEVER, dtype=np.int64)
        self.cause = np.full(n, -1, dtype=np.int32)
        self.done = np.zeros(n, dtype=np.uint8)
        self.order = np.empty(n, dtype=np.int32)
        self.size = 0
        self._fed = indices(arrays.fed_ptr), indices(arrays.fed)
        self._lane = np.empty(self.lanes.ptr[-1], dtype=np.uint32)
        self._heads = np.zeros(lanes, dtype=np.int64)
        self._tails = np.zeros(lanes, dtype=np.int64)
        self._key = np.zeros(lanes, dtype=np.int64)
        self._heap = np.zeros(lanes, dtype=np.int64)

    def run(self, hits: Sequence[int] | I32, hit_ms: Sequence[int] | I64, horizon_ms: int) -> None:
        """Run the cascade of these hits; ``order[:size]`` are the assets lost.

        Parameters
        ----------
        hits
            The numbers of assets that are knocked out, [h].
        hit_ms
            When each of them is, in ms, [h].
        horizon_ms
            When to stop, in ms, inclusive.
        """
        hit, when = np.asarray(hits, dtype=np.uint32), np.asarray(hit_ms, dtype=np.int64)
        by_time = np.argsort(when, kind="stable")
        lanes = self.lanes
        self.size = self._kernels.timed(
            *self._fed, indices(self.arrays.owner), lanes.of, lanes.ms, lanes.ptr, lanes.unservable,
            hit[by_time], when[by_time], np.int64(horizon_ms),
            self.left, self.time, self.cause, self.done, indices(self.order),
            self._lane, self._heads, self._tails, self._key, self._heap,
        )  # fmt: skip

    def wipe(self) -> None:
        """Reset after a run: asset by asset, or all at once if that is faster."""
        if self.size > len(self.time) * MOST_UNDONE:
            np.copyto(self.left, self.arrays.trip)
            self.time.fill(self._kernels.NEVER)
            self.done.fill(0)
            self.size = 0
            return
        self._kernels.wipe(
            *self._fed, self.left, self.time, self.done,
            indices(self.order), self.size, self._lane, self._heads, self._tails,
        )  # fmt: skip
        self.size = 0


@dataclass(frozen=True, eq=False)
class Lanes:
    """One lane per distinct autonomy, lane 0 for none.

    ``ms`` [lanes], ``ptr`` [lanes + 1]: where each begins in the memory of all; ``of`` [m]: the
    lane of each group, one byte wide if that is enough; ``unservable``: the groups with too few
    suppliers from the start.
    """

    ms: I64
    ptr: I64
    of: Array
    unservable: Array

    @classmethod
    def of_arrays(cls, arrays: WorldArrays) -> Lanes:
        """Assign the groups of the arrays to lanes."""
        ms = np.unique(np.concatenate([[0], arrays.autonomy_ms]))
        lane = np.searchsorted(ms, arrays.autonomy_ms)
        counts = np.bincount(lane, minlength=len(ms))
        counts[0] = 0  # no queue: the next round loses them at once
        return cls(
            ms=ms,
            ptr=np.concatenate([[0], np.cumsum(counts)]),
            of=lane.astype(np.uint8 if len(ms) <= 256 else np.uint32),
            unservable=np.flatnonzero(arrays.trip == 0),
        )


#: Approximate number of losses in the forest between two calls of ``tell``.
FOREST_STEP = 1 << 20
#: Additional losses of a cascade, as a share of all assets, for others to be postponed for it.
WORTH_WAITING = 1 / 64


def every_single(core: Core, weight: Array, tell: Tell = untold) -> Array:
    """Return the weight lost by each asset's knock-out, by the nested-cascade forest.

    Parameters
    ----------
    core
        Working memory, reset before and after.
    weight
        [n, w], whole numbers per asset: 1 to count assets, people, …
    tell
        Called regularly with (done, of); may raise to stop.

    Returns
    -------
    [n, w]: the sum over the assets that each knock-out finally loses, itself included; 0 for an
    asset that the world loses anyway.
    """
    from models.cascade.components import components
    from models.cascade.yes_or_no import forest_kernels as kernels

    lay, first = core.arrays, core.lost_anyway
    ptr, target = kernels.hard_edges(*core.parts[:-1])
    order, block_ptr = components(ptr, target, np.arange(len(lay.ids), dtype=np.int32))
    large = max(1, int(len(lay.ids) * WORTH_WAITING))
    tree, includes, count = kernels.plan(ptr, target, order, block_ptr, first, large)
    total = np.where(core.down[:, None] == 0, weight, 0)
    top, done = len(tree) - 1, 0
    try:
        while True:
            tell(done, count)
            top, done = kernels.walk(
                *core.parts, *core.fresh, order, tree, includes, large, weight,
                top, done, count, FOREST_STEP, total,
            )  # fmt: skip
            if done == count:
                return total
    finally:
        core.clean()
