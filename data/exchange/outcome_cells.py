"""The cells of people in an outcome that is read from its file: what each lacked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from shapely.geometry import Point

from data.worlds.tables import GEOMETRY, LIST_SEPARATOR
from models.impact.cells import cell_courses
from models.outcome import Outcome
from models.units import to_hours, to_ms
from models.world import World

Record = dict[str, Any]


def cells_of(world: World, plain: Mapping[str, Any]) -> list[Record]:
    """Return the cells whose people ever lacked something, as rows with their places.

    ``lacking`` are the people at the cell's worst moment, ``services`` those that at least half of
    them lacked then or at another time, ``missing`` the most of these at one time.

    Parameters
    ----------
    world
        What the scenario ran in.
    plain
        What came of it, as ``outcome_plain`` returns it.
    """
    found = []
    for cell_id, course in cell_courses(world, _replayed(plain)).items():
        cell, worst = world.cells[cell_id], max(now.part for now in course)
        if worst <= 0.0:
            continue
        services = sorted({service for now in course for service in now.services})
        found.append(
            {
                "cell_id": cell_id,
                "municipality": cell.municipality,
                "people": cell.people,
                "lacking": round(cell.people * worst),
                "missing": max(len(now.services) for now in course),
                "services": LIST_SEPARATOR.join(services),
                "first_h": to_hours(next(now.t_ms for now in course if now.part > 0.0)),
                GEOMETRY: cell.geometry or Point(cell.lon, cell.lat),
            }
        )
    return found


def _replayed(plain: Mapping[str, Any]) -> Outcome:
    """Return levels and deliveries over time: the trace replays (format.md, *One outcome*)."""
    levels: dict[str, dict[int, float]] = defaultdict(dict)
    delivery: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for row in plain["trace"]:
        if row["asset"] is None:
            continue
        # of one moment, the last row is what is seen
        if row["service"] is None:
            levels[row["asset"]][to_ms(row["t_h"])] = row["to"]
        else:
            delivery[row["asset"], row["service"]][to_ms(row["t_h"])] = row["to"]
    return Outcome(
        horizon_ms=0,
        trace=(),
        assets={},
        states={},
        levels={asset: tuple(steps.items()) for asset, steps in levels.items()},
        delivery={pair: tuple(steps.items()) for pair, steps in delivery.items()},
        link_hits={},
    )
