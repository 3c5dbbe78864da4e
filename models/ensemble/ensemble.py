"""Ensembles: one scenario run many times, with its uncertain numbers sampled.

``sampling.py`` decides what is varied, ``job.py`` computes the runs; this module summarises them:
frequencies, spread, uncertainty, and the inputs that results depend on most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np

from models.cascade.yes_or_no import BATCH
from models.ensemble.job import F64, I64, ChunkResult, Job, Route, Runner, Stop, on_threads
from models.ensemble.sampling import Chance, lanes_of
from models.errors import KnockOnError
from models.scenario import Scenario
from models.wording import _
from models.world import World

#: Number of equal batches of runs for convergence.
STEPS = 20
#: Most sampled values ranked against the results; with more inputs, fewer runs are used.
MAX_RANKED = 20_000_000
QUANTILES = (0.05, 0.5, 0.95)


class StoppedError(KnockOnError):
    """An ensemble was cancelled; none of its work continues."""

    def __init__(self) -> None:
        super().__init__(_("Cancelled; nothing is left running."))


# --- the summary of an ensemble --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Frequency:
    """In how many runs an asset was lost, and the share with its 95 % Wilson interval."""

    times: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and 5, 50 and 95 % quantiles (values that occurred) of one result over all runs."""

    mean: float
    p05: float
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class RunningMean:
    """The mean after ``runs`` runs; its standard error over batches so far (None for one batch)."""

    runs: int
    mean: float
    standard_error: float | None


@dataclass(frozen=True, slots=True)
class Driver:
    """Spearman's rank correlation of a result with one sampled value, in [-1, 1]."""

    names: tuple[str, ...]
    correlation: float


@dataclass(frozen=True, slots=True)
class Measured:
    """One result over all runs: spread, convergence of the mean, and strongest drivers."""

    spread: Spread
    convergence: tuple[RunningMean, ...]
    drivers: tuple[Driver, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """What was varied, and what was not although it could have been.

    ``numbers``: per table and column, how many numbers with bounds were drawn; ``still``: how
    many with bounds have no effect in this scenario. ``certain`` events happen in every run.
    ``shocks``: members of common-cause groups that may fail with others; ``groups_off``: groups
    with a beta that the scenario does not enable; ``groups_without``: groups without a beta.
    """

    numbers: Mapping[str, int]
    still: Mapping[str, int]
    events: int
    certain: int
    shocks: int
    groups_off: int
    groups_without: int


@dataclass(frozen=True)
class Ensemble:
    """The summary of many runs of one scenario.

    An asset is *lost* in a run if its level, or what it delivers, is below 1 at any time of it.
    ``frequency`` has the assets lost in any run, the most frequent first; junctions do not count.
    ``lost`` measures assets lost, ``peak`` people without each service at the worst moment,
    ``person_hours`` the same over time. ``ranked_runs``: how many runs the drivers are based on;
    correlations that are not significant among so many values are left out.
    """

    runs: int
    seed: int
    chunk_runs: int
    route: Route
    why: str
    scope: Scope
    frequency: Mapping[str, Frequency]
    lost: Measured
    peak: Mapping[str, Measured]
    person_hours: Mapping[str, Measured]
    ranked_runs: int


# --- the whole -------------------------------------------------------------------------------


def ensemble(
    world: World,
    scenario: Scenario,
    runs: int,
    *,
    runner: Runner | None = None,
    progress: Callable[[int, int], None] | None = None,
    stop: Stop | None = None,
    chunk_runs: int | None = None,
) -> Ensemble:
    """Run a scenario ``runs`` times and summarise the runs.

    Parameters
    ----------
    world, scenario
        ``scenario.seed`` is the seed of all random numbers.
    runs
        Number of runs, at least 1. If nothing is uncertain, there is only one run.
    runner
        Computes the chunks; one thread by default. It has no effect on results.
    progress
        Called with the chunks done and their number after each chunk.
    stop
        Called a few times a second; the ensemble ends once it returns True.
    chunk_runs
        Runs per chunk; no effect on results.

    Raises
    ------
    StoppedError
        If ``stop`` returned True; nothing is left running.
    UnknownIdError
        If a measure of the scenario names what the world does not have.
    """
    return _summed_up(
        *all_runs(
            world,
            scenario,
            runs,
            runner=runner,
            progress=progress,
            stop=stop,
            chunk_runs=chunk_runs,
        )
    )


def all_runs(
    world: World,
    scenario: Scenario,
    runs: int,
    *,
    runner: Runner | None = None,
    progress: Callable[[int, int], None] | None = None,
    stop: Stop | None = None,
    chunk_runs: int | None = None,
) -> tuple[Job, ChunkResult]:
    """Run a scenario ``runs`` times and return what was sampled, and the result of every run.

    Parameters
    ----------
    world, scenario, runs, runner, progress, stop, chunk_runs
        As `ensemble` has them.

    Raises
    ------
    StoppedError
        If ``stop`` returned True; nothing is left running.
    UnknownIdError
        If a measure of the scenario names what the world does not have.
    """
    job = Job(world, scenario, runs, chunk_runs)
    if not job.varies:
        job = replace(job, runs=1)
    whole = job.empty(0, job.runs)
    done = 0
    with closing((runner or on_threads())(job, stop or (lambda: False))) as parts:
        for part in parts:
            here = slice(part.first, part.first + len(part.lost))
            whole.times[:] += part.times
            whole.lost[here], whole.peak[here] = part.lost, part.peak
            whole.person_hours[here] = part.person_hours
            done += 1
            if progress:
                progress(done, job.chunks)
    if done < job.chunks:
        raise StoppedError
    return job, whole


def _summed_up(job: Job, whole: ChunkResult) -> Ensemble:
    columns = (whole.lost[:, None], whole.peak, whole.person_hours)
    results = np.concatenate(columns, axis=1).astype(np.float64)
    drivers, ranked = _drivers(job, results)
    lost, *of_services = [
        Measured(_spread(results[:, i]), _convergence(results[:, i]), drivers[i])
        for i in range(results.shape[1])
    ]
    n = len(job.services)
    return Ensemble(
        runs=job.runs,
        seed=job.scenario.seed,
        chunk_runs=job.chunk_runs,
        route=job.route,
        why=job.why_timed,
        scope=_scope(job),
        frequency=_frequencies(job.assets, whole.times, job.runs),
        lost=lost,
        peak=dict(zip(job.services, of_services[:n], strict=True)),
        person_hours=dict(zip(job.services, of_services[n:], strict=True)),
        ranked_runs=ranked,
    )


def _frequencies(assets: Sequence[str], times: I64, runs: int) -> dict[str, Frequency]:
    low, high = wilson(times, runs)
    order = sorted(np.flatnonzero(times).tolist(), key=lambda i: (-times[i], assets[i]))
    return {
        assets[i]: Frequency(int(times[i]), float(times[i] / runs), float(low[i]), float(high[i]))
        for i in order
    }


def wilson(times: I64, runs: int) -> tuple[F64, F64]:
    """Return the bounds of a share's 95 % interval (Wilson 1927, doi:10.2307/2276774)."""
    z = 1.959963984540054
    share = times / runs
    centre = share + z * z / (2 * runs)
    half = z * np.sqrt(share * (1 - share) / runs + (z / (2 * runs)) ** 2)
    scale = 1 + z * z / runs
    low: F64 = np.where(times == 0, 0.0, (centre - half) / scale)
    high: F64 = np.where(times == runs, 1.0, (centre + half) / scale)
    return low, high


def _spread(result: F64) -> Spread:
    points = np.quantile(result, QUANTILES, method="inverted_cdf")
    return Spread(float(result.mean()), *(float(point) for point in points))


def _convergence(result: F64) -> tuple[RunningMean, ...]:
    """Return running means; their standard errors come from the means of equal batches."""
    batches = np.array_split(result, min(STEPS, len(result)))
    means = [float(batch.mean()) for batch in batches]
    ends = np.cumsum([len(batch) for batch in batches])
    return tuple(
        RunningMean(
            runs=int(end),
            mean=float(result[:end].mean()),
            standard_error=float(np.std(means[:b], ddof=1) / np.sqrt(b)) if b > 1 else None,
        )
        for b, end in enumerate(ends, 1)
    )


def _scope(job: Job) -> Scope:
    drawn = {(r.table, r.row, r.column) for r in job.draws.ranges}
    numbers: dict[str, int] = {}
    still: dict[str, int] = {}
    for range_ in job.world.ranges:
        counts = numbers if (range_.table, range_.row, range_.column) in drawn else still
        name = f"{range_.table}.{range_.column}"
        counts[name] = counts.get(name, 0) + 1
    causes = job.world.common_causes.values()
    with_beta = sum(cause.beta is not None for cause in causes)
    events = [c for c in job.chances.items if not c.group and not c.part]
    return Scope(
        numbers=numbers,
        still=still,
        events=sum(not chance.is_certain for chance in events),
        certain=sum(chance.is_certain for chance in events),
        shocks=sum(bool(chance.group) for chance in job.chances.items),
        groups_off=with_beta if job.scenario.common_cause == "none" else 0,
        groups_without=len(causes) - with_beta,
    )


# --- drivers: inputs that results depend on most ---------------------------------------------


def _drivers(job: Job, results: F64) -> tuple[list[tuple[Driver, ...]], int]:
    """Return the drivers of each result, strongest first, and the number of runs used.

    A correlation counts if it is significant at 5 % among all values tested (Bonferroni, normal
    approximation).
    """
    uncertain = [i for i, chance in enumerate(job.chances.items) if not chance.is_certain]
    candidates = len(job.draws.ranges) + len(uncertain)
    runs = min(job.runs, max(2 * BATCH, MAX_RANKED // max(1, candidates)))
    if candidates == 0 or runs < 3:
        return [() for _ in range(results.shape[1])], runs
    ranks = _standard_ranks(results[:runs])
    products = [ranks.T @ block for block in _sampled(job, uncertain, runs)]
    together = np.concatenate(products, axis=1) / runs
    names = [(r.table, *r.row, r.column) for r in job.draws.ranges]
    names += [_names(job.chances.items[i]) for i in uncertain]
    from scipy.special import ndtri

    least = -ndtri(0.025 / candidates) / np.sqrt(runs - 1)
    return [_strongest(row, names, least) for row in together], runs


def _sampled(job: Job, uncertain: Sequence[int], runs: int) -> Iterator[F64]:
    """Yield blocks of standardised ranks of the sampled values, numbers before chances."""
    width = 256
    for begin in range(0, len(job.draws.ranges), width):
        yield _standard_ranks(job.draws.values(0, runs, slice(begin, begin + width)))
    for begin in range(0, len(uncertain), width):
        which = uncertain[begin : begin + width]
        batches = [lanes_of(job.chances.rows(b)[which]) for b in range(-(-runs // BATCH))]
        yield _standard_ranks(np.concatenate(batches, axis=1)[:, :runs].T.astype(np.float64))


def sampled_values(job: Job, runs: int) -> tuple[list[tuple[str, tuple[str, ...], str]], list[F64]]:
    """Return table, row and column of every sampled input, and its values [runs].

    An event that may happen is a row of ``events``, by its place, with what it hits; a shock
    names group and asset.

    Parameters
    ----------
    job
        What was sampled.
    runs
        Of so many runs, from the first on.
    """
    names: list[tuple[str, tuple[str, ...], str]] = [
        (r.table, tuple(map(str, r.row)), r.column) for r in job.draws.ranges
    ]
    columns: list[F64] = list(job.draws.values(0, runs).T) if names else []
    uncertain = [i for i, chance in enumerate(job.chances.items) if not chance.is_certain]
    if uncertain:
        batches = [lanes_of(job.chances.rows(b)[uncertain]) for b in range(-(-runs // BATCH))]
        columns += list(np.concatenate(batches, axis=1)[:, :runs].astype(np.float64))
    for i in uncertain:
        chance = job.chances.items[i]
        thing = chance.event.asset or chance.event.link or ""
        if chance.group:
            names.append(("common_cause", (chance.group, thing), "beta"))
        elif chance.part:
            names.append(("events", (str(chance.number), thing), "p"))
        else:
            names.append(("events", (str(chance.number),), "p"))
    return names, columns


def _standard_ranks(values: F64) -> F64:
    """Return ranks per column (ties share one), mean 0, deviation 1; 0 if all are equal."""
    from scipy.stats import rankdata

    ranks = rankdata(values, axis=0)
    ranks -= ranks.mean(axis=0)
    spread = ranks.std(axis=0)
    scaled: F64 = ranks / np.where(spread > 0, spread, 1.0)
    return scaled


def _names(chance: Chance) -> tuple[str, ...]:
    thing = (
        chance.event.asset or chance.event.link or chance.event.sector or chance.event.hazard or ""
    )
    return ("shock", chance.group, thing) if chance.group else ("event", chance.event.do, thing)


def _strongest(row: F64, names: Sequence[tuple[str, ...]], least: float) -> tuple[Driver, ...]:
    big = sorted(
        np.flatnonzero(np.abs(row) > least).tolist(), key=lambda i: (-abs(row[i]), names[i])
    )
    # rounded: the last digits depend on the order in which sums are taken
    return tuple(Driver(names[i], round(float(row[i]), 4)) for i in big[:10])
