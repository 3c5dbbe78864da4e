"""Commands that compute: run, ensemble, connectivity, screen, theory."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from math import isnan
from typing import TYPE_CHECKING, Any

from commands.shared import ROOT, progress, scenario_of, telling, world_of_name
from data.knowledge import reader as knowledge
from models.errors import BadInputError
from models.impact.comparison import MANY
from models.impact.consequences import lost_by_sector, restored_ms, special_users_lost
from models.impact.environment import spilled_m3
from models.outcome import Outcome
from models.units import hours_text, to_ms
from models.world import World

if TYPE_CHECKING:
    from models.criticality.connectivity import Connectivity
    from models.scenario import Scenario

MAX_RUNS, MAX_THREADS = 1_000_000, 256
#: How long a Dask scheduler may take to answer.
DASK_WAIT_S = 10


def run(arguments: argparse.Namespace) -> None:
    """Run one cascade and write or print its outcome."""
    from data.documents.outcomes import outcome_plain, outcome_text
    from data.documents.scenarios import scenario_warnings
    from data.exchange.replacing import replacing
    from models.cascade.once import run_once

    with progress("reading", 3) as step:
        world = world_of_name(arguments.world)
        scenario = scenario_of(arguments, world)
        step("computing")
        outcome = run_once(world, scenario)
        step("writing")
        plain = outcome_plain(world, scenario, outcome)
        text = outcome_text(plain)
        if arguments.out is not None:
            with replacing(arguments.out) as made:
                made.write_text(text, encoding="utf-8")
    for warning in scenario_warnings(scenario, world):
        print(f"note: {warning}", file=sys.stderr)
    if arguments.out is None:
        print(text, end="")
    else:
        summary = _summary(world, outcome, plain["people_distinct"])
        print(*summary, f"Written to {arguments.out}", sep="\n")


def ensemble(arguments: argparse.Namespace) -> None:
    """Run a scenario many times and print the summary."""
    from data.documents.ensembles import ensemble_lines, ensemble_plain
    from data.documents.outcomes import outcome_text
    from data.documents.scenarios import MAX_SEED, scenario_warnings
    from data.exchange.replacing import replacing
    from models.ensemble.ensemble import ensemble

    within("--runs", arguments.runs, 1, MAX_RUNS)
    within("--seed", arguments.seed, 0, MAX_SEED)
    within("--threads", arguments.threads, 1, MAX_THREADS)
    with progress("reading", 1):
        world = world_of_name(arguments.world)
        scenario = scenario_of(arguments, world)
        if arguments.seed is not None:
            scenario = replace(scenario, seed=arguments.seed)
    for warning in scenario_warnings(scenario, world, ensemble=True):
        print(f"note: {warning}", file=sys.stderr)
    with _runner(arguments) as runner, progress("computing", 1000) as step:

        def show_progress(done: int, chunks: int) -> None:
            step("computing", 1000 * done // chunks)

        result = ensemble(world, scenario, arguments.runs, runner=runner, progress=show_progress)
    print(*ensemble_lines(world, result), sep="\n")
    if arguments.out is not None:
        with replacing(arguments.out) as made:
            made.write_text(outcome_text(ensemble_plain(world, scenario, result)), encoding="utf-8")
        print(f"Written to {arguments.out}")


def within(name: str, number: int | None, low: int, high: int) -> None:
    """Refuse an option's number that is not between two bounds.

    Parameters
    ----------
    name
        Of the option.
    number
        What was given; None passes.
    low, high
        The bounds.

    Raises
    ------
    BadInputError
        If it is outside.
    """
    if number is not None and not low <= number <= high:
        raise BadInputError([f"{name} {number}: give a number from {low:,} to {high:,}."])


@contextmanager
def _runner(arguments: argparse.Namespace) -> Iterator[Any]:
    """Yield the runner of an ensemble: threads of this process, or the named Dask cluster."""
    from models.ensemble.job import on_cluster, on_threads

    if arguments.dask is None:
        yield on_threads(arguments.threads or os.cpu_count() or 1)
        return
    if arguments.threads is not None:
        raise BadInputError(["--threads: the workers of a Dask cluster have their own."])
    try:
        from distributed import Client, KilledWorker
    except ImportError:
        text = "--dask needs the package 'distributed': pip install -r requirements-dev.txt"
        raise BadInputError([text]) from None
    try:
        client = Client(arguments.dask, timeout=DASK_WAIT_S)
    except (OSError, ValueError) as error:
        raise BadInputError([f"--dask {arguments.dask}: no scheduler answers ({error})."]) from None
    with client:
        if not client.scheduler_info(n_workers=-1)["workers"]:
            raise BadInputError([f"--dask {arguments.dask}: the cluster has no worker."])
        try:
            yield on_cluster(client)
        except KilledWorker as error:
            text = f"--dask {arguments.dask}: workers were lost again and again ({error})."
            raise BadInputError([text]) from None


def connectivity(arguments: argparse.Namespace) -> None:
    """Measure what link networks have lost at an hour."""
    from data.documents.connectivity import connectivity_plain, connectivity_text
    from data.documents.scenarios import scenario_warnings
    from data.exchange.replacing import replacing
    from data.knowledge.synonyms import meanings
    from models.cascade.timed.engine import run
    from models.criticality.connectivity import connectivity, link_network, out_at
    from models.measures import with_measures

    with progress("reading", 2) as step:
        world = world_of_name(arguments.world)
        scenario = scenario_of(arguments, world)
        at_ms = hour_ms(arguments.at, scenario)
        # measures apply before 0 h, so both sides have them
        built = with_measures(world, scenario.measures)
        services = [arguments.service] if arguments.service is not None else built.link_services
        networks = [link_network(built, name, meanings("service", name)) for name in services]
        step("computing")
        out = out_at(run(world, scenario), at_ms)
    with progress("measuring", sum(network.batches for network in networks)) as step:
        results = [connectivity(net, *out, partial(step, net.service)) for net in networks]
    for warning in scenario_warnings(scenario, world):
        print(f"note: {warning}", file=sys.stderr)
    text = connectivity_text(connectivity_plain(results))
    if arguments.out is None:
        print(text, end="")
        return
    with replacing(arguments.out) as made:
        made.write_text(text, encoding="utf-8")
    print(
        *(_connectivity_line(result) for result in results), f"Written to {arguments.out}", sep="\n"
    )


def theory(arguments: argparse.Namespace) -> None:
    """Rerun published cases of other models."""
    from data.knowledge.theory_cases import theory_cases
    from models.theory.checks import check, described

    cases = theory_cases(arguments.cases)
    if arguments.list:
        width = max(len(case.case) for case in cases)
        print(*(f"{case.case:<{width}}  {case.title}" for case in cases), sep="\n")
        return
    all_findings = []
    with progress("computing", len(cases)) as step:
        for case in cases:
            all_findings.append((case, check(case)))
            step(case.case)
    print(*("\n".join(described(*pair)) for pair in all_findings), sep="\n\n")
    differ = [case.case for case, findings in all_findings if not all(f.agrees for f in findings)]
    print(f"\n{len(all_findings) - len(differ)} of {len(all_findings)} cases agree.")
    if differ:
        raise RuntimeError(f"these cases differ: {', '.join(differ)}")


def hour_ms(at_h: float | None, scenario: Scenario) -> int:
    """Return the moment of ``--at`` in ms, by default the scenario's end."""
    if at_h is None:
        return to_ms(scenario.horizon_h)
    if not 0 <= at_h <= scenario.horizon_h:
        raise BadInputError([f"--at {at_h:g}: must be from 0 h to the scenario's horizon, "
                             f"{scenario.horizon_h:g} h."])  # fmt: skip
    return to_ms(at_h)


def screen(arguments: argparse.Namespace) -> None:
    """Knock out every single asset, and rank them."""
    from data.cache.arrays import kept_arrays
    from data.documents.outcomes import outcome_text
    from data.documents.screenings import screening_lines, screening_plain
    from data.exchange.replacing import replacing
    from models.criticality.screening import pairs, singles

    with progress("reading", 1000) as step:
        world = world_of_name(arguments.world)
        arrays = kept_arrays(world, ROOT / "var" / "arrays")
        options = {"by": arguments.by, "horizon_h": arguments.horizon, "arrays": arrays}
        both = None
        if arguments.pairs:  # first: they may be refused
            both = pairs(world, **options, top=arguments.top, tell=telling(step, "pairs"))
        each = singles(world, **options, tell=telling(step, "single assets"))
        if arguments.out is not None:
            with replacing(arguments.out) as made:
                plain = screening_plain(world, each, both)
                made.write_text(outcome_text(plain), encoding="utf-8")
    print(*screening_lines(world, each, both, arguments.top), sep="\n")
    if arguments.out is not None:
        print(f"Written to {arguments.out}")


def _summary(world: World, outcome: Outcome, found: Mapping[str, Any]) -> Iterator[str]:
    """Say in a few lines what an outcome holds; ``found``: its people, each counted once."""
    sectors = lost_by_sector(world, outcome)
    direct = sum(count.direct for count in sectors.values())
    indirect = sum(count.indirect for count in sectors.values())
    yield f"{world.title}: {direct + indirect:,} assets lost or impaired"
    also = f" (and {len(outcome.link_hits):,} links)" if outcome.link_hits else ""
    yield f"  {direct:,} hit directly{also}, {indirect:,} by cascade"
    for sector, count in sectors.items():
        if count.direct + count.indirect:
            yield f"  {sector}: {count.direct} hit, {count.indirect} by cascade, of {count.total}"
    special = special_users_lost(world, outcome, _special_types())
    if special:
        yield f"  special users among them: {_named_types(world, special)}"
    if (back := restored_ms(outcome)) is not None and outcome.assets:
        yield f"  90 % of them back at {hours_text(back)}"
    yield from _people_lines(found)
    if spilled := spilled_m3(world, outcome):
        yield f"Sewage spilled untreated: {spilled:,.0f} m3"
    for deadlock in outcome.deadlocks:
        names = ", ".join(world.label(asset) for asset in deadlock.assets)
        broken = ", ".join(f"{x.service} at {world.label(x.asset)}" for x in deadlock.breaking)
        if deadlock.searched:
            most = "" if deadlock.smallest else "at most "
            yield f"Restart deadlock: {names}. Supply {most}{broken} to break it."
        else:
            yield f"Restart deadlock: {names}. There is too much to try to say what breaks it."


def _people_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Say who lacks something; ``found`` is ``people_distinct`` of an outcome's file."""
    if found["by_service"]:
        least = f", at least {found['at_least']:,}" if "at_least" in found else ""
        many = sum(n for missing, n in found["by_missing"].items() if int(missing) >= MANY)
        much = f", {many:,} of them {MANY} services or more" if many else ""
        yield f"People who lack something: {found['peak']:,} at the peak{least}{much}"
    for service, numbers in found["by_service"].items():
        hours = f"{numbers['person_hours']:,.0f} person-hours"
        needs = "".join(
            f", {n:,} because there is no {need} at home"
            for need, n in numbers["by_use_need"].items()
        )
        yield f"  {service}: {numbers['peak']:,} at the peak{needs}, {hours}"


def _connectivity_line(connectivity: Connectivity) -> str:
    """Return the losses of a link network in one line."""
    losses = {
        "complete": connectivity.ccl,
        "partial": connectivity.pcl,
        "weighted": connectivity.wcl,
        "efficiency": connectivity.el,
    }
    defined = {name: value for name, value in losses.items() if not isnan(value)}
    # adding 0.0 turns -0.0 into 0.0
    said = ", ".join(f"{name} {round(value, 3) + 0.0:.1%}" for name, value in defined.items())
    return f"{connectivity.network.service}: " + (f"{said} lost" if said else "joins nothing")


def _special_types() -> frozenset[str]:
    types = knowledge.asset_types().values()
    return frozenset(kind.asset_type for kind in types if kind.special_user)


def _named_types(world: World, assets: Iterable[str]) -> str:
    counts = Counter(world.assets[asset].asset_type for asset in assets)
    labels = knowledge.asset_types()
    return ", ".join(f"{labels[t].label.lower()} {n}" for t, n in sorted(counts.items()))
