"""Ready scenarios and exercises of a world, in its folders of these names.

An invalid one is left out: the world opens without it, and its problems are reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from data.documents.exercises import read_exercise
from data.documents.scenarios import read_scenario
from models.errors import BadInputError
from models.exercise.plan import Exercise
from models.lettering import escaped
from models.scenario import Scenario
from models.world import World

#: Most problems reported for an invalid file.
MOST_TOLD = 3
_Document = TypeVar("_Document")


@dataclass(frozen=True, slots=True)
class Ready:
    """Ready documents of a world, by file name, and the problems of invalid files."""

    scenarios: Mapping[str, Scenario]
    exercises: Mapping[str, Exercise]
    notes: tuple[str, ...] = ()


def ready_documents(folder: Path, world: World) -> Ready:
    """Read all valid ready scenarios and exercises; never raises."""
    notes: list[str] = []
    return Ready(
        _readable(folder / "scenarios", world, read_scenario, notes),
        _readable(folder / "exercises", world, read_exercise, notes),
        tuple(notes),
    )


def json_files(folder: Path) -> list[Path]:
    """Return the JSON files of a folder in order, without hidden ones (macOS writes some)."""
    if not folder.is_dir():
        return []
    files = (path for path in folder.iterdir() if path.suffix.lower() == ".json")
    return sorted(path for path in files if path.is_file() and not path.name.startswith("."))


def _readable(
    folder: Path,
    world: World,
    read: Callable[[Path, World], _Document],
    notes: list[str],
) -> dict[str, _Document]:
    files = {}
    for path in json_files(folder):
        try:
            files[path.stem] = read(path, world)
        except BadInputError as error:
            more = len(error.problems) - MOST_TOLD
            lines = [*error.problems[:MOST_TOLD], *([f"{more} more problems."] if more > 0 else [])]
            notes += (escaped(f"{folder.name}: left out: {line}") for line in lines)
    return files
