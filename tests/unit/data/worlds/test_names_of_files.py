"""Files, layers and columns: matched without case, and whatever is not read is named."""

import json
import shutil
import sqlite3

import geopandas as gpd
import pytest
from shapely.geometry import Point

from data.exchange.exports import write_world_gpkg
from data.worlds import check_world
from data.worlds.base_map import base_files
from models.errors import BadInputError


def problems(path):
    return check_world(path).problems


def warnings(path):
    return check_world(path).warnings


def with_labels(folder, column):
    """Label the only link in a column of this name."""
    path = folder / "links.csv"
    text = path.read_text().replace("length_m", f"{column},length_m")
    path.write_text(text.replace(",9000.5", ",RED,9000.5"))
    return folder


def rename(folder, old, new):
    (folder / old).rename(folder / new)


@pytest.mark.parametrize("name", ["DEPENDENCIES.CSV", "Dependencies.csv", "dependencies.CSV"])
def test_tables_are_matched_without_case(tiny_world_folder, name):
    before = check_world(tiny_world_folder).world
    rename(tiny_world_folder, "dependencies.csv", name)
    checked = check_world(tiny_world_folder)
    assert checked.world == before
    assert not [line for line in checked.warnings if "not read" in line]


def test_a_world_in_capitals_is_read(tiny_world_folder):
    for path in list(tiny_world_folder.iterdir()):
        path.rename(path.with_name(path.name.upper()))
    assert len(check_world(tiny_world_folder).world.assets) == 4


@pytest.mark.parametrize(
    "name",
    ["dependencies.tsv", "dependencies.xlsx", "dependencies.ods", "dependencies.json",
     "service areas.csv", "Service-Areas.csv", "common_causes.csv", "links.geojsonl",
     "links (1).csv", "dependencies.CSV.bak"],
)  # fmt: skip
def test_what_looks_like_a_table_is_named_with_the_name_it_may_have(tiny_world_folder, name):
    (tiny_world_folder / name).write_text("x")
    (line,) = [w for w in warnings(tiny_world_folder) if f"'{name}'" in w]
    assert "is not read. Did you mean '" in line


@pytest.mark.parametrize("name", ["Kataster.pdf", "notes", "old", "data.zip"])
def test_whatever_else_is_not_read_is_named(tiny_world_folder, name):
    (tiny_world_folder / name).mkdir() if name == "old" else (
        (tiny_world_folder / name).write_text("x")
    )
    assert any(f"'{name}' is not read" in line for line in warnings(tiny_world_folder))


def test_papers_and_hidden_files_are_passed_over(tiny_world_folder):
    before = warnings(tiny_world_folder)
    for name in ("LICENSE", "README.md", ".DS_Store", "._assets.csv", "._labels.csv", "~$x.xlsx"):
        (tiny_world_folder / name).write_bytes(b"\x00\x05\x16\x07")
    assert warnings(tiny_world_folder) == before


def test_a_long_list_of_files_is_cut(tiny_world_folder):
    for n in range(30):
        (tiny_world_folder / f"photo{n}.jpg").write_text("x")
    assert any("and 10 more are not read" in line for line in warnings(tiny_world_folder))


def test_two_files_of_one_table_are_refused(tiny_world_folder):
    shutil.copy(tiny_world_folder / "links.csv", tiny_world_folder / "LINKS.csv")
    assert any("Keep one" in line for line in problems(tiny_world_folder))


def test_a_table_whose_ending_was_hidden_is_read_and_told(tiny_world_folder):
    before = check_world(tiny_world_folder).world
    rename(tiny_world_folder, "links.csv", "links.csv.txt")
    checked = check_world(tiny_world_folder)
    assert checked.world == before
    assert "tiny: 'links.csv.txt' is read as links.csv." in checked.warnings


# --- labels above all ------------------------------------------------------------------------

LABELS = "what,name,tlp\nasset,grid,RED\n"


@pytest.mark.parametrize("name", ["labels.csv", "LABELS.CSV", "Labels.csv", "labels.csv.txt"])
def test_labels_are_read_whatever_the_case(tiny_world_folder, name):
    (tiny_world_folder / name).write_text(LABELS)
    assert [m.name for m in check_world(tiny_world_folder).world.markings] == ["grid"]


@pytest.mark.parametrize(
    "name",
    ["labels.tsv", "labels.xlsx", "label.csv", "lables.csv", "Labels (2).csv", "labels.json"],
)
def test_labels_that_would_not_be_read_refuse_the_world(tiny_world_folder, name):
    (tiny_world_folder / name).write_text(LABELS)
    assert check_world(tiny_world_folder).world is None
    assert any(f"'{name}' is not read, so its labels" in p for p in problems(tiny_world_folder))


@pytest.mark.parametrize("column", ["TLP", "Tlp", "tLP"])
def test_the_column_of_labels_is_matched_without_case(tiny_world_folder, column):
    path = tiny_world_folder / "links.csv"
    path.write_text(
        path.read_text().replace("length_m", f"{column},length_m").replace(",9000.5", ",RED,9000.5")
    )
    assert check_world(tiny_world_folder).world.links["line"].tlp == "RED"


@pytest.mark.parametrize("column", ["tpl", "TLP:", "TLP 2.0", "tlp_label"])
def test_a_column_that_may_be_labels_refuses_the_world(tiny_world_folder, column):
    path = tiny_world_folder / "links.csv"
    path.write_text(
        path.read_text().replace("length_m", f"{column},length_m").replace(",9000.5", ",RED,9000.5")
    )
    assert any("Call it tlp" in line for line in problems(tiny_world_folder))


def test_two_columns_that_differ_in_case_alone_are_refused(tiny_world_folder):
    path = tiny_world_folder / "links.csv"
    path.write_text(
        path.read_text().replace("length_m", "Length_m,length_m").replace(",9000.5", ",1,9000.5")
    )
    assert any("columns appear twice: Length_m, length_m" in p for p in problems(tiny_world_folder))


def test_a_column_without_a_name_is_told(tiny_world_folder):
    (tiny_world_folder / "service_areas.csv").write_text(
        "asset_id,service,,people\nworks,drinking water,RED,1200\n"
    )
    assert any("column 3 has no name" in line for line in warnings(tiny_world_folder))


# --- layers of a GeoPackage ------------------------------------------------------------------


@pytest.fixture
def package(tmp_path, tiny_world):
    path = tmp_path / "w.gpkg"
    write_world_gpkg(tiny_world, path)
    return path


def sql(path, *statements):
    database = sqlite3.connect(path)
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()


def test_layers_are_matched_without_case(package, tiny_world):
    sql(
        package,
        "ALTER TABLE dependencies RENAME TO x",
        "ALTER TABLE x RENAME TO DEPENDENCIES",
        "UPDATE gpkg_contents SET table_name = 'DEPENDENCIES' WHERE table_name = 'dependencies'",
        "UPDATE gpkg_ogr_contents SET table_name = 'DEPENDENCIES' "
        "WHERE table_name = 'dependencies'",
    )
    assert check_world(package).world == tiny_world


def test_foreign_layers_and_views_are_left_aside_with_a_note(package, tiny_world):
    roads = gpd.GeoDataFrame({"kind": ["a"]}, geometry=[Point(0, 0)], crs=25833)
    roads.to_file(package, layer="Roads of 2019", driver="GPKG")
    forever = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    sql(
        package,
        f"CREATE VIEW unknowns AS {forever}",
        "INSERT INTO gpkg_contents (table_name, data_type) VALUES ('unknowns', 'attributes')",
    )
    assert check_world(package).world == tiny_world
    assert any("'Roads of 2019' is not read" in line for line in warnings(package))
    assert any("layer 'unknowns' is a view. It is not read" in line for line in warnings(package))


def test_a_layer_like_labels_refuses_the_package(package):
    sql(
        package,
        "CREATE TABLE lables (what TEXT, name TEXT, tlp TEXT)",
        "INSERT INTO gpkg_contents (table_name, data_type) VALUES ('lables', 'attributes')",
    )
    assert any("'lables' is not read, so its labels" in p for p in problems(package))


def test_rows_are_counted_not_believed(package, tiny_world):
    sql(package, "UPDATE gpkg_ogr_contents SET feature_count = 1000000000")
    assert check_world(package).world == tiny_world
    sql(package, "UPDATE gpkg_ogr_contents SET feature_count = 1")
    assert check_world(package).world == tiny_world


# --- the base map ----------------------------------------------------------------------------


def base(folder, name="water.geojson", content='{"type": "FeatureCollection", "features": []}'):
    (folder / "base").mkdir(exist_ok=True)
    path = folder / "base" / name
    path.write_text(content)
    return path


def test_a_base_map_is_read(tiny_world_folder):
    path = base(tiny_world_folder)
    assert base_files(tiny_world_folder) == {"water": path.read_bytes()}
    assert problems(tiny_world_folder) == ()


def test_a_symbolic_link_in_the_base_map_is_refused(tiny_world_folder, tmp_path):
    secret = tmp_path / "secret.json"
    secret.write_text('{"type": "FeatureCollection", "features": []}')
    base(tiny_world_folder).unlink()
    (tiny_world_folder / "base" / "water.geojson").symlink_to(secret)
    assert "base/water.geojson: a symbolic link is refused" in problems(tiny_world_folder)[0]
    with pytest.raises(BadInputError, match="symbolic link"):
        base_files(tiny_world_folder)


def test_a_base_folder_that_is_a_symbolic_link_is_refused(tiny_world_folder, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tiny_world_folder / "base").symlink_to(tmp_path / "elsewhere")
    assert "base: a symbolic link is refused" in problems(tiny_world_folder)[0]


@pytest.mark.parametrize(
    "content",
    ["", "root:x:0:0", "[]", "{}", '{"features": [3]}', "[" * 100_000, '{"features": [{}]}'],
)
def test_what_is_no_geojson_in_the_base_map_is_refused(tiny_world_folder, content):
    base(tiny_world_folder, content=content)
    assert "base/water.geojson: no GeoJSON" in problems(tiny_world_folder)[0]
    with pytest.raises(BadInputError, match="no GeoJSON"):
        base_files(tiny_world_folder)


def test_other_files_of_the_base_map_are_named(tiny_world_folder):
    base(tiny_world_folder, "Water.geojson")
    assert any("'Water.geojson' is not read" in line for line in warnings(tiny_world_folder))


def test_a_half_letter_in_world_json_is_told(tiny_world_folder):
    (tiny_world_folder / "world.json").write_text(json.dumps({"id": "x", "title": "a\ud83d"}))
    (line,) = problems(tiny_world_folder)
    assert line.startswith("world.json: title: a NUL or half of a character")
