"""Where the files of fields may lie: beside the scenario, or in the world's ``fields/``."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath, PureWindowsPath

from models.errors import BadInputError

MAX_FILE_BYTES = 4_000_000_000
#: Up to this size, a file's own hash says whether it changed.
HASHED_BYTES = 50_000_000
#: The folder of a world that its fields lie in.
FIELDS = "fields"


@dataclass(frozen=True, slots=True)
class Places:
    """The folders that a scenario's files may be in, in the order in which they are looked in."""

    folders: tuple[Path, ...]

    @classmethod
    def of(cls, scenario: Path | None, world: Path | None) -> Places:
        """Return the folder of a scenario's file and the ``fields`` of a world's folder."""
        folders = [] if scenario is None else [scenario.resolve().parent]
        if world is not None:
            inside = world if world.is_dir() else world.parent
            folders.append(inside.resolve() / FIELDS)
        return cls(tuple(folders))

    def file(self, name: str, place: str) -> Path:
        """Return the file with a name; a subfolder may be part of the name.

        Parameters
        ----------
        name
            As the scenario has it.
        place
            Where it stands there, for messages.

        Raises
        ------
        BadInputError
            The name leads elsewhere, or no file has it.
        """
        parts = (PurePosixPath(name), PureWindowsPath(name))
        if any(part.is_absolute() or ".." in part.parts or part.drive for part in parts) or (
            "\x00" in name or "://" in name or "|" in name
        ):
            text = "a file beside the scenario or in the world's fields/ has a name without '..'."
            raise BadInputError([f"{place}: '{name}' leads elsewhere: {text}"])
        for folder in self.folders:
            found = folder / name
            try:
                if not found.is_file():
                    continue
                # a world may come from a stranger: a symbolic link of its fields/ stays inside
                if folder.name == FIELDS and not found.resolve().is_relative_to(folder):
                    raise BadInputError([f"{place}: '{name}' is a link that leads elsewhere."])
                return _bounded(found, place)
            except (OSError, ValueError):
                continue
        looked = " or ".join(str(folder.name) + "/" for folder in self.folders) or "no folder"
        raise BadInputError([f"{place}: no file '{name}' in {looked}."])

    def fingerprint(self) -> str:
        """Return a hash of all files that lie there: equal as long as none of them changes."""
        folders = (folder for folder in self.folders if folder.is_dir())
        files = (p for folder in folders for p in sorted(folder.rglob("*")) if p.is_file())
        whole = hashlib.sha256()
        for path in files:
            stat = path.stat()
            content = _content(path, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size)
            whole.update(f"{path}\x1f{content}\x1e".encode())
        return whole.hexdigest()

    def workbooks(self) -> Sequence[Path]:
        """Return the workbooks that lie there, in order; a link that leads elsewhere is none."""
        return [
            path
            for folder in self.folders
            if folder.is_dir()
            for path in sorted(folder.glob("*.xlsx"))
            if folder.name != FIELDS or path.resolve().is_relative_to(folder)
        ]


@lru_cache(maxsize=1_000)
def _content(path: Path, changed_ns: int, written_ns: int, size: int) -> str:
    """Return the hash of a file; of a large one, when it was written, as reading takes long."""
    if size > HASHED_BYTES:
        return f"{size}/{changed_ns}/{written_ns}"
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _bounded(path: Path, place: str) -> Path:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise BadInputError([f"{place}: '{path.name}' is larger than {MAX_FILE_BYTES:,} bytes."])
    return path
