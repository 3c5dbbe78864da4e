"""The hot debrief: decisions with their effects, results of predictions, and open questions.

It is handed out right after the exercise and holds no notes of facilitators.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from models.exercise.branching import answers
from models.exercise.plan import MS_PER_MIN, Exercise
from models.exercise.predictions import Fall, Prediction, Reveal, reveal
from models.exercise.rules import Window, windows
from models.exercise.run import Moment, Run, fold
from models.impact.people import distinct_people
from models.impact.settlement import EVERYBODY
from models.outcome import Outcome
from models.wording import N_, _
from models.world import World


@dataclass(frozen=True, slots=True)
class Toll:
    """Consequences of a scenario up to its horizon.

    ``people`` who lack something at the worst moment, each counted once; ``person_hours`` of these.
    ``services``: person-hours without each service at home, by service. Where everybody lacks
    something, these alone show that one of several services is back.
    """

    people: int
    person_hours: float
    services: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Changed:
    """One change of a take's scenario; ``before`` and ``after`` are None if not computed.

    ``inject``: the inject that made it; empty for an action of a participant.
    """

    take: int
    clock_ms: int
    who: str
    what: str
    inject: str = ""
    before: Toll | None = None
    after: Toll | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision of a user: a change of the scenario, or a sentence with its reason.

    ``services``: the person-hours more (or fewer) without each service that it changes.
    """

    take: int
    minute: float
    who: str
    what: str
    reason: str = ""
    people: int | None = None
    person_hours: float | None = None
    services: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class CourseItem:
    """One entry of the course: an inject that was released or skipped, or a rewind.

    ``people``, ``person_hours`` and ``services`` are its effect, None and empty if it has none.
    """

    take: int
    minute: float
    what: str
    title: str
    people: int | None = None
    person_hours: float | None = None
    services: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionAsked:
    """A question and its answers: (who, answer)."""

    take: int
    title: str
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Debrief:
    """The whole debrief; ``people`` and ``person_hours`` of a decision are its effect."""

    title: str
    about: str
    minutes: float
    takes: int
    toll: Toll | None
    course: tuple[CourseItem, ...]
    decisions: tuple[Decision, ...]
    questions: tuple[QuestionAsked, ...]
    reveals: tuple[Reveal, ...]
    open_points: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the plain form."""
        return asdict(self)


def toll(world: World, outcome: Outcome) -> Toll:
    """Return what an outcome costs."""
    lacking = distinct_people(world, outcome)[EVERYBODY]
    services = ((name, round(one.person_hours, 3)) for name, one in lacking.services.items())
    return Toll(lacking.peak, round(lacking.person_hours, 3), tuple(sorted(services)))


def debrief(
    plan: Exercise, run: Run, changes: Sequence[Changed], end: Toll | None = None
) -> Debrief:
    """Return the debrief of a run.

    Parameters
    ----------
    plan, run
        The exercise, and its whole log.
    changes
        Changes of the scenarios of all takes.
    end
        Consequences of the last take's scenario in its current state.
    """
    moments = sorted((*run.aside, *run.standing), key=lambda moment: moment.line.number)
    injected = {
        (change.take, change.inject): _effect(change) for change in changes if change.inject
    }
    course = [*filter(None, (_step(plan, moment, injected) for moment in moments))]
    decided = [_made(change) for change in changes if not change.inject]
    decided += [_stated_decision(moment) for moment in moments if moment.kind == "decided"]
    stood = _as_it_stood(run)
    return Debrief(
        title=plan.title,
        about=plan.about,
        minutes=_minutes(run.clock_ms),
        takes=run.take,
        toll=end,
        course=tuple(sorted(course, key=lambda step: (step.take, step.minute))),
        decisions=tuple(sorted(decided, key=lambda decision: (decision.take, decision.minute))),
        questions=_questions(plan, stood),
        reveals=_reveals(plan, stood),
        open_points=_open_points(plan, run),
    )


def reveal_of(
    moment: Moment, run: Run, plan: Exercise, visible: Container[str] | None = None
) -> Reveal:
    """Return a reveal from its log line, compared with the predictions before it.

    Parameters
    ----------
    moment
        The log line of the reveal.
    run, plan
        The run and its exercise.
    visible
        The assets that the viewer may see, None for all; others are left out and not counted.
    """
    window: Window = windows(run, plan)[str(moment.data["id"])]
    fallen = [
        Fall(str(asset), float(at_h), float(cost)) for asset, at_h, cost in moment.data["falls"]
    ]
    predicted = predictions(run, window.id)
    if visible is not None:
        fallen = [fall for fall in fallen if fall.asset in visible]
        predicted = tuple(
            Prediction(
                prediction.by, {a: band for a, band in prediction.marks.items() if a in visible}
            )
            for prediction in predicted
        )
    return reveal(window, fallen, predicted)


def predictions(run: Run, window_id: str) -> tuple[Prediction, ...]:
    """Return the last prediction of each table, in order of arrival."""
    newest = run.newest("predicted", "id")
    mine = [prediction for (window, _, _), prediction in newest.items() if window == window_id]
    mine.sort(key=lambda prediction: prediction.line.number)
    return tuple(Prediction(prediction.line.name, prediction.data["marks"]) for prediction in mine)


def _minutes(clock_ms: int) -> float:
    return round(clock_ms / MS_PER_MIN, 1)


_TOLD: Mapping[str, str] = {
    "released": N_("came"),
    "skipped": N_("skipped"),
    "rewound": N_("rewound to"),
}


_Effect = tuple[int | None, float | None, tuple[tuple[str, float], ...]]
_NO_EFFECT: _Effect = (None, None, ())


def _step(
    plan: Exercise, moment: Moment, injected: Mapping[tuple[int, str], _Effect]
) -> CourseItem | None:
    if moment.kind not in _TOLD:
        return None
    inject = plan.inject(str(moment.data["inject"]))
    came = moment.kind == "released"
    effect = injected.get((moment.take, inject.id), _NO_EFFECT) if came else _NO_EFFECT
    minute = _minutes(moment.clock_ms)
    return CourseItem(moment.take, minute, _TOLD[moment.kind], inject.title, *effect)


def _effect(change: Changed) -> _Effect:
    if change.before is None or change.after is None:
        return _NO_EFFECT
    hours = round(change.after.person_hours - change.before.person_hours, 3)
    before, after = dict(change.before.services), dict(change.after.services)
    services = (
        (name, round(after.get(name, 0.0) - before.get(name, 0.0), 3))
        for name in sorted(before.keys() | after.keys())
    )
    changed = tuple((name, more) for name, more in services if round(more))
    return change.after.people - change.before.people, hours, changed


def _made(change: Changed) -> Decision:
    minute = _minutes(change.clock_ms)
    return Decision(change.take, minute, change.who, change.what, "", *_effect(change))


def _stated_decision(moment: Moment) -> Decision:
    minute, data = _minutes(moment.clock_ms), moment.data
    return Decision(moment.take, minute, moment.line.name, data["text"], data.get("reason", ""))


def _as_it_stood(run: Run) -> list[Run]:
    """Return the run before each rewind, and its current state, so that no take is lost."""
    moments = sorted((*run.aside, *run.standing), key=lambda moment: moment.line.number)
    lines = [moment.line for moment in moments]
    cuts = [n for n, line in enumerate(lines) if line.kind == "rewound"]
    return [*(fold(lines[:n], lines[n].at_ms) for n in cuts), run]


def _reveals(plan: Exercise, stood: Sequence[Run]) -> tuple[Reveal, ...]:
    reveals = {
        line.line.number: reveal_of(line, run, plan) for run in stood for line in run.of("revealed")
    }
    return tuple(reveals[number] for number in sorted(reveals))


def _questions(plan: Exercise, stood: Sequence[Run]) -> tuple[QuestionAsked, ...]:
    """Return every question that was asked, with its last answers."""
    questions: dict[int, QuestionAsked] = {}
    for run in stood:
        for name, moment in run.released.items():
            inject = plan.inject(name)
            if inject.kind == "question" and not inject.bands_h:
                question = QuestionAsked(moment.take, inject.title, answers(run, name))
                questions[moment.line.number] = question
    return tuple(questions[number] for number in sorted(questions))


def _open_points(plan: Exercise, run: Run) -> tuple[str, ...]:
    unanswered = (question.title for question in _questions(plan, [run]) if not question.answers)
    hidden = [name for name in windows(run, plan) if name not in _revealed_ids(run)]
    missed = (plan.inject(n).title for n, value in run.settled.items() if value.kind == "skipped")
    return (
        *(_("Nobody answered: {title}").format(title=title) for title in unanswered),
        *(_("Predicted and never revealed: {name}").format(name=name) for name in hidden),
        *(_("Skipped: {title}").format(title=title) for title in missed),
    )


def _revealed_ids(run: Run) -> set[str]:
    return {str(line.data["id"]) for line in run.of("revealed")}
