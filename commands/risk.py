"""Commands ``decide``, ``economy``, ``best-set`` and ``ground-motion``: numbers for a decision."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: Every run of ``measures`` is repeated with each measure.
MOST_MEASURED = 2_000


def decide(arguments: argparse.Namespace) -> None:
    """Compare options on several criteria."""
    from data.documents.decisions import decision_plain, read_table
    from models.risk.decisions import criteria_weights, ranks, scores
    from models.risk.flips import flips

    table = read_table(arguments.table)
    weights = criteria_weights(table)
    result = scores(table, weights)
    order = ranks(result, less_is_better=table.less_is_better)
    write_json(decision_plain(table, weights, result, order, flips(table, weights)), arguments.out)


def economy(arguments: argparse.Namespace) -> None:
    """Compute what a loss of final demand costs an economy."""
    from data.documents.decisions import loss_plain, read_economy
    from models.risk.economy import demand_loss

    table, shock = read_economy(arguments.table)
    loss = demand_loss(table, shock)
    for note in loss.notes:
        print(f"note: {note}", file=sys.stderr)
    write_json(loss_plain(table, loss), arguments.out)


def best_set(arguments: argparse.Namespace) -> None:
    """Choose the measures that save most under a budget."""
    from data.documents.decisions import read_problem, selection_plain
    from models.risk import best_set as sets

    problem = read_problem(arguments.problem, arguments.budget)
    solve = sets.best_set if arguments.method == "exact" else sets.greedy_set
    best = solve(problem)
    following = sets.second_best(problem, best) if arguments.method == "exact" else None
    write_json(selection_plain(problem, best, following), arguments.out)


def ground_motion(arguments: argparse.Namespace) -> None:
    """Compute the ground motion that published models expect at sites."""
    from data.documents.sites import motions_csv, read_sites
    from data.exchange.replacing import replacing
    from models.hazards.ground_motion import motion

    sites = read_sites(arguments.sites)
    for note in sites.notes:
        print(f"note: {note}", file=sys.stderr)
    motions = [motion(name, site) for name, site in zip(sites.models, sites.sites, strict=True)]
    with replacing(arguments.out) as path:
        path.write_text(motions_csv(sites, motions), encoding="utf-8", newline="")
    print(f"{len(motions):,} sites. Written to {arguments.out}")


def influence(arguments: argparse.Namespace) -> None:
    """Rank the uncertain inputs of a scenario by how much of the result they explain."""
    from commands.cascades import MAX_RUNS, within
    from commands.shared import progress, scenario_of, world_of_name
    from data.documents.ensembles import influences_plain
    from models.ensemble.ensemble import all_runs
    from models.ensemble.influence import LEAST_RUNS, influences
    from models.ensemble.job import on_threads

    within("--runs", arguments.runs, 1, MAX_RUNS)
    world = world_of_name(arguments.world)
    scenario = scenario_of(arguments, world)
    with progress("computing", 1000) as step:
        job, whole = all_runs(
            world,
            scenario,
            arguments.runs,
            runner=on_threads(os.cpu_count() or 1),
            progress=lambda done, chunks: step("computing", 1000 * done // chunks),
        )
        step("ranking")
        ranked = influences(job, whole)
    if not job.varies:
        print("note: nothing is uncertain: no bounds, no event with a p.", file=sys.stderr)
    elif job.runs < LEAST_RUNS:
        print(f"note: {job.runs} runs say nothing; ask for {LEAST_RUNS} or more.", file=sys.stderr)
    write_json(influences_plain(ranked), arguments.out)


def measures(arguments: argparse.Namespace) -> None:
    """Choose the measures that save most in an ensemble of a world, under a budget."""
    from commands.cascades import within
    from commands.shared import progress, scenario_of, world_of_name
    from data.documents.measure_choices import choice_lines, choice_plain
    from data.hazards.opening import with_hits
    from data.hazards.places import Places
    from data.knowledge.measure_effects import measure_effects
    from data.knowledge.reader import measures as possible_measures
    from data.worlds.reader import find_world
    from models.risk.measure_choice import choose
    from models.risk.options import Case

    within("--runs", arguments.runs, 1, MOST_MEASURED)
    places = Places.of(arguments.scenario, find_world(arguments.world))
    with progress("reading", 1000) as step:
        world = world_of_name(arguments.world)
        scenario = scenario_of(arguments, world)
        case = Case.of(world, scenario, lambda w, s: with_hits(s, w, places)[0])
        choice = choose(
            case,
            measure_effects(),
            arguments.budget,
            arguments.runs,
            is_possible=possible_measures(),
            progress=lambda done, of: step("computing", 1000 * done // of),
        )
    plain = choice_plain(world, choice)
    if arguments.out is None:
        write_json(plain, None)
        return
    print(*choice_lines(world, choice), sep="\n")
    write_json(plain, arguments.out)


def write_json(plain: Mapping[str, Any] | list[Any], out: Path | None) -> None:
    """Write an answer to a file, else to standard output."""
    from data.exchange.replacing import replacing

    text = json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
    if out is None:
        print(text, end="")
        return
    with replacing(out) as path:
        path.write_text(text, encoding="utf-8")
    print(f"Written to {out}")
