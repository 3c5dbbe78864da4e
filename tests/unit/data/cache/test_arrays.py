"""Arrays on disk are what was written, or nothing."""

from __future__ import annotations

import os

import numpy as np
import pytest

from benchmarks.synthetic import synthetic
from data.cache import arrays as cache
from data.cache.arrays import kept_arrays, read_arrays, write_arrays
from models.cascade.arrays import arrays_of
from models.cascade.yes_or_no import Core
from models.world import World
from tests.strategies import world_of


@pytest.fixture(scope="module")
def world() -> World:
    return synthetic("infra", 400).world()


@pytest.fixture(autouse=True)
def keep_small_worlds(monkeypatch):
    monkeypatch.setattr(cache, "WORTH_KEEPING", 1)


def _same(one, other):
    assert (one.ids, one.group_ids) == (other.ids, other.group_ids)
    for name, array in one.columns().items():
        np.testing.assert_array_equal(array, other.columns()[name])
        assert array.dtype == other.columns()[name].dtype


def test_arrays_come_back_as_they_were_and_are_mapped(world, tmp_path):
    made = arrays_of(world)
    _same(kept_arrays(world, tmp_path / "new"), made)
    [place] = (tmp_path / "new").iterdir()
    again = read_arrays(place)
    _same(again, made)
    assert isinstance(again.supplier.base, np.memmap)
    again.trip[0] = 77  # what someone writes by mistake stays his own
    _same(read_arrays(place), made)
    assert (
        Core(kept_arrays(world, tmp_path / "new")).lost([3]).tolist()
        == Core(made).lost([3]).tolist()
    )


def test_kept_arrays_are_not_made_again(world, tmp_path, monkeypatch):
    kept_arrays(world, tmp_path)
    monkeypatch.setattr(cache, "arrays_of", None)
    _same(kept_arrays(world, tmp_path), arrays_of(world))


@pytest.mark.parametrize(
    "how", ["shortened", "flipped", "emptied", "missing", "no sums", "odd sums"]
)
def test_damaged_arrays_are_made_anew(world, tmp_path, how):
    made = kept_arrays(world, tmp_path)
    [place] = tmp_path.iterdir()
    victim = place / ("sums.json" if "sums" in how else "supplier.npy")
    content = victim.read_bytes()
    if how in ("missing", "no sums"):
        victim.unlink()
    elif how == "flipped":
        victim.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    else:
        victim.write_bytes({"shortened": content[:-9], "emptied": b"", "odd sums": b"[1]"}[how])
    assert read_arrays(place) is None
    _same(kept_arrays(world, tmp_path), made)
    _same(read_arrays(place), made)


def test_another_world_or_another_way_of_numbering_has_a_place_of_its_own(
    world, tmp_path, monkeypatch
):
    kept_arrays(world, tmp_path)
    kept_arrays(synthetic("infra", 400, seed=2).world(), tmp_path)
    monkeypatch.setattr(cache, "_numbering", lambda: "later")
    kept_arrays(world, tmp_path)
    assert len(list(tmp_path.iterdir())) == 3


def test_only_so_many_are_kept(world, tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "KEPT", 2)
    for age in range(4):
        write_arrays(arrays_of(world), tmp_path / f"{age}a")
        os.utime(tmp_path / f"{age}a", (age, age))
    cache._prune(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2a", "3a"]


def test_nothing_is_kept_where_nothing_can_be_written_or_named(world, tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    _same(kept_arrays(world, tmp_path / "file"), arrays_of(world))
    kept_arrays(world_of([]), tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_write_that_breaks_off_leaves_nothing(world, tmp_path, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(OSError, match="disk full"):
        write_arrays(arrays_of(world), tmp_path / "place")
    assert list(tmp_path.iterdir()) == []
