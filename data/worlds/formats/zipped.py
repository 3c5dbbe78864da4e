"""A ZIP file of a folder of tables. Its stated sizes are not trusted.

It is unpacked into a temporary folder, which is deleted after the tables are read: base map,
scenarios and exercises in it are not available.
"""

from __future__ import annotations

import lzma
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from data.worlds import tables as limits
from data.worlds.formats.folder import Folder
from data.worlds.listing import world_file
from data.worlds.tables import Findings, Table, Values

#: Most files: a world has one table per kind of thing, and some documents.
MAX_FILES = 1_000
_AT_ONCE = 1 << 20
#: Errors of the library for files that are truncated, damaged, encrypted or unsupported.
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, ValueError, RuntimeError,
           EOFError)  # fmt: skip


class Zipped:
    """A folder of tables in a ZIP file, at its top or within one folder."""

    def recognises(self, path: Path) -> bool:
        """Return whether the file's ending is ``.zip``."""
        return path.suffix.lower() == ".zip" and path.is_file()

    def tables(
        self, path: Path, findings: Findings
    ) -> tuple[Values | None, dict[str, Table | None]]:
        """Return the world's metadata and its tables by name; None for one that is unreadable."""
        with tempfile.TemporaryDirectory(prefix="knock-on-") as scratch:
            folder = Path(scratch) / path.stem
            folder.mkdir()
            try:
                with zipfile.ZipFile(path) as packed:
                    problem = _unpack(packed, folder)
            except _BROKEN as error:
                problem = f"not a readable ZIP file ({error})."
            if problem:
                findings.problem(path.name, problem)
                return None, {}
            return Folder().tables(folder, findings)


def _unpack(packed: zipfile.ZipFile, folder: Path) -> str:
    """Write the files beside ``world.json`` to a folder; return the problem, if any."""
    entries = [member for member in packed.infolist() if not member.is_dir()]
    if len(entries) > MAX_FILES:
        return f"holds {len(entries):,} files; a world has up to {MAX_FILES:,}."
    tops = {
        PurePosixPath(member.filename).parent
        for member in entries
        if PurePosixPath(member.filename).name.lower() == "world.json"
    }
    if len(tops) != 1:
        return "holds no world.json." if not tops else "holds several worlds. Keep one."
    (top,) = tops
    room = limits.MAX_TABLE_BYTES
    for entry in entries:
        name = PurePosixPath(entry.filename)
        if name.parent != top or name.name in ("", "..") or "\\" in name.name:
            continue
        if (folder / name.name).exists():
            return f"holds '{name.name}' twice. Keep one."
        # the stated size of an entry may be wrong: unpacked bytes are counted
        with packed.open(entry) as source, (folder / name.name).open("xb") as target:
            while part := source.read(_AT_ONCE):
                room -= len(part)
                if room < 0:
                    return f"larger than {limits.MAX_TABLE_BYTES // 1_000_000} MB when unpacked."
                target.write(part)
    return "" if world_file(folder) else "holds no world.json."
