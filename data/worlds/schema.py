"""The columns of a world's tables, for reading and writing."""

from __future__ import annotations

import re
from collections.abc import Mapping

from data.worlds.columns import Column
from data.worlds.tables import GEOMETRY, Table
from models.papers.tabular import NOTE_COLUMN
from models.world import DECLARED

#: Upper limit of numbers of people; within the integers of every file format.
MAX_PEOPLE = 10_000_000_000
#: More ranks than a plan of shedding has.
MAX_SHED_ORDER = 1_000_000
KINDS = ("physical", "cyber", "geographic", "logical")
LABELLED = ("asset", "link", "field", "layer", "service")
META = ("id", "title", "version", "snapshot_date", "bbox", "licence", "attribution", "sources")


def _id(name: str) -> Column:
    return Column(name, "id", required=True)


def _amount(name: str, default: float | None = None) -> Column:
    return Column(name, "number", default=default, low=0)


def _uncertain(name: str, default: float | None = None, high: float | None = None,
               above: float | None = None) -> tuple[Column, ...]:  # fmt: skip
    """Return the column of a number from 0, and the columns of its bounds."""
    low = 0 if above is None else None
    return tuple(
        Column(name + end, "number", default=None if end else default, low=low, high=high,
               above=above)
        for end in ("", *BOUNDS)
    )  # fmt: skip


#: Suffixes of the columns with a number's bounds.
BOUNDS = ("_low", "_high")
COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "assets": (
        _id("asset_id"),
        Column("name"),
        _id("asset_type"),
        _id("sector"),
        Column("lon", "number", default=None, low=-180, high=180),
        Column("lat", "number", default=None, low=-90, high=90),
        Column(GEOMETRY, "geometry", default=None),
        Column("provides", "list", default=()),
        Column("source_of", "list", default=()),
        _amount("capacity"),
        Column("unit"),
        *_uncertain("repair_h"),
        *_uncertain("restart_h", 0.0),
        Column("black_start", "flag", default=False),
        Column("operator"),
        Column("contact"),
        Column("product"),
        Column("tlp", "tlp"),
        Column("confidence"),
        Column("source"),
        Column("origin", default=DECLARED),
        Column("note"),
        Column("plinth_height_m", "number", default=0.0, low=0, high=100),
    ),
    "links": (
        _id("link_id"),
        _id("from_id"),
        _id("to_id"),
        _id("service"),
        Column("directed", "flag", default=False),
        _amount("capacity"),
        _amount("length_m"),
        _amount("voltage_kv"),
        Column("structure", default="", choices=("", "bridge", "tunnel")),
        Column("name"),
        Column("tlp", "tlp"),
        Column("origin", default=DECLARED),
        Column("confidence"),
        Column("source"),
        Column(GEOMETRY, "geometry", default=None),
    ),
    "dependencies": (
        _id("group_id"),
        _id("consumer_id"),
        _id("supplier_id"),
        _id("service"),
        Column("kind", default="physical", choices=KINDS),
        Column("k", "whole", default=1, low=1),
        *_uncertain("share", above=0),
        *_uncertain("min_supply_fraction"),
        *_uncertain("autonomy_h", 0.0),
        *_uncertain("recharge_h", 0.0),
        *_uncertain("restart_h", 0.0),
        *_uncertain("loss", 1.0, high=1),
        Column("buffer"),
        Column("origin", default=DECLARED),
        Column("confidence"),
        Column("source"),
        _amount("distance_m"),
    ),
    "flows": (
        _id("asset_id"),
        _id("service"),
        *_uncertain("supply"),
        *_uncertain("demand"),
        Column("unit"),
        Column("confidence"),
        Column("source"),
    ),
    "common_cause": (
        _id("group_id"),
        _id("basis"),
        Column("name"),
        Column("asset_id", "id"),
        Column("link_id", "id"),
        Column("beta", "number", default=None, low=0, high=1),
    ),
    "service_areas": (
        _id("asset_id"),
        _id("service"),
        Column("people", "whole", required=True, default=0, low=0, high=MAX_PEOPLE),
        Column("confidence"),
        Column("source"),
    ),
    "people": (
        _id("cell_id"),
        Column("people", "whole", required=True, default=0, low=0, high=MAX_PEOPLE),
        Column("lon", "number", default=None, low=-180, high=180),
        Column("lat", "number", default=None, low=-90, high=90),
        Column(GEOMETRY, "geometry", default=None),
        Column("municipality"),
        Column("shed_order", "whole", default=None, low=1, high=MAX_SHED_ORDER),
        Column("confidence"),
        Column("source"),
    ),
    "served": (
        _id("cell_id"),
        _id("asset_id"),
        _id("service"),
        Column("share", "number", default=1.0, above=0, high=1),
        Column("shed_order", "whole", default=None, low=1, high=MAX_SHED_ORDER),
        Column("origin", default=DECLARED),
        Column("confidence"),
        Column("source"),
    ),
    "unknowns": (
        _id("asset_id"),
        _id("service"),
        Column("rule_id"),
        Column("hides_state", "flag", default=False),
        Column("note"),
    ),
    "labels": (
        Column("what", required=True, default="asset", choices=LABELLED),
        _id("name"),
        Column("tlp", "tlp", required=True, default="RED"),
        Column("source"),
        Column("note"),
    ),
}
#: Tables that may come as GeoJSON instead of CSV.
SPATIAL = ("assets", "links", "service_areas", "people")
#: Known columns that are not part of the model: no warning.
SILENT = {
    "dependencies": {"note"},
    "service_areas": {GEOMETRY, "lon", "lat"},
    "people": {"people_low", "people_high", NOTE_COLUMN},
}
#: Columns of ``dependencies`` that belong to one supplier; all others describe its group.
OF_SUPPLIER = ("supplier_id", "share", "share_low", "share_high", "distance_m")
#: Numbers whose bounds are kept, by table; bounds of other numbers affect no result.
UNCERTAIN = {
    table: tuple(c.name.removesuffix("_low") for c in columns if c.name.endswith("_low"))
    for table, columns in COLUMNS.items()
}
#: A whole number in any of our file formats.
_WHOLE = re.compile(r"-?\d+([.,]0+)?")


def group_column(name: str) -> Column:
    """Return the column of a group of people in ``people``."""
    return Column(name, "whole", default=0, low=0, high=MAX_PEOPLE)


def columns_of(name: str, table: Table) -> tuple[Column, ...]:
    """Return the columns that are read from a table; those of ``people`` depend on its content.

    Additional columns of ``people`` with only whole numbers are groups of people.
    """
    if name != "people":
        return COLUMNS[name]
    declared = {column.name for column in COLUMNS[name]} | SILENT[name]
    groups = [cell for cell in table.cells if cell not in declared and _is_whole(table.cells[cell])]
    return (*COLUMNS[name], *(group_column(group) for group in groups))


def _is_whole(cells: tuple[str, ...]) -> bool:
    written = [cell for cell in cells if cell]
    return bool(written) and all(_WHOLE.fullmatch(cell) for cell in written)
