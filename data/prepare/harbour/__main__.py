"""``python -m data.prepare.harbour --seed 1 --assets 800 --out data/regions/merrowhaven``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from data.prepare.harbour.build import build
from data.prepare.harbour.drawing import write_base
from data.prepare.harbour.people import cells
from data.prepare.harbour.ready import write_ready
from data.prepare.harbour.write import write_tables


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the invented city into a folder; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m data.prepare.harbour", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="another seed, another city")
    parser.add_argument("--assets", type=int, default=800, help="how many, junctions not counted")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write")
    given = parser.parse_args(arguments)
    try:
        city = build(given.seed, given.assets)
        given.out.mkdir(parents=True, exist_ok=True)
        write_tables(given.out, city, cells(city))
        write_base(given.out / "base", city)
        write_ready(given.out, city)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
