"""Whom to phone first: which uncertain inputs move the result most, from runs already made.

The influence of an input is its first-order (main effect) index: the share of the result's variance
that would go if the input were known, ``Var(E[Y | X]) / Var(Y)``. Numbers: random balance designs
on given data (Plischke 2010, doi:10.1016/j.ress.2009.11.005; bias of Tissot and Prieur 2012,
doi:10.1016/j.ress.2012.06.010), computed by SALib. Events that happen or not: the variance between
the two means, less the bias of that estimate. No further run is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models.ensemble.ensemble import sampled_values
from models.ensemble.job import F64, ChunkResult, Job

#: Harmonics that make up a main effect (SALib's and Plischke's choice).
HARMONICS = 10
#: Fewer runs than this many per harmonic say nothing.
LEAST_RUNS = 4 * HARMONICS
#: Of so many inputs, those with most influence, the bounds are found by resampling.
WITH_BOUNDS = 20
RESAMPLES = 25
Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Influence:
    """An input and the share of the variance of ``result`` that it explains alone.

    ``low`` and ``high`` are bounds of 95 %; None where the input is not among the strongest.
    """

    table: str
    row: tuple[str, ...]
    column: str
    result: str
    index: float
    low: float | None
    high: float | None


def influences(job: Job, whole: ChunkResult) -> list[Influence]:
    """Return every uncertain input of an ensemble, the strongest first.

    Of several results (assets lost, person-hours of each service) the one counts that the input
    moves most; indices of different services are never added.

    Parameters
    ----------
    job
        What was sampled.
    whole
        All its runs.
    """
    names, columns = sampled_values(job, len(whole.lost))
    results = results_of(job, whole)
    found = []
    for (table, row, column), values in zip(names, columns, strict=True):
        by_result = {name: first_order(values, result) for name, result in results.items()}
        name = max(by_result, key=lambda index: by_result[index], default="")
        index = by_result.get(name, 0.0)
        found.append((Influence(table, row, column, name, index, None, None), values))
    found.sort(key=lambda driver: -driver[0].index)
    for place, (driver, values) in enumerate(found[:WITH_BOUNDS]):
        if driver.result:
            low, high = _bounds(values, results[driver.result], driver.index, job.scenario.seed)
            found[place] = replace(driver, low=low, high=high), values
    return [driver for driver, _ in found]


def results_of(job: Job, whole: ChunkResult) -> Mapping[str, F64]:
    """Return the results of every run that differ between runs [runs], by name."""
    results = {"assets lost": whole.lost.astype(np.float64)}
    results |= {
        f"person-hours: {service}": whole.person_hours[:, n]
        for n, service in enumerate(job.services)
    }
    return {name: result for name, result in results.items() if np.ptp(result) > 0}


def first_order(values: F64, result: F64) -> float:
    """Return the main effect of one input, in [0, 1].

    Parameters
    ----------
    values
        The input in every run [runs]: a number, or whether something happened (0 or 1).
    result
        The result of every run [runs].
    """
    if np.ptp(values) == 0 or np.ptp(result) == 0 or len(result) < LEAST_RUNS:
        return 0.0
    if np.isin(values, (0.0, 1.0)).all():
        return min(max(_between(values > 0, result), 0.0), 1.0)
    salib = _salib()
    share = salib.compute_first_order(salib.permute_outputs(values, result), HARMONICS)
    return float(min(max(salib.unskew_S1(share, HARMONICS, len(result)), 0.0), 1.0))


def _between(happened: Any, result: F64) -> float:
    """Return the share of the variance between two groups, without bias (epsilon squared)."""
    groups = (result[happened], result[~happened])
    whole = result.var() * len(result)
    between = sum(len(group) * (group.mean() - result.mean()) ** 2 for group in groups)
    within = (whole - between) / (len(result) - 2)
    return float((between - within) / whole)


def _bounds(values: F64, result: F64, index: float, seed: int) -> tuple[float, float]:
    """Return bounds of 95 %, from the spread of the index over runs drawn again."""
    random = np.random.default_rng(seed)
    drawn = []
    for _ in range(RESAMPLES):
        again = random.integers(0, len(result), len(result))
        drawn.append(first_order(values[again], result[again]))
    half = Z95 * float(np.std(drawn, ddof=1))
    return max(0.0, index - half), min(1.0, index + half)


def _salib() -> Any:
    from SALib.analyze import rbd_fast  # slow to import

    return rbd_fast
