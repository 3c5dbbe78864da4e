"""Proof by reruns that every reported cause is one, on random worlds and on pairs.

An event is a cause where it is a necessary element of a set of events that is by itself enough. So
each set that the trace gives is run, and each set that lacks one of its events.

    python -m tests.causes --worlds 10000       random worlds
    python -m tests.causes --pairs              all pairs of assets of the embedded region (25 min)
    python -m tests.causes --pairs --part 3/16  every sixteenth of them, from the third on
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from itertools import islice

from models.cascade.timed.engine import run
from models.explain.causes import Case
from models.explain.damage import is_initiating
from models.explain.why import loss_row, why
from models.scenario import Scenario
from models.units import to_ms
from models.world import World
from tests.cause_pairs import Pairs
from tests.cause_truth import WRONG, Rows, Truth, rows_of
from tests.cause_worlds import MOST_EVENTS, varied_case
from tests.strategies import large_case, with_links_and_measures


def random_case(seed: int) -> tuple[World, Scenario]:
    """Return a world and a scenario of at most ``MOST_EVENTS`` initiating events."""
    world, scenario = large_case(seed)
    scenario = with_links_and_measures(seed, world, scenario)
    begun = [n for n, event in enumerate(scenario.events) if is_initiating(event)]
    dropped = set(begun[MOST_EVENTS:])
    events = tuple(e for n, e in enumerate(scenario.events) if n not in dropped)
    return world, replace(scenario, events=events)


def audit(world: World, scenario: Scenario) -> Counter[str]:
    """Count losses, and those with a bystander, a wrong set, a wrong chain, or a missed set.

    Judged are the first loss of every asset, and the latest fall of each.
    """
    case = Case(world, scenario, run(world, scenario))
    begun = [(to_ms(e.at_h), n) for n, e in enumerate(scenario.events) if is_initiating(e)]
    truth = Truth(frozenset(n for _, n in begun), cache(partial(_rows, world, scenario)))
    counts: Counter[str] = Counter()
    for asset in case.outcome.assets:
        counts["losses"] += 1
        falls = [r for r in case.outcome.trace if r.asset == asset and r.after < r.before]
        first = loss_row(case.outcome, asset, None)
        assert first is not None
        for row in {first, falls[-1]}:
            counts += truth.sentence(case, row, [n for at, n in begun if at <= row.t_ms])
    return counts


def _rows(world: World, scenario: Scenario, chosen: frozenset[int]) -> Rows:
    kept = (e for n, e in enumerate(scenario.events) if n in chosen or not is_initiating(e))
    return rows_of(run(world, replace(scenario, events=tuple(kept))))


def root_is_cause(case: Case, asset: str) -> bool:
    """Whether the chain of the sentence begins with a cause, or without any event."""
    row = loss_row(case.outcome, asset, None)
    assert row is not None
    first = why(case, asset).chain[0]
    causes = case.causes(row).sets
    hit = {
        (case.scenario.events[n].asset, case.scenario.events[n].link)
        for chosen in causes
        for n in chosen
    }
    if first.kind == "direct" and first.asset == asset and frozenset() in causes:
        # hit at the very moment at which it falls without any event: it is told as hit itself
        # (docs/model.md, Causes), and the empty set is its only smallest one
        return True
    if first.kind != "direct":
        return frozenset() in causes or (first.asset, first.link) not in hit
    return (first.asset, first.link) in hit


def main() -> None:
    """Run one of the proofs and print its counts; exit with 1 where anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=0, metavar="N")
    parser.add_argument("--pairs", action="store_true")
    parser.add_argument("--part", default="1/1", metavar="I/N", help="every N-th case, from I on")
    arguments = parser.parse_args()
    part, parts = map(int, arguments.part.split("/"))
    counts: Counter[str] = Counter()
    cases = of_pairs() if arguments.pairs else of_worlds(arguments.worlds)
    for what, judge in islice(cases, part - 1, None, parts):
        wrong = judge()
        counts += wrong + Counter(cases=1)
        if any(wrong[kind] for kind in WRONG):
            print(what, dict(wrong), flush=True)
        if counts["cases"] % 1000 == 0:
            print(dict(counts), file=sys.stderr, flush=True)
    print(json.dumps({"part": arguments.part, **counts}))
    sys.exit(any(counts[kind] for kind in WRONG))


def of_pairs() -> Iterator[tuple[str, Callable[[], Counter[str]]]]:
    """Yield every pair of listed assets of the embedded region, and what judges it."""
    from commands.shared import world_of_name

    region = Pairs(world_of_name("neubrandenburg"))
    for one, other in region.names():
        yield f"{one} and {other}", partial(region.audit, one, other)


def of_worlds(number: int) -> Iterator[tuple[str, Callable[[], Counter[str]]]]:
    """Yield that many random worlds of each of two kinds, and what judges them."""
    for seed in range(number):
        yield f"random_case({seed})", lambda seed=seed: audit(*random_case(seed))  # type: ignore[misc]
        yield f"varied_case({seed})", lambda seed=seed: audit(*varied_case(seed))  # type: ignore[misc]


if __name__ == "__main__":
    from data.cache.kernels import prepare_kernels

    prepare_kernels()
    main()
