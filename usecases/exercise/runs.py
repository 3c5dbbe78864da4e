"""Runs of exercises: start, control, answers, predictions, reveals, debrief.

Every request folds the log again, so any process may answer. An inject that changes the scenario
does so by the same use case as any change, before its line is written; a concurrent second release
makes no second change, and its line is refused.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from cachetools import LRUCache

from layouts.feed.payloads.exercise import RunAnswer, RunHead
from models.access import NotAllowedError, Who
from models.errors import BadInputError
from models.exercise import branching, rules
from models.exercise.branching import Deed, Stood
from models.exercise.debrief import Changed, Debrief, Toll, debrief
from models.exercise.plan import Exercise, Inject
from models.exercise.run import Line, Moment, Run, Written, clock_of, fold
from models.exercise.situation import Situation
from models.log import History
from models.revisions import Draft, Revisions, changed
from models.wording import _
from usecases import asking, reading
from usecases.editing.actions import require_size
from usecases.editing.deciding import checked
from usecases.exercise import commands, views
from usecases.exercise.plans import (
    NOT_LEADING,
    NOT_SEEN,
    Exercises,
    Plans,
    hides,
    kept,
    plan_of,
    sees_all,
)
from usecases.exercise.tail import Tails
from usecases.ports import Plain, Saved
from usecases.redaction import shown_lines
from usecases.seat import Seat, take_seat
from usecases.threads import writing

#: most changes whose effects are computed for a debrief; the first ones, if there are more
MOST_WEIGHED = 80
KEPT_PLANS, KEPT_REVISIONS = 32, 4_000
_KIND = {
    "start": "started", "pause": "paused", "resume": "resumed", "end": "ended",
    "release": "released", "skip": "skipped", "rewind": "rewound", "ask": "asked",
    "answer": "answered", "predict": "predicted", "reveal": "revealed", "show": "shown",
    "decide": "decided", "note": "noted",
}  # fmt: skip


class Runs:
    """Running exercises: facilitators control; participants answer, predict and decide."""

    def __init__(self, shared: Exercises) -> None:
        self._shared = shared
        self._tails = Tails(shared.logs)
        self._plans: LRUCache[str, Exercise] = LRUCache(KEPT_PLANS)
        self._events: LRUCache[tuple[str, int], tuple[Plain, ...]] = LRUCache(KEPT_REVISIONS)

    # --- requests

    async def open(self, plan_id: str) -> RunAnswer:
        """Make a run of a plan's current state; later changes of the plan do not affect it."""
        who = self._shared.leader().who
        plan = await Plans(self._shared).standing(plan_id)
        first = Written("opened", who.id, self._shared.now(), who.name, kept(plan))
        world = self._shared.desk.world.world_id
        create = partial(self._shared.logs.create, signature=plan.signature)
        head = await writing(create, "run", world, plan.title, who.session or "", first)
        return await self.look(head.id)

    async def look(
        self, run_id: str, seen: tuple[int, int] | None = None, *, as_room: bool = False
    ) -> RunAnswer:
        """Return what the user may see of a run; ``as_room``: what participants see.

        ``seen`` are the line and revision that the page has: if they are current, only the clock
        is returned.

        Parameters
        ----------
        run_id
            Id of the run.
        seen
            Line and revision that the page has; None for a new page.
        as_room
            Whether to answer a facilitator as if they were a participant.
        """
        seat = take_seat(self._shared.desk)
        who = seat.who
        plan, lines = await self._log(run_id, who)
        run = fold(lines, self._shared.now())
        at = (lines[-1].number if lines else 1, await self._revision(run))
        head: RunHead = {"id": run_id, "line": at[0], "rev": at[1]}
        leads = who.leads and not as_room
        if leads:
            head["holds"] = views.holding(plan, run, await self._deeds(plan, run, lines))
        if seen == at:
            return {**head, "same": True, "phase": run.phase, "clock_ms": run.clock_ms}
        reports = await self._reports(plan, run, seat)
        if leads:
            return {**head, **views.of_facilitator(plan, run, seat, reports)}
        return {**head, **views.of_room(plan, run, seat, reports)}

    async def act(self, run_id: str, raw: object, *, as_room: bool = False) -> RunAnswer:
        """Do one thing in a run; nothing is half done.

        Parameters
        ----------
        run_id
            Id of the run.
        raw
            Payload from the page, unchecked.
        as_room
            Whether to answer a facilitator as if they were a participant.
        """
        seat = take_seat(self._shared.desk)
        who = seat.who
        command = commands.parse_running(raw)
        if not who.leads and not _is_for_all(command, who):
            raise NotAllowedError(_(NOT_LEADING))
        plan, lines = await self._log(run_id, who)
        kind, run = _KIND[command.do], fold(lines, self._shared.now())
        data = _data(command)
        if not who.leads:
            of = next((key for key in ("inject", "id") if key in data), None)
            data |= {of: views.named_by_room(plan, run, seat, data[of])} if of else {}
        rules.require(plan, run, kind, data)
        if kind == "answered" and not _may_answer(plan, data["inject"], seat):
            raise NotAllowedError(_("This question is not for you."))
        if kind == "predicted" and not command.marks.keys() <= seat.world.place_of.keys():
            raise BadInputError([_("A marked asset does not exist here. Reload the page.")])
        data |= await self._prepared(plan, run, kind, command)
        name = who.name or str(getattr(command, "name", "")).strip() or _("The room")
        written = Written(kind, who.id, self._shared.now(), name, data)
        await writing(self._add, run_id, plan, written)
        return await self.look(run_id, as_room=as_room)

    async def debrief(self, run_id: str) -> Debrief:
        """Return the hot debrief of a run, even before its end."""
        seat = self._shared.leader()
        if (
            not seat.seen.is_whole
        ):  # a debrief computes every effect, and shows what each user changed
            raise NotAllowedError(_(NOT_SEEN))
        plan, lines = await self._log(run_id, seat.who)
        run = fold(lines, self._shared.now())
        changes: list[Changed] = []
        end: Toll | None = None
        for take, scenario_id, first in _takes(run):
            result = await self._weighed(take, scenario_id, first, run, lines, changes)
            changes += result
            end = result[-1].after if result else end
        if run.scenario:
            saved = await self._saved(run.scenario)
            end = await asking.toll(seat, saved)
        return debrief(plan, run, changes, end)

    async def plan_of(self, run_id: str) -> Exercise:
        """Return the plan that a run follows, for facilitators."""
        return (await self._log(run_id, self._shared.leader().who))[0]

    # --- the log

    async def _log(self, run_id: str, who: Who) -> tuple[Exercise, list[Line]]:
        await self._shared.head(run_id, "run", who)
        plan = self._plans.get(run_id)
        if plan is None:
            first = await asyncio.to_thread(self._shared.logs.line, run_id, 1)
            plan = self._plans[run_id] = plan_of(first)
        if who.leads and not sees_all(take_seat(self._shared.desk).seen, plan):
            raise NotAllowedError(_(NOT_SEEN))
        lines = await asyncio.to_thread(self._tails.lines, run_id)
        return plan, list(lines)

    def _add(self, run_id: str, plan: Exercise, written: Written) -> None:
        """Append a line if it is still permitted: others may have been faster."""
        known = self._tails.known(run_id)
        last = known[-1].number if known else 1

        def decide(history: History[Line]) -> Written:
            lines = (*known, *history.after(last))
            size = rules.bytes_of(written.data)
            rules.require_room(lines, written.kind, written.author, size)
            rules.require(plan, fold(lines, written.at_ms), written.kind, written.data)
            return written

        self._shared.logs.append(run_id, decide)

    # --- effects of a line before it is written

    async def _prepared(self, plan: Exercise, run: Run, kind: str, command: Any) -> Plain:
        if kind == "started":
            saved = await self._keep_first(plan)
            return {"scenario": saved.id}
        if kind == "released":
            return await self._released(plan.inject(command.inject), run)
        if kind == "skipped":
            return {"scenario": run.scenario, "before": await self._revision(run)}
        if kind == "rewound":
            return await self._branched(plan, run, run.settled[command.inject])
        if kind == "asked":
            return {"id": f"p{len(run.of('asked')) + len(run.aside) + 1}"}
        if kind == "revealed":
            return await self._fallen(plan, run, command.id)
        return {}

    async def _keep_first(self, plan: Exercise) -> Saved:
        seat = self._seat()
        plain = seat.desk.parse(plan.scenario, seat.world).to_dict()
        plain.pop("title_tlp", None)  # a file may say anything of itself
        if plan.signature:
            plain["title_tlp"] = plan.signature
        return await writing(
            seat.store.create,
            seat.world.world_id,
            plan.title,
            plain,
            author=seat.who.id,
            reason=f"exercise '{plan.title}'",
        )

    def _seat(self) -> Seat:
        return take_seat(self._shared.desk)

    async def _saved(self, scenario_id: str) -> Saved:
        return await reading.current(self._seat(), scenario_id)

    async def _revision(self, run: Run) -> int:
        if not run.scenario:
            return 0
        revisions = await asyncio.to_thread(self._seat().store.revisions, [run.scenario])
        return revisions.get(run.scenario, 0)

    async def _released(self, inject: Inject, run: Run) -> Plain:
        """Apply an inject to the scenario, and return the revision with it."""
        before, after = await self._happen(inject, run.scenario)
        hour = rules.known_h(run) if inject.at_h is None else inject.at_h
        return {"scenario": run.scenario, "before": before, "rev": after, "hour": hour}

    async def _reports(self, plan: Exercise, run: Run, seat: Seat) -> dict[str, Situation]:
        """Return the status reports released so far, each of the scenario at that time."""
        made: dict[str, Situation] = {}
        for name, moment in run.released.items():
            if plan.inject(name).kind == "status_report":
                # the facilitator has released it: it tells what its hour holds, all of it
                where = (str(moment.data["scenario"]), int(moment.data["rev"]))
                saved = await asyncio.to_thread(seat.store.get, *where)
                made[name] = await asking.report(seat, saved, float(moment.data["hour"]))
        return made

    async def _happen(self, inject: Inject, scenario_id: str) -> tuple[int, int]:
        """Return the revision before an inject's events, and the one with them."""
        seat, before = self._seat(), 0

        def decide(history: Revisions) -> Draft | None:
            nonlocal before
            now = history.newest
            reading.require_this_world(seat, now.plain)
            before = now.revision
            there = now.plain.get("events", [])
            new = [event for event in inject.events() if event not in there]
            if not new:
                return None
            events = sorted([*there, *new], key=lambda event: float(event["at_h"]))
            # what others did may be hidden from who leads, who brings in what they see
            seat.desk.parse(now.plain | {"events": new, "measures": []}, seat.world)
            plain = checked(seat, now.plain | {"events": events})
            require_size(plain)
            return changed(history, seat.who.id, plain, f"Inject: {inject.title}")

        saved = await writing(seat.store.append, scenario_id, decide, author=seat.who.id)
        return before, saved.revision

    async def _branched(self, plan: Exercise, run: Run, back_to: Moment) -> Plain:
        """Continue in a new option, from the revision just before an inject."""
        seat = self._seat()
        name = f"Take {run.take + 1}: {plan.title}"[:100]
        origin, revision = str(back_to.data["scenario"]), int(back_to.data["before"])
        branch = partial(seat.store.branch, signature=plan.signature)
        try:
            saved = await writing(branch, origin, name, revision, author=seat.who.id)
        except BadInputError:  # a concurrent rewind has used the name
            name = f"{name} ({secrets.token_hex(2)})"
            saved = await writing(branch, origin, name, revision, author=seat.who.id)
        return {"scenario": saved.id, "from": origin, "before": revision}

    async def _fallen(self, plan: Exercise, run: Run, window_id: str) -> Plain:
        window = rules.windows(run, plan)[window_id]
        saved = await self._saved(run.scenario)
        falls = await asking.fallen(self._seat(), saved, window.from_h, window.until_h)
        return {"hour": window.until_h, "falls": [list(fall) for fall in falls]}

    # --- actions of participants

    async def _deeds(self, plan: Exercise, run: Run, lines: Sequence[Line]) -> tuple[Deed, ...]:
        """Return the participants' actions in this take; not read if no inject depends on them.

        Actions from before a rewind that are kept in the new take count from their own time.
        """
        waits = any(inject.when and inject.when.test != "answered" for inject in plan.injects)
        if not waits or not run.scenario:
            return ()
        course: list[Stood] = []
        for scenario_id, until in _lineage(run):
            course += (await self._course(scenario_id, lines, run, until))[1 if course else 0 :]
        return branching.deeds(course)

    async def _course(
        self, scenario_id: str, lines: Sequence[Line], run: Run, until: int | None = None
    ) -> list[Stood]:
        history = await asyncio.to_thread(self._seat().store.history, scenario_id)
        injected, clock = _injected(run, scenario_id), clock_of(lines)
        return [
            Stood(
                clock(_utc_ms(line.made_at)),
                await self._events_at(scenario_id, line.revision),
                line.revision in injected,
            )
            for line in history
            if until is None or line.revision <= until
        ]

    async def _events_at(self, scenario_id: str, revision: int) -> tuple[Plain, ...]:
        key = (scenario_id, revision)
        events = self._events.get(key)
        if events is None:
            saved = await reading.shown(self._seat(), key)
            events = self._events[key] = tuple(saved.plain.get("events", ()))
        return events

    async def _weighed(
        self,
        take: int,
        scenario_id: str,
        first: int,
        run: Run,
        lines: Sequence[Line],
        sofar: Sequence[Changed],
    ) -> list[Changed]:
        """Return the changes of one take's scenario, each with its effect."""
        seat, clock = self._seat(), clock_of(lines)
        effects: list[Changed] = []
        log = await asyncio.to_thread(seat.store.history, scenario_id, first)
        injected, before = _injected(run, scenario_id), None
        for line in await shown_lines(seat, scenario_id, log):
            now = None
            if len(sofar) + len(effects) < MOST_WEIGHED:
                if before is None:
                    earlier = await reading.shown(seat, (scenario_id, line.revision - 1))
                    before = await asking.toll(seat, earlier)
                saved = await reading.shown(seat, (scenario_id, line.revision))
                now = await asking.toll(seat, saved)
            clock_ms, who = clock(_utc_ms(line.made_at)), _who(line.author, run)
            inject = injected.get(line.revision, "")
            effects.append(Changed(take, clock_ms, who, line.reason, inject, before, now))
            before = now
        return effects


def _may_answer(plan: Exercise, inject_id: str, seat: Seat) -> bool:
    inject = plan.inject(inject_id)
    return views.is_addressed(inject, plan, seat.who) and not hides(seat.seen, inject)


def _is_for_all(command: Any, who: Who) -> bool:
    return isinstance(command, commands.OF_ALL) and who.role == "participant"


def _data(command: Any) -> Plain:
    """Return the data of a command's log line."""
    data: Plain = command.model_dump(exclude={"do", "name"})
    if isinstance(command, commands.AskPrediction):
        data["ends_h"] = [command.from_h + band for band in data.pop("bands_h")]
    return data


def _injected(run: Run, scenario_id: str) -> Mapping[int, str]:
    """Return the revisions of a scenario made by injects, with the inject."""
    released = (moment for moment in (*run.aside, *run.standing) if moment.kind == "released")
    return {
        int(moment.data["rev"]): str(moment.data["inject"])
        for moment in released
        if moment.data["scenario"] == scenario_id and moment.data["rev"] != moment.data["before"]
    }


def _begun(run: Run) -> list[Moment]:
    """Return the start and the rewinds, in order: each began a take with its own scenario."""
    begun = [
        moment for moment in (*run.aside, *run.standing) if moment.kind in ("started", "rewound")
    ]
    return sorted(begun, key=lambda moment: moment.line.number)


def _lineage(run: Run) -> list[tuple[str, int | None]]:
    """Return the scenarios of this take's history, each up to the revision of the next branch."""
    origin = {str(moment.data["scenario"]): moment.data for moment in _begun(run)}
    path: list[tuple[str, int | None]] = [(run.scenario, None)]
    while "from" in (data := origin[path[0][0]]):
        path.insert(0, (str(data["from"]), int(data["before"])))
    return path


def _takes(run: Run) -> list[tuple[int, str, int]]:
    """Return each take's number, scenario and first revision."""
    return [(moment.take, str(moment.data["scenario"]), 1) for moment in _begun(run)]


def _who(author: str, run: Run) -> str:
    """Return the display name of an author in this run."""
    names: Mapping[str, str] = {
        moment.line.author: moment.line.name
        for moment in (*run.aside, *run.standing)
        if moment.line.name
    }
    return _("The room") if author == "local" else names.get(author, author)


def _utc_ms(made_at: str) -> int:
    return round(datetime.fromisoformat(made_at).timestamp() * 1000)
