"""The features: the world for the page, sent once; form: ``docs/reference/page.md``.

An asset or link is named by its position in here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from shapely import force_2d, transform
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from layouts.feed.columns import coded, numbers
from layouts.feed.payloads.features import (
    Assets,
    AssetTexts,
    Cells,
    Dependencies,
    Features,
    Links,
    Named,
    Service,
)
from layouts.words import Labels, basis_of
from models.outcome import STATES
from models.space.frame import MAP_END, Frame, frame, unrolled
from models.world import Asset, Link, World

Spot = tuple[float, float]

#: how something is known, the most certain first
_LEAST_CERTAIN = ("declared", "inferred", "assumed")

#: about 0.1 m, finer than the data
_DECIMALS = 6


def features(world: World, labels: Labels, base: Mapping[str, str]) -> Features:
    """Return the world as the page draws it; ``base`` are the addresses of the base map.

    Tables are sent as columns (``layouts/feed/columns.py``): there may be some 100,000 assets.
    """
    assets = [world.assets[asset_id] for asset_id in world.listed]
    services = _services(world, labels)
    types = sorted({asset.asset_type for asset in assets})
    return {
        "id": world.world_id,
        "title": world.title,
        "snapshot_date": world.snapshot_date,
        "attribution": world.attribution,
        "bbox": list(_shown(world)),
        "sha256": world.sha256,
        "states": list(STATES),
        "sectors": _sectors(assets, labels),
        "services": services,
        "types": [
            {"id": kind, "label": labels.asset_type(kind), "special": kind in labels.special_types}
            for kind in types
        ],
        "assets": _assets(world, assets),
        "links": _link_columns(world),
        "cells": _cells(world),
        "corridors": [
            {
                "id": cause.group_id,
                "name": cause.name or cause.group_id,
                "basis": cause.basis,
                "assets": list(cause.asset_ids),
                "links": list(cause.link_ids),
            }
            for cause in world.common_causes.values()
        ],
        "dependencies": _dependencies(world),
        "base": dict(base),
    }


def _assets(world: World, assets: Sequence[Asset]) -> Assets:
    within = frame(world)
    shaped = [
        (i, _rounded(mapping(_placed(asset.geometry, within))))
        for i, asset in enumerate(assets)
        if asset.geometry is not None and asset.geometry.geom_type != "Point"
    ]
    served = [
        (i, area.service, round(area.people))
        for i, asset in enumerate(assets)
        for area in world.people_of.get(asset.asset_id, ())
    ]
    return {
        "id": [asset.asset_id for asset in assets],
        "name": coded(asset.name or asset.asset_id for asset in assets),
        **_texts(assets),
        "lon": numbers(_microdegrees(_lons((asset.lon for asset in assets), within))),
        "lat": numbers(_microdegrees(_lats(asset.lat for asset in assets))),
        "needs": coded(_needs(world, asset.asset_id) for asset in assets),
        "people": {
            "a": numbers(np.array([i for i, _, _ in served], dtype=np.int64)),
            "service": coded(service for _, service, _ in served),
            "n": numbers(np.array([people for _, _, people in served], dtype=np.int64)),
        },
        "shapes": {"a": [i for i, _ in shaped], "shape": [shape for _, shape in shaped]},
    }


def _cells(world: World) -> Cells:
    within, cells = frame(world), list(world.cells.values())
    basis: dict[str, str] = {}
    for serving in world.servings:
        known = (basis.get(serving.cell_id, "declared"), basis_of(serving.origin))
        basis[serving.cell_id] = max(known, key=_LEAST_CERTAIN.index)
    shaped = [
        (n, _rounded(mapping(_placed(cell.geometry, within))))
        for n, cell in enumerate(cells)
        if cell.geometry is not None and cell.geometry.geom_type in ("Polygon", "MultiPolygon")
    ]
    return {
        "id": [cell.cell_id for cell in cells],
        "people": numbers(np.array([cell.people for cell in cells], dtype=np.int64)),
        "municipality": coded(cell.municipality for cell in cells),
        "basis": coded(basis.get(cell.cell_id, "declared") for cell in cells),
        "lon": numbers(_microdegrees(_lons((cell.lon for cell in cells), within))),
        "lat": numbers(_microdegrees(_lats(cell.lat for cell in cells))),
        "shapes": {"c": [n for n, _ in shaped], "shape": [shape for _, shape in shaped]},
    }


def _texts(assets: Sequence[Asset]) -> AssetTexts:
    """Return the texts that the payload names, each from the field of that name."""
    texts = {
        name: coded(getattr(asset, name) for asset in assets) for name in AssetTexts.__annotations__
    }
    return cast(AssetTexts, texts)


def _needs(world: World, asset_id: str) -> tuple[tuple[str, str], ...]:
    """Return the needs of an asset, each with its basis."""
    needs = {(g.service, basis_of(g.origin)) for g in world.groups_of.get(asset_id, ())}
    unknown = {(n.service, "unknown") for n in world.unknown_needs_of.get(asset_id, ())}
    return tuple(sorted(needs | unknown))


def _lons(lons: Iterable[float], within: Frame) -> list[float]:
    west, _, east, _ = within
    return [unrolled(lon, west, east) for lon in lons]


def _lats(lats: Iterable[float]) -> list[float]:
    return [min(max(lat, -MAP_END), MAP_END) for lat in lats]


def _placed(shape: BaseGeometry, within: Frame) -> BaseGeometry:
    """Return a shape at its asset's position on the map, which may be shifted by 360°."""
    west, south, _east, north = shape.bounds
    if (west >= within[0] or within[2] <= 180) and south >= -MAP_END and north <= MAP_END:
        return shape

    def move(spots: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack((_lons(spots[:, 0], within), _lats(spots[:, 1])))

    moved: BaseGeometry = transform(force_2d(shape), move)
    return moved


def _microdegrees(degrees: Sequence[float]) -> NDArray[np.int64]:
    """Return degrees times a million, shifted so that none is negative: about 0.1 m."""
    shifted = np.rint(np.asarray(degrees, dtype=float) * 10**_DECIMALS) + 180 * 10**_DECIMALS
    whole: NDArray[np.int64] = shifted.astype(np.int64)
    return whole


def _dependencies(world: World) -> Dependencies:
    """Return supplier, consumer, service and basis, which is coded by its first letter.

    Junctions are no listed assets; their dependencies are visible as links.
    """
    place = world.place_of
    groups = {
        (place[supplier.asset_id], place[group.consumer_id], group.service, group.origin)
        for group in world.groups.values()
        for supplier in group.suppliers
        if supplier.asset_id in place and group.consumer_id in place
    }
    rows = sorted({(*row[:3], basis_of(row[3])[0]) for row in groups})
    return {
        "from": numbers(np.array([row[0] for row in rows], dtype=np.int64)),
        "to": numbers(np.array([row[1] for row in rows], dtype=np.int64)),
        "service": coded(row[2] for row in rows),
        "basis": coded(row[3] for row in rows),
    }


#: Lines below this voltage are drawn thinner: they distribute, they do not transport.
_TRANSPORT_KV = 60


def _shown(world: World) -> Frame:
    """Return the extent of the world, within the limits of web maps."""
    west, south, east, north = frame(world)
    return west, max(south, -MAP_END), east, min(north, MAP_END)


def _sectors(assets: Iterable[Asset], labels: Labels) -> list[Named]:
    present = {asset.sector for asset in assets}
    listed = [sector for sector in labels.sectors if sector in present]
    rest = sorted(present - set(listed))
    return [{"id": sector, "label": labels.sector(sector)} for sector in listed + rest]


def _services(world: World, labels: Labels) -> list[Service]:
    used = {group.service for group in world.groups.values()} | set(world.link_services)
    provided = {service for asset in world.assets.values() for service in asset.provides}
    unsupplied = {need.service for need in world.unknown_needs}
    present = {*world.served} | used | provided | unsupplied
    listed = [service for service in labels.services if service in present]
    return [
        {
            "id": service,
            "label": labels.service(service),
            "people_label": labels.people_label(service),
            "unit": labels.services[service].unit if service in labels.services else "people",
        }
        for service in listed + sorted(present - set(listed))
    ]


def _link_columns(world: World) -> Links:
    """Return the links; ``points`` says how many spots of ``lon`` and ``lat`` each has."""
    links = list(world.links.values())
    lines = [_line(link.geometry) or _ends(world, link) for link in links]
    spots = [spot for line in lines for spot in line]
    return {
        "id": [link.link_id for link in links],
        "name": coded(link.name for link in links),
        "service": coded(link.service for link in links),
        "origin": coded(link.origin for link in links),
        "confidence": coded(link.confidence for link in links),
        "from": coded(link.from_id for link in links),
        "to": coded(link.to_id for link in links),
        "minor": numbers(np.array([_is_minor(link) for link in links], dtype=np.uint8)),
        "points": numbers(np.array([len(line) for line in lines], dtype=np.int64)),
        "lon": numbers(_microdegrees(_lons((lon for lon, _ in spots), frame(world)))),
        "lat": numbers(_microdegrees(_lats(lat for _, lat in spots))),
    }


def _is_minor(link: Link) -> bool:
    return link.voltage_kv is not None and link.voltage_kv < _TRANSPORT_KV


def _ends(world: World, link: Link) -> list[Spot]:
    ends = (world.assets[link.from_id], world.assets[link.to_id])
    return [(end.lon, end.lat) for end in ends]


def _line(geometry: BaseGeometry | None) -> list[Spot]:
    """Return one run of points; the parts of a multi-line follow each other."""
    if geometry is None or geometry.is_empty:
        return []
    parts = getattr(geometry, "geoms", [geometry])
    return [(x, y) for part in parts for x, y, *_ in part.coords]


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(part) for part in value]
    return round(value, _DECIMALS) if isinstance(value, float) else value
