"""The scripts that the page loads: the map library and our own modules, as bytes."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

from models.errors import BadInputError

#: file → media type
MEDIA_TYPES = {"maplibre-gl.js": "text/javascript", "maplibre-gl.css": "text/css"}
#: the map library on npm, and its integrity there; data/prepare/map_library.py installs it
NPM_PACKAGE = "maplibre-gl@5.24.1"
SHA512 = "HyiYBwtsbk3L1n1EPLJHWqdoyMiF80n7tEYXFZyu2m1TjvaNx6KMLiFeDdmszt1/mq2zvsR1TJuX/NMu5BonXQ=="


def installed_folder() -> Path:
    """Return where the npm package of the map library belongs, beside what pip installed."""
    return Path(sys.prefix) / "share" / NPM_PACKAGE


def map_library() -> dict[str, bytes]:
    """Return the files of the map library by name: of its npm package, else as pip put them.

    Raises
    ------
    BadInputError
        If pip did not install its package.
    """
    folder, newer = _carried_by_pip(), installed_folder()
    if all((newer / name).is_file() for name in MEDIA_TYPES):
        folder = newer
    return {name: (folder / name).read_bytes() for name in MEDIA_TYPES}


def _carried_by_pip() -> Path:
    """Return where the package ``maplibre`` has the files; importing it is slow and noisy."""
    spec = find_spec("maplibre")
    places = list(spec.submodule_search_locations or ()) if spec else []
    if not places:
        raise BadInputError(
            ["The package 'maplibre' is missing. Start with 'make run': it installs it."]
        )
    return Path(places[0]) / "srcjs"


def page_modules(folder: Path) -> dict[str, bytes]:
    """Return the modules of the page by their names under ``folder``."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.js")}
