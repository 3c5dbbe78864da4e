"""The scripts that the page loads: the map library and our own modules, as bytes."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from models.errors import BadInputError

#: file → media type
MEDIA_TYPES = {"maplibre-gl.js": "text/javascript", "maplibre-gl.css": "text/css"}


def map_library() -> dict[str, bytes]:
    """Return the files of the map library by name, from where pip put them.

    Importing its package is slow and noisy.

    Raises
    ------
    BadInputError
        If it is not installed.
    """
    spec = find_spec("maplibre")
    places = list(spec.submodule_search_locations or ()) if spec else []
    if not places:
        raise BadInputError(
            ["The package 'maplibre' is missing. Start with 'make run': it installs it."]
        )
    folder = Path(places[0]) / "srcjs"
    return {name: (folder / name).read_bytes() for name in MEDIA_TYPES}


def page_modules(folder: Path) -> dict[str, bytes]:
    """Return the modules of the page by their names under ``folder``."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.js")}
