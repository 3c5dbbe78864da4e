"""Installs the map library from its npm package, pinned by integrity; ``make run`` does it once.

    python -m data.prepare.map_library [PACKAGE.tgz]

No Python package carries a version without a known vulnerability. Where npm is missing or reaches
no registry, the page is served the older version that the package ``maplibre`` carries; why that
is safe is in docs/security.md. A package that ``npm pack`` loaded elsewhere can be named.
"""

from __future__ import annotations

import base64
import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from data.scripts import MEDIA_TYPES, NPM_PACKAGE, SHA512, installed_folder
from models.errors import BadInputError

PATIENCE_S = 120
#: the files of the page, and the licence that goes with them
FILES = (*MEDIA_TYPES, "LICENSE.txt")


def install(package: bytes, folder: Path) -> None:
    """Put the files of a package into a folder, all or none.

    Raises
    ------
    BadInputError
        If it is not the package that is pinned.
    """
    digest = base64.b64encode(hashlib.sha512(package).digest()).decode()
    if digest != SHA512:
        raise BadInputError([f"this is not {NPM_PACKAGE}: its integrity is sha512-{digest}"])
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as made:
        with tarfile.open(fileobj=io.BytesIO(package), mode="r:gz") as archive:
            for name in FILES:
                with archive.extractfile(f"package/dist/{name}") or io.BytesIO() as member:
                    (Path(made) / name).write_bytes(member.read())
        Path(made).chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(made, folder)


def packed() -> bytes:
    """Return the package as npm loads it, from the registry that it is set to.

    Raises
    ------
    BadInputError
        If that is not possible.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise BadInputError(["there is no npm"])
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "pack", NPM_PACKAGE, "--silent", "--ignore-scripts"]
        try:
            subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=PATIENCE_S)
            (path,) = Path(folder).glob("*.tgz")
        except (subprocess.SubprocessError, OSError, ValueError):
            raise BadInputError([f"npm could not load {NPM_PACKAGE}"]) from None
        return path.read_bytes()


def main(arguments: list[str]) -> int:
    """Install the library; 2 where a package that was named cannot be."""
    folder = installed_folder()
    if all((folder / name).is_file() for name in FILES):
        return 0
    try:
        install(Path(arguments[0]).read_bytes() if arguments else packed(), folder)
    except (BadInputError, OSError) as error:
        print(
            f"note: {error}, so the page is served the map library that pip installed. "
            "docs/security.md says why that is safe, and how to install the newer one.",
            file=sys.stderr,
        )
        return 2 if arguments else 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
