"""Foreign worlds are checked at the door: every problem with its file, row, column and a hint."""

import json
import shutil

import geopandas as gpd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon

from data.exchange.exports import (
    write_world_folder,
    write_world_geojson,
    write_world_gpkg,
    write_world_graphml,
)
from data.worlds.numbers import MIN_AMOUNT
from data.worlds.reader import (
    check_world,
    embedded_regions,
    find_world,
    read_world,
    with_sha256,
)
from data.worlds.tables import MAX_TOLD
from models.errors import BadInputError
from models.world import (
    Asset,
    CommonCause,
    Flow,
    Group,
    Link,
    Range,
    ServiceArea,
    Supplier,
    UnknownNeed,
    World,
)

ASSET = "asset_id,asset_type,sector,lon,lat"
GROUP = "group_id,consumer_id,supplier_id,service"


def problems(folder):
    return check_world(folder).problems


def change(folder, name, old, new):
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


# --- what is read ----------------------------------------------------------------------------


def test_the_tiny_world_is_read(tiny_world_folder):
    world = read_world(tiny_world_folder)
    assert (world.world_id, world.attribution) == ("tiny", "drawn by hand")
    assert list(world.assets) == ["clinic", "grid", "plant", "works"]
    assert world.assets["clinic"].name == 'Hospital "Süd", east wing'
    assert world.assets["plant"].source_of == ("electricity",)
    assert (world.assets["grid"].repair_h, world.assets["plant"].repair_h) == (24.0, None)
    assert world.links["line"].length_m == 9000.5
    assert not world.links["line"].directed
    group = world.groups["works-power"]
    assert (group.suppliers, group.k, group.autonomy_h) == ((Supplier("grid"),), 1, 8.0)
    assert (group.loss, group.min_supply_fraction, group.kind) == (1.0, None, "physical")
    assert world.service_areas == (ServiceArea("works", "drinking water", 1200),)


def test_assets_alone_make_a_world(tiny_world_folder):
    for path in tiny_world_folder.glob("*.csv"):
        if path.name != "assets.csv":
            path.unlink()
    world, problems, warnings = check_world(tiny_world_folder)
    assert problems == ()
    assert len(world.assets) == 4
    assert any("no dependencies" in warning for warning in warnings)


def test_a_group_may_supply_itself(tiny_world_folder):
    change(tiny_world_folder, "dependencies.csv", "works-power,works,grid", "g,works,works")
    assert read_world(tiny_world_folder).groups["g"].suppliers == (Supplier("works"),)


def test_optional_tables_and_columns_are_read(tiny_world_folder):
    (tiny_world_folder / "unknowns.csv").write_text(
        "asset_id,service,rule_id,hides_state,note\nclinic,oxygen,D028,true,nobody told\n"
    )
    (tiny_world_folder / "common_cause.csv").write_text(
        "group_id,basis,name,asset_id,link_id,beta\n"
        "trench,corridor,East,grid,,0.1\ntrench,corridor,East,,line,0.1\n"
    )
    (tiny_world_folder / "flows.csv").write_text(
        "asset_id,service,supply,demand\ngrid,electricity,,5\n"
    )
    world, _, warnings = check_world(tiny_world_folder)
    assert world.unknown_needs == (UnknownNeed("clinic", "oxygen", "D028", True, "nobody told"),)
    cause = CommonCause("trench", "corridor", "East", ("grid",), ("line",), 0.1)
    assert world.common_causes == {"trench": cause}
    assert world.flows == (Flow("grid", "electricity", None, 5.0),)
    assert not [w for w in warnings if "further" in w]


def test_the_hash_depends_on_the_content_alone(tiny_world_folder, tmp_path):
    world = read_world(tiny_world_folder)
    path = tiny_world_folder / "dependencies.csv"
    head, *rows = path.read_text().splitlines()
    path.write_text("\n".join([head, *reversed(rows)]) + "\n\n")
    moved = tmp_path / "elsewhere"
    shutil.move(tiny_world_folder, moved)
    assert read_world(moved) == world
    change(moved, "dependencies.csv", ",8,", ",9,")
    assert read_world(moved).sha256 != world.sha256


def test_lists_are_separated_by_bars(tiny_world_folder):
    change(tiny_world_folder, "assets.csv", ",acute care,", ",emergency | acute care,")
    assert read_world(tiny_world_folder).assets["clinic"].provides == ("acute care", "emergency")


def with_columns(path, head, **cells):
    """Append columns; ``cells`` by the row's first cell, empty elsewhere."""
    first, *rows = path.read_text(encoding="utf-8").splitlines()
    empty = "," * head.count(",")
    rows = [f"{row},{cells.get(row.split(',')[0].replace('-', '_'), empty)}" for row in rows]
    path.write_text("\n".join([f"{first},{head}", *rows]), encoding="utf-8")


def test_bounds_of_uncertain_numbers_are_kept(tiny_world_folder):
    plain = read_world(tiny_world_folder)
    assert plain.ranges == ()
    with_columns(tiny_world_folder / "assets.csv", "repair_h_low,repair_h_high", works="6,48")
    heads = "autonomy_h_low,autonomy_h_high,restart_h_low,restart_h_high"
    with_columns(tiny_world_folder / "dependencies.csv", heads, works_power="4,8,0,2")
    world = read_world(tiny_world_folder)
    assert world.ranges == (
        Range("assets", ("works",), "repair_h", 6.0, 48.0),
        Range("dependencies", ("works-power",), "autonomy_h", 4.0, 8.0),
        Range("dependencies", ("works-power",), "restart_h", 0.0, 2.0),
    )
    assert (world.assets, world.groups) == (plain.assets, plain.groups)
    assert world.sha256 != plain.sha256


@pytest.mark.parametrize(
    ("table", "head", "cells", "message"),
    [
        ("assets", "repair_h_low,repair_h_high", {"works": "13,48"},
         "assets.csv, row 4, column repair_h: 12 is not between its bounds, 13 and 48."),
        ("assets", "repair_h_low,repair_h_high", {"works": "6,"},
         "assets.csv, row 4, column repair_h_high: empty. Give both bounds or none."),
        ("assets", "repair_h_low,repair_h_high", {"plant": "6,9"},
         "assets.csv, row 2, column repair_h: empty, but it has bounds (6 to 9). Give its"),
        ("assets", "repair_h_low,repair_h_high", {"works": "-6,48"},
         "assets.csv, row 4, column repair_h_low: -6 is negative."),
        ("dependencies", "loss_low,loss_high", {"works_power": "0.5,1.5"},
         "dependencies.csv, row 2, column loss_high: 1.5 is too large; it ends at 1."),
        ("dependencies", "min_supply_fraction,min_supply_fraction_low,min_supply_fraction_high",
         {"works_power": "0.5,0.5,1.5"},
         "dependencies.csv, row 2, column min_supply_fraction: 1.5 is above 1 and"),
    ],
)  # fmt: skip
def test_bad_bounds_are_told_with_their_place(tiny_world_folder, table, head, cells, message):
    with_columns(tiny_world_folder / f"{table}.csv", head, **cells)
    assert any(line.startswith(message) for line in problems(tiny_world_folder))


def test_bounds_that_differ_within_a_group_are_told(tiny_world_folder):
    change(tiny_world_folder, "dependencies.csv", "clinic-water,clinic,works,drinking water,1,0.5,",
           "clinic-power,clinic,works,electricity,1,24,")  # fmt: skip
    path = tiny_world_folder / "dependencies.csv"
    head, one, two, three = path.read_text(encoding="utf-8").splitlines()
    lines = [f"{head},autonomy_h_low,autonomy_h_high", f"{one},,", f"{two},8,72", f"{three},8,48"]
    path.write_text("\n".join(lines), encoding="utf-8")
    (line,) = problems(tiny_world_folder)
    assert line.startswith("dependencies.csv, row 4, column autonomy_h_high: '48.0' differs from")


def test_bounds_of_sizes_are_accepted_silently_other_columns_warned_of(tiny_world_folder):
    with_columns(
        tiny_world_folder / "assets.csv", "capacity_low,capacity_high,oprator", grid="1,2,"
    )
    world, problems, warnings = check_world(tiny_world_folder)
    assert problems == () and world.ranges == ()
    assert [w for w in warnings if "column" in w] == [
        "assets.csv: further column oprator. Did you mean 'operator'?"
    ]


def test_an_unknown_type_is_warned_of_never_refused(tiny_world_folder):
    change(tiny_world_folder, "assets.csv", "hospital", "hosptal")
    _, problems, warnings = check_world(tiny_world_folder)
    assert problems == ()
    assert "tiny: unknown asset_type 'hosptal' (1 assets). Did you mean 'hospital'?" in warnings


def test_a_sector_by_another_word_is_offered_ours_before_what_is_spelt_alike(tiny_world_folder):
    path = tiny_world_folder / "assets.csv"
    path.write_text(path.read_text().replace(",energy,", ",power,"))
    *_, warnings = check_world(tiny_world_folder)
    assert any(
        "unknown sector 'power'" in w and w.endswith("Did you mean 'energy'?") for w in warnings
    )


def test_people_among_the_assets_are_shown_the_table_they_belong_in(tiny_world_folder):
    with_columns(tiny_world_folder / "assets.csv", "population,inhabitants", grid="1200,1200")
    *_, warnings = check_world(tiny_world_folder)
    hints = [w for w in warnings if "further column" in w]
    assert [w.split(":")[1] for w in hints] == [
        " further column population. If it is the people served",
        " further column inhabitants. If it is the people served",
    ]
    assert all("service_areas.csv, column people" in w for w in hints)


def test_a_demand_outside_its_network_is_warned_of(tiny_world_folder):
    (tiny_world_folder / "flows.csv").write_text("asset_id,service,demand\nworks,electricity,5\n")
    (warning,) = [w for w in check_world(tiny_world_folder).warnings if "demand" in w]
    assert "'works' counts nowhere" in warning


# --- what is refused -------------------------------------------------------------------------

BAD_CELLS = {
    "NaN": ("dependencies.csv", ",8,1", ",nan,1", "row 2, column autonomy_h", "finite"),
    "infinite": ("dependencies.csv", ",8,1", ",1e999,1", "row 2, column autonomy_h", "finite"),
    "no number": ("dependencies.csv", ",8,1", ",8h,1", "row 2, column autonomy_h", "'8h'"),
    "negative hours": ("dependencies.csv", ",8,1", ",-8,1", "row 2, column autonomy_h", "negat"),
    "negative repair": ("assets.csv", ",,24", ",,-24", "row 3, column repair_h", "negative"),
    "k > n": ("dependencies.csv", "ty,1,8", "ty,2,8", "row 2, column k", "only 1 supplier"),
    "k < 1": ("dependencies.csv", "ty,1,8", "ty,0,8", "row 2, column k", "starts at 1"),
    "k no integer": ("dependencies.csv", "ty,1,8", "ty,1.5,8", "row 2, column k", "whole"),
    "duplicate asset": ("assets.csv", "works,W", "grid,W", "row 4, column asset_id", "in row 3"),
    "duplicate supplier": (
        "dependencies.csv",
        "clinic-power,clinic,grid,electricity,1,24,",
        "works-power,works,grid,electricity,1,8,1",
        "row 3, column supplier_id",
        "already in this group in row 2",
    ),
    "unknown supplier": (
        *("dependencies.csv", "works,grid", "works,grdi"),
        *("row 2, column supplier_id", "Did you mean 'grid'?"),
    ),
    "unknown consumer": (
        *("dependencies.csv", "clinic,grid", "klinic,grid"),
        *("row 3, column consumer_id", "Did you mean 'clinic'?"),
    ),
    "unknown link end": (
        *("links.csv", "plant,grid", "plant,gridd"),
        *("row 2, column to_id", "Did you mean 'grid'?"),
    ),
    "unknown area": (
        *("service_areas.csv", "works,", "werks,"),
        *("row 2, column asset_id", "Did you mean 'works'?"),
    ),
    "people not whole": (
        *("service_areas.csv", "1200", "12.5"),
        *("row 2, column people", "whole"),
    ),
    "empty required cell": ("assets.csv", "works,W", ",W", "row 4, column asset_id", "empty"),
    "no place": ("assets.csv", "13.20,53.55", ",", "row 3, column lon/lat", "no place"),
    "lon out of range": ("assets.csv", "13.20", "1320", "row 3, column lon", "180"),
    "lat out of range": ("assets.csv", "53.55", "-95", "row 3, column lat", "-90"),
    "negative length": ("links.csv", "9000.5", "-1", "row 2, column length_m", "negative"),
    "no flag": (
        "links.csv",
        "length_m\nline,plant,grid,electricity,9000.5",
        "directed\nline,plant,grid,electricity,maybe",
        "row 2, column directed",
        "neither",
    ),
}


@pytest.mark.parametrize("case", BAD_CELLS)
def test_a_bad_cell_is_told_with_row_column_and_hint(tiny_world_folder, case):
    name, old, new, place, text = BAD_CELLS[case]
    change(tiny_world_folder, name, old, new)
    lines = [line for line in problems(tiny_world_folder) if line.startswith(f"{name}, {place}")]
    assert len(lines) == 1, problems(tiny_world_folder)
    assert text in lines[0]


def test_a_decimal_comma_is_recognised(tiny_world_folder):
    change(tiny_world_folder, "dependencies.csv", ",8,1", ',"8,5",1')
    assert problems(tiny_world_folder) == (
        "dependencies.csv, row 2, column autonomy_h: '8,5' is not a number. "
        "Write decimals with a point.",
    )


@pytest.mark.parametrize(
    ("header", "rows", "text"),
    [
        ("kind", ["physical,cyber"], "differs from row 2 of the same group 'g'"),
        ("share", ["0.5,"], "a share on some rows"),
        ("share", ["0,0.5"], "must be above 0"),
        ("loss", ["1.1,1.1"], "ends at 1"),
        ("kind", ["physicl,physicl"], "Did you mean 'physical'?"),
        ("min_supply_fraction", ["1.5,1.5"], "no shares"),
    ],
)
def test_a_bad_group_is_told(tiny_world_folder, header, rows, text):
    one, two = rows[0].split(",")
    (tiny_world_folder / "dependencies.csv").write_text(
        f"{GROUP},{header}\ng,clinic,grid,electricity,{one}\ng,clinic,plant,electricity,{two}\n"
    )
    assert any(text in line for line in problems(tiny_world_folder)), problems(tiny_world_folder)


def test_every_problem_is_told_at_once(tiny_world_folder):
    change(tiny_world_folder, "dependencies.csv", ",8,1", ",-8,1")
    change(tiny_world_folder, "links.csv", "plant,grid", "plant,gird")
    change(tiny_world_folder, "assets.csv", "13.20", "x")
    assert len(problems(tiny_world_folder)) == 3
    with pytest.raises(BadInputError) as caught:
        read_world(tiny_world_folder)
    assert caught.value.problems == problems(tiny_world_folder)


def test_rows_keep_their_number_behind_blank_lines(tiny_world_folder):
    change(tiny_world_folder, "assets.csv", "\nworks", "\n\n\nworks")
    change(tiny_world_folder, "assets.csv", "13.25", "x")
    assert problems(tiny_world_folder)[0].startswith("assets.csv, row 6, column lon")


def test_a_flood_of_one_problem_is_counted_not_told(tiny_world_folder):
    rows = "".join(f"a{n},x,y,nan,0\n" for n in range(1000))
    (tiny_world_folder / "assets.csv").write_text(f"{ASSET}\n{rows}")
    lines = [line for line in problems(tiny_world_folder) if "lon:" in line]
    assert len(lines) == MAX_TOLD + 1
    assert lines[-1] == f"assets.csv, column lon: {1000 - MAX_TOLD} more rows with this problem."


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        ("asset_id,name\nä".encode("latin-1"), "line 2: not UTF-8"),
        (b"asset_id,asset_id\n1,2\n", "appear twice: asset_id"),
        (b"asset_id,asset_type,sectr,lon,lat\n", "the column sector is missing. Did you mean 's"),
        (b"id,asset_type,sector,lon,lat\n", "the column asset_id is missing. Did you mean 'id'?"),
        (b"asset_id,asset_type,sector\na,b,c\n", "lon and lat (or geometry) are missing"),
        (b"asset_id,asset_type,sector,lon,lat\n", "no asset in it"),
        (b"asset_id,asset_type\na,b,c,d\n", "not a table"),
        (b'asset_id,asset_type\n"a,b\n', "not a table"),
    ],
)
def test_a_broken_table_is_told(tiny_world_folder, content, text):
    (tiny_world_folder / "assets.csv").write_bytes(content)
    assert any(text in line for line in problems(tiny_world_folder)), problems(tiny_world_folder)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("", "empty"),
        ("{", "line 1, character 2: not valid JSON"),
        ("[]", "not an object"),
        ("[" * 100_000, "nested too deep"),
        ('{"title": "x"}', "world.json: id is missing"),
        ('{"id": "x", "title": 3}', "title is missing"),
        ('{"id": "x", "title": "x", "bbox": [1, 2, 3]}', "bbox is not"),
        ('{"id": "x", "title": "x", "bbox": [NaN, 2, 3, 4]}', "bbox is not"),
        ('{"id": "x", "title": "x", "sources": "OSM"}', "sources is not a list"),
    ],
)
def test_a_broken_world_json_is_told(tiny_world_folder, content, text):
    (tiny_world_folder / "world.json").write_text(content)
    assert any(text in line for line in problems(tiny_world_folder)), problems(tiny_world_folder)


def test_a_folder_without_its_parts_is_told(tmp_path, tiny_world_folder):
    assert "no world.json" in problems(tmp_path)[0]
    (tiny_world_folder / "assets.csv").unlink()
    assert problems(tiny_world_folder)[0].startswith("tiny: no assets")


def test_a_misspelt_file_is_pointed_out(tiny_world_folder):
    (tiny_world_folder / "links.csv").rename(tiny_world_folder / "link.csv")
    assert "tiny: 'link.csv' is not read. Did you mean 'links.csv'?" in (
        check_world(tiny_world_folder).warnings
    )


def test_two_forms_of_one_table_are_refused(tiny_world_folder):
    (tiny_world_folder / "assets.geojson").write_text('{"features": []}')
    assert any("Keep one" in line for line in problems(tiny_world_folder))


def test_too_large_a_table_is_refused_unread(tiny_world_folder, monkeypatch):
    monkeypatch.setattr("data.worlds.tables.MAX_TABLE_BYTES", 100)
    assert any("too large" in line for line in problems(tiny_world_folder))


# --- geojson and geopackage ------------------------------------------------------------------


def feature(geometry, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def geojson_world(folder, features, **further):
    (folder / "assets.csv").unlink(missing_ok=True)
    for name in ("links", "dependencies", "service_areas"):
        (folder / f"{name}.csv").unlink(missing_ok=True)
    plain = {"type": "FeatureCollection", "features": features, **further}
    (folder / "assets.geojson").write_text(json.dumps(plain))
    return folder


def test_an_area_keeps_its_shape_and_gets_a_point_inside(tiny_world_folder):
    square = [[[0, 0], [0, 1], [1, 1], [1, 0], [0, 0]]]
    stated = {"asset_id": "a", "asset_type": "school", "sector": "public", "provides": ["x", "y"]}
    area = feature({"type": "Polygon", "coordinates": square}, **stated)
    asset = read_world(geojson_world(tiny_world_folder, [area])).assets["a"]
    assert asset.geometry.contains(Point(asset.lon, asset.lat))
    assert asset.provides == ("x", "y")


@pytest.mark.parametrize(
    ("geometry", "text"),
    [
        (None, "feature 1, column lon/lat: the asset has no place"),
        ({"type": "Point"}, "feature 1, column geometry: not a GeoJSON geometry"),
        ({"type": "Blob", "coordinates": []}, "not a GeoJSON geometry"),
        ({"type": "Point", "coordinates": [4_500_000, 5_900_000]}, "not in degrees"),
        ({"type": "Polygon", "coordinates": []}, "empty"),
    ],
)
def test_a_bad_geometry_is_told_with_its_feature(tiny_world_folder, geometry, text):
    bad = feature(geometry, asset_id="a", asset_type="school", sector="public")
    lines = problems(geojson_world(tiny_world_folder, [bad]))
    assert any(text in line for line in lines), lines


def test_an_unknown_crs_is_refused(tiny_world_folder):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::99999"}}
    lines = problems(geojson_world(tiny_world_folder, [], crs=crs))
    assert any("EPSG::99999" in line and "EPSG:4326" in line for line in lines)


@pytest.mark.parametrize("content", ["{", "[]", '{"features": 3}', '{"features": [3]}'])
def test_a_broken_geojson_is_told(tiny_world_folder, content):
    geojson_world(tiny_world_folder, [])
    (tiny_world_folder / "assets.geojson").write_text(content)
    assert any("assets.geojson" in line for line in problems(tiny_world_folder))


def test_a_broken_geopackage_is_told(tmp_path):
    path = tmp_path / "w.gpkg"
    path.write_bytes(b"SQLite format 3\0 nonsense")
    assert "not a readable GeoPackage" in problems(path)[0]


def test_a_geopackage_without_world_is_told(tmp_path, tiny_world):
    path = tmp_path / "w.gpkg"
    gpd.GeoDataFrame({"asset_id": ["a"]}, geometry=[Point(0, 0)], crs=4326).to_file(
        path, layer="assets"
    )
    assert "needs a layer 'world'" in problems(path)[0]


# --- there and back --------------------------------------------------------------------------

names = st.text(st.characters(exclude_categories=("C", "Z")), max_size=8)
services = st.sampled_from(("electricity", "drinking water", "Wärme"))
#: from 0, as far from it as can be computed with
amounts = st.just(0.0) | st.floats(MIN_AMOUNT, 1000)
hours = amounts
fractions = st.just(0.0) | st.floats(MIN_AMOUNT, 1)
maybe = st.none() | hours


@st.composite
def worlds(draw):
    """A world with anything in any column."""
    ids = draw(st.lists(names.filter(bool), min_size=1, max_size=5, unique=True))
    some = st.sampled_from(ids)
    lists = st.sets(services).map(lambda s: tuple(sorted(s)))
    shapes = st.sampled_from([None, Polygon([(0, 0), (0, 0.1), (1 / 3, 1)])])
    assets = {
        i: Asset(
            i, draw(names), "thing", "energy", draw(st.floats(-180, 180)), draw(st.floats(-90, 90)),
            provides=draw(lists), source_of=draw(lists), repair_h=draw(maybe),
            restart_h=draw(hours), black_start=draw(st.booleans()), operator=draw(names),
            origin=draw(st.sampled_from(["declared", "D001"])), geometry=draw(shapes),
        )
        for i in sorted(ids)
    }  # fmt: skip
    lines = st.sampled_from([None, LineString([(0, 0), (0.1, 1 / 3), (2, 2)])])
    links = {
        f"l{n}": Link(
            f"l{n}", draw(some), draw(some), draw(services), draw(st.booleans()), draw(maybe),
            draw(maybe), geometry=draw(lines),
        )
        for n in range(draw(st.integers(0, 3)))
    }  # fmt: skip
    groups = {f"g{n}": draw(groups_of(f"g{n}", ids)) for n in range(draw(st.integers(0, 4)))}
    pairs = sorted(draw(st.sets(st.tuples(some, services), max_size=3)))
    ranges = sorted(draw(ranges_of(assets, groups)), key=lambda r: (r.table, r.row, r.column))
    causes = {"c": CommonCause("c", "fuel", draw(names), (ids[0],), tuple(links), draw(st.none()))}
    world = World(
        world_id="w", title="W", assets=assets, links=links, groups=groups,
        flows=tuple(Flow(a, s, draw(maybe), draw(maybe)) for a, s in pairs),
        common_causes=draw(st.sampled_from([{}, causes])),
        service_areas=tuple(ServiceArea(a, s, draw(st.integers(0, 10**9))) for a, s in pairs),
        unknown_needs=tuple(UnknownNeed(a, s, hides_state=draw(st.booleans())) for a, s in pairs),
        ranges=tuple(ranges), attribution=draw(names),
        bbox=draw(st.sampled_from([None, (0.0, 0.5, 1.0, 2.0)])),
        sources=draw(st.sampled_from([(), ({"id": "osm", "rows": 3},)])),
    )  # fmt: skip
    return with_sha256(world)


@st.composite
def ranges_of(draw, assets, groups):
    """Bounds around some of the numbers of a world."""
    stated = [("assets", (a.asset_id,), "repair_h", a.repair_h) for a in assets.values()]
    stated += [("dependencies", (g.group_id,), "autonomy_h", g.autonomy_h) for g in groups.values()]
    stated += [
        ("dependencies", (g.group_id, s.asset_id), "share", s.share)
        for g in groups.values()
        for s in g.suppliers
    ]
    chosen = [(*key, x) for *key, x in stated if x is not None and draw(st.booleans())]
    return [Range(*key, x / 2 if x > 1e-9 else x, x + draw(hours)) for *key, x in chosen]


@st.composite
def groups_of(draw, group_id, ids):
    members = sorted(draw(st.sets(st.sampled_from(ids), min_size=1)))
    shared = draw(st.booleans())
    return Group(
        group_id, draw(st.sampled_from(ids)), draw(services),
        tuple(
            Supplier(m, draw(st.floats(0.1, 2)) if shared else None, draw(maybe)) for m in members
        ),
        kind=draw(st.sampled_from(["physical", "cyber"])),
        k=draw(st.integers(1, len(members))),
        min_supply_fraction=draw(st.none() | fractions),
        autonomy_h=draw(hours), recharge_h=draw(hours), restart_h=draw(hours),
        loss=draw(fractions), buffer=draw(names),
    )  # fmt: skip


def with_folder(world, folder, form):
    whole = {"gpkg": ("w.gpkg", write_world_gpkg), "one geojson": ("w.json", write_world_geojson)}
    name, write = whole.get(form, (f"w-{form}", None))
    path = folder / name
    if path.is_dir():
        shutil.rmtree(path)  # of the example before
    if write:
        write(world, path)
    else:
        write_world_folder(world, path, form)
    return path


@pytest.mark.parametrize("form", ["csv", "geojson", "geoparquet", "gpkg", "one geojson"])
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
@given(world=worlds())
def test_a_world_written_and_read_is_the_same_world(tmp_path, form, world):
    read = read_world(with_folder(world, tmp_path, form))
    assert read == world  # with the hash, which covers the geometry
    assert read.sha256 == world.sha256


@pytest.mark.parametrize(
    ("write", "name"),
    [(write_world_gpkg, "w.gpkg"), (write_world_geojson, "w.json"), (write_world_graphml, "w.xml")],
)
def test_the_same_world_gives_the_same_bytes_with_its_credit(tmp_path, tiny_world, write, name):
    one, two = tmp_path / "1" / name, tmp_path / "2" / name
    for path in (one, two):
        path.parent.mkdir()
        write(tiny_world, path)
    assert one.read_bytes() == two.read_bytes()
    assert b"drawn by hand" in one.read_bytes()


def test_a_full_folder_is_never_overwritten(tiny_world, tiny_world_folder):
    with pytest.raises(BadInputError, match="not empty"):
        write_world_folder(tiny_world, tiny_world_folder)


# --- finding worlds --------------------------------------------------------------------------


def test_a_world_is_found_by_folder_file_or_region(tiny_world_folder, tmp_path):
    assert find_world(str(tiny_world_folder)) == tiny_world_folder
    (tmp_path / "w.gpkg").write_bytes(b"")
    assert find_world(str(tmp_path / "w.gpkg")) == tmp_path / "w.gpkg"
    with pytest.raises(BadInputError, match=r"no world\.json"):
        find_world(str(tmp_path))
    with pytest.raises(BadInputError, match=r"a folder with world\.json or a \.gpkg"):
        find_world(str(tiny_world_folder / "assets.csv"))
    with pytest.raises(BadInputError, match="No world 'nowhere'"):
        find_world("nowhere")


def test_a_misspelt_region_is_recognised():
    for region in embedded_regions():
        assert find_world(region).name == region
        with pytest.raises(BadInputError, match=f"Did you mean '{region}'"):
            find_world(region[:-1])


@pytest.mark.parametrize("region", embedded_regions())
def test_the_embedded_regions_have_no_problem(region):
    assert problems(find_world(region)) == ()
