"""Every pair of knock-outs of a world: what is named, against four runs of the engine.

Of two events there are four sets: none, each alone, both. The runs of single events are made once,
so one run a pair tells the truth about every loss of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from models.cascade.timed.engine import run
from models.explain.causes import Case, Set, checked
from models.explain.why import loss_row
from models.scenario import Event, Scenario
from models.world import World
from tests.cause_truth import Truth, judged, rows_of

NONE: Set = frozenset()
FIRST, SECOND, BOTH = frozenset((0,)), frozenset((1,)), frozenset((0, 1))


class Pairs:
    """A world, and what each of its listed assets does when it alone is knocked out at 0 h."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.nothing = rows_of(run(world, Scenario(world.world_id, ())))
        self.alone = {one: rows_of(run(world, self.scenario(one))) for one in world.listed}

    def scenario(self, *names: str) -> Scenario:
        """Return the knock-out of assets at 0 h, for good."""
        return Scenario(self.world.world_id, tuple(Event(0, "fail", name) for name in names))

    def names(self) -> Iterator[tuple[str, str]]:
        """Yield every pair once."""
        return combinations(self.world.listed, 2)

    def audit(self, one: str, other: str) -> Counter[str]:
        """Count the losses of a pair, and those with a bystander, a wrong or a missed set."""
        scenario = self.scenario(one, other)
        case = Case(self.world, scenario, run(self.world, scenario))
        rows = {NONE: self.nothing, FIRST: self.alone[one], SECOND: self.alone[other],
                BOTH: rows_of(case.outcome)}  # fmt: skip
        truth, roots, horizon = Truth(BOTH, rows.__getitem__), (0, 1), case.outcome.horizon_ms
        counts: Counter[str] = Counter()
        for asset in case.outcome.assets:
            first = loss_row(case.outcome, asset, None)
            latest = loss_row(case.outcome, asset, horizon)
            assert first is not None and latest is not None
            counts["losses"] += 1
            for row in (first,) if latest.t_ms == first.t_ms else (first, latest):
                counts += truth.sentence(case, row, roots)
            if case.lowest(asset, horizon) < 1:
                counts += judged(checked(case, asset, horizon), truth.of(asset, horizon, roots))
        return counts
