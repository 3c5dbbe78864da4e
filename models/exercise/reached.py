"""How far the people in the room have come: what of a scenario is still to come for them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.exercise import rules
from models.exercise.plan import Exercise
from models.exercise.run import Run

Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reached:
    """The hour that the room knows, and the ``held`` events that it was not told of yet.

    Those are events that the plan begins with. What an inject brings in, or somebody in the room
    does, is told, though it may be about a later hour.
    """

    hour: float
    held: Sequence[Plain] = ()

    @classmethod
    def of(cls, plan: Exercise, run: Run) -> Reached | None:
        """Return how far a run has come; None once it has ended: nothing is held back then."""
        if run.phase == "ended":
            return None
        hour = rules.known_h(run)
        events = plan.scenario.get("events", ())
        return cls(hour, tuple(event for event in events if float(event["at_h"]) > hour))

    def shown(self, events: Sequence[Plain]) -> list[int]:
        """Return the places of the events that the room may know of."""
        held = Counter(map(_key, self.held))
        places = []
        for place, event in enumerate(events):
            if held[_key(event)] > 0:
                held[_key(event)] -= 1
            else:
                places.append(place)
        return places

    def known(self, plain: Plain) -> dict[str, Any]:
        """Return a scenario without the events that are still to come."""
        events = plain.get("events", ())
        return {**plain, "events": [events[place] for place in self.shown(events)]}

    def up_to_now(self, plain: Plain) -> dict[str, Any]:
        """Return a scenario that ends at the hour that the room knows."""
        horizon_h = min(self.hour, float(plain["horizon_h"]))
        return {**self.known(plain), "horizon_h": horizon_h}


def _key(event: Plain) -> str:
    return json.dumps(event, sort_keys=True)
