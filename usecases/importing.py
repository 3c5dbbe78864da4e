"""Foreign files become one world: each is read by the importer that knows it, then joined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from models.errors import BadInputError
from models.imports.assembly import Meta, assemble
from models.imports.grouping import grouped
from models.imports.joining import join
from models.imports.knowledge import Knowledge
from models.imports.staged import Staged
from models.knowledge.completeness import Expectation, against_expectation, sector_rows
from models.world import World

#: More findings than this of one import are counted, not listed.
MAX_FINDINGS = 1_000


class Importer(Protocol):
    """Reads one kind of file; ``path`` and ``options`` are the adapter's own."""

    def recognises(self, path: Any) -> bool:
        """Tell by its content whether a file is of this kind."""

    def tables(self, path: Any, options: Any) -> Staged:
        """Return what a file holds as staged tables.

        Parameters
        ----------
        path
            The file.
        options
            How to read it.
        """


@dataclass(frozen=True, slots=True)
class Imported:
    """A world that is not written yet, its base map, and what the report starts from."""

    world: World
    base: Mapping[str, Sequence[str]]
    staged: Staged


def import_files(
    files: Sequence[tuple[Any, Importer]],
    options: Any,
    knowledge: Knowledge,
    meta: Meta,
    step: Callable[[str], None] = lambda name: None,
) -> Imported:
    """Read files and join them to one world.

    Parameters
    ----------
    files
        Each with the importer that recognises it.
    options
        How to read them.
    knowledge
        Rules, overrides and numbers.
    meta
        Id and title of the world.
    step
        Told what is done next.

    Returns
    -------
    The world with its needs inferred and people served; not written yet.

    Raises
    ------
    BadInputError
        With every problem of every file, one line each.
    """
    read: list[Staged] = []
    problems: list[str] = []
    for path, importer in files:
        step(f"reading {getattr(path, 'name', path)}")
        try:
            read.append(importer.tables(path, options))
            options = options.beside(read[-1].bbox)
        except BadInputError as error:
            problems += error.problems
    if problems:
        raise BadInputError(problems)
    step("joining")
    staged = join(read, knowledge.numbers, _names(options))
    if all(asset.is_junction for asset in staged.assets.values()):
        notes = [f"{f.file}: {f.message}" for f in staged.findings[:20]]
        raise BadInputError(["There is no asset in these files.", *notes])
    step("inferring what needs what")
    return Imported(assemble(staged, knowledge, meta), staged.base, staged)


def _names(options: Any) -> Mapping[str, str]:
    """Return the mends of names in the recipe: what rows say → the id or name that is meant."""
    names = options.recipe.get("names", {})
    if not isinstance(names, dict) or not all(isinstance(v, str) for v in names.values()):
        raise BadInputError(["the recipe's 'names' must be an object of texts."])
    return names


def report(imported: Imported, problems: Sequence[Any], seconds: float) -> dict[str, Any]:
    """Return the report of an import as plain values for JSON.

    Parameters
    ----------
    imported
        What came of it.
    problems
        Further findings of the check of the written world.
    seconds
        How long it took.
    """
    world, staged = imported.world, imported.staged
    findings = [*staged.findings, *problems]
    return {
        "files": [
            {
                "file": layer.file, "kind": layer.kind, "layer": layer.layer,
                "rows": layer.rows, "read": layer.read,
                "left_out": {why: n for why, n in sorted(layer.left_out.items()) if n},
            }
            for layer in staged.layers
        ],
        "assets_by_type": dict(sorted(Counter(
            a.asset_type for a in world.assets.values() if not a.is_junction
        ).items())),
        "links_by_service": dict(sorted(Counter(
            x.service for x in world.links.values()
        ).items())),
        "people": people_of(world),
        "dependencies": {
            "groups": len(world.groups),
            "declared": sum(g.origin == "declared" for g in world.groups.values()),
            "unknown": len(world.unknown_needs),
        },
        "sectors": sector_rows(world),
        "findings": [
            {"file": f.file, "row": f.row, "column": f.column, "message": f.message,
             "offer": f.offer}
            for f in findings[:MAX_FINDINGS]
        ],
        "groups": grouped(findings),
        "findings_not_listed": max(0, len(findings) - MAX_FINDINGS),
        "seconds": round(seconds, 3),
    }  # fmt: skip


def expectation_rows(
    world: World, expectations: Iterable[tuple[str, Expectation]]
) -> list[dict[str, Any]]:
    """Return what a place of so many people usually has, beside what this world has.

    Parameters
    ----------
    world
        The world.
    expectations
        Each with its sector (``expected_assets.csv``).
    """
    return [
        {"sector": row.sector, "asset_type": row.expectation.asset_type, "count": row.count,
         "expected": round(row.expected, 1), "is_thin": row.is_thin,
         "confidence": row.expectation.confidence, "source": row.expectation.source}
        for row in against_expectation(world, people_of(world), expectations)
    ]  # fmt: skip


def people_of(world: World) -> int:
    """Return how many people a world counts: those of its cells, else of the largest service."""
    if world.cells:
        return sum(cell.people for cell in world.cells.values())
    served: Counter[str] = Counter()
    for area in world.service_areas:
        served[area.service] += round(area.people)
    return max(served.values(), default=0)
