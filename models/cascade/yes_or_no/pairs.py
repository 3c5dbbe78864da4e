"""Pairs of knock-outs in the fail-only core: exact, without trying all (``pairs_kernels``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from models.cascade.arrays import I32, I64
from models.cascade.yes_or_no.core import Core, Tell, every_single, untold
from models.errors import BadInputError
from models.wording import _, number

#: Most members of all cascades in memory: 400 MB with the inverse table.
MOST_MEMBERS = 50_000_000
#: Most pairs to try, with repeats: 400 MB, and as much again to sort them.
MOST_CANDIDATES = 50_000_000
#: Most assets read in the search for the worst pairs: some seconds.
MOST_READ = 1_000_000_000
#: Groups, and pairs, between two calls of ``tell``.
STEP = 20_000


@dataclass(frozen=True, eq=False)
class PairTable:
    """Pairs, [p], with the weight of all that both lose and of what neither loses alone.

    ``both``, ``only``: [p, w].
    """

    first: I32
    second: I32
    both: I64
    only: I64

    def __len__(self) -> int:
        return len(self.first)

    def pick(self, rows: I64) -> PairTable:
        """Return these rows."""
        return PairTable(self.first[rows], self.second[rows], self.both[rows], self.only[rows])


class Cascades(NamedTuple):
    """Losses of each asset alone: ``members[ptr[u] : ptr[u + 1]]``, of weight ``alone`` [n, w]."""

    ptr: I64
    members: I32
    alone: I64


def every_cascade(core: Core, chosen: I32, weight: I64, tell: Tell = untold) -> Cascades:
    """Return the losses of the knock-out of each ``chosen`` asset.

    Parameters
    ----------
    core
        The world.
    chosen
        The numbers of assets.
    weight
        What each asset counts, [n, w].
    tell
        Called with (done, of) now and then; it may raise to stop.

    Raises
    ------
    BadInputError
        If they do not fit into the memory limit.
    """
    from models.cascade.yes_or_no import pairs_kernels

    lay = core.arrays
    counted = np.concatenate([np.ones_like(weight[:, :1]), weight], axis=1)
    total = every_single(core, counted, tell)
    sizes = np.zeros(len(lay.ids), dtype=np.int64)
    sizes[chosen] = total[chosen, 0]
    held = int(sizes.sum())
    # i18n: why pairs are not tried; inserted into a sentence
    what = _("the cascades of single assets contain {n} assets in total").format(n=number(held))
    _within(held, MOST_MEMBERS, what)
    ptr = np.concatenate([[0], np.cumsum(sizes)])
    members = np.empty(ptr[-1], dtype=np.int32)
    pairs_kernels.cascades(*core.parts, core.lost_anyway, ptr, members)
    return Cascades(ptr, members, total[:, 1:])


def hidden_pairs(core: Core, cascades: Cascades, weight: I64, tell: Tell = untold) -> PairTable:
    """Return every pair that loses something that neither loses alone.

    Parameters
    ----------
    core
        The world.
    cascades
        Losses of each asset alone; the pairs are of these.
    weight
        What each asset counts, [n, w].
    tell
        Called with (done, of) now and then; it may raise to stop.

    Raises
    ------
    BadInputError
        If too many pairs have to be tried.
    """
    from models.cascade.yes_or_no import pairs_kernels

    n = len(core.arrays.ids)
    # the larger cascade first: it is spread once, and the smaller ones on top of it
    ranked = np.argsort(-np.diff(cascades.ptr), kind="stable").astype(np.int32)
    codes = _candidates(core, cascades, ranked, part(tell, 0, 0.6))
    one, other = ranked[codes // n], ranked[codes % n]
    both = np.empty((len(codes), weight.shape[1]), dtype=np.int64)
    only = np.empty_like(both)
    report = part(tell, 0.6, 1)
    try:
        for at in range(0, len(codes), STEP):
            report(at, len(codes))
            now = slice(at, at + STEP)
            pairs_kernels.together(
                *core.parts, core.lost_anyway, cascades.ptr, cascades.members, weight,
                one[now], other[now], both[now], only[now],
            )  # fmt: skip
    finally:
        core.clean()
    return PairTable(one, other, both, only).pick(np.flatnonzero(only.any(axis=1)))


def _candidates(core: Core, cascades: Cascades, ranked: I32, tell: Tell) -> I64:
    from models.cascade.yes_or_no import pairs_kernels

    lay, n, groups = core.arrays, len(core.arrays.ids), len(core.arrays.owner)
    by_ptr, by = pairs_kernels.takers(cascades.ptr, cascades.members)
    place = np.empty(n, dtype=np.int32)
    place[ranked] = np.arange(n, dtype=np.int32)
    memory, which = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int32)
    parts: list[I64] = []
    count = 0
    for at in range(0, groups, STEP):
        tell(at, groups)
        codes = pairs_kernels.candidates(
            lay.sup_ptr, lay.supplier, lay.owner, core.left, core.down, by_ptr, by, place,
            MOST_CANDIDATES - count, at, min(at + STEP, groups), memory, which,
        )  # fmt: skip
        count += len(codes)
        _within(count, MOST_CANDIDATES, _("too many pairs would have to be tried"))
        parts.append(codes)
    return np.unique(np.concatenate(parts)) if parts else np.empty(0, dtype=np.int64)


def worst_pairs(
    hidden: PairTable, cascades: Cascades, chosen: I32, weight: I64, column: int, most: int
) -> PairTable:
    """Return the ``most`` pairs with the largest weight in ``column``; ties in any order.

    Parameters
    ----------
    hidden
        All pairs that lose something neither loses alone.
    cascades
        Losses of each asset alone.
    chosen
        The numbers of the assets that pairs are made of.
    weight
        What each asset counts, [n, w].
    column
        Of ``weight``: what pairs are ranked by.
    most
        How many to return.

    Raises
    ------
    BadInputError
        If too many pairs are close to the worst.
    """
    from models.cascade.yes_or_no import pairs_kernels

    alone = cascades.alone[:, column]
    ranked = chosen[np.argsort(-alone[chosen], kind="stable")]
    top = hidden.pick(np.argsort(-hidden.both[:, column], kind="stable")[:most])
    floor = top.both[-1, column] if len(top) == most else np.int64(-1)
    first, second, _weights, read = pairs_kernels.unions(
        cascades.ptr, cascades.members, weight[:, column].copy(), ranked, alone, floor, most,
        MOST_READ,
    )  # fmt: skip
    _within(int(read), MOST_READ, _("too many pairs come near the worst"))
    n = np.int64(len(alone))
    in_hidden = np.isin(
        _code(ranked[first], ranked[second], n), _code(hidden.first, hidden.second, n)
    )
    a, b = ranked[first[~in_hidden]], ranked[second[~in_hidden]]
    joined = [_joined(cascades, weight, *pair) for pair in zip(a, b, strict=True)]
    both = np.array(joined, dtype=np.int64).reshape(-1, weight.shape[1])
    table = PairTable(
        np.concatenate([top.first, a]),
        np.concatenate([top.second, b]),
        np.concatenate([top.both, both]),
        np.concatenate([top.only, np.zeros_like(both)]),
    )
    return table.pick(np.argsort(-table.both[:, column], kind="stable")[:most])


def _code(a: I32, b: I32, n: np.int64) -> I64:
    """Return one number per pair, regardless of its order."""
    code: I64 = np.minimum(a, b) * n + np.maximum(a, b)
    return code


def _joined(cascades: Cascades, weight: I64, a: np.int32, b: np.int32) -> I64:
    """Return the weight of the union of two cascades."""
    parts = [cascades.members[cascades.ptr[u] : cascades.ptr[u + 1]] for u in (a, b)]
    total: I64 = weight[np.union1d(*parts)].sum(axis=0)
    return total


def part(tell: Tell, first: float, last: float) -> Tell:
    """Return a ``tell`` that maps its progress to the part from ``first`` to ``last``.

    Parameters
    ----------
    tell
        Called with (done, of); may raise to stop.
    first, last
        Ends of the part, as shares of the whole, in [0, 1].
    """

    def report(done: int, of: int) -> None:
        tell(round(1000 * (first + (last - first) * done / max(of, 1))), 1000)

    return report


def _within(count: int, most: int, what: str) -> None:
    if count > most:
        text = _(
            "This world has too many pairs to screen: {what} (limit {most}). Screen "
            "single assets, or a smaller part of the world."
        )
        raise BadInputError([text.format(what=what, most=number(most))])
