"""Screenings: every candidate knocked out on top of a scenario, piece by piece, with progress.

A screening belongs to its question, not to a viewer: who asks the same shares it, and its result
is kept. It goes on while somebody looks at it; one that nobody looks at any more stops by itself.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from layouts.feed.payloads.screening import ScreeningState, WeakPoint, WhatIf
from models import access
from models.access import Tlp
from models.criticality.what_if import MOST_RUNS, candidates, causes_of, pair_count, pairs_of
from models.errors import BadInputError, KnockOnError
from models.rights.need_to_know import Seen
from models.wording import _, number
from models.world import World
from usecases import asking, reading
from usecases.compute.jobs import Row
from usecases.desk import Desk
from usecases.ports import Plain, Shown
from usecases.presence import work_for_all
from usecases.seat import take_seat

Kind = Literal["single", "pairs"]
State = Literal["running", "done", "failed", "cancelled"]
#: asset → the common causes that can fail it
Causes = Mapping[str, tuple[str, ...]]

#: Pieces are made so large that one takes about this long: then progress is seen to move.
PIECE_S = 0.4
#: Nobody asked how far it is for this long: nobody waits for it.
FORGOTTEN_S = 20.0
KEPT, ROWS = 16, 1_000
#: screenings that run at the same time, of one person and of all
AT_ONCE, AT_ONCE_OF_ALL = 2, 12
#: Pairs that take no more than their two assets alone are not told.
SOME_HOURS = 1e-3


@dataclass
class Screening:
    """One question and how far its answer is."""

    id: str
    kind: Kind
    of: int
    #: of those whose answer this is, and the shared session it was asked in; nobody else is told
    clearance: Tlp
    session: str | None
    #: the person who began it
    by: str
    done: int = 0
    state: State = "running"
    message: str = ""
    rows: list[WeakPoint] = field(default_factory=list)
    task: asyncio.Task[None] | None = None
    #: How many have asked and not stopped it: it is stopped when nobody is left.
    askers: int = 0
    looked_at: float = field(default_factory=time.monotonic)

    def plain(self) -> ScreeningState:
        """Return what the page is told; the rows only once all are there."""
        rows = self.rows if self.state == "done" else []
        return {
            "id": self.id,
            "kind": self.kind,
            "state": self.state,
            "done": self.done,
            "of": self.of,
            "message": self.message,
            "rows": rows,
        }


_Work = Callable[[Screening], Coroutine[Any, Any, None]]


class Screenings:
    """All screenings of this process."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._held: OrderedDict[str, Screening] = OrderedDict()

    async def start(self, told: Shown, at_ms: int, kind: Kind) -> ScreeningState:
        """Begin a screening, or return the one that answers the same question.

        Raises
        ------
        BadInputError
            If it would take too many runs, or too many screenings run already.
        """
        seat = take_seat(self._desk)
        plain, seen, session = (await reading.shown(seat, told)).plain, seat.seen, seat.who.session
        asked = [self._desk.world.sha256, plain, at_ms, kind, seen.clearance, session]
        question = json.dumps(asked, sort_keys=True)
        found = self._held.get(name := hashlib.sha256(question.encode()).hexdigest()[:24])
        if found is None or found.state in ("failed", "cancelled"):
            found = self._begin(name, plain, at_ms, kind, seen, session)
        self._held.move_to_end(name)
        found.looked_at = time.monotonic()
        found.askers += 1
        return found.plain()

    def look(self, name: str) -> ScreeningState | None:
        """Return how far a screening is; None for one that is not known."""
        found = self._mine(name)
        if found is None:
            return None
        found.looked_at = time.monotonic()
        return found.plain()

    async def cancel(self, name: str) -> ScreeningState | None:
        """Stop a screening for one who asked; it ends with the last of them.

        The piece at work ends, no other begins.
        """
        found = self._mine(name)
        if found is None:
            return None
        found.askers -= 1
        if found.askers <= 0 and found.task is not None and not found.task.done():
            found.state = "cancelled"
            found.task.cancel()
            await asyncio.wait([found.task])
        return found.plain()

    def _mine(self, name: str) -> Screening | None:
        """Return one of this person's session and view; any other is unknown to them."""
        seat = take_seat(self._desk)
        found, mine = self._held.get(name), (seat.who.session, seat.seen.clearance)
        return found if found is not None and (found.session, found.clearance) == mine else None

    async def what_if(self, told: Shown, at_ms: int, asset: str) -> WhatIf:
        """Return what one more knock-out takes beyond what the page shows."""
        seat = take_seat(self._desk)
        saved = await reading.shown(seat, told)
        known = seat.world.assets.get(asset)
        if known is None or known.is_junction:
            raise BadInputError([_("The page asked about an unknown asset. Reload the page.")])
        ((assets, people, hours),) = await asking.extras(seat, saved, at_ms, [asset])
        return {"assets": assets, "people": people, "person_hours": round(hours, 3)}

    def _begin(
        self, name: str, plain: Plain, at_ms: int, kind: Kind, seen: Seen, session: str | None
    ) -> Screening:
        running = [one for one in self._held.values() if one.state == "running"]
        by = access.asking().id
        own = [one for one in running if one.by == by]
        if len(own) >= AT_ONCE or len(running) >= AT_ONCE_OF_ALL:
            raise BadInputError(
                [
                    _(
                        "{n} screenings are already running. Wait for one to finish, or stop one."
                    ).format(n=AT_ONCE)
                ]
            )
        world = seen.world
        work: _Work
        if kind == "single":
            of, work = len(candidates(world)), lambda one: self._singles(one, plain, at_ms, world)
        else:
            of, work = pair_count(world), lambda one: self._pairs(one, plain, at_ms, world)
        if of > MOST_RUNS:
            raise BadInputError(
                [
                    _(
                            "This would take {runs} runs; the page allows {most}. Use "
                            "'python cli.py screen', which can avoid a run for each."
                    ).format(runs=number(of), most=number(MOST_RUNS))
                ]
            )  # fmt: skip
        found = self._held[name] = Screening(name, kind, of, seen.clearance, session, by)
        found.task = asyncio.create_task(self._work(found, work))
        while len(self._held) > KEPT:
            oldest = next((n for n, one in self._held.items() if one.state != "running"), None)
            if oldest is None:
                break
            del self._held[oldest]
        return found

    async def _work(self, one: Screening, work: _Work) -> None:
        work_for_all()
        try:
            await work(one)
            one.state = "done"
        except KnockOnError as error:
            one.state, one.message = "failed", self._desk.seen(one.clearance).scrub(str(error))
        except asyncio.CancelledError:
            one.state = "cancelled"

    def _went_on(self, one: Screening, done: int) -> None:
        one.done += done
        if time.monotonic() - one.looked_at > FORGOTTEN_S:
            raise asyncio.CancelledError

    async def _singles(self, one: Screening, plain: Plain, at_ms: int, world: World) -> None:
        known, causes = list(candidates(world)), causes_of(world)
        size, at = 4, 0
        while at < len(known):
            names, began = known[at : at + size], time.monotonic()
            found = await self._desk.computer.extras(plain, at_ms, names, one.clearance)
            one.rows += (_single(*pair, causes) for pair in zip(names, found, strict=True))
            at += len(names)
            self._went_on(one, len(names))
            size = _next_size(len(names), time.monotonic() - began)
        one.rows.sort(key=lambda row: (-row["person_hours"], -row["assets"], row["id"]))
        del one.rows[ROWS:]

    async def _pairs(self, one: Screening, plain: Plain, at_ms: int, world: World) -> None:
        causes = causes_of(world)
        for asset in sorted({pair[0] for pair in pairs_of(world)}):
            found = await self._desk.computer.extra_pairs(plain, at_ms, asset, one.clearance)
            one.rows += _kept_pairs(asset, found, causes)
            one.rows.sort(key=_hidden_first)
            del one.rows[ROWS:]
            self._went_on(one, len(found))


def _single(name: str, row: Row, causes: Causes) -> WeakPoint:
    kind, _, cause = name.partition("cause:")
    shared = () if cause else causes.get(name, ())
    assets, people, hours = row
    return {
        "kind": "cause" if not kind and cause else "asset",
        "id": cause if not kind and cause else name,
        "assets": assets,
        "people": people,
        "person_hours": round(hours, 3),
        "causes": list(shared),
    }


def _kept_pairs(
    asset: str, found: list[tuple[str, Row, Row]], causes: Causes
) -> Iterator[WeakPoint]:
    """Return the pairs that take more than their two assets alone."""
    mine = causes.get(asset, ())
    for other, (assets, people, hours), (assets_only, people_only, hours_only) in found:
        if not assets_only and hours_only <= SOME_HOURS:
            continue
        yield {
            "kind": "pair",
            "id": asset,
            "other": other,
            "assets": assets_only,
            "people": people_only,
            "person_hours": round(hours_only, 3),
            "assets_both": assets,
            "people_both": people,
            "person_hours_both": round(hours, 3),
            "causes": [c for c in mine if c in causes.get(other, ())],
        }


def _hidden_first(row: WeakPoint) -> tuple[object, ...]:
    return -row["person_hours"], -row["assets"], row["id"], row["other"]


def _next_size(size: int, took_s: float) -> int:
    """Return how many to ask at once next: at most twice as many, for about ``PIECE_S``."""
    return max(1, min(2 * size, round(size * PIECE_S / max(took_s, 1e-6)), 5_000))
