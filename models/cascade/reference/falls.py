"""The rows that made a delivery fall: those in the asset's part of the network just before.

A hit in another part of a network is no cause. Without demand, failures are traced upstream up to
assets that still deliver: anything beyond these is no cause. With demand, a part shares what is
left, so everything that changed in it counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from models.cascade.reference.networks import Network
from models.outcome import TraceRow

#: If there are more rows, the latest are kept: along directed links, each asset would otherwise
#: name all assets before it.
MOST_BECAUSE = 1000


class Falls:
    """Failures in one network in one instant.

    Parameters
    ----------
    rows
        Rows of this instant so far.
    own, cut
        Damage and links hit, as they are now.
    dark
        Assets that have delivered nothing since this round.
    """

    def __init__(
        self,
        network: Network,
        rows: Sequence[TraceRow],
        own: Mapping[str, float],
        cut: Collection[str],
        dark: Collection[str],
    ) -> None:
        self.network, self.own, self.cut = network, own, cut
        fell = [row for row in rows if row.after < row.before]
        self.dark = {*dark, *(r.asset for r in fell if r.service == network.service
                              and r.after <= 0)}  # fmt: skip
        self.links = {row.link: row.row for row in rows if row.link is not None}
        self.fallen_links = {row.link for row in fell if row.link is not None}
        self.levels: dict[str, list[TraceRow]] = {}
        for row in fell:
            if row.asset is not None and row.service is None:
                self.levels.setdefault(row.asset, []).append(row)

    def because(self, asset: str, after: float) -> tuple[int, ...]:
        """Return the rows that made the asset deliver less, in order."""
        if self.network.demand:
            rows = set(self._in_part(asset))
        elif after > 0:
            rows = {row.row for row in self.levels.get(asset, ())}
        else:
            rows = set(self._upstream(asset))
        return tuple(sorted(rows)[-MOST_BECAUSE:])

    def _upstream(self, asset: str) -> Iterator[int]:
        """Yield the rows between the asset and the nearest assets that still deliver."""
        seen, frontier = {asset}, [asset]
        while frontier:
            here = frontier.pop()
            yield from (row.row for row in self.levels.get(here, ()) if row.after <= 0)
            for link, before in self.network.around.get(here, ()):
                if (link, here) not in self.network.onward.get(before, ()):
                    continue
                if link in self.fallen_links:
                    yield self.links[link]
                elif link in self.cut:
                    continue
                if before in self.dark and before not in seen:
                    seen.add(before)
                    frontier.append(before)

    def _in_part(self, asset: str) -> Iterator[int]:
        """Yield the rows in the part that the asset belonged to in this instant."""
        seen, frontier = {asset}, [asset]
        while frontier:
            here = frontier.pop()
            yield from (row.row for row in self.levels.get(here, ()))
            for link, other in self.network.around.get(here, ()):
                if link in self.links:
                    yield self.links[link]
                elif link in self.cut:
                    continue
                if other not in seen and (self.own[other] > 0 or other in self.levels):
                    seen.add(other)
                    frontier.append(other)
