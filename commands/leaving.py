"""The command about what leaves the room: briefing, map, mail list, warning, data."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from commands.cascades import hour_ms
from commands.shared import progress
from models.errors import BadInputError

MAX_COMPARED = 5


def brief(given: argparse.Namespace) -> None:
    """Write everything that leaves the room about one hour of a scenario into a folder."""
    from data.exports import replacing
    from data.papers import Papers, base_files
    from data.scenarios import read_scenario
    from data.worlds import find_world, read_world
    from labels import page_labels
    from layouts.outgoing import KINDS, Order, Warn
    from layouts.subject import Subject
    from models.cascade.engine import run

    if len(given.compare) > MAX_COMPARED:
        raise BadInputError([f"--compare: at most {MAX_COMPARED} other scenarios."])
    _folder(given.out)
    with progress("reading", 2 + len(KINDS)) as step:
        folder = find_world(given.world)
        world = read_world(folder)
        scenario = read_scenario(given.scenario, world)
        at_ms = hour_ms(given.at, scenario)
        rest = [(path.stem, read_scenario(path, world)) for path in given.compare]
        step("computing")
        papers, now = Papers(base_files(folder)), datetime.now(UTC).replace(microsecond=0)
        about = (world, scenario, run(world, scenario), page_labels(), at_ms)
        made = f"made {now:%d %B %Y, %H:%M} UTC"
        subject = Subject(*about, papers.run_id(world, scenario), given.label, made)
        others = [(given.scenario.stem, scenario), *rest] if rest else []
        order = Order(subject, papers, Warn(now.isoformat()), others)
        for kind, one in KINDS.items():
            step(f"writing {one.ending}")
            with replacing(given.out / one.ending) as path:
                path.write_bytes(order.made(kind))
    print(f"Written to {given.out}: {', '.join(one.ending for one in KINDS.values())}")


def _folder(path: Path) -> None:
    """Make a folder to write into, or say why it cannot be."""
    if path.exists() and not path.is_dir():
        raise BadInputError([f"{path}: is a file. Give the name of a folder."])
    path.mkdir(parents=True, exist_ok=True)
