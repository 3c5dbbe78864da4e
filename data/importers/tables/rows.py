"""The rows of one layer: checked values by field, and where each row is on earth."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.importers.options import Options
from data.importers.tables.layers import Axes, Layer, places, shapes_in_degrees
from data.importers.tables.mapping import FIELDS, UNIT_OF, Mapped, units
from data.knowledge.reader import services
from data.knowledge.synonyms import meanings
from data.worlds.columns import Column
from data.worlds.spatial import flat, point_on
from data.worlds.tables import GEOMETRY, Findings, Values, rows
from models.imports.staged import LayerReport, Staged


@dataclass(slots=True)
class Sheet:
    """One layer on its way to staged tables."""

    layer: Layer
    recipe: Mapping[str, Any]
    options: Options
    findings: Findings
    staged: Staged
    report: LayerReport
    by_field: dict[str, Mapped]
    shapes: NDArray[Any] | None = None
    lonlat: NDArray[np.float64] = dataclasses.field(default_factory=lambda: np.zeros((0, 2)))

    @property
    def place(self) -> str:
        """Return what messages call the layer."""
        return self.layer.table.place

    def remember(self, number: int, whose: str, named: Any, field: str) -> None:
        """Keep where a row names others, for the finding that nobody is called so.

        Parameters
        ----------
        number
            Of the row in its file.
        whose
            Id of what the row is about.
        named
            The text of the cell; several names are separated.
        field
            The field of the cell.
        """
        mapped = self.by_field.get(field)
        for name in re.split(r"[|;,]", str(named or "")):
            if name.strip():
                header = mapped.header if mapped else None
                self.staged.said_in.setdefault((whose, name.strip()), (number, header))


def values_of(sheet: Sheet) -> dict[int, Values]:
    """Return the checked values of each row by its place in the table, by field."""
    table = sheet.layer.table
    columns: list[Column] = []
    factors: dict[str, tuple[str, float]] = {}
    for field, mapped in sheet.by_field.items():
        if field == GEOMETRY and table.geometries is not None:
            continue
        column = replace(FIELDS[field], name=mapped.header)
        if field in ("lon", "lat", "x", "y"):
            column = replace(column, low=None, high=None)
        if column.kind == "list":
            column = replace(column, kind="text", default="")
        columns.append(replace(column, required=False))
        factors[mapped.header] = (field, mapped.factor)
    bare = replace(table, geometries=None, cells=_without_units(sheet, table.cells))
    result: dict[int, Values] = {}
    if not columns:
        return {row: {} for row in range(len(table.numbers))}
    for row, (_, values) in enumerate(rows(bare, columns, sheet.findings)):
        result[row] = {}
        for header, value in values.items():
            field, factor = factors[header]
            is_number = isinstance(value, float) and factor != 1.0
            result[row][field] = value * factor if is_number else value
    return result


_WITH_UNIT = re.compile(r"^([+-]?[\d.,]+)\s*([^\d\s.,].{0,8})$")


def _without_units(
    sheet: Sheet, cells: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """Turn ``72 h`` and ``3 Tage`` into numbers of hours, ``305 MW`` into 305."""
    result = dict(cells)
    for field, mapped in sheet.by_field.items():
        target = UNIT_OF.get(field) or ("MW" if field in ("capacity", "supply", "demand") else None)
        if target is None or FIELDS[field].kind != "number":
            continue
        changed = []
        for cell in cells[mapped.header]:
            match = _WITH_UNIT.match(cell)
            to, factor = units().get(match[2].strip().casefold(), ("", 0.0)) if match else ("", 0)
            if match and to == target:
                number = match[1].replace(",", ".")
                with contextlib.suppress(ValueError):
                    cell = f"{float(number) * factor / mapped.factor:.12g}"
            changed.append(cell)
        result[mapped.header] = tuple(changed)
    return result


def lonlat_of(sheet: Sheet, values: Mapping[int, Values]) -> NDArray[np.float64]:
    """Return the place of each row, NaN where there is none."""
    count = len(sheet.layer.table.numbers)
    if sheet.shapes is None and GEOMETRY in sheet.by_field:
        parsed = tuple(values[row].get(GEOMETRY) for row in range(count))
        table = replace(sheet.layer.table, geometries=parsed)
        system = sheet.layer.system or "EPSG:4326"
        layer = Layer(sheet.layer.file, sheet.layer.kind, sheet.layer.name, table, system)
        sheet.shapes = shapes_in_degrees(layer, sheet.options, sheet.findings, sheet.staged)
    for x, y in (("lon", "lat"), ("x", "y")):
        if x in sheet.by_field and y in sheet.by_field:
            axes = Axes(
                np.array([_number(values[r].get(x)) for r in range(count)]),
                np.array([_number(values[r].get(y)) for r in range(count)]),
                sheet.by_field[x].header, sheet.by_field[y].header, x == "lon",
            )  # fmt: skip
            options = _with_epsg(sheet, values)
            result = places(sheet.layer, axes, options, sheet.findings, sheet.staged)
            if sheet.shapes is None:
                return result
            return np.where(np.isnan(result), _middles(sheet.shapes), result)
    if sheet.shapes is not None:
        return _middles(sheet.shapes)
    return np.full((count, 2), np.nan)


def _with_epsg(sheet: Sheet, values: Mapping[int, Values]) -> Options:
    """Return the options with the reference system that a column states."""
    stated = {str(v.get("epsg") or "").strip() for v in values.values()} - {""}
    if len(stated) == 1 and sheet.options.crs is None:
        code = stated.pop()
        return replace(sheet.options, crs=code if ":" in code else f"EPSG:{code}")
    return sheet.options


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")


def _middles(shapes: NDArray[Any]) -> NDArray[np.float64]:
    result = np.full((len(shapes), 2), np.nan)
    for row, shape in enumerate(shapes):
        if shape is not None and not shape.is_empty:
            spot = shape if shape.geom_type == "Point" else point_on(flat(shape))
            result[row] = (spot.x, spot.y)
    return result


def services_of(cell: Any) -> tuple[str, ...]:
    """Return the services that a cell lists, by our ids."""
    parts = (part.strip() for part in re.split(r"[|;,]", str(cell or "")))
    return tuple(sorted({s for part in parts if part and (s := service_of(part))}))


def service_of(cell: Any) -> str:
    """Return the service that a word means; the word itself where nobody knows it."""
    text = str(cell or "").strip()
    if not text or text in services():
        return text
    known = meanings("service", text)
    return known[0] if known else text
