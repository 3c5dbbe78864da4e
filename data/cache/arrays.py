"""Arrays cached on disk, so that a large world is numbered once and workers share it.

One folder per world and way of numbering, with one ``.npy`` file per array. They are read memory
mapped: processes that read the same arrays share the memory. Unreadable arrays are recomputed; a
read-only disk is no error.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import zlib
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from models.cascade import arrays as numbering
from models.cascade.arrays import WorldArrays, arrays_of
from models.world import World

#: Numbering a world below this size is faster than reading it from disk.
WORTH_KEEPING = 10_000
#: Most worlds in the cache; the least recently used ones are deleted.
KEPT = 8
_NAMES = ("ids", "group_ids")


def kept_arrays(world: World, folder: Path) -> WorldArrays:
    """Return the world's arrays from ``folder``; if they are missing, make and store them."""
    if len(world.assets) < WORTH_KEEPING or not world.sha256:
        return arrays_of(world)
    place = folder / _key(world.sha256)
    arrays = read_arrays(place)
    if arrays is None:
        arrays = arrays_of(world)
        try:
            write_arrays(arrays, place)
            _prune(folder)
        except OSError:
            return arrays
    return arrays


def read_arrays(place: Path) -> WorldArrays | None:
    """Return the arrays in a folder, memory mapped; None if it is missing or damaged."""
    try:
        sums: dict[str, int] = json.loads((place / "sums.json").read_text(encoding="utf-8"))
        with suppress(OSError):  # record the time of use; a read-only disk is fine
            place.touch()
        if any(_sum(place / f"{name}.npy") != expected for name, expected in sums.items()):
            return None
        return WorldArrays(**{name: _read(place / f"{name}.npy", name) for name in sums})
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def write_arrays(arrays: WorldArrays, place: Path) -> None:
    """Write the arrays as a folder, completely or not at all."""
    place.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".part-", dir=place.parent))
    try:
        columns = arrays.columns() | {name: np.array(getattr(arrays, name), str) for name in _NAMES}
        for name, array in columns.items():
            np.save(made / f"{name}.npy", array, allow_pickle=False)
        sums = {name: _sum(made / f"{name}.npy") for name in columns}
        (made / "sums.json").write_text(json.dumps(sums), encoding="utf-8")
        shutil.rmtree(place, ignore_errors=True)  # it only exists if it is damaged
        made.rename(place)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _read(path: Path, name: str) -> Any:
    # copy on write: compiled code accepts it like any other array, and the file never changes
    array = np.asarray(np.load(path, mmap_mode="c", allow_pickle=False))
    return tuple(array.tolist()) if name in _NAMES else array


def _sum(path: Path) -> int:
    value = 0
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            value = zlib.crc32(piece, value)
    return value


def _key(sha256: str) -> str:
    return hashlib.sha256(f"{sha256} {_numbering()}".encode()).hexdigest()[:32]


@lru_cache(maxsize=1)
def _numbering() -> str:
    """Return a hash of the numbering code: another version must not read these arrays."""
    source = Path(numbering.__file__)
    parts = (source, source.with_name("components.py"))
    return hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()


def _prune(folder: Path) -> None:
    kept = sorted(folder.glob("[0-9a-f]*/"), key=lambda place: place.stat().st_mtime, reverse=True)
    for place in kept[KEPT:]:
        shutil.rmtree(place, ignore_errors=True)
