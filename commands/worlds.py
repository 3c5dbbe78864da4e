"""Commands about worlds: import, validate, export."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from commands.shared import progress, world_of_name, world_of_outcome
from models.errors import BadInputError
from models.knowledge.completeness import TypeRow, completeness
from models.lettering import escaped
from models.world import World

if TYPE_CHECKING:
    from models.imports.staged import Finding


def validate(given: argparse.Namespace) -> None:
    """Tell every problem of a world, and how complete it is."""
    from data.documents.ready import ready_documents
    from data.worlds.reader import check_world, find_world

    path = find_world(given.world)
    with progress("reading", 1):
        world, problems, warnings = check_world(path)
        if world is not None:
            warnings = (*warnings, *ready_documents(path, world).notes)
    if world is None:
        raise BadInputError([*problems, *(f"note: {warning}" for warning in warnings)])
    print(f"ok: {world.title} ({world.world_id}), {_counts(world)}")
    for warning in warnings:
        print(f"note: {warning}")
    print(*_completeness_lines(completeness(world)), sep="\n")


def import_world(given: argparse.Namespace) -> None:
    """Make a world from foreign files."""
    import json

    from data.importers import writing
    from data.importers.options import Options
    from data.importers.population import Population
    from data.importers.recipes import read_recipe
    from data.importers.registry import Importer, importer_of
    from data.worlds.reader import check_world
    from models.imports.assembly import Meta
    from models.imports.staged import Finding
    from usecases.importing import import_files, people_of, report

    began = time.monotonic()
    writing.check_target(given.out)
    files: list[tuple[Path, Importer]] = []
    problems: list[str] = []
    for path in given.files:
        try:
            files.append((path, importer_of(path)))
        except BadInputError as error:
            problems += error.problems
    if given.population:
        files.append((given.population, Population()))
    if problems:
        raise BadInputError(problems)
    title = given.title or given.files[0].name.split(".")[0].replace("_", " ").strip()
    with progress("reading", len(files) + 4) as step:
        options = Options(
            crs=checked_crs(given.crs),
            recipe=read_recipe(given.recipe),
            population=given.population,
        )
        meta = Meta(writing.world_id(given.out), title)
        imported = import_files(files, options, writing.knowledge(), meta, step)
        step("writing")
        writing.write(imported.world, imported.base, given.out)
        step("checking")
        world, problems_of_world, _ = check_world(given.out)
    checked = [Finding(given.out.name, text) for text in problems_of_world]
    made = report(imported, checked, time.monotonic() - began)
    if given.report:
        given.report.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", "utf-8")
    if world is None:
        writing.remove(given.out)
        raise BadInputError(problems_of_world)
    print(f"ok: {world.title} ({world.world_id}), {_counts(world)}, {people_of(world):,} people")
    for finding in imported.staged.findings[:20]:
        print(_finding_line(finding))
    if len(imported.staged.findings) > 20:
        print(f"note: {len(imported.staged.findings) - 20} more notes; --report FILE has them all")
    print(f"Written to {given.out}")


def checked_crs(text: str | None) -> str | None:
    """Return the reference system that was named, or None.

    Raises
    ------
    BadInputError
        If there is no such system.
    """
    if text is None:
        return None
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        CRS.from_user_input(text)
    except CRSError:
        raise BadInputError(
            [f"--crs {text[:60]!r} is not known; write it like EPSG:25833."]
        ) from None
    return text


def _finding_line(finding: Finding) -> str:
    where = f", row {finding.row}" if finding.row is not None else ""
    where += f", column {finding.column}" if finding.column else ""
    offer = f" {finding.offer}" if finding.offer else ""
    return escaped(f"note: {finding.file}{where}: {finding.message}{offer}")


def export(given: argparse.Namespace) -> None:
    """Write a world or an outcome for other tools."""
    from data.documents.outcomes import read_outcome
    from data.exchange.exports import OUTCOME_FORMATS, WORLD_FORMATS

    path = Path(given.thing)
    with progress("reading", 2) as step:
        if path.suffix.lower() != ".json" or path.is_dir():
            world = world_of_name(given.thing)
            step("writing")
            WORLD_FORMATS[given.to](world, given.out)
        elif given.to not in OUTCOME_FORMATS:
            formats = ", ".join(OUTCOME_FORMATS)
            raise BadInputError([f"An outcome has no form {given.to}; it has {formats}."])
        else:
            plain = read_outcome(path)
            world = world_of_outcome(plain, given.world)
            step("writing")
            OUTCOME_FORMATS[given.to](world, plain, given.out)
    print(f"Written to {given.out}")


def _counts(world: World) -> str:
    assets = sum(not asset.is_junction for asset in world.assets.values())
    parts = {"assets": assets, "links": len(world.links), "dependencies": len(world.groups)}
    return ", ".join(f"{number:,} {name}" for name, number in parts.items())


def _completeness_lines(table: Sequence[TypeRow]) -> Iterator[str]:
    """Lay the table out: how many assets of each type have a known supply of what they need."""
    width = max([len("asset type"), *(len(row.asset_type) for row in table)])
    yield f"{'asset type':<{width}}  count  assets with a known supply of each service needed"
    for row in table:
        parts = []
        for need in row.needs:
            unknown = f", {need.unknown} unknown" if need.unknown else ""
            parts.append(f"{need.service} {need.known}/{row.count}{unknown}")
        yield f"{row.asset_type:<{width}}  {row.count:>5}  {'; '.join(parts) or 'no need stated'}"
    total = sum(need.unknown for row in table for need in row.needs)
    yield f"{total:,} needs without a known supplier"
