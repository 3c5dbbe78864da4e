"""What measures save in the runs of an ensemble, by those who live alike.

All runs draw the same numbers with and without measures, so that what differs is their doing. The
loss of a run is in distinct person-hours: hours in which people lack at least one service at home,
each person once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from models.cascade.yes_or_no import BATCH
from models.ensemble.job import Job
from models.ensemble.sampling import lanes_of, with_values
from models.impact.people import moves, touched
from models.impact.settlement import Settlement, settlement_of
from models.outcome import Outcome
from models.risk.options import Bound, Case, Option
from models.scenario import Event
from models.units import to_hours, to_ms
from models.world import World

#: Person-hours lacking something, by the place of those who live alike.
Loss = Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Run:
    """One run: what happened, what became of it, and who lacked something for how long."""

    events: tuple[Event, ...]
    outcome: Outcome
    loss: Loss

    @property
    def total(self) -> float:
        """Return its distinct person-hours."""
        return sum(self.loss[place] for place in sorted(self.loss))


class Runs:
    """The runs of a case, with and without measures."""

    def __init__(self, case: Case, runs: int) -> None:
        self.case = case
        self.job = Job(case.world, case.scenario, runs)
        self.count = runs if self.job.varies else 1
        self.settlement: Settlement = settlement_of(case.world)
        self._hours: dict[tuple[object, ...], float] = {}
        self._worlds: dict[int, World] = {}

    @cached_property
    def base(self) -> tuple[Run, ...]:
        """Return all runs without measures."""
        return tuple(self.play((), range(self.count)))

    def play(
        self,
        options: Sequence[Option],
        numbers: Iterable[int],
        bound: Bound = "mode",
        step: Callable[[], None] = lambda: None,
    ) -> Iterable[Run]:
        """Yield some runs with some measures.

        Parameters
        ----------
        options
            What is taken.
        numbers
            Of the runs.
        bound
            Which value of its range each measure has.
        step
            Called after each run.
        """
        from models.cascade.timed.engine import run

        world, scenario = self.case.with_options(options, bound)
        job = Job(world, scenario, self.count)
        batches: dict[int, object] = {}
        for number in numbers:
            if options and not any(_bears(one, self.base[number]) for one in options):
                yield self.base[number]
                step()
                continue
            batch, lane = divmod(number, BATCH)
            if batch not in batches:
                batches[batch] = lanes_of(job.chances.rows(batch))
            happens = batches[batch][:, lane]  # type: ignore[index]
            events = job.chances.events(number, happens)
            lasting = self.case.lasting(self._drawn(number), options, bound)
            outcome = run(lasting, replace(scenario, events=events))
            yield Run(events, outcome, self._loss(outcome))
            step()

    def _drawn(self, number: int) -> World:
        """Return the world with the numbers of one run; the last few are kept."""
        if not self.job.draws.ranges:
            return self.case.world
        if number not in self._worlds:
            if len(self._worlds) > BATCH:
                self._worlds.clear()
            values = self.job.draws.values(number, 1)[0]
            self._worlds[number] = with_values(
                self.case.world, self.job.draws.ranges, values.tolist()
            )
        return self._worlds[number]

    def _loss(self, outcome: Outcome) -> Loss:
        found = {}
        for place in touched(self.settlement, outcome):
            neighbours = self.settlement.neighbours[place]
            courses = tuple(
                (
                    outcome.levels.get(one.asset_id),
                    outcome.delivery.get((one.asset_id, one.service)),
                )
                for one in neighbours.served
            )
            key = (place, courses)
            if key not in self._hours:
                self._hours[key] = self._lacking(place, outcome)
            if self._hours[key] > 0:
                found[place] = self._hours[key]
        return found

    def _lacking(self, place: int, outcome: Outcome) -> float:
        neighbours = self.settlement.neighbours[place]
        people = dict(neighbours.people).get("", 0)
        total, since, part = 0.0, 0, 0.0
        end = to_ms(self.case.scenario.horizon_h)
        for t_ms, _, after in moves(neighbours.served, self.case.world.use_needs, outcome):
            total += part * to_hours(min(t_ms, end) - since)
            since, part = min(t_ms, end), after.parts[0] if after.parts else 0.0
        return people * (total + part * to_hours(end - since))


def _bears(option: Option, run: Run) -> bool:
    """Whether a measure can change a run: at an asset that is never lost in it, it cannot."""
    if option.effect.subject not in ("asset", "need"):
        return True
    return option.subject in run.outcome.assets
