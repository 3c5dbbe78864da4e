"""Command ``why``: the causes of losses in words and as sets of events, checked by reruns."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import Any

from commands.cascades import hour_ms
from commands.shared import progress, world_of_name
from models.errors import UnknownIdError


def why(arguments: argparse.Namespace) -> None:
    """Print why assets are lost, and by which events."""
    from data.documents.causes import why_plain
    from data.documents.outcomes import outcome_text
    from data.documents.scenarios import read_scenario, scenario_warnings
    from data.exchange.replacing import replacing
    from models.cascade.timed.engine import run
    from models.explain.causes import Case

    with progress("reading", 2) as step:
        world = world_of_name(arguments.world)
        scenario = read_scenario(arguments.scenario, world)
        at_ms = None if arguments.at is None else hour_ms(arguments.at, scenario)
        if arguments.asset is not None and arguments.asset not in world.assets:
            raise UnknownIdError("asset", arguments.asset, world.assets)
        step("computing")
        case = Case(world, scenario, run(world, scenario))
    lost = (
        [arguments.asset] if arguments.asset else [a for a in case.outcome.assets if arguments.all]
    )
    with progress("explaining", max(1, len(lost))) as step:
        plain = {"assets": dict(_each(case, lost, at_ms, step, why_plain))}
    for warning in scenario_warnings(scenario, world):
        print(f"note: {warning}", file=sys.stderr)
    text = outcome_text(plain)
    if arguments.out is None:
        print(text, end="")
        return
    with replacing(arguments.out) as made:
        made.write_text(text, encoding="utf-8")
    for asset in lost[:1] if arguments.asset else ():
        print(plain["assets"][asset]["sentence"])
    print(f"{len(plain['assets']):,} assets explained. Written to {arguments.out}")


def _each(
    case: Any, lost: list[str], at_ms: int | None, step: Any, why_plain: Any
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the answer for each asset."""
    from data.knowledge import reader as knowledge

    cache: dict[Any, Any] = {}
    feeders = frozenset(t.asset_type for t in knowledge.asset_types().values() if t.can_feed)
    for asset in lost:
        step(case.world.label(asset))
        answer = why_plain(case, asset, at_ms, feeders, knowledge.measures(), cache)
        if answer is not None:
            yield asset, answer
