"""Worlds in a real PostGIS."""

from urllib.parse import urlsplit

import pytest

import cli
from data.worlds.reader import find_world, read_world

pytestmark = pytest.mark.interop


@pytest.fixture
def database(postgres):
    """The address of an empty database, to which a schema is added."""
    return postgres.new_database().replace("+psycopg", "")


def write(world, url):
    return cli.main(["export", str(world), "--to", "postgis", "--out", url])


def test_a_world_written_to_postgis_and_read_is_the_same_world(database, capsys):
    url = f"{database}&schema=city"
    assert write("merrowhaven", url) == 0
    assert read_world(find_world(url)) == read_world(find_world("merrowhaven"))
    assert write("merrowhaven", url) == 2
    assert "schema city is there already" in capsys.readouterr().err


def test_what_people_edit_in_the_database_is_read(tiny_world_folder, database, postgres, capsys):
    url = f"{database}&schema=tiny"
    assert write(tiny_world_folder, url) == 0
    name = urlsplit(database).path.removeprefix("/")
    postgres.execute(
        "UPDATE tiny.dependencies SET autonomy_h = 9 WHERE consumer_id = 'works'", name
    )
    postgres.execute("CREATE TABLE tiny.notes (text text)", name)
    postgres.execute(
        "ALTER TABLE tiny.assets ALTER COLUMN geometry TYPE geometry(Geometry, 25833) "
        "USING ST_Transform(geometry, 25833)", name,
    )  # fmt: skip
    world = read_world(find_world(url))
    assert world.groups["works-power"].autonomy_h == 9
    assert world.assets["plant"].lon == pytest.approx(13.10, abs=1e-6)
    postgres.execute("UPDATE tiny.assets SET sector = '' WHERE asset_id = 'grid'", name)
    assert cli.main(["validate", url]) == 2
    assert "tiny.gpkg, layer assets, row 2, column sector: the cell is empty" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("schema", "message"),
    [("nothing", "needs the tables world and assets. Tables there: none."),
     ("x;drop", "needs the tables world and assets. Tables there: none.")],
)  # fmt: skip
def test_a_schema_without_a_world_is_told(database, schema, message, capsys):
    assert cli.main(["validate", f"{database}&schema={schema}"]) == 2
    assert message in capsys.readouterr().err
