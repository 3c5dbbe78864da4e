"""Commands ``check``, ``ask`` and ``propose``: the knowledge graph and threat intelligence."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from commands.shared import world_of_name
from models.errors import BadInputError


def check(arguments: argparse.Namespace) -> None:
    """Check a world's graph against shapes."""
    from commands.risk import write_json
    from data.ontology.checking import SHAPES, violations
    from data.ontology.graph import store_of

    store = store_of(world_of_name(arguments.world))
    found = violations(store, arguments.shapes or SHAPES, arguments.engine)
    results = [
        {
            "focus": match.focus,
            "path": match.path,
            "shape": match.shape,
            "message": match.message,
            "severity": match.severity,
        }
        for match in found
    ]
    write_json({"conforms": not results, "results": results}, arguments.out)


def ask(arguments: argparse.Namespace) -> None:
    """Answer a SPARQL question about a world."""
    from data.exchange.replacing import replacing
    from data.ontology.asking import MAX_QUERY_BYTES, answer
    from data.ontology.graph import store_of
    from data.worlds.json_text import read_text
    from data.worlds.tables import Findings

    findings = Findings()
    query = read_text(arguments.query, findings, MAX_QUERY_BYTES)
    if query is None:
        raise BadInputError(findings.problems)
    world = world_of_name(arguments.world)
    outcome = _outcome(world, arguments.scenario) if arguments.scenario else None
    try:
        result = answer(world, store_of(world, outcome), query)
    except BadInputError as error:
        raise BadInputError(
            f"{arguments.query.name}: {problem}" for problem in error.problems
        ) from None
    if arguments.out is None:
        print(result.decode("utf-8"))
        return
    with replacing(arguments.out) as made:
        made.write_bytes(result + b"\n")
    print(f"Written to {arguments.out}")


def _outcome(world: Any, path: Path) -> dict[str, Any]:
    from data.documents.outcomes import outcome_plain
    from data.documents.scenarios import read_scenario
    from models.cascade.timed.engine import run

    scenario = read_scenario(path, world)
    plain = outcome_plain(world, scenario, run(world, scenario))
    return plain | {"scenario": scenario.to_dict()}


def propose(arguments: argparse.Namespace) -> None:
    """Make a what-if of threat intelligence."""
    from commands.risk import write_json
    from data.documents.threats import propose as proposed

    proposal = proposed(arguments.bundle, world_of_name(arguments.world))
    for asset, reason in list(proposal.reasons.items())[:20]:
        print(f"{asset}: {reason}")
    if (more := len(proposal.reasons) - 20) > 0:
        print(f"... and {more:,} more")
    if proposal.left_out:
        print(f"note: {proposal.left_out:,} further assets do not fit a scenario", file=sys.stderr)
    if not proposal.reasons:
        print("note: it names no product, operator or sector of this world", file=sys.stderr)
    write_json(proposal.scenario.to_dict(), arguments.out)
