"""The command ``brief``: briefing, map, mail list, warning, data as files."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from commands.cascades import hour_ms
from commands.shared import StepName, progress, scenario_of
from models.errors import BadInputError

if TYPE_CHECKING:
    from data.exchange.papers import Papers
    from layouts.paper.outgoing import Order
    from models.scenario import Scenario
    from models.world import World

MAX_COMPARED = 5


def brief(arguments: argparse.Namespace) -> None:
    """Write all files about one hour of a scenario to a folder."""
    from data.exchange.papers import Papers
    from data.languages import all_spoken
    from data.worlds.base_map import base_files
    from data.worlds.reader import find_world, read_world
    from layouts.paper.outgoing import KINDS
    from models.wording import speaking

    if len(arguments.compare) > MAX_COMPARED:
        raise BadInputError([f"--compare: at most {MAX_COMPARED} other scenarios."])
    _folder(arguments.out)
    with progress("reading", 2 + len(KINDS)) as step:
        folder = find_world(arguments.world)
        world = read_world(folder)
        scenario = scenario_of(arguments, world)
        at_ms = hour_ms(arguments.at, scenario)
        rest = [(path.stem, scenario_of(arguments, world, path)) for path in arguments.compare]
        step("computing")
        others = [(arguments.scenario.stem, scenario), *rest] if rest else []
        with speaking(all_spoken()[arguments.language].language):
            order = _order(
                Papers(base_files(folder)), (world, scenario, at_ms), others, arguments.label
            )
            _write(order, arguments.out, step)
    print(f"Written to {arguments.out}: {', '.join(kind.ending for kind in KINDS.values())}")


def _order(
    papers: Papers,
    about: tuple[World, Scenario, int],
    others: Sequence[tuple[str, Scenario]],
    label: str,
) -> Order:
    """Run the scenario, and return the order for its files at an hour."""
    from labels import page_labels
    from layouts.paper.outgoing import Order, Warn, made_words
    from layouts.paper.subject import Subject
    from models.cascade.timed.engine import run

    world, scenario, at_ms = about
    now, run_id = datetime.now(UTC).replace(microsecond=0), papers.run_id(world, scenario)
    ran = run(world, scenario)
    subject = Subject(
        world, scenario, ran, page_labels(), at_ms, run_id, label=label, made=made_words(now)
    )
    return Order(subject, papers, Warn(now.isoformat()), others)


def _write(order: Order, folder: Path, step: StepName) -> None:
    """Write every kind of file."""
    from data.exchange.replacing import replacing
    from layouts.paper.outgoing import KINDS

    for kind, paper in KINDS.items():
        step(f"writing {paper.ending}")
        with replacing(folder / paper.ending) as path:
            path.write_bytes(order.made(kind))


def _folder(path: Path) -> None:
    """Create the output folder, or raise an error with the reason."""
    if path.exists() and not path.is_dir():
        raise BadInputError([f"{path}: is a file. Give the name of a folder."])
    path.mkdir(parents=True, exist_ok=True)
