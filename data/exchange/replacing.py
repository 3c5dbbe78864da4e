"""Atomic writing of files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.errors import BadInputError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``, and move it there if no error occurred."""
    if path.is_dir() and any(path.iterdir()):
        raise BadInputError([f"{path}: is a folder. Give the name of a file."])
    if not path.parent.is_dir():
        raise BadInputError([f"{path}: there is no folder '{path.parent}' to write it in."])
    made = path.with_name(f".{path.name}.part{path.suffix}")
    _remove(made)
    try:
        yield made
        if path.is_dir():
            path.rmdir()
        made.replace(path)
    except OSError as error:
        raise BadInputError([f"{path}: cannot be written ({error.strerror or error})."]) from None
    finally:
        _remove(made)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
