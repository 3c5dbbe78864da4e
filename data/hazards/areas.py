"""Fields from areas: a polygon of the scenario, GeoJSON and GeoPackage, warnings (CAP)."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from data.hazards.rasters import projection
from models.errors import BadInputError
from models.hazards.fields import Areas

#: Bytes of a file of areas, areas in it, and corners of them, at most.
MAX_BYTES, MAX_AREAS, MAX_CORNERS = 200_000_000, 200_000, 5_000_000
#: Corners of a circle: its area is then too small by 0.02 %.
CORNERS = 180

Note = str


def area_of(plain: Mapping[str, Any], crs: str | None, place: str) -> tuple[Any, list[Note]]:
    """Return a GeoJSON geometry as an area in degrees, and what was mended.

    Parameters
    ----------
    plain
        The geometry.
    crs
        Its system of coordinates; None: degrees.
    place
        Where the scenario has it, for messages.

    Raises
    ------
    BadInputError
        It is no area, is empty, or lies outside the earth.
    """
    from shapely.errors import ShapelyError
    from shapely.geometry import shape

    try:
        if len(json.dumps(plain)) > MAX_BYTES // 20:
            raise BadInputError([f"{place}: the polygon has too many corners."])
        geometry = shape(plain)
    except (ShapelyError, ValueError, TypeError, KeyError, AttributeError, IndexError):
        raise BadInputError([f"{place}: no geometry of GeoJSON that can be read."]) from None
    return _mended([geometry], crs, place)


def _mended(geometries: Sequence[Any], crs: str | None, place: str) -> tuple[Any, list[Note]]:
    """Return the union of areas in degrees, valid, and what was mended."""
    import shapely

    notes: list[Note] = []
    whole = np.array([g for g in geometries if g is not None and not g.is_empty], dtype=object)
    if not len(whole):
        raise BadInputError([f"{place}: the area is empty."])
    if not np.isfinite(shapely.get_coordinates(whole)).all():
        raise BadInputError([f"{place}: a corner is no finite number."])
    if not set(shapely.get_type_id(whole).tolist()) <= {3, 6}:
        raise BadInputError([f"{place}: points or lines have no area. Draw a polygon."])
    if not shapely.is_valid(whole).all():
        notes.append(f"{place}: the area crosses itself; it is taken as what it encloses.")
        whole = shapely.make_valid(whole)
    project = projection(crs, place) if crs is not None else None
    if project is not None:
        whole = _in_degrees(whole, str(crs), place)
    area = shapely.union_all(whole)
    west, south, east, north = area.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        text = "a corner lies outside -180 to 180 and -90 to 90 degrees. Name its 'crs'"
        raise BadInputError([f"{place}: {text}, or put longitude first."])
    if area.area == 0:
        raise BadInputError([f"{place}: the polygon has no area."])
    return area, notes


def _in_degrees(shapes: Any, crs: str, place: str) -> Any:
    import shapely
    from pyproj import Transformer

    turned = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    found = shapely.transform(shapes, lambda xy: np.stack(turned.transform(*xy.T), axis=1))
    if not np.isfinite(shapely.get_coordinates(found)).all():
        raise BadInputError([f"{place}: a corner lies outside the system of coordinates."])
    return found


def areas_of_file(
    path: Path, place: str, *, layer: str | None, column: str | None,
    intensity: float | None, crs: str | None,
) -> tuple[Areas, list[Note]]:  # fmt: skip
    """Return the areas of a GeoJSON or GeoPackage file, each with its intensity.

    Parameters
    ----------
    path
        The file.
    place
        Where the scenario names it, for messages.
    layer
        The layer; None where there is one.
    column
        The column of intensities; None: ``intensity`` where there is one.
    intensity
        One for all areas, in place of a column.
    crs
        The system of coordinates where the file states none.

    Raises
    ------
    BadInputError
        With what is wrong with the file.
    """
    frame = _read(path, place, layer)
    if frame.crs is None and crs is None:
        text = "the file states no system of coordinates. Name it as 'crs', such as EPSG:25833"
        raise BadInputError([f"{place}: {text}."])
    system = crs if crs is not None else frame.crs.to_wkt()
    values = _intensities(frame, place, column, intensity)
    shapes, kept, notes = [], [], list[Note]()
    for n, (geometry, value) in enumerate(zip(frame.geometry, values, strict=True)):
        if geometry is None or geometry.is_empty:
            continue
        area, mended = _mended([geometry], system, f"{place}, area {n + 1}")
        notes += mended
        shapes.append(area)
        kept.append(value)
    if not shapes:
        raise BadInputError([f"{place}: '{path.name}' holds no area."])
    return Areas(shapes, kept), notes


def _read(path: Path, place: str, layer: str | None) -> Any:
    import geopandas
    from pyogrio import list_layers, read_info
    from pyogrio.errors import DataLayerError, DataSourceError

    if path.stat().st_size > MAX_BYTES:
        raise BadInputError([f"{place}: '{path.name}' is larger than {MAX_BYTES:,} bytes."])
    try:
        layers = [str(name) for name, kind in list_layers(path) if kind is not None]
        if layer is None and len(layers) != 1:
            raise BadInputError([f"{place}: name the 'layer'. There are: {', '.join(layers)}."])
        info = read_info(path, layer=layer)
        if info["features"] > MAX_AREAS:
            raise BadInputError([f"{place}: more than {MAX_AREAS:,} areas."])
        frame = geopandas.read_file(path, layer=layer)
    except (DataSourceError, DataLayerError, ValueError, OSError) as error:
        text = str(error).splitlines()[0].replace(str(path), path.name) if str(error) else ""
        raise BadInputError([f"{place}: '{path.name}' cannot be read ({text[:120]})."]) from None
    if not isinstance(frame, geopandas.GeoDataFrame):
        raise BadInputError([f"{place}: '{path.name}' holds no geometry."])
    if frame.count_coordinates().sum() > MAX_CORNERS:
        raise BadInputError([f"{place}: more than {MAX_CORNERS:,} corners."])
    return frame


def _intensities(
    frame: Any, place: str, column: str | None, intensity: float | None
) -> list[float]:
    if intensity is not None and column is None:
        return [intensity] * len(frame)
    name = column or ("intensity" if "intensity" in frame.columns else None)
    if name is None or name not in frame.columns:
        listed = ", ".join(str(c) for c in frame.columns if c != frame.geometry.name) or "none"
        text = "name the 'column' of intensities, or one 'intensity' for all"
        raise BadInputError([f"{place}: {text}. Columns: {listed}."])
    values: list[float] = []
    for n, cell in enumerate(frame[name].tolist()):
        try:
            value = float(cell)
        except (TypeError, ValueError):
            value = math.nan
        if not math.isfinite(value):
            raise BadInputError([f"{place}, area {n + 1}: '{name}' is no number ({cell!r})."])
        values.append(value)
    return values


# --- warnings --------------------------------------------------------------------------------

_CAP = ("urn:oasis:names:tc:emergency:cap:1.2", "urn:oasis:names:tc:emergency:cap:1.1")
MAX_CAP_BYTES = 20_000_000


def areas_of_warnings(
    paths: Sequence[Path], intensity: float, place: str
) -> tuple[Areas, list[Note]]:
    """Return the areas of the warnings that are in force: Update and Cancel replace others.

    Parameters
    ----------
    paths
        The files, each with one message or several.
    intensity
        What holds inside their areas.
    place
        Where the scenario names them, for messages.

    Raises
    ------
    BadInputError
        A file is no CAP, or no warning in force has an area.
    """
    messages = [message for path in paths for message in _messages(path, place)]
    replaced = {
        ref
        for message in messages
        if message.kind in ("Update", "Cancel")
        for ref in message.refers
    }
    valid = [m for m in messages if m.kind in ("Alert", "Update") and m.key not in replaced]
    notes = [f"{place}: '{m.key[1]}' is a message of status {m.status}."
             for m in valid if m.status not in ("Actual", "Exercise")]  # fmt: skip
    shapes: list[Any] = []
    for item in valid:
        for area in item.polygons:
            found, mended = _mended([area], None, place)
            shapes.append(found)
            notes += mended
        for lat, lon, radius_km in item.circles:
            shapes += circle(lon, lat, 1000 * radius_km)
    if not valid and messages:
        return Areas([], []), [*notes, f"{place}: no warning is in force: all are cancelled."]
    if not shapes:
        text = "no warning has a polygon or circle; areas by geocode alone are not known here"
        raise BadInputError([f"{place}: {text}."])
    return Areas(shapes, [intensity] * len(shapes)), notes


class _Message:
    """One alert: what kind it is, what it replaces, its areas."""

    def __init__(self, root: Any, path: Path, place: str) -> None:
        space = root.tag.partition("}")[0].lstrip("{")
        self.where = f"{place}: '{path.name}'"
        self._space = {"c": space}
        self.kind, self.status = self._text(root, "msgType"), self._text(root, "status")
        names = ("sender", "identifier", "sent")
        sender, identifier, sent = (self._text(root, name) for name in names)
        self.key = (sender, identifier, sent)
        if not identifier or not self.kind:
            raise BadInputError([f"{self.where}: an alert without identifier or msgType."])
        refers = (part.split(",") for part in self._text(root, "references").split())
        self.refers = {tuple(ref) for ref in refers if len(ref) == 3}
        areas = root.findall("c:info/c:area", self._space)
        self.polygons = [
            self._polygon(p.text or "") for a in areas for p in self._all(a, "polygon")
        ]
        self.circles = [self._circle(c.text or "") for a in areas for c in self._all(a, "circle")]

    def _all(self, node: Any, name: str) -> Iterator[Any]:
        yield from node.findall(f"c:{name}", self._space)

    def _text(self, root: Any, name: str) -> str:
        return " ".join((root.findtext(f"c:{name}", "", self._space) or "").split())

    def _polygon(self, text: str) -> Any:
        from shapely.geometry import Polygon

        pairs = [self._numbers(pair) for pair in text.split()]
        if len(pairs) < 4 or any(len(pair) != 2 for pair in pairs):
            raise BadInputError([f"{self.where}: a polygon needs at least four pairs of numbers."])
        return Polygon([(lon, lat) for lat, lon in pairs])

    def _circle(self, text: str) -> tuple[float, float, float]:
        parts = text.split()
        centre = self._numbers(parts[0]) if len(parts) == 2 else []
        radius = self._numbers(parts[1]) if len(parts) == 2 else []
        if len(centre) != 2 or len(radius) != 1 or not 0 <= radius[0] <= 20_000:
            raise BadInputError([f"{self.where}: '{text[:60]}' is no circle (lat,lon radius)."])
        if abs(centre[0]) > 90 or abs(centre[1]) > 180:
            raise BadInputError([f"{self.where}: the circle '{text[:60]}' lies off the earth."])
        return centre[0], centre[1], radius[0]

    def _numbers(self, text: str) -> list[float]:
        try:
            found = [float(part) for part in text.split(",")]
        except ValueError:
            found = [math.nan]
        if not all(map(math.isfinite, found)):
            raise BadInputError([f"{self.where}: '{text[:60]}' holds no number."])
        return found


def _messages(path: Path, place: str) -> Iterator[_Message]:
    from lxml import etree

    if path.stat().st_size > MAX_CAP_BYTES:
        raise BadInputError([f"{place}: '{path.name}' is larger than {MAX_CAP_BYTES:,} bytes."])
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )
    try:
        tree = etree.parse(str(path), parser)
    except etree.XMLSyntaxError as error:
        text = str(error).splitlines()[0][:120]
        raise BadInputError([f"{place}: '{path.name}' is no XML ({text})."]) from None
    if tree.docinfo.internalDTD is not None:
        raise BadInputError([f"{place}: '{path.name}' declares a DOCTYPE, which CAP never has."])
    alerts = [node for space in _CAP for node in tree.iter(f"{{{space}}}alert")]
    if not alerts:
        raise BadInputError([f"{place}: '{path.name}' holds no alert of CAP 1.1 or 1.2."])
    yield from (_Message(node, path, place) for node in alerts)


def circle(lon: float, lat: float, radius_m: float) -> list[Any]:
    """Return a circle on the earth as areas in degrees, also around a pole or across 180 degrees.

    Parameters
    ----------
    lon, lat
        Its centre, in degrees.
    radius_m
        Its radius on the ground.
    """
    from pyproj import Geod
    from shapely.affinity import translate
    from shapely.geometry import Polygon, box

    if radius_m == 0:
        return []
    geod = Geod(ellps="WGS84")
    azimuth = np.linspace(0.0, 360.0, CORNERS, endpoint=False)
    n = np.ones(CORNERS)
    lons, lats, _ = geod.fwd(lon * n, lat * n, azimuth, radius_m * n)
    poles = [p for p in (90.0, -90.0) if geod.inv(lon, lat, lon, p)[2] <= radius_m]
    earth = box(-180, -90, 180, 90)
    if len(poles) == 2:
        return [earth]
    if poles:
        order = np.argsort(lons)
        edge = list(zip(lons[order].tolist(), lats[order].tolist(), strict=True))
        at = float(np.interp(180.0, [edge[-1][0], edge[0][0] + 360], [edge[-1][1], edge[0][1]]))
        ring = [(-180.0, at), *edge, (180.0, at), (180.0, poles[0]), (-180.0, poles[0])]
        return [Polygon(ring).buffer(0)]
    around = lon + np.mod(np.asarray(lons) - lon + 180.0, 360.0) - 180.0
    whole = Polygon(zip(around.tolist(), lats, strict=True)).buffer(0)
    parts = (translate(whole, shift).intersection(earth) for shift in (-360.0, 0.0, 360.0))
    return [part for part in parts if not part.is_empty]
