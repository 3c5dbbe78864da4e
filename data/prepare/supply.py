"""Who serves the homes with what, and what is assumed for it: zones, stations, sites, areas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from data.prepare import assets as find_assets
from data.prepare import mobile, osm, people, served, sewers, water_zones
from data.prepare.numbers import value
from models.space.areas import Sites
from models.world import Asset, Link


def supply(
    extract: osm.Extract,
    world: dict[str, Asset],
    links: Iterable[Link],
    homes: people.Homes,
    in_places: Sequence[str],
    crs: str,
) -> list[served.Served]:
    """Return who serves each home, and add what is assumed for it to the world.

    Parameters
    ----------
    extract
        What OpenStreetMap has.
    world
        Assets by id; gets the assumed ones.
    links
        Heat pipes among others.
    homes
        Where people live.
    in_places
        The municipality of each home.
    crs
        The projection that the homes are in.
    """
    in_town = np.array(in_places) == people.town_of(extract)
    water = water_zones.basin(extract, crs, "Tollense")
    near_water = shapely.dwithin(shapely.points(homes.xy), water, value("low_ground_m"))
    drained, stations = sewers.network(
        homes, ~in_town | near_water, *people.quarters(extract, homes, crs), crs
    )
    towers = {a: x for a, x in world.items() if x.asset_type == "mobile_site"}
    where = find_assets.Surroundings(extract, crs).where
    mobiles, sites = mobile.network(homes, towers, where, crs)
    found = served.served(homes, world, water_zones.zones(homes, in_town, water), crs)
    world |= stations | sites
    heat = _heat(extract, world, links, homes, in_town, crs)
    return [*found, mobiles, drained, heat]


def _heat(
    extract: osm.Extract,
    world: dict[str, Asset],
    links: Iterable[Link],
    homes: people.Homes,
    in_town: NDArray[np.bool_],
    crs: str,
) -> served.Served:
    """Add the heated buildings around each pipe junction and return whose homes they are."""
    ends = {end for link in links if link.service == "heat" for end in (link.from_id, link.to_id)}
    junctions = Sites.of((world[end] for end in ends if world[end].is_junction), crs)
    near = find_assets.Surroundings(extract, crs)
    named: Counter[str] = Counter()
    owners = served.heated(homes, in_town, junctions, extract, crs)
    for node in sorted({*owners} - {""}):
        street = near.where(world[node].lon, world[node].lat)
        named[street] += 1
        numbered = f"{street} {named[street]}" if named[street] > 1 else street
        area = find_assets.heat_area(world[node], numbered)
        world[area.asset_id] = area
        owners[owners == node] = area.asset_id
    return served.heat(owners)
