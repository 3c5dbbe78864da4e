"""A world's tables as collections of GeoJSON features, redacted for their viewer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any, NamedTuple, get_type_hints

import numpy as np
import shapely
from cachetools import LRUCache
from shapely.geometry import LineString, Point, mapping
from shapely.geometry.base import BaseGeometry

from models.outcome import STATES
from models.units import MS_PER_HOUR
from models.wording import N_
from models.world import Asset, Cell, Group, Link, World

Feature = dict[str, Any]
#: Worlds whose features are kept: one for each view and language in use.
_MOST_KEPT = 16
#: Properties by the type that a schema names.
_TYPES: Mapping[Any, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}
#: Units ride in the names of columns.
_UNITS = {"_h": "h", "_m": "m", "_kv": "kV"}


class Source(NamedTuple):
    """A collection: where its features come from."""

    title: str
    description: str
    key: str
    of: Callable[[World], Iterable[tuple[str, BaseGeometry | None, Mapping[str, Any]]]]
    properties: Mapping[str, str]


@dataclass(frozen=True)
class Collection:
    """The features of one collection as one viewer may see them, ready to send."""

    features: Sequence[Feature]

    @cached_property
    def texts(self) -> Sequence[str]:
        """Return each feature as JSON."""
        return [
            json.dumps(feature, ensure_ascii=False, allow_nan=False) for feature in self.features
        ]

    @cached_property
    def bounds(self) -> np.ndarray[Any, Any]:
        """Return west, south, east, north of each feature; NaN without a place."""
        shapes = [
            None if feature["geometry"] is None else shapely.geometry.shape(feature["geometry"])
            for feature in self.features
        ]
        return np.asarray(shapely.bounds(np.array(shapes, dtype=object))).reshape(-1, 4)

    @cached_property
    def by_id(self) -> Mapping[str, int]:
        """Return the place of each feature by its id."""
        return {feature["id"]: place for place, feature in enumerate(self.features)}


class Features:
    """The collections of worlds, each drawn once for all viewers who see the same."""

    def __init__(self) -> None:
        self._kept: LRUCache[tuple[int, str], tuple[World, Collection]] = LRUCache(
            _MOST_KEPT * len(SOURCES)
        )
        self._lock = Lock()

    def of(self, world: World, name: str) -> Collection:
        """Return a collection of a world that is redacted for its viewer."""
        key = id(world), name
        with self._lock:
            held = self._kept.get(key)
            if held is None or held[0] is not world:
                # the world is held with it, so that its id stays its own
                held = world, Collection([_feature(*row) for row in SOURCES[name].of(world)])
                self._kept[key] = held
            return held[1]


def outcome_collection(
    world: World, assets: Collection, states: Mapping[str, Sequence[Any]], at_h: float
) -> Collection:
    """Return the assets with their state at an hour of a scenario.

    Parameters
    ----------
    world
        The world as its viewer sees it.
    assets
        The collection ``assets`` of this world.
    states
        Changes in the order of time (``t`` in ms, ``a`` place of the asset, ``s`` code of the
        state, ``l`` level).
    at_h
        The hour.
    """
    now: dict[int, tuple[int, float]] = {}
    for t, place, state, level in zip(*(states[name] for name in "tasl"), strict=True):
        if t <= at_h * MS_PER_HOUR:
            now[place] = state, level
    features = []
    for feature in assets.features:
        state, level = now.get(world.place_of[feature["id"]], (0, 1.0))
        hidden = feature["id"] in world.hidden and not state
        properties = {
            **{name: feature["properties"][name] for name in ("name", "asset_type", "sector")},
            "state": "unknown" if hidden else STATES[state],
            "level": None if hidden else level,
            "at_h": at_h,
        }
        features.append({**feature, "properties": properties})
    return Collection(features)


def schema(name: str) -> dict[str, Any]:
    """Return the properties of a collection as a JSON schema."""
    described: dict[str, Any] = {}
    for column, kind in SOURCES[name].properties.items():
        unit = next((unit for end, unit in _UNITS.items() if column.endswith(end)), None)
        described[column] = {"title": column, "type": kind} | ({"x-ogc-unit": unit} if unit else {})
    described[SOURCES[name].key] |= {"x-ogc-role": "id"}
    return described


def _feature(key: str, shape: BaseGeometry | None, properties: Mapping[str, Any]) -> Feature:
    return {
        "type": "Feature",
        "id": key,
        "geometry": None if shape is None else mapping(shape),
        "properties": dict(properties),
    }


# --- where features come from ----------------------------------------------------------------

_Row = tuple[str, BaseGeometry | None, dict[str, Any]]


def _plain(thing: Any, names: Iterable[str]) -> dict[str, Any]:
    """Return fields as GeoJSON has them: lists as text, as in the tables."""
    values = {name: getattr(thing, name) for name in names}
    return {
        name: "|".join(value) if isinstance(value, tuple) else value
        for name, value in values.items()
    }


def _fields(kind: type, *but: str) -> dict[str, str]:
    """Return the fields of a table's rows with the types of a schema."""
    hints = get_type_hints(kind)
    named = [name for name in hints if name not in ("geometry", *but)]
    return {name: _type(hints[name]) for name in named}


def _type(hint: Any) -> str:
    kinds = getattr(hint, "__args__", (hint,))
    return next((_TYPES[kind] for kind in kinds if kind in _TYPES), "string")


_ASSET = _fields(Asset)
_LINK = _fields(Link)
_GROUP = _fields(Group, "suppliers") | {"suppliers": "string"}
_CELL = _fields(Cell, "groups")


def _assets(world: World) -> Iterable[_Row]:
    for asset in world.assets.values():
        if not asset.is_junction:
            shape = asset.geometry or Point(asset.lon, asset.lat)
            yield asset.asset_id, shape, _plain(asset, _ASSET)


def _links(world: World) -> Iterable[_Row]:
    for link in world.links.values():
        ends = [world.assets[end] for end in (link.from_id, link.to_id)]
        shape = link.geometry or LineString([(end.lon, end.lat) for end in ends])
        yield link.link_id, shape, _plain(link, _LINK)


def _dependencies(world: World) -> Iterable[_Row]:
    for group in world.groups.values():
        suppliers = "|".join(supplier.asset_id for supplier in group.suppliers)
        stated = _plain(group, (name for name in _GROUP if name != "suppliers"))
        yield group.group_id, None, {**stated, "suppliers": suppliers}


def _cells(world: World) -> Iterable[_Row]:
    for cell in world.cells.values():
        shape = cell.geometry or Point(cell.lon, cell.lat)
        yield cell.cell_id, shape, _plain(cell, _CELL)


#: By name, in the order in which they are listed.
SOURCES: Mapping[str, Source] = {
    "assets": Source(N_("Assets"), N_("What can fail, with its place."), "asset_id",
                     _assets, _ASSET),
    "links": Source(N_("Links"), N_("What joins assets: circuits, pipes, roads."), "link_id",
                    _links, _LINK),
    "dependencies": Source(N_("Dependencies"), N_("Who needs which service from whom, k of n."),
                           "group_id", _dependencies, _GROUP),
    "cells": Source(N_("Cells of people"), N_("Where people live."), "cell_id", _cells, _CELL),
}  # fmt: skip
