"""OpenStreetMap files as staged tables."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely

from data.importers.options import Options
from data.importers.osm import assets as find_assets
from data.importers.osm import base_map, networks, people, power, reading
from data.knowledge.reader import asset_types
from models.imports.staged import LayerReport, Staged
from models.knowledge.rules import Override
from models.space.areas import utm_crs
from models.world import ASSUMPTION, Asset

LICENCE = "ODbL-1.0"
ATTRIBUTION = "© OpenStreetMap contributors"
KIND = "OpenStreetMap"
#: Gas-fired plants and regulators need a network that is seldom mapped.
_GAS_USERS = ("gas_pressure_station",)
_SEA_INTAKE_M = 1000.0


class OpenStreetMap:
    """``.osm``, ``.osm.bz2``, ``.osm.gz`` and ``.osm.pbf``, told by content."""

    def recognises(self, path: Path) -> bool:
        """Tell whether the first bytes are those of an OpenStreetMap file."""
        return path.is_file() and bool(reading.format_of(path))

    def tables(self, path: Path, options: Options) -> Staged:
        """Return what the file holds as staged tables.

        Parameters
        ----------
        path
            The file.
        options
            How to read it.

        Raises
        ------
        BadInputError
            If it is damaged.
        """
        extract = reading.read(path, options.tick)
        west, south, east, north = extract.frame
        crs = utm_crs((west + east) / 2, (south + north) / 2)
        mapped = find_assets.find(extract, crs)
        staged = Staged(
            bbox=extract.frame, licence=LICENCE, attribution=ATTRIBUTION,
            snapshot_date=extract.snapshot_date,
            sources=[{
                "id": "osm", "title": f"OpenStreetMap extract {path.name}", "licence": LICENCE,
                "attribution": f"{ATTRIBUTION}, https://www.openstreetmap.org/copyright",
            }],
        )  # fmt: skip
        self._networks(extract, mapped, staged, path.name)
        staged.facts = mapped.facts()
        self._electrified(extract, mapped, staged)
        self._water(extract, mapped, staged, path.name)
        self._gas(mapped, staged, path.name)
        if options.population is None:
            self._people(extract, crs, staged, path.name)
        self._town_water(extract, staged, path.name)
        staged.base = base_map.layers(extract, crs)
        for layer in sorted(extract.base.keys() - staged.base.keys()):
            staged.find(path.name, f"the base map is too large with its layer {layer}: left out.")
        self._report(extract, mapped, staged, path.name)
        return staged

    def _networks(
        self, extract: reading.Extract, mapped: find_assets.MappedAssets, staged: Staged, name: str
    ) -> None:
        grid = power.build(extract, mapped)
        staged.assets = mapped.assets | grid.assets
        staged.links += grid.links
        staged.common_causes += grid.corridors
        staged.overrides += [
            Override("suppliers", station, "D037", "", local, "D",
                     "no line up to it is mapped: the nearest station; feeder uncertain")
            for local, station in grid.feeders.items()
        ]  # fmt: skip
        for note in grid.notes:
            staged.find(name, note, offer="Add the line or its operator's record.")
        dropped = 0
        for service, ways in (
            ("road", extract.roads),
            ("rail", extract.rails),
            *sorted(extract.pipes.items()),
            ("communications", extract.cables),
        ):
            net = networks.build(extract, mapped, ways, service)
            staged.links += net.links
            dropped += net.left_out
            for asset_id, asset in net.assets.items():
                known = staged.assets.get(asset_id)
                if known is not None:  # one place on several networks
                    both = tuple(dict.fromkeys((*known.source_of, *asset.source_of)))
                    kept = asset if known.is_junction else known
                    asset = replace(kept, source_of=both)
                staged.assets[asset_id] = asset
        if dropped:
            staged.find(
                name, f"{dropped} links are left out: no source feeds their part of a network.",
                offer="Add the plant or works that feeds it.",
            )  # fmt: skip

    def _electrified(
        self, extract: reading.Extract, mapped: find_assets.MappedAssets, staged: Staged
    ) -> None:
        """Mark stations whose tracks have a contact line."""
        wired = [
            shapely.linestrings(way.lonlat) for way in extract.rails
            if way.tags.get("electrified") == "contact_line"
        ]  # fmt: skip
        stations = [a for a, x in mapped.assets.items() if x.asset_type == "rail_station"]
        if not wired or not stations:
            return
        tree = shapely.STRtree(find_assets.in_metres_all(np.array(wired, dtype=object), mapped.crs))
        spots = np.array([shapely.centroid(mapped.shapes[a]) for a in stations], dtype=object)
        rows = tree.query(spots, predicate="dwithin", distance=250.0)[0]
        for row in set(rows.tolist()):
            staged.facts[stations[row]] = {
                **staged.facts[stations[row]], "electrified": "contact_line"
            }  # fmt: skip

    def _water(
        self, extract: reading.Extract, mapped: find_assets.MappedAssets, staged: Staged, name: str
    ) -> None:
        """Take waterworks by the coast, or named so, as desalination: they draw on the sea."""
        works = [a for a, x in mapped.assets.items() if x.asset_type == "water_works"]
        if not works or not extract.coast:
            return
        coast = shapely.STRtree(
            find_assets.in_metres_all(np.array(extract.coast, dtype=object), mapped.crs)
        )
        spots = np.array([mapped.shapes[a] for a in works], dtype=object)
        near = set(coast.query(spots, predicate="dwithin", distance=_SEA_INTAKE_M)[0].tolist())
        for row, asset_id in enumerate(works):
            asset = staged.assets[asset_id]
            if row in near or _sounds_like_desalination(asset.name):
                staged.overrides.append(
                    Override("skip", "", "D016", "", asset_id, "D", "draws on the sea")
                )
                note = "taken for a desalination plant: it stands by the coast or is named so"
                staged.assets[asset_id] = replace(asset, note=note)

    def _gas(self, mapped: find_assets.MappedAssets, staged: Staged, name: str) -> None:
        """Add the gas network outside where something needs gas and no pipe leads in."""
        users = [
            a for a, x in mapped.assets.items()
            if x.asset_type in _GAS_USERS
            or (x.asset_type in ("power_plant", "heat_plant")
                and mapped.tags[a].get("plant:source") == "gas")
        ]  # fmt: skip
        boundaries = [a for a, x in staged.assets.items() if x.asset_type == "gas_boundary"]
        if not users or boundaries:
            return
        lon = float(np.mean([mapped.assets[a].lon for a in users]))
        lat = float(np.mean([mapped.assets[a].lat for a in users]))
        staged.assets["assumed/gas-network"] = Asset(
            "assumed/gas-network", "Gas network outside (assumed)", "gas_boundary", "energy",
            round(lon, 5), round(lat, 5), confidence="D", source="assumption", origin=ASSUMPTION,
            note="no pipeline leads in from outside; its place has no meaning",
        )  # fmt: skip
        for rule in ("D038", "D046", "D090"):
            staged.overrides.append(
                Override("suppliers", "assumed/gas-network", rule, "", "", "D",
                         "no gas pipeline leads in from outside")
            )  # fmt: skip

    def _people(self, extract: reading.Extract, crs: str, staged: Staged, name: str) -> None:
        counted = people.cells(extract, crs)
        staged.cells += counted.cells
        if counted.estimated:
            staged.find(
                name,
                f"{counted.estimated:,} of {counted.estimated + counted.tagged:,} people are "
                "estimated from floor area: their places state no number of inhabitants.",
                offer="Give a table or raster of people with --population.",
            )
        if not counted.cells:
            staged.find(
                name, "nobody is counted: no place states inhabitants and no building is a home.",
                offer="Give a table or raster of people with --population.",
            )  # fmt: skip

    def _town_water(self, extract: reading.Extract, staged: Staged, name: str) -> None:
        """Where nothing that supplies water is mapped, let one aggregate stand for it."""
        suppliers = ("water_works", "water_supply", "water_pumping_station", "water_reservoir",
                     "water_tower")  # fmt: skip
        if any(a.asset_type in suppliers for a in staged.assets.values()) or not staged.cells:
            return
        top = max(staged.cells, key=lambda c: (c.people, c.cell_id))
        staged.assets["assumed/water-supply"] = Asset(
            "assumed/water-supply", "Drinking water supply (aggregate, assumed)", "water_supply",
            "water", top.lon, top.lat, confidence="D", source="assumption", origin=ASSUMPTION,
            note="no waterworks is mapped: stands for wells, works and network; its place has no "
            "meaning",
        )  # fmt: skip
        staged.find(
            name, "no waterworks is mapped: one assumed aggregate stands for the water supply.",
            offer="Add the operator's works as a table.",
        )  # fmt: skip

    def _report(
        self, extract: reading.Extract, mapped: find_assets.MappedAssets, staged: Staged, name: str
    ) -> None:
        layer = LayerReport(name, KIND, "elements")
        layer.rows = len(extract.elements) + extract.broken
        layer.read = len(mapped.assets)
        layer.left_out = Counter({
            "outside the box of the extract": mapped.outside,
            "part of a station": mapped.parts,
            "one of several signals of a junction": mapped.merged,
            "geometry incomplete": extract.broken,
        })  # fmt: skip
        ways = LayerReport(name, KIND, "network ways")
        ways.rows = sum(
            len(x) for x in (extract.power, extract.roads, extract.rails, extract.cables,
                             *extract.pipes.values())
        )  # fmt: skip
        ways.read = ways.rows
        homes = LayerReport(name, KIND, "buildings", len(extract.buildings), len(extract.buildings))
        staged.layers += [layer, ways, homes]
        if not mapped.assets:
            staged.find(name, "no infrastructure asset is tagged in it.",
                        offer="Is it an extract of one theme only?")  # fmt: skip
        if not extract.states_frame:
            staged.find(name, "the file does not state the box that it covers: the reach of its "
                        "content is taken.")  # fmt: skip
        review = Counter(
            a.asset_type for a in staged.assets.values() if a.note == find_assets.REVIEW
        )
        for kind, count in sorted(review.items()):
            staged.find(
                name, f"{count} of type {kind}: their tags leave the type open.",
                offer="Look at them, and correct the type in the table of assets.",
            )  # fmt: skip
        _duplicates(mapped, staged, name)


def _sounds_like_desalination(name: str) -> bool:
    folded = name.casefold()
    return any(word in folded for word in ("desalin", "osmos", "ro plant", "dissalat", "entsalz",
                                           "dessal", "desaliniz"))  # fmt: skip


def _duplicates(mapped: find_assets.MappedAssets, staged: Staged, name: str) -> None:
    """Say which assets are mapped twice: a point within the outline of its own kind."""
    by_type: dict[str, list[str]] = defaultdict(list)
    for asset_id, asset in mapped.assets.items():
        by_type[asset.asset_type].append(asset_id)
    for kind, ids in sorted(by_type.items()):
        areas = [a for a in ids if not a.startswith("node/")]
        points = [a for a in ids if a.startswith("node/")]
        if kind in ("power_generator", "substation_mv") or not areas or not points:
            continue
        tree = shapely.STRtree(np.array([mapped.shapes[a] for a in areas], dtype=object))
        spots = np.array([mapped.shapes[a] for a in points], dtype=object)
        count = len(set(tree.query(spots, predicate="intersects")[0].tolist()))
        if count:
            label = asset_types()[kind].label
            staged.find(
                name, f"{count} of type {kind} ({label}) lie within another of their kind: "
                "presumably one asset mapped twice.",
                offer="Drop the points in the table of assets.",
            )  # fmt: skip
