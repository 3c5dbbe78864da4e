"""The listed generating units of the region: what is kept of the table of power plants."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from data.prepare import osm, tables
from data.prepare.numbers import value

DIGITS = 5


def generation(kept: Path, powerplants: Path | None, extract: osm.Extract) -> list[dict[str, str]]:
    """Return the region's listed units, written anew where the list is at hand.

    Parameters
    ----------
    kept
        What is kept of the list.
    powerplants
        The list itself; None where it is not at hand.
    extract
        Whose box counts.
    """
    if powerplants:
        tables.write_rows(kept, _plants(powerplants, extract))
    return tables.read_rows(kept)


def _plants(path: Path, extract: osm.Extract) -> list[dict[str, object]]:
    """Return the listed plants and units inside the box, large and old enough."""
    table = pd.read_csv(path)
    west, south, east, north = extract.bounds
    inside = table["lon"].between(west, east) & table["lat"].between(south, north)
    state = table["DateIn"].isna() | (table["DateIn"] <= value("latest_unit_year"))
    kept = table[inside & state & (table["Capacity"] >= value("least_unit_mw"))].sort_values("id")
    return [
        {
            "id": int(row["id"]),
            "fuel": row["Fueltype"],
            "technology": "" if pd.isna(row["Technology"]) else row["Technology"],
            "capacity_mw": round(float(row["Capacity"]), 3),
            "year": "" if pd.isna(row["DateIn"]) else int(row["DateIn"]),
            "lon": round(float(row["lon"]), DIGITS),
            "lat": round(float(row["lat"]), DIGITS),
        }
        for row in kept.to_dict("records")
    ]
