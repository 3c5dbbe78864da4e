"""Exercises: what there is, a plan, and a run as its facilitators and as its room see it."""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from layouts.feed.payloads.scenario import PlainScenario
from models.exercise.plan import Kind
from models.exercise.predictions import Verdict
from models.exercise.run import Phase
from models.exercise.situation import Situation


class Entry(TypedDict):
    """A plan or a run in the list."""

    id: str
    kind: Literal["plan", "run"]
    title: str
    created: str


class ReadyExercise(TypedDict):
    """An exercise that ships with the region."""

    name: str
    title: str
    about: str
    injects: int
    minutes: float


class ExerciseList(TypedDict):
    """What there is; ``leads``: the user is a facilitator, only they get more than runs."""

    leads: bool
    ready: list[ReadyExercise]
    plans: list[Entry]
    runs: list[Entry]


# --- a plan ----------------------------------------------------------------------------------


class PlainRole(TypedDict):
    """A role; what is empty is left out."""

    id: str
    name: str
    sectors: NotRequired[list[str]]
    card: NotRequired[str]


class PlainWhen(TypedDict):
    """The condition of an inject; what is empty is left out."""

    test: Literal["answered", "done", "not_done"]
    inject: NotRequired[str]
    option: NotRequired[str]
    do: NotRequired[str]
    asset: NotRequired[str]
    by_min: NotRequired[float]


class PlainInject(TypedDict):
    """An inject; what is empty is left out."""

    id: str
    at_min: float
    kind: Kind
    title: str
    text: NotRequired[str]
    to: NotRequired[list[str]]
    assets: NotRequired[list[str]]
    links: NotRequired[list[str]]
    service: NotRequired[str]
    at_h: NotRequired[float]
    until_h: NotRequired[float]
    options: NotRequired[list[str]]
    bands_h: NotRequired[list[float]]
    note: NotRequired[str]
    when: NotRequired[PlainWhen]


class PlainExercise(TypedDict):
    """A plan in its plain form (docs/reference/format.md)."""

    world: str
    title: str
    about: NotRequired[str]
    note: NotRequired[str]
    scenario: PlainScenario
    roles: list[PlainRole]
    injects: list[PlainInject]


class PlanState(TypedDict):
    """The current state of a plan; ``rev`` is what a change is based on."""

    id: str
    rev: int
    plan: PlainExercise
    can_undo: bool
    can_redo: bool


# --- a run -----------------------------------------------------------------------------------


class Window(TypedDict):
    """A prediction's window: hours of the cascade at which it starts and each time band ends."""

    id: str
    from_h: float
    ends_h: list[float]


class Judged(TypedDict):
    """The predictions for one asset, and what became of it."""

    asset: str
    verdict: Verdict
    at_h: float | None
    band: int | None
    person_hours: float
    marks: list[int]
    apart: int


class Score(TypedDict):
    """How one table did."""

    by: str
    hits: int
    near: int
    misses: int
    surprises: int


class Reveal(TypedDict):
    """All that a reveal shows."""

    window: Window
    judged: list[Judged]
    scores: list[Score]
    discussion: list[Judged]


#: a prediction: ``in`` counts those made, ``mine`` are the user's: table → asset → band; made by a
#: call because ``in`` is a keyword
PredictionView = TypedDict(
    "PredictionView",
    {
        "id": str,
        "title": str,
        "from_h": float,
        "ends_h": list[float],
        "in": int,
        "mine": dict[str, dict[str, int]],
        "reveal": Reveal | None,
    },
)


class DecisionText(TypedDict):
    """A decision in words."""

    min: float
    who: str
    text: str
    reason: str


class FacilitatorNote(TypedDict):
    """A note of a facilitator."""

    min: float
    text: str
    who: str


class Aside(TypedDict):
    """An earlier take that was rewound."""

    take: int
    lines: int


class Answered(TypedDict):
    """An answer to a question."""

    who: str
    answer: str


class RoomInject(TypedDict):
    """A released inject as participants see it."""

    id: str
    kind: Kind
    title: str
    text: str
    came_min: float
    at_h: float
    assets: list[str]
    links: list[str]
    report: NotRequired[Situation]
    #: of a question: what it offers, and what the user answered: name → answer
    options: NotRequired[list[str]]
    mine: NotRequired[dict[str, str]]


class When(TypedDict):
    """The condition of an inject, with all its fields."""

    test: Literal["answered", "done", "not_done"]
    inject: str
    option: str
    do: str
    asset: str
    by_min: float | None


#: what became of an inject
Status = Literal["waiting", "released", "skipped"]


class FacilitatorInject(TypedDict):
    """An inject with all its fields, and what became of it."""

    id: str
    at_min: float
    kind: Kind
    title: str
    text: str
    to: list[str]
    assets: list[str]
    links: list[str]
    service: str
    at_h: float | None
    until_h: float | None
    options: list[str]
    bands_h: list[float]
    note: str
    when: When | None
    status: Status
    came_min: float | None
    report: NotRequired[Situation]
    answers: NotRequired[list[Answered]]


class RunHead(TypedDict):
    """Which state of a run it is. ``holds``, for facilitators: whether each condition holds."""

    id: str
    line: int
    rev: int
    holds: NotRequired[dict[str, bool | None]]


class RunClock(TypedDict):
    """What changes without a new line."""

    phase: Phase
    clock_ms: int


class SameRun(RunHead, RunClock):
    """The answer to a page that has this state already."""

    same: Literal[True]


class RunView(RunClock):
    """What everybody sees of a run."""

    title: str
    take: int
    scenario: str | None
    known_h: float
    predictions: list[PredictionView]
    decisions: list[DecisionText]


class RoomView(RunView):
    """What participants see of a run."""

    leads: Literal[False]
    injects: list[RoomInject]


class FacilitatorView(RunView):
    """What facilitators see of a run."""

    leads: Literal[True]
    about: str
    note: str
    injects: list[FacilitatorInject]
    notes: list[FacilitatorNote]
    aside: list[Aside]


class RoomRun(RunHead, RoomView):
    """A run as participants get it."""


class FacilitatorRun(RunHead, FacilitatorView):
    """A run as facilitators get it."""


RunAnswer = SameRun | RoomRun | FacilitatorRun
