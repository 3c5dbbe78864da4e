"""A world in a ZIP file is the world of the folder in it, and no ZIP file does harm."""

import zipfile

import pytest

from data.worlds import tables
from data.worlds.formats import zipped
from data.worlds.reader import check_world, find_world, read_world
from tests.labelled import TABLES, write_labelled


def packed(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


@pytest.mark.parametrize("top", ["", "town/", "a/deep/town/"])
def test_it_is_the_same_world(tmp_path, top):
    path = packed(tmp_path / "town.ZIP", {top + name: text for name, text in TABLES.items()})
    assert find_world(str(path)) == path
    folder = write_labelled(tmp_path / "folder")
    assert read_world(path) == read_world(folder)
    assert read_world(path).sha256 == read_world(folder).sha256


def test_problems_name_the_file_and_row_in_it(tmp_path):
    wrong = {**TABLES, "links.csv": "link_id,from_id,to_id,service\nline,plant,gird,electricity\n"}
    path = packed(tmp_path / "town.zip", {f"town/{name}": text for name, text in wrong.items()})
    assert any(
        line.startswith("links.csv, row 2, column to_id") for line in check_world(path).problems
    )


def test_nothing_is_written_outside_and_only_files_beside_the_world_are_read(tmp_path):
    hostile = {"../assets.csv": "x", "/etc/links.csv": "x", "base/roads.json": "{", "..": "x"}
    path = packed(tmp_path / "town.zip", {**TABLES, **hostile})
    assert read_world(path) == read_world(write_labelled(tmp_path / "folder"))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["folder", "town.zip"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"assets.csv": "asset_id\n"}, "holds no world.json"),
        ({"a/world.json": "{}", "b/world.json": "{}"}, "several worlds"),
        ({**TABLES, "notes.csv": "0" * 30_000}, "larger than 0 MB when unpacked"),
        ({f"{n}.csv": "" for n in range(20)}, "holds 20 files; a world has up to 15"),
    ],
)
def test_what_is_no_world_is_refused_in_one_line(tmp_path, monkeypatch, files, message):
    monkeypatch.setattr(tables, "MAX_TABLE_BYTES", 20_000)
    monkeypatch.setattr(zipped, "MAX_FILES", 15)
    (problem,) = check_world(packed(tmp_path / "town.zip", files)).problems
    assert message in problem and problem.startswith("town.zip: ")


def test_a_changed_byte_is_told_not_thrown(tmp_path):
    path = packed(tmp_path / "town.zip", TABLES)
    whole = path.read_bytes()
    for at in range(0, len(whole), 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        checked = check_world(path)
        assert checked.world or checked.problems


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused(tmp_path):
    path = packed(tmp_path / "town.zip", TABLES)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("labels.csv", "what,name,tlp\n")
    assert check_world(path).problems == ("town.zip: holds 'labels.csv' twice. Keep one.",)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"asset_id\n"])
def test_what_is_no_zip_file_is_refused(tmp_path, content):
    path = tmp_path / "town.zip"
    path.write_bytes(content)
    (problem,) = check_world(path).problems
    assert problem.startswith("town.zip: not a readable ZIP file")
