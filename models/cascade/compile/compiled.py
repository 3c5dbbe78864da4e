"""How kernels are compiled, and the few things that numba cannot say."""

from __future__ import annotations

from typing import Any

from numba import njit
from numba.extending import intrinsic as _intrinsic

#: A function that Python calls, and one that only other kernels call. Both are kept on disk.
kernel: Any = njit(cache=True, nogil=True)
part: Any = njit(  # type: ignore[call-overload]
    cache=True, nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True
)

#: What numba makes of a function takes one argument less; its own types do not say so.
intrinsic: Any = _intrinsic
