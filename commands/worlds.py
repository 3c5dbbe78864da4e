"""Commands about worlds: validate, export."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from commands.shared import progress, world_of_name, world_of_outcome
from models.errors import BadInputError
from models.knowledge.completeness import TypeRow, completeness
from models.world import World


def validate(given: argparse.Namespace) -> None:
    """Tell every problem of a world, and how complete it is."""
    from data.documents.ready import ready_documents
    from data.worlds.reader import check_world, find_world
    from models.rights.need_to_know import notes_on_labels

    path = find_world(given.world)
    with progress("reading", 1):
        world, problems, warnings = check_world(path)
        if world is not None:
            notes = (*ready_documents(path, world).notes, *notes_on_labels(world))
            warnings = (*warnings, *notes)
    if world is None:
        raise BadInputError([*problems, *(f"note: {warning}" for warning in warnings)])
    print(f"ok: {world.title} ({world.world_id}), {_counts(world)}")
    for warning in warnings:
        print(f"note: {warning}")
    print(*_completeness_lines(completeness(world)), sep="\n")


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
