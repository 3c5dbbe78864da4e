"""Links, needs, flows and people from the rows of foreign layers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from data.importers.tables.rows import Sheet, service_of
from data.importers.tables.types import type_of
from data.knowledge.synonyms import plain
from data.worlds.spatial import flat, is_line
from data.worlds.tables import Values
from models.world import Cell, Flow, Group, Link, Supplier

#: type of a line → service that it carries
CARRIES = {
    "power_line_ehv": "electricity", "power_line_hv": "electricity", "power_line_mv": "electricity",
    "power_cable": "electricity", "gas_pipeline": "gas", "water_main": "drinking_water",
    "heat_pipeline": "heat", "oil_pipeline": "fuel", "rail_line": "rail", "road_motorway": "road",
    "road_primary": "road", "fibre_line": "communications", "submarine_cable": "communications",
}  # fmt: skip
#: Words of names of layers that say what their lines carry.
_LINE_WORDS = {
    "power": "electricity", "strom": "electricity", "leitung": "electricity",
    "line": "electricity", "lines": "electricity", "electric": "electricity",
    "water": "drinking_water", "wasser": "drinking_water", "pipe": "drinking_water",
    "pipes": "drinking_water", "gas": "gas", "heat": "heat", "waerme": "heat", "road": "road",
    "roads": "road", "strasse": "road", "rail": "rail", "railway": "rail", "bahn": "rail",
    "fibre": "communications", "telecom": "communications", "sewer": "waste_water",
}  # fmt: skip


def line_of(sheet: Sheet, row: int, value: Values, kind: str, shape: Any) -> None:
    """Take a drawn line as a link whose ends are tied later.

    Parameters
    ----------
    sheet
        The layer.
    row
        Place of the row in it.
    value
        What its cells say.
    kind
        Type of the line, empty where no cell tells.
    shape
        Its course in degrees.
    """
    service = (
        sheet.recipe.get("service")
        or service_of(value.get("service"))
        or CARRIES.get(kind)
        or _by_words(sheet.layer.name)
        or _by_words(sheet.layer.file)
    )
    if not service:
        sheet.report.left_out["a line, and nothing tells what it carries"] += 1
        return
    number = sheet.layer.table.numbers[row]
    for part, line in enumerate(shapely.get_parts(flat(shape))):
        coords = shapely.get_coordinates(line)
        if len(coords) < 2 or not np.isfinite(coords).all():
            sheet.report.left_out["a line without length"] += 1
            continue
        link_id = str(value.get("link_id") or value.get("asset_id") or "") or (
            f"{sheet.layer.file.split('.')[0]}/{sheet.layer.name}/{number}"
        )
        link_id = link_id if not part else f"{link_id}-{part + 1}"
        ends = tuple(tuple(float(c) for c in coords[i]) for i in (0, -1))
        link = replace(
            _link_values(sheet, link_id, "", "", str(service), value),
            length_m=value.get("length_m") or round(_metres(coords), 1), geometry=line,
        )  # fmt: skip
        sheet.staged.loose.append((link, ends[0], ends[1]))  # type: ignore[arg-type]
    sheet.report.read += 1


def _metres(coords: NDArray[np.float64]) -> float:
    from pyproj import Geod

    return float(Geod(ellps="WGS84").line_length(coords[:, 0], coords[:, 1]))


def _by_words(name: str) -> str:
    words = {plain(w) for w in re.findall(r"[^\W\d_]+", name)}
    return next((service for word, service in _LINE_WORDS.items() if word in words), "")


def _link_values(
    sheet: Sheet, link_id: str, from_id: str, to_id: str, service: str, value: Values
) -> Link:
    return Link(
        link_id, from_id, to_id, service,
        directed=bool(value.get("directed")),
        capacity=value.get("capacity"),
        length_m=value.get("length_m"),
        voltage_kv=value.get("voltage_kv"),
        name=str(value.get("name") or ""),
        tlp=value.get("tlp") or "",
        confidence=str(value.get("confidence") or "A"),
        source=str(value.get("source") or "") or sheet.layer.file,
    )  # fmt: skip


def links_of(sheet: Sheet, values: Mapping[int, Values]) -> None:
    """Take rows that name two ends as links."""
    table = sheet.layer.table
    seen: dict[str, int] = {}
    for row, number in enumerate(table.numbers):
        value = values[row]
        if sheet.findings.has(table, number):
            sheet.report.left_out["a cell cannot be read"] += 1
            continue
        from_id, to_id = (str(value.get(f) or "").strip() for f in ("from_id", "to_id"))
        shape = sheet.shapes[row] if sheet.shapes is not None else None
        service = (
            sheet.recipe.get("service") or service_of(value.get("service"))
            or CARRIES.get(type_of(str(value.get("asset_type") or "")) or "")
            or _by_words(sheet.layer.name) or _by_words(sheet.layer.file)
        )  # fmt: skip
        if not from_id or not to_id or not service:
            why = "an end is missing" if service else "nothing tells what it carries"
            sheet.report.left_out[why] += 1
            continue
        link_id = str(value.get("link_id") or value.get("asset_id") or "") or (
            f"{sheet.layer.file.split('.')[0]}/{number}"
        )
        if link_id in seen:
            text = f"the id '{link_id}' is there twice (first in {table.unit} {seen[link_id]})."
            sheet.findings.row(table, number, "link_id", text, "twice")
            continue
        seen[link_id] = number
        link = _link_values(sheet, link_id, from_id, to_id, str(service), value)
        if shape is not None and is_line(shape):
            link = replace(link, geometry=flat(shape))
        sheet.staged.links.append(link)
        sheet.remember(number, link_id, from_id, "from_id")
        sheet.remember(number, link_id, to_id, "to_id")
        sheet.report.read += 1


def dependencies_of(sheet: Sheet, values: Mapping[int, Values]) -> None:
    """Take rows of consumer and supplier as needs; rows of one group belong together."""
    grouped: dict[str, list[Values]] = defaultdict(list)
    for row, number in enumerate(sheet.layer.table.numbers):
        value = values[row]
        consumer, supplier = (str(value.get(f) or "").strip() for f in
                              ("consumer_id", "supplier_id"))  # fmt: skip
        if sheet.findings.has(sheet.layer.table, number) or not consumer or not supplier:
            sheet.report.left_out["consumer or supplier is missing"] += 1
            continue
        service = service_of(value.get("service")) or "electricity"
        group = str(value.get("group_id") or "") or f"declared/{consumer}/{service}"
        grouped[group].append({**value, "service": service})
        sheet.remember(number, consumer, supplier, "supplier_id")
        sheet.remember(number, "", consumer, "consumer_id")
        sheet.report.read += 1
    for group_id, parts in grouped.items():
        first = parts[0]
        sheet.staged.groups.append(
            Group(
                group_id, str(first["consumer_id"]), first["service"],
                tuple({
                    str(p["supplier_id"]): Supplier(str(p["supplier_id"]), p.get("share"))
                    for p in parts
                }.values()),
                kind=first["kind"] if first.get("kind") in
                ("physical", "cyber", "geographic", "logical") else "physical",
                k=int(first.get("k") or 1),
                min_supply_fraction=first.get("min_supply_fraction"),
                autonomy_h=first.get("autonomy_h") or 0.0,
                recharge_h=first.get("recharge_h") or 0.0,
                restart_h=first.get("restart_h") or 0.0,
                loss=1.0 if first.get("loss") is None else first["loss"],
                confidence="A", source=sheet.layer.file,
            )
        )  # fmt: skip


def flows_of(sheet: Sheet, values: Mapping[int, Values]) -> None:
    """Take supply and demand of assets that stand elsewhere."""
    for row, number in enumerate(sheet.layer.table.numbers):
        value = values[row]
        asset_id, service = str(value.get("asset_id") or ""), service_of(value.get("service"))
        if sheet.findings.has(sheet.layer.table, number) or not asset_id or not service:
            sheet.report.left_out["asset or service is missing"] += 1
            continue
        unit = str(value.get("unit") or "") or next(
            (sheet.by_field[f].unit for f in ("supply", "demand") if f in sheet.by_field), ""
        )
        sheet.staged.flows.append(
            Flow(asset_id, service, value.get("supply"), value.get("demand"), unit)
        )
        sheet.report.read += 1


def people_of(sheet: Sheet, values: Mapping[int, Values]) -> None:
    """Take rows as cells of people."""
    stem = sheet.layer.file.split(".")[0]
    for row, number in enumerate(sheet.layer.table.numbers):
        value = values[row]
        lon, lat = (float(c) for c in sheet.lonlat[row])
        people = value.get("people")
        if sheet.findings.has(sheet.layer.table, number) or np.isnan(lon) or not people:
            sheet.report.left_out["no people or no coordinates"] += 1
            continue
        sheet.staged.cells.append(
            Cell(
                str(value.get("cell_id") or "") or f"{stem}/{number}", round(people),
                round(lon, 5), round(lat, 5),
                str(value.get("municipality") or value.get("name") or ""),
                confidence="B", source=sheet.layer.file,
            )
        )  # fmt: skip
        sheet.report.read += 1
