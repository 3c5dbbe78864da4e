"""GeoPackages made to harm: read as what they hold, or refused in a line; never obeyed."""

import sqlite3

import pytest

from data.exchange.exports import write_world_gpkg
from data.worlds import check_world

FOREVER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"


@pytest.fixture
def package(tmp_path, tiny_world):
    path = tmp_path / "w.gpkg"
    write_world_gpkg(tiny_world, path)
    return path


def sql(path, *statements):
    database = sqlite3.connect(path)
    # those of the format keep an index, by functions that only libraries of geometry have
    ours = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for statement in (*(f'DROP TRIGGER "{name}"' for (name,) in ours), *statements):
        database.execute(statement)
    database.commit()
    database.close()


def checked(path):
    """Return the messages about a package; check that it and its folder are unchanged."""
    before = {file: file.read_bytes() for file in path.parent.iterdir() if file.is_file()}
    found = check_world(path)
    assert {file: file.read_bytes() for file in path.parent.iterdir() if file.is_file()} == before
    for line in (*found.problems, *found.warnings):
        assert len(line.splitlines()) == 1
        assert "Traceback" not in line
    return found


def test_triggers_are_not_run(package, tiny_world):
    sql(
        package,
        "CREATE TRIGGER t1 AFTER INSERT ON assets BEGIN DELETE FROM dependencies; END",
        "CREATE TRIGGER t2 AFTER UPDATE ON gpkg_contents BEGIN DELETE FROM assets; END",
        f"CREATE TRIGGER t3 AFTER DELETE ON links BEGIN {FOREVER}; END",
    )
    assert checked(package).world == tiny_world


@pytest.mark.parametrize("table", ["assets", "dependencies", "links"])
def test_a_table_that_is_a_view_without_end_is_not_asked(package, table):
    sql(package, f"ALTER TABLE {table} RENAME TO kept", f"CREATE VIEW {table} AS {FOREVER}")
    found = checked(package)
    assert any(f"layer '{table}' is a view. It is not read" in line for line in found.warnings)
    if table == "assets":
        assert found.world is None


def test_a_table_that_is_a_view_is_not_read(package):
    view = "CREATE VIEW service_areas AS SELECT 'works' AS asset_id, 'heat' AS service, 5 AS people"
    sql(package, "DROP TABLE service_areas", view)
    found = checked(package)
    assert any("layer 'service_areas' is a view. It is not read" in w for w in found.warnings)
    assert found.world is not None
    assert found.world.service_areas == ()


def test_a_layer_in_another_file_is_not_fetched(package, tmp_path):
    """A view or a virtual table may name an attached file or a system file."""
    other = tmp_path / "other.db"
    sql(other, "CREATE TABLE secret (what TEXT)", "INSERT INTO secret VALUES ('kept from you')")
    database = sqlite3.connect(package)
    database.execute(f"ATTACH DATABASE '{other}' AS other")
    database.execute("DROP TABLE service_areas")
    database.execute("CREATE TEMP VIEW service_areas AS SELECT what AS asset_id FROM other.secret")
    database.execute("PRAGMA writable_schema=ON")
    for name, statement in (
        ("service_areas", "CREATE VIEW service_areas AS SELECT what AS asset_id FROM other.secret"),
        ("common_cause", "CREATE VIRTUAL TABLE common_cause USING VirtualShape('/etc/passwd')"),
    ):
        kind = "view" if "VIEW" in statement else "table"
        row = (kind, name, name, 0, statement)
        database.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", row)
        database.execute(
            "INSERT OR IGNORE INTO gpkg_contents (table_name, data_type) VALUES (?, 'attributes')",
            (name,),
        )
    database.commit()
    database.close()
    found = checked(package)
    assert found.world is None or not found.world.service_areas
    assert "kept from you" not in str((found.problems, found.warnings))
    assert "root:" not in str((found.problems, found.warnings, found.world))


@pytest.mark.parametrize("claim", [10**9, 2**62, -1, "'many'"])
def test_rows_that_are_claimed_and_not_there_take_no_room(package, tiny_world, claim):
    sql(package, f"UPDATE gpkg_ogr_contents SET feature_count = {claim}")  # noqa: S608
    assert checked(package).world == tiny_world


@pytest.mark.parametrize(
    "statements",
    [
        ["DROP TABLE gpkg_contents"],
        ["DELETE FROM gpkg_contents"],
        ["DROP TABLE gpkg_spatial_ref_sys"],
        ["UPDATE gpkg_geometry_columns SET geometry_type_name = 'NONSENSE'"],
        ["UPDATE gpkg_geometry_columns SET srs_id = 99999"],
        ["UPDATE assets SET geom = x'00'"],
        ["UPDATE assets SET geom = zeroblob(5000000)"],
        ["UPDATE assets SET name = x'ff00fe'"],
        ["UPDATE assets SET asset_id = char(0) || 'x'"],
        ["PRAGMA user_version = 99999"],
        ["PRAGMA application_id = 1"],
        ["ALTER TABLE assets RENAME COLUMN asset_id TO 'a\"; DROP TABLE links; --'"],
        ["UPDATE gpkg_contents SET table_name = '\"; DROP TABLE links; --' "
         "WHERE table_name = 'assets'"],
        ["UPDATE gpkg_contents SET table_name = 'sqlite_master' WHERE table_name = 'assets'"],
        ["CREATE TABLE wide (a)", "UPDATE gpkg_contents SET min_x = 'nan', max_x = 1e999"],
    ],
)  # fmt: skip
def test_a_package_that_lies_about_itself_is_read_or_refused_in_lines(package, statements):
    sql(package, *statements)
    found = checked(package)
    assert found.world is not None or found.problems


@pytest.mark.parametrize("keep", [0, 10, 100, 4_096, 50_000])
def test_a_package_that_was_cut_off_is_refused_in_a_line(package, keep):
    package.write_bytes(package.read_bytes()[:keep])
    found = checked(package)
    assert found.world is None
    assert found.problems
