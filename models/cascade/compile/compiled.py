"""How kernels are compiled, and the few operations that numba lacks."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from numba import njit
from numba.extending import intrinsic as _intrinsic


def _load_numba_without_blas() -> None:
    """Load numba's array functions without ``scipy.linalg``, which no kernel calls.

    Numba imports it for its BLAS before the first function runs, which takes as long as a small
    region's cascade. Where it is loaded already there is nothing to save.
    """
    blas = "scipy.linalg"
    if blas in sys.modules:
        return
    sys.modules[blas] = None  # type: ignore[assignment]  # as if it were not installed
    try:
        import_module("numba.np.arraymath")
    finally:
        del sys.modules[blas]


_load_numba_without_blas()

#: Decorators: for functions called from Python, and for those called by kernels only. Both cache.
kernel: Any = njit(cache=True, nogil=True)
part: Any = njit(  # type: ignore[call-overload]
    cache=True, nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True
)

#: What numba makes of a function takes one argument less; its own types do not say so.
intrinsic: Any = _intrinsic
