"""Ensembles: one scenario many times over, with the numbers nobody knows exactly left to chance.

What is varied is the matter of ``models/sampling.py``; this module runs, counts and sums up. Runs
are numbered, and run 17 is the same whoever computes it: on one thread or many, on this machine or
a cluster, in whatever order. So chunks of runs can be done anywhere, and done again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from models.consequences import people_summary
from models.errors import KnockOnError
from models.measures import with_measures
from models.outcome import Outcome
from models.sampling import (
    Chance,
    Draws,
    chances_of,
    lanes_of,
    rows_of,
    varied_ranges,
    with_values,
)
from models.scenario import Scenario
from models.units import to_hours, to_ms
from models.world import World

if TYPE_CHECKING:
    from distributed import Client

    from models.cascade.layout import Layout

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
Route = Literal["yes-or-no", "timed"]

#: Runs that one compiled pass takes at once.
BATCH = 512
#: Runs of one chunk: short enough to be cancelled, long enough to be worth sending.
CHUNK_RUNS: Mapping[Route, int] = {"yes-or-no": 2 * BATCH, "timed": 32}
#: Equal parts of the runs that convergence is shown by.
STEPS = 20
#: At most so many sampled values are ranked against the results; more of them, fewer runs.
MAX_RANKED = 20_000_000
#: Seconds between two looks at whether somebody wants it stopped.
LOOK_S = 0.2
QUANTILES = (0.05, 0.5, 0.95)


class StoppedError(KnockOnError):
    """An ensemble was cancelled; nothing of it is left running."""

    def __init__(self) -> None:
        super().__init__("Cancelled; nothing is left running.")


# --- what an ensemble says -------------------------------------------------------------------


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
class Step:
    """The mean after ``runs`` runs, with its standard error over batches so far (None: one)."""

    runs: int
    mean: float
    standard_error: float | None


@dataclass(frozen=True, slots=True)
class Driver:
    """How a result goes with one sampled value: Spearman's rank correlation, in [-1, 1]."""

    names: tuple[str, ...]
    correlation: float


@dataclass(frozen=True, slots=True)
class Measured:
    """One result of every run: how it spreads, how its mean settles, what it depends on most."""

    spread: Spread
    convergence: tuple[Step, ...]
    drivers: tuple[Driver, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """What was varied, and what could have been and was not.

    ``numbers``: per table and column, how many numbers with bounds were drawn; ``still``: how
    many with bounds play no part in this scenario. ``certain`` events happen in every run.
    ``shocks`` are members of common-cause groups that may be taken along, ``groups_off`` the
    groups with a beta that the scenario does not ask for, ``groups_without`` those without one.
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
    """What many runs of one scenario say together.

    An asset is *lost* in a run if its level, or what it delivers, is below 1 at any time of it.
    ``frequency`` has the assets lost in any run, the most frequent first; junctions do not count.
    ``lost`` measures assets lost, ``peak`` people without each service at the worst moment,
    ``person_hours`` the same over time. ``ranked_runs``: how many runs drivers were found from;
    correlations that chance gives among so many values are left out.
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


# --- the work, in chunks ---------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Part:
    """What the runs ``first`` onwards gave.

    ``times`` [assets] in how many of them each was lost; ``lost`` [runs] assets lost; ``peak``
    (people) and ``person_hours`` [runs, services].
    """

    first: int
    times: I64
    lost: I64
    peak: I64
    person_hours: F64


Stop = Callable[[], bool]


@dataclass(frozen=True, eq=False)
class Job:
    """All that is needed to compute any chunk of an ensemble anywhere. Pickles; shared freely."""

    world: World
    scenario: Scenario
    runs: int
    chunk_runs: int

    def __reduce__(self) -> tuple[Any, ...]:
        plain = replace(self.world)  # without the indexes that it made on the way
        return Job, (plain, self.scenario, self.runs, self.chunk_runs)

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return -(-self.runs // self.chunk_runs)

    @cached_property
    def chances(self) -> tuple[Chance, ...]:
        """Return what may happen in a run."""
        return chances_of(self.world, self.scenario)

    @cached_property
    def draws(self) -> Draws:
        """Return the uncertain numbers of a run."""
        ranges = varied_ranges(self.world, self.scenario)
        return Draws.of(self.world, ranges, self.scenario.seed)

    @cached_property
    def services(self) -> tuple[str, ...]:
        """Return the services whose people are counted, in order."""
        return tuple(sorted({area.service for area in self.world.service_areas}))

    @cached_property
    def assets(self) -> tuple[str, ...]:
        """Return the assets that count, in order."""
        return tuple(sorted(i for i, asset in self.world.assets.items() if not asset.is_junction))

    @cached_property
    def why_timed(self) -> str:
        """Why each run needs a course over time; empty where lost or not is all there is."""
        return _why_timed(self.after_measures, self.scenario, self.draws)

    @cached_property
    def after_measures(self) -> World:
        """Return the world with the scenario's measures."""
        return with_measures(self.world, self.scenario.measures)

    @cached_property
    def layout(self) -> Layout:
        """Return the dependencies as arrays, with the scenario's measures."""
        from models.cascade.layout import layout_of

        return layout_of(self.after_measures)

    def chunk(self, number: int, stop: Stop | None = None) -> Part | None:
        """Compute one chunk; None where ``stop`` said so on the way."""
        first = number * self.chunk_runs
        part = self._empty(first, min(self.chunk_runs, self.runs - first))
        work = self._timed if self.why_timed else self._at_once
        return part if work(part, stop or (lambda: False)) else None

    def _empty(self, first: int, runs: int) -> Part:
        return Part(
            first=first,
            times=np.zeros(len(self.assets), dtype=np.int64),
            lost=np.zeros(runs, dtype=np.int64),
            peak=np.zeros((runs, len(self.services)), dtype=np.int64),
            person_hours=np.zeros((runs, len(self.services))),
        )

    def _batches(self, part: Part) -> Iterator[tuple[int, slice, slice]]:
        """Yield each batch of a part: its number, and its runs in the batch and in the part."""
        end = part.first + len(part.lost)
        for batch in range(part.first // BATCH, -(-end // BATCH)):
            low, high = max(part.first, batch * BATCH), min(end, (batch + 1) * BATCH)
            shift = part.first
            yield (
                batch,
                slice(low - batch * BATCH, high - batch * BATCH),
                slice(low - shift, high - shift),
            )

    # -- one run after the other ---------------------------------------------------------------

    def _timed(self, part: Part, stop: Stop) -> bool:
        number = {asset: i for i, asset in enumerate(self.assets)}
        for batch, lanes, into in self._batches(part):
            happens = lanes_of(rows_of(self.chances, batch))[:, lanes]
            values = self.draws.values(part.first + into.start, into.stop - into.start)
            for run in range(into.start, into.stop):
                if stop():
                    return False
                here = run - into.start
                outcome = _solve(
                    with_values(self.world, self.draws.ranges, values[here]),
                    self._scenario(happens[:, here]),
                )
                lost = [number[asset] for asset in outcome.assets if asset in number]
                part.times[lost] += 1
                part.lost[run] = len(lost)
                for s, numbers in enumerate(people_summary(self.world, outcome).values()):
                    part.peak[run, s] = numbers["peak"]
                    part.person_hours[run, s] = numbers["person_hours"]
        return True

    def _scenario(self, happens: npt.NDArray[np.bool_]) -> Scenario:
        pairs = zip(self.chances, happens, strict=True)
        return replace(self.scenario, events=tuple(c.event for c, does in pairs if does))

    # -- 512 runs at once ----------------------------------------------------------------------

    def _at_once(self, part: Part, stop: Stop) -> bool:
        from models.cascade.ensemble_kernels import add_where, spread, tally

        layout = self.layout
        number = layout.number
        counted = np.zeros(len(layout.ids), dtype=np.bool_)
        counted[[number[asset] for asset in self.assets]] = True
        times = np.zeros(len(layout.ids), dtype=np.uint64)
        areas = [self._areas(service) for service in self.services]
        failed = aligned_rows(len(layout.ids))
        for batch, lanes, into in self._batches(part):
            if stop():
                return False
            rows = rows_of(self.chances, batch)
            failed[:] = 0
            totals = np.zeros(BATCH, dtype=np.int64)
            for hits, hours in self._moments:
                np.bitwise_or.at(failed, hits[1], rows[hits[0]])
                spread(
                    layout.block_ptr, layout.group_ptr, layout.sup_ptr, layout.supplier,
                    layout.trip, layout.fed_ptr, layout.fed, layout.owner, failed,
                )  # fmt: skip
                for s, (asset, people) in enumerate(areas):
                    sums = np.zeros(BATCH, dtype=np.int64)
                    add_where(failed, asset, people, sums)
                    part.peak[into, s] = sums[lanes]
                    part.person_hours[into, s] += sums[lanes] * hours
            tally(failed, counted, _words(lanes), times, totals)
            part.lost[into] = totals[lanes]
        part.times[:] = times[[number[asset] for asset in self.assets]]
        return True

    @cached_property
    def _moments(self) -> tuple[tuple[tuple[I64, I64], float], ...]:
        """Return what happens at each moment, and the hours until the next.

        What happens are positions among the chances and the numbers of the assets they hit.
        """
        horizon, number = to_ms(self.scenario.horizon_h), self.layout.number
        at = {to_ms(c.event.at_h) for c in self.chances if to_ms(c.event.at_h) <= horizon}
        moments = sorted(at | {0})
        found = []
        for now, until in zip(moments, [*moments[1:], horizon], strict=True):
            which = [i for i, c in enumerate(self.chances) if to_ms(c.event.at_h) == now]
            hit = [number[self.chances[i].event.asset or ""] for i in which]
            pair = (np.array(which, dtype=np.int64), np.array(hit, dtype=np.int64))
            found.append((pair, to_hours(until - now)))
        return tuple(found)

    def _areas(self, service: str) -> tuple[I64, I64]:
        areas = [area for area in self.world.service_areas if area.service == service]
        asset = np.array([self.layout.number[area.asset_id] for area in areas], dtype=np.int64)
        return asset, np.array([area.people for area in areas], dtype=np.int64)


def _solve(world: World, scenario: Scenario) -> Outcome:
    """Run one cascade: the one place that says which engine does."""
    from models.cascade.reference import run

    return run(world, scenario)


def _why_timed(world: World, scenario: Scenario, draws: Draws) -> str:
    """Say why lost or not is not all there is: the first reason found; empty if it is."""
    from models.cascade.networks import networks_of

    groups = world.groups.values()
    reasons = (
        ("a service runs over links", bool(networks_of(world))),
        ("a number is uncertain", bool(draws.ranges)),
        ("repairs are typical", scenario.repairs == "typical"),
        ("an event is no failure", any(e.do != "fail" for e in scenario.events)),
        ("an asset has autonomy", any(g.autonomy_h > 0 for g in groups)),
        ("an asset starts by itself", any(a.black_start for a in world.assets.values())),
        ("a supplier counts by its share", any(g.has_shares for g in groups)),
        ("a loss takes a part only", any(g.loss < 1 for g in groups)),
    )
    return next((reason for reason, holds in reasons if holds), "")


def aligned_rows(n: int) -> npt.NDArray[np.uint64]:
    """Return n rows of eight words, each in one cache line of 64 bytes."""
    raw = np.zeros(8 * n + 8, dtype=np.uint64)
    skip = -(raw.ctypes.data // 8) % 8
    return raw[skip : skip + 8 * n].reshape(n, 8)


def _words(lanes: slice) -> npt.NDArray[np.uint64]:
    """Return one row of words with these runs of a batch set."""
    bits = np.zeros(BATCH, dtype=np.uint8)
    bits[lanes] = 1
    return np.packbits(bits, bitorder="little").view("<u8").astype(np.uint64).reshape(1, 8)


# --- who does the chunks ---------------------------------------------------------------------

#: Yields every chunk's part, in any order; ends early where it is told to stop.
Runner = Callable[[Job, Stop], Iterator[Part]]


def on_threads(threads: int = 1) -> Runner:
    """Return a runner on so many threads of this process."""

    def run(job: Job, stop: Stop) -> Iterator[Part]:
        halted = threading.Event()
        with ThreadPoolExecutor(max_workers=threads, thread_name_prefix="ensemble") as pool:
            pending = {pool.submit(job.chunk, n, halted.is_set) for n in range(job.chunks)}
            try:
                while pending and not stop():
                    done, pending = wait(pending, LOOK_S, FIRST_COMPLETED)
                    yield from _parts(done)
            finally:  # also where the reader went away, or a chunk failed
                halted.set()
                for future in pending:
                    future.cancel()

    return run


def _parts(done: set[Future[Part | None]]) -> Iterator[Part]:
    for future in done:
        if (part := future.result()) is not None:
            yield part


def on_cluster(client: Client) -> Runner:
    """Return a runner on the workers of a Dask cluster, which must have this same program.

    A chunk whose worker is lost is done again by another; the job itself is a task too, so that
    it outlives the worker that holds it.
    """

    def run(job: Job, stop: Stop) -> Iterator[Part]:
        from distributed import TimeoutError as NotYetError
        from distributed import wait as wait_for

        shared = client.submit(_same, job, pure=False)
        tasks = [client.submit(_chunk, shared, n, pure=False) for n in range(job.chunks)]
        pending = set(tasks)
        try:
            while pending and not stop():
                try:
                    done = wait_for(pending, LOOK_S, "FIRST_COMPLETED").done
                except NotYetError:
                    continue
                for task in done:
                    yield task.result()
                    pending.discard(task)
                    task.release()
        finally:
            client.cancel([*pending, shared], force=True)

    return run


def _same(job: Job) -> Job:
    return job


def _chunk(job: Job, number: int) -> Part | None:
    return job.chunk(number)


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
    """Run a scenario ``runs`` times and say what the runs have in common and where they differ.

    Parameters
    ----------
    world, scenario
        ``scenario.seed`` is the seed of all chance.
    runs
        How often, at least 1.
    runner
        Who does the chunks; one thread if left out. It changes no number.
    progress
        Called with the chunks done and their number after each chunk.
    stop
        Asked a few times a second; once it says True the ensemble ends.
    chunk_runs
        Runs of one chunk; it changes no number.

    Raises
    ------
    StoppedError
        If ``stop`` said so; nothing is left running.
    UnknownIdError
        If a measure of the scenario names what the world does not have.
    """
    job = Job(world, scenario, runs, chunk_runs or 1)
    route: Route = "timed" if job.why_timed else "yes-or-no"
    job = replace(job, chunk_runs=chunk_runs or CHUNK_RUNS[route])
    whole = job._empty(0, runs)
    done = 0
    for part in (runner or on_threads())(job, stop or (lambda: False)):
        here = slice(part.first, part.first + len(part.lost))
        whole.times[:] += part.times
        whole.lost[here], whole.peak[here] = part.lost, part.peak
        whole.person_hours[here] = part.person_hours
        done += 1
        if progress:
            progress(done, job.chunks)
    if done < job.chunks:
        raise StoppedError
    return _summed_up(job, whole, route)


def _summed_up(job: Job, whole: Part, route: Route) -> Ensemble:
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
        route=route,
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
    order = sorted(np.flatnonzero(times), key=lambda i: (-times[i], assets[i]))
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


def _convergence(result: F64) -> tuple[Step, ...]:
    """Return running means; their error from the means of equal batches so far (batch means)."""
    batches = np.array_split(result, min(STEPS, len(result)))
    means = [float(batch.mean()) for batch in batches]
    ends = np.cumsum([len(batch) for batch in batches])
    return tuple(
        Step(
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
    for one in job.world.ranges:
        counts = numbers if (one.table, one.row, one.column) in drawn else still
        name = f"{one.table}.{one.column}"
        counts[name] = counts.get(name, 0) + 1
    causes = job.world.common_causes.values()
    with_beta = sum(cause.beta is not None for cause in causes)
    events = [chance for chance in job.chances if not chance.group]
    return Scope(
        numbers=numbers,
        still=still,
        events=sum(not chance.is_certain for chance in events),
        certain=sum(chance.is_certain for chance in events),
        shocks=len(job.chances) - len(events),
        groups_off=with_beta if job.scenario.common_cause == "none" else 0,
        groups_without=len(causes) - with_beta,
    )


# --- what the answer depends on most ---------------------------------------------------------


def _drivers(job: Job, results: F64) -> tuple[list[tuple[Driver, ...]], int]:
    """Return per result the sampled values it goes with, strongest first, and the runs used.

    A correlation counts where chance gives none so large among all values asked, at 5 %
    (Bonferroni, normal approximation).
    """
    uncertain = [i for i, chance in enumerate(job.chances) if not chance.is_certain]
    asked = len(job.draws.ranges) + len(uncertain)
    runs = min(job.runs, max(2 * BATCH, MAX_RANKED // max(1, asked)))
    if asked == 0 or runs < 3:
        return [() for _ in range(results.shape[1])], runs
    ranks = _standard_ranks(results[:runs])
    found = [ranks.T @ block for block in _sampled(job, uncertain, runs)]
    together = np.concatenate(found, axis=1) / runs
    names = [(r.table, *r.row, r.column) for r in job.draws.ranges]
    names += [_names(job.chances[i]) for i in uncertain]
    from scipy.special import ndtri

    least = -ndtri(0.025 / asked) / np.sqrt(runs - 1)
    return [_strongest(row, names, least) for row in together], runs


def _sampled(job: Job, uncertain: Sequence[int], runs: int) -> Iterator[F64]:
    """Yield standardised ranks of the sampled values, [runs, some], numbers before chances."""
    width = 256
    for begin in range(0, len(job.draws.ranges), width):
        yield _standard_ranks(job.draws.values(0, runs, slice(begin, begin + width)))
    for begin in range(0, len(uncertain), width):
        which = uncertain[begin : begin + width]
        batches = [lanes_of(rows_of(job.chances, b)[which]) for b in range(-(-runs // BATCH))]
        yield _standard_ranks(np.concatenate(batches, axis=1)[:, :runs].T.astype(np.float64))


def _standard_ranks(values: F64) -> F64:
    """Return ranks per column (ties share theirs), mean 0 and spread 1; 0 where all are equal."""
    from scipy.stats import rankdata

    ranks = rankdata(values, axis=0)
    ranks -= ranks.mean(axis=0)
    spread = ranks.std(axis=0)
    found: F64 = ranks / np.where(spread > 0, spread, 1.0)
    return found


def _names(chance: Chance) -> tuple[str, ...]:
    thing = chance.event.asset or chance.event.link or ""
    return ("shock", chance.group, thing) if chance.group else ("event", chance.event.do, thing)


def _strongest(row: F64, names: Sequence[tuple[str, ...]], least: float) -> tuple[Driver, ...]:
    big = sorted(np.flatnonzero(np.abs(row) > least), key=lambda i: (-abs(row[i]), names[i]))
    # rounded: the last digits depend on the order in which sums are taken
    return tuple(Driver(names[i], round(float(row[i]), 4)) for i in big[:10])
