"""What a map of the power network leaves out: plants, islands and local stations without a line.

A plant without a line and a part without a source are each joined by one assumed link. Where no
line leads in from outside, the highest station is taken to be fed.
"""

from __future__ import annotations

import networkx as nx
import numpy as np
import shapely

from data.importers.numbers import number
from data.importers.osm.power_tables import (
    FOLLOWERS,
    HIGH,
    SERVICE,
    STATIONS,
    Grid,
    kv_of,
)
from models.world import ASSUMPTION, Asset


def fill(grid: Grid) -> None:
    """Join what no mapped line joins, and say which station each local one hangs on."""
    grid.raise_stations()
    gaps = _Gaps(grid)
    gaps.plants()
    gaps.join_islands()
    gaps.drop_dead_ends()
    gaps.feeders()


class _Gaps:
    def __init__(self, grid: Grid) -> None:
        self.grid = grid

    def plants(self) -> None:
        """Join plants without a line to the nearest station; say which can carry a grid."""
        joined = {end for x in self.grid.result.links for end in (x.from_id, x.to_id)}
        real = [a for a in self.grid.of(STATIONS) if a.asset_id in self.grid.mapped.assets]
        primary = set(self.grid.primaries())
        high = [a for a in real if a.asset_id in primary]
        for asset in self.grid.of(("power_plant",)):
            output = asset.capacity or 0.0
            tags = self.grid.mapped.tags[asset.asset_id]
            source = tags.get("plant:source") or tags.get("generator:source", "")
            if output >= number("least_source_mw") and source not in FOLLOWERS:
                self.grid.change(asset.asset_id, source_of=(SERVICE,))
            if asset.asset_id not in joined:
                station = self._nearest(asset, high or real or self.grid.of(HIGH))
                if station is not None:
                    self.grid.assume(asset.asset_id, station, "no line from the plant is mapped")

    def _nearest(self, here: Asset, others: list[Asset]) -> str | None:
        x, y = self.grid.transform(here.lon, here.lat)
        away = []
        for other in others:
            if other.asset_id != here.asset_id:
                px, py = self.grid.transform(other.lon, other.lat)
                away.append((float(np.hypot(px - x, py - y)), other.asset_id))
        nearest = min(away, default=None)
        return nearest[1] if nearest and nearest[0] <= number("plant_reach_m") else None

    def join_islands(self) -> None:
        """Join stations that no mapped line joins to a source, each by one assumed link."""
        stations = set(self.grid.primaries())
        if not self.grid.sources():
            self._assume_source(stations)
        sources = self.grid.sources()
        if not sources:
            return None
        graph: nx.Graph[str] = nx.Graph()
        graph.add_nodes_from(stations | sources)
        graph.add_edges_from((x.from_id, x.to_id) for x in self.grid.result.links)
        wanted = stations | {a.asset_id for a in self.grid.of((*STATIONS, "power_plant"))}
        parts = [set(p) for p in nx.connected_components(graph) if p & wanted]
        fed = set().union(*(p for p in parts if p & sources))
        islands = [p for p in parts if not p & sources]
        if not fed & stations and islands:
            # sources alone, none at a station: the largest island is joined to each of them
            for source in sorted(sources):
                near = self.grid.closest({source}, set().union(*islands) & wanted)
                if near:
                    self.grid.assume(near[2], near[1], "no line from the source is mapped")
            return self.join_islands() if len(islands) > 1 else None
        self._grow(fed, islands, stations, wanted)
        self._join_sources(stations)
        return None

    def _grow(
        self, fed: set[str], islands: list[set[str]], stations: set[str], wanted: set[str]
    ) -> None:
        while islands:
            hubs = fed & stations & set(self.grid.mapped.assets) or fed & stations
            near = [
                (self.grid.closest(p & stations or p & wanted, hubs), n)
                for n, p in enumerate(islands)
            ]
            known = [(pair, n) for pair, n in near if pair is not None]
            if not known:
                break
            (_, one, other), row = min(known)
            self.grid.assume(one, other, "no line between them is mapped, presumably a cable")
            fed |= islands.pop(row)

    def _join_sources(self, stations: set[str]) -> None:
        """Join parts that each have a source: a grid is one where no border runs through it."""
        graph: nx.Graph[str] = nx.Graph((x.from_id, x.to_id) for x in self.grid.result.links)
        parts = [
            set(p) & stations & set(self.grid.mapped.assets) for p in nx.connected_components(graph)
        ]
        parts = sorted((p for p in parts if p), key=lambda p: (-len(p), sorted(p)))
        while len(parts) > 1:
            pairs = [(self.grid.closest(p, parts[0]), n) for n, p in enumerate(parts) if n]
            known = [(pair, n) for pair, n in pairs if pair is not None]
            if not known:
                return
            (_, one, other), row = min(known)
            self.grid.assume(one, other, "no line between them is mapped, presumably a cable")
            parts[0] |= parts.pop(row)

    def _assume_source(self, stations: set[str]) -> None:
        """Without any source, let the highest station be fed from a grid outside."""
        known = [self.grid.mapped.assets[a] for a in stations if a in self.grid.mapped.assets]
        known = known or [
            a for a in self.grid.of(STATIONS) if a.asset_id in self.grid.mapped.assets
        ]
        if not known:
            return

        def height(asset: Asset) -> tuple[float, int, str]:
            tags = self.grid.mapped.tags[asset.asset_id]
            return (kv_of(tags) or 0, int(bool(tags.get("name"))), asset.asset_id)

        top = max(known, key=height)
        asset_id = "assumed/grid/supply"
        self.grid.result.assets[asset_id] = Asset(
            asset_id, "Grid outside (assumed)", "substation_ehv", "energy", top.lon, top.lat,
            source_of=(SERVICE,), confidence="D", source="assumption", origin=ASSUMPTION,
            note="no mapped line leads in from outside: the highest station is taken to be fed",
        )  # fmt: skip
        self.grid.assume(top.asset_id, asset_id, "no line that leads in is mapped")
        self.grid.result.notes.append(
            "No power line leads in from outside: a grid supply is assumed at "
            f"'{top.name or top.asset_id}'."
        )

    def drop_dead_ends(self) -> None:
        """Leave junctions out that no link names."""
        used = {end for x in self.grid.result.links for end in (x.from_id, x.to_id)}
        self.grid.result.assets = {
            a: x for a, x in self.grid.result.assets.items() if not x.is_junction or a in used
        }

    def feeders(self) -> None:
        """Say which station each local one hangs on that no link reaches: the nearest."""
        linked = {end for x in self.grid.result.links for end in (x.from_id, x.to_id)}
        primary = self.grid.primaries()
        hubs = [a for a in primary if a in self.grid.mapped.assets] or primary
        above = set(hubs)
        local = [
            a.asset_id for a in self.grid.of(("substation_mv",))
            if a.asset_id not in linked and a.asset_id not in above
        ]  # fmt: skip
        if not hubs or not local:
            return
        spots = np.array([self.grid.transform(*self.grid.place(a)) for a in hubs])
        asked = np.array([self.grid.transform(*self.grid.place(a)) for a in local])
        nearest = shapely.STRtree(shapely.points(spots)).nearest(shapely.points(asked))
        self.grid.result.feeders = {a: hubs[int(n)] for a, n in zip(local, nearest, strict=True)}
