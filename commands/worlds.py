"""Commands about worlds: import, validate, export."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands.shared import progress, world_of_name, world_of_outcome
from models.errors import BadInputError
from models.knowledge.completeness import TypeRow, completeness
from models.lettering import escaped
from models.world import World

if TYPE_CHECKING:
    from models.imports.staged import Finding

#: Lines about false redundancy that are printed.
MOST_FALSE = 20


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
    with progress("looking for false redundancy", 1):
        lines = list(_redundancy_lines(world))
    print(*lines, sep="\n")
    print(*_completeness_lines(completeness(world)), sep="\n")


def _redundancy_lines(world: World) -> Iterator[str]:
    """Say which groups have suppliers to spare that share what takes them together."""
    from models.criticality.redundancy import false_redundancies

    found = false_redundancies(world)
    yield f"False redundancy: {len({match.group_id for match in found})} groups"
    for match in found[:MOST_FALSE]:
        names = ", ".join(world.label(asset) for asset in match.suppliers)
        what = world.label(match.what) if match.what in world.assets else match.what
        serves = f", {match.people:,.0f} people" if match.people else ""
        yield (
            f"  {world.label(match.consumer_id)} needs {match.k} of {match.n} for {match.service}; "
            f"same {match.basis} ({what}): {names}{serves}"
        )
    if len(found) > MOST_FALSE:
        yield f"  and {len(found) - MOST_FALSE} more"


def import_world(arguments: argparse.Namespace) -> None:
    """Make a world from foreign files."""
    import json

    from commands.importing import Request, make
    from data.importers import writing
    from data.importers.recipes import read_recipe

    writing.check_target(arguments.out)
    if arguments.report and not arguments.report.absolute().parent.is_dir():
        raise BadInputError([f"{arguments.report}: there is no folder for it."])
    title = arguments.title or arguments.files[0].name.split(".")[0].replace("_", " ").strip()
    number = len(arguments.files) + bool(arguments.population) + 4
    with progress("reading", number) as step:
        request = Request(
            tuple(arguments.files), arguments.out, title, checked_crs(arguments.crs),
            read_recipe(arguments.recipe), arguments.population,
        )  # fmt: skip
        made = make(request, step)
    if arguments.report:
        text = json.dumps(made.report, ensure_ascii=False, indent=1) + "\n"
        arguments.report.write_text(text, "utf-8")
    world = made.world
    if world is None:
        raise BadInputError(made.problems)
    people = made.report["people"]
    print(f"ok: {world.title} ({world.world_id}), {_counts(world)}, {people:,} people")
    for finding in made.findings[:20]:
        print(_finding_line(finding))
    if len(made.findings) > 20:
        print(f"note: {len(made.findings) - 20} more notes; --report FILE has them all")
    print(f"Written to {arguments.out}")


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


def export(arguments: argparse.Namespace) -> None:
    """Write a world or an outcome for other tools."""
    from data.documents.outcomes import read_outcome
    from data.worlds import postgis
    from data.worlds.formats.geojson import WholeGeoJson

    world_forms, outcome_forms = _forms()
    path = Path(arguments.thing)
    out = _target(arguments.to, arguments.out)
    with progress("reading", 2) as step:
        if path.suffix.lower() != ".json" or path.is_dir() or WholeGeoJson().recognises(path):
            world = world_of_name(arguments.thing)
            step("writing")
            world_forms[arguments.to](world, out)
        elif arguments.to not in outcome_forms:
            formats = ", ".join(outcome_forms)
            raise BadInputError([f"An outcome has no form {arguments.to}; it has {formats}."])
        else:
            plain = read_outcome(path)
            world = world_of_outcome(plain, arguments.world)
            step("writing")
            outcome_forms[arguments.to](world, plain, out)
    print(f"Written to {postgis.place_of(out).name if isinstance(out, str) else out}")


def _target(form: str, out: str) -> Path | str:
    """Return where an export goes: a path, or the URL of a schema.

    Raises
    ------
    BadInputError
        If a URL does not go with the format.
    """
    from data.worlds import postgis

    if postgis.is_url(out) != (form == "postgis"):
        url = "postgresql://user@host/database?schema=NAME"
        what = f"needs a URL: {url}" if form == "postgis" else "writes files, no database"
        raise BadInputError([f"--out: the format {form} {what}."])
    return out if form == "postgis" else Path(out)


def _forms() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return who writes a world, and who an outcome, by the name of the format."""
    from data.exchange.exports import WORLD_FORMATS, write_world_gpkg
    from data.exchange.ngsi_ld import write_ngsi_ld, write_outcome_ngsi_ld
    from data.exchange.outcome_exports import OUTCOME_FORMATS
    from data.exchange.rdf import write_graph
    from data.exchange.stix import write_outcome_stix, write_stix
    from layouts.palette import LIGHT

    def graph(form: str) -> Any:
        return lambda world, out: write_graph(world, out, form)

    def with_outcome(form: str) -> Any:
        return lambda world, outcome, out: write_graph(world, out, form, outcome)

    def styled(world: World, out: Path) -> None:
        write_world_gpkg(world, out, LIGHT)

    graphs = ("turtle", "jsonld")
    worlds = {form: graph(form) for form in graphs}
    outcomes = {form: with_outcome(form) for form in graphs}
    return (
        {**WORLD_FORMATS, "gpkg": styled, **worlds, "stix": write_stix, "ngsi-ld": write_ngsi_ld},
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
