"""What each person may see of a run: all of it for facilitators; for others what came to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import cast

from layouts.feed.payloads.exercise import (
    Aside,
    DecisionText,
    FacilitatorInject,
    FacilitatorNote,
    FacilitatorView,
    PredictionView,
    Reveal,
    RoomInject,
    RoomView,
    RunView,
    Status,
)
from models.access import Who
from models.exercise import branching, rules
from models.exercise.branching import Deed
from models.exercise.debrief import predictions, reveal_of
from models.exercise.plan import Exercise, Inject
from models.exercise.run import Moment, Run
from models.exercise.situation import Situation
from models.wording import _
from usecases.exercise.plans import hides
from usecases.seat import Seat

MOST_TOLD = 500


def is_addressed(inject: Inject, plan: Exercise, who: Who) -> bool:
    """Return whether an inject is addressed to a user: by the sectors of its roles.

    Parameters
    ----------
    inject
        The inject.
    plan
        The plan of the exercise.
    who
        The user.
    """
    if not inject.to or who.sectors is None or who.leads or who.role == "observer":
        return True
    roles = [role for role in plan.roles if role.id in inject.to]
    return any(set(role.sectors) & who.sectors for role in roles)


#: id of an inject → the status report released with it
Reports = Mapping[str, Situation]


def of_room(plan: Exercise, run: Run, seat: Seat, reports: Reports) -> RoomView:
    """Return what a participant sees: released injects to them, no notes, nothing to come.

    Parameters
    ----------
    plan
        The plan of the exercise.
    run
        Its state now.
    seat
        The seat of the user.
    reports
        Situations at the hours of the run.
    """
    came = [
        _room_inject(run, plan.inject(name), moment, seat, reports)
        for name, moment in run.released.items()
        if is_addressed(plan.inject(name), plan, seat.who)
    ]
    return {**_common(plan, run, seat), "leads": False, "injects": came}


def of_facilitator(plan: Exercise, run: Run, seat: Seat, reports: Reports) -> FacilitatorView:
    """Return everything.

    Parameters
    ----------
    plan
        The plan of the exercise.
    run
        Its state now.
    seat
        The seat of the user.
    reports
        Situations at the hours of the run.
    """
    notes: list[FacilitatorNote] = [
        {"min": _minute(one), "text": one.data["text"], "who": one.line.name}
        for one in run.of("noted")
    ]
    takes = sorted({one.take for one in run.aside})
    aside: list[Aside] = [
        {"take": take, "lines": sum(one.take == take for one in run.aside)} for take in takes
    ]
    return {
        **_common(plan, run, seat),
        "leads": True,
        "about": plan.about,
        "note": plan.note,
        "injects": [_whole_inject(run, inject, reports) for inject in plan.injects],
        "notes": notes,
        "aside": aside,
    }


def _common(plan: Exercise, run: Run, seat: Seat) -> RunView:
    return {
        "title": seat.seen.scrub(plan.title),
        "phase": run.phase,
        "clock_ms": run.clock_ms,
        "take": run.take,
        "scenario": run.scenario or None,
        "known_h": rules.known_h(run),
        "predictions": [
            _prediction(plan, run, window, seat) for window in rules.windows(run, plan).values()
        ],
        "decisions": [_decision(one, seat) for one in run.of("decided")[-MOST_TOLD:]],
    }


def _decision(moment: Moment, seat: Seat) -> DecisionText:
    """Return a decision in words; decisions of other users may reveal anything, as notes may.

    They are withheld instead of redacted: redaction would show an author which names are hidden.
    """
    may_read = seat.seen.is_whole or moment.line.author == seat.who.id
    return {
        "min": _minute(moment),
        "who": moment.line.name,
        "text": moment.data["text"] if may_read else _("(not shown)"),
        "reason": moment.data.get("reason", "") if may_read else "",
    }


def _minute(moment: Moment) -> float:
    return round(moment.clock_ms / 60_000, 1)


def _room_inject(
    run: Run, inject: Inject, moment: Moment, seat: Seat, reports: Reports
) -> RoomInject:
    payload: RoomInject = {
        "id": inject.id,
        "kind": inject.kind,
        "title": inject.title,
        "text": inject.text,
        "came_min": _minute(moment),
        "at_h": moment.data["hour"],
        "assets": list(inject.assets),
        "links": list(inject.links),
    }
    if hides(seat.seen, inject):
        title = _("Something happens that you may not see")
        return {**payload, "title": title, "text": "", "assets": [], "links": []}
    if inject.id in reports:
        payload["report"] = reports[inject.id]
    if inject.kind == "question" and not inject.bands_h:
        mine = [
            one for one in run.of("answered")
            if one.data["inject"] == inject.id and one.line.author == seat.who.id
        ]  # fmt: skip
        payload["options"] = list(inject.options)
        payload["mine"] = {one.line.name: one.data["answer"] for one in mine}
    return payload


def holding(plan: Exercise, run: Run, done: Sequence[Deed]) -> dict[str, bool | None]:
    """Return whether the condition of each inject that has one holds; None while it is open.

    Parameters
    ----------
    plan
        The plan of the exercise.
    run
        Its state now.
    done
        What was done in the run so far.
    """
    return {one.id: branching.holds(one.when, plan, run, done) for one in plan.injects if one.when}


def _whole_inject(run: Run, inject: Inject, reports: Reports) -> FacilitatorInject:
    settled = run.settled.get(inject.id)
    # as JSON its tuples are lists
    whole = cast("FacilitatorInject", asdict(inject))
    whole["status"] = cast("Status", settled.kind) if settled else "waiting"
    whole["came_min"] = _minute(settled) if settled else None
    if inject.id in reports:
        whole["report"] = reports[inject.id]
    if inject.kind == "question":
        answers = branching.answers(run, inject.id)
        whole["answers"] = [{"who": who, "answer": answer} for who, answer in answers]
    return whole


def _prediction(plan: Exercise, run: Run, window: rules.Window, seat: Seat) -> PredictionView:
    """Return a prediction: before its reveal, only the number of others' predictions is shown."""
    moment = rules.revealed(run).get(window.id)
    reveal: Reveal | None = None
    if moment is not None:
        visible = None if seat.seen.is_whole else seat.world.assets
        reveal = cast("Reveal", asdict(reveal_of(moment, run, plan, visible)))
    return {
        "id": window.id,
        "title": seat.seen.scrub(_title(plan, window.id)),
        "from_h": window.from_h,
        "ends_h": list(window.ends_h),
        "in": len(predictions(run, window.id)),
        "mine": _mine(run, window.id, seat.who),
        "reveal": reveal,
    }


def _title(plan: Exercise, window_id: str) -> str:
    return next((one.title for one in plan.injects if one.id == window_id), _("What fails next?"))


def _mine(run: Run, window_id: str, who: Who) -> dict[str, dict[str, int]]:
    """Return the last prediction of each table that this person spoke for."""
    predictions = run.newest("predicted", "id")
    return {
        name: one.data["marks"]
        for (window, author, name), one in predictions.items()
        if window == window_id and author == who.id
    }
