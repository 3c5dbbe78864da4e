"""Assigns files or layers to the tables of a world; all others are reported.

Names are compared without case. A name that is only similar to a table gets a hint; one similar to
``labels`` is refused, because unread labels protect nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

from data.worlds.schema import COLUMNS, SPATIAL
from data.worlds.tables import Findings

LABELS_TABLE = "labels"
WORLD = "world"
#: Known parts of a folder that are no tables.
_FOLDERS = ("base", "scenarios", "exercises", "fields")
_PAPERS = ("licence", "license", "notice", "readme", "copying", "changelog", "attribution")
_SILENT_FILES = ("world.json", "sources.json")
#: Layers that QGIS writes into a GeoPackage beside those it edits.
_SILENT_LAYERS = ("layer_styles", "qgis_projects")
#: Most names of unread files that are reported.
MOST_NAMED = 20
#: Similarity at which a name counts as misspelt.
_ALIKE = 0.8


def table_named(name: str) -> str | None:
    """Return our table for the name of a layer, or None."""
    folded = _folded(name)
    return folded if folded in COLUMNS or folded == WORLD else None


def world_file(folder: Path) -> Path | None:
    """Return the ``world.json`` of a folder, regardless of the case of its name."""
    plain = folder / "world.json"
    if plain.is_file():
        return plain
    if not folder.is_dir():
        return None
    matches = sorted(path for path in folder.iterdir() if _folded(path.name) == plain.name)
    return next((path for path in matches if path.is_file()), None)


def tables_in(folder: Path, findings: Findings) -> Mapping[str, Path]:
    """Return the file of each table in a folder; report all other files."""
    paths: dict[str, list[Path]] = {}
    rest: list[Path] = []
    for path in sorted(folder.iterdir()):
        name = _folded(path.name)
        stem, _, kind = name.rpartition(".")
        if kind == "txt" and stem.endswith(".csv"):  # systems that hide endings may add this one
            stem, kind = stem.removesuffix(".csv"), "csv"
        kinds = ("csv", "parquet", "geojson") if stem in SPATIAL else ("csv", "parquet")
        is_ours = stem in COLUMNS and kind in kinds
        if is_ours and path.is_file():
            if name.endswith(".txt"):
                findings.warn(folder.name, f"'{path.name}' is read as {stem}.csv.")
            paths.setdefault(stem, []).append(path)
        elif not _is_silent(path, name):
            rest.append(path)
    for several in paths.values():
        if len(several) > 1:
            names = " and ".join(path.name for path in several)
            both = "both " if len(several) == 2 else ""
            findings.problem(folder.name, f"has {both}{names}. Keep one.")
    _report(folder.name, [path.name for path in rest], findings, ".csv")
    return {table: several[-1] for table, several in paths.items()}


def tell_other_layers(place: str, layers: Iterable[str], findings: Findings) -> None:
    """Report the layers of a GeoPackage that are no tables of a world.

    Parameters
    ----------
    place
        Name of the file.
    layers
        Names of all its layers.
    findings
        List for warnings.
    """
    others = [n for n in layers if table_named(n) is None and n not in _SILENT_LAYERS]
    _report(place, others, findings, "")


def _report(place: str, names: list[str], findings: Findings, ending: str) -> None:
    others = []
    for name in names:
        close = _looks_like(name)
        if close is None:
            others.append(name)
        elif close == LABELS_TABLE:
            text = f"'{name}' is not read, so its labels would protect nothing."
            findings.problem(place, f"{text} Call it {close}{ending}, or take it away.")
        else:
            findings.warn(place, f"'{name}' is not read. Did you mean '{close}{ending}'?")
    if others:
        more = len(others) - MOST_NAMED
        listed = ", ".join(f"'{name}'" for name in others[:MOST_NAMED])
        further = f" and {more} more" if more > 0 else ""
        are = "are" if len(others) > 1 else "is"
        findings.warn(place, f"{listed}{further} {are} not read: no table of a world.")


def _looks_like(name: str) -> str | None:
    """Return the table that a name may mean: other endings, blanks, misspelt."""
    stem = re.sub(r"[\s\-]+", "_", _folded(name))
    bare = stem.split(".", 1)[0]
    bare = re.sub(r"_?\(?\d*\)?$", "", bare)
    if bare in COLUMNS:
        return bare
    if "." in stem and not stem.endswith((".csv", ".txt", ".tsv", ".xlsx", ".xls", ".ods")):
        return None
    close = get_close_matches(bare, COLUMNS, n=1, cutoff=_ALIKE)
    return close[0] if close else None


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold().strip()


def _is_silent(path: Path, name: str) -> bool:
    """Return whether a file needs no report: hidden files, documents, our own folders."""
    if name.startswith((".", "~$")) or name in _SILENT_FILES:
        return True
    if path.is_dir():
        return name in _FOLDERS
    return name.split(".", 1)[0] in _PAPERS
