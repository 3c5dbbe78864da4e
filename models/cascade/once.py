"""One cascade in a process that computes no other: by the engine that answers first."""

from __future__ import annotations

from models.outcome import Outcome
from models.scenario import Scenario
from models.world import World

#: up to so many assets, groups and links together, and events, the reference engine computes a
#: cascade faster than the compiled engine loads
SMALL_WORLD, FEW_EVENTS = 2_000, 50


def run_once(world: World, scenario: Scenario) -> Outcome:
    """Run one cascade; both engines have the same outcome.

    Raises
    ------
    UnknownIdError
        If a measure or event of the scenario names what the world does not have.
    """
    size = len(world.assets) + len(world.groups) + len(world.links)
    if size <= SMALL_WORLD and len(scenario.events) <= FEW_EVENTS:
        from models.cascade.reference import engine as by_reference

        return by_reference.run(world, scenario)
    from models.cascade.timed import engine as by_kernels

    return by_kernels.run(world, scenario)
