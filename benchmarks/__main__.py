"""`make bench`: one table of all figures."""

from __future__ import annotations

from benchmarks import briefings, cascades, connectivity, engine, ensembles, page
from benchmarks.table import print_table

if __name__ == "__main__":
    print_table(
        [
            *engine.rows(),
            *cascades.rows(),
            *connectivity.rows(),
            *ensembles.rows(),
            *briefings.rows(),
            *page.rows(),
        ]
    )
