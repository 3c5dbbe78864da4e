"""The base map of a world: GeoJSON files of its folder ``base``, and nothing else.

They are sent to browsers unchanged, so each file is validated first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from data.worlds.tables import Findings
from models.errors import BadInputError

#: The layers, each a file ``<name>.geojson``.
BASE_MAP = (
    "water",
    "green",
    "wood",
    "built",
    "waterways",
    "roads_minor",
    "roads_major",
    "rail",
    "places",
)
MAX_LAYER_BYTES = 200_000_000
#: Files made together with the layers, which are not sent to browsers.
_FURTHER = ("streets.geojson", "generation.csv")
_PLACE = "base"


def base_files(folder: Path) -> dict[str, bytes]:
    """Return the files of a region's base map by name; a world need not have any.

    Raises
    ------
    BadInputError
        If one of them is a symbolic link or no GeoJSON; one line each.
    """
    findings = Findings()
    files = _checked(folder, findings)
    if findings.problems:
        raise BadInputError(findings.problems)
    return files


def check_base(folder: Path, findings: Findings) -> None:
    """Report problems of a world's base map, and files that are not read."""
    _checked(folder, findings)
    base = folder / "base"
    if not base.is_dir() or base.is_symlink():
        return
    expected = {*_FURTHER, *(f"{name}.geojson" for name in BASE_MAP)}
    for path in sorted(base.iterdir()):
        if path.name not in expected and not path.name.startswith("."):
            text = f"'{path.name}' is not read. Layers are {', '.join(BASE_MAP)}, as .geojson."
            findings.warn(_PLACE, text)


def _checked(folder: Path, findings: Findings) -> dict[str, bytes]:
    base = folder / "base"
    if base.is_symlink():
        findings.problem(_PLACE, "a symbolic link is refused. Put the folder itself there.")
        return {}
    files = {}
    for name, path in _paths(base):
        place = f"{_PLACE}/{path.name}"
        if path.is_symlink() or not path.is_file():
            findings.problem(place, "a symbolic link is refused. Put the file itself there.")
        elif (body := _geojson(path, place, findings)) is not None:
            files[name] = body
    return files


def _paths(base: Path) -> Iterator[tuple[str, Path]]:
    for name in BASE_MAP:
        path = base / f"{name}.geojson"
        if path.is_symlink() or path.exists():
            yield name, path


def _geojson(path: Path, place: str, findings: Findings) -> bytes | None:
    try:
        if path.stat().st_size > MAX_LAYER_BYTES:
            findings.problem(place, f"larger than {MAX_LAYER_BYTES // 1_000_000} MB.")
            return None
        body = path.read_bytes()
        plain = json.loads(body)
    except OSError as error:
        findings.problem(place, f"cannot be read ({error.strerror or error}).")
        return None
    except (ValueError, RecursionError):
        findings.problem(place, "no GeoJSON. Only a FeatureCollection is sent to browsers.")
        return None
    features = plain.get("features") if isinstance(plain, dict) else None
    if not isinstance(features, list) or not all(_is_feature(feature) for feature in features):
        findings.problem(place, "no GeoJSON. Only a FeatureCollection is sent to browsers.")
        return None
    return body


def _is_feature(plain: object) -> bool:
    return isinstance(plain, dict) and plain.get("type") == "Feature"
