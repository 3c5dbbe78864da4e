"""The library of worlds on a real store: everything has a way back, and nobody sees others'."""

import shutil

import pytest

from data.exchange.exports import write_world_folder
from data.store.database import Database
from data.store.worlds import UnknownWorldError, WorldStore
from data.worlds.bases import Bases
from data.worlds.reader import REGIONS, read_world
from models.access import LOCAL_USER, NOBODY, NotAllowedError, Who
from models.errors import BadInputError
from models.worlds import entry as rules
from models.worlds.entry import EntryLine, State
from usecases.worlds.library import Library

ANNA = Who("anna", "Anna", "facilitator", None, "RED")
BEN = Who("ben", "Ben", "facilitator", None, "RED")


def in_session(name, role="participant", clearance="RED"):
    return Who(name, name, role, None, clearance, "storm")


@pytest.fixture
def library(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'k.db'}")
    yield Library(WorldStore(database), Bases(tmp_path / "worlds"))
    database.close()


@pytest.fixture
def folder(tiny_world, tmp_path):
    write_world_folder(tiny_world, tmp_path / "source")
    return tmp_path / "source"


def test_a_folder_becomes_an_entry_that_outlives_it(library, folder, tiny_world, tmp_path):
    entry = library.add(folder, "", LOCAL_USER)
    shutil.rmtree(folder)
    assert entry.state.title == tiny_world.title
    assert (entry.assets, entry.revision, entry.origin) == (len(tiny_world.assets), 1, "imported")
    kept = library.folder(entry.id, LOCAL_USER)
    assert read_world(kept).sha256 == tiny_world.sha256
    assert [path.name for path in (tmp_path / "worlds").iterdir()] == [entry.base]


def test_every_act_is_a_line_and_has_a_way_back(library, folder):
    first = library.add(folder, "Draft", LOCAL_USER)
    library.rename(first.id, "  Our\ntown ", LOCAL_USER)
    library.archive(first.id, LOCAL_USER)
    library.unarchive(first.id, LOCAL_USER)
    library.delete(first.id, LOCAL_USER)
    with pytest.raises(BadInputError, match="Restore it first"):
        library.rename(first.id, "x", LOCAL_USER)
    last = library.restore(first.id, LOCAL_USER)
    assert last.state == State("Our town")
    did = [line.did for line in library.history(first.id, LOCAL_USER)]
    assert did == ["added", "renamed", "archived", "unarchived", "deleted", "restored"]
    assert library.restore(first.id, LOCAL_USER).revision == last.revision == 6


def test_a_copy_goes_its_own_way_on_the_same_files(library, folder):
    first = library.add(folder, "One", LOCAL_USER)
    copy = library.copy(first.id, "Two", LOCAL_USER)
    library.delete(first.id, LOCAL_USER)
    assert (copy.base, copy.origin) == (first.base, "copied")
    assert library.entry(copy.id, LOCAL_USER).state == State("Two")


def test_a_world_is_its_owners(library, folder):
    entry = library.add(folder, "Anna's", ANNA)
    assert library.entries(BEN) == []
    for act in (library.entry, library.delete, library.history, library.folder):
        with pytest.raises(NotAllowedError, match="not yours"):
            act(entry.id, BEN)
    with pytest.raises(NotAllowedError):
        library.add(folder, "x", NOBODY)
    for unknown in ("", "x", "a\0b", "x" * 5_000):
        with pytest.raises(UnknownWorldError):
            library.entry(unknown, ANNA)


def test_in_a_session_all_see_it_and_owner_and_facilitator_change_it(library, folder):
    entry = library.add(folder, "Ours", in_session("anna"))
    assert library.entries(in_session("ben", "observer")) == [entry]
    with pytest.raises(NotAllowedError, match="Only its owner"):
        library.rename(entry.id, "x", in_session("ben"))
    assert library.rename(entry.id, "x", in_session("ben", "facilitator")).state.title == "x"
    assert library.entries(ANNA) == []


def test_the_bin_is_emptied_after_30_days():
    line = EntryLine("deleted", "a", State("t", "deleted"), "", 2, "2026-01-01T00:00:00+00:00")
    assert rules.restored(line, ANNA, "2026-01-30T00:00:00+00:00").did == "restored"
    with pytest.raises(BadInputError, match="30 days"):
        rules.restored(line, ANNA, "2026-02-01T00:00:00+00:00")


def test_what_is_no_world_leaves_nothing(library, folder, tmp_path):
    (folder / "world.json").write_text("{")
    with pytest.raises(BadInputError):
        library.add(folder, "x", LOCAL_USER)
    (folder / "world.json").unlink()
    (folder / "world.json").symlink_to(REGIONS / "merrowhaven" / "world.json")
    with pytest.raises(BadInputError, match="plain files"):
        library.add(folder, "x", LOCAL_USER)
    with pytest.raises(BadInputError):
        library.add(tmp_path / "nowhere", "x", LOCAL_USER)
    assert list((tmp_path / "worlds").iterdir()) == []
    assert library.entries(LOCAL_USER) == []
