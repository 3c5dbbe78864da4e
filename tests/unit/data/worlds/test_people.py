"""Cells of people and who serves them, read from files and checked at the door."""

import pytest

from data.exchange.exports import write_world_folder, write_world_geojson, write_world_gpkg
from data.knowledge.reader import use_needs
from data.worlds.reader import check_world, read_world
from models.world import Cell, Serving

PEOPLE = """\
cell_id,people,lon,lat,municipality,over_80,remark
home,100,13.1,53.5,Town,20,brick
farm,10,13.2,53.6,,,
"""
SERVED = """\
cell_id,asset_id,service,share,origin,confidence,source
home,grid,electricity,0.5,nearest,D,a guess
home,works,drinking_water,,,,
farm,grid,electricity,,,,
"""


@pytest.fixture
def folder(tiny_world_folder):
    (tiny_world_folder / "people.csv").write_text(PEOPLE)
    (tiny_world_folder / "served.csv").write_text(SERVED)
    return tiny_world_folder


def test_cells_and_servings_are_read(folder):
    world = read_world(folder)
    assert list(world.cells) == ["farm", "home"]
    assert world.cells["home"] == Cell(
        "home", 100, 13.1, 53.5, municipality="Town", groups=(("over_80", 20),)
    )
    assert world.cells["farm"].groups == ()
    assert world.servings == (
        Serving("farm", "grid", "electricity"),
        Serving("home", "works", "drinking_water"),
        Serving("home", "grid", "electricity", 0.5, "nearest", "D", "a guess"),
    )


def test_a_further_column_that_is_no_whole_number_is_warned_of(folder):
    (warning,) = [w for w in check_world(folder).warnings if "people.csv" in w]
    assert "further column remark" in warning


def test_what_services_need_at_home_comes_from_the_knowledge_table(folder):
    assert read_world(folder).use_needs == use_needs()
    assert all(need.confidence and need.source for need in use_needs())


def test_cells_change_the_hash_of_a_world_and_their_order_does_not(folder):
    with_cells = read_world(folder).sha256
    head, *rows = PEOPLE.splitlines()
    (folder / "people.csv").write_text("\n".join([head, *reversed(rows)]))
    assert read_world(folder).sha256 == with_cells
    for name in ("people.csv", "served.csv"):
        (folder / name).unlink()
    assert read_world(folder).sha256 != with_cells


BAD = {
    "an unknown cell": ("served.csv", "farm,gr", "fram,gr", "row 4, column cell_id: no cell"),
    "an unknown asset": ("served.csv", "works", "wroks", "row 3, column asset_id: no asset"),
    "no share": ("served.csv", "0.5", "0", "row 2, column share: 0 is too small"),
    "too large a share": ("served.csv", "0.5", "1.5", "row 2, column share: 1.5 is too large"),
    "a row twice": (
        "served.csv",
        "farm,grid,electricity",
        "home,grid,electricity",
        "row 4, column service: row 2 already",
    ),
    "more old people than people": ("people.csv", "20", "101", "row 2, column over_80: 101 is"),
    "fewer than nobody": ("people.csv", ",20,", ",-2,", "row 2, column over_80: -2 is negative"),
    "a cell twice": ("people.csv", "farm", "home", "row 3, column cell_id: 'home' is already"),
    "half a person": ("people.csv", "100", "0.5", "row 2, column people: 0.5 is not a whole"),
    "no place": ("people.csv", "13.2,53.6", ",", "row 3, column lon/lat: the cell has no place"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_cell_or_serving_is_told_with_its_place(folder, case):
    name, old, new, text = BAD[case]
    path = folder / name
    path.write_text(path.read_text().replace(old, new, 1))
    assert any(f"{name}, {text}" in problem for problem in check_world(folder).problems)


SHED = {
    "people.csv": PEOPLE.replace("over_80,remark", "over_80,shed_order")
    .replace("20,brick", "20,2")
    .replace(",,,", ",,,1"),
    "served.csv": SERVED.replace("source", "source,shed_order")
    .replace("a guess", "a guess,3")
    .replace("electricity,,,,", "electricity,,,,,"),
}


@pytest.fixture
def shed(folder):
    """The same with an order in which a partial supply is shed."""
    for name, text in SHED.items():
        (folder / name).write_text(text)
    return folder


def test_the_order_of_shedding_is_read_and_is_no_group(shed):
    assert not check_world(shed).problems
    world = read_world(shed)
    assert {c: (cell.shed_order, cell.groups) for c, cell in world.cells.items()} == {
        "farm": (1, ()),
        "home": (2, (("over_80", 20),)),
    }
    orders = {(serving.cell_id, serving.service): serving.shed_order for serving in world.servings}
    assert orders[("home", "electricity")] == 3 and orders[("farm", "electricity")] is None


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("0", "0 is too small"), ("-1", "-1 is too small"), ("1.5", "1.5 is not a whole"),
        ("first", "'first' is not a number"), ("nan", "is not a finite number"),
        ("1e300", "is too large"), ("1000001", "is too large"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["people.csv", "served.csv"])
def test_no_order_of_shedding_is_told_with_its_place(shed, name, given, text):
    path, old = shed / name, ",2\n" if name == "people.csv" else ",3\n"
    path.write_text(path.read_text().replace(old, f",{given}\n", 1))
    (problem,) = check_world(shed).problems
    assert problem.startswith(f"{name}, row 2, column shed_order: ") and text in problem


@pytest.mark.parametrize("order", ["even", "ordered"])
@pytest.mark.parametrize("form", ["csv", "geojson", "gpkg"])
def test_cells_written_and_read_are_the_same(folder, tmp_path, form, order, request):
    world = read_world(request.getfixturevalue("shed") if order == "ordered" else folder)
    path = tmp_path / ("made.gpkg" if form == "gpkg" else "made")
    if form == "gpkg":
        write_world_gpkg(world, path)
    else:
        write_world_folder(world, path, form=form)
    again = read_world(path)
    assert (again.cells, again.servings) == (world.cells, world.servings)
    assert again.sha256 == world.sha256


def test_a_map_file_has_the_cells(folder, tmp_path):
    write_world_geojson(read_world(folder), tmp_path / "map.geojson")
    text = (tmp_path / "map.geojson").read_text()
    assert '"table": "people", "cell_id": "home", "people": 100' in text
