"""Cascades off the event loop: a pool of processes, a time limit, and a cache that viewers share.

A worker process loads the world at its start and receives only plain scenarios. If a worker dies
or exceeds the time limit, its pool is replaced; other requests to that pool are retried on the new
one. A request waits for a free worker before it is submitted, and its time limit counts from then;
a worker that has to start first has a time limit of its own.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict
from functools import partial
from typing import Any

from cachetools import LRUCache

from layouts.feed.payloads.comparison import ComparisonTable
from layouts.feed.payloads.picture import Picture
from layouts.paper.outgoing import Papers
from layouts.words import Labels
from models.access import Tlp, asking
from models.errors import KnockOnError
from models.exercise.debrief import Toll
from models.exercise.situation import Situation
from models.explain.savings import Saving
from models.explain.why import Explanation
from models.papers.briefing import Briefing
from models.rights.need_to_know import WHOLE
from models.rights.public_map import CoarseMap, Limits
from models.wording import ENGLISH, Language, _, spoken
from models.world import World
from usecases.compute import jobs
from usecases.compute.lane import Lane, StartData
from usecases.ports import Plain, Strike
from usecases.presence import Presence, present
from usecases.turns import Ticket, Turns

_Key = tuple[str, ...]
_Job = Callable[..., Any]
_Wanted = Callable[[_Key], bool]

TIME_LIMIT_S = 30.0
#: A worker unpacks the world first, which can take minutes for a large world on a busy machine.
START_LIMIT_S = 300.0
CACHE_SIZE = 256
ATTEMPTS = 3
#: The first picture of a world of at most so many assets is drawn in the web process.
DRAWN_HERE = 10_000


class TooSlowError(KnockOnError):
    """A cascade took longer than we wait for."""

    def __init__(self, limit_s: float) -> None:
        super().__init__(
            _(
                "This took longer than {seconds} s and was stopped. Your scenario is saved; "
                "a shorter horizon or fewer events may help."
            ).format(seconds=f"{limit_s:g}")
        )


class LostWorkerError(KnockOnError):
    """The workers died at each attempt of this request."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The computation stopped unexpectedly, {n} times. Your scenario is saved; "
                "try again."
            ).format(n=ATTEMPTS)
        )


class SupersededError(KnockOnError):
    """A newer request replaced this one before it was computed."""

    def __init__(self) -> None:
        super().__init__(_("Replaced by a newer request."))


class Computer:
    """Answers requests about one world, each in a worker process.

    Every answer is redacted for a ``clearance``; pass that of a
    :class:`models.rights.need_to_know.Seen`, so that equal views share one cached answer.

    Parameters
    ----------
    world, labels
        Held by every worker.
    workers
        The number of processes; 0 computes in a thread of this process (tests, small machines).
    papers
        Writes the exported files.
    languages
        The languages of the server; an answer that contains text is cached for each.
    strike
        Finds what the hazards of a scenario hit.
    fields_mark
        Changes with the files that hazards read: an answer from older ones is not given again.
    """

    def __init__(
        self,
        world: World,
        labels: Labels,
        workers: int,
        time_limit_s: float = TIME_LIMIT_S,
        papers: Papers | None = None,
        start_limit_s: float = START_LIMIT_S,
        languages: Mapping[str, Language] | None = None,
        strike: Strike = jobs.unstruck,
        fields_mark: Callable[[], str] = str,
    ) -> None:
        self._held = StartData(jobs.WorkerData(world, labels, papers, languages or {}, strike))
        self._quick = Lane(self._held, workers)
        # the search for savings takes seconds: it must never delay a click
        self._slow = Lane(self._held, min(workers, 1), yields=True)
        self._world_sha256, self._fields_mark = world.sha256, fields_mark
        self._time_limit_s, self._start_limit_s = time_limit_s, start_limit_s
        self._cache: LRUCache[_Key, Any] = LRUCache(CACHE_SIZE)
        self._running: dict[_Key, _Running] = {}
        #: user and viewer → number of their newest request for savings, and the request
        self._wanted: dict[tuple[str, str], tuple[int, _Key]] = {}

    async def picture(self, plain: Mapping[str, Any], clearance: Tlp = WHOLE) -> Picture:
        """Return the picture of a scenario, without its id and revision."""
        picture: Picture = await self._ask(self._quick, jobs.draw, self._form(plain), clearance)
        return picture

    async def public_map(self, plain: Mapping[str, Any], limits: Limits) -> CoarseMap:
        """Return the safe public map of a scenario."""
        arguments = (self._form(plain), json.dumps(asdict(limits)))
        result: CoarseMap = await self._ask(self._quick, jobs.for_all, *arguments)
        return result

    async def why(
        self, plain: Mapping[str, Any], asset_id: str, at_ms: int, clearance: Tlp = WHOLE
    ) -> Explanation:
        """Return why an asset is what it is at an hour.

        Parameters
        ----------
        plain
            The scenario in its plain form.
        asset_id
            Id of the asset.
        at_ms
            The hour in question, in milliseconds after the start.
        clearance
            Clearance of the user: the answer contains nothing above it.
        """
        arguments = (self._form(plain), asset_id, str(at_ms), clearance)
        explanation: Explanation = await self._ask(self._quick, jobs.why, *arguments)
        return explanation

    async def savings(
        self,
        plain: Mapping[str, Any],
        asset_id: str,
        viewer: str,
        number: int,
        clearance: Tlp = WHOLE,
    ) -> tuple[Saving, ...]:
        """Return the changes that would have kept an asset.

        ``number`` grows with each request of a viewer; only their newest one is computed.

        Parameters
        ----------
        plain
            The scenario in its plain form.
        asset_id
            Id of the asset.
        viewer
            Name of the page that asks.
        number
            Number of its request; a newer one replaces an older one.
        clearance
            Clearance of the user: the answer contains nothing above it.

        Raises
        ------
        SupersededError
            If a newer request of the viewer replaced this one.
        """
        key = (self._form(plain), asset_id, clearance)
        mine = (number, self._key(jobs.savings, *key))
        # the page chooses the viewer's name: it is only valid together with the user
        whose = (asking().id, viewer)
        if whose in self._wanted and self._wanted[whose][0] > number:
            raise SupersededError
        self._wanted[whose] = mine
        try:
            result: tuple[Saving, ...] = await self._ask(
                self._slow, jobs.savings, *key, wanted=self._is_wanted
            )
        finally:
            if self._wanted.get(whose) == mine:
                del self._wanted[whose]
        return result

    async def extras(
        self,
        plain: Mapping[str, Any],
        at_ms: int,
        names: Sequence[str],
        clearance: Tlp = WHOLE,
        *,
        quick: bool = False,
    ) -> list[jobs.Row]:
        """Return the additional losses of each of these knock-outs.

        Those of a screening go to the slow pool: they must never delay a click.

        Parameters
        ----------
        plain
            The scenario in its plain form.
        at_ms
            The hour in question, in milliseconds after the start.
        names
            Ids of the candidates.
        clearance
            Clearance of the user: the answer contains nothing above it.
        quick
            Whether it may pass others in the queue: for an asset under the pointer.
        """
        lane = self._quick if quick else self._slow
        arguments = (self._form(plain), str(at_ms), json.dumps(list(names)), clearance)
        rows: list[jobs.Row] = await self._ask(lane, jobs.extras, *arguments)
        return rows

    async def extra_pairs(
        self, plain: Mapping[str, Any], at_ms: int, asset: str, clearance: Tlp = WHOLE
    ) -> list[tuple[str, jobs.Row, jobs.Row]]:
        """Return the cost of ``asset`` with each later asset, and the part that neither has alone.

        Parameters
        ----------
        plain
            The scenario in its plain form.
        at_ms
            The hour in question, in milliseconds after the start.
        asset
            Id of the first asset.
        clearance
            Clearance of the user: the answer contains nothing above it.
        """
        arguments = (self._form(plain), str(at_ms), asset, clearance)
        rows: list[tuple[str, jobs.Row, jobs.Row]] = await self._ask(
            self._slow, jobs.extra_pairs, *arguments
        )
        return rows

    async def fallen(
        self, plain: Mapping[str, Any], from_h: float, until_h: float
    ) -> list[tuple[str, float, float]]:
        """Return the failures in a window: asset, hour, person-hours of those it serves.

        Parameters
        ----------
        plain
            The scenario in its plain form.
        from_h
            Start of the window, in hours.
        until_h
            End of the window, in hours.
        """
        arguments = (self._form(plain), repr(float(from_h)), repr(float(until_h)))
        rows: list[tuple[str, float, float]] = await self._ask(self._quick, jobs.fallen, *arguments)
        return rows

    async def toll(self, plain: Mapping[str, Any]) -> Toll:
        """Return the consequences of a scenario; in the slow pool, as a debrief needs many."""
        result: Toll = await self._ask(self._slow, jobs.toll, self._form(plain))
        return result

    async def report(
        self, plain: Mapping[str, Any], at_h: float, clearance: Tlp = WHOLE
    ) -> Situation:
        """Return the situation at an hour.

        Parameters
        ----------
        plain
            The scenario in its plain form.
        at_h
            The hour in question.
        clearance
            Clearance of the user: the answer contains nothing above it.
        """
        arguments = (self._form(plain), repr(float(at_h)), clearance)
        result: Situation = await self._ask(self._quick, jobs.report, *arguments)
        return result

    async def compared(self, options: Sequence[tuple[str, Plain, str]]) -> ComparisonTable:
        """Return named scenarios side by side, the first against the second."""
        table: ComparisonTable = await self._ask(
            self._slow, jobs.compared, json.dumps(list(options))
        )
        return table

    async def file(self, plain: Mapping[str, Any], request: Mapping[str, Any]) -> bytes:
        """Return one kind of file; it is large and requested once, so it is not cached."""
        arguments = (self._form(plain), json.dumps(request))
        content: bytes = await self._compute(self._slow, jobs.made, arguments, _Running())
        return content

    async def paper(self, made: Briefing) -> bytes:
        """Return a finished paper as tagged PDF; not cached either."""
        content: bytes = await self._compute(self._slow, jobs.written, (made,), _Running())
        return content

    def forget_savings(self, viewer: str) -> None:
        """Note that a viewer no longer waits for savings."""
        self._wanted.pop((asking().id, viewer), None)

    def _is_wanted(self, key: _Key) -> bool:
        return any(key == wanted for _, wanted in self._wanted.values())

    async def warm_up(self, first: Mapping[str, Any]) -> None:
        """Draw the picture that the first user requests, then start the workers.

        A worker takes seconds to start, and several at once would delay the first picture;
        so ``first`` is drawn before them, in a thread of this process. A large world is not: the
        web process would hold all of it twice.
        """
        if len(self._held.data.world.assets) <= DRAWN_HERE:
            form = self._form(first)
            held = (self._held.data.world, self._held.data.labels)
            drawing = asyncio.create_task(asyncio.to_thread(jobs.drawn, *held, form))
            self._run(self._key(jobs.draw, form, WHOLE), _Running(), drawing)
            await asyncio.wait([drawing])
        for lane in (self._quick, self._slow):
            _, started, _ = await asyncio.to_thread(lane.submit, jobs.ready)
            # one after the other: with a large world they would delay the first click
            await asyncio.wait([asyncio.wrap_future(started)])

    def close(self) -> None:
        """Stop the workers."""
        self._quick.close()
        self._slow.close()

    async def _ask(
        self, lane: Lane, job: _Job, *arguments: str, wanted: _Wanted | None = None
    ) -> Any:
        """Answer from the cache, or compute once for all concurrent equal requests."""
        key = self._key(job, *arguments)
        if key in self._cache:
            return self._cache[key]
        # shielded: a cancelled request does not cancel the others that await this answer
        return await asyncio.shield(self._begun(lane, job, arguments, wanted))

    def _begun(
        self,
        lane: Lane,
        job: _Job,
        arguments: Sequence[str],
        wanted: _Wanted | None = None,
    ) -> asyncio.Task[Any]:
        """Return the task that computes this, shared by all concurrent equal requests."""
        key = self._key(job, *arguments)
        running = self._running.get(key)
        task = running.task if running else None
        # a task of another event loop cannot be awaited here; only tests have two
        if (
            running is None
            or task is None
            or task.done()
            or task.get_loop() is not asyncio.get_running_loop()
        ):
            running = _Running(still=partial(wanted, key) if wanted else _always)
            task = asyncio.create_task(self._compute(lane, job, arguments, running))
            self._run(key, running, task)
        else:
            running.join(lane.turns)
        return task

    def _run(self, key: _Key, running: _Running, task: asyncio.Task[Any]) -> None:
        running.task = task
        self._running[key] = running
        task.add_done_callback(partial(self._keep, key))

    def _form(self, plain: Mapping[str, Any]) -> str:
        """Return a scenario as text, the same for equal ones whose fields are the same, too."""
        has_fields = any(event.get("do") == "hazard" for event in plain.get("events", ()))
        marked = {**plain, jobs.MARK: self._fields_mark()} if has_fields else plain
        return json.dumps(marked, sort_keys=True, separators=(",", ":"))

    def _key(self, job: _Job, *arguments: str) -> _Key:
        sources = self._world_sha256 + self._fields_mark()
        return (job.__name__, sources, _language_of(job), *arguments)

    def _keep(self, key: _Key, task: asyncio.Task[Any]) -> None:
        """Cache an answer; a failed request is computed again next time."""
        if key in self._running and self._running[key].task is task:
            del self._running[key]
        if task.cancelled() or task.exception() is not None:
            return
        self._cache[key] = task.result()

    async def _compute(
        self, lane: Lane, job: _Job, arguments: Sequence[Any], running: _Running
    ) -> Any:
        for _attempt in range(ATTEMPTS):
            running.ticket = lane.turns.ticket(asking().id)
            async with lane.turns.taken(running.ticket):
                if not running.is_wanted:
                    raise SupersededError
                pool, work, starts = await asyncio.to_thread(
                    lane.submit, jobs.in_language, _language_of(job), job, *arguments
                )
                answer, limit_s = asyncio.wrap_future(work), self._time_limit_s
                try:
                    await asyncio.wait([answer], timeout=limit_s + starts * self._start_limit_s)
                    if not answer.done():
                        answer.cancel()
                        await asyncio.to_thread(lane.drop, pool)
                        raise TooSlowError(limit_s)
                    # cancelled: another request discarded the pool before a worker began this
                    if not answer.cancelled():
                        return answer.result()
                except BrokenProcessPool:
                    pass
                finally:
                    answer.cancel()
                await asyncio.to_thread(lane.drop, pool)
        raise LostWorkerError


class _Running:
    """A request in progress, and the clients that wait for its answer."""

    def __init__(self, still: Callable[[], bool] | None = None) -> None:
        self._still = still or _always
        self._clients: list[Presence] = [present()]
        self.task: asyncio.Task[Any] | None = None
        self.ticket: Ticket | None = None

    def join(self, turns: Turns) -> None:
        """Add the current client to those that wait, in that user's own queue."""
        if self.ticket is not None:
            turns.join(self.ticket, asking().id)
        self._clients.append(present())

    @property
    def is_wanted(self) -> bool:
        """Whether a client still waits for it and has sent no newer request."""
        return self._still() and any(client.is_here for client in self._clients)


def _language_of(job: _Job) -> str:
    """Return the language of a job's answer; answers without text are shared by all languages."""
    return ENGLISH.code if job in jobs.WORDLESS else spoken().code


def _always() -> bool:
    return True
