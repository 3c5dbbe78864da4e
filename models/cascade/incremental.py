"""What if this too? A solved cascade on which further knock-outs are laid, and taken off again.

Each answers exactly what solving anew would, in time proportional to what it changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from models.cascade.core import Timed
from models.cascade.layout import I32, I64, Layout


class Moved(NamedTuple):
    """The assets that one more knock-out loses, or loses earlier: hours before and now, in ms.

    ``before_ms`` is ``NEVER`` of ``core_kernels`` where the asset was not lost before.
    """

    assets: I32
    before_ms: I64
    now_ms: I64


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

        self._kernels = incremental_kernels
        self.layout, self.horizon_ms = layout, horizon_ms
        solved = Timed(layout)
        solved.run(hits, hit_ms, horizon_ms)
        self.time_ms = solved.time
        self._since = self._kernels.unserved_from(
            layout.sup_ptr, layout.supplier, layout.trip, self.time_ms
        )
        n, e = len(layout.ids), len(layout.supplier)
        self._world = (
            layout.fed_ptr, layout.fed, layout.owner, layout.sup_ptr, layout.supplier, layout.trip,
            layout.autonomy_ms,
        )  # fmt: skip
        self._memory = (
            self.time_ms,
            self._since,
            np.empty(n, dtype=np.int32),
            np.full(n, -1, dtype=np.int32),
            np.empty(incremental_kernels.FEW, dtype=np.int64),
        )
        self._moved = (np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int64))
        self._groups = (np.empty(e, dtype=np.int32), np.empty(e, dtype=np.int64))
        self._log: list[tuple[I32, I64, I32, I64]] = []

    def add(self, asset: int, at_ms: int) -> Moved:
        """Knock ``asset`` out at ``at_ms`` as well, and return what that changes."""
        a, g = self._kernels.lower(
            *self._world, asset, at_ms, self.horizon_ms, *self._memory, *self._moved, *self._groups
        )
        assets, before = self._moved[0][:a].copy(), self._moved[1][:a].copy()
        self._log.append((assets, before, self._groups[0][:g].copy(), self._groups[1][:g].copy()))
        return Moved(assets, before, self.time_ms[assets])

    def undo(self) -> None:
        """Take the last knock-out that was added off again; without one, nothing happens."""
        if self._log:
            self._kernels.put_back(self.time_ms, self._since, *self._log.pop())
