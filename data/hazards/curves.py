"""The curves that come with the project, and those of a table of the user, by id."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from data.worlds.tables import hint
from models.errors import BadInputError
from models.hazards.curves import (
    Curve,
    CurveKind,
    Lognormal,
    Points,
    Power,
    Response,
    Sigmoid,
    Threshold,
)

if TYPE_CHECKING:
    from models.hazards.exposure import Defaults

FILE = Path(__file__).resolve().parent.parent / "knowledge" / "curves.csv"


@lru_cache(maxsize=1)
def embedded_curves() -> tuple[Curve, ...]:
    """Return the curves of the knowledge table, in its order."""
    rows: dict[str, list[dict[str, str]]] = {}
    for row in _rows():
        rows.setdefault(row["curve_id"], []).append(row)
    return tuple(_curve(some) for some in rows.values())


@lru_cache(maxsize=1)
def default_curves() -> Defaults:
    """Return the curve of each hazard and asset type where a scenario names none."""
    chosen = {row["curve_id"] for row in _rows() if row["is_default"] == "true"}
    return {
        (curve.hazard, curve.im, name): curve
        for curve in embedded_curves()
        if curve.curve_id in chosen
        for name in curve.asset_type.split("|")
    }


def curve_of_id(curve_id: str, table: Sequence[Curve] = ()) -> Curve:
    """Return the curve with an id: of a table of the user, else of those of the project.

    Parameters
    ----------
    curve_id
        Its id; ``SHEET/ID`` and ``ID#2`` tell apart what a table has under one id. Where it has
        a damage and a states curve of one id, the damage curve.
    table
        The curves of the user's table.

    Raises
    ------
    BadInputError
        No curve has this id.
    """
    sheet, _, rest = curve_id.rpartition("/")
    name, _, nth = rest.partition("#")
    among = table or embedded_curves()
    found = [c for c in among if c.curve_id == name and sheet in ("", c.sheet)]
    if not found and not table:
        base = {row["row_id"]: row["curve_id"] for row in _rows()}.get(name)
        found = [c for c in among if c.curve_id == base]
    if nth:
        found = found[int(nth) - 1 : int(nth)] if nth.isdecimal() and nth != "0" else []
    if not found:
        other = hint(name, {c.curve_id for c in among}, "'curve --list' lists them.")
        raise BadInputError([f"no curve '{curve_id}'. {other}"])
    return next((c for c in found if c.kind == "damage"), found[0])


def _rows() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _curve(rows: Sequence[Mapping[str, str]]) -> Curve:
    first = rows[0]
    kind: CurveKind = "states" if first["kind"] == "states" else "damage"
    repair = {
        row["state"]: (float(row["repair_mean_d"]), float(row["repair_sd_d"] or 0))
        for row in rows
        if row["repair_mean_d"]
    }
    return Curve(
        curve_id=first["curve_id"],
        hazard=first["hazard"],
        im=first["im"],
        unit=first["unit"],
        asset_type=first["asset_type"],
        kind=kind,
        responses={row["state"] or row["quantity"]: _response(row) for row in rows},
        source=first["source"],
        component=first["component"],
        quantity=first["quantity"],
        confidence=first["confidence"],
        note=first["note"],
        lost_state=first["lost_from"],
        repair_d=repair,
        derates=first["acts"] == "capacity",
    )


def _response(row: Mapping[str, str]) -> Response:
    form = row["form"]
    if form == "points":
        pairs = [point.split(":") for point in row["points"].split("|")]
        x, y = zip(*((float(a), float(b)) for a, b in pairs), strict=True)
        return Points(x, y)
    if form == "threshold":
        return Threshold(float(row["median"]))
    if form == "sigmoid":
        return Sigmoid(float(row["points"]), float(row["median"]), float(row["beta"]))
    if form == "power":
        return Power(float(row["median"]), float(row["beta"]))
    return Lognormal(float(row["median"]), float(row["beta"]))
