"""The requests that a page may make of an exercise: validated forms for designing and running.

All input is untrusted JSON. This module validates its form; ``models/exercise/rules.py`` decides
whether a command is possible now, and the reader of exercises checks an inject's content.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from models.errors import BadInputError
from models.exercise import plan as plans
from models.exercise.plan import Exercise
from models.wording import N_
from usecases import forms
from usecases.forms import Strict
from usecases.ports import Plain

_InjectId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
_Text = Annotated[str, Field(min_length=1, max_length=2_000)]
_Name = Annotated[str, Field(max_length=60)]
_Hours = Annotated[float, Field(ge=0, le=8_760, allow_inf_nan=False)]
_Minutes = Annotated[float, Field(ge=0, le=1_440, allow_inf_nan=False)]


# --- designing -------------------------------------------------------------------------------


class Put(Strict):
    """Add an inject, or change the one of its id."""

    do: Literal["put"]
    inject: dict[str, Any]


class RemoveOrCopy(Strict):
    """Remove an inject, or copy it."""

    do: Literal["remove", "copy"]
    inject: _InjectId


class Swap(Strict):
    """Move an inject one place up or down."""

    do: Literal["swap"]
    inject: _InjectId
    by: Literal[-1, 1]


class MoveInTime(Strict):
    """Move an inject to another minute."""

    do: Literal["time"]
    inject: _InjectId
    at_min: _Minutes


class EditAbout(Strict):
    """Change title, description, roles and initial scenario of the exercise."""

    do: Literal["about"]
    fields: dict[Literal["title", "about", "note", "roles", "scenario"], Any]


class UndoOrRedo(Strict):
    """Undo or redo the last change of the plan."""

    do: Literal["undo", "redo"]


Design = Annotated[
    Put | RemoveOrCopy | Swap | MoveInTime | EditAbout | UndoOrRedo, Field(discriminator="do")
]


def apply_design(plan: Exercise, command: Any, parse: Callable[[Plain], Exercise]) -> Exercise:
    """Return the plan after a change; ``parse`` validates the result.

    Parameters
    ----------
    plan
        The plan before the change.
    command
        The change, validated.
    parse
        Reads and validates a plain exercise.
    """
    if isinstance(command, Put):
        inject = {"id": plans.new_id(plan)} | command.inject
        injects = [entry for entry in plan.to_dict()["injects"] if entry["id"] != inject["id"]]
        form = plan.to_dict() | {"injects": [*injects, inject]}
        try:
            changed = parse(form).inject(str(inject["id"]))
        except BadInputError as error:
            raise BadInputError(_OF_INJECT.sub("", line) for line in error.problems) from None
        return plans.with_inject(plan, changed)
    if isinstance(command, EditAbout):
        return parse(plan.to_dict() | command.fields)
    if isinstance(command, MoveInTime):
        return parse(plans.with_time(plan, command.inject, command.at_min).to_dict())
    if isinstance(command, Swap):
        return parse(plans.with_neighbours_swapped(plan, command.inject, command.by).to_dict())
    step = plans.with_copy if command.do == "copy" else plans.without_inject
    return parse(step(plan, command.inject).to_dict())


#: prefix of messages about an inject in a file; removed, as a user of the form knows it
_OF_INJECT = re.compile(r"^injects\[\d+\](?: \([\w-]+\))?[.:]? ?")

# --- running ---------------------------------------------------------------------------------


class StartOrStop(Strict):
    """Start, pause, resume or end a run."""

    do: Literal["start", "pause", "resume", "end"]


class Settle(Strict):
    """Release, skip or rewind to an inject."""

    do: Literal["release", "skip", "rewind"]
    inject: _InjectId


class AskPrediction(Strict):
    """Open a prediction that was not planned."""

    do: Literal["ask"]
    from_h: _Hours
    bands_h: Annotated[list[Annotated[float, Field(gt=0, le=8_760)]], Field(max_length=8)]


class AnswerQuestion(Strict):
    """Answer a question."""

    do: Literal["answer"]
    inject: _InjectId
    answer: _Text
    name: _Name = ""


class Predict(Strict):
    """Predict which assets fail in which time band of an open prediction."""

    do: Literal["predict"]
    id: _InjectId
    marks: Annotated[
        dict[Annotated[str, Field(max_length=200)], Annotated[int, Field(ge=0, le=7)]],
        Field(max_length=200),
    ]
    name: _Name = ""


class RevealFailures(Strict):
    """Reveal the failures of a prediction."""

    do: Literal["reveal"]
    id: _InjectId


class Show(Strict):
    """Show participants what happens up to an hour of the cascade."""

    do: Literal["show"]
    hour: _Hours


class Decide(Strict):
    """Record a decision."""

    do: Literal["decide"]
    text: _Text
    reason: Annotated[str, Field(max_length=2_000)] = ""
    name: _Name = ""


class WriteNote(Strict):
    """Write a note that only facilitators see."""

    do: Literal["note"]
    text: _Text


Running = Annotated[
    StartOrStop
    | Settle
    | AskPrediction
    | AnswerQuestion
    | Predict
    | RevealFailures
    | Show
    | Decide
    | WriteNote,
    Field(discriminator="do"),
]
#: commands of participants; all others are for facilitators
OF_ALL = (AnswerQuestion, Predict, Decide)

_DESIGN: TypeAdapter[Any] = TypeAdapter(Design)
_RUNNING: TypeAdapter[Any] = TypeAdapter(Running)
_CANNOT = N_("This cannot be done: {what}.")
_WORDS = {
    "string_too_long": N_("longer than {max_length} characters. Shorten it"),
    "string_too_short": N_("empty"),
    "union_tag_invalid": N_("unknown command"),
}


def parse_design(raw: object) -> Any:
    """Validate a change of a plan; raises BadInputError."""
    return forms.parse(_DESIGN, raw, _CANNOT, _WORDS)


def parse_running(raw: object) -> Any:
    """Validate a command in a run; raises BadInputError."""
    return forms.parse(_RUNNING, raw, _CANNOT, _WORDS)
