"""Writes an imported world: its tables, and the base map beside them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from data.exchange.exports import write_world_folder, write_world_gpkg
from data.importers.numbers import numbers
from data.knowledge.reader import read_overrides, rules
from models.errors import BadInputError
from models.imports.knowledge import Knowledge
from models.world import World

OVERRIDES = Path(__file__).parent / "import_overrides.csv"


def knowledge() -> Knowledge:
    """Return the rules, general overrides and numbers of an import."""
    return Knowledge(rules(), read_overrides(OVERRIDES), numbers())


def world_id(out: Path) -> str:
    """Return the id of a world by the name of its folder or file."""
    name = out.name.removesuffix(".gpkg") or "world"
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in name)[:100]


def check_target(out: Path) -> None:
    """Refuse a place that a world cannot be written to, before anything is read.

    Raises
    ------
    BadInputError
        If something is there already, or its folder is not.
    """
    if out.is_symlink() or (out.exists() and (not out.is_dir() or any(out.iterdir()))):
        raise BadInputError([f"{out}: is there and not empty. Give the name of a new folder."])
    if not out.absolute().parent.is_dir():
        raise BadInputError([f"{out}: there is no folder {out.absolute().parent}."])


def write(world: World, base: Mapping[str, Sequence[str]], out: Path) -> None:
    """Write a world as a folder, or as a GeoPackage where the name ends so.

    Parameters
    ----------
    world
        What is written.
    base
        Layers of the base map: GeoJSON features as text. A GeoPackage has none.
    out
        A new folder or ``.gpkg`` file.
    """
    if out.suffix.lower() == ".gpkg":
        write_world_gpkg(world, out)
        return
    write_world_folder(world, out)
    if base:
        folder = out / "base"
        folder.mkdir()
        for name, features in sorted(base.items()):
            lines = ",\n".join(features)
            text = f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n'
            (folder / f"{name}.geojson").write_text(text, encoding="utf-8")


def remove(out: Path) -> None:
    """Take away a world that was written and that cannot be opened."""
    if out.is_dir() and not out.is_symlink():
        shutil.rmtree(out)
    else:
        out.unlink(missing_ok=True)
