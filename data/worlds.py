"""Worlds from files: a folder of tables or one GeoPackage, checked at the door.

Inside, nobody checks again. The format is in ``docs/reference/format.md``.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import fields, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from shapely.geometry.base import BaseGeometry

from data.knowledge import asset_types
from data.tables import (
    GEOMETRY,
    Column,
    Findings,
    Table,
    Values,
    cell_text,
    hint,
    read_csv,
    read_geojson,
    read_gpkg,
    read_json,
    rows,
)
from models.errors import BadInputError, did_you_mean
from models.world import (
    DECLARED,
    JUNCTION,
    Asset,
    CommonCause,
    Flow,
    Group,
    Link,
    ServiceArea,
    Supplier,
    UnknownNeed,
    World,
)

REGIONS = Path(__file__).resolve().parent / "regions"
BASES = ("location", "corridor", "vendor", "product", "version", "operator", "fuel")
#: More people than anybody can serve; keeps whole numbers within what every file format holds.
MAX_PEOPLE = 10_000_000_000
KINDS = ("physical", "cyber", "geographic", "logical")
META = ("id", "title", "version", "snapshot_date", "bbox", "licence", "attribution", "sources")


def _id(name: str) -> Column:
    return Column(name, required=True)


def _amount(name: str, default: float | None = None) -> Column:
    return Column(name, "number", default=default, low=0)


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
        _amount("repair_h"),
        _amount("restart_h", 0.0),
        Column("black_start", "flag", default=False),
        Column("operator"),
        Column("product"),
        Column("tlp"),
        Column("confidence"),
        Column("source"),
        Column("origin", default=DECLARED),
        Column("note"),
    ),
    "links": (
        _id("link_id"),
        _id("from_id"),
        _id("to_id"),
        _id("service"),
        Column("directed", "flag", default=False),
        _amount("capacity"),
        _amount("length_m"),
        Column("name"),
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
        Column("share", "number", default=None, above=0),
        _amount("min_supply_fraction"),
        _amount("autonomy_h", 0.0),
        _amount("recharge_h", 0.0),
        _amount("restart_h", 0.0),
        Column("loss", "number", default=1.0, low=0, high=1),
        Column("buffer"),
        Column("origin", default=DECLARED),
        Column("confidence"),
        Column("source"),
        _amount("distance_m"),
    ),
    "flows": (
        _id("asset_id"),
        _id("service"),
        _amount("supply"),
        _amount("demand"),
        Column("unit"),
    ),
    "common_cause": (
        _id("group_id"),
        _id("basis"),
        Column("name"),
        Column("asset_id"),
        Column("link_id"),
        Column("beta", "number", default=None, low=0, high=1),
    ),
    "service_areas": (
        _id("asset_id"),
        _id("service"),
        Column("people", "whole", required=True, default=0, low=0, high=MAX_PEOPLE),
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
}
#: Tables that may come as GeoJSON instead of CSV.
SPATIAL = ("assets", "links", "service_areas")
#: Columns that are understood, yet not part of the model: no warning.
SILENT = {
    "dependencies": {"note"},
    "service_areas": {GEOMETRY, "lon", "lat"},
}
#: Columns of ``dependencies`` that belong to one supplier; all others describe its group.
OF_SUPPLIER = ("supplier_id", "share", "distance_m")


class Checked(NamedTuple):
    """What a look at foreign files gave: a world only where there is no problem."""

    world: World | None
    problems: tuple[str, ...]
    warnings: tuple[str, ...]


# --- public ----------------------------------------------------------------------------------


def read_world(path: Path) -> World:
    """Read a world from a folder of tables or a GeoPackage.

    Parameters
    ----------
    path
        A folder with ``world.json`` and ``assets``, or a ``.gpkg`` with layers of these names.

    Returns
    -------
    The world, its tables ordered by id; hours (h), metres (m) and EPSG:4326 degrees as in the
    files. ``sha256`` depends on the content alone: not on the order of rows, the file format,
    the path or the time.

    Raises
    ------
    BadInputError
        With every problem found: file, row, column and a hint, one line each.
    """
    world, problems, _ = check_world(path)
    if world is None:
        raise BadInputError(problems)
    return world


def check_world(path: Path) -> Checked:
    """Read a world and return it with all problems and warnings; None where there is a problem."""
    findings = Findings()
    meta, tables = _files(path, findings)
    parts = _Parts(findings)
    if meta is not None:
        parts.meta(meta, path)
    for name, columns in COLUMNS.items():
        if name in tables:
            _warn_further_columns(name, tables[name], columns, findings)
            getattr(parts, name)(tables[name], rows(tables[name], columns, findings))
        elif name == "assets" and not findings.problems:
            findings.problem(path.name, "no assets. A world needs assets.csv or assets.geojson.")
    findings.close()
    if findings.problems:
        return Checked(None, tuple(findings.problems), tuple(findings.warnings))
    world = parts.world()
    _warn_oddities(world, findings)
    return Checked(with_sha256(world), (), tuple(findings.warnings))


def embedded_regions() -> tuple[str, ...]:
    """Return the ids of the regions that ship with the product, in order."""
    return tuple(sorted(path.parent.name for path in REGIONS.glob("*/world.json")))


def find_world(name: str) -> Path:
    """Return where a world is: a folder, a ``.gpkg`` file, or the id of an embedded region.

    Raises
    ------
    BadInputError
        If it is none of these.
    """
    path = Path(name)
    if (path / "world.json").is_file() or (path.is_file() and path.suffix.lower() == ".gpkg"):
        return path
    regions = embedded_regions()
    if name in regions:
        return REGIONS / name
    if path.is_dir():
        raise BadInputError([f"{name}: this folder has no world.json, so it is not a world."])
    if path.exists():
        raise BadInputError([f"{name}: a world is a folder with world.json or a .gpkg file."])
    otherwise = f"Embedded regions: {', '.join(regions) or 'none'}."
    missing = f"No world '{name}': no such folder, .gpkg file or embedded region."
    raise BadInputError([f"{missing} {did_you_mean(name, regions, otherwise)}"])


def with_sha256(world: World) -> World:
    """Return the world with the hash of its canonical content."""
    digest = hashlib.sha256()
    meta = {name: getattr(world, name) for name in _META_FIELDS}
    digest.update(_line(meta | {"sources": [dict(s) for s in world.sources]}))
    tables: tuple[Iterable[Any], ...] = (
        world.assets.values(),
        world.links.values(),
        world.groups.values(),
        world.flows,
        world.common_causes.values(),
        world.service_areas,
        world.unknown_needs,
    )
    for table in tables:
        digest.update(b"#\n")
        for line in sorted(_line(_stated(thing)) for thing in table):
            digest.update(line)
    return replace(world, sha256=digest.hexdigest())


_META_FIELDS = ("world_id", "title", "version", "snapshot_date", "bbox", "licence", "attribution")


def _line(content: Mapping[str, Any]) -> bytes:
    return _ENCODER.encode(content).encode("utf-8") + b"\n"


def _stated(thing: Any) -> dict[str, Any]:
    """Return the fields that differ from their default, numbers as floats without -0.0."""
    stated = {}
    for name, default in _defaults(thing.__class__):
        value = getattr(thing, name)
        if value != default:
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            stated[name] = float(value) + 0.0 if is_number else value
    return stated


@cache
def _defaults(kind: type) -> tuple[tuple[str, Any], ...]:
    return tuple((one.name, one.default) for one in fields(kind))


def _stated_or_wkb(thing: Any) -> Any:
    return thing.wkb_hex if isinstance(thing, BaseGeometry) else _stated(thing)


_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=_stated_or_wkb)


# --- files -----------------------------------------------------------------------------------


def _files(path: Path, findings: Findings) -> tuple[Values | None, dict[str, Table]]:
    """Return the world's metadata and its tables by name, from whichever form it has."""
    if path.is_dir():
        return _folder(path, findings)
    if path.suffix.lower() == ".gpkg" and path.is_file():
        tables = read_gpkg(path, findings)
        meta = _meta_of_layer(tables.pop("world", None), path, findings)
        _warn_names(path.name, tables, COLUMNS, findings)
        return meta, tables
    findings.problem(str(path), "a world is a folder with world.json or a .gpkg file.")
    return None, {}


def _folder(path: Path, findings: Findings) -> tuple[Values | None, dict[str, Table]]:
    if not (path / "world.json").is_file():
        findings.problem(path.name, "no world.json. It states at least the id and the title.")
        meta = None
    else:
        meta = read_json(path / "world.json", findings)
        if meta is not None and not isinstance(meta, dict):
            findings.problem("world.json", 'not an object like {"id": …, "title": …}.')
            meta = None
    tables = {name: _table(path, name, findings) for name in COLUMNS}
    stems = (f.name for f in path.iterdir() if f.suffix == ".csv")
    _warn_names(path.name, stems, [f"{name}.csv" for name in COLUMNS], findings)
    return meta, {name: table for name, table in tables.items() if table is not None}


def _table(folder: Path, name: str, findings: Findings) -> Table | None:
    plain, spatial = folder / f"{name}.csv", folder / f"{name}.geojson"
    if name not in SPATIAL or not spatial.exists():
        return read_csv(plain, findings) if plain.exists() else None
    if plain.exists():
        findings.problem(folder.name, f"has both {plain.name} and {spatial.name}. Keep one.")
    return read_geojson(spatial, findings)


def _meta_of_layer(table: Table | None, path: Path, findings: Findings) -> Values | None:
    if table is None or len(table.numbers) != 1:
        findings.problem(path.name, "needs a layer 'world' of one row with id and title.")
        return None
    meta: Values = {name: cells[0] for name, cells in table.cells.items() if cells[0]}
    for name in ("bbox", "sources"):
        if name in meta:
            try:
                meta[name] = json.loads(meta[name])
            except ValueError:
                findings.problem(table.place, f"{name} is not JSON.")
                return None
    return meta


def _warn_names(
    place: str, found: Iterable[str], known: Collection[str], findings: Findings
) -> None:
    """Warn of tables that look like misspelt ones of ours."""
    for name in sorted(set(found) - set(known)):
        if close := get_close_matches(name, known, n=1, cutoff=0.8):
            findings.warn(place, f"'{name}' is not read. Did you mean '{close[0]}'?")


def _warn_further_columns(
    name: str, table: Table, columns: tuple[Column, ...], findings: Findings
) -> None:
    known = {column.name for column in columns}
    ranged = {c.name + end for c in columns if c.kind == "number" for end in ("_low", "_high")}
    silent = known | ranged | SILENT.get(name, set())
    for column in table.columns:
        if column not in silent:
            other = hint(column, known - set(table.columns), "It is not read.")
            findings.warn(table.place, f"further column {column}. {other}")


# --- tables to the domain --------------------------------------------------------------------

Rows = Iterator[tuple[int, Values]]


class _Parts:
    """The parts of a world while its tables are read; one method per table, in their order."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self._meta: Values = {}
        self._assets: dict[str, Asset] = {}
        self._links: dict[str, Link] = {}
        self._groups: dict[str, Group] = {}
        self._flows: list[Flow] = []
        self._causes: dict[str, CommonCause] = {}
        self._areas: list[ServiceArea] = []
        self._unknowns: list[UnknownNeed] = []

    def world(self) -> World:
        """Return the world of all tables, each ordered by id."""
        return World(
            assets=_by_id(self._assets),
            links=_by_id(self._links),
            groups=_by_id(self._groups),
            flows=tuple(sorted(self._flows, key=lambda f: (f.asset_id, f.service))),
            common_causes=_by_id(self._causes),
            service_areas=tuple(sorted(self._areas, key=_area_order)),
            unknown_needs=tuple(sorted(self._unknowns, key=_need_order)),
            **self._meta,
        )

    def meta(self, plain: Values, path: Path) -> None:
        """Take what ``world.json`` says."""
        place = "world.json" if path.is_dir() else f"{path.name}, layer world"
        for name in ("id", "title"):
            if not isinstance(plain.get(name), str) or not plain[name].strip():
                self.findings.problem(place, f"{name} is missing; it is a text.")
        for name in plain.keys() - set(META):
            self.findings.warn(place, f"further field {name}. {hint(name, META, 'Not read.')}")
        texts = ("title", "version", "snapshot_date", "licence", "attribution")
        self._meta = {name: cell_text(plain.get(name)) for name in texts}
        self._meta["world_id"] = cell_text(plain.get("id"))
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
        if good and all(isinstance(x, int | float) and math.isfinite(x) for x in plain):
            west, south, east, north = (float(x) for x in plain)
            if west <= east and south <= north:
                return west, south, east, north
        self.findings.problem(place, "bbox is not [west, south, east, north] in degrees.")
        return None

    def assets(self, table: Table, found: Rows) -> None:
        """Take the assets."""
        if not table.numbers:
            self.findings.problem(table.place, "there is no asset in it.")
        if not {"lon", "lat"} <= set(table.columns) and GEOMETRY not in table.columns:
            self.findings.problem(table.place, "the columns lon and lat (or geometry) are missing.")
            return
        seen: dict[str, int] = {}
        for row, values in found:
            self._unique(table, row, "asset_id", values["asset_id"], seen)
            self._place(table, row, values)
            self._assets[values["asset_id"]] = Asset(**values)

    def _place(self, table: Table, row: int, values: Values) -> None:
        """Give an asset its point; only another shape than this point stays as geometry."""
        shape: BaseGeometry | None = values[GEOMETRY]
        if shape is not None and not self._in_degrees(table, row, shape):
            shape = None
        elif (
            shape is None
            and None in (values["lon"], values["lat"])
            and not self.findings.has(table, row)
        ):
            self.findings.row(table, row, "lon/lat", "the asset has no place.", "place")
        if shape is not None and (
            shape.geom_type == "Point" or values["lon"] is None or values["lat"] is None
        ):
            point = shape.representative_point()
            values["lon"], values["lat"] = point.x + 0.0, point.y + 0.0
        values["lon"], values["lat"] = values["lon"] or 0.0, values["lat"] or 0.0
        values[GEOMETRY] = None if shape is None or shape.geom_type == "Point" else shape

    def _in_degrees(self, table: Table, row: int, shape: BaseGeometry) -> bool:
        if not shape.is_empty and _on_earth(shape):
            return True
        self.findings.row(table, row, GEOMETRY, "empty or not in degrees (lon/lat).", "range")
        return False

    def links(self, table: Table, found: Rows) -> None:
        """Take the links."""
        seen: dict[str, int] = {}
        for row, values in found:
            self._unique(table, row, "link_id", values["link_id"], seen)
            for end in ("from_id", "to_id"):
                self._known(table, row, end, values[end], self._assets)
            if values["from_id"] and values["from_id"] == values["to_id"]:
                place = f"{table.place}, {table.unit} {row}"
                self.findings.warn(place, "the link begins and ends at the same asset.")
            shape = values[GEOMETRY]
            if shape is not None and self._in_degrees(table, row, shape) and self._straight(values):
                values[GEOMETRY] = None
            self._links[values["link_id"]] = Link(**values)

    def _straight(self, link: Values) -> bool:
        """Tell whether the line only joins the link's two ends on a map."""
        ends = [self._assets.get(link[end]) for end in ("from_id", "to_id")]
        if link[GEOMETRY].geom_type != "LineString":
            return False
        return list(link[GEOMETRY].coords) == [(end.lon, end.lat) for end in ends if end]

    def dependencies(self, table: Table, found: Rows) -> None:
        """Take the dependency groups: one row per supplier."""
        members: dict[str, list[tuple[int, Values]]] = defaultdict(list)
        for row, values in found:
            for column in ("consumer_id", "supplier_id"):
                self._known(table, row, column, values[column], self._assets)
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
        suppliers = (Supplier(v["supplier_id"], v["share"], v["distance_m"]) for _, v in members)
        return Group(
            suppliers=tuple(sorted(suppliers, key=lambda s: s.asset_id)),
            **{name: value for name, value in first.items() if name not in OF_SUPPLIER},
        )

    def _same_group(
        self, table: Table, row: int, values: Values, first: Values, first_row: int
    ) -> None:
        """Tell where a row says of its group what the group's first row does not."""
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
        fraction = group["min_supply_fraction"] or 0.0
        total = math.fsum(share or 0.0 for share in shares)
        if shares[0] is None and fraction > 1:
            text = f"{fraction:g} is above 1 and the group has no shares."
            self.findings.row(table, row, "min_supply_fraction", text, "fraction")
        elif shares[0] is not None and fraction > total + 1e-9:
            place = f"{table.place}, {table.unit} {row}"
            never = f"min_supply_fraction {fraction:g} exceeds the shares ({total:g})"
            self.findings.warn(place, f"{never}: the group is never served.")

    def flows(self, table: Table, found: Rows) -> None:
        """Take supply and demand."""
        seen: dict[tuple[str, str], int] = {}
        for row, values in found:
            self._known(table, row, "asset_id", values["asset_id"], self._assets)
            pair = (values["asset_id"], values["service"])
            if pair in seen:
                text = f"row {seen[pair]} already has the flow of this asset and service."
                self.findings.row(table, row, "service", text, "twice")
            seen.setdefault(pair, row)
            self._flows.append(Flow(**values))

    def common_cause(self, table: Table, found: Rows) -> None:
        """Take the common-cause groups: one row per member, an asset or a link."""
        members: dict[str, list[Values]] = defaultdict(list)
        for row, values in found:
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
        self._known(table, row, "asset_id", values["asset_id"], self._assets)
        self._known(table, row, "link_id", values["link_id"], self._links)

    def service_areas(self, table: Table, found: Rows) -> None:
        """Take the people served."""
        for row, values in found:
            self._known(table, row, "asset_id", values["asset_id"], self._assets)
            self._areas.append(ServiceArea(**values))

    def unknowns(self, table: Table, found: Rows) -> None:
        """Take the needs nobody has told us the supplier of."""
        for row, values in found:
            self._known(table, row, "asset_id", values["asset_id"], self._assets)
            self._unknowns.append(UnknownNeed(**values))

    def _unique(
        self, table: Table, row: int, column: str, value: str, seen: dict[str, int], where: str = ""
    ) -> None:
        if value and value in seen:
            text = f"'{value}' is already {where or 'used'} in {table.unit} {seen[value]}."
            self.findings.row(table, row, column, text, "twice")
        seen.setdefault(value, row)

    def _known(
        self, table: Table, row: int, column: str, value: str, known: Collection[str]
    ) -> None:
        if value and value not in known:
            thing = "link" if column == "link_id" else "asset"
            close = f"Add it to {thing}s."
            if self.findings.is_told(table, column, "unknown"):  # looking is slow in a large world
                close = hint(value, known, close)
            self.findings.row(table, row, column, f"no {thing} '{value}'. {close}", "unknown")


T = TypeVar("T")


def _by_id(found: Mapping[str, T]) -> dict[str, T]:
    return {key: found[key] for key in sorted(found)}


def _area_order(area: ServiceArea) -> tuple[str, str, int, str, str]:
    return area.asset_id, area.service, area.people, area.confidence, area.source


def _need_order(need: UnknownNeed) -> tuple[str, str, str, str]:
    return need.asset_id, need.service, need.rule_id, need.note


def _on_earth(shape: BaseGeometry) -> bool:
    west, south, east, north = shape.bounds
    return bool(west >= -180 and east <= 180 and south >= -90 and north <= 90)


# --- oddities that are no problem ------------------------------------------------------------


def _known_types() -> dict[str, set[str]]:
    """Return the asset types and sectors that the knowledge tables have."""
    types = asset_types()
    sectors = {name for t in types.values() for name in (t.sector, t.display_sector)}
    return {"asset_type": {*types, JUNCTION}, "sector": sectors}


def _warn_oddities(world: World, findings: Findings) -> None:
    """Warn of what is allowed and yet may not be meant."""
    if not world.groups:
        text = "no dependencies: only what is hit, and what links carry, can fail."
        findings.warn(world.world_id, text)
    _warn_types(world, findings)
    _warn_flows(world, findings)
    for cause in world.common_causes.values():
        if cause.basis not in BASES:
            other = hint(cause.basis, BASES, f"Known: {', '.join(BASES)}.")
            text = f"common cause '{cause.group_id}': unknown basis '{cause.basis}'. {other}"
            findings.warn(world.world_id, text)
    pairs = Counter((area.asset_id, area.service) for area in world.service_areas)
    for (asset_id, service), count in pairs.items():
        if count > 1:
            text = f"'{asset_id}' has {count} service areas of {service}"
            findings.warn(world.world_id, f"{text}; their people are added up.")


def _warn_types(world: World, findings: Findings) -> None:
    for field_name, known in _known_types().items():
        counts = Counter(getattr(asset, field_name) for asset in world.assets.values())
        for value in sorted(counts):
            if value not in known:
                other = hint(value, known, "It is shown among the others.")
                text = f"unknown {field_name} '{value}' ({counts[value]} assets). {other}"
                findings.warn(world.world_id, text)


def _warn_flows(world: World, findings: Findings) -> None:
    inside = {(end, x.service) for x in world.links.values() for end in (x.from_id, x.to_id)}
    inside |= {(a.asset_id, service) for a in world.assets.values() for service in a.source_of}
    inside |= {(flow.asset_id, flow.service) for flow in world.flows if flow.supply is not None}
    for flow in world.flows:
        if flow.demand and (flow.asset_id, flow.service) not in inside:
            text = f"demand of {flow.service} at '{flow.asset_id}' counts nowhere"
            findings.warn(world.world_id, f"{text}: the asset has no link of this service.")
        if flow.supply is None and flow.demand is None:
            pair = f"{flow.service} at '{flow.asset_id}'"
            findings.warn(world.world_id, f"the flow of {pair} has neither supply nor demand.")
