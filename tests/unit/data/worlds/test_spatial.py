"""Geometry, coordinate systems and ids of GeoJSON and GeoPackage files."""

import json
import sqlite3

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import GeometryCollection, LineString, Point, Polygon, mapping

from data.exchange.exports import write_world_gpkg
from data.worlds import check_world
from data.worlds.spatial import flat

SQUARE = Polygon([(13, 53), (13.1, 53), (13.1, 53.1), (13, 53.1)])
HEAD = {"asset_type": "school", "sector": "public"}


def world_of(folder, table, features, **further):
    """Put a GeoJSON table in the place of the world's, without what refers to it."""
    for path in folder.glob("*.csv"):
        if path.name != "assets.csv" or table == "assets":
            path.unlink()
    made = [
        {"type": "Feature", "properties": properties, "geometry": shape}
        for shape, properties in features
    ]
    plain = {"type": "FeatureCollection", "features": made, **further}
    (folder / f"{table}.geojson").write_text(json.dumps(plain))
    return check_world(folder)


def asset(folder, shape, asset_id="a", **further):
    return world_of(folder, "assets", [(shape, {"asset_id": asset_id, **HEAD})], **further)


# --- coordinate systems ----------------------------------------------------------------------


@pytest.mark.parametrize("code", [25833, 3857, 31468, 5514, 4258, 2154])
def test_any_system_that_proj_knows_is_read(tiny_world_folder, code):
    there = gpd.GeoSeries([Point(13.2, 53.5)], crs=4326).to_crs(code)
    crs = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{code}"}}
    made = asset(tiny_world_folder, mapping(there.iloc[0]), crs=crs).world.assets["a"]
    assert (made.lon, made.lat) == pytest.approx((13.2, 53.5), abs=2e-5)


@pytest.mark.parametrize("code", [25833, 3857, 4258])
def test_any_layer_that_proj_knows_is_read(tmp_path, tiny_world, code):
    path = tmp_path / "w.gpkg"
    write_world_gpkg(tiny_world, path)
    for layer in ("assets", "links"):
        gpd.read_file(path, layer=layer).to_crs(code).to_file(path, layer=layer, driver="GPKG")
    world = check_world(path).world
    for name, asset in tiny_world.assets.items():
        assert (world.assets[name].lon, world.assets[name].lat) == pytest.approx(
            (asset.lon, asset.lat), abs=1e-6
        )


@pytest.mark.parametrize("crs", [{}, [], "x", {"properties": 3}, {"properties": {"name": ""}}])
def test_a_system_that_says_nothing_is_refused(tiny_world_folder, crs):
    (problem,) = asset(tiny_world_folder, mapping(Point(1, 2)), crs=crs).problems
    assert "its CRS is" in problem


# --- ids -------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [7, 7.0, 2**40])
def test_a_whole_number_as_id_stays_whole(tiny_world_folder, number):
    result = asset(tiny_world_folder, mapping(Point(1, 2)), asset_id=number)
    assert list(result.world.assets) == [str(int(number))]


def package(tmp_path, frame, table="assets"):
    """Write a world of one layer of assets, and one of causes whose members may be empty."""
    path = tmp_path / "w.gpkg"
    frame.to_file(path, layer=table, driver="GPKG")
    head = gpd.GeoDataFrame({"id": ["w"], "title": ["W"]}, geometry=[None], crs=4326)
    head.to_file(path, layer="world", driver="GPKG")
    return path


def test_whole_numbers_beside_empty_cells_stay_whole(tmp_path):
    frame = gpd.GeoDataFrame(
        {"asset_id": [1, 2], "asset_type": "school", "sector": "public", "repair_h": [None, 3]},
        geometry=[Point(1, 2), Point(1, 3)],
        crs=4326,
    )
    path = package(tmp_path, frame)
    causes = pd.DataFrame({"group_id": [5, 5], "basis": "fuel", "asset_id": [1, None]})
    causes["link_id"] = [None, None]
    rows = gpd.GeoDataFrame(causes.iloc[:1], geometry=[None], crs=4326)
    rows.to_file(path, layer="common_cause", driver="GPKG")
    world = check_world(path).world
    assert list(world.assets) == ["1", "2"]
    assert world.common_causes["5"].asset_ids == ("1",)


def test_the_primary_key_may_be_the_id(tmp_path):
    frame = gpd.GeoDataFrame(
        {"asset_type": ["school"] * 2, "sector": "public"},
        geometry=[Point(1, 2), Point(1, 3)],
        crs=4326,
    )
    path = package(tmp_path, frame)
    database = sqlite3.connect(path)
    (made,) = database.execute("SELECT sql FROM sqlite_master WHERE name = 'assets'").fetchone()
    database.execute("PRAGMA writable_schema = 1")
    database.execute(
        "UPDATE sqlite_master SET sql = ? WHERE name = 'assets'",
        (made.replace('"fid"', '"asset_id"'),),
    )
    for (trigger,) in database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'assets'"
    ).fetchall():
        database.execute("DELETE FROM sqlite_master WHERE name = ?", (trigger,))
    database.commit()
    database.close()
    assert list(check_world(path).world.assets) == ["1", "2"]


# --- shapes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [Point(13, 53), SQUARE, GeometryCollection([SQUARE])])
def test_the_course_of_a_link_is_a_line(tiny_world_folder, shape):
    link = {"link_id": "l", "from_id": "plant", "to_id": "grid", "service": "electricity"}
    (problem,) = world_of(tiny_world_folder, "links", [(mapping(shape), link)]).problems
    assert problem.startswith("links.geojson, feature 1, column geometry: a P")
    assert "the geometry of a link is a line" in problem


def test_a_collection_of_lines_is_the_course_of_a_link(tiny_world_folder):
    line = LineString([(13, 53), (13.5, 53)])
    link = {"link_id": "l", "from_id": "plant", "to_id": "grid", "service": "electricity"}
    nested = GeometryCollection([GeometryCollection([line, Point(0, 0)])])
    world = world_of(tiny_world_folder, "links", [(mapping(nested), link)]).world
    assert world.links["l"].geometry.equals(line)


def test_a_collection_becomes_its_areas(tiny_world_folder):
    nested = GeometryCollection([Point(0, 0), GeometryCollection([SQUARE])])
    made = asset(tiny_world_folder, mapping(nested)).world.assets["a"]
    assert made.geometry.geom_type == "Polygon"
    assert made.geometry.contains(Point(made.lon, made.lat))


shapes = st.recursive(
    st.sampled_from([Point(1, 2), LineString([(0, 0), (1, 1)]), SQUARE, GeometryCollection()]),
    lambda inner: st.lists(inner, max_size=3).map(GeometryCollection),
    max_leaves=6,
)


@given(shapes)
def test_no_collection_is_left_where_there_is_any_shape(shape):
    made = flat(shape)
    assert made.is_empty == shape.is_empty
    assert made.is_empty or made.geom_type != "GeometryCollection"


def test_collections_within_collections_without_end_are_refused(tiny_world_folder):
    plain = mapping(Point(1, 2))
    for _ in range(200):
        plain = {"type": "GeometryCollection", "geometries": [plain]}
    (problem, *_) = asset(tiny_world_folder, plain).problems
    assert "feature 1, column geometry: not a GeoJSON geometry" in problem


def test_an_area_whose_border_crosses_itself_has_a_point(tiny_world_folder):
    bow = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    made = asset(tiny_world_folder, mapping(bow)).world.assets["a"]
    assert 0 <= made.lon <= 1


@pytest.mark.parametrize("lat", [90, -90])
@pytest.mark.parametrize("lon", [180, -180])
def test_the_poles_and_the_antimeridian_are_places(tiny_world_folder, lon, lat):
    made = asset(tiny_world_folder, mapping(Point(lon, lat))).world.assets["a"]
    assert (made.lon, made.lat) == (lon, lat)


@pytest.mark.parametrize(
    "bbox",
    [[4_500_000, 5_900_000, 4_600_000, 6_000_000], [0, -91, 1, 1], [0, 5, 1, 1], [0, 0, 181, 1]],
)
def test_a_bbox_that_is_not_degrees_is_refused(tiny_world_folder, bbox):
    plain = {"id": "x", "title": "x", "bbox": bbox}
    (tiny_world_folder / "world.json").write_text(json.dumps(plain))
    assert "world.json: bbox is not [west, south, east, north] in degrees." in (
        check_world(tiny_world_folder).problems
    )


def test_a_bbox_may_cross_the_antimeridian(tiny_world_folder):
    plain = {"id": "x", "title": "x", "bbox": [170, -20, -170, 60]}
    (tiny_world_folder / "world.json").write_text(json.dumps(plain))
    assert check_world(tiny_world_folder).world.bbox == (170, -20, -170, 60)


# --- swapped axes ----------------------------------------------------------------------------


def swapped(folder, *names):
    lines = (folder / "assets.csv").read_text(encoding="utf-8").splitlines()
    made = [lines[0]]
    for line in lines[1:]:
        if line.split(",")[0] in names:
            place = next(p for p in ("13.10,53.50", "13.20,53.55", "13.25,53.56") if p in line)
            line = line.replace(place, ",".join(reversed(place.split(","))))
        made.append(line)
    (folder / "assets.csv").write_text("\n".join(made), encoding="utf-8")
    return [w for w in check_world(folder).warnings if "swapped" in w]


def test_one_swapped_asset_is_noticed_beside_the_others(tiny_world_folder):
    (line,) = swapped(tiny_world_folder, "grid")
    assert line.startswith("tiny: longitude and latitude look swapped at 'grid'.")


def test_swapped_assets_are_noticed_by_the_bbox(tiny_world_folder):
    plain = {"id": "tiny", "title": "x", "bbox": [13, 53, 14, 54]}
    (tiny_world_folder / "world.json").write_text(json.dumps(plain))
    assert swapped(tiny_world_folder) == []
    (line,) = swapped(tiny_world_folder, "grid", "works", "plant")
    assert "'grid', 'plant', 'works'" in line


@pytest.mark.parametrize("column", ["asset_id", "name", "operator"])
def test_half_a_character_is_told_with_its_feature_and_column(tiny_world_folder, column):
    properties = {"asset_id": "a", **HEAD} | {column: "x\ud83d"}
    (line,) = world_of(tiny_world_folder, "assets", [(mapping(Point(1, 2)), properties)]).problems
    assert line.startswith(f"assets.geojson, feature 1, column {column}: 'x\\ud83d' holds half")


def test_half_a_character_in_the_name_of_a_column_is_told(tiny_world_folder):
    properties = {"asset_id": "a", **HEAD, "x\udc00": 1}
    (line,) = world_of(tiny_world_folder, "assets", [(mapping(Point(1, 2)), properties)]).problems
    assert "half of a character in its name" in line
