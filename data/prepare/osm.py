"""Reads an OpenStreetMap extract into plain values, without its contributors' names.

Only ids, tags, members and places are kept: user, uid, changeset and version never leave the
reader. Geometry is in EPSG:4326 here; whoever measures projects first.
"""

from __future__ import annotations

import bz2
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import osmium
import shapely
from shapely.geometry import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

Tags = dict[str, str]


@dataclass(frozen=True)
class Extract:
    """Everything in the file; ``areas`` are closed ways and multipolygons by element id."""

    bounds: tuple[float, float, float, float]
    places: dict[int, tuple[float, float]]
    node_tags: dict[int, Tags]
    ways: dict[int, tuple[tuple[int, ...], Tags]]
    relations: dict[int, Tags]
    areas: dict[str, BaseGeometry] = field(repr=False)

    @property
    def frame(self) -> Polygon:
        """The box that the extract covers; complete ways reach far beyond it."""
        return box(*self.bounds)

    def inside(self, node: int) -> bool:
        """Whether a node is known and within the box."""
        place = self.places.get(node)
        west, south, east, north = self.bounds
        return place is not None and west <= place[0] <= east and south <= place[1] <= north

    def line(self, way: int) -> LineString:
        """A way's geometry as a line."""
        return LineString([self.places[n] for n in self.ways[way][0] if n in self.places])

    def elements(self) -> Iterator[tuple[str, Tags, BaseGeometry]]:
        """Every tagged element with its geometry, as node/…, way/…, relation/…, in id order."""
        for node, tags in sorted(self.node_tags.items()):
            yield f"node/{node}", tags, Point(self.places[node])
        for way, (nodes, tags) in sorted(self.ways.items()):
            if tags and len(nodes) > 1:
                element = f"way/{way}"
                yield element, tags, self.areas.get(element) or self.line(way)
        for relation, tags in sorted(self.relations.items()):
            element = f"relation/{relation}"
            if element in self.areas:
                yield element, tags, self.areas[element]


def read(path: Path) -> Extract:
    """Read an .osm.bz2 extract that states its bounds."""
    places: dict[int, tuple[float, float]] = {}
    node_tags: dict[int, Tags] = {}
    ways: dict[int, tuple[tuple[int, ...], Tags]] = {}
    relations: dict[int, Tags] = {}
    areas: dict[str, BaseGeometry] = {}
    factory = osmium.geom.WKBFactory()
    for item in osmium.FileProcessor(str(path)).with_areas():
        tags = {tag.k: tag.v for tag in item.tags}
        if isinstance(item, osmium.osm.Node):
            places[item.id] = (item.lon, item.lat)
            if tags:
                node_tags[item.id] = tags
        elif isinstance(item, osmium.osm.Way):
            ways[item.id] = (tuple(n.ref for n in item.nodes), tags)
        elif isinstance(item, osmium.osm.Relation):
            relations[item.id] = tags
        elif isinstance(item, osmium.osm.Area):
            name = f"{'way' if item.from_way() else 'relation'}/{item.orig_id()}"
            areas[name] = shapely.from_wkb(factory.create_multipolygon(item))
    return Extract(_bounds(path), places, node_tags, ways, relations, areas)


def _bounds(path: Path) -> tuple[float, float, float, float]:
    with bz2.open(path, "rt", encoding="utf-8") as file:
        head = file.read(4096)
    found = dict(re.findall(r"(m(?:in|ax)l(?:at|on))='([-\d.]+)'", head))
    west, south, east, north = (float(found[k]) for k in ("minlon", "minlat", "maxlon", "maxlat"))
    return west, south, east, north
