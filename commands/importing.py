"""Files → one written and checked world: what the command and the page's worker both do."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.importers import writing
from data.importers.options import Options
from data.importers.population import Population
from data.importers.registry import Importer, importer_of
from data.knowledge.reader import expected_assets
from data.worlds.reader import check_world
from models.errors import BadInputError
from models.imports.assembly import Meta
from models.imports.staged import Finding
from models.world import World
from usecases.importing import expectation_rows, import_files, report


@dataclass(frozen=True, slots=True)
class Request:
    """What to import, where to, and how; ``population`` is a file of people."""

    files: tuple[Path, ...]
    out: Path
    title: str
    crs: str | None
    recipe: Mapping[str, Any]
    population: Path | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """The world as read back from what was written; None if it cannot be opened."""

    world: World | None
    report: dict[str, Any]
    findings: Sequence[Finding]
    problems: Sequence[str]


def make(request: Request, step: Callable[[str], None]) -> Made:
    """Import files and write a world; what cannot be opened is removed again.

    Parameters
    ----------
    request
        What to import.
    step
        Receives the name of each next step.

    Raises
    ------
    BadInputError
        With every problem of every file.
    """
    began = time.monotonic()
    options = Options(request.crs, request.recipe, request.population)
    files = _with_importers(request)
    meta = Meta(writing.world_id(request.out), request.title)
    imported = import_files(files, options, writing.knowledge(), meta, step)
    step("writing")
    writing.write(imported.world, imported.base, request.out)
    step("checking")
    world, problems, _ = check_world(request.out)
    checked = [Finding(request.out.name, text) for text in problems]
    plain = report(imported, checked, time.monotonic() - began)
    plain["expected"] = expectation_rows(imported.world, expected_assets())
    if world is None:
        writing.remove(request.out)
    return Made(world, plain, imported.staged.findings, problems)


def _with_importers(request: Request) -> list[tuple[Path, Importer]]:
    files: list[tuple[Path, Importer]] = []
    problems: list[str] = []
    for path in request.files:
        try:
            files.append((path, importer_of(path)))
        except BadInputError as error:
            problems += error.problems
    if problems:
        raise BadInputError(problems)
    if request.population:
        files.append((request.population, Population()))
    return files
