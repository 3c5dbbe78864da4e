"""Shared by commands: worlds by name, progress bar.

Slow imports are inside functions.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from models.errors import BadInputError
from models.lettering import escaped
from models.world import World

SHOW_AFTER_S = 1.0
REDRAW_S = 0.2
BAR_WIDTH = 24
ROOT = Path(__file__).resolve().parent.parent


class StepName(Protocol):
    """Callback that names the next step of a progress bar, and sets its position."""

    def __call__(self, following: str, at: int | None = None) -> None:
        """Move the bar."""


def world_of_name(name: str) -> World:
    """Return a world by its folder, file or the id of an embedded region.

    Warnings about its services are printed before anything is computed.
    """
    from data.worlds.oddities import service_notes
    from data.worlds.reader import find_world, read_world

    world = read_world(find_world(name))
    for note in service_notes(world):
        print(escaped(f"note: {world.world_id}: {note}"), file=sys.stderr)
    return world


def world_of_outcome(plain: dict[str, Any], name: str | None) -> World:
    """Return the world of an outcome: the named one, else the matching embedded one."""
    from data.worlds.reader import embedded_regions

    for candidate in [name] if name else embedded_regions():
        world = world_of_name(candidate)
        if world.sha256 == plain["world_sha256"]:
            return world
    if name:
        raise BadInputError([f"The outcome is not of the world '{name}' as it is now."])
    raise BadInputError(["The outcome is of no embedded region. Name its world with --world."])


def telling(step: StepName, name: str) -> Callable[[int, int], None]:
    """Return a ``tell`` that moves a bar of 1,000 steps."""
    return lambda done, of: step(name, round(1000 * done / max(of, 1)))


@contextmanager
def progress(first: str, steps: int) -> Iterator[StepName]:
    """Draw a bar with the step and the seconds on a terminal, once it takes over a second."""
    done, name, finished = 0, first, threading.Event()
    began = time.monotonic()

    def step(following: str, at: int | None = None) -> None:
        nonlocal done, name
        done, name = done + 1 if at is None else at, following

    def draw() -> None:
        finished.wait(SHOW_AFTER_S)
        while not finished.wait(REDRAW_S):
            full = BAR_WIDTH * done // steps
            bar = "█" * full + "░" * (BAR_WIDTH - full)
            sys.stderr.write(f"\r{bar} {name}, {time.monotonic() - began:.0f} s\x1b[K")
            sys.stderr.flush()
        if time.monotonic() - began > SHOW_AFTER_S:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    drawer = threading.Thread(target=draw, daemon=True) if sys.stderr.isatty() else None
    if drawer:
        drawer.start()
    try:
        yield step
    finally:
        finished.set()
        if drawer:
            drawer.join()
