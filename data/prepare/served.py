"""How many people each asset serves: homes summed over service areas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from data.prepare.numbers import filled, value
from data.prepare.osm import Extract
from data.prepare.people import Homes, Numbers, Whole
from models.space.areas import Sites, in_metres
from models.world import Asset, ServiceArea

Owners = NDArray[np.object_]
SOURCE = "modelled: inhabitants of places spread over residential buildings"


def areas(homes: Homes, assets: Mapping[str, Asset], crs: str) -> list[ServiceArea]:
    """Return the people of every service shown but heat.

    Parameters
    ----------
    homes
        Where people live.
    assets
        What may serve them, by id.
    crs
        The projection in which distances are in metres.
    """
    sites = Sites.of(assets.values(), crs)
    found = [
        *_electricity(homes, sites, assets),
        *_nearest(homes, sites, assets, "telecom_exchange", "fixed_telecom"),
        *_nearest(homes, sites, assets, "mobile_site", "mobile_telecom"),
        *_nearest(homes, sites, assets, "wastewater_plant", "waste_water"),
        *_nearest(homes, sites, assets, "hospital", "acute_care"),
        *_water(homes, sites, assets),
    ]
    return [area for area in found if area.people]


def station_of(xy: Numbers, sites: Sites, assets: Mapping[str, Asset]) -> Owners:
    """Return the 110/20 kV station of each place (Voronoi).

    Parameters
    ----------
    xy
        The places, [n, 2], in metres.
    sites
        Where assets are, in the same projection.
    assets
        What they are, by id.
    """
    return _owners(xy, _of_type(sites, assets, "substation_hv"))


def people_by_station(homes: Homes, assets: Mapping[str, Asset], crs: str) -> dict[str, int]:
    """Return the people in the area of each 110/20 kV station, local stations included.

    Parameters
    ----------
    homes
        Where people live.
    assets
        Stations among others, by id.
    crs
        The projection in which distances are in metres.
    """
    owners = station_of(homes.xy, Sites.of(assets.values(), crs), assets)
    return _summed(owners, homes.people)


def heat_pipes(extract: Extract, crs: str) -> BaseGeometry:
    """Return the mapped district heating pipes in metres."""
    lines = [
        extract.line(way)
        for way, (_, tags) in sorted(extract.ways.items())
        if tags.get("substance") == "heat"
    ]
    return in_metres(shapely.union_all(lines), crs)


def _of_type(sites: Sites, assets: Mapping[str, Asset], asset_type: str) -> Sites:
    return sites.among(a for a in sites.ids if assets[a].asset_type == asset_type)


def _distances(xy: Numbers, suppliers: Sites) -> Numbers:
    away = xy[:, None, :] - suppliers.xy[None, :, :]
    found: Numbers = np.hypot(away[..., 0], away[..., 1])
    return found


def _owners(xy: Numbers, suppliers: Sites) -> Owners:
    ids: Owners = np.array(suppliers.ids, dtype=object)
    nearest: Owners = ids[_distances(xy, suppliers).argmin(axis=1)]
    return nearest


def _summed(owners: Owners, people: Whole) -> dict[str, int]:
    return {str(o): int(people[owners == o].sum()) for o in sorted(set(owners))}


def _as_areas(
    people: Mapping[str, int], service: str, confidence: str, how: str
) -> Iterable[ServiceArea]:
    for asset_id, count in sorted(people.items()):
        yield ServiceArea(asset_id, service, count, confidence, f"{SOURCE}; {filled(how)}")


def _nearest(
    homes: Homes, sites: Sites, assets: Mapping[str, Asset], asset_type: str, service: str
) -> Iterable[ServiceArea]:
    owners = _owners(homes.xy, _of_type(sites, assets, asset_type))
    return _as_areas(_summed(owners, homes.people), service, "D", "nearest one")


def _electricity(homes: Homes, sites: Sites, assets: Mapping[str, Asset]) -> Iterable[ServiceArea]:
    """Return the people of local stations within reach and in the same area, the rest on top."""
    owners = station_of(homes.xy, sites, assets)
    local = _of_type(sites, assets, "substation_mv")
    area_of_local = station_of(local.xy, sites, assets)
    distances = _distances(homes.xy, local)
    distances[owners[:, None] != area_of_local[None, :]] = np.inf
    near = distances.min(axis=1) <= value("local_reach_m")
    owners = owners.copy()
    owners[near] = np.array(local.ids)[distances.argmin(axis=1)][near]
    how = "area of the station; local stations within {local_reach_m} m; feeder uncertain"
    return _as_areas(_summed(owners, homes.people), "electricity", "D", how)


def _water(homes: Homes, sites: Sites, assets: Mapping[str, Asset]) -> Iterable[ServiceArea]:
    works, town = (_of_type(sites, assets, t) for t in ("water_works", "water_supply"))
    owners = np.full(len(homes.xy), town.ids[0], dtype=object)
    distances = _distances(homes.xy, works)
    near = distances.min(axis=1) <= value("works_reach_m")
    owners[near] = np.array(works.ids)[distances.argmin(axis=1)][near]
    how = "mapped works within {works_reach_km} km, the town's aggregate elsewhere"
    return _as_areas(_summed(owners, homes.people), "drinking_water", "D", how)


def heated(homes: Homes, junctions: Sites, extract: Extract, crs: str) -> dict[str, int]:
    """Return the people within reach of a heat pipe by their nearest pipe junction.

    Junctions with hardly anybody are left to their neighbours.

    Parameters
    ----------
    homes
        Where people live.
    junctions
        Of heat pipes.
    extract
        Where the pipes run.
    crs
        The projection in which distances are in metres.
    """
    reach_m = value("heat_reach_m")
    near = shapely.dwithin(shapely.points(homes.xy), heat_pipes(extract, crs), reach_m)
    counts = _summed(_owners(homes.xy[near], junctions), homes.people[near])
    kept = junctions.among(j for j, count in counts.items() if count >= value("least_heated"))
    return _summed(_owners(homes.xy[near], kept), homes.people[near])


def heat_areas(heated_people: Mapping[str, int]) -> list[ServiceArea]:
    """Return the service areas of the heated buildings."""
    how = "within {heat_reach_m} m of a mapped heat pipe, an upper bound"
    return list(_as_areas(heated_people, "heat", "D", how))
