"""`make bench`: all figures in three tables; ``python -m benchmarks shared`` prints one of them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator

from benchmarks import (
    attacks,
    briefings,
    cascades,
    connectivity,
    durability,
    engine,
    ensembles,
    page,
    stream,
)
from benchmarks.table import Row, print_table


def _alone() -> Iterator[Row]:
    for what in (engine, cascades, connectivity, ensembles, briefings, page):
        yield from what.rows()


def _shared() -> Iterator[Row]:
    yield from stream.rows()
    yield from durability.rows()


#: name → title and rows, the quick ones first
TABLES: dict[str, tuple[str, Callable[[], Iterable[Row]]]] = {
    "alone": ("Engine, ensembles, papers and page: about three minutes", _alone),
    "attacks": (
        "What a bystander notices while the server is attacked: about two minutes",
        attacks.rows,
    ),
    "shared": (
        "Shared and live: 2,000 viewers, a simulated day, killed writers and two editors on both "
        "databases. About half an hour, row by row; Ctrl-C leaves what is printed",
        _shared,
    ),
}


def main() -> None:
    """Print the tables that were asked for, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="*", help=f"some of {', '.join(TABLES)}; all by default")
    names = parser.parse_args().tables or [*TABLES]
    if unknown := set(names) - set(TABLES):
        parser.error(f"no table {unknown.pop()!r}; there are {', '.join(TABLES)}")
    for name in names:
        title, rows = TABLES[name]
        print(f"\n## {title}", flush=True)
        print_table(rows())


if __name__ == "__main__":
    main()
