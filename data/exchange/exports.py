"""Worlds as files for other tools: CSV, GeoJSON, GeoParquet, GeoPackage, GraphML.

A world that was written can be read again and is the same world, but for GraphML. Every export
contains the world's licence and attribution.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import networkx as nx
import shapely
from shapely.geometry import LineString, Point, mapping
from shapely.geometry.base import BaseGeometry

from data.exchange.qgis import world_styles
from data.exchange.replacing import replacing
from data.worlds import postgis
from data.worlds.columns import Column
from data.worlds.layers import Record, write_gpkg, write_parquet
from data.worlds.schema import BOUNDS, COLUMNS, group_column
from data.worlds.tables import GEOMETRY, cell_text
from models.errors import BadInputError
from models.papers.tabular import csv_text
from models.world import Asset, Cell, Link, World

Things = Mapping[str, Asset | Link | Cell]
#: Tables whose rows have a point, line or polygon.
DRAWN = ("assets", "links", "people")


# --- worlds ----------------------------------------------------------------------------------


def world_records(world: World) -> dict[str, list[Record]]:
    """Return the rows of every non-empty table of a world; geometry as shapely objects."""
    dependencies = [
        {"supplier_id": s.asset_id, "share": s.share, "distance_m": s.distance_m}
        | {name: getattr(group, name) for name in group.__dataclass_fields__ if name != "suppliers"}
        for group in world.groups.values()
        for s in group.suppliers
    ]
    causes: list[Record] = []
    for cause in world.common_causes.values():
        head = {name: getattr(cause, name) for name in ("group_id", "basis", "name", "beta")}
        causes += [{**head, "asset_id": asset, "link_id": ""} for asset in cause.asset_ids]
        causes += [{**head, "asset_id": "", "link_id": link} for link in cause.link_ids]
    tables = {
        "assets": [_record(asset) for asset in world.assets.values()],
        "links": [_record(link) for link in world.links.values()],
        "dependencies": dependencies,
        "flows": [_record(flow) for flow in world.flows],
        "common_cause": causes,
        "service_areas": [_record(area) for area in world.service_areas],
        "people": _cells(world),
        "served": [_record(serving) for serving in world.servings],
        "unknowns": [_record(need) for need in world.unknown_needs],
        "labels": [_record(marking) for marking in world.markings],
    }
    _add_bounds(world, tables)
    return {name: records for name, records in tables.items() if records}


def _cells(world: World) -> list[Record]:
    """Return the cells of people, with a column for each group of people."""
    names = sorted({name for cell in world.cells.values() for name, _ in cell.groups})
    cells = []
    for cell in world.cells.values():
        record = _record(cell)
        counts = dict(record.pop("groups"))
        cells.append(record | {name: counts.get(name, 0) for name in names})
    return cells


def _things(world: World, table: str) -> Things:
    """Return the objects of a spatial table, in order."""
    things: Mapping[str, Things] = {
        "assets": world.assets,
        "links": world.links,
        "people": world.cells,
    }
    return things[table]


def _add_bounds(world: World, tables: Mapping[str, list[Record]]) -> None:
    """Add the bounds of uncertain numbers as columns beside them."""
    uncertain = {(r.table, r.column) for r in world.ranges}
    bounds = {(r.table, r.row, r.column): (r.low, r.high) for r in world.ranges}
    for table, column in sorted(uncertain):
        for record in tables[table]:
            key = tuple(record[name] for name in _ROW_KEYS.get((table, column), _ROW_KEYS[table]))
            low_high = bounds.get((table, key, column), (None, None))
            record |= {column + end: bound for end, bound in zip(BOUNDS, low_high, strict=True)}


#: Key columns of the rows that have bounds.
_ROW_KEYS: Mapping[Any, tuple[str, ...]] = {
    "assets": ("asset_id",),
    "dependencies": ("group_id",),
    ("dependencies", "share"): ("group_id", "supplier_id"),
    "flows": ("asset_id", "service"),
}


def write_world_folder(
    world: World, folder: Path, form: Literal["csv", "geojson", "geoparquet"] = "csv"
) -> None:
    """Write a world as a folder of tables.

    Parameters
    ----------
    world
        The world to write.
    folder
        New or empty folder.
    form
        ``geojson``: assets, links and cells of people as GeoJSON, the other tables as CSV.
        ``geoparquet``: every table as GeoParquet or Parquet.

    Raises
    ------
    BadInputError
        If the folder is not empty, or cannot be created.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInputError([f"{folder}: is there and not empty. Give the name of a new folder."])
    with replacing(folder) as made:
        made.mkdir()
        meta = json.dumps(world_meta(world), ensure_ascii=False, indent=2) + "\n"
        (made / "world.json").write_text(meta, encoding="utf-8")
        for name, records in world_records(world).items():
            if form == "geoparquet":
                write_parquet(made / f"{name}.parquet", _layer(world, name, records))
            elif form == "geojson" and name in DRAWN:
                text = collection(world, _features(world, name, records))
                (made / f"{name}.geojson").write_text(text, encoding="utf-8")
            else:
                write_csv(made / f"{name}.csv", records, _columns(name, records))


def write_world_gpkg(world: World, path: Path, colours: Mapping[str, str] | None = None) -> None:
    """Write a world as one GeoPackage with a layer per table.

    Parameters
    ----------
    world
        The world to write.
    path
        Replaced whole, if it is there.
    colours
        The page's colours by token: layers then have styles and forms for QGIS.
    """
    layers = world_layers(world)
    styles = world_styles(layers, colours) if colours else None
    with replacing(path) as made:
        write_gpkg(made, layers, styles)


def write_world_postgis(world: World, url: str) -> None:
    """Write a world into a new schema of a PostGIS database."""
    postgis.write_world(world_layers(world), url)


def world_layers(world: World) -> dict[str, list[Record]]:
    """Return the tables of a world as layers, ``world`` first."""
    layers = {name: _layer(world, name, records) for name, records in world_records(world).items()}
    return {"world": [flat(world_meta(world))], **layers}


def _layer(world: World, name: str, records: list[Record]) -> list[Record]:
    """Return the rows of a table as they stand in a layer, drawn ones with their shapes."""
    tidy = _tidy(name, records)
    if name not in DRAWN:
        return tidy
    drawn = zip(tidy, _things(world, name).values(), strict=True)
    return [record | {GEOMETRY: _drawn(world, thing)} for record, thing in drawn]


def write_world_parquet(world: World, folder: Path) -> None:
    """Write a world as a folder of GeoParquet and Parquet files."""
    write_world_folder(world, folder, "geoparquet")


def write_world_geojson(world: World, path: Path) -> None:
    """Write a world as one GeoJSON file.

    Its features are assets, links and cells of people; the property ``table`` tells them apart.
    The members ``world`` and ``tables``, which maps skip, hold the rest, so that the file can be
    read again as the same world.
    """
    records = world_records(world)
    features = [
        feature
        for name in DRAWN
        if name in records
        for feature in _features(world, name, records[name], {"table": name})
    ]
    tables = {name: _tidy(name, rows) for name, rows in records.items() if name not in DRAWN}
    whole = {"world": world_meta(world), "tables": tables}
    with replacing(path) as made:
        made.write_text(collection(world, features, whole), encoding="utf-8")


def write_world_graphml(world: World, path: Path) -> None:
    """Write the graph of dependencies (supplier to consumer) and links as GraphML."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(
        title=_xml(world.title), licence=_xml(world.licence), attribution=_xml(world.attribution)
    )
    for asset in world.assets.values():
        label, kind = _xml(asset.name or asset.asset_id), _xml(asset.asset_type)
        place = {"lon": asset.lon, "lat": asset.lat}
        graph.add_node(
            _xml(asset.asset_id), label=label, asset_type=kind, sector=_xml(asset.sector), **place
        )
    for group in world.groups.values():
        stated: Record = {
            "k": group.k,
            "autonomy_h": float(group.autonomy_h),
            "loss": float(group.loss),
        }
        texts = {"id": group.group_id, "service": group.service, "origin": group.origin}
        attributes = stated | {name: _xml(text) for name, text in texts.items()}
        for supplier in group.suppliers:
            ends = _xml(supplier.asset_id), _xml(group.consumer_id)
            key = graph.add_edge(*ends, f"{attributes['id']} {ends[0]}")
            graph.edges[(*ends, key)].update(relation="dependency", kind=group.kind, **attributes)
    for link in world.links.values():
        texts = {"id": link.link_id, "service": link.service, "origin": link.origin}
        attributes = {name: _xml(text) for name, text in texts.items()}
        ends = _xml(link.from_id), _xml(link.to_id)
        key = graph.add_edge(*ends, f"link {attributes['id']}")
        graph.edges[(*ends, key)].update(relation="link", directed=link.directed, **attributes)
    with replacing(path) as made:
        nx.write_graphml_xml(graph, made, named_key_ids=True)


def world_meta(world: World) -> Record:
    """Return the content of ``world.json``, without empty fields."""
    texts = ("title", "version", "snapshot_date", "licence", "attribution")
    meta: Record = {"id": world.world_id} | {name: getattr(world, name) for name in texts}
    meta["bbox"] = list(world.bbox) if world.bbox else None
    meta["sources"] = [dict(source) for source in world.sources]
    return {name: content for name, content in meta.items() if content}


#: Formats of ``export``, by name.
WORLD_FORMATS: Mapping[str, Callable[[World, Any], None]] = {
    "csv": write_world_folder,
    "geojson": write_world_geojson,
    "geoparquet": write_world_parquet,
    "gpkg": write_world_gpkg,
    "graphml": write_world_graphml,
    "postgis": write_world_postgis,
}
# --- records ---------------------------------------------------------------------------------


def _record(thing: Any) -> Record:
    return {name: getattr(thing, name) for name in thing.__dataclass_fields__}


def _columns(table: str, records: list[Record]) -> list[Column]:
    """Return the columns to write: required ones, and those that are not empty."""
    stated = {column.name for column in COLUMNS[table]}
    groups = (group_column(name) for name in records[0] if table == "people" and name not in stated)
    columns = [column for column in COLUMNS[table] if column.name in records[0]]
    columns += groups
    return [c for c in columns if c.required or any(r[c.name] != c.default for r in records)]


def _tidy(table: str, records: list[Record]) -> list[Record]:
    """Return records for a layer: non-empty columns, lists as text, shapes of assets and links."""
    names = [column.name for column in _columns(table, records) if column.name != GEOMETRY]
    return [
        {n: cell_text(r[n]) if isinstance(r[n], tuple) else r[n] for n in names} for r in records
    ]


def flat(meta: Record) -> Record:
    """Return metadata for a layer of one row; other values than text as JSON."""
    return {
        name: content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        for name, content in meta.items()
    }


def _drawn(world: World, thing: Asset | Link | Cell) -> BaseGeometry:
    """Return the shape of an asset, link or cell; without one, its point or a straight line.

    The reader recognises such default shapes and does not keep them as geometry.
    """
    if thing.geometry is not None:
        return thing.geometry
    if not isinstance(thing, Link):
        return Point(thing.lon, thing.lat)
    ends = (world.assets[thing.from_id], world.assets[thing.to_id])
    return LineString([(end.lon, end.lat) for end in ends])


def _xml(text: str) -> str:
    """Return a text without the characters that XML cannot carry."""
    return "".join(c for c in text if c in "\t\n" or unicodedata.category(c) not in ("Cc", "Cs"))


# --- files -----------------------------------------------------------------------------------


def _features(
    world: World, table: str, records: list[Record], further: Record | None = None
) -> list[Record]:
    things = _things(world, table)
    tidy = _tidy(table, records)
    return [
        feature({**(further or {}), **record, GEOMETRY: _drawn(world, thing)})
        for record, thing in zip(tidy, things.values(), strict=True)
    ]


def feature(record: Record) -> Record:
    """Return a record as a GeoJSON feature."""
    properties = {name: content for name, content in record.items() if name != GEOMETRY}
    return {"type": "Feature", "properties": properties, "geometry": mapping(record[GEOMETRY])}


def collection(world: World, features: list[Record], further: Record | None = None) -> str:
    """Return features as a GeoJSON text with the credit of their world.

    Parameters
    ----------
    world
        Names licence and attribution.
    features
        One line each.
    further
        Members that stand before the credit.
    """
    credit = {"title": world.title, "licence": world.licence, "attribution": world.attribution}
    members = {"type": "FeatureCollection", **(further or {}), **credit}
    head = json.dumps(members, ensure_ascii=False, allow_nan=False)[:-1]
    lines = ",\n".join(json.dumps(f, ensure_ascii=False, allow_nan=False) for f in features)
    return f'{head}, "features": [\n{lines}\n]}}\n'


def write_csv(path: Path, records: list[Record], columns: list[Column] | list[str]) -> None:
    """Write records as a table without formulas.

    Parameters
    ----------
    path
        A new file.
    records
        The rows.
    columns
        Columns, or their names, in order.
    """
    names = [column if isinstance(column, str) else column.name for column in columns]
    rows = ([record[name] for name in names] for record in records)
    path.write_text(csv_text(names, rows, text_of=_csv_cell), encoding="utf-8", newline="")


def _csv_cell(content: Any) -> str:
    if isinstance(content, BaseGeometry):
        return str(shapely.to_wkt(content, rounding_precision=-1))
    return cell_text(content)
