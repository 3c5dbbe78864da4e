"""512 runs at once of yes-or-no cascades (``batch_kernels``)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.cascade.arrays import I64, WorldArrays

#: Runs of one batch.
BATCH = 512

Rows = npt.NDArray[np.uint64]


class Batch:
    """The failed assets in each of 512 runs in one world; not thread-safe."""

    def __init__(self, arrays: WorldArrays) -> None:
        from models.cascade.yes_or_no import batch_kernels

        self._kernels = batch_kernels
        self._arrays = arrays
        self._failed = aligned_rows(len(arrays.ids))

    def begin(self) -> None:
        """Reset: nothing has failed in any run."""
        self._failed[:] = 0

    def fail(self, assets: I64, rows: Rows, which: I64) -> None:
        """Fail assets, and everything that fails as a result.

        Parameters
        ----------
        assets
            Their numbers, [a].
        rows
            In which runs each event happens, [events, 8] words of 64 runs.
        which
            The event that fails each asset, [a].
        """
        a = self._arrays
        self._kernels.strike(self._failed, assets, rows, which)
        self._kernels.spread(
            a.block_ptr, a.group_ptr, a.sup_ptr, a.supplier, a.trip, a.fed_ptr, a.fed, a.owner,
            self._failed,
        )  # fmt: skip

    def sums(self, assets: I64, amount: I64) -> I64:
        """Return the ``amount`` [a] of those of ``assets`` [a] that have failed, by run, [512]."""
        sums = np.zeros(BATCH, dtype=np.int64)
        self._kernels.add_where(self._failed, assets, amount, sums)
        return sums

    def count(self, counted: npt.NDArray[np.bool_], lanes: slice, times: Rows) -> I64:
        """Return how many assets have failed in each run, [512].

        Parameters
        ----------
        counted
            Which assets count, [n].
        lanes
            The valid runs of the batch; the others count 0.
        times
            How often each asset has failed, [n]; updated.
        """
        totals = np.zeros(BATCH, dtype=np.int64)
        self._kernels.tally(self._failed, counted, _words(lanes), times, totals)
        return totals


def aligned_rows(n: int) -> Rows:
    """Return n rows of eight words, each in one cache line of 64 bytes."""
    raw = np.zeros(8 * n + 8, dtype=np.uint64)
    skip = -(raw.ctypes.data // 8) % 8
    return raw[skip : skip + 8 * n].reshape(n, 8)


def _words(lanes: slice) -> Rows:
    """Return one row of words with these runs of a batch set."""
    bits = np.zeros(BATCH, dtype=np.uint8)
    bits[lanes] = 1
    return np.packbits(bits, bitorder="little").view("<u8").astype(np.uint64).reshape(1, 8)
