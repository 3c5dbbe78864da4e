"""What if this too? A solved cascade on which further knock-outs are laid, and taken off again.

Each answers exactly what solving anew would, in time proportional to what it changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from models.cascade.core import Timed
from models.cascade.layout import I32, I64, Array, Layout, indices


class Moved(NamedTuple):
    """The assets that one more knock-out loses, or loses earlier: hours before and now, in ms.

    ``before_ms`` is ``NEVER`` of ``core_kernels`` where the asset was not lost before.
    """

    assets: I32
    before_ms: I64
    now_ms: I64


class Groups(NamedTuple):
    """The groups that one more knock-out moved, and their hours before; one may stand twice."""

    which: Array
    before_ms: I64


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
    assets: Array
    assets_ms: Array
    now_ms: Array
    groups: Array
    groups_ms: Array


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
        from models.cascade import incremental_kernels
        from models.cascade.tables import Ref

        self._kernels = incremental_kernels
        self.layout, self.horizon_ms = layout, horizon_ms
        solved = Timed(layout)
        solved.run(hits, hit_ms, horizon_ms)
        self.time_ms = solved.time
        self._since = self._kernels.unserved_from(
            layout.sup_ptr, layout.supplier, layout.trip, self.time_ms
        )
        n, e = len(layout.ids), len(layout.supplier)
        self._moved = Moved(np.empty(n, np.int32), np.empty(n, np.int64), np.empty(n, np.int64))
        self._groups = Groups(np.empty(e, np.uint32), np.empty(e, np.int64))
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
                assets=indices(self._moved.assets),
                assets_ms=self._moved.before_ms,
                now_ms=self._moved.now_ms,
                groups=self._groups.which,
                groups_ms=self._groups.before_ms,
            )
        )
        #: what was added; the groups of the last stay where they were written until another comes
        self._log: list[tuple[Moved, Groups]] = []

    def add(self, asset: int, at_ms: int) -> Moved:
        """Knock ``asset`` out at ``at_ms`` as well, and return what that changes."""
        if self._log:
            moved, groups = self._log[-1]
            self._log[-1] = moved, Groups(groups.which.copy(), groups.before_ms.copy())
        a, g = self._kernels.lower(self._ref, asset, at_ms, self.horizon_ms)
        assets, before, now = self._moved
        moved = Moved(assets[:a].copy(), before[:a].copy(), now[:a].copy())
        self._log.append((moved, Groups(self._groups.which[:g], self._groups.before_ms[:g])))
        return moved

    def undo(self) -> None:
        """Take the last knock-out that was added off again; without one, nothing happens."""
        if self._log:
            moved, groups = self._log.pop()
            self._kernels.put_back(self._ref, moved.assets, moved.before_ms, *groups)
