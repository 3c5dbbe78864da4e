"""Permitted lines in the current state of a run; a refusal says why, and what to do instead."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.access import LOCAL
from models.errors import BadInputError
from models.exercise.plan import Exercise
from models.exercise.run import Line, Moment, Run
from models.units import to_ms
from models.wording import _

MAX_MARKS = 200
MAX_LINES = 5_000
#: lines reserved for facilitators; participants cannot use them
KEPT_FOR_STEERING = 1_000
#: limits per participant: lines, and bytes of their data
MAX_LINES_EACH, MAX_BYTES_EACH = 500, 2_000_000
#: kinds of lines that participants write; facilitators write the others
_OF_ROOM = ("answered", "predicted", "decided")


@dataclass(frozen=True, slots=True)
class Window:
    """Start of a prediction's window and ends of its time bands, in hours of the cascade."""

    id: str
    from_h: float
    ends_h: tuple[float, ...]

    @property
    def until_h(self) -> float:
        """Return where the last band ends."""
        return self.ends_h[-1]

    def band_of(self, at_h: float) -> int:
        """Return the band of an hour in the window; a band includes its end."""
        return next(n for n, end in enumerate(self.ends_h) if to_ms(at_h) <= to_ms(end))


def require_room(lines: Sequence[Line], kind: str, author: str, size: int) -> None:
    """Refuse a line that exceeds the limits of a run; a pause and the end are always allowed.

    Parameters
    ----------
    lines
        Existing lines.
    kind, author
        Kind and author of the new line.
    size
        Size of its data, in bytes.

    Raises
    ------
    BadInputError
        If the run is full, or this participant has reached their limit.
    """
    if kind in ("paused", "ended"):  # neither can be repeated
        return
    of_room = kind in _OF_ROOM
    if len(lines) >= MAX_LINES - KEPT_FOR_STEERING * of_room:
        raise BadInputError([_("The log of this run is full. End it and start a new one.")])
    if not of_room:
        return
    own = [line for line in lines if line.author == author and line.kind in _OF_ROOM]
    # without sign-in all participants are one user, who may use the limits of all
    sizes = (bytes_of(line.data) for line in own)
    if author != LOCAL and (len(own) >= MAX_LINES_EACH or sum(sizes) + size > MAX_BYTES_EACH):
        raise BadInputError([_("You have made too many entries in this run.")])


def bytes_of(data: Mapping[str, Any]) -> int:
    """Return the size of a line's data, in bytes."""
    return len(json.dumps(data, ensure_ascii=False).encode())


def window_of(moment: Moment, plan: Exercise) -> Window | None:
    """Return the window of the prediction that a line opened, None if it opened none."""
    if moment.kind == "asked":
        data = moment.data
        return Window(str(data["id"]), data["from_h"], tuple(data["ends_h"]))
    if moment.kind != "released":
        return None
    inject = plan.inject(str(moment.data["inject"]))
    if not inject.bands_h:
        return None
    from_h = float(moment.data["hour"])
    return Window(inject.id, from_h, tuple(from_h + band for band in inject.bands_h))


def windows(run: Run, plan: Exercise) -> Mapping[str, Window]:
    """Return all predictions that were opened in this take, in order."""
    opened = (window_of(moment, plan) for moment in run.standing)
    return {window.id: window for window in opened if window is not None}


def revealed(run: Run) -> Mapping[str, Moment]:
    """Return the reveals of this take by prediction."""
    return {str(line.data["id"]): line for line in run.of("revealed")}


def known_h(run: Run) -> float:
    """Return the newest hour: up to it participants know what happens in the cascade.

    It is not the latest hour shown: a reveal looks ahead, and the next inject continues from here.
    """
    moments = run.of("released", "revealed", "shown")
    return float(moments[-1].data["hour"]) if moments else 0.0


def require(plan: Exercise, run: Run, kind: str, data: Mapping[str, Any]) -> None:
    """Refuse a line that is impossible in the current state.

    Parameters
    ----------
    plan, run
        The exercise, and the current state of the run.
    kind
        The kind of the line to be written (``LineKind``).
    data
        The data of the line.

    Raises
    ------
    BadInputError
        With the reason of the refusal.
    """
    if kind == "started":
        _refuse(run.phase != "ready", _("The exercise has started already."))
        return
    _refuse(run.phase == "ready", _("The exercise has not started. Press Start first."))
    _refuse(run.phase == "ended", _("The exercise has ended. Its debrief is ready."))
    check = _CHECKS.get(kind)
    if check is not None:
        check(plan, run, data)


def _refuse(wrong: bool, text: str) -> None:
    if wrong:
        raise BadInputError([text])


def _pause(_plan: Exercise, run: Run, _data: Mapping[str, Any]) -> None:
    _refuse(run.phase != "running", _("The exercise clock is already paused."))


def _resume(_plan: Exercise, run: Run, _data: Mapping[str, Any]) -> None:
    _refuse(run.phase == "running", _("The exercise clock is already running."))


def _settle(plan: Exercise, run: Run, data: Mapping[str, Any]) -> None:
    inject = plan.inject(str(data["inject"]))
    before = run.settled.get(inject.id)
    if before is not None:
        text = (
            _("'{title}' was released already. Rewind to it to bring it in again.")
            if before.kind == "released"
            else _("'{title}' was skipped already. Rewind to it to bring it in again.")
        )
        _refuse(True, text.format(title=inject.title))


def _rewind(plan: Exercise, run: Run, data: Mapping[str, Any]) -> None:
    inject = plan.inject(str(data["inject"]))
    _refuse(
        inject.id not in run.settled,
        _("'{title}' has not come yet: there is nothing to rewind.").format(title=inject.title),
    )


def _answer(plan: Exercise, run: Run, data: Mapping[str, Any]) -> None:
    inject = plan.inject(str(data["inject"]))
    is_open = inject.kind == "question" and not inject.bands_h and inject.id in run.released
    _refuse(not is_open, _("This question is not open for answers."))
    options = ", ".join(f"'{option}'" for option in inject.options)
    _refuse(
        bool(inject.options) and data["answer"] not in inject.options,
        _("This is not one of the answers: {answers}.").format(answers=options),
    )


def _open(plan: Exercise, run: Run, data: Mapping[str, Any]) -> None:
    still = [window for window in windows(run, plan) if window not in revealed(run)]
    _refuse(bool(still), _("A prediction is open already. Reveal it before you open another."))
    ends = data["ends_h"]
    rising = all(a < b for a, b in zip([data["from_h"], *ends], ends, strict=False))
    _refuse(not ends or not rising, _("Enter the ends of the time bands in ascending order."))


def _predict(plan: Exercise, run: Run, data: Mapping[str, Any]) -> None:
    window = windows(run, plan).get(str(data["id"]))
    closed = window is None or window.id in revealed(run)
    _refuse(closed, _("This prediction is not open. Wait for the next one."))
    if window is not None:
        marks = data["marks"]
        _refuse(len(marks) > MAX_MARKS, _("Mark at most {n} assets.").format(n=MAX_MARKS))
        wrong = any(not 0 <= band < len(window.ends_h) for band in marks.values())
        _refuse(wrong, _("Unknown time band. Reload the page."))


def _reveal(plan: Exercise, run: Run, data: Mapping[str, Any]) -> None:
    _refuse(data["id"] not in windows(run, plan), _("This prediction does not exist in this take."))
    _refuse(data["id"] in revealed(run), _("This prediction was revealed already."))


_CHECKS: Mapping[str, Callable[[Exercise, Run, Mapping[str, Any]], None]] = {
    "paused": _pause,
    "resumed": _resume,
    "released": _settle,
    "skipped": _settle,
    "rewound": _rewind,
    "answered": _answer,
    "asked": _open,
    "predicted": _predict,
    "revealed": _reveal,
}
