"""What if this too? A solved cascade on which further knock-outs are laid, and taken off again.

Each answers exactly what solving anew would, in time proportional to what it changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from models.cascade.arrays import I32, I64, Array, Layout, indices
from models.cascade.yes_or_no.core import Timed

#: An asset that one more knock-out loses, or loses earlier: hours before and now, in ms.
#: ``before_ms`` is ``NEVER`` of ``core_kernels`` where it was not lost before. One table instead of
#: three arrays, since most answers are so short that each array costs more than what it holds.
MOVED = np.dtype([("asset", "i4"), ("before_ms", "i8"), ("now_ms", "i8")], align=True)
#: A group that one more knock-out moved, and its hour before; one may stand twice.
MOVED_GROUP = np.dtype([("group", "u4"), ("before_ms", "i8")], align=True)


class LaidArrays(NamedTuple):
    """What the kernels read and write; ``heap`` to ``few`` are memory to work in."""

    fed_ptr: Array
    fed: Array
    owner: Array
    sup_ptr: Array
    supplier: Array
    trip: Array
    autonomy_ms: Array
    time: Array
    since: Array
    heap: Array
    at: Array
    few: Array
    moves: Array
    group_moves: Array


class Laid:
    """A cascade of the fail-only core that is kept, so that more can be laid on it.

    ``time_ms`` [n] is when each asset is lost now; never written from outside.

    Raises
    ------
    BadInputError
        If the layout is not all or nothing.
    """

    def __init__(
        self,
        layout: Layout,
        hits: Sequence[int] | I32,
        hit_ms: Sequence[int] | I64,
        horizon_ms: int,
    ) -> None:
        from models.cascade.compile.refs import Ref
        from models.cascade.yes_or_no import incremental_kernels

        self._kernels = incremental_kernels
        self.layout, self.horizon_ms = layout, horizon_ms
        solved = Timed(layout)
        solved.run(hits, hit_ms, horizon_ms)
        self.time_ms = solved.time
        self._since = self._kernels.unserved_from(
            layout.sup_ptr, layout.supplier, layout.trip, self.time_ms
        )
        n, e = len(layout.ids), len(layout.supplier)
        self._moved, self._groups = np.empty(n, MOVED), np.empty(e, MOVED_GROUP)
        self._ref = Ref(
            LaidArrays(
                fed_ptr=layout.fed_ptr,
                fed=layout.fed,
                owner=layout.owner,
                sup_ptr=layout.sup_ptr,
                supplier=indices(layout.supplier),
                trip=layout.trip,
                autonomy_ms=layout.autonomy_ms,
                time=self.time_ms,
                since=self._since,
                heap=np.empty(n, np.uint32),
                at=np.full(n, -1, np.int32),
                few=np.empty(incremental_kernels.FEW, np.int64),
                moves=self._moved,
                group_moves=self._groups,
            )
        )
        #: what was added; the groups of the last stay where they were written until another comes
        self._log: list[tuple[Array, Array]] = []

    def add(self, asset: int, at_ms: int) -> Array:
        """Knock ``asset`` out at ``at_ms`` as well, and return what that changes, as ``MOVED``."""
        if self._log:
            before, groups = self._log[-1]
            self._log[-1] = before, groups.copy()
        a, g = self._kernels.lower(self._ref, asset, at_ms, self.horizon_ms)
        moved = self._moved[:a].copy()
        self._log.append((moved, self._groups[:g]))
        return moved

    def undo(self) -> None:
        """Take the last knock-out that was added off again; without one, nothing happens."""
        if self._log:
            self._kernels.put_back(self._ref, *self._log.pop())
