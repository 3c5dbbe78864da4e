"""What each person may see of a run: all of it for facilitators; for others what came to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from callbacks.ports import Plain
from models.access import Who
from models.exercise import branching, rules
from models.exercise.branching import Deed
from models.exercise.debrief import predictions, reveal_of
from models.exercise.plan import Exercise, Inject
from models.exercise.run import Moment, Run

MOST_TOLD = 500


def is_addressed(inject: Inject, plan: Exercise, who: Who) -> bool:
    """Say whether an inject is for somebody: by the sectors that its roles stand for."""
    if not inject.to or who.sectors is None or who.leads or who.role == "observer":
        return True
    roles = [role for role in plan.roles if role.id in inject.to]
    return any(set(role.sectors) & who.sectors for role in roles)


def of_room(plan: Exercise, run: Run, who: Who) -> Plain:
    """Return what a participant sees: released injects to them, no notes, nothing to come."""
    came = [
        _room_inject(plan, run, plan.inject(name), moment, who)
        for name, moment in run.released.items()
        if is_addressed(plan.inject(name), plan, who)
    ]
    return _common(plan, run, who) | {"leads": False, "injects": came}


def of_facilitator(plan: Exercise, run: Run, who: Who) -> Plain:
    """Return everything."""
    shown = _common(plan, run, who)
    shown["injects"] = [_whole_inject(plan, run, inject) for inject in plan.injects]
    shown["notes"] = [
        {"min": _minute(one), "text": one.data["text"], "who": one.line.name}
        for one in run.of("noted")
    ]
    takes = sorted({one.take for one in run.aside})
    shown["aside"] = [
        {"take": take, "lines": sum(one.take == take for one in run.aside)} for take in takes
    ]
    return shown | {"leads": True, "about": plan.about, "note": plan.note}


def _common(plan: Exercise, run: Run, who: Who) -> Plain:
    return {
        "title": plan.title,
        "phase": run.phase,
        "clock_ms": run.clock_ms,
        "take": run.take,
        "scenario": run.scenario or None,
        "known_h": rules.known_h(run),
        "predictions": [
            _prediction(plan, run, window, who) for window in rules.windows(run, plan).values()
        ],
        "decisions": [
            {
                "min": _minute(one),
                "who": one.line.name,
                "text": one.data["text"],
                "reason": one.data.get("reason", ""),
            }
            for one in run.of("decided")[-MOST_TOLD:]
        ],
    }


def _minute(moment: Moment) -> float:
    return round(moment.clock_ms / 60_000, 1)


def _room_inject(plan: Exercise, run: Run, inject: Inject, moment: Moment, who: Who) -> Plain:
    told: Plain = {
        "id": inject.id,
        "kind": inject.kind,
        "title": inject.title,
        "text": inject.text,
        "came_min": _minute(moment),
        "at_h": moment.data["hour"],
        "assets": list(inject.assets),
        "links": list(inject.links),
    }
    if "report" in moment.data:
        told["report"] = moment.data["report"]
    if inject.kind == "question" and not inject.bands_h:
        mine = [
            one for one in run.of("answered")
            if one.data["inject"] == inject.id and one.line.author == who.id
        ]  # fmt: skip
        told["options"] = list(inject.options)
        told["mine"] = {one.line.name: one.data["answer"] for one in mine}
    return told


def holding(plan: Exercise, run: Run, done: Sequence[Deed]) -> Plain:
    """Return whether the condition of each inject that has one holds; None while it is open."""
    return {one.id: branching.holds(one.when, plan, run, done) for one in plan.injects if one.when}


def _whole_inject(plan: Exercise, run: Run, inject: Inject) -> Plain:
    settled = run.settled.get(inject.id)
    whole: Plain = {key: _listed(value) for key, value in asdict(inject).items()}
    whole["status"] = settled.kind if settled else "waiting"
    whole["came_min"] = _minute(settled) if settled else None
    if settled and "report" in settled.data:
        whole["report"] = settled.data["report"]
    if inject.kind == "question":
        given = branching.answers(run, inject.id)
        whole["answers"] = [{"who": who, "answer": answer} for who, answer in given]
    return whole


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _prediction(plan: Exercise, run: Run, window: rules.Window, who: Who) -> Plain:
    """Return a prediction: before its reveal nobody is told more of others than how many."""
    told = {
        "id": window.id,
        "title": _title(plan, window.id),
        "from_h": window.from_h,
        "ends_h": list(window.ends_h),
        "in": len(predictions(run, window.id)),
        "mine": _mine(run, window.id, who),
        "reveal": None,
    }
    moment = rules.revealed(run).get(window.id)
    if moment is not None:
        told["reveal"] = asdict(reveal_of(moment, run, plan))
    return told


def _title(plan: Exercise, window_id: str) -> str:
    return next((one.title for one in plan.injects if one.id == window_id), "What fails next?")


def _mine(run: Run, window_id: str, who: Who) -> Mapping[str, Any]:
    """Return the last prediction of each table that this person spoke for."""
    given = run.newest("predicted", "id")
    return {
        name: one.data["marks"]
        for (asked, author, name), one in given.items()
        if asked == window_id and author == who.id
    }
