"""Exports: no cell is a formula, and a world that was written is the same world."""

import csv

import pytest

import cli
from data.exchange.exports import WORLD_FORMATS, write_world_folder
from data.exchange.outcome_exports import write_outcome_csv
from data.worlds.reader import check_world, find_world, read_world
from models.lettering import has_unshown
from models.papers.tabular import NOTE_COLUMN

NASTY = ["=1+1", "+49 395 1", "-x", "@SUM(1)", "\u200b=1", "'=x", "＝1"]


def with_names(folder, names):
    """Give the assets these names, and one of them such an id."""
    path = folder / "assets.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    for row, name in zip(rows[1:], names, strict=False):
        row[1] = name
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("at", range(0, len(NASTY), 4))
def test_names_like_formulas_are_neutral_in_a_folder_and_come_back(tiny_world_folder, tmp_path, at):
    names = NASTY[at : at + 4]
    world = read_world(with_names(tiny_world_folder, names))
    assert {asset.name for asset in world.assets.values()} >= set(names)
    write_world_folder(world, tmp_path / "again")
    written = rows_of(tmp_path / "again" / "assets.csv")
    assert {row["name"] for row in written} >= {f"'{name}" for name in names}
    assert any("before what would be a formula: name" in row[NOTE_COLUMN] for row in written)
    result = check_world(tmp_path / "again")
    assert result.world == world
    assert not any(NOTE_COLUMN in line for line in result.warnings)


def test_negative_degrees_stay_numbers(tiny_world_folder, tmp_path):
    path = tiny_world_folder / "assets.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("13.10", "-13.10"), encoding="utf-8")
    world = read_world(tiny_world_folder)
    write_world_folder(world, tmp_path / "again")
    assert rows_of(tmp_path / "again" / "assets.csv")[2]["lon"] == "-13.1"
    assert NOTE_COLUMN not in rows_of(tmp_path / "again" / "assets.csv")[0]


def test_a_trace_has_no_formulas(tiny_world_folder, tmp_path):
    world = read_world(with_names(tiny_world_folder, ["=cmd|' /C calc'!A0"] * 4))
    row = {"row": 0, "t_h": 0.0, "asset": "grid", "link": None, "service": None, "from": 1.0,
           "to": 0.0, "kind": "direct", "group": None, "because": [], "order": 0}  # fmt: skip
    write_outcome_csv(world, {"trace": [row]}, tmp_path / "outcome.csv")
    (written,) = rows_of(tmp_path / "outcome.csv")
    assert written["name"] == "'=cmd|' /C calc'!A0"
    assert written[NOTE_COLUMN].endswith(": name")


@pytest.mark.parametrize("name", ["Klinik\nNord", "a\u202egpj", "\x1b[2Jx", "x\u2028y"])
def test_names_with_letters_nobody_sees_are_written_out(tiny_world_folder, name):
    world = read_world(with_names(tiny_world_folder, [name]))
    assert not has_unshown(world.assets["plant"].name)
    assert "\\" in world.assets["plant"].name


@pytest.mark.parametrize("letter", ["\n", "\u202e", "\x07", "\u2067"])
def test_an_id_with_a_letter_nobody_sees_is_refused_with_its_number(tiny_world_folder, letter):
    path = tiny_world_folder / "assets.csv"
    text = path.read_text(encoding="utf-8").replace("plant,Power", f'"pl{letter}ant",Power')
    path.write_text(text, encoding="utf-8", newline="")
    problem = check_world(tiny_world_folder).problems[0]
    assert problem.startswith("assets.csv, row 2, column asset_id: ")
    assert f"U+{ord(letter):04X}" in problem
    assert letter not in problem


def test_an_id_has_at_most_200_letters(tiny_world_folder):
    path = tiny_world_folder / "assets.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + f"{'ä' * 200},x,school,public,1,2\n", encoding="utf-8")
    assert "ä" * 200 in check_world(tiny_world_folder).world.assets
    path.write_text(text + f"{'ä' * 201},x,school,public,1,2\n", encoding="utf-8")
    assert "has 201 letters; an id has up to 200" in check_world(tiny_world_folder).problems[0]


def test_composed_and_decomposed_ids_are_two_and_a_hint_tells_them_apart(tiny_world_folder):
    path = tiny_world_folder / "assets.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "Mühle,x,school,public,1,2\nMu\u0308hle,x,school,public,1,2\n",
                    encoding="utf-8")  # fmt: skip
    assert len(check_world(tiny_world_folder).world.assets) == 6
    path.write_text(text + "Mühle,x,school,public,1,2\n", encoding="utf-8")
    (tiny_world_folder / "flows.csv").write_text(
        "asset_id,service\nMu\u0308hle,electricity\n", encoding="utf-8"
    )
    (problem,) = check_world(tiny_world_folder).problems
    assert "It looks the same, but has U+00FC where this has U+0075 U+0308" in problem


@pytest.mark.parametrize(
    ("form", "name"),
    [("csv", "w"), ("geojson", "w.geojson"), ("geoparquet", "w"), ("gpkg", "w.gpkg")],
)
def test_an_exported_world_is_imported_as_the_same_world(tmp_path, form, name):
    world = read_world(find_world("merrowhaven"))
    WORLD_FORMATS[form](world, tmp_path / name)
    title = ["--title", world.title]
    made = tmp_path / "merrowhaven"
    assert cli.main(["import", str(tmp_path / name), "--out", str(made), *title]) == 0
    again = read_world(made)
    assert (again.assets, again.links, again.groups) == (world.assets, world.links, world.groups)
    assert (again.flows, again.cells, again.servings) == (world.flows, world.cells, world.servings)
    assert (again.markings, again.ranges) == (world.markings, world.ranges)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"table": "assets"', '"table": "rivers"', "'rivers' is not one of assets, links"),
        ('"tables": {', '"tables": 7, "x": {', 'needs the members "world" and "tables"'),
        ('"dependencies": [', '"dependencies": 7, "x": [', "table dependencies: not a list"),
        ('"consumer_id": "works"', '"consumer_id": "wroks"', "table dependencies, row 3"),
        ('"type": "Point"', '"type": "Dot"', "not a GeoJSON geometry"),
    ],
)
def test_a_world_in_one_geojson_is_checked_as_any_other(tiny_world, tmp_path, old, new, message):
    path = tmp_path / "w.geojson"
    WORLD_FORMATS["geojson"](tiny_world, path)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    world, problems, _ = check_world(path)
    assert world is None
    assert any(message in line for line in problems), problems


@pytest.mark.parametrize("body", [b"", b"PAR1", b"PAR1" + b"\0" * 90 + b"PAR1", b"asset_id\nx\n"])
def test_a_broken_parquet_file_is_told_with_its_name(tiny_world, tmp_path, body):
    WORLD_FORMATS["geoparquet"](tiny_world, tmp_path / "w")
    (tmp_path / "w" / "links.parquet").write_bytes(body)
    (line,) = check_world(tmp_path / "w").problems
    assert line.startswith("links.parquet: not a readable Parquet file")
