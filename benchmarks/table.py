"""Rows of the one table that `make bench` prints."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Row:
    """One measured thing beside its aim; ``unit`` rides along."""

    what: str
    figure: str
    aim: str
    note: str = ""


def alternating_ms(*works: Callable[[], object], repeats: int = 9) -> list[float]:
    """Return the median ms of each work, run in turns so that a busy moment hits all alike."""
    times: list[list[float]] = [[] for _ in works]
    for work in works:
        work()
    for _ in range(repeats):
        for work, taken in zip(works, times, strict=True):
            start = time.perf_counter()
            work()
            taken.append((time.perf_counter() - start) * 1000)
    return [median(taken) for taken in times]


def machine() -> str:
    """Return what these figures were measured on."""
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, "
        f"load {load:.1f}"
    )


def print_table(rows: Iterable[Row]) -> None:
    """Print the rows as a table in Markdown, each as soon as it is there."""
    print(f"\n{machine()}\n")
    print("| what | measured | aim | note |\n|---|---|---|---|", flush=True)
    for row in rows:
        print(f"| {row.what} | {row.figure} | {row.aim} | {row.note} |", flush=True)
