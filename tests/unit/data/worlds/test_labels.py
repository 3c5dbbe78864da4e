"""Information labels of a world: read, refused where they would protect nothing, written again."""

import pytest

from data.exchange.exports import write_world_folder, write_world_gpkg
from data.worlds.reader import check_world, read_world
from models.world import Marking
from tests.labelled import write_labelled


@pytest.fixture
def folder(tmp_path):
    return write_labelled(tmp_path / "town")


def _labels(folder, *rows):
    text = "what,name,tlp,source,note\n" + "".join(f"{row}\n" for row in rows)
    (folder / "labels.csv").write_text(text, encoding="utf-8")


def test_a_label_is_read_with_or_without_its_prefix(folder):
    world = read_world(folder)
    assert world.assets["orange"].tlp == "RED"
    assert world.assets["kilo"].tlp == "AMBER"
    assert world.assets["grid"].tlp == ""
    assert world.links["secret-line"].tlp == "RED"
    assert world.markings == (
        Marking("field", "operator", "AMBER", "the operator", "asked not to tell"),
    )


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("asset,grid,WHITE,,", "It is called CLEAR now"),
        ("asset,grid,SECRET,,", "It is one of CLEAR, GREEN, AMBER, AMBER+STRICT, RED"),
        ("asset,grid,,,", "the cell is empty"),
        ("asset,gird,RED,,", "no asset 'gird'. Did you mean 'grid'?"),
        ("link,secret-lin,RED,,", "no link 'secret-lin'. Did you mean 'secret-line'?"),
        ("service,electrcity,RED,,", "Did you mean 'electricity'?"),
        ("field,operater,RED,,", "Did you mean 'operator'?"),
        ("layer,link,RED,,", "Did you mean 'links'?"),
        ("place,grid,RED,,", "'place' is not known"),
    ],
)
def test_a_label_that_would_protect_nothing_is_refused(folder, row, said):
    _labels(folder, row)
    problems = "\n".join(check_world(folder).problems)
    assert said in problems
    assert "labels.csv, row 2" in problems


def test_one_thing_has_one_row(folder):
    _labels(folder, "asset,grid,RED,,", "link,line,RED,,", "asset,grid,GREEN,,")
    assert any(
        "row 4" in problem and "asset grid" in problem for problem in check_world(folder).problems
    )


def test_a_labelled_base_layer_needs_no_table(folder):
    _labels(folder, "layer,base:streets,GREEN,,")
    assert read_world(folder).markings[0].name == "base:streets"


@pytest.mark.parametrize(
    ("write", "name"), [(write_world_folder, "again"), (write_world_gpkg, "again.gpkg")]
)
def test_labels_are_part_of_the_world_and_survive_an_export(folder, tmp_path, write, name):
    world = read_world(folder)
    write(world, tmp_path / name)
    again = read_world(tmp_path / name)
    assert again.markings == world.markings
    assert again.sha256 == world.sha256
    (folder / "labels.csv").unlink()
    assert read_world(folder).sha256 != world.sha256
