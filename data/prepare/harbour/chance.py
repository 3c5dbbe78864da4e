"""Chance by name: the same seed and names give the same number on every machine."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

_Key = TypeVar("_Key", bound=Hashable)


class Chance:
    """Draws that depend on the seed and on names alone, not on their order."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def unit(self, *names: object) -> float:
        """Return a number in [0, 1)."""
        text = "/".join(map(str, (self.seed, *names)))
        digest = hashlib.sha256(text.encode("utf-8")).digest()
        return int.from_bytes(digest[:6], "big") / 2**48

    def between(self, low: float, high: float, *names: object) -> float:
        """Return a number in [low, high).

        Parameters
        ----------
        low, high
            The bounds, in any unit.
        names
            What the number is of; the same names give the same number.
        """
        return low + (high - low) * self.unit(*names)

    def choice(self, values: Sequence[str], *names: object) -> str:
        """Return one of the values."""
        return values[int(self.unit(*names) * len(values))]


def apportioned(total: int, weights: Mapping[_Key, float]) -> dict[_Key, int]:
    """Return whole parts of a total in proportion to weights, by largest remainder."""
    whole = sum(weights.values())
    exact = {key: total * weight / whole for key, weight in weights.items()}
    parts = {key: int(part) for key, part in exact.items()}
    rest = total - sum(parts.values())
    order = sorted(weights, key=lambda key: (parts[key] - exact[key], str(key)))
    for key in order[:rest]:
        parts[key] += 1
    return parts
