"""URLs of worlds in PostGIS; a real server is asked in ``make interop``."""

import pytest

import cli
from data.worlds.postgis import is_url, place_of


def test_a_url_names_a_database_and_a_schema():
    place = place_of(
        "postgresql+psycopg://me:secret@db.example:5433/lage?schema=Stadt&sslmode=require"
    )
    assert place.schema == "Stadt"
    assert place.name == "db.example/lage, schema Stadt"
    assert place.address.startswith("postgresql://me:secret@db.example:5433/lage?sslmode=require&")
    assert place_of("postgres://db/lage").schema == "knockon"


@pytest.mark.parametrize("name", ["postgis", "C:/postgresql/x", "postgresql:/one", ""])
def test_other_names_are_no_url(name):
    assert not is_url(name)


def test_a_server_that_does_not_answer_is_told_without_the_password(capsys):
    assert cli.main(["validate", "postgresql://me:secret@127.0.0.1:1/lage"]) == 2
    said = capsys.readouterr().err
    assert "127.0.0.1/lage, schema knockon: connection failed" in said
    assert "secret" not in said


@pytest.mark.parametrize(
    ("form", "out", "message"),
    [("postgis", "city.gpkg", "needs a URL"), ("csv", "postgresql://h/d", "writes files")],
)
def test_a_format_that_does_not_go_with_its_place_is_refused(form, out, message, capsys):
    assert cli.main(["export", "merrowhaven", "--to", form, "--out", out]) == 2
    assert message in capsys.readouterr().err
