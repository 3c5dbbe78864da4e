"""Ensembles as JSON (``docs/reference/format.md``) and as readable lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from data.documents.outcomes import version
from data.documents.scenarios import scenario_sha256
from models.ensemble.ensemble import Driver, Ensemble, Measured, Scope
from models.ensemble.influence import Influence
from models.scenario import Scenario
from models.world import World

#: How many assets and drivers the lines list; the JSON has all of them.
TOLD = 10


def ensemble_plain(world: World, scenario: Scenario, ensemble: Ensemble) -> dict[str, Any]:
    """Return the plain form of an ensemble: shares in [0, 1], people, person-hours.

    Parameters
    ----------
    world, scenario
        World and scenario of the runs: their hashes identify the result.
    ensemble
        The summary of all runs.
    """
    return {
        "world_sha256": world.sha256,
        "scenario_sha256": scenario_sha256(scenario),
        "version": version(),
        "runs": ensemble.runs,
        "seed": ensemble.seed,
        "chunk_runs": ensemble.chunk_runs,
        "route": ensemble.route,
        "why_timed": ensemble.why,
        "scope": asdict(ensemble.scope),
        "ranked_runs": ensemble.ranked_runs,
        "lost": _measured(ensemble.lost),
        "people": {
            service: {
                "peak": _measured(ensemble.peak[service]),
                "person_hours": _measured(ensemble.person_hours[service]),
            }
            for service in ensemble.peak
        },
        "assets": {asset: asdict(frequency) for asset, frequency in ensemble.frequency.items()},
    }


def _measured(measured: Measured) -> dict[str, Any]:
    return {
        **asdict(measured.spread),
        "convergence": [asdict(step) for step in measured.convergence],
        "drivers": [asdict(driver) for driver in measured.drivers],
    }


def ensemble_lines(world: World, ensemble: Ensemble) -> Iterator[str]:
    """Return an ensemble as lines of text."""
    yield f"{world.title}: {ensemble.runs:,} runs, seed {ensemble.seed}"
    yield from _scope_lines(ensemble.scope)
    yield f"Assets lost: {_spread(ensemble.lost)}"
    steps = ensemble.lost.convergence
    shown = (steps[i] for i in sorted({len(steps) // 4, len(steps) // 2, len(steps) - 1}))
    settles = (
        f"{step.mean:,.1f}{_error(step.standard_error)} ({step.runs:,} runs)" for step in shown
    )
    yield f"  mean so far: {', '.join(settles)}"
    if ensemble.peak:
        yield "People without service (median, 5 to 95 %):"
    for service, peak in ensemble.peak.items():
        hours = ensemble.person_hours[service]
        yield f"  {service}: {_spread(peak)} at the peak, {_spread(hours)} person-hours"
    yield from _frequency_lines(world, ensemble.frequency, ensemble.runs)
    yield from _driver_lines(world, ensemble)


def _scope_lines(scope: Scope) -> Iterator[str]:
    varied = {**scope.numbers, "events with a p": scope.events}
    varied["shocks by a common cause"] = scope.shocks
    yield f"Varied: {_counted(varied) or 'nothing, so one run says it all'}"
    still = {f"{name} that play no part here": count for name, count in scope.still.items()}
    still["certain events"] = scope.certain
    still['common causes, since "common_cause" is "none"'] = scope.groups_off
    still["common causes without a beta"] = scope.groups_without
    parts = [_counted(still), "numbers without bounds: all"]
    yield f"Not varied: {', '.join(part for part in parts if part)}"


def _counted(things: Mapping[str, int]) -> str:
    return ", ".join(f"{name}: {count:,}" for name, count in things.items() if count)


def _spread(measured: Measured) -> str:
    spread = measured.spread
    return f"{spread.p50:,.0f} ({spread.p05:,.0f} to {spread.p95:,.0f})"


def _error(standard_error: float | None) -> str:
    return "" if standard_error is None else f" ± {standard_error:,.1f}"


def _frequency_lines(world: World, frequency: Mapping[str, Any], runs: int) -> Iterator[str]:
    if not frequency:
        return
    always = sum(estimate.times == runs for estimate in frequency.values())
    yield f"Ever lost: {len(frequency):,} assets, {always:,} of them in every run"
    others = [(asset, estimate) for asset, estimate in frequency.items() if estimate.times < runs]
    for asset, estimate in others[:TOLD]:
        interval = f"{estimate.low:.1%} to {estimate.high:.1%}"
        yield f"  {estimate.share:.1%} ({interval}): {world.label(asset)}"
    if len(others) > TOLD:
        yield f"  and {len(others) - TOLD:,} less often"


def _driver_lines(world: World, ensemble: Ensemble) -> Iterator[str]:
    results = {"assets lost": ensemble.lost}
    results |= {f"person-hours of {name}": result for name, result in ensemble.person_hours.items()}
    drivers_of = {name: result.drivers for name, result in results.items() if result.drivers}
    if drivers_of:
        yield f"Depends most on (rank correlation, {ensemble.ranked_runs:,} runs):"
    for name, drivers in drivers_of.items():
        parts = (f"{_label(world, driver)} {driver.correlation:+.2f}" for driver in drivers[:3])
        yield f"  {name}: {'; '.join(parts)}"


def _label(world: World, driver: Driver) -> str:
    """Return the name of a sampled input: a number of an asset, group or flow, event or shock."""
    first, *rest, last = driver.names
    if first in ("event", "shock"):
        name = world.label(last) if last in world.assets else last
        return f"{name} ({first} {' '.join(rest)})"
    if first == "dependencies":
        group = world.groups[rest[0]]
        of = " ".join((group.service, *rest[1:]))
        return f"{last} of {world.label(group.consumer_id)}'s {of}"
    return f"{last} of {' '.join((world.label(rest[0]), *rest[1:]))}"


def influences_plain(ranked: Sequence[Influence]) -> list[dict[str, Any]]:
    """Return the inputs by influence as JSON has them; ``row`` joins several names by '|'."""
    return [asdict(item) | {"row": "|".join(item.row)} for item in ranked]
