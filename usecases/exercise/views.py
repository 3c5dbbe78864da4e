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
from models.errors import BadInputError
from models.exercise import branching, rules
from models.exercise.branching import Deed
from models.exercise.debrief import predictions, reveal_of
from models.exercise.plan import Exercise, Inject
from models.exercise.run import Moment, Run
from models.exercise.situation import Situation
from models.rights.scrubbing import GONE
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
    names = names_for(plan, run, seat)
    came = [
        _room_inject(run, plan.inject(name), moment, seat, reports) | {"id": names[name]}
        for name, moment in run.released.items()
        if is_addressed(plan.inject(name), plan, seat.who)
    ]
    shown = _common(plan, run, seat)
    for prediction in shown["predictions"]:
        prediction["id"] = names.get(prediction["id"], prediction["id"])
        if prediction["reveal"]:
            prediction["reveal"]["window"]["id"] = prediction["id"]
    return {**shown, "leads": False, "injects": came}


def names_for(plan: Exercise, run: Run, seat: Seat) -> dict[str, str]:
    """Return by which id a participant knows each released inject.

    An id is a text of the plan's author: one that stands beside a covered title, or names
    something hidden itself, is replaced by a number, in the order of release.

    Parameters
    ----------
    plan, run
        The plan, and the state of its run.
    seat
        The place of the participant.
    """
    return {
        name: f"released-{number}" if _tells(plan.inject(name), seat) else name
        for number, name in enumerate(run.released, 1)
    }


def _tells(inject: Inject, seat: Seat) -> bool:
    if seat.who.leads or seat.seen.is_whole:
        return False
    read_as = inject.id.replace("_", " ")
    return hides(seat.seen, inject) or seat.seen.read(read_as, inject.signature) != read_as


def named_by_room(plan: Exercise, run: Run, seat: Seat, sent: str) -> str:
    """Return the id of what a participant names: an inject that came, or a prediction.

    Parameters
    ----------
    plan, run
        The plan, and the state of its run.
    seat
        The place of the user who names it.
    sent
        The id that they were told.

    Raises
    ------
    BadInputError
        If nothing of that id came, whatever the plan holds: no hint is of its ids.
    """
    known = names_for(plan, run, seat)
    came = {known[name]: name for name in run.released}
    windows = rules.windows(run, plan)
    came |= {known.get(name, name): name for name in windows}
    if sent not in came:
        raise BadInputError([_("This is not open. Reload the page.")])
    return came[sent]


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
        {"min": _minute(line), "text": _text(line, "text", seat), "who": line.line.name}
        for line in run.of("noted")
    ]
    takes = sorted({moment.take for moment in run.aside})
    aside: list[Aside] = [
        {"take": take, "lines": sum(moment.take == take for moment in run.aside)} for take in takes
    ]
    return {
        **_common(plan, run, seat),
        "leads": True,
        "about": plan.about,
        "note": plan.note,
        "injects": [_whole_inject(run, inject, seat, reports) for inject in plan.injects],
        "notes": notes,
        "aside": aside,
    }


def _common(plan: Exercise, run: Run, seat: Seat) -> RunView:
    return {
        "title": seat.seen.read(plan.title, plan.signature),
        "phase": run.phase,
        "clock_ms": run.clock_ms,
        "take": run.take,
        "scenario": run.scenario or None,
        "known_h": rules.known_h(run),
        "predictions": [
            _prediction(plan, run, window, seat) for window in rules.windows(run, plan).values()
        ],
        "decisions": [_decision(line, seat) for line in run.of("decided")[-MOST_TOLD:]],
    }


def _decision(moment: Moment, seat: Seat) -> DecisionText:
    """Return a decision in words; decisions of other users may reveal anything, as notes may.

    They are withheld instead of redacted: redaction would show an author which names are hidden.
    """
    return {
        "min": _minute(moment),
        "who": moment.line.name,
        "text": _text(moment, "text", seat),
        "reason": _text(moment, "reason", seat),
    }


def _text(moment: Moment, name: str, seat: Seat) -> str:
    """Return a text that somebody wrote during a run: their own, or of all for who sees all."""
    text = str(moment.data.get(name, ""))
    may_read = seat.seen.is_whole or moment.line.author == seat.who.id
    return text if may_read or not text else _(GONE)


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
            line for line in run.of("answered")
            if line.data["inject"] == inject.id and line.line.author == seat.who.id
        ]  # fmt: skip
        payload["options"] = list(inject.options)
        payload["mine"] = {line.line.name: line.data["answer"] for line in mine}
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
    return {
        inject.id: branching.holds(inject.when, plan, run, done)
        for inject in plan.injects
        if inject.when
    }


def _whole_inject(run: Run, inject: Inject, seat: Seat, reports: Reports) -> FacilitatorInject:
    settled = run.settled.get(inject.id)
    # as JSON its tuples are lists
    plain = {key: value for key, value in asdict(inject).items() if key != "signature"}
    whole = cast("FacilitatorInject", plain)
    whole["status"] = cast("Status", settled.kind) if settled else "waiting"
    whole["came_min"] = _minute(settled) if settled else None
    if inject.id in reports:
        whole["report"] = reports[inject.id]
    if inject.kind == "question":
        whole["answers"] = [
            {"who": answer.line.name, "answer": _answer(answer, inject, seat)}
            for answer in branching.answered(run, inject.id)
        ]
    return whole


def _answer(moment: Moment, inject: Inject, seat: Seat) -> str:
    """Return an answer: one of those that were offered, or as what else people write."""
    answer = str(moment.data["answer"])
    return answer if answer in inject.options else _text(moment, "answer", seat)


def _prediction(plan: Exercise, run: Run, window: rules.Window, seat: Seat) -> PredictionView:
    """Return a prediction: before its reveal, only the number of others' predictions is shown."""
    moment = rules.revealed(run).get(window.id)
    reveal: Reveal | None = None
    if moment is not None:
        visible = None if seat.seen.is_whole else seat.world.assets
        reveal = cast("Reveal", asdict(reveal_of(moment, run, plan, visible)))
    return {
        "id": window.id,
        "title": _title(plan, window.id, seat),
        "from_h": window.from_h,
        "ends_h": list(window.ends_h),
        "in": len(predictions(run, window.id)),
        "mine": _mine(run, window.id, seat.who),
        "reveal": reveal,
    }


def _title(plan: Exercise, window_id: str, seat: Seat) -> str:
    inject = next((inject for inject in plan.injects if inject.id == window_id), None)
    if inject is None:
        return _("What fails next?")
    return seat.seen.read(inject.title, inject.signature)


def _mine(run: Run, window_id: str, who: Who) -> dict[str, dict[str, int]]:
    """Return the last prediction of each table that this person spoke for."""
    predictions = run.newest("predicted", "id")
    return {
        name: prediction.data["marks"]
        for (window, author, name), prediction in predictions.items()
        if window == window_id and author == who.id
    }
