"""Who serves each home with what, and the cells that homes are put together to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from data.prepare.numbers import filled, value
from data.prepare.osm import Extract
from data.prepare.people import Homes, Numbers, Whole
from models.space.areas import Sites, in_degrees, in_metres
from models.world import ASSUMPTION, SEWAGE_TREATMENT, Asset, Cell, Serving

Owners = NDArray[np.object_]
#: Decimals of a place: about a metre.
DIGITS = 5
SOURCE = "modelled: inhabitants of places spread over residential buildings"


class Served(NamedTuple):
    """Who serves each home with one service: ids of assets, empty where nobody does."""

    service: str
    owners: Owners
    how: str


def served(homes: Homes, assets: Mapping[str, Asset], zones: Owners, crs: str) -> list[Served]:
    """Return who serves each home with every service but heat, mobile telephone and sewers.

    Parameters
    ----------
    homes
        Where people live.
    assets
        What may serve them, by id.
    zones
        The pressure zone of each home.
    crs
        The projection in which distances are in metres.
    """
    sites = Sites.of(assets.values(), crs)
    return [
        _electricity(homes, sites, assets),
        _nearest(homes, sites, assets, "telecom_exchange", "fixed_telecom"),
        _nearest(homes, sites, assets, "wastewater_plant", SEWAGE_TREATMENT),
        _nearest(homes, sites, assets, "hospital", "acute_care"),
        _water(homes, sites, assets, zones),
    ]


def cells(
    homes: Homes, services: Sequence[Served], municipalities: Sequence[str], crs: str
) -> tuple[list[Cell], list[Serving]]:
    """Put homes of one square, one municipality and equal suppliers together to cells.

    Parameters
    ----------
    homes
        Where people live, and how many.
    services
        Who serves each of the homes.
    municipalities
        Where each of the homes is.
    crs
        The projection that the homes are in; squares follow its axes.

    Returns
    -------
    The cells, each at the mean place of its people, and who serves them; homes without people are
    left out.
    """
    size = value("cell_m")
    squares = np.floor(homes.xy / size).astype(int).tolist()
    members: dict[tuple[int, int], dict[tuple[str, ...], list[int]]] = {}
    for row in np.flatnonzero(homes.people > 0).tolist():
        alike = (municipalities[row], *(str(service.owners[row]) for service in services))
        members.setdefault(tuple(squares[row]), {}).setdefault(alike, []).append(row)
    found: list[Cell] = []
    servings: list[Serving] = []
    for (east, north), parts in sorted(members.items()):
        for number, (alike, rows) in enumerate(sorted(parts.items()), start=1):
            cell_id = f"cell/{east}-{north}" + (f"-{number}" if len(parts) > 1 else "")
            found.append(_cell(cell_id, homes, rows, alike[0], crs))
            servings += [
                Serving(cell_id, owner, service.service, 1.0, ASSUMPTION, "D", filled(service.how))
                for service, owner in zip(services, alike[1:], strict=True)
                if owner
            ]
    return found, servings


def _cell(cell_id: str, homes: Homes, rows: list[int], municipality: str, crs: str) -> Cell:
    people = homes.people[rows]
    middle = np.average(homes.xy[rows], axis=0, weights=people)
    place = in_degrees(shapely.Point(middle), crs)
    lon, lat = (round(x, DIGITS) for x in (place.x, place.y))
    return Cell(cell_id, int(people.sum()), lon, lat, municipality, confidence="D", source=SOURCE)


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


def _nearest(
    homes: Homes, sites: Sites, assets: Mapping[str, Asset], asset_type: str, service: str
) -> Served:
    return Served(service, _owners(homes.xy, _of_type(sites, assets, asset_type)), "nearest one")


def _electricity(homes: Homes, sites: Sites, assets: Mapping[str, Asset]) -> Served:
    """Return the local station within reach and in the same area, else the one on top."""
    owners = station_of(homes.xy, sites, assets)
    local = _of_type(sites, assets, "substation_mv")
    area_of_local = station_of(local.xy, sites, assets)
    distances = _distances(homes.xy, local)
    distances[owners[:, None] != area_of_local[None, :]] = np.inf
    near = distances.min(axis=1) <= value("local_reach_m")
    owners = owners.copy()
    owners[near] = np.array(local.ids)[distances.argmin(axis=1)][near]
    how = "area of the station; local stations within {local_reach_m} m; feeder uncertain"
    return Served("electricity", owners, how)


def _water(homes: Homes, sites: Sites, assets: Mapping[str, Asset], zones: Owners) -> Served:
    works = _of_type(sites, assets, "water_works")
    owners = zones.copy()
    distances = _distances(homes.xy, works)
    near = distances.min(axis=1) <= value("works_reach_m")
    owners[near] = np.array(works.ids)[distances.argmin(axis=1)][near]
    how = "pressure zone by distance from the lake; mapped works within {works_reach_km} km"
    return Served("drinking_water", owners, how)


def heated(
    homes: Homes, in_town: NDArray[np.bool_], junctions: Sites, extract: Extract, crs: str
) -> Owners:
    """Return the nearest pipe junction of each heated home, else empty.

    Heated are as many people of the town as its utility says, in houses of several floors, those
    nearest to a mapped pipe first. Junctions with hardly anybody are left to their neighbours.

    Parameters
    ----------
    homes
        Where people live.
    in_town
        Who lives in the town.
    junctions
        Of heat pipes.
    extract
        Where the pipes run.
    crs
        The projection in which distances are in metres.
    """
    away_m = shapely.distance(shapely.points(homes.xy), heat_pipes(extract, crs))
    may_be = np.flatnonzero(in_town & (homes.floors >= value("heat_from_floors")))
    by_distance = may_be[np.argsort(away_m[may_be], kind="stable")]
    published = value("heated_households") * value("people_per_household")
    rows = by_distance[np.cumsum(homes.people[by_distance]) <= published]
    counts = _summed(_owners(homes.xy[rows], junctions), homes.people[rows])
    kept = junctions.among(j for j, count in counts.items() if count >= value("least_heated"))
    owners: Owners = np.full(len(homes.xy), "", dtype=object)
    owners[rows] = _owners(homes.xy[rows], kept)
    return owners


def heat(owners: Owners) -> Served:
    """Return the heat of the heated buildings; ``owners`` are the assets that stand for them."""
    how = (
        "{heated_households} households with district heat: several floors, nearest to a mapped "
        "pipe first"
    )
    return Served("heat", owners, how)
