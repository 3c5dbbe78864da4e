"""Bases of worlds: folders of files that never change, named by the hash of their content."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path

from data.worlds.reader import check_world
from models.errors import BadInputError
from models.wording import _
from models.worlds.base import Base

MAX_FILES, MAX_BYTES = 2_000, 4_000_000_000


class Bases:
    """Bases under one folder. Several processes may add to it at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, source: Path) -> Base:
        """Check a folder of tables and keep a copy of it; blocking.

        Parameters
        ----------
        source
            The folder, with ``world.json``; the caller may remove it afterwards.

        Returns
        -------
        The base; the same for the same files.

        Raises
        ------
        BadInputError
            If it is no valid world, or holds what is not a plain file.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=".new-", dir=self._folder))
        try:
            # the copy is checked, not the source, which may change meanwhile
            sha256 = _copied(source, made)
            world, problems, _warnings = check_world(made)
            if world is None:
                raise BadInputError(problems)
            self._place(made, self._folder / sha256)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise BadInputError(
                [_("The world could not be kept ({reason}).").format(reason=reason)]
            ) from None
        finally:
            shutil.rmtree(made, ignore_errors=True)
        assets = sum(not asset.is_junction for asset in world.assets.values())
        return Base(sha256, world.title, assets, world)

    def path(self, sha256: str) -> Path:
        """Return the folder of a base.

        Raises
        ------
        BadInputError
            If it is not here, for example after a restored backup.
        """
        path = self._folder / sha256
        if len(sha256) != 64 or not sha256.isalnum() or not path.is_dir():
            raise BadInputError([_("The files of this world are not on this server.")])
        return path

    @staticmethod
    def _place(made: Path, target: Path) -> None:
        made.chmod(0o700)
        try:
            made.rename(target)
        except OSError:
            if not target.is_dir():
                raise  # else somebody kept the same files before


def _copied(source: Path, target: Path) -> str:
    """Copy a folder and return the hash of its names and content."""
    files = sorted(path for path in source.rglob("*") if path.is_symlink() or not path.is_dir())
    if not source.is_dir() or len(files) > MAX_FILES:
        raise BadInputError([_("A world is a folder of at most {n} files.").format(n=MAX_FILES)])
    digest, size = hashlib.sha256(), 0
    for path in files:
        if path.is_symlink() or not path.is_file():
            raise BadInputError([_("A world holds plain files only.")])
        size += path.stat().st_size
        if size > MAX_BYTES:
            raise BadInputError([_("The files of this world are too large.")])
        name = path.relative_to(source)
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target / name)
        with (target / name).open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        digest.update(f"{content}  {name.as_posix()}\n".encode())
    return digest.hexdigest()
