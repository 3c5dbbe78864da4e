"""Several staged tables become one: records of one asset from two sources are matched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from models.imports.staged import Staged


def join(read: Sequence[Staged], numbers: Mapping[str, float]) -> Staged:
    """Return one set of staged tables.

    Parameters
    ----------
    read
        What each file gave, in the order of the files: earlier ones go first.
    numbers
        By name (``import_numbers.csv``).
    """
    joined = Staged()
    for one in read:
        joined.assets |= one.assets
        joined.links += one.links
        joined.groups += one.groups
        joined.flows += one.flows
        joined.common_causes += one.common_causes
        joined.service_areas += one.service_areas
        joined.cells += one.cells
        joined.servings += one.servings
        joined.ranges += one.ranges
        joined.overrides += one.overrides
        joined.facts |= one.facts
        joined.layers += one.layers
        joined.findings += one.findings
        joined.sources += one.sources
        for name, rows in one.base.items():
            joined.base.setdefault(name, []).extend(rows)
    boxes = [one.bbox for one in read if one.bbox]
    if boxes:
        joined.bbox = (
            min(b[0] for b in boxes), min(b[1] for b in boxes),
            max(b[2] for b in boxes), max(b[3] for b in boxes),
        )  # fmt: skip
    joined.snapshot_date = max((one.snapshot_date for one in read), default="")
    joined.licence = "; ".join(dict.fromkeys(one.licence for one in read if one.licence))
    joined.attribution = "; ".join(dict.fromkeys(x.attribution for x in read if x.attribution))
    return joined
