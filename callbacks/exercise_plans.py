"""Plans of exercises: begun from a ready one, a file or nothing, then changed step by step.

A plan's log holds the whole plan after each change, so undo is only a matter of which line stands.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from callbacks.desk import Desk
from callbacks.exercise_commands import Step, apply_design, parse_design
from callbacks.ports import ExerciseLogs, LogHead, ParseExercise, Plain
from models.access import NotAllowedError, Who
from models.errors import BadInputError, KnockOnError, UnknownIdError
from models.exercise.plan import Exercise
from models.exercise.run import Line, Written

NOT_LEADING = "Only facilitators design and run exercises."
NOT_HERE = "There is no such exercise here. It may belong to another session."
STALE = (
    "Somebody else changed this exercise a moment ago, so your change was not made. "
    "You now see theirs; make yours again if it still fits."
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

    def who(self) -> Who:
        """Return who asks; raises NotAllowedError for somebody who may look at nothing."""
        return self.desk.seat().who

    def leader(self) -> Who:
        """Return who asks; raises NotAllowedError unless they lead."""
        who = self.who()
        if not who.leads:
            raise NotAllowedError(NOT_LEADING)
        return who

    def parsed(self, plain: Mapping[str, Any]) -> Exercise:
        """Return a plan of this world, checked."""
        return self.parse({**plain, "world": self.desk.world.world_id}, self.desk.world)

    async def head(self, log_id: str, kind: str, who: Who) -> LogHead:
        """Return a plan or run that this person may know of."""
        head = await asyncio.to_thread(self.logs.head, log_id)
        here = head.world_id == self.desk.world.world_id and head.session == (who.session or "")
        if head.kind != kind or not here:
            raise BadInputError([NOT_HERE])
        return head

    async def listed(self) -> Plain:
        """Return what there is: the ready ones and plans for facilitators, runs for all."""
        who = self.who()
        found = await asyncio.to_thread(
            self.logs.recent, self.desk.world.world_id, who.session or ""
        )
        told = [
            {"id": one.id, "kind": one.kind, "title": one.title, "created": one.created}
            for one in found
        ]
        return {
            "leads": who.leads,
            "ready": _ready(self.ready) if who.leads else [],
            "plans": [one for one in told if one["kind"] == "plan"] if who.leads else [],
            "runs": [one for one in told if one["kind"] == "run"],
        }


def _ready(ready: Mapping[str, Exercise]) -> list[Plain]:
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

    async def begin(self, ready: str | None, plain: Mapping[str, Any] | None) -> Plain:
        """Begin a plan from a ready one, from a file's content, or an empty one."""
        who = self._shared.leader()
        if ready is not None:
            if ready not in self._shared.ready:
                raise UnknownIdError("ready exercise", ready[:80], self._shared.ready)
            plan = self._shared.ready[ready]
        elif plain is not None:
            plan = self._shared.parsed(plain)
        else:
            plan = self._shared.parsed({"title": "New exercise"})
        first = Written(
            "designed",
            who.id,
            self._shared.now(),
            who.name,
            {"plan": plan.to_dict(), "before": None},
        )
        world = self._shared.desk.world.world_id
        head = await asyncio.to_thread(
            self._shared.logs.create, "plan", world, plan.title, who.session or "", first
        )
        return await self._told(head.id)

    async def look(self, plan_id: str) -> Plain:
        """Return a plan as it stands."""
        await self._shared.head(plan_id, "plan", self._shared.leader())
        return await self._told(plan_id)

    async def standing(self, plan_id: str) -> Exercise:
        """Return a plan as it stands, as a value."""
        return Exercise.from_dict((await self.look(plan_id))["plan"])

    async def change(self, plan_id: str, base: int, given: object) -> Plain:
        """Make one change of a plan; nothing is half made."""
        who = self._shared.leader()
        await self._shared.head(plan_id, "plan", who)
        command = parse_design(given)

        def decide(newest: Line, line: Callable[[int], Line]) -> Written | None:
            if newest.number != base:
                raise KnockOnError(STALE)
            if isinstance(command, Step):
                data = _stepped(command.do, newest, line)
            else:
                data = self._changed(command, newest, line)
            return None if data is None else self._line(who, command.do, data)

        await asyncio.to_thread(self._shared.logs.append, plan_id, decide)
        return await self._told(plan_id)

    def _line(self, who: Who, did: str, data: Plain) -> Written:
        kind = {"undo": "undone", "redo": "redone"}.get(did, "designed")
        return Written(kind, who.id, self._shared.now(), who.name, data | {"did": did})

    def _changed(self, command: Any, newest: Line, line: Callable[[int], Line]) -> Plain | None:
        at = _at(newest)
        plan = Exercise.from_dict(line(at).data["plan"])
        after = apply_design(plan, command, self._shared.parsed)
        return None if after == plan else {"plan": after.to_dict(), "before": at}

    async def _told(self, plan_id: str) -> Plain:
        newest = await asyncio.to_thread(self._shared.logs.newest, plan_id)
        stands = await asyncio.to_thread(self._shared.logs.line, plan_id, _at(newest))
        return {
            "id": plan_id,
            "rev": newest.number,
            "plan": stands.data["plan"],
            "can_undo": stands.data["before"] is not None,
            "can_redo": bool(newest.data.get("redo")),
        }


def _at(newest: Line) -> int:
    """Return the number of the line whose plan stands."""
    return int(newest.data.get("at", newest.number))


def _stepped(do: str, newest: Line, line: Callable[[int], Line]) -> Plain | None:
    at, again = _at(newest), list(newest.data.get("redo", ()))
    if do == "undo":
        before = line(at).data["before"]
        return None if before is None else {"at": before, "redo": [*again, at][-MOST_REDO:]}
    return {"at": again[-1], "redo": again[:-1]} if again else None
