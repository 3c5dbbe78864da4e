"""Two worlds as large as the page has to carry, as folders in the project's own format.

``python -m benchmarks.large_worlds synthetic OUT [--assets 100000]`` writes a made-up one;
``python -m benchmarks.large_worlds plants OUT --plants CSV.GZ --grid FOLDER`` joins a table of
European power plants (powerplantmatching, CC BY 4.0) to an extract of the transmission grid
(ENTSO-E by GridKit, unofficial). Neither data set is part of the project: what depends on whom
is assumed here, so the result is for measuring and for looking, never for conclusions.
"""

from __future__ import annotations

import argparse
import gzip
import math
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree
from shapely.errors import ShapelyError
from shapely.geometry import LineString

from benchmarks.synthetic import synthetic
from data.exchange.exports import write_world_folder
from models.errors import BadInputError, KnockOnError
from models.world import ASSUMPTION, Asset, Group, Link, ServiceArea, Supplier, World

#: the kinds of the synthetic worlds as the page's own types and sectors, with a name
KINDS = {
    "power_plant": ("power_plant", "energy", "Power plant"),
    "substation_hv": ("substation_hv", "energy", "Substation"),
    "substation_mv": ("substation_mv", "energy", "Local substation"),
    "telecom_core": ("telecom_exchange", "telecom", "Core exchange"),
    "exchange": ("telecom_exchange", "telecom", "Exchange"),
    "mast": ("mobile_site", "telecom", "Mast"),
    "gas_compressor": ("gas_compressor", "energy", "Compressor"),
    "gas_station": ("gas_pressure_station", "energy", "Gas station"),
    "water_works": ("water_works", "water", "Water works"),
    "pumping_station": ("water_pumping_station", "water", "Pumping station"),
    "sewage_works": ("wastewater_plant", "water", "Sewage works"),
    "fuel_depot": ("oil_depot", "energy", "Fuel depot"),
    "fuel_station": ("fuel_station", "energy", "Filling station"),
    "hospital": ("hospital", "health", "Hospital"),
    "clinic": ("clinic", "health", "Clinic"),
    "data_centre": ("data_centre", "telecom", "Data centre"),
    "emergency_station": ("fire_station", "public", "Fire station"),
    "factory": ("critical_manufacturer", "food", "Factory"),
    "district": ("population_zone", "public", "District"),
}
SERVICES = {
    "power": "electricity",
    "gas": "gas",
    "water": "drinking_water",
    "telecoms": "fixed_telecom",
    "backbone": "backhaul",
    "fuel": "fuel",
    "sewage": "waste_water",
}
#: west, south, east, north that the synthetic places are stretched over, in degrees
EUROPE = (-9.0, 37.0, 30.0, 60.0)
#: a plant of at least this many MW that burns or dams something feeds the grid by itself
SOURCE_MW = 100.0
WEATHER = ("Solar", "Wind")
#: no plant hangs on a place farther off than this, in degrees
REACH_DEG = 2.0


# --- synthetic -------------------------------------------------------------------------------


def synthetic_world(assets: int = 100_000, seed: int = 1) -> World:
    """Return a made-up world of a continent's size: towns, loops, spare suppliers, a grid."""
    made = synthetic("infra", assets, seed).world(grid=True)
    number: Counter[str] = Counter()
    box = _box(made)
    named = {asset_id: _named(asset, number, box) for asset_id, asset in made.assets.items()}
    groups = {
        group_id: replace(group, service=SERVICES[group.service], origin=ASSUMPTION)
        for group_id, group in made.groups.items()
    }
    links = {
        link_id: replace(link, service=SERVICES[link.service], voltage_kv=110.0)
        for link_id, link in made.links.items()
    }
    return replace(
        made,
        world_id=f"synthetic-{assets}",
        title=f"Synthetic, {assets:,} assets",
        assets=named,
        groups=groups,
        links=links,
        service_areas=_areas(made, groups),
        bbox=EUROPE,
        attribution="made up",
    )


def _box(world: World) -> tuple[float, float, float, float]:
    lon = [asset.lon for asset in world.assets.values()]
    lat = [asset.lat for asset in world.assets.values()]
    return min(lon), min(lat), max(lon), max(lat)


def _named(asset: Asset, number: Counter[str], box: tuple[float, ...]) -> Asset:
    """Return the asset as the page knows its kind, named by a running number, spread out."""
    west, south, east, north = EUROPE
    lon = west + (asset.lon - box[0]) / (box[2] - box[0]) * (east - west)
    lat = south + (asset.lat - box[1]) / (box[3] - box[1]) * (north - south)
    place = {"lon": round(lon, 6), "lat": round(lat, 6)}
    if asset.is_junction:
        return replace(asset, **place)
    asset_type, sector, name = KINDS[asset.asset_type]
    number[name] += 1
    return replace(
        asset,
        name=f"{name} {number[name]}",
        asset_type=asset_type,
        sector=sector,
        source_of=tuple(SERVICES[service] for service in asset.source_of),
        confidence="D",
        **place,
    )


def _areas(made: World, groups: dict[str, Group]) -> tuple[ServiceArea, ...]:
    """Give the people of each district to the first supplier of what they get from it."""
    living = {area.asset_id: area.people for area in made.service_areas}
    people: Counter[tuple[str, str]] = Counter()
    for group in groups.values():
        if group.consumer_id in living:
            pair = group.suppliers[0].asset_id, group.service
            people[pair] += living[group.consumer_id]
    return tuple(ServiceArea(a, s, n, confidence="D") for (a, s), n in sorted(people.items()))


# --- power plants on the transmission grid ---------------------------------------------------


def plants_world(plants: Path, grid: Path) -> World:
    """Return the plants of Europe, each on the nearest place of the transmission grid.

    A large plant that does not wait for the weather is a source, joined to its place by a link;
    every plant needs its place to feed into, so a place that is hit or cut off takes its plants
    along. Lines are links; places are substations. All of this is assumed.
    """
    for path in (plants, grid / "buses.csv", grid / "lines.csv"):
        if not path.exists():
            raise BadInputError([f"{path}: not there. This world needs the plants and the grid."])
    try:
        places, lines = _grid(grid)
        table = _plants(plants)
    except (KeyError, pd.errors.ParserError) as error:
        raise BadInputError(
            [f"{grid} or {plants}: not the tables that this is made from ({error}). The grid is "
             "the ENTSO-E extract by GridKit, the plants those of powerplantmatching."]
        ) from None  # fmt: skip
    spots = np.array([(place.lon, place.lat) for place in places.values()])
    far, nearest = cKDTree(_flat(spots)).query(_flat(table[["lon", "lat"]].to_numpy()))
    table = table.assign(place=np.array(list(places))[nearest])[far <= REACH_DEG]
    used = set(table["place"]) | {end for x in lines.values() for end in (x.from_id, x.to_id)}
    assets = {asset_id: place for asset_id, place in places.items() if asset_id in used}
    groups, links = {}, dict(lines)
    for row in table.itertuples(index=False):
        plant = _plant(row)
        assets[plant.asset_id] = plant
        group = Group(f"g{row.id}", plant.asset_id, "electricity", (Supplier(str(row.place)),),
                      origin=ASSUMPTION, confidence="D")  # fmt: skip
        groups[group.group_id] = group
        if plant.source_of:
            link = Link(f"t{row.id}", plant.asset_id, str(row.place), "electricity",
                        origin=ASSUMPTION, confidence="D", voltage_kv=20.0)  # fmt: skip
            links[link.link_id] = link
    return World(
        "plants-europe",
        "Power plants of Europe",
        dict(sorted(assets.items())),
        links=dict(sorted(links.items())),
        groups=dict(sorted(groups.items())),
        licence="CC BY 4.0",
        attribution="powerplantmatching; ENTSO-E map extract by GridKit (unofficial)",
    )


def _flat(spots: np.ndarray) -> np.ndarray:
    """Return degrees whose east-west ones are as long as the north-south ones, roughly."""
    return np.column_stack([spots[:, 0] * np.cos(np.radians(50.0)), spots[:, 1]])


def _grid(folder: Path) -> tuple[dict[str, Asset], dict[str, Link]]:
    """Return the places, one per station, and the lines between different ones."""
    buses = pd.read_csv(folder / "buses.csv", quotechar="'")
    station = dict(zip(buses["bus_id"], buses["station_id"], strict=True))
    places = {}
    for number, at in buses.groupby("station_id"):
        kv = at["voltage"].max()
        places[f"s{number}"] = Asset(
            f"s{number}", f"Station {number}",
            "substation_hv" if kv < 200 else "substation_ehv", "energy",
            round(float(at["x"].iloc[0]), 6), round(float(at["y"].iloc[0]), 6),
            provides=("electricity",), confidence="D", source="ENTSO-E by GridKit",
        )  # fmt: skip
    lines = {}
    for row in pd.read_csv(folder / "lines.csv", quotechar="'").itertuples(index=False):
        ends = [f"s{station[bus]}" for bus in (row.bus0, row.bus1) if bus in station]
        if len(ends) == 2 and ends[0] != ends[1]:
            lines[f"l{row.line_id}"] = Link(
                f"l{row.line_id}", ends[0], ends[1], "electricity",
                length_m=float(row.length), voltage_kv=float(row.voltage),
                name=f"{row.voltage:.0f} kV line {row.line_id}", confidence="D",
                source="ENTSO-E by GridKit", geometry=_line(row.geometry),
            )  # fmt: skip
    return places, lines


def _line(text: str) -> LineString | None:
    try:
        line = shapely.from_wkt(text)
    except ShapelyError:
        return None
    return shapely.simplify(line, 0.002) if isinstance(line, LineString) else None


def _plants(path: Path) -> pd.DataFrame:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        table = pd.read_csv(file)
    table = table.dropna(subset=["lat", "lon"])
    return table[table["lat"].between(30, 75) & table["lon"].between(-30, 45)]


def _plant(row: Any) -> Asset:
    """Return one row of the table of plants; unknown sizes count as small."""
    has_name = isinstance(row.Name, str) and row.Name.strip()
    capacity = None if math.isnan(row.Capacity) else float(row.Capacity)
    is_large = row.Fueltype not in WEATHER and (capacity or 0.0) >= SOURCE_MW
    return Asset(
        f"p{row.id}",
        row.Name.strip()[:80] if has_name else f"{row.Fueltype} plant {row.id}",
        "power_plant" if is_large else "power_generator",
        "energy",
        float(row.lon),
        float(row.lat),
        source_of=("electricity",) if is_large else (),
        capacity=capacity,
        unit="MW",
        product=str(row.Fueltype),
        confidence="D",
        source="powerplantmatching",
    )


# --- command line ----------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Write one of the worlds; 2 and one line where its data are not there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large_worlds")
    kinds = parser.add_subparsers(dest="kind", required=True)
    made = kinds.add_parser("synthetic")
    made.add_argument("out", type=Path)
    made.add_argument("--assets", type=int, default=100_000)
    joined = kinds.add_parser("plants")
    joined.add_argument("out", type=Path)
    joined.add_argument("--plants", type=Path, required=True)
    joined.add_argument("--grid", type=Path, required=True)
    parsed = parser.parse_args(arguments)
    try:
        world = (
            synthetic_world(parsed.assets)
            if parsed.kind == "synthetic"
            else plants_world(parsed.plants, parsed.grid)
        )
        write_world_folder(world, parsed.out)
    except KnockOnError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{parsed.out}: {len(world.assets):,} assets, {len(world.groups):,} dependency groups, "
          f"{len(world.links):,} links")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
