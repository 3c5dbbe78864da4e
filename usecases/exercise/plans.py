"""Plans of exercises: begun from a ready one, a file or nothing, then changed step by step.

A plan's log holds the whole plan after each change, so undo only selects the current line.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from layouts.feed.payloads.exercise import (
    Entry,
    ExerciseList,
    PlainExercise,
    PlanState,
    ReadyExercise,
)
from models.access import NotAllowedError, Who
from models.errors import BadInputError, KnockOnError, UnknownIdError
from models.exercise.plan import Exercise, Inject, signed_by
from models.exercise.run import Line, Written
from models.log import History
from models.rights.need_to_know import Seen
from models.wording import N_, _
from usecases.desk import Desk
from usecases.exercise.commands import UndoOrRedo, apply_design, parse_design
from usecases.exercise.ports import ExerciseLogs, LogHead, ParseExercise
from usecases.ports import Plain
from usecases.seat import Seat, take_seat
from usecases.threads import writing

NOT_LEADING = N_("Only facilitators design and run exercises.")
NOT_HERE = N_("There is no such exercise here. It may belong to another session.")
NOT_SEEN = N_(
    "This exercise includes things that you may not see. Ask a facilitator with full access."
)
STALE = N_(
    "Another user has just changed this exercise, so your change was not saved. The "
    "page now shows their version; repeat your change if it still applies."
)
#: how many steps of undo a plan remembers to make again
MOST_REDO = 100


def now_ms() -> int:
    """Return the time, UTC, in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Exercises:
    """What plans and runs of one app share."""

    desk: Desk
    logs: ExerciseLogs
    parse: ParseExercise
    ready: Mapping[str, Exercise] = field(default_factory=dict)
    now: Callable[[], int] = now_ms

    def leader(self) -> Seat:
        """Return the seat of the user; raises NotAllowedError unless they are a facilitator."""
        seat = take_seat(self.desk)
        if not seat.who.leads:
            raise NotAllowedError(_(NOT_LEADING))
        return seat

    def parsed(self, plain: Mapping[str, Any]) -> Exercise:
        """Return a validated plan of this world as the user may see it."""
        seat = take_seat(self.desk)
        return self.parse({**plain, "world": seat.world.world_id}, seat.world)

    async def head(self, log_id: str, kind: str, who: Who) -> LogHead:
        """Return a plan or run that this user may know of.

        Parameters
        ----------
        log_id
            Id of the plan or run.
        kind
            ``plan`` or ``run``.
        who
            The user.
        """
        head = await asyncio.to_thread(self.logs.head, log_id)
        here = head.world_id == self.desk.world.world_id and head.session == (who.session or "")
        if head.kind != kind or not here:
            raise BadInputError([_(NOT_HERE)])
        return head

    async def listed(self) -> ExerciseList:
        """Return what there is: the ready ones and plans for facilitators, runs for all."""
        seat = take_seat(self.desk)
        who, read = seat.who, seat.seen.read
        heads = await asyncio.to_thread(
            self.logs.recent, self.desk.world.world_id, who.session or ""
        )
        entries: list[Entry] = [
            {
                "id": head.id,
                "kind": head.kind,
                "title": read(head.title, head.signature),
                "created": head.created,
            }
            for head in heads
        ]
        ready = {name: plan for name, plan in self.ready.items() if sees_all(seat.seen, plan)}
        return {
            "leads": who.leads,
            "ready": _ready(ready) if who.leads else [],
            "plans": [entry for entry in entries if entry["kind"] == "plan"] if who.leads else [],
            "runs": [entry for entry in entries if entry["kind"] == "run"],
        }


def sees_all(seen: Seen, plan: Exercise) -> bool:
    """Return whether a user may see everything that a plan names."""
    if seen.is_whole:
        return True
    if seen.names_hidden(plan.scenario, plan.signature):
        return False
    roles = (text for role in plan.roles for text in (role.name, role.card))
    texts = (plan.title, plan.about, plan.note, *roles)
    if any(seen.read(text, plan.signature) != text for text in texts):
        return False
    return not any(hides(seen, inject) for inject in plan.injects)


def hides(seen: Seen, inject: Inject) -> bool:
    """Return whether an inject names something that a user may not see.

    Texts that somebody wrote who saw no more than they do name nothing that is hidden from both,
    except as a guess.
    """
    if seen.is_whole:
        return False
    named = {*inject.assets, *inject.links, inject.when.asset if inject.when else ""}
    hidden = named & (seen.hidden.keys() | seen.links.keys()) or inject.service in seen.services
    texts = (inject.title, inject.text, inject.note, *inject.options)
    return bool(hidden) or any(seen.read(text, inject.signature) != text for text in texts)


def _ready(ready: Mapping[str, Exercise]) -> list[ReadyExercise]:
    return [
        {
            "name": name,
            "title": plan.title,
            "about": plan.about,
            "injects": len(plan.injects),
            "minutes": max((inject.at_min for inject in plan.injects), default=0),
        }
        for name, plan in ready.items()
    ]


class Plans:
    """Designing: for facilitators alone."""

    def __init__(self, shared: Exercises) -> None:
        self._shared = shared

    async def begin(self, ready: str | None, raw: Mapping[str, Any] | None) -> PlanState:
        """Begin a plan from a ready one, from a file's content, or an empty one."""
        seat = self._shared.leader()
        who = seat.who
        if ready is not None:
            visible = {
                name: value
                for name, value in self._shared.ready.items()
                if sees_all(seat.seen, value)
            }
            if ready not in visible:
                raise UnknownIdError("ready exercise", ready[:80], visible)
            plan = visible[ready]
        else:
            plan = self._shared.parsed({"title": _("New exercise")} if raw is None else raw)
            names = ("", *(inject.id for inject in plan.injects))
            plan = plan.signed(dict.fromkeys(names, seat.seen.signature))
        first = Written(
            "designed",
            who.id,
            self._shared.now(),
            who.name,
            {**kept(plan), "before": None},
        )
        world = self._shared.desk.world.world_id
        create = partial(self._shared.logs.create, signature=plan.signature)
        head = await writing(create, "plan", world, plan.title, who.session or "", first)
        return await self._told(head.id)

    async def look(self, plan_id: str) -> PlanState:
        """Return the current state of a plan."""
        await self._shared.head(plan_id, "plan", self._shared.leader().who)
        return await self._told(plan_id)

    async def standing(self, plan_id: str) -> Exercise:
        """Return the current state of a plan, as a value."""
        await self._shared.head(plan_id, "plan", self._shared.leader().who)
        return (await self._current(plan_id))[2]

    async def change(self, plan_id: str, base: int, raw: object) -> PlanState:
        """Make one change of a plan; nothing is half made.

        Parameters
        ----------
        plan_id
            Id of the plan.
        base
            The revision that their page shows.
        raw
            What the page sent, not checked yet.
        """
        who = self._shared.leader().who
        await self._shared.head(plan_id, "plan", who)
        await self._told(plan_id)
        command = parse_design(raw)

        def decide(history: History[Line]) -> Written | None:
            if history.newest.number != base:
                raise KnockOnError(_(STALE))
            if isinstance(command, UndoOrRedo):
                data = _stepped(command.do, history)
            else:
                data = self._changed(command, history)
            return None if data is None else self._line(who, command.do, data)

        await writing(self._shared.logs.append, plan_id, decide)
        return await self._told(plan_id)

    def _line(self, who: Who, did: str, data: Plain) -> Written:
        kind = {"undo": "undone", "redo": "redone"}.get(did, "designed")
        return Written(kind, who.id, self._shared.now(), who.name, data | {"did": did})

    def _changed(self, command: Any, history: History[Line]) -> Plain | None:
        at = _at(history.newest)
        plan, seen = plan_of(history.line(at)), take_seat(self._shared.desk).seen
        made = apply_design(plan, command, self._shared.parsed)
        after = signed_by(made, plan, seen.signature)
        return None if after == plan else {**kept(after), "before": at}

    async def _current(self, plan_id: str) -> tuple[Line, Line, Exercise]:
        """Return the newest line, the one that holds the plan, and the plan."""
        newest = await asyncio.to_thread(self._shared.logs.newest, plan_id)
        stands = await asyncio.to_thread(self._shared.logs.line, plan_id, _at(newest))
        plan = plan_of(stands)
        if not sees_all(take_seat(self._shared.desk).seen, plan):
            raise NotAllowedError(_(NOT_SEEN))
        return newest, stands, plan

    async def _told(self, plan_id: str) -> PlanState:
        newest, stands, _plan = await self._current(plan_id)
        return {
            "id": plan_id,
            "rev": newest.number,
            "plan": cast("PlainExercise", stands.data["plan"]),
            "can_undo": stands.data["before"] is not None,
            "can_redo": bool(newest.data.get("redo")),
        }


def kept(plan: Exercise) -> Plain:
    """Return a plan as a line of a log has it, with the signatures of its texts beside it."""
    signatures = plan.signatures
    return {"plan": plan.to_dict()} | ({"signatures": signatures} if signatures else {})


def plan_of(line: Line) -> Exercise:
    """Return the plan that a line holds."""
    return Exercise.from_dict(line.data["plan"]).signed(line.data.get("signatures", {}))


def _at(newest: Line) -> int:
    """Return the number of the line that holds the current plan."""
    return int(newest.data.get("at", newest.number))


def _stepped(do: str, history: History[Line]) -> Plain | None:
    newest = history.newest
    at, again = _at(newest), list(newest.data.get("redo", ()))
    if do == "undo":
        before = history.line(at).data["before"]
        return None if before is None else {"at": before, "redo": [*again, at][-MOST_REDO:]}
    return {"at": again[-1], "redo": again[:-1]} if again else None
