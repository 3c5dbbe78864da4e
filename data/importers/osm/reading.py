"""Reads an OpenStreetMap file into what the other modules need, without contributors' names.

Only ids, tags, members and places are kept: user, uid, changeset and version never leave the
reader. Places are in EPSG:4326 here. Filters on keys run in the library, so that most of a file
never becomes a Python object.
"""

from __future__ import annotations

import bz2
import gzip
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from data.importers.osm.kinds import PIPES, Tags, base_layer, is_main_road, is_network, is_track
from data.importers.osm_tags import ROLES, Classifier
from data.knowledge.reader import asset_types
from models.errors import BadInputError

Box = tuple[float, float, float, float]
#: More elements than any country has; a bomb of elements ends here.
MAX_ELEMENTS = 60_000_000
SETTLEMENTS = ("city", "town", "village", "hamlet", "suburb", "neighbourhood", "quarter",
               "borough", "isolated_dwelling")  # fmt: skip
#: Land on which nobody is counted as living.
NO_LIVING = frozenset(("allotments", "garages", "industrial", "commercial", "retail", "railway",
                       "military", "port"))  # fmt: skip
NODE_KEYS = ("place", "power", "highway", "railway", "population")


@dataclass(frozen=True, slots=True)
class Way:
    """A way of a network: its nodes, where they are, and its tags."""

    way_id: int
    nodes: tuple[int, ...]
    lonlat: NDArray[np.float64]
    tags: Tags
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Circuit:
    """A route relation of the power network: the ways and stations of one circuit."""

    relation_id: int
    tags: Tags
    ways: tuple[int, ...]
    others: tuple[str, ...]


@dataclass(slots=True)
class Extract:
    """What was read of one file."""

    frame: Box
    states_frame: bool
    #: (element, tags, geometry) of everything that the classifier knows
    elements: list[tuple[str, Tags, BaseGeometry]] = field(default_factory=list)
    power: list[Way] = field(default_factory=list)
    roads: list[Way] = field(default_factory=list)
    rails: list[Way] = field(default_factory=list)
    pipes: dict[str, list[Way]] = field(default_factory=lambda: defaultdict(list))
    cables: list[Way] = field(default_factory=list)
    circuits: list[Circuit] = field(default_factory=list)
    #: footprints of buildings and what their tags say
    buildings: list[BaseGeometry] = field(default_factory=list)
    building_tags: list[Tags] = field(default_factory=list)
    no_living: list[BaseGeometry] = field(default_factory=list)
    places: list[tuple[str, Tags, BaseGeometry]] = field(default_factory=list)
    streets: list[tuple[str, BaseGeometry]] = field(default_factory=list)
    #: layer of the base map → [(kind, geometry)]
    base: dict[str, list[tuple[str, BaseGeometry]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    coast: list[BaseGeometry] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=lambda: {"nodes": 0, "ways": 0, "relations": 0})
    broken: int = 0
    snapshot_date: str = ""

    def add_building(self, shape: BaseGeometry, tags: Tags) -> None:
        """Keep the footprint of a building and its tags together."""
        self.buildings.append(shape)
        self.building_tags.append(tags)


def format_of(path: Path) -> str:
    """Return the format of an OpenStreetMap file by its content; empty if it is none."""
    with path.open("rb") as file:
        head = file.read(4096)
    if b"OSMHeader" in head[:64]:
        return "pbf"
    packed: dict[bytes, tuple[str, Any]] = {
        b"BZh": ("osm.bz2", bz2.open),
        b"\x1f\x8b": ("osm.gz", gzip.open),
    }
    for magic, (kind, opener) in packed.items():
        if head.startswith(magic):
            try:
                with opener(path, "rb") as file:
                    return kind if b"<osm" in file.read(4096) else ""
            except (OSError, EOFError, ValueError):
                return ""
    return "osm" if b"<osm" in head and b"<osmChange" not in head else ""


def read(path: Path, tick: Callable[[], None] = lambda: None) -> Extract:
    """Read a file.

    Parameters
    ----------
    path
        What :func:`format_of` knows.
    tick
        Called from time to time; what it raises stops the reading.

    Raises
    ------
    BadInputError
        If the file is damaged.
    """
    try:
        return _Reader(path, tick).read()
    except (RuntimeError, OSError, ValueError, osmium.InvalidLocationError) as error:
        text = f"not a readable OpenStreetMap file ({error}). Is it complete?"
        raise BadInputError([f"{path.name}: {text}"]) from error


class _Reader:
    def __init__(self, path: Path, tick: Callable[[], None]) -> None:
        self.path, self.tick = path, tick
        self.format = format_of(path)
        self.classifier = Classifier(t for t in asset_types().values() if t.asset_type not in ROLES)
        self.factory = osmium.geom.WKBFactory()
        self.members: dict[int, BaseGeometry | None] = {}
        self.shapes: list[tuple[int, Tags, list[tuple[str, int, str]]]] = []
        frame = self._frame()
        self.extract = Extract(frame or (0.0, 0.0, 0.0, 0.0), frame is not None)
        dated = re.search(r"(?:19|20)\d\d-[01]\d-[0-3]\d", path.name)
        self.extract.snapshot_date = self.date or (dated[0] if dated else "")
        #: geometries are made together at the end: (where to put it, as an area, hex)
        self.waiting: list[tuple[Callable[[BaseGeometry], None], bool, str]] = []

    def _file(self) -> Any:
        return osmium.io.File(str(self.path), self.format)

    def _frame(self) -> Box | None:
        with osmium.io.Reader(self._file(), osmium.osm.NOTHING) as reader:
            header = reader.header()
            self.date = header.get("osmosis_replication_timestamp", "")[:10]
            box = header.box()
            if not box.valid():
                return None
            low, high = box.bottom_left, box.top_right
            return (low.lon, low.lat, high.lon, high.lat)

    def read(self) -> Extract:
        self._relations()
        self._nodes_and_ways()
        self._make_shapes()
        self._assemble()
        result = self.extract
        result.elements.sort(key=_element_order)
        if not result.states_frame:
            result.frame = self._extent()
        return result

    def _relations(self) -> None:
        """Note which ways belong to areas, sites and circuits."""
        keys = {*self.classifier.keys, "building", "landuse", "natural", "leisure", "waterway"}
        item: Any
        for item in osmium.FileProcessor(self._file(), osmium.osm.RELATION):
            tags = dict(item.tags)
            self.extract.rows["relations"] += 1
            kind = tags.get("type")
            if kind == "route" and tags.get("route") == "power":
                ways = tuple(m.ref for m in item.members if m.type == "w")
                others = tuple(
                    f"{_KIND[m.type]}/{m.ref}" for m in item.members
                    if m.role in ("substation", "plant", "generator", "")
                )  # fmt: skip
                self.extract.circuits.append(Circuit(item.id, tags, ways, others))
            elif kind in ("multipolygon", "site", "boundary") and keys & tags.keys():
                if kind == "boundary" and tags.get("boundary") == "administrative":
                    continue
                members = [(m.type, m.ref, m.role) for m in item.members]
                self.shapes.append((item.id, tags, members))
                self.members |= {ref: None for type_, ref, _ in members if type_ == "w"}

    def _nodes_and_ways(self) -> None:
        keys = osmium.filter.KeyFilter(*{*self.classifier.keys, *NODE_KEYS})
        entities = osmium.osm.NODE | osmium.osm.WAY
        keys.enable_for(osmium.osm.NODE)
        reader = osmium.FileProcessor(self._file(), entities).with_locations().with_filter(keys)
        item: Any
        for count, item in enumerate(reader):
            if not count % 20_000:
                self.tick()
                if count > MAX_ELEMENTS:
                    raise RuntimeError("more elements than a country has")
            if item.is_way():
                self._way(item)
            else:
                self._node(item)

    def _node(self, item: Any) -> None:
        self.extract.rows["nodes"] += 1
        tags = dict(item.tags)
        if not item.location.valid():
            self.extract.broken += 1
            return
        kind = self.classifier(tags)
        if kind is not None or "place" in tags:
            point = shapely.Point(item.location.lon, item.location.lat)
            if kind is not None:
                self.extract.elements.append((f"node/{item.id}", tags, point))
            if "place" in tags:
                self.extract.places.append((f"node/{item.id}", tags, point))

    def _way(self, item: Any) -> None:
        self.extract.rows["ways"] += 1
        tags = dict(item.tags)
        is_member = item.id in self.members
        if not tags and not is_member:
            return
        puts = list(self._uses(item.id, tags, item.is_closed()))
        if is_member:
            puts.append((self._member(item.id), False))
        if is_network(tags):
            self._network(item, tags)
        if not puts:
            return
        wkb = self._wkb(item)
        if wkb is None:
            self.extract.broken += 1
            return
        self.waiting.extend((put, is_area, wkb) for put, is_area in puts)

    def _member(self, ref: int) -> Callable[[BaseGeometry], None]:
        def put(shape: BaseGeometry) -> None:
            self.members[ref] = shape

        return put

    def _wkb(self, item: Any) -> str | None:
        try:
            return str(self.factory.create_linestring(item))
        except (RuntimeError, ValueError):  # nodes outside the extract, or all at one place
            return None

    def _uses(
        self, way_id: int, tags: Tags, is_closed: bool
    ) -> Iterator[tuple[Callable[[BaseGeometry], None], bool]]:
        result, element = self.extract, f"way/{way_id}"
        area = is_closed and tags.get("area") != "no"
        if self.classifier(tags) is not None:
            yield (lambda s: result.elements.append((element, tags, s))), area
        if tags.get("building", "no") != "no":
            if area:
                yield (lambda s: result.add_building(s, tags)), True
            return
        if "place" in tags:
            yield (lambda s: result.places.append((element, tags, s))), area
        if area and tags.get("landuse") in NO_LIVING:
            yield result.no_living.append, True
        if tags.get("natural") == "coastline":
            yield result.coast.append, False
        layer, kind = base_layer(tags, area)
        if layer:
            yield (lambda s: result.base[layer].append((kind, s))), area
        if "highway" in tags and tags.get("name") and tags["highway"] not in ("proposed",):
            yield (lambda s: result.streets.append((tags["name"], s))), False

    def _network(self, item: Any, tags: Tags) -> None:
        placed = [(n.ref, n.lon, n.lat) for n in item.nodes if n.location.valid()]
        is_cut = len(placed) < len(item.nodes)
        if len(placed) < 2:
            return
        lonlat = np.array([(lon, lat) for _, lon, lat in placed])
        way = Way(item.id, tuple(ref for ref, _, _ in placed), lonlat, tags, is_cut)
        result = self.extract
        if tags.get("power") in ("line", "minor_line", "cable"):
            result.power.append(way)
        elif is_main_road(tags):
            result.roads.append(way)
        elif is_track(tags):
            result.rails.append(way)
        elif tags.get("man_made") == "pipeline":
            result.pipes[PIPES[tags["substance"]]].append(way)
        else:
            result.cables.append(way)

    def _make_shapes(self) -> None:
        """Turn what waits into geometries, all at once."""
        lines = shapely.from_wkb([wkb for _, _, wkb in self.waiting])
        is_area = np.array([area for _, area, _ in self.waiting], dtype=bool)
        counts = shapely.get_num_points(lines) if len(lines) else np.zeros(0, dtype=int)
        shapes = np.array(lines, dtype=object)
        rows = np.flatnonzero(is_area & (counts >= 4))
        if len(rows):
            coordinates, ring = shapely.get_coordinates(lines[rows], return_index=True)
            shapes[rows] = shapely.polygons(shapely.linearrings(coordinates, indices=ring))
        for (put, _, _), shape in zip(self.waiting, shapes, strict=True):
            put(shape)
        self.waiting.clear()

    def _assemble(self) -> None:
        """Put areas and sites together from their members."""
        elements = {element: shape for element, _, shape in self.extract.elements}
        for relation_id, tags, members in self.shapes:
            lines = [
                (role, self.members[ref]) for kind, ref, role in members
                if kind == "w" and self.members.get(ref) is not None
            ]  # fmt: skip
            shape = _area(
                [s for r, s in lines if r != "inner"], [s for r, s in lines if r == "inner"]
            )
            if tags.get("type") == "site" and shape is None:
                parts = [elements.get(f"{_KIND[kind]}/{ref}") for kind, ref, _ in members]
                known = [p for p in [*parts, *(s for _, s in lines)] if p is not None]
                shape = shapely.GeometryCollection(known).convex_hull if known else None
            if shape is None or shape.is_empty:
                self.extract.broken += 1
                continue
            for put, _ in self._of_relation(relation_id, tags):
                put(shape)

    def _of_relation(
        self, relation_id: int, tags: Tags
    ) -> Iterator[tuple[Callable[[BaseGeometry], None], bool]]:
        result, element = self.extract, f"relation/{relation_id}"
        if self.classifier(tags) is not None:
            yield (lambda s: result.elements.append((element, tags, s))), True
        if tags.get("building", "no") != "no":
            yield (lambda s: result.add_building(s, tags)), True
            return
        if "place" in tags:
            yield (lambda s: result.places.append((element, tags, s))), True
        if tags.get("landuse") in NO_LIVING:
            yield result.no_living.append, True
        layer, kind = base_layer(tags, True)
        if layer:
            yield (lambda s: result.base[layer].append((kind, s))), True

    def _extent(self) -> Box:
        shapes = [s for _, _, s in self.extract.elements] + [s for _, _, s in self.extract.places]
        shapes += [s for _, s in self.extract.streets] + self.extract.buildings
        if not shapes:
            return (0.0, 0.0, 0.0, 0.0)
        west, south, east, north = shapely.total_bounds(shapely.GeometryCollection(shapes))
        return (float(west), float(south), float(east), float(north))


_KIND = {"n": "node", "w": "way", "r": "relation"}


def _element_order(item: tuple[str, Tags, BaseGeometry]) -> tuple[str, int]:
    kind, _, number = item[0].partition("/")
    return kind, int(number)


def _area(outer: list[BaseGeometry], inner: list[BaseGeometry]) -> BaseGeometry | None:
    if not outer:
        return None
    shape = shapely.union_all(shapely.get_parts(shapely.polygonize(outer)))
    if shape.is_empty:
        return None
    if inner:
        holes = shapely.union_all(shapely.get_parts(shapely.polygonize(inner)))
        shape = shapely.difference(shape, holes)
    return shape
