"""From checked tables to the domain: one method per table; problems name their place."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

from shapely.geometry.base import BaseGeometry

from data.knowledge.reader import sewage_rate, use_needs
from data.knowledge.synonyms import meanings
from data.worlds.schema import BOUNDS, COLUMNS, META, OF_SUPPLIER, UNCERTAIN
from data.worlds.spatial import flat, is_line, on_earth, point_on
from data.worlds.tables import GEOMETRY, Findings, Table, Values, cell_text, hint
from models.lettering import escaped, has_unshown
from models.scenario import MAX_ID
from models.world import (
    BASE_LAYER,
    FIELDS,
    LAYERS,
    Asset,
    Cell,
    CommonCause,
    Flow,
    Group,
    Link,
    Marking,
    Range,
    ServiceArea,
    Serving,
    Supplier,
    UnknownNeed,
    World,
)

Rows = Iterator[tuple[int, Values]]


class Parts:
    """The parts of a world while its tables are read; one method per table, in order."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        #: tables with unreadable rows: an unknown id may be in one of these rows
        self.incomplete: set[str] = set()
        self._meta: Values = {}
        self._assets: dict[str, Asset] = {}
        self._links: dict[str, Link] = {}
        self._groups: dict[str, Group] = {}
        self._flows: list[Flow] = []
        self._causes: dict[str, CommonCause] = {}
        self._areas: list[ServiceArea] = []
        self._cells: dict[str, Cell] = {}
        self._servings: list[Serving] = []
        self._unknowns: list[UnknownNeed] = []
        self._ranges: list[Range] = []
        self._markings: list[Marking] = []

    def world(self) -> World:
        """Return the world of all tables, each ordered by id."""
        return World(
            assets=_by_id(self._assets),
            links=_by_id(self._links),
            groups=_by_id(self._groups),
            flows=tuple(sorted(self._flows, key=lambda f: (f.asset_id, f.service))),
            common_causes=_by_id(self._causes),
            service_areas=tuple(sorted(self._areas, key=_area_order)),
            cells=_by_id(self._cells),
            servings=tuple(sorted(self._servings, key=_serving_order)),
            use_needs=use_needs(),
            sewage_rate=sewage_rate(),
            unknown_needs=tuple(sorted(self._unknowns, key=_need_order)),
            ranges=tuple(sorted(self._ranges, key=lambda r: (r.table, r.row, r.column))),
            markings=tuple(sorted(self._markings, key=lambda m: (m.what, m.name))),
            **self._meta,
        )

    def meta(self, plain: Values, path: Path) -> None:
        """Read ``world.json``."""
        place = "world.json" if path.is_dir() else f"{path.name}, layer world"
        for name in ("id", "title"):
            if not isinstance(plain.get(name), str) or not plain[name].strip():
                self.findings.problem(place, f"{name} is missing; it is a text.")
        for name in plain.keys() - set(META):
            self.findings.warn(place, f"further field {name}. {hint(name, META, 'Not read.')}")
        texts = ("title", "version", "snapshot_date", "licence", "attribution")
        self._meta = {name: escaped(cell_text(plain.get(name))) for name in texts}
        self._meta["world_id"] = cell_text(plain.get("id"))
        if has_unshown(self._meta["world_id"]) or len(self._meta["world_id"]) > MAX_ID:
            text = f"id has up to {MAX_ID} letters, no control letters and no line ends."
            self.findings.problem(place, text)
        self._meta["bbox"] = self._bbox(plain.get("bbox"), place)
        sources = plain.get("sources") or []
        if not isinstance(sources, list) or not all(isinstance(s, dict | str) for s in sources):
            self.findings.problem(place, "sources is not a list of objects.")
            sources = []
        self._meta["sources"] = tuple(s if isinstance(s, dict) else {"name": s} for s in sources)

    def _bbox(self, plain: Any, place: str) -> tuple[float, float, float, float] | None:
        if plain is None:
            return None
        good = isinstance(plain, list) and len(plain) == 4
        if good and all(isinstance(x, int | float) and -180 <= x <= 180 for x in plain):
            west, south, east, north = (float(x) for x in plain)
            if -90 <= south <= north <= 90:  # west is greater than east across the antimeridian
                return west, south, east, north
        self.findings.problem(place, "bbox is not [west, south, east, north] in degrees.")
        return None

    def assets(self, table: Table, rows: Rows) -> None:
        """Read the assets."""
        if not table.numbers and table.is_whole:
            self.findings.problem(table.place, "there is no asset in it.")
        if not {"lon", "lat"} <= set(table.columns) and GEOMETRY not in table.columns:
            self.findings.problem(table.place, "the columns lon and lat (or geometry) are missing.")
            return
        seen: dict[str, int] = {}
        for row, values in rows:
            self._unique(table, row, "asset_id", values["asset_id"], seen)
            self._place(table, row, values)
            self._bounds(table, row, values, "assets", (values["asset_id"],))
            self._assets[values["asset_id"]] = Asset(**values)

    def _place(self, table: Table, row: int, values: Values) -> None:
        """Return an asset with its point; a geometry is only kept if it is no point."""
        shape: BaseGeometry | None = None if values[GEOMETRY] is None else flat(values[GEOMETRY])
        if shape is not None and not self._in_degrees(table, row, shape):
            shape = None
        elif (
            shape is None
            and None in (values["lon"], values["lat"])
            and not self.findings.has(table, row)
        ):
            thing = "cell" if "cell_id" in values else "asset"
            self.findings.row(table, row, "lon/lat", f"the {thing} has no place.", "place")
        if shape is not None and (
            shape.geom_type == "Point" or values["lon"] is None or values["lat"] is None
        ):
            point = point_on(shape)
            values["lon"], values["lat"] = point.x + 0.0, point.y + 0.0
        values["lon"], values["lat"] = values["lon"] or 0.0, values["lat"] or 0.0
        values[GEOMETRY] = None if shape is None or shape.geom_type == "Point" else shape

    def _in_degrees(self, table: Table, row: int, shape: BaseGeometry) -> bool:
        if not shape.is_empty and on_earth(shape):
            return True
        self.findings.row(table, row, GEOMETRY, "empty or not in degrees (lon/lat).", "range")
        return False

    def links(self, table: Table, rows: Rows) -> None:
        """Read the links."""
        seen: dict[str, int] = {}
        for row, values in rows:
            self._unique(table, row, "link_id", values["link_id"], seen)
            for end in ("from_id", "to_id"):
                self._require_known(table, row, end, values[end], self._assets)
            if values["from_id"] and values["from_id"] == values["to_id"]:
                place = f"{table.place}, {table.unit} {row}"
                self.findings.warn(place, "the link begins and ends at the same asset.")
            self._course(table, row, values)
            self._links[values["link_id"]] = Link(**values)

    def _course(self, table: Table, row: int, values: Values) -> None:
        """Return a link with its line; a geometry is only kept if it is not straight."""
        if values[GEOMETRY] is None:
            return
        shape = values[GEOMETRY] = flat(values[GEOMETRY])
        if not self._in_degrees(table, row, shape):
            return
        if not is_line(shape):
            text = f"a {shape.geom_type}; the geometry of a link is a line, or left out."
            self.findings.row(table, row, GEOMETRY, text, "kind")
        elif self._straight(values):
            values[GEOMETRY] = None

    def _straight(self, link: Values) -> bool:
        """Return whether the line is a straight connection of the link's ends."""
        ends = [self._assets.get(link[end]) for end in ("from_id", "to_id")]
        if link[GEOMETRY].geom_type != "LineString":
            return False
        return list(link[GEOMETRY].coords) == [(end.lon, end.lat) for end in ends if end]

    def dependencies(self, table: Table, rows: Rows) -> None:
        """Read the dependency groups: one row per supplier."""
        members: dict[str, list[tuple[int, Values]]] = defaultdict(list)
        for row, values in rows:
            for column in ("consumer_id", "supplier_id"):
                self._require_known(table, row, column, values[column], self._assets)
            members[values["group_id"]].append((row, values))
        for group_id, suppliers in members.items():
            self._groups[group_id] = self._group(table, suppliers)

    def _group(self, table: Table, members: list[tuple[int, Values]]) -> Group:
        first_row, first = members[0]
        seen: dict[str, int] = {}
        for row, values in members:
            self._unique(table, row, "supplier_id", values["supplier_id"], seen, "in this group")
        for row, values in members[1:]:
            self._same_group(table, row, values, first, first_row)
        self._limits(table, first_row, first, [v["share"] for _, v in members])
        of_group = (first["group_id"],)
        for row, values in members:
            key = (*of_group, values["supplier_id"])
            self._bounds(table, row, values, "dependencies", key, ("share",))
        shared = tuple(name for name in UNCERTAIN["dependencies"] if name != "share")
        self._bounds(table, first_row, first, "dependencies", of_group, shared)
        suppliers = (Supplier(v["supplier_id"], v["share"], v["distance_m"]) for _, v in members)
        return Group(
            suppliers=tuple(sorted(suppliers, key=lambda s: s.asset_id)),
            **{name: value for name, value in first.items() if name not in OF_SUPPLIER},
        )

    def _same_group(
        self, table: Table, row: int, values: Values, first: Values, first_row: int
    ) -> None:
        """Report fields of a row that differ from the first row of its group."""
        for name in (n for n in first if n not in OF_SUPPLIER and values[n] != first[n]):
            stated = f"'{cell_text(values[name])}' differs from row {first_row}"
            text = f"{stated} of the same group '{first['group_id']}'."
            self.findings.row(table, row, name, text, "differs")
        if (values["share"] is None) != (first["share"] is None):
            text = "a share on some rows of the group only. Give all or none."
            self.findings.row(table, row, "share", text, "some")

    def _limits(self, table: Table, row: int, group: Values, shares: list[float | None]) -> None:
        if group["k"] > len(shares):
            text = f"k is {group['k']}, but the group has only {len(shares)} supplier(s)."
            self.findings.row(table, row, "k", text, "k")
        fraction = group["min_supply_fraction_high"] or group["min_supply_fraction"] or 0.0
        total = math.fsum(share or 0.0 for share in shares)
        if shares[0] is None and fraction > 1:
            text = f"{fraction:g} is above 1 and the group has no shares."
            self.findings.row(table, row, "min_supply_fraction", text, "fraction")
        elif shares[0] is not None and fraction > total + 1e-9:
            place = f"{table.place}, {table.unit} {row}"
            never = f"min_supply_fraction {fraction:g} exceeds the shares ({total:g})"
            self.findings.warn(place, f"{never}: the group is never served.")

    def _bounds(
        self,
        table: Table,
        row: int,
        values: Values,
        name: Literal["assets", "dependencies", "flows"],
        key: tuple[str, ...],
        columns: tuple[str, ...] | None = None,
    ) -> None:
        """Move the bounds of uncertain numbers from a row's values to the list of ranges."""
        for column in UNCERTAIN[name] if columns is None else columns:
            low, high = (values.pop(column + end) for end in BOUNDS)
            middle = values[column]
            names = (column, column + BOUNDS[0], column + BOUNDS[1])
            if any(self.findings.has(table, row, name) for name in names):
                continue
            if low is None and high is None:
                continue
            if low is None or high is None:
                missing = column + BOUNDS[low is not None]
                self.findings.row(table, row, missing, "empty. Give both bounds or none.", "bounds")
            elif middle is None:
                text = f"empty, but it has bounds ({low:g} to {high:g}). Give its likely value."
                self.findings.row(table, row, column, text, "bounds")
            elif not low <= middle <= high:
                text = f"{middle:g} is not between its bounds, {low:g} and {high:g}."
                self.findings.row(table, row, column, text, "bounds")
            else:
                self._ranges.append(Range(name, key, column, low, high))

    def flows(self, table: Table, rows: Rows) -> None:
        """Read supply and demand."""
        seen: dict[tuple[str, str], int] = {}
        for row, values in rows:
            self._require_known(table, row, "asset_id", values["asset_id"], self._assets)
            pair = (values["asset_id"], values["service"])
            if pair in seen:
                text = f"row {seen[pair]} already has the flow of this asset and service."
                self.findings.row(table, row, "service", text, "twice")
            seen.setdefault(pair, row)
            self._bounds(table, row, values, "flows", pair)
            self._flows.append(Flow(**values))

    def common_cause(self, table: Table, rows: Rows) -> None:
        """Read the common-cause groups: one row per member, an asset or a link."""
        members: dict[str, list[Values]] = defaultdict(list)
        for row, values in rows:
            self._member(table, row, values)
            others = members[values["group_id"]]
            for name in ("basis", "name", "beta"):
                if others and values[name] != others[0][name]:
                    text = f"'{cell_text(values[name])}' differs within the group."
                    self.findings.row(table, row, name, text, "differs")
            others.append(values)
        for group_id, group in members.items():
            self._causes[group_id] = CommonCause(
                group_id=group_id,
                basis=group[0]["basis"],
                name=group[0]["name"],
                asset_ids=tuple(sorted({v["asset_id"] for v in group if v["asset_id"]})),
                link_ids=tuple(sorted({v["link_id"] for v in group if v["link_id"]})),
                beta=group[0]["beta"],
            )

    def _member(self, table: Table, row: int, values: Values) -> None:
        if bool(values["asset_id"]) == bool(values["link_id"]):
            text = "give one member a row: an asset_id or a link_id."
            self.findings.row(table, row, "asset_id", text, "member")
        self._require_known(table, row, "asset_id", values["asset_id"], self._assets)
        self._require_known(table, row, "link_id", values["link_id"], self._links)

    def service_areas(self, table: Table, rows: Rows) -> None:
        """Read the people served."""
        for row, values in rows:
            self._require_known(table, row, "asset_id", values["asset_id"], self._assets)
            self._areas.append(ServiceArea(**values))

    def people(self, table: Table, rows: Rows) -> None:
        """Read the cells that people live in; additional columns are groups of people."""
        if not {"lon", "lat"} <= set(table.columns) and GEOMETRY not in table.columns:
            self.findings.problem(table.place, "the columns lon and lat (or geometry) are missing.")
            return
        seen: dict[str, int] = {}
        for row, values in rows:
            self._unique(table, row, "cell_id", values["cell_id"], seen)
            self._place(table, row, values)
            groups = sorted(values.keys() - _OF_CELL)
            counts = tuple((name, count) for name in groups if (count := values.pop(name)))
            for name, count in counts:
                if count > values["people"]:
                    text = f"{count} is more than the {values['people']} people of the cell."
                    what = "A further column of whole numbers is a group of these people."
                    self.findings.row(table, row, name, f"{text} {what}", "group")
            self._cells[values["cell_id"]] = Cell(**values, groups=counts)

    def served(self, table: Table, rows: Rows) -> None:
        """Read which assets serve which cells, with which services."""
        seen: dict[str, int] = {}
        for row, values in rows:
            self._require_known(table, row, "cell_id", values["cell_id"], self._cells)
            self._require_known(table, row, "asset_id", values["asset_id"], self._assets)
            key = json.dumps([values[name] for name in ("cell_id", "asset_id", "service")])
            if key in seen:
                text = f"row {seen[key]} already has this cell, asset and service."
                self.findings.row(table, row, "service", text, "twice")
            seen.setdefault(key, row)
            self._servings.append(Serving(**values))

    def unknowns(self, table: Table, rows: Rows) -> None:
        """Read the needs without a known supplier."""
        for row, values in rows:
            self._require_known(table, row, "asset_id", values["asset_id"], self._assets)
            self._unknowns.append(UnknownNeed(**values))

    def labels(self, table: Table, rows: Rows) -> None:
        """Read the information labels; a label of something unknown is a problem."""
        seen: dict[str, int] = {}
        ids_of: Mapping[str, Collection[str]] = {
            "asset": self._assets,
            "link": self._links,
            "field": FIELDS,
            "layer": LAYERS,
            "service": self._services(),
        }
        for row, values in rows:
            what, name = values["what"], values["name"]
            self._unique(table, row, "name", f"{what} {name}" if name else "", seen)
            base = what == "layer" and name.startswith(BASE_LAYER)
            if name and name not in ids_of[what] and not base and not self._may_be(what):
                meant = meanings("service", name) if what == "service" else ()
                close = hint(name, ids_of[what], "Only what there is can be labelled.", meant)
                self.findings.row(table, row, "name", f"no {what} '{name}'. {close}", "unknown")
            self._markings.append(Marking(**values))

    def _may_be(self, what: str) -> bool:
        """Return whether an unknown id may be in an unreadable part of a table."""
        tables = {
            "asset": {"assets"},
            "link": {"links"},
            "cell": {"people"},
            "service": set(COLUMNS),
        }
        return bool(tables.get(what, set()) & self.incomplete)

    def _services(self) -> set[str]:
        services = {
            service for a in self._assets.values() for service in (*a.provides, *a.source_of)
        }
        people = (self._areas, self._servings)
        things = (self._links.values(), self._groups.values(), self._flows, *people)
        return services.union(*({item.service for item in some} for some in things))

    def _unique(
        self, table: Table, row: int, column: str, value: str, seen: dict[str, int], where: str = ""
    ) -> None:
        if value and value in seen:
            text = f"'{value}' is already {where or 'used'} in {table.unit} {seen[value]}."
            self.findings.row(table, row, column, text, "twice")
        seen.setdefault(value, row)

    def _require_known(
        self, table: Table, row: int, column: str, value: str, known: Collection[str]
    ) -> None:
        thing, table_name = _NAMED_BY.get(column, ("asset", "assets"))
        if value and value not in known and not self._may_be(thing):
            close = f"Add it to {table_name}."
            if self.findings.is_told(table, column, "unknown"):  # slow in a large world
                close = hint(value, known, close)
            self.findings.row(table, row, column, f"no {thing} '{value}'. {close}", "unknown")


T = TypeVar("T")


def _by_id(items: Mapping[str, T]) -> dict[str, T]:
    return {key: items[key] for key in sorted(items)}


#: Column of ids → kind of thing and its table; all other columns name assets.
_NAMED_BY = {"link_id": ("link", "links"), "cell_id": ("cell", "people")}
#: Columns of a cell that are no groups of people.
_OF_CELL = {column.name for column in COLUMNS["people"]}


def _area_order(area: ServiceArea) -> tuple[str, str, float, str, str]:
    return area.asset_id, area.service, area.people, area.confidence, area.source


def _serving_order(serving: Serving) -> tuple[str, str, str]:
    return serving.cell_id, serving.service, serving.asset_id


def _need_order(need: UnknownNeed) -> tuple[str, str, str, str]:
    return need.asset_id, need.service, need.rule_id, need.note
