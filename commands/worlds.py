"""Commands about worlds: validate, export."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from commands.shared import progress, world_of_name, world_of_outcome
from models.errors import BadInputError
from models.knowledge.completeness import TypeRow, completeness
from models.world import World


def validate(arguments: argparse.Namespace) -> None:
    """Print every problem of a world, and its completeness."""
    from data.documents.ready import ready_documents
    from data.worlds.reader import check_world, find_world

    path = find_world(arguments.world)
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


def export(arguments: argparse.Namespace) -> None:
    """Write a world or an outcome for other tools."""
    from data.documents.outcomes import read_outcome
    from data.exchange.exports import OUTCOME_FORMATS, WORLD_FORMATS

    path = Path(arguments.thing)
    with progress("reading", 2) as step:
        if path.suffix.lower() != ".json" or path.is_dir():
            world = world_of_name(arguments.thing)
            step("writing")
            WORLD_FORMATS[arguments.to](world, arguments.out)
        elif arguments.to not in OUTCOME_FORMATS:
            formats = ", ".join(OUTCOME_FORMATS)
            raise BadInputError([f"An outcome has no form {arguments.to}; it has {formats}."])
        else:
            plain = read_outcome(path)
            world = world_of_outcome(plain, arguments.world)
            step("writing")
            OUTCOME_FORMATS[arguments.to](world, plain, arguments.out)
    print(f"Written to {arguments.out}")


def _counts(world: World) -> str:
    assets = sum(not asset.is_junction for asset in world.assets.values())
    parts = {"assets": assets, "links": len(world.links), "dependencies": len(world.groups)}
    return ", ".join(f"{number:,} {name}" for name, number in parts.items())


def _completeness_lines(table: Sequence[TypeRow]) -> Iterator[str]:
    """Return the table of completeness as lines: known and needed supplies per asset type."""
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
