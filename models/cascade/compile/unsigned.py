"""Unsigned indices, which compiled code reads faster."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def indices(numbers: Array) -> Array:
    """Return non-negative integers as unsigned ones that share their memory.

    For a signed index, compiled code checks at each access whether it counts from the end.
    """
    return numbers.view(np.dtype(f"u{numbers.itemsize}"))
