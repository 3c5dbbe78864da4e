"""A warning about an area and an hour, in the terms of the Common Alerting Protocol 1.2.

``data/exchange/cap.py`` writes it as XML. The sender decides its severity: a model that relies on
assumptions must not.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import shapely
from shapely.geometry import MultiPoint, Polygon

from models.errors import BadInputError
from models.wording import _
from models.world import World

Status = Literal["Actual", "Exercise", "System", "Test", "Draft"]
Urgency = Literal["Immediate", "Expected", "Future", "Past", "Unknown"]
Severity = Literal["Extreme", "Severe", "Moderate", "Minor", "Unknown"]
Certainty = Literal["Observed", "Likely", "Possible", "Unlikely", "Unknown"]
Spot = tuple[float, float]

#: Buffer around affected assets (degrees, about 100 m), and most corners of the area.
AROUND, CORNERS = 0.001, 60


@dataclass(frozen=True, slots=True)
class Alert:
    """One message; ``polygon`` is a closed ring of (lon, lat).

    ``language``: of event, headline, description, instruction and area.
    """

    identifier: str
    sender: str
    sent: str
    headline: str
    description: str
    area: str
    polygon: tuple[Spot, ...]
    event: str = "Infrastructure failure"
    language: str = "en"
    status: Status = "Exercise"
    urgency: Urgency = "Unknown"
    severity: Severity = "Unknown"
    certainty: Certainty = "Unknown"
    instruction: str = ""
    restriction: str = ""
    note: str = ""
    run_id: str = ""


def around(world: World, assets: Collection[str]) -> tuple[Spot, ...]:
    """Return a ring around assets; without any, around the whole region.

    Raises
    ------
    BadInputError
        If the region has no places.
    """
    chosen = [world.assets[a] for a in assets] or [world.assets[a] for a in world.listed]
    if not chosen:
        raise BadInputError([_("This world has no asset, so there is no area to warn of.")])
    hull = MultiPoint([(a.lon, a.lat) for a in chosen]).convex_hull.buffer(AROUND, quad_segs=2)
    step = 0.0
    while len(hull.exterior.coords) > CORNERS:
        step = 2 * step or 1e-4
        hull = shapely.simplify(hull, step)
    return ring(hull)


def ring(polygon: Polygon) -> tuple[Spot, ...]:
    """Return the outer ring, to 10 m, closed."""
    return tuple((round(x, 4), round(y, 4)) for x, y, *_ in polygon.exterior.coords)
