"""Small files of every kind that the import reads, created for each test."""

from __future__ import annotations

import csv
import json
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
import shapely

ROWS = [
    {"id": "S1", "name": "Substation North", "type": "substation_hv", "lon": 14.40, "lat": 35.90},
    {"id": "H1", "name": "Hospital Hill", "type": "hospital", "lon": 14.41, "lat": 35.91},
    {"id": "W1", "name": "Waterworks East", "type": "water_works", "lon": 14.42, "lat": 35.92},
]

OSM = """<?xml version='1.0' encoding='UTF-8'?>
<osm version="0.6" generator="a test">
 <bounds minlat="35.89" minlon="14.39" maxlat="35.93" maxlon="14.43"/>
 <node id="1" lat="35.900" lon="14.400"/><node id="2" lat="35.901" lon="14.400"/>
 <node id="3" lat="35.901" lon="14.401"/><node id="4" lat="35.900" lon="14.401"/>
 <node id="5" lat="35.9005" lon="14.41"><tag k="amenity" v="hospital"/></node>
 <node id="6" lat="35.91" lon="14.41"><tag k="place" v="village"/><tag k="name" v="Ville"/>
  <tag k="population" v="1200"/></node>
 <node id="7" lat="35.9005" lon="14.45"/>
 <way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/>
  <tag k="power" v="substation"/><tag k="voltage" v="110000;20000"/><tag k="name" v="West"/></way>
 <way id="11"><nd ref="3"/><nd ref="7"/><tag k="power" v="line"/><tag k="voltage" v="110000"/></way>
</osm>
"""

INP = """[TITLE]
A test
[JUNCTIONS]
 J1 10 5
 J2 12 3
[RESERVOIRS]
 R1 50
[TANKS]
 T1 30 1 0 5 10 0
[PIPES]
 P1 R1 J1 100 200 100 0 Open
 P2 J1 J2 150 200 100 0 Open
 P3 J2 T1 50 200 100 0 Closed
[PUMPS]
 U1 J1 T1 POWER 5
[OPTIONS]
 Units LPS
[COORDINATES]
 J1 14.40 35.90
 J2 14.41 35.90
 R1 14.39 35.90
 T1 14.41 35.91
[END]
"""

CASE = """function mpc = case3
mpc.version = '2';
mpc.baseMVA = 100;
%% bus data
mpc.bus = [
 1 3 0 0 0 0 1 1 0 110 1 1.1 0.9;
 2 1 50 10 0 0 1 1 0 110 1 1.1 0.9; % a load
 3 1 30 5 0 0 1 1 0 20 1 1.1 0.9;
];
mpc.gen = [
 1 80 0 50 -50 1 100 1 120 0;
];
mpc.branch = [
 1 2 0.01 0.1 0 100 0 0 0 0 1 -360 360;
 2 3 0.01 0.1 0 60 0 0 1 0 1 -360 360;
];
"""


def pandapower(geo: bool = True) -> str:
    """Return a network as ``pandapower.to_json`` writes it."""

    def frame(columns, rows):
        inner = {"columns": columns, "index": list(range(len(rows))), "data": rows}
        return {"_module": "pandas.core.frame", "_class": "DataFrame",
                "_object": json.dumps(inner), "orient": "split"}  # fmt: skip

    net = {
        "bus": frame(["name", "vn_kv", "in_service"],
                     [["Grid", 110.0, True], ["Town", 20.0, True], ["Mill", 20.0, True]]),
        "line": frame(["name", "from_bus", "to_bus", "length_km", "max_i_ka", "in_service"],
                      [["L1", 1, 2, 2.5, 0.4, True]]),
        "trafo": frame(["name", "hv_bus", "lv_bus", "sn_mva", "in_service"],
                       [["T1", 0, 1, 25.0, True]]),
        "ext_grid": frame(["name", "bus", "in_service"], [["Outside", 0, True]]),
        "load": frame(["name", "bus", "p_mw", "scaling", "in_service"],
                      [["Homes", 2, 3.0, 1.0, True]]),
        "sgen": frame(["name", "bus", "p_mw", "type", "in_service"], [["Sun", 2, 0.4, "PV", True]]),
    }  # fmt: skip
    if geo:
        net["bus_geodata"] = frame(["x", "y"], [[14.4, 35.9], [14.41, 35.9], [14.42, 35.9]])
    return json.dumps({"_module": "pandapower.auxiliary", "_class": "pandapowerNet",
                       "_object": net})  # fmt: skip


GTFS = {
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\nA,Alpha,35.90,14.40\nB,Beta,35.91,14.41\n",
    "routes.txt": "route_id,route_type\nR,2\n",
    "trips.txt": "route_id,service_id,trip_id\nR,D,T1\nR,D,T2\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    "T1,08:00:00,08:00:00,A,1\nT1,08:10:00,08:10:00,B,2\n"
    "T2,09:00:00,09:00:00,A,1\nT2,09:10:00,09:10:00,B,2\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,"
    "start_date,end_date\nD,1,1,1,1,1,0,0,20260101,20261231\n",
}


def frame() -> gpd.GeoDataFrame:
    """Return the rows as a layer in degrees."""
    points = [shapely.Point(r["lon"], r["lat"]) for r in ROWS]
    plain = [{k: r[k] for k in ("id", "name", "type")} for r in ROWS]
    return gpd.GeoDataFrame(plain, geometry=points, crs=4326)


def make(folder: Path) -> dict[str, Path]:
    """Write a good file of each kind and return where each is.

    Parameters
    ----------
    folder
        Where to write; it is there.
    """
    import openpyxl

    at = {
        name: folder / f"good.{ending}"
        for name, ending in {
            "csv": "csv", "xlsx": "xlsx", "geojson": "geojson", "gpkg": "gpkg", "fgb": "fgb",
            "parquet": "parquet", "kml": "kml", "gml": "gml", "osm": "osm", "inp": "inp",
            "matpower": "m", "pandapower": "json", "gtfs": "zip", "shp": "shp.zip",
        }.items()
    }  # fmt: skip
    with at["csv"].open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(ROWS[0]))
        writer.writeheader()
        writer.writerows(ROWS)
    book = openpyxl.Workbook()
    book.active.append(list(ROWS[0]))
    for row in ROWS:
        book.active.append(list(row.values()))
    book.save(at["xlsx"])
    layer = frame()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        layer.to_file(at["geojson"], driver="GeoJSON")
        layer.to_file(at["gpkg"], driver="GPKG", layer="assets")
        layer.to_crs(32633).to_file(at["fgb"], driver="FlatGeobuf")
        layer.to_parquet(at["parquet"])
        layer.to_file(at["kml"], driver="KML")
        layer.to_file(at["gml"], driver="GML")
        layer.to_file(folder / "layer.shp")
    with zipfile.ZipFile(at["shp"], "w") as packed:
        for ending in ("shp", "shx", "dbf", "prj", "cpg"):
            packed.write(folder / f"layer.{ending}", f"layer.{ending}")
    at["osm"].write_text(OSM, encoding="utf-8")
    at["inp"].write_text(INP, encoding="utf-8")
    at["matpower"].write_text(CASE, encoding="utf-8")
    at["pandapower"].write_text(pandapower(), encoding="utf-8")
    with zipfile.ZipFile(at["gtfs"], "w") as packed:
        for name, text in GTFS.items():
            packed.writestr(name, text)
    return at
