"""Proof by reruns that every reported cause is one, on random worlds and on pairs.

An event is a cause where it is a necessary element of a set of events that is by itself enough. So
each set that the trace gives is run, and each set that lacks one of its events.

    python -m tests.causes --worlds 10000       random worlds
    python -m tests.causes --pairs              all pairs of assets of the embedded region (hours)
    python -m tests.causes --pairs --part 3/16  every sixteenth of them, from the third on
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, islice

from models.cascade.timed.engine import run
from models.explain.causes import Case, smallest
from models.explain.damage import is_initiating
from models.explain.why import loss_row, why
from models.scenario import Event, Scenario
from models.units import to_ms
from models.world import World
from tests.strategies import large_case, with_links_and_measures

#: More initiating events than this in one random scenario are left out: reruns double with each.
MOST_EVENTS = 6


def random_case(seed: int) -> tuple[World, Scenario]:
    """Return a world and a scenario of at most ``MOST_EVENTS`` initiating events."""
    world, scenario = large_case(seed)
    scenario = with_links_and_measures(seed, world, scenario)
    begun = [n for n, event in enumerate(scenario.events) if is_initiating(event)]
    dropped = set(begun[MOST_EVENTS:])
    events = tuple(e for n, e in enumerate(scenario.events) if n not in dropped)
    return world, replace(scenario, events=events)


def audit(world: World, scenario: Scenario) -> Counter[str]:
    """Count losses, and those with a bystander, a wrong set, or a missed set."""
    case = Case(world, scenario, run(world, scenario))
    counts: Counter[str] = Counter()
    for asset, causes_found in case.causes_of_all().items():
        t_ms = case.outcome.assets[asset].first_loss_ms
        roots = [
            n for n, e in enumerate(scenario.events) if is_initiating(e) and to_ms(e.at_h) <= t_ms
        ]
        truth = smallest(roots, case.rerun(asset, t_ms))
        causes = {number for chosen in truth.sets for number in chosen}
        rows = {number for chosen in causes_found.sets for number in chosen}
        counts["losses"] += 1
        counts["bystander"] += bool(rows - causes)
        counts["wrong set"] += not set(causes_found.sets) <= set(truth.sets)
        counts["missed set"] += not set(truth.sets) <= set(causes_found.sets)
    return counts


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


def pairs(world: World) -> Iterator[Scenario]:
    """Yield the knock-out of each two assets, those first that lose most alone."""
    alone = {
        asset: len(run(world, Scenario(world.world_id, (Event(0, "fail", asset),))).assets)
        for asset in world.listed
    }
    ranked = sorted(alone, key=lambda asset: (-alone[asset], asset))
    for one, other in combinations(ranked, 2):
        yield Scenario(world.world_id, (Event(0, "fail", one), Event(0, "fail", other)))


def main() -> None:
    """Run one of the proofs and print its counts; exit with 1 where anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=0, metavar="N")
    parser.add_argument("--pairs", action="store_true")
    parser.add_argument("--part", default="1/1", metavar="I/N", help="every N-th case, from I on")
    arguments = parser.parse_args()
    part, parts = map(int, arguments.part.split("/"))
    cases: Iterator[tuple[World, Scenario]] = map(random_case, range(arguments.worlds))
    if arguments.pairs:
        from commands.shared import world_of_name

        region = world_of_name("neubrandenburg")
        cases = ((region, scenario) for scenario in pairs(region))
    counts: Counter[str] = Counter()
    for number, (world, scenario) in enumerate(islice(cases, part - 1, None, parts), start=1):
        counts += audit(world, scenario)
        if number % 100 == 0:
            print(number, dict(counts), file=sys.stderr)
    print(dict(counts))
    sys.exit(bool(counts["bystander"] or counts["wrong set"]))


if __name__ == "__main__":
    from data.cache.kernels import prepare_kernels

    prepare_kernels()
    main()
