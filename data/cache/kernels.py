"""Cache of compiled kernels, beside their sources; it is invalid once the sources change."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

ENGINE = Path(__file__).parents[2] / "models" / "cascade"
_NOTE = "made-of.sha256"


def prepare_kernels(folder: Path = ENGINE) -> bool:
    """Return whether compiled kernels of the present code are cached.

    Numba checks only the file of a function, not those of the functions inlined into it: so
    kernels of other code are removed. And it uses only a cache that it can write: if ``folder``
    is read only, this process and its workers get a copy of their own.
    """
    folder_used = os.environ.get("NUMBA_CACHE_DIR")
    caches = [_cache(source, folder_used) for source in _folders(folder)]
    cache = caches[0]
    noted, now = cache / _NOTE, _digest(folder)
    fits = noted.exists() and noted.read_text(encoding="ascii") == now
    if not folder_used and not os.access(cache if cache.exists() else folder, os.W_OK):
        _borrow(folder, fits)
    elif not fits:
        # another process may have removed it first
        with suppress(OSError):
            for kept in (file for place in caches for file in place.glob("*.nb[ic]")):
                kept.unlink(missing_ok=True)
            cache.mkdir(parents=True, exist_ok=True)
            noted.write_text(now, encoding="ascii")
    return fits and any(file for place in caches for file in place.glob("kernels.*.nbi"))


def _folders(folder: Path) -> list[Path]:
    """Return ``folder`` and its subfolders with sources; the first holds the note."""
    below = {source.parent for source in folder.rglob("*.py")} - {folder}
    return [folder, *sorted(below)]


def _cache(sources: Path, stated: str | None) -> Path:
    """Return the folder in which numba caches the code of ``sources``."""
    return _within(Path(stated), sources) if stated else sources / "__pycache__"


def _digest(folder: Path) -> str:
    sources = sorted(folder.rglob("*.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()


def _within(place: Path, folder: Path) -> Path:
    """Return the folder below ``place`` in which numba caches the code of ``folder``."""
    from numba.core.caching import UserProvidedCacheLocator as Locator

    name = Locator.get_suitable_cache_subpath(str(folder / "any.py"))  # type: ignore[no-untyped-call]
    return place / str(name)


#: deleted with the process; other users cannot write to it, because kernels are code
_borrowed: list[tempfile.TemporaryDirectory[str]] = []


def _borrow(folder: Path, fits: bool) -> None:
    """Make numba use a cache of this process, which starts as a copy of that of ``folder``."""
    from numba import config

    place = tempfile.TemporaryDirectory(prefix="knock-on-kernels-")
    _borrowed.append(place)
    if fits:
        unwanted = shutil.ignore_patterns("*.pyc", _NOTE)
        for sources in _folders(folder):
            if (cache := _cache(sources, None)).exists():
                shutil.copytree(cache, _within(Path(place.name), sources), ignore=unwanted)
    # for workers, which inherit it, and for this process, which has read it already
    os.environ["NUMBA_CACHE_DIR"] = place.name
    config.CACHE_DIR = place.name  # type: ignore[attr-defined]
