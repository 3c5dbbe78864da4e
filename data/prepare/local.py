"""What is as it is for the people next door: needs of single assets, and demand by station."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from data.prepare.numbers import table, value
from data.prepare.people import Homes
from data.prepare.served import Served
from models.knowledge.rules import Override
from models.space.areas import to_metres
from models.world import Asset

#: rule, the types that it speaks about, the service of the homes next door that supplies them
AS_NEXT_DOOR = (
    ("D020", ("hospital",), "drinking_water"),
    ("D021", ("fire_station",), "drinking_water"),
    ("D091", ("hospital",), "heat"),
    ("D099", ("hospital",), "waste_water"),
)
NOTE = "supplied as the homes next door are"


def overrides(
    world: Mapping[str, Asset], homes: Homes, supply: Sequence[Served], crs: str
) -> list[Override]:
    """Return who supplies single assets: whoever serves the nearest home that is served at all.

    Parameters
    ----------
    world
        Assets by id.
    homes
        Where people live, in metres.
    supply
        Who serves them, by service.
    crs
        The projection that the homes are in.
    """
    owners = {supplier.service: supplier.owners for supplier in supply}
    found = []
    for rule_id, types, service in AS_NEXT_DOOR:
        served = np.flatnonzero(owners[service] != "")
        for asset in sorted(world.values(), key=lambda a: a.asset_id):
            if asset.asset_type in types:
                here = np.array(to_metres(crs).transform(asset.lon, asset.lat))
                near = served[np.hypot(*(homes.xy[served] - here).T).argmin()]
                supplier = str(owners[service][near])
                found.append(
                    Override("suppliers", supplier, rule_id, "", asset.asset_id, "D", NOTE)
                )
    return found


def demand(people_at: Mapping[str, int]) -> list[dict[str, object]]:
    """Return the rows of ``flows.csv``: electric demand by station, mean, night and evening peak.

    Parameters
    ----------
    people_at
        People by station.
    """
    mean = table()["kw_per_person"]
    rows: list[dict[str, object]] = []
    for station, people in sorted(people_at.items()):
        low, likely, high = (
            round(people * value(f"kw_per_person{end}") / 1000, 2) for end in ("_low", "", "_high")
        )
        rows.append(
            {
                "asset_id": station,
                "service": "electricity",
                "supply": None,
                "demand": likely,
                "demand_low": low,
                "demand_high": high,
                "unit": "MW",
                "confidence": mean.confidence,
                "source": f"{people} people; {mean.source}: {mean.note}",
            }
        )
    return rows
