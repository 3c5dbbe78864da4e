"""Commands about worlds: validate, export."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from commands.shared import progress, world_of_name, world_of_outcome
from models.errors import BadInputError
from models.knowledge.completeness import TypeRow, completeness
from models.world import World


def validate(arguments: argparse.Namespace) -> None:
    """Print every problem of a world, and its completeness."""
    from data.documents.ready import ready_documents
    from data.worlds.reader import check_world, find_world
    from models.rights.need_to_know import notes_on_labels

    path = find_world(arguments.world)
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


def export(arguments: argparse.Namespace) -> None:
    """Write a world or an outcome for other tools."""
    from data.documents.outcomes import read_outcome

    world_forms, outcome_forms = _forms()
    path = Path(arguments.thing)
    with progress("reading", 2) as step:
        if path.suffix.lower() != ".json" or path.is_dir():
            world = world_of_name(arguments.thing)
            step("writing")
            world_forms[arguments.to](world, arguments.out)
        elif arguments.to not in outcome_forms:
            formats = ", ".join(outcome_forms)
            raise BadInputError([f"An outcome has no form {arguments.to}; it has {formats}."])
        else:
            plain = read_outcome(path)
            world = world_of_outcome(plain, arguments.world)
            step("writing")
            outcome_forms[arguments.to](world, plain, arguments.out)
    print(f"Written to {arguments.out}")


def _forms() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return who writes a world, and who an outcome, by the name of the format."""
    from data.exchange.exports import OUTCOME_FORMATS, WORLD_FORMATS
    from data.exchange.ngsi_ld import write_ngsi_ld, write_outcome_ngsi_ld
    from data.exchange.rdf import write_graph
    from data.exchange.stix import write_outcome_stix, write_stix

    def graph(form: str) -> Any:
        return lambda world, out: write_graph(world, out, form)

    def with_outcome(form: str) -> Any:
        return lambda world, outcome, out: write_graph(world, out, form, outcome)

    graphs = ("turtle", "jsonld")
    worlds = {form: graph(form) for form in graphs}
    outcomes = {form: with_outcome(form) for form in graphs}
    return (
        {**WORLD_FORMATS, **worlds, "stix": write_stix, "ngsi-ld": write_ngsi_ld},
        {
            **OUTCOME_FORMATS,
            **outcomes,
            "stix": write_outcome_stix,
            "ngsi-ld": write_outcome_ngsi_ld,
        },
    )


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
