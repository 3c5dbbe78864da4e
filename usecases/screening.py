"""Screenings: a knock-out of every candidate in addition to a scenario, in pieces, with progress.

A screening belongs to its request, not to a viewer: equal requests share it, and its result is
cached. It runs while a page polls its progress; without a poll it stops by itself.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from layouts.feed.payloads.screening import ScreeningState, WeakPoint, WhatIf
from models.access import Tlp
from models.criticality.what_if import MOST_RUNS, candidates, causes_of, pair_count, pairs_of
from models.errors import BadInputError, KnockOnError
from models.wording import _, number
from usecases import asking, reading
from usecases.compute.jobs import Row
from usecases.desk import Desk
from usecases.known import Known, known
from usecases.ports import Shown
from usecases.presence import work_for_all
from usecases.redaction import text_of
from usecases.seat import Seat, take_seat

Kind = Literal["single", "pairs"]
State = Literal["running", "done", "failed", "cancelled"]
#: asset → the common causes that can fail it
Causes = Mapping[str, tuple[str, ...]]

#: Target duration of a piece, so that progress moves visibly.
PIECE_S = 0.4
#: A screening whose progress no page has requested for this long stops.
FORGOTTEN_S = 20.0
KEPT, ROWS = 16, 1_000
#: most screenings that run at the same time, of one user and of all
AT_ONCE, AT_ONCE_OF_ALL = 2, 12
#: Pairs whose cost is that of their two assets alone are not listed.
SOME_HOURS = 1e-3


@dataclass
class Screening:
    """One request and its progress."""

    id: str
    kind: Kind
    of: int
    #: the clearance and the shared session of the request: only users with both get the answer
    clearance: Tlp
    session: str | None
    #: the user who started it
    by: str
    done: int = 0
    state: State = "running"
    message: str = ""
    rows: list[WeakPoint] = field(default_factory=list)
    task: asyncio.Task[None] | None = None
    #: How many requests started it and have not stopped it: at 0 it is cancelled.
    askers: int = 0
    looked_at: float = field(default_factory=time.monotonic)

    def plain(self) -> ScreeningState:
        """Return the payload for the page; with rows only once the screening is done."""
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
        self._key = secrets.token_bytes(32)

    async def start(self, shown: Shown, at_ms: int, kind: Kind) -> ScreeningState:
        """Start a screening, or return the one of an equal request.

        Parameters
        ----------
        shown
            Scenario and revision that the page shows; None before the first change.
        at_ms
            The hour in question, in milliseconds after the start.
        kind
            Single assets, common causes or pairs.

        Raises
        ------
        BadInputError
            If it needs too many runs, or too many screenings are running.
        """
        seat = take_seat(self._desk)
        scenario = await known(seat, await reading.shown(seat, shown))
        parts = [scenario.plain, at_ms, kind, seat.seen.clearance, seat.who.session]
        name = self._name(json.dumps(parts, sort_keys=True))
        screening = self._held.get(name)
        if screening is None or screening.state in ("failed", "cancelled"):
            screening = self._begin(name, seat, scenario, at_ms, kind)
        self._held.move_to_end(name)
        screening.looked_at = time.monotonic()
        screening.askers += 1
        return screening.plain()

    def _name(self, question: str) -> str:
        """Return the name of a question; nothing of it can be worked out, or tried, from that."""
        return hmac.digest(self._key, question.encode(), "sha256").hex()[:24]

    def look(self, name: str) -> ScreeningState | None:
        """Return the progress of a screening; None if there is none with this id."""
        screening = self._mine(name)
        if screening is None:
            return None
        screening.looked_at = time.monotonic()
        return screening.plain()

    async def cancel(self, name: str) -> ScreeningState | None:
        """Withdraw one request for a screening; the last one cancels it.

        The current piece is completed, no other one starts.
        """
        screening = self._mine(name)
        if screening is None:
            return None
        screening.askers -= 1
        if screening.askers <= 0 and screening.task is not None and not screening.task.done():
            screening.state = "cancelled"
            screening.task.cancel()
            await asyncio.wait([screening.task])
        return screening.plain()

    def _mine(self, name: str) -> Screening | None:
        """Return a screening of this user's session and view; others do not exist for them."""
        seat = take_seat(self._desk)
        screening, mine = self._held.get(name), (seat.who.session, seat.seen.clearance)
        return (
            screening
            if screening is not None and (screening.session, screening.clearance) == mine
            else None
        )

    async def what_if(self, shown: Shown, at_ms: int, asset: str) -> WhatIf:
        """Return the additional losses of one more knock-out.

        Parameters
        ----------
        shown
            Scenario and revision that the page shows; None before the first change.
        at_ms
            The hour in question, in milliseconds after the start.
        asset
            Id of the candidate.
        """
        seat = take_seat(self._desk)
        saved = await reading.shown(seat, shown)
        extra = seat.world.assets.get(asset)
        if extra is None or extra.is_junction:
            raise BadInputError([_("The page asked about an unknown asset. Reload the page.")])
        scenario = await known(seat, saved)
        ((assets, people, hours),) = await asking.extras(seat, scenario, at_ms, [asset], quick=True)
        return {"assets": assets, "people": people, "person_hours": round(hours, 3)}

    def _begin(self, name: str, seat: Seat, scenario: Known, at_ms: int, kind: Kind) -> Screening:
        running = [screening for screening in self._held.values() if screening.state == "running"]
        by = seat.who.id
        own = [screening for screening in running if screening.by == by]
        if len(own) >= AT_ONCE or len(running) >= AT_ONCE_OF_ALL:
            raise BadInputError(
                [
                    _(
                        "{n} screenings are already running. Wait for one to finish, or stop one."
                    ).format(n=AT_ONCE)
                ]
            )
        world = seat.world
        work: _Work
        if kind == "single":
            of, work = len(candidates(world)), lambda job: self._singles(job, seat, scenario, at_ms)
        else:
            of, work = pair_count(world), lambda job: self._pairs(job, seat, scenario, at_ms)
        if of > MOST_RUNS:
            raise BadInputError(
                [
                    _(
                            "This would take {runs} runs; the page allows {most}. Use "
                            "'python cli.py screen', which can avoid a run for each."
                    ).format(runs=number(of), most=number(MOST_RUNS))
                ]
            )  # fmt: skip
        screening = Screening(name, kind, of, seat.seen.clearance, seat.who.session, by)
        self._held[name] = screening
        screening.task = asyncio.create_task(self._work(screening, work))
        while len(self._held) > KEPT:
            oldest = next(
                (n for n, screening in self._held.items() if screening.state != "running"), None
            )
            if oldest is None:
                break
            del self._held[oldest]
        return screening

    async def _work(self, screening: Screening, work: _Work) -> None:
        work_for_all()
        try:
            await work(screening)
            screening.state = "done"
        except KnockOnError as error:
            screening.state, screening.message = "failed", text_of(error)
        except asyncio.CancelledError:
            screening.state = "cancelled"

    def _went_on(self, screening: Screening, done: int) -> None:
        screening.done += done
        if time.monotonic() - screening.looked_at > FORGOTTEN_S:
            raise asyncio.CancelledError

    async def _singles(self, screening: Screening, seat: Seat, scenario: Known, at_ms: int) -> None:
        all_names, causes = list(candidates(seat.world)), causes_of(seat.world)
        size, at = 4, 0
        while at < len(all_names):
            names, began = all_names[at : at + size], time.monotonic()
            rows = await asking.extras(seat, scenario, at_ms, names)
            screening.rows += (_single(*pair, causes) for pair in zip(names, rows, strict=True))
            at += len(names)
            self._went_on(screening, len(names))
            size = _next_size(len(names), time.monotonic() - began)
        screening.rows.sort(key=lambda row: (-row["person_hours"], -row["assets"], row["id"]))
        del screening.rows[ROWS:]

    async def _pairs(self, screening: Screening, seat: Seat, scenario: Known, at_ms: int) -> None:
        causes = causes_of(seat.world)
        for asset in sorted({pair[0] for pair in pairs_of(seat.world)}):
            rows = await asking.extra_pairs(seat, scenario, at_ms, asset)
            screening.rows += _kept_pairs(asset, rows, causes)
            screening.rows.sort(key=_hidden_first)
            del screening.rows[ROWS:]
            self._went_on(screening, len(rows))


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
    asset: str, rows: list[tuple[str, Row, Row]], causes: Causes
) -> Iterator[WeakPoint]:
    """Return the pairs that cost more than their two assets alone."""
    mine = causes.get(asset, ())
    for other, (assets, people, hours), (assets_only, people_only, hours_only) in rows:
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
    """Return the size of the next piece: for about ``PIECE_S``, at most twice the last size."""
    return max(1, min(2 * size, round(size * PIECE_S / max(took_s, 1e-6)), 5_000))
