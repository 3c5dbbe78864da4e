"""Worlds and outcomes as files for other tools: CSV, GeoJSON, GeoPackage, GraphML.

A world written as a folder or GeoPackage can be read again and is the same world. Every export
contains the world's licence and attribution.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import networkx as nx
import shapely
from shapely.geometry import LineString, Point, mapping
from shapely.geometry.base import BaseGeometry

from data.exchange.outcome_cells import cells_of
from data.exchange.replacing import replacing
from data.worlds.columns import Column
from data.worlds.schema import BOUNDS, COLUMNS, group_column
from data.worlds.tables import GEOMETRY, LIST_SEPARATOR, cell_text
from models.errors import BadInputError
from models.papers.tabular import csv_text
from models.world import Asset, Cell, Link, World

CRS = "EPSG:4326"
#: Time of writing in GeoPackages: fixed, so that equal content gives equal bytes.
FIXED_DATE = "2000-01-01T00:00:00.000Z"
Record = dict[str, Any]
Layers = Mapping[str, list[Record]]
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
    world: World, folder: Path, spatial: Literal["csv", "geojson"] = "csv"
) -> None:
    """Write a world as a folder of tables.

    Parameters
    ----------
    world
        The world to write.
    folder
        New or empty folder.
    spatial
        Format of assets, links and cells of people.

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
            if spatial == "geojson" and name in DRAWN:
                text = _collection(world, _features(world, name, records))
                (made / f"{name}.geojson").write_text(text, encoding="utf-8")
            else:
                _write_csv(made / f"{name}.csv", records, _columns(name, records))


def write_world_gpkg(world: World, path: Path) -> None:
    """Write a world as one GeoPackage with a layer per table."""
    layers = {name: _tidy(name, records) for name, records in world_records(world).items()}
    for name in DRAWN:
        drawn = zip(layers.get(name, []), _things(world, name).values(), strict=True)
        layers[name] = [record | {GEOMETRY: _drawn(world, thing)} for record, thing in drawn]
    layers = {name: records for name, records in layers.items() if records}
    _write_gpkg(path, {"world": [_flat(world_meta(world))], **layers})


def write_world_geojson(world: World, path: Path) -> None:
    """Write assets, links and cells of people as one GeoJSON file for a map.

    The property ``table`` tells them apart.
    """
    features = [
        feature
        for name, records in world_records(world).items()
        if name in DRAWN
        for feature in _features(world, name, records, {"table": name})
    ]
    with replacing(path) as made:
        made.write_text(_collection(world, features), encoding="utf-8")


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


# --- outcomes --------------------------------------------------------------------------------


def write_outcome_csv(world: World, plain: Mapping[str, Any], path: Path) -> None:
    """Write the trace as CSV, and beside it ``<name>.licence.txt`` with the attribution.

    Parameters
    ----------
    world
        What the scenario ran in.
    plain
        What came of it, as ``outcome_plain`` returns it.
    path
        Replaced whole, if it is there.
    """
    records = _trace(world, plain)
    with replacing(path) as made:
        _write_csv(made, records, list(records[0]) if records else list(_TRACE_COLUMNS))
    credit = path.with_name(path.name + ".licence.txt")
    with replacing(credit) as made:
        made.write_text(f"{world.title}\n{world.attribution}\n{world.licence}\n", encoding="utf-8")


def write_outcome_geojson(world: World, plain: Mapping[str, Any], path: Path) -> None:
    """Write every asset with its outcome as GeoJSON.

    Parameters
    ----------
    world
        What the scenario ran in.
    plain
        What came of it, as ``outcome_plain`` returns it.
    path
        Replaced whole, if it is there.
    """
    features = [_feature(record) for record in _assets(world, plain)]
    with replacing(path) as made:
        made.write_text(_collection(world, features), encoding="utf-8")


def write_outcome_gpkg(world: World, plain: Mapping[str, Any], path: Path) -> None:
    """Write assets and cells with what became of them, the trace and the people as one GeoPackage.

    Parameters
    ----------
    world
        What the scenario ran in.
    plain
        What came of it, as ``outcome_plain`` returns it.
    path
        Replaced whole, if it is there.
    """
    at_home = (plain.get("people_distinct") or {}).get("by_service", {})
    people = [
        {"service": name, **numbers, **_at_home(at_home.get(name))}
        for name, numbers in sorted(plain["people"].items())
    ]
    layers = {
        "world": [_flat(world_meta(world))],
        "assets": _assets(world, plain),
        "trace": _trace(world, plain),
        "people": people,
        "cells": cells_of(world, plain),
    }
    _write_gpkg(path, {name: records for name, records in layers.items() if records})


def _at_home(found: Mapping[str, Any] | None) -> Record:
    """Return people without a service at home; older files have none."""
    names = ("peak", "person_hours")
    return {} if found is None else {f"at_home_{name}": found[name] for name in names}


def _assets(world: World, plain: Mapping[str, Any]) -> list[Record]:
    return [
        _after(world, asset, plain["assets"].get(asset.asset_id))
        for asset in world.assets.values()
        if not asset.is_junction
    ]


def _after(world: World, asset: Asset, became: Mapping[str, Any] | None) -> Record:
    """Return an asset with its outcome; without one it kept its state."""
    head = {name: getattr(asset, name) for name in ("asset_id", "name", "asset_type", "sector")}
    untouched = "unknown" if asset.asset_id in world.hidden else "working"
    became = became or {"state_end": untouched, "level_end": 1.0, "down_h": 0.0}
    numbers = ("level_end", "first_loss_h", "down_h", "order")
    delivers = json.dumps(became.get("delivers_end", {}), sort_keys=True, ensure_ascii=False)
    return (
        head
        | {"state_end": became["state_end"]}
        | {name: became.get(name) for name in numbers}
        | {"delivers_end": delivers, GEOMETRY: asset.geometry or Point(asset.lon, asset.lat)}
    )


_TRACE_COLUMNS = (
    *("row", "t_h", "asset", "name", "link", "service", "from", "to"),
    *("kind", "group", "because", "order"),
)


def _trace(world: World, plain: Mapping[str, Any]) -> list[Record]:
    rows = []
    for row in plain["trace"]:
        thing = world.assets.get(row["asset"] or "") or world.links.get(row["link"] or "")
        because = LIST_SEPARATOR.join(str(number) for number in row["because"])
        record = row | {"name": thing.name if thing else "", "because": because}
        rows.append({name: record[name] for name in _TRACE_COLUMNS})
    return rows


#: Formats of ``export``, by name.
WORLD_FORMATS: Mapping[str, Callable[[World, Path], None]] = {
    "csv": write_world_folder,
    "geojson": write_world_geojson,
    "gpkg": write_world_gpkg,
    "graphml": write_world_graphml,
}
OUTCOME_FORMATS: Mapping[str, Callable[[World, Mapping[str, Any], Path], None]] = {
    "csv": write_outcome_csv,
    "geojson": write_outcome_geojson,
    "gpkg": write_outcome_gpkg,
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


def _flat(meta: Record) -> Record:
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
        _feature({**(further or {}), **record, GEOMETRY: _drawn(world, thing)})
        for record, thing in zip(tidy, things.values(), strict=True)
    ]


def _feature(record: Record) -> Record:
    properties = {name: content for name, content in record.items() if name != GEOMETRY}
    return {"type": "Feature", "properties": properties, "geometry": mapping(record[GEOMETRY])}


def _collection(world: World, features: list[Record]) -> str:
    credit = {"title": world.title, "licence": world.licence, "attribution": world.attribution}
    head = json.dumps({"type": "FeatureCollection", **credit}, ensure_ascii=False)[:-1]
    lines = ",\n".join(json.dumps(f, ensure_ascii=False, allow_nan=False) for f in features)
    return f'{head}, "features": [\n{lines}\n]}}\n'


def _write_csv(path: Path, records: list[Record], columns: list[Column] | list[str]) -> None:
    names = [column if isinstance(column, str) else column.name for column in columns]
    rows = ([record[name] for name in names] for record in records)
    path.write_text(csv_text(names, rows, text_of=_csv_cell), encoding="utf-8", newline="")


def _csv_cell(content: Any) -> str:
    if isinstance(content, BaseGeometry):
        return str(shapely.to_wkt(content, rounding_precision=-1))
    return cell_text(content)


def _write_gpkg(path: Path, layers: Layers) -> None:
    # imported here: slow, and rarely needed by the server
    import geopandas as gpd
    import pandas as pd
    import pyogrio

    with replacing(path) as made, _fixed_date():
        for name, records in layers.items():
            frame = pd.DataFrame.from_records(records)
            if GEOMETRY in frame:
                frame = gpd.GeoDataFrame(frame, geometry=GEOMETRY, crs=CRS)
                pyogrio.write_dataframe(
                    frame, made, layer=name, driver="GPKG", geometry_type="Unknown"
                )
            else:
                pyogrio.write_dataframe(frame, made, layer=name, driver="GPKG")


@contextmanager
def _fixed_date() -> Iterator[None]:
    import pyogrio  # see _write_gpkg

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_DATE})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
