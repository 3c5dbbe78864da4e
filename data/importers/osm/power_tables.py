"""The tables of a power network while it is put together, and what all steps ask of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from shapely.geometry import LineString

from data.importers.numbers import number
from data.importers.osm.assets import MappedAssets
from models.knowledge.expressions import largest
from models.space.areas import to_metres
from models.world import ASSUMPTION, Asset, CommonCause, Link

SERVICE = "electricity"
SOURCE = "OpenStreetMap"
STATIONS = ("substation_ehv", "substation_hv", "substation_mv", "converter_station",
            "rail_traction_substation")  # fmt: skip
HIGH = ("substation_ehv", "substation_hv", "converter_station")
PLANTS = ("power_plant", "battery_storage")
#: Primary energies of plants that follow the grid and cannot carry one.
FOLLOWERS = ("solar", "wind", "tidal", "wave", "battery")
INSIDE_STATION = ("busbar", "bay")
#: From here on a station is one of transmission.
EHV_KV = 220.0
#: From here on a station feeds local ones.
PRIMARY_KV = 30.0


@dataclass(slots=True)
class Power:
    """What the power network adds: links, junctions and boundaries, changed assets, corridors."""

    links: list[Link] = field(default_factory=list)
    assets: dict[str, Asset] = field(default_factory=dict)
    corridors: list[CommonCause] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    #: local station → the station that it is taken to hang on
    feeders: dict[str, str] = field(default_factory=dict)


def kv_of(tags: Mapping[str, str]) -> float | None:
    """Return the highest tagged voltage in kV, None where there is none."""
    volts = largest(tags.get("voltage"))
    return volts / 1000 if volts else None


class Grid:
    """The assets of an extract and the power network that grows on them."""

    def __init__(self, mapped: MappedAssets) -> None:
        self.mapped = mapped
        self.transform = to_metres(mapped.crs).transform
        self.result = Power()
        self.used: set[str] = set()
        #: stations whose voltage is that of a line
        self.raised: dict[str, float] = {}

    def raise_stations(self) -> None:
        """Give stations without a voltage that of the highest line that ends in them."""
        highest: dict[str, float] = {}
        for link in self.result.links:
            for end in (link.from_id, link.to_id):
                highest[end] = max(highest.get(end, 0.0), link.voltage_kv or 0.0)
        for asset in self.of(("substation_mv",)):
            tags = self.mapped.tags.get(asset.asset_id, {})
            kv = highest.get(asset.asset_id, 0.0)
            if kv_of(tags) is None and kv >= number("high_voltage_kv"):
                self.raised[asset.asset_id] = kv
                kind = "substation_ehv" if kv >= EHV_KV else "substation_hv"
                note = f"its voltage is that of the line that ends in it, {kv:g} kV"
                self.change(asset.asset_id, asset_type=kind, note=note)

    def station_kv(self, asset_id: str) -> float | None:
        """Return the voltage of a station in kV, None where nobody knows it."""
        known = self.raised.get(asset_id)
        return known if known else kv_of(self.mapped.tags.get(asset_id, {}))

    def of(self, types: tuple[str, ...]) -> list[Asset]:
        """Return the assets of some types, as they are now."""
        known = self.mapped.assets | self.result.assets
        return [a for a in known.values() if a.asset_type in types]

    def primaries(self) -> list[str]:
        """Return the stations that local ones hang on, in order."""
        high = {a.asset_id for a in self.of(HIGH)}
        local = self.of(("substation_mv",))
        high |= {a.asset_id for a in local if (self.station_kv(a.asset_id) or 0) >= PRIMARY_KV}
        return sorted(high)

    def change(self, asset_id: str, **changes: object) -> None:
        """Change fields of an asset."""
        asset = self.result.assets.get(asset_id) or self.mapped.assets[asset_id]
        self.result.assets[asset_id] = replace(asset, **changes)  # type: ignore[arg-type]

    def place(self, asset_id: str) -> tuple[float, float]:
        """Return longitude and latitude of an asset."""
        asset = self.result.assets.get(asset_id) or self.mapped.assets[asset_id]
        return asset.lon, asset.lat

    def unique(self, wanted: str) -> str:
        """Return an id that no link has yet."""
        link_id, number_ = wanted, 1
        while link_id in self.used:
            number_ += 1
            link_id = f"{wanted}-{number_}"
        self.used.add(link_id)
        return link_id

    def assume(self, one: str, other: str, why: str) -> None:
        """Join two assets by a link that nobody mapped.

        Parameters
        ----------
        one, other
            Ids.
        why
            Stands in the source.
        """
        ends = [self.place(one), self.place(other)]
        metres = LineString([self.transform(*place) for place in ends]).length
        volts = [self.station_kv(one), self.station_kv(other)]
        kv = min(v for v in volts if v) if all(volts) else None
        self.result.links.append(
            Link(
                self.unique(f"assumed/power/{one}"), one, other, SERVICE,
                length_m=round(float(metres), 1), voltage_kv=kv, name="Assumed connection",
                origin=ASSUMPTION, confidence="D", source=f"assumption: {why}",
                geometry=LineString(ends),
            )
        )  # fmt: skip

    def closest(self, some: set[str], others: set[str]) -> tuple[float, str, str] | None:
        """Return (distance in m, one, other) of the nearest pair."""
        if not some or not others:
            return None
        a, b = sorted(some), sorted(others)
        one = np.array([self.transform(*self.place(i)) for i in a])
        two = np.array([self.transform(*self.place(i)) for i in b])
        away = np.hypot(one[:, None, 0] - two[None, :, 0], one[:, None, 1] - two[None, :, 1])
        row, column = np.unravel_index(int(away.argmin()), away.shape)
        return float(away[row, column]), a[row], b[column]

    def sources(self) -> set[str]:
        """Return the assets that feed the network."""
        return {a.asset_id for a in (self.mapped.assets | self.result.assets).values()
                if SERVICE in a.source_of}  # fmt: skip
