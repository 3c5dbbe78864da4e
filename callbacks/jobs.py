"""What a worker process does. It holds one world; questions come as the text of a scenario."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from layouts.picture import picture
from layouts.words import Labels
from models.cascade.reference import run
from models.outcome import Outcome
from models.scenario import Scenario
from models.world import World


class _Held:
    """The one thing that a worker keeps: set once at its start, then only read."""

    world: World
    labels: Labels


def hold(world: World, labels: Labels) -> None:
    """Keep the world for all questions to come."""
    _Held.world, _Held.labels = world, labels
    _outcome.cache_clear()


def ready() -> bool:
    """Answer, to show that the worker has started."""
    return True


def draw(form: str) -> dict[str, Any]:
    """Return the picture of a scenario."""
    scenario, outcome = _outcome(form)
    return picture(_Held.world, scenario, outcome, _Held.labels)


@dataclass(frozen=True, slots=True)
class Why:
    """Why an asset is what it is: the explanation and the changes that would have kept it."""

    explanation: Any
    savings: tuple[Any, ...]


def why(form: str, asset_id: str) -> Why:
    """Explain one asset of a scenario."""
    from models import explain

    scenario, outcome = _outcome(form)
    return Why(
        explain.why(_Held.world, scenario, outcome, asset_id),
        explain.saving_changes(_Held.world, scenario, outcome, asset_id),
    )


@lru_cache(maxsize=16)
def _outcome(form: str) -> tuple[Scenario, Outcome]:
    scenario = Scenario.from_dict(json.loads(form))
    return scenario, run(_Held.world, scenario)
