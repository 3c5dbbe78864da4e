"""Curves as JSON and as lines: what the command ``curve`` prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from models.errors import BadInputError
from models.hazards.curves import F64, Curve, Points


def curve_plain(curve: Curve, ims: Sequence[str]) -> dict[str, Any]:
    """Return a curve as JSON has it, with its values at some intensities.

    Parameters
    ----------
    curve
        The curve. Where its table has a damage and a states curve of its id, both give values.
    ims
        Intensities as text, in its unit; of a curve by words, its words. None: at its points.

    Raises
    ------
    BadInputError
        What is no number, or no word of the curve.
    """
    at = _intensities(curve, ims) if ims else _own_points(curve)
    im = np.array(at, dtype=np.float64)
    plain: dict[str, Any] = {
        "id": curve.curve_id,
        "hazard": curve.hazard,
        "im": curve.im,
        "unit": curve.unit,
        "asset_type": curve.asset_type,
        "kind": curve.kind,
        "source": curve.source,
        "values": [],
    }
    for name in ("sheet", "component", "quantity", "confidence", "note", "lost_state"):
        if content := getattr(curve, name):
            plain[name] = content
    columns = dict(_columns(curve, im))
    if curve.also is not None:
        columns |= dict(_columns(curve.also, im))
        plain["also"] = curve.also.sheet
    for n, value in enumerate(at):
        shown = curve.categories[int(value)] if curve.categories else value
        row: dict[str, Any] = {"im": shown}
        if "damage" in columns:
            row["damage"] = _number(columns["damage"][n])
        states = {name: _number(some[n]) for name, some in columns.items() if name != "damage"}
        if states:
            row["p_states"] = states
        plain["values"].append(row)
    return plain


def _columns(curve: Curve, im: F64) -> Iterator[tuple[str, F64]]:
    damage = curve.damage(im)
    if damage is not None:
        yield "damage", damage
    yield from curve.p_states(im).items()


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _intensities(curve: Curve, texts: Sequence[str]) -> list[float]:
    found, problems = list[float](), list[str]()
    for text in texts:
        try:
            found.append(_intensity(curve, text))
        except BadInputError as error:
            problems += error.problems
    if problems:
        raise BadInputError(problems)
    return found


def _intensity(curve: Curve, text: str) -> float:
    names = [name.casefold() for name in curve.categories]
    if names:
        wanted = text.strip().casefold()
        if wanted in names:
            return float(names.index(wanted))
        listed = ", ".join(f"'{name}'" for name in curve.categories)
        raise BadInputError([f"--im {text}: curve '{curve.curve_id}' is by words: {listed}."])
    try:
        value = float(text)
    except ValueError:
        raise BadInputError([f"--im {text}: not a number."]) from None
    if not np.isfinite(value):
        raise BadInputError([f"--im {text}: not a finite number."])
    return value


def _own_points(curve: Curve) -> list[float]:
    """Return the intensities that a curve's table has; else some between none and all."""
    of = [response for response in curve.responses.values() if isinstance(response, Points)]
    if of:
        return sorted({x for response in of for x in response.x})
    top = max((getattr(r, "median", getattr(r, "half", getattr(r, "at", 1.0)))
               for r in curve.responses.values()), default=1.0)  # fmt: skip
    return [float(f"{top * step / 10:.6g}") for step in range(0, 31)]


def curve_lines(curves: Sequence[Curve]) -> Iterator[str]:
    """Say in a line each which curves there are."""
    width = max(len(curve.curve_id) for curve in curves)
    for curve in curves:
        about = "; ".join(text for text in (curve.asset_type, curve.component) if text)
        sheet = f"  {curve.sheet}" if curve.sheet else ""
        unit = f" ({curve.unit})" if curve.unit else ""
        yield f"{curve.curve_id:<{width}}{sheet}  {curve.hazard}  {curve.im}{unit}  {about}"


def curve_list(curves: Sequence[Curve]) -> list[dict[str, str]]:
    """Return the list of curves as JSON has it."""
    return [
        {
            "id": curve.curve_id,
            "hazard": curve.hazard,
            "sheet": curve.sheet,
            "im": curve.im,
            "unit": curve.unit,
            "asset_type": curve.asset_type,
            "kind": curve.kind,
        }
        for curve in curves
    ]
