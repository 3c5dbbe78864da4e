"""The work of an ensemble in chunks, and its runners: threads of this process, or a cluster.

Runs are numbered. Run 17 is the same on one thread or many, on any machine, in any order. So
chunks of runs can be computed anywhere, and repeated.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from models.cascade.yes_or_no import BATCH, Batch
from models.ensemble.sampling import (
    Chances,
    Draws,
    chances_of,
    lanes_of,
    varied_ranges,
    with_values,
)
from models.measures import with_measures
from models.scenario import Event, Scenario
from models.units import to_hours, to_ms
from models.world import World

if TYPE_CHECKING:
    from distributed import Client

    from models.cascade.arrays import WorldArrays
    from models.cascade.timed.prepared import Prepared
    from models.cascade.timed.values import NumberPlaces

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
Route = Literal["yes-or-no", "timed"]
Stop = Callable[[], bool]
#: Positions of the assets lost in a run, peak (people) and person-hours per service.
Course = tuple[I64, I64, F64]

#: Runs of one chunk: short enough to be cancelled, long enough to be worth sending.
CHUNK_RUNS: Mapping[Route, int] = {"yes-or-no": 2 * BATCH, "timed": 32}
#: Chunks per thread that are queued ahead.
AHEAD = 8
#: Seconds between two calls of ``stop``.
LOOK_S = 0.2


@dataclass(frozen=True, eq=False)
class ChunkResult:
    """Results of consecutive runs from number ``first`` on.

    ``times`` [assets]: in how many runs each was lost; ``lost`` [runs]: assets lost; ``peak``
    (people) and ``person_hours``: [runs, services].
    """

    first: int
    times: I64
    lost: I64
    peak: I64
    person_hours: F64


@dataclass(frozen=True, eq=False)
class Job:
    """Everything needed to compute any chunk of an ensemble. Can be pickled and shared."""

    world: World
    scenario: Scenario
    runs: int
    runs_of_chunk: int | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        plain = replace(self.world)  # without its cached indexes
        return Job, (plain, self.scenario, self.runs, self.runs_of_chunk)

    @cached_property
    def route(self) -> Route:
        """Return the engine that computes the runs."""
        return "timed" if self.why_timed else "yes-or-no"

    @property
    def chunk_runs(self) -> int:
        """How many runs a chunk has; the last may have fewer."""
        return self.runs_of_chunk or CHUNK_RUNS[self.route]

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return -(-self.runs // self.chunk_runs)

    @cached_property
    def chances(self) -> Chances:
        """Return the events that may happen in a run."""
        return chances_of(self.world, self.scenario)

    @cached_property
    def draws(self) -> Draws:
        """Return the uncertain numbers of a run."""
        ranges = varied_ranges(self.world, self.scenario)
        return Draws.of(self.world, ranges, self.scenario.seed)

    @cached_property
    def services(self) -> tuple[str, ...]:
        """Return the services whose people are counted, in order."""
        return self.world.served

    @cached_property
    def assets(self) -> tuple[str, ...]:
        """Return the assets that count, in order."""
        return tuple(sorted(i for i, asset in self.world.assets.items() if not asset.is_junction))

    @property
    def varies(self) -> bool:
        """Whether one run can differ from another."""
        is_certain = all(c.is_certain and c.hit is None for c in self.chances.items)
        return bool(self.draws.ranges) or not is_certain

    @cached_property
    def why_timed(self) -> str:
        """Return why the timed engine is needed; empty if the yes-or-no engine suffices."""
        return _why_timed(self.after_measures, self.scenario, self.draws)

    @cached_property
    def after_measures(self) -> World:
        """Return the world with the scenario's measures."""
        return with_measures(self.world, self.scenario.measures)

    @cached_property
    def arrays(self) -> WorldArrays:
        """Return the dependencies as arrays, with the scenario's measures."""
        from models.cascade.arrays import arrays_of

        return arrays_of(self.after_measures)

    def chunk(self, number: int, stop: Stop | None = None) -> ChunkResult | None:
        """Compute one chunk; None if ``stop`` returned True meanwhile."""
        first = number * self.chunk_runs
        part = self.empty(first, min(self.chunk_runs, self.runs - first))
        work = self._timed if self.why_timed else self._at_once
        return part if work(part, stop or (lambda: False)) else None

    def empty(self, first: int, runs: int) -> ChunkResult:
        """Return an empty part for these runs."""
        return ChunkResult(
            first=first,
            times=np.zeros(len(self.assets), dtype=np.int64),
            lost=np.zeros(runs, dtype=np.int64),
            peak=np.zeros((runs, len(self.services)), dtype=np.int64),
            person_hours=np.zeros((runs, len(self.services))),
        )

    def _batches(self, part: ChunkResult) -> Iterator[tuple[int, slice, slice]]:
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

    # -- run by run, timed engine --------------------------------------------------------------

    def _timed(self, part: ChunkResult, stop: Stop) -> bool:
        for batch, lanes, into in self._batches(part):
            happens = lanes_of(self.chances.rows(batch))[:, lanes].T
            values = self.draws.values(part.first + into.start, into.stop - into.start)
            for run, does, drawn in zip(
                range(*into.indices(into.stop)), happens, values, strict=True
            ):
                if stop():
                    return False
                number = part.first + run
                lost, peak, hours = self._course(number, does, drawn)
                part.times[lost] += 1
                part.lost[run] = len(lost)
                part.peak[run], part.person_hours[run] = peak, hours
        return True

    def _course(self, number: int, happens: npt.NDArray[np.bool_], values: F64) -> Course:
        """Return the result of one run; cached by its events if no number varies."""
        varies = len(values) or bool(self.chances.timed)
        cached = None if varies else self._courses.get(happens.tobytes())
        if cached is not None:
            return cached
        course = self._computed(self.chances.events(number, happens), values)
        if not varies:
            self._courses[happens.tobytes()] = course
        return course

    def _computed(self, events: tuple[Event, ...], values: F64) -> Course:
        """Run one cascade."""
        from models.cascade.timed.course_kernels import course

        horizon = to_ms(self.scenario.horizon_h)
        hours, peak = np.empty(len(self.services)), np.empty(len(self.services))
        with self._prepared(values) as prepared, prepared.run_state(tracing=False) as state:
            state.play(prepared.table(events), self.scenario.repairs == "typical", horizon)
            rows = state.live.rows[: state.live.tally[0]["rows"]]
            first, areas = prepared.settled.tally[0]["rows"], prepared.areas
            lost = course(
                rows, first, areas.ptr, areas.service, areas.people, areas.base, horizon,
                hours, peak,
            )  # fmt: skip
        positions = self._position[lost]
        return positions[positions >= 0], np.rint(peak).astype(np.int64), hours

    @contextmanager
    def _prepared(self, values: F64) -> Iterator[Prepared]:
        """Lend the world with these numbers and the scenario's measures to the engine."""
        from models.cascade.timed.prepared import prepare

        if not len(values):
            yield self._plain
        elif self._settable is not None:
            with self._settable.set_to(values) as prepared:
                yield prepared
        else:
            world = with_values(self.world, self.draws.ranges, values.tolist())
            yield prepare(world, self.scenario.measures)

    @cached_property
    def _plain(self) -> Prepared:
        from models.cascade.timed.prepared import prepare

        return prepare(self.world, self.scenario.measures)

    @cached_property
    def _settable(self) -> NumberPlaces | None:
        """Return the places of the numbers; None if there are none or measures touch them."""
        from models.cascade.timed.values import NumberPlaces, can_be_set

        ranges = self.draws.ranges
        fits = ranges and can_be_set(self.world, self.scenario, ranges)
        return NumberPlaces(self._plain, ranges) if fits else None

    @cached_property
    def _courses(self) -> dict[bytes, Course]:
        return {}

    @cached_property
    def _position(self) -> I64:
        """Return the position of each asset among those that count, else -1."""
        position = np.full(len(self._plain.arrays.ids), -1, dtype=np.int64)
        number = self._plain.arrays.number
        position[[number[asset] for asset in self.assets]] = np.arange(len(self.assets))
        return position

    # -- 512 runs at once, yes-or-no engine ----------------------------------------------------

    def _at_once(self, part: ChunkResult, stop: Stop) -> bool:
        runs = Batch(self.arrays)
        counted = np.zeros(len(self.arrays.ids), dtype=np.bool_)
        counted[self._numbers] = True
        times = np.zeros(len(self.arrays.ids), dtype=np.uint64)
        for batch, lanes, into in self._batches(part):
            if stop():
                return False
            rows = self.chances.rows(batch)
            runs.begin()
            for which, struck, hours in self._moments:
                runs.fail(struck, rows, which)
                for s, (asset, people) in enumerate(self._areas):
                    sums = runs.sums(asset, people)
                    part.peak[into, s] = sums[lanes]
                    part.person_hours[into, s] += sums[lanes] * hours
            part.lost[into] = runs.count(counted, lanes, times)[lanes]
        part.times[:] = times[self._numbers]
        return True

    @cached_property
    def _moments(self) -> tuple[tuple[I64, I64, float], ...]:
        """Return the events of each moment, and the hours until the next.

        Events are positions among the chances, with the numbers of the assets that they hit.
        """
        horizon, number = to_ms(self.scenario.horizon_h), self.arrays.number
        due: dict[int, list[tuple[int, int]]] = {0: []}
        for i, chance in enumerate(self.chances.items):
            if (at := to_ms(chance.event.at_h)) <= horizon:
                due.setdefault(at, []).append((i, number[chance.event.asset or ""]))
        moments = sorted(due)
        stacked = []
        for now, until in zip(moments, [*moments[1:], horizon], strict=True):
            which, asset = np.array(due[now], dtype=np.int64).reshape(-1, 2).T.copy()
            stacked.append((which, asset, to_hours(until - now)))
        return tuple(stacked)

    @cached_property
    def _numbers(self) -> I64:
        """Return the number of each asset that counts."""
        return np.array([self.arrays.number[asset] for asset in self.assets], dtype=np.int64)

    @cached_property
    def _areas(self) -> tuple[tuple[I64, I64], ...]:
        """Return the assets that serve people with each service, and how many people."""
        areas: dict[str, list[tuple[int, int]]] = {service: [] for service in self.services}
        for area in self.world.areas:
            areas[area.service].append((self.arrays.number[area.asset_id], round(area.people)))
        columns = (np.array(pairs, dtype=np.int64).T.copy() for pairs in areas.values())
        return tuple((asset, people) for asset, people in columns)


def _why_timed(world: World, scenario: Scenario, draws: Draws) -> str:
    """Return the first reason why the timed engine is needed; empty if there is none."""
    from models.cascade.reference.networks import networks_of

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


# --- runners ---------------------------------------------------------------------------------

#: Yields every chunk's part, in any order; ends early if it should stop.
Runner = Callable[[Job, Stop], Generator[ChunkResult, None, None]]


def on_threads(threads: int = 1) -> Runner:
    """Return a runner on ``threads`` threads of this process."""

    def run(job: Job, stop: Stop) -> Generator[ChunkResult, None, None]:
        halted = threading.Event()
        left = iter(range(job.chunks))
        pending: set[Future[ChunkResult | None]] = set()
        with ThreadPoolExecutor(max_workers=threads, thread_name_prefix="ensemble") as pool:
            try:
                while not stop():
                    for number in islice(left, AHEAD * threads - len(pending)):
                        pending.add(pool.submit(job.chunk, number, halted.is_set))
                    if not pending:
                        return
                    done, pending = wait(pending, LOOK_S, FIRST_COMPLETED)
                    yield from _parts(done)
            finally:  # also if the consumer stopped reading, or a chunk failed
                halted.set()
                for future in pending:
                    future.cancel()

    return run


def _parts(done: set[Future[ChunkResult | None]]) -> Generator[ChunkResult, None, None]:
    for future in done:
        if (part := future.result()) is not None:
            yield part


def on_cluster(client: Client) -> Runner:
    """Return a runner on the workers of a Dask cluster; they must have this version of the code.

    If a worker is lost, another one repeats its chunk. The job is a task, too, so that it survives
    the loss of the worker that holds it.
    """

    def run(job: Job, stop: Stop) -> Generator[ChunkResult, None, None]:
        from distributed import TimeoutError as NotYetError
        from distributed import wait as wait_for

        shared = client.submit(_same, job, pure=False)
        left = iter(range(job.chunks))
        pending: set[Any] = set()
        try:
            while not stop():
                room = AHEAD * max(1, sum(client.nthreads().values())) - len(pending)
                for number in islice(left, max(0, room)):
                    pending.add(client.submit(_chunk, shared, number, pure=False))
                if not pending:
                    return
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


def _chunk(job: Job, number: int) -> ChunkResult | None:
    return job.chunk(number)
