"""Runs of the engine with some initiating events left out, to verify sets of causes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from models.cascade.timed.engine import run
from models.explain.damage import is_initiating
from models.outcome import Outcome, TraceRow
from models.scenario import Scenario
from models.world import World

#: Tolerance of comparisons of levels.
TOLERANCE = 1e-9


class Reruns:
    """Runs of a scenario with a subset of its initiating events; each is made once."""

    def __init__(self, world: World, scenario: Scenario) -> None:
        self.world, self.scenario = world, scenario
        self._made: dict[frozenset[int], dict[str, list[TraceRow]]] = {}
        self._outcomes: dict[frozenset[int], Outcome] = {}

    def lowest(
        self, chosen: frozenset[int], asset: str, t_ms: int, but: Collection[str | None] = ()
    ) -> float:
        """Return the lowest level or delivery of an asset at a moment.

        Parameters
        ----------
        chosen
            Positions of the initiating events that happen, in the scenario's ``events``.
        asset
            Its id.
        t_ms
            The moment, in milliseconds after the start.
        but
            Deliveries to leave out; None among them is the level.
        """
        return lowest(self._rows(chosen).get(asset, ()), t_ms, but)

    def facet(self, chosen: frozenset[int], row: TraceRow) -> float:
        """Return the value of a row's asset, delivery or link at the row's moment."""
        key = row.asset or f"link {row.link}"
        rows = [r for r in self._rows(chosen).get(key, ()) if r.service == row.service]
        return lowest(rows, row.t_ms)

    def _rows(self, chosen: frozenset[int]) -> dict[str, list[TraceRow]]:
        made = self._made.get(chosen)
        if made is None:
            made = self._made[chosen] = {}
            for row in self.outcome(chosen).trace:
                made.setdefault(row.asset or f"link {row.link}", []).append(row)
        return made

    def outcome(self, chosen: frozenset[int]) -> Outcome:
        """Return the outcome if of the initiating events only these happen."""
        outcome = self._outcomes.get(chosen)
        if outcome is None:
            events = tuple(
                event
                for number, event in enumerate(self.scenario.events)
                if number in chosen or not is_initiating(event)
            )
            scenario = replace(self.scenario, events=events, measures=())
            outcome = self._outcomes[chosen] = run(self.world, scenario)
        return outcome


def lowest(rows: Sequence[TraceRow], t_ms: int, but: Collection[str | None] = ()) -> float:
    """Return the lowest value of some rows of one asset at a moment.

    Parameters
    ----------
    rows
        In the order of the trace.
    t_ms
        The moment, in milliseconds after the start.
    but
        Deliveries to leave out; None among them is the level.
    """
    level: dict[str | None, float] = {}
    for row in rows:
        if row.t_ms > t_ms:
            break
        if row.service in but:
            continue
        if row.t_ms < t_ms:
            level[row.service] = row.after
        else:
            level[row.service] = min(level.get(row.service, row.before), row.after)
    return min(level.values(), default=1.0)
