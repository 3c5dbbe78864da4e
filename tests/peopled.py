"""A small town for everything about people: cells with outlines, municipalities, groups, shedding.

    grid (30 of 40 MW come in) --line-- north, south       exchange: landline, on its battery 8 h
    works: drinking water, needs north

North Haven (three cells) hangs on station ``north``, Southby (two cells) on ``south``; the cell
``lake`` is a point, and who serves it is assumed. Power is shed in the order quay, mill, the rest.
"""

from __future__ import annotations

import json
from pathlib import Path

META = {
    "id": "haven",
    "title": "Haven",
    "licence": "CC0",
    "attribution": "drawn by hand",
    "bbox": [13.0, 53.5, 13.12, 53.58],
}
TABLES = {
    "assets.csv": (
        "asset_id,name,asset_type,sector,lon,lat,provides,source_of,repair_h\n"
        "grid,Grid supply,substation_hv,energy,13.06,53.57,electricity,electricity,24\n"
        "north,Station North,substation_mv,energy,13.04,53.55,electricity,,12\n"
        "south,Station South,substation_mv,energy,13.08,53.52,electricity,,12\n"
        "works,Water works,water_works,water,13.02,53.54,drinking_water,,12\n"
        "exchange,Exchange,telecom_exchange,telecom,13.06,53.54,fixed_telecom,,6\n"
    ),
    "links.csv": (
        "link_id,from_id,to_id,service\ng-n,grid,north,electricity\ng-s,grid,south,electricity\n"
    ),
    "dependencies.csv": (
        "group_id,consumer_id,supplier_id,service,autonomy_h\n"
        "works-power,works,north,electricity,4\n"
        "exchange-power,exchange,south,electricity,8\n"
    ),
    "served.csv": (
        "cell_id,asset_id,service,origin,confidence,source,shed_order\n"
        "quay,north,electricity,declared,A,drawn,1\n"
        "mill,north,electricity,declared,A,drawn,2\n"
        "church,north,electricity,declared,A,drawn,\n"
        "field,south,electricity,nearest,C,nearest one,\n"
        "lake,south,electricity,assumption,D,a guess,\n"
        "quay,works,drinking_water,declared,A,drawn,\n"
        "mill,works,drinking_water,declared,A,drawn,\n"
        "church,works,drinking_water,declared,A,drawn,\n"
        "quay,exchange,fixed_telecom,nearest,C,nearest one,\n"
        "mill,exchange,fixed_telecom,nearest,C,nearest one,\n"
        "field,exchange,fixed_telecom,nearest,C,nearest one,\n"
    ),
}
#: id, people, municipality, over 80, care at home, dialysis, west, south, width, height
CELLS = (
    ("quay", 400, "North Haven", 60, 8, 1, 13.030, 53.550, 0.010, 0.008),
    ("mill", 300, "North Haven", 15, 2, 0, 13.041, 53.550, 0.010, 0.008),
    ("church", 300, "North Haven", 90, 30, 3, 13.030, 53.541, 0.021, 0.008),
    ("field", 500, "Southby", 40, 5, 2, 13.070, 53.515, 0.020, 0.010),
)


def write(folder: Path) -> Path:
    """Write the world into a folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "world.json").write_text(json.dumps(META), encoding="utf-8")
    for name, text in TABLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    collection = {"type": "FeatureCollection", "features": [*map(_outlined, CELLS), _lake()]}
    (folder / "people.geojson").write_text(json.dumps(collection), encoding="utf-8")
    return folder


def _outlined(cell: tuple[str, int, str, int, int, int, float, float, float, float]) -> object:
    *about, west, south, width, height = cell
    x = [west, west + width, west + width, west, west]
    y = [south, south, south + height, south + height, south]
    ring = [list(spot) for spot in zip(x, y, strict=True)]
    return _feature(about, {"type": "Polygon", "coordinates": [ring]})


def _lake() -> object:
    point = {"type": "Point", "coordinates": [13.1, 53.535]}
    return _feature(["lake", 40, "Southby", 4, 0, 0], point)


def _feature(about: list[object], geometry: object) -> object:
    names = ("cell_id", "people", "municipality", "over_80", "care_at_home", "dialysis")
    return {
        "type": "Feature",
        "properties": dict(zip(names, about, strict=True)),
        "geometry": geometry,
    }
