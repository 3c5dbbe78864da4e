"""Levels in a link network for many sets of events at once, one bit per set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from models.cascade.reference.networks import Network
from models.cascade.reference.state import TOLERANCE

#: An asset with None for its level, or with a service for its delivery in that network.
Facet = tuple[str, str | None]
#: (level, bits) from low to high: the sets that lead to that level or below.
Levels = list[tuple[float, int]]
#: Most different states of a balanced network that are distinguished.
MOST_STATES = 512


@dataclass(frozen=True, slots=True)
class Low:
    """Lowered values at one moment.

    ``actual``: values ever below 1; ``levels``: levels that sets lead to; ``own``: the same for
    direct damage; ``cut``: sets that hit a link; ``every``: all sets.
    """

    actual: Mapping[Facet, float]
    levels: Mapping[Facet, Levels]
    own: Mapping[str, Levels]
    cut: Mapping[str, int]
    every: int

    def at(self, asset: str, service: str | None) -> float:
        """Return the actual value."""
        return self.actual.get((asset, service), 1.0)

    def below(self, network: Network) -> set[str]:
        """Return the members that deliver less than they could."""
        return {a for a in network.members if self.at(a, network.service) < 1}

    def at_most(self, facet: Facet, level: float) -> int:
        """Return the sets that lead to a level or below."""
        limit = level + TOLERANCE
        return reduce(or_, (b for v, b in self.levels.get(facet, ()) if v <= limit), 0)

    def darkened(self, network: Network) -> dict[str, Levels]:
        """Return deliveries in a network without demand, by set.

        A member is dark in the sets that leave no path from a working source.
        """
        low = self.below(network)
        dark = {a for a in low if self.at(a, network.service) <= 0}
        reach = self._reach(network, dark)
        by_asset = {}
        for a in low:
            levels = self.levels.get((a, None), [])
            out = self.every & ~reach[a] if a in dark else 0
            by_asset[a] = [(0.0, out), *levels] if out else levels
        return by_asset

    def _reach(self, network: Network, dark: set[str]) -> dict[str, int]:
        """Return the sets that leave a path to each dark asset."""
        up = {a: self.every & ~self.at_most((a, None), 0.0) for a in dark}
        reach = {a: up[a] if a in network.supply else 0 for a in dark}
        for a in dark:
            for link, other in network.around.get(a, ()):
                if other not in dark and (link, a) in network.onward.get(other, ()):
                    reach[a] |= up[a] & self._whole(link)
        frontier = [a for a in dark if reach[a]]
        while frontier:
            here = frontier.pop()
            for link, there in network.onward.get(here, ()):
                if there in dark:
                    new = reach[there] | (up[there] & reach[here] & self._whole(link))
                    if new != reach[there]:
                        reach[there] = new
                        frontier.append(there)
        return reach

    def _whole(self, link: str) -> int:
        return self.every & ~self.cut.get(link, 0)

    def balanced(self, network: Network, links: Sequence[str]) -> dict[str, Levels]:
        """Return deliveries in a network with demand, by set.

        Parameters
        ----------
        network
            Recomputed for every different state that sets lead to.
        links
            Its links that are hit now.
        """
        low = self.below(network)
        if not low:
            return {}
        assets = sorted(a for a in network.members if self.own.get(a) or self.at(a, None) < 1)
        choices = [[(0.0, self.cut[k])] for k in links]
        for a in assets:
            choices += [self.own.get(a, []), self.levels.get((a, None), [])]
        by_level: dict[str, dict[float, int]] = {a: {} for a in low}
        for bits, values in states(self.every, choices) or ():
            own = dict.fromkeys(network.members, 1.0)
            level = dict(own)
            pairs = values[len(links) :]
            for i, a in enumerate(assets):
                own[a] = pairs[2 * i]
                level[a] = min(own[a], pairs[2 * i + 1])
            cut = {k for k, value in zip(links, values, strict=False) if value <= 0}
            delivered = network.deliveries(level, own, cut)
            for a in low:
                if delivered[a] < 1:
                    by_level[a][delivered[a]] = by_level[a].get(delivered[a], 0) | bits
        return {a: sorted(levels.items()) for a, levels in by_level.items()}


def at_least(n: int, vectors: Sequence[int], every: int) -> int:
    """Return the bits that at least ``n`` of some vectors have.

    Parameters
    ----------
    n
        How many of the vectors must have a bit.
    vectors
        Sets of events, one bit each; of ``every`` width.
    every
        All bits that exist.
    """
    if n <= 0:
        return every
    counts = [every, *([0] * n)]
    for vector in vectors:
        for i in range(n, 0, -1):
            counts[i] |= counts[i - 1] & vector
    return counts[n]


def states(
    every: int, choices: Sequence[Sequence[tuple[float, int]]]
) -> list[tuple[int, list[float]]] | None:
    """Return the different lists of values, each with its sets; 1 if no value is listed.

    None if there are more than ``MOST_STATES``.
    """
    states: list[tuple[int, list[float]]] = [(every, [])]
    for options in choices:
        parted = []
        for bits, values in states:
            left = bits
            for value, holds in options:
                if here := left & holds:
                    parted.append((here, [*values, value]))
                    left &= ~holds
            if left:
                parted.append((left, [*values, 1.0]))
        if len(parted) > MOST_STATES:
            return None
        states = parted
    return states
