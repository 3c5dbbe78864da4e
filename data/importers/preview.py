"""What files are, before anything is made of them: kind, layers, columns, first rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from data.importers.options import Options
from data.importers.population import is_raster
from data.importers.registry import importer_of
from data.importers.tables.layers import Layer
from data.importers.tables.mapping import FIELDS, KEEPS_UNIT, UNIT_OF, Mapped
from models.errors import BadInputError

#: What is shown of a table.
MAX_ROWS, MAX_COLUMNS, MAX_LAYERS, MAX_CELL = 5, 60, 50, 80
_TABLES = "data.importers.tables."
_HALF_TURN = 180.0


def preview(path: Path, options: Options) -> dict[str, Any]:
    """Return what a file is recognised as, and its tables with the guess of their columns.

    Parameters
    ----------
    path
        The file.
    options
        The recipe so far, and the reference system.

    Returns
    -------
    ``kind`` as words, ``layers`` of tables, ``problems`` where it cannot be read.
    """
    if is_raster(path):
        return _entry("raster of people")
    layers: list[dict[str, Any]] = []

    def peek(layer: Layer, recipe: Mapping[str, Any], mapped: Sequence[Mapped], kind: str) -> None:
        if len(layers) < MAX_LAYERS:
            layers.append(_layer(layer, recipe, mapped, kind, options))

    try:
        importer = importer_of(path)
        kind = type(importer).__name__
        if type(importer).__module__.startswith(_TABLES):
            importer.tables(path, replace(options, peek=peek))
            kind = layers[0]["kind_of_file"] if layers else kind
    except BadInputError as error:
        return _entry("unknown", problems=[p.replace("--crs EPSG:n", "EPSG:n")
                                           for p in error.problems[:20]])  # fmt: skip
    return _entry(kind, layers)


def _entry(
    kind: str, layers: Sequence[Mapping[str, Any]] = (), problems: Sequence[str] = ()
) -> dict[str, Any]:
    return {"kind": kind, "layers": list(layers), "problems": list(problems)}


def _layer(
    layer: Layer, recipe: Mapping[str, Any], mapped: Sequence[Mapped], kind: str, options: Options
) -> dict[str, Any]:
    table = layer.table
    by_header = {m.header: m for m in mapped}
    headers = list(table.cells)[:MAX_COLUMNS]
    return {
        "kind_of_file": layer.kind, "layer": layer.name, "rows": len(table.numbers),
        "becomes": kind, "skip": bool(recipe.get("skip")),
        "needs_crs": _needs_crs(layer, mapped, options), "crs": layer.system or options.crs or "",
        "has_shapes": table.geometries is not None,
        "columns": [_column(header, by_header.get(header)) for header in headers],
        "columns_not_shown": max(0, len(table.cells) - MAX_COLUMNS),
        "first_rows": [
            [table.cells[h][row][:MAX_CELL] for h in headers]
            for row in range(min(MAX_ROWS, len(table.numbers)))
        ],
    }  # fmt: skip


def _column(header: str, mapped: Mapped | None) -> dict[str, Any]:
    if mapped is None:
        return {"header": header, "field": None, "how": "unknown", "factor": 1.0, "unit": ""}
    unit = mapped.unit or UNIT_OF.get(mapped.field, "")
    return {"header": header, "field": mapped.field, "how": mapped.how, "factor": mapped.factor,
            "unit": unit}  # fmt: skip


def _needs_crs(layer: Layer, mapped: Sequence[Mapped], options: Options) -> bool:
    """Whether the coordinates are no degrees and nothing says what they are."""
    if layer.system or options.crs or options.recipe.get("crs"):
        return False
    fields = {m.field: m.header for m in mapped}
    if "epsg" in fields:
        return False
    largest = 0.0
    for name in ("x", "lon"):
        if name in fields:
            largest = max(largest, _largest(layer.table.cells[fields[name]]))
    for shape in layer.table.geometries or ():
        if shape is not None and not shape.is_empty:
            largest = max(largest, float(np.max(np.abs(shape.bounds))))
    return largest > _HALF_TURN


def _largest(cells: Sequence[str]) -> float:
    largest = 0.0
    for cell in cells[:1_000]:
        try:
            number = abs(float(cell.replace(",", ".")))
        except ValueError:
            continue
        largest = max(largest, number) if np.isfinite(number) else largest
    return largest


def fields() -> list[str]:
    """Return the fields that a column can be mapped to."""
    return sorted(FIELDS)


def fields_with_units() -> list[str]:
    """Return the fields whose numbers have a unit."""
    return sorted({*UNIT_OF, *KEEPS_UNIT})
