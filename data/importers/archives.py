"""ZIP files and XML of strangers: what they claim about themselves is bounded, never believed."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, Any

from models.errors import BadInputError

MAX_FILES = 1_000
MAX_BYTES = 400_000_000
_AT_ONCE = 1 << 20
#: What the library raises of files that are cut, changed, locked or packed in a way it lacks.
BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, ValueError, RuntimeError,
          EOFError)  # fmt: skip


def names(path: Path) -> frozenset[str]:
    """Return the names in a ZIP file; none if it is no readable one."""
    with path.open("rb") as file:
        if file.read(2) != b"PK":
            return frozenset()
    try:
        with zipfile.ZipFile(path) as packed:
            return frozenset(packed.namelist()[: MAX_FILES + 1])
    except BROKEN:
        return frozenset()


def require_bounded(path: Path) -> None:
    """Unpack a ZIP file into nothing, to see that what comes out is bounded.

    Raises
    ------
    BadInputError
        If it is too large when unpacked, or cannot be unpacked.
    """
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as packed:
            room = MAX_BYTES
            for entry in _entries(packed, path.name):
                with packed.open(entry) as source:
                    while part := source.read(_AT_ONCE):
                        room -= len(part)
                        if room < 0:
                            _refuse_size(path.name)
    except BROKEN as error:
        raise BadInputError([f"{path.name}: not a readable ZIP file ({error})."]) from error


def unpack(path: Path, folder: Path, endings: tuple[str, ...]) -> Path:
    """Unpack the files with some endings, by their bare names, and return the folder.

    Parameters
    ----------
    path
        The ZIP file.
    folder
        Empty.
    endings
        In small letters.

    Raises
    ------
    BadInputError
        If names lead out of the file, or it is too large or broken.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            room = MAX_BYTES
            for entry in _entries(packed, path.name):
                name = PurePosixPath(entry.filename).name
                if not name.lower().endswith(endings):
                    continue
                target = folder / name
                if target.exists():
                    raise BadInputError([f"{path.name}: holds '{name}' twice. Keep one."])
                with packed.open(entry) as source:
                    room -= copy_bounded(source, target, room, path.name)
    except BROKEN as error:
        raise BadInputError([f"{path.name}: not a readable ZIP file ({error})."]) from error
    return folder


def _entries(packed: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    entries = [member for member in packed.infolist() if not member.is_dir()]
    if len(entries) > MAX_FILES:
        raise BadInputError(
            [f"{name}: holds {len(entries):,} files; up to {MAX_FILES:,} are read."]
        )
    for entry in entries:
        inner = PurePosixPath(entry.filename)
        if inner.is_absolute() or ".." in inner.parts or "\\" in entry.filename:
            text = f"holds '{entry.filename[:80]}', a name that leads out of the file. Refused."
            raise BadInputError([f"{name}: {text}"])
    return entries


def copy_bounded(source: IO[bytes] | Any, target: Path, room: int, name: str) -> int:
    """Write what comes out of a packed file, up to a number of bytes, and return how many.

    Parameters
    ----------
    source, target
        From where to where.
    room
        Most bytes.
    name
        What a message names.

    Raises
    ------
    BadInputError
        If more comes out.
    """
    written = 0
    with target.open("xb") as file:
        while part := source.read(_AT_ONCE):
            written += len(part)
            if written > room:
                _refuse_size(name)
            file.write(part)
    return written


def _refuse_size(name: str) -> None:
    raise BadInputError([f"{name}: larger than {MAX_BYTES // 1_000_000} MB when unpacked."])


def require_plain_xml(path: Path) -> None:
    """Refuse XML that defines entities: a few lines of them become gigabytes.

    Raises
    ------
    BadInputError
        If there is such a definition.
    """
    with path.open("rb") as file:
        head = file.read(1_000_000)
    if b"<!ENTITY" in head or b"<!DOCTYPE" in head:
        raise BadInputError([
            f"{path.name}: the XML defines a document type or entities, which is refused. "
            "Save the layer anew."
        ])  # fmt: skip
