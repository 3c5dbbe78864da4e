"""The cascade engine: the rules of ``docs/model.md``, compiled; equal to the reference engine.

A world is prepared once and shared. The cost of a run depends on what the scenario changes, not on
the size of the world. ``run`` returns the whole outcome; ``solve`` only figures, for callers that
compute thousands of runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from models.cascade.arrays import F64, I32, I64, Array
from models.cascade.timed.arrays import NONE
from models.cascade.timed.outcome import outcome_of
from models.cascade.timed.prepared import Prepared, prepare
from models.outcome import Outcome
from models.scenario import Event, Scenario
from models.units import to_ms
from models.world import World


def run(world: World, scenario: Scenario) -> Outcome:
    """Run one cascade from 0 h to the scenario's horizon, both included.

    Raises
    ------
    UnknownIdError
        If a measure or event of the scenario names what the world does not have.
    """
    prepared = prepare(world, scenario.measures)
    horizon = to_ms(scenario.horizon_h)
    with prepared.run_state(tracing=True) as state:
        state.play(prepared.table(scenario.events), scenario.repairs == "typical", horizon)
        return outcome_of(prepared, state.live, state.deadlocks(), horizon)


def solve(
    prepared: Prepared, events: Iterable[Event] | Array, horizon_ms: int, *, typical: bool = False
) -> Solved:
    """Run one cascade for its figures only: no trace, no states, no deadlocks.

    Parameters
    ----------
    prepared
        The world, with its measures.
    events
        Events, or the table that ``prepared.table`` makes of them.
    horizon_ms
        When to stop, in ms, inclusive.
    typical
        Whether damage is repaired in its typical time (a scenario's ``repairs``).
    """
    from models.cascade.timed.figure_kernels import summary

    table = events if isinstance(events, np.ndarray) else prepared.table(events)
    with prepared.run_state(tracing=False) as state:
        state.play(table, typical, horizon_ms)
        figures = summary(prepared.ref, state.ref, prepared.settled_ref, prepared.areas, horizon_ms)
        return Solved(prepared, horizon_ms, *figures)


@dataclass(frozen=True, eq=False)
class Solved:
    """Figures of one cascade, for the k assets that the scenario changed.

    Parameters
    ----------
    assets
        Their numbers, [k].
    level_end, delivered_end
        Level, and lowest delivery of any service, at the horizon, [k].
    first_loss_ms, down_ms
        When level or delivery first fell (-1: never), and how long one of them was 0, [k].
    person_hours
        Per service of ``prepared.services``.
    """

    prepared: Prepared
    horizon_ms: int
    assets: I32
    level_end: F64
    delivered_end: F64
    first_loss_ms: I64
    down_ms: I64
    person_hours: F64

    def all_levels(self) -> F64:
        """Return the level of every asset at the horizon, [n]."""
        return self._all(self.prepared.settled.value[: self._size], self.level_end)

    def all_first_losses_ms(self) -> I64:
        """Return when every asset first fell, [n]; -1 for those that never did."""
        rows = self.prepared.settled.rows[: self.prepared.settled.tally[0]["rows"]]
        settled = np.full(self._size, NONE, np.int64)
        settled[rows["asset"]] = 0
        return self._all(settled, self.first_loss_ms)

    def all_down_ms(self) -> I64:
        """Return how long every asset's level or delivery was 0, [n]."""
        fixed, value = self.prepared.fixed, self.prepared.settled.value
        settled = np.where(value[: self._size] <= 0, self.horizon_ms, 0)
        settled[fixed.slot["asset"][value[self._size :] <= 0]] = self.horizon_ms
        return self._all(settled, self.down_ms)

    @property
    def _size(self) -> int:
        return len(self.prepared.arrays.ids)

    def _all(self, settled: Array, moved: Array) -> Array:
        all_values = settled.copy()
        all_values[self.assets] = moved
        return all_values
