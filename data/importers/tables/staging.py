"""What the rows of foreign layers become: assets, links, needs, flows, cells of people."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from data.importers.options import Options
from data.importers.tables.layers import Layer, shapes_in_degrees
from data.importers.tables.mapping import map_columns
from data.importers.tables.relations import (
    dependencies_of,
    flows_of,
    line_of,
    links_of,
    people_of,
)
from data.importers.tables.rows import Sheet, lonlat_of, service_of, services_of, values_of
from data.importers.tables.types import UNKNOWN, Types, type_of
from data.knowledge.reader import asset_types
from data.knowledge.synonyms import meanings, plain
from data.worlds.spatial import is_line
from data.worlds.tables import GEOMETRY, Findings, Values
from models.errors import BadInputError
from models.imports.staged import LayerReport, Staged
from models.knowledge.rules import Override
from models.scenario import MAX_ID
from models.world import Asset, Flow, Group, Supplier

KINDS = ("assets", "links", "dependencies", "flows", "people")
MAX_COLUMNS = 2_000
_FORMULA = ("=", "+", "@")


def stage(layers: Sequence[Layer], options: Options) -> Staged:
    """Return what the layers of a file hold as staged tables.

    Parameters
    ----------
    layers
        Of one file.
    options
        Reference system, recipe, and where the other files lie.

    Raises
    ------
    BadInputError
        With a line for each row that cannot be read, unless the recipe says ``bad_rows``:
        ``leave_out``.
    """
    staged, findings = Staged(), Findings()
    for layer in layers:
        _layer(layer, options, findings, staged)
    findings.close()
    for text in findings.warnings:
        staged.find(layers[0].file if layers else "", text)
    if findings.problems:
        if options.recipe.get("bad_rows") != "leave_out":
            raise BadInputError(findings.problems)
        for text in findings.problems:
            staged.find(layers[0].file, text, offer="Correct the row and import again.")
    spots = [(a.lon, a.lat) for a in staged.assets.values()]
    spots += [(c.lon, c.lat) for c in staged.cells]
    if spots:
        low, high = np.min(spots, axis=0), np.max(spots, axis=0)
        staged.bbox = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return staged


def _layer(layer: Layer, options: Options, findings: Findings, staged: Staged) -> None:
    table = layer.table
    if len(table.cells) > MAX_COLUMNS:
        findings.problem(
            table.place, f"has {len(table.cells):,} columns; up to {MAX_COLUMNS:,} are read. "
            "Keep the columns that say something about the assets.",
        )  # fmt: skip
        return
    recipe = _recipe_of(layer, options)
    report = LayerReport(layer.file, layer.kind, layer.name, rows=len(table.numbers))
    staged.layers.append(report)
    if recipe.get("skip") and options.peek is None:
        report.left_out["the recipe skips this layer"] = report.rows
        return
    mapped = map_columns(list(table.cells), recipe, table.place)
    sheet = Sheet(layer, recipe, options, findings, staged, report, {m.field: m for m in mapped})
    if options.peek is not None:
        options.peek(layer, recipe, mapped, str(recipe.get("kind") or _kind(sheet)))
        return
    sheet.shapes = shapes_in_degrees(layer, options, findings, staged)
    kind = recipe.get("kind") or _kind(sheet)
    if kind not in KINDS:
        text = f"the recipe says kind '{kind}'. It is one of {', '.join(KINDS)}."
        raise BadInputError([f"{table.place}: {text}"])
    values = values_of(sheet)
    sheet.lonlat = lonlat_of(sheet, values)
    {"assets": _assets, "links": links_of, "dependencies": dependencies_of, "flows": flows_of,
     "people": people_of}[kind](sheet, values)  # fmt: skip
    _tell_formulas(sheet)


def _recipe_of(layer: Layer, options: Options) -> Mapping[str, Any]:
    """Return the part of the recipe for a layer: its own, over what holds for all."""
    every = options.recipe
    layers = every.get("layers", {})
    if not isinstance(layers, dict):
        raise BadInputError(["the recipe's 'layers' is no object."])
    own = layers.get(layer.name) or layers.get(layer.file) or {}
    if not isinstance(own, dict):
        raise BadInputError([f"the recipe says of layer '{layer.name}' what is no object."])
    columns = every.get("columns", {})
    own_columns = own.get("columns", {})
    if not isinstance(columns, dict) or not isinstance(own_columns, dict):
        raise BadInputError(["the recipe's 'columns' is no object."])
    return {**every, **own, "columns": {**columns, **own_columns}}


def _kind(sheet: Sheet) -> str:
    fields = set(sheet.by_field)
    if {"consumer_id", "supplier_id"} <= fields:
        return "dependencies"
    if {"from_id", "to_id"} <= fields:
        return "links"
    if "people" in fields and not fields & {"asset_type", "asset_id", "service", "supplier_id"}:
        return "people"
    has_place = sheet.layer.table.geometries is not None or fields & {"lon", "x", GEOMETRY}
    if {"asset_id", "service"} <= fields and fields & {"supply", "demand"} and not has_place:
        return "flows"
    return "assets"


# --- assets ------------------------------------------------------------------------------------


def _assets(sheet: Sheet, values: Mapping[int, Values]) -> None:
    types = Types(sheet)
    table, staged = sheet.layer.table, sheet.staged
    seen: dict[str, int] = {}
    for row, number in enumerate(table.numbers):
        value = values[row]
        shape = sheet.shapes[row] if sheet.shapes is not None else None
        if shape is not None and is_line(shape):
            line_of(sheet, row, value, type_of(str(value.get("asset_type") or "")) or "", shape)
            continue
        kind = types.of(row, value)
        if sheet.findings.has(table, number):
            sheet.report.left_out["a cell cannot be read"] += 1
            continue
        lon, lat = (float(c) for c in sheet.lonlat[row])
        if np.isnan(lon):
            sheet.report.left_out["no coordinates"] += 1
            continue
        asset_id = _id(sheet, value, number)
        if asset_id in seen or asset_id in staged.assets:
            first = f" (first in {table.unit} {seen[asset_id]})" if asset_id in seen else ""
            header = (
                sheet.by_field["asset_id"].header if "asset_id" in sheet.by_field else "asset_id"
            )
            sheet.findings.row(table, number, header, f"the id '{asset_id}' is there twice{first}.",
                             "twice")  # fmt: skip
            sheet.report.left_out["the id is there twice"] += 1
            continue
        seen[asset_id] = number
        _asset(sheet, asset_id, kind, value, (lon, lat), shape)
        sheet.remember(number, asset_id, value.get("supplier_id"), "supplier_id")
        sheet.report.read += 1
    types.tell()
    if missing := sheet.report.left_out["no coordinates"]:
        staged.find(sheet.layer.file, f"{missing} rows have no coordinates and are left out.",
                    offer="Add columns lon and lat.")  # fmt: skip


def _id(sheet: Sheet, value: Values, number: int) -> str:
    stated = str(value.get("asset_id") or "").strip()
    if stated:
        return stated
    stem = sheet.layer.file.split(".")[0]
    middle = "" if sheet.layer.name in (stem, sheet.layer.file, "") else f"/{sheet.layer.name}"
    return f"{stem}{middle}/{number}"[:MAX_ID]


def _asset(
    sheet: Sheet, asset_id: str, kind: str, value: Values, lonlat: tuple[float, float],
    shape: Any,
) -> None:  # fmt: skip
    known = asset_types().get(kind)
    sector = known.display_sector if known else _sector(str(value.get("sector") or ""))
    capacity = value.get("capacity")
    mapped = sheet.by_field.get("capacity")
    unit = str(value.get("unit") or "") or (mapped.unit if mapped and capacity is not None else "")
    source = str(value.get("source") or "") or f"{sheet.layer.file}, {sheet.layer.table.unit} "
    if source.endswith(" "):
        source += asset_id.rsplit("/", 1)[-1] if not value.get("asset_id") else asset_id
    repair = value.get("repair_h")
    sheet.staged.assets[asset_id] = Asset(
        asset_id,
        str(value.get("name") or ""),
        kind,
        sector,
        round(lonlat[0], 6),
        round(lonlat[1], 6),
        provides=services_of(value.get("provides")),
        source_of=services_of(value.get("source_of")),
        capacity=capacity,
        unit=unit,
        repair_h=repair if repair is not None else known.repair_h if known else None,
        restart_h=value.get("restart_h") or 0.0,
        black_start=bool(value.get("black_start")),
        operator=str(value.get("operator") or ""),
        contact=str(value.get("contact") or ""),
        product=str(value.get("product") or ""),
        tlp=value.get("tlp") or "",
        confidence=str(value.get("confidence") or "A"),
        source=source,
        note=str(value.get("note") or ""),
        geometry=shape if shape is not None and shape.geom_type != "Point" else None,
    )
    _facts(sheet, asset_id, kind, value)
    _own_needs(sheet, asset_id, value)


def _facts(sheet: Sheet, asset_id: str, kind: str, value: Values) -> None:
    facts: dict[str, str] = {}
    fuel = plain(str(value.get("fuel") or ""))
    if fuel and kind in ("power_plant", "heat_plant"):
        facts["plant:source"] = "gas" if "gas" in fuel.split() or fuel == "erdgas" else fuel
    if value.get("voltage_kv"):
        facts["voltage"] = f"{value['voltage_kv'] * 1000:.0f}"
    if facts:
        sheet.staged.facts[asset_id] = facts


def _own_needs(sheet: Sheet, asset_id: str, value: Values) -> None:
    """Take what an asset's row says of its supply: who, and for how long it does without."""
    service = service_of(value.get("service")) or "electricity"
    hours = value.get("autonomy_h")
    suppliers = tuple(
        s.strip() for s in re.split(r"[|;,]", str(value.get("supplier_id") or "")) if s.strip()
    )
    if suppliers:
        sheet.staged.groups.append(
            Group(
                f"declared/{asset_id}/{service}", asset_id, service,
                tuple(Supplier(s) for s in dict.fromkeys(suppliers)),
                autonomy_h=hours or 0.0, confidence="A", source=sheet.layer.file,
            )
        )  # fmt: skip
    elif hours is not None:
        sheet.staged.overrides.append(
            Override("autonomy_h", f"{hours:g}", "", service, asset_id, "A",
                     f"hours stated in {sheet.layer.file}")
        )  # fmt: skip
    supply, demand = value.get("supply"), value.get("demand")
    if supply is not None or demand is not None:
        fields = [sheet.by_field[name] for name in ("supply", "demand") if name in sheet.by_field]
        unit = str(value.get("unit") or "") or next((f.unit for f in fields if f.unit), "")
        sheet.staged.flows.append(Flow(asset_id, service, supply, demand, unit))


def _sector(text: str) -> str:
    known = meanings("sector", text) if text else ()
    return known[0] if known else text or UNKNOWN


def _tell_formulas(sheet: Sheet) -> None:
    """Say which texts a spreadsheet program would run; here they are texts and stay so."""
    for field in ("name", "operator", "note", "contact", "product"):
        mapped = sheet.by_field.get(field)
        if mapped is None:
            continue
        cells = sheet.layer.table.cells[mapped.header]
        for number, cell in zip(sheet.layer.table.numbers, cells, strict=True):
            if cell.startswith(_FORMULA) and len(cell) > 1 and not cell[1:].strip().isdigit():
                sheet.staged.find(
                    sheet.layer.file, "a text that a spreadsheet would run as a formula is kept as "
                    "a text.", number, mapped.header,
                )  # fmt: skip
                break
