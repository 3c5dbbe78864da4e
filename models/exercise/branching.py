"""Conditions of injects: answers and actions of the participants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.exercise.plan import Exercise, When
from models.exercise.run import Moment, Run

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stood:
    """A scenario after one change: its events, the time on the exercise clock, the author.

    ``by_inject``: the change was an inject of the exercise, not an action of a participant.
    """

    clock_ms: int
    events: tuple[Event, ...]
    by_inject: bool = False


@dataclass(frozen=True, slots=True)
class Deed:
    """An action of a participant that is still in effect."""

    do: str
    asset: str
    clock_ms: int


def deeds(course: Sequence[Stood]) -> tuple[Deed, ...]:
    """Return the participants' actions, by time; the first of ``course`` is the initial scenario.

    An action that was undone and redone counts from its last time.
    """
    since: dict[str, Deed] = {}
    before: set[str] = set()
    for number, stood in enumerate(course):
        now = {repr(sorted(event.items())): event for event in stood.events}
        for gone in before - now.keys():
            since.pop(gone, None)
        if number and not stood.by_inject:
            since |= {
                key: Deed(str(now[key]["do"]), str(now[key].get("asset", "")), stood.clock_ms)
                for key in now.keys() - before
            }
        before = set(now)
    return tuple(sorted(since.values(), key=lambda deed: (deed.clock_ms, deed.do, deed.asset)))


def holds(when: When, plan: Exercise, run: Run, done: Sequence[Deed]) -> bool | None:
    """Return whether a condition holds; None while this is undecided.

    Parameters
    ----------
    when
        The condition.
    plan, run
        The exercise, and the current state of the run.
    done
        Actions in the scenario so far, on the exercise clock.
    """
    if when.test == "answered":
        most = most_given(plan, run, when.inject)
        return None if most is None else most == when.option
    limit_ms = None if when.by_min is None else when.by_min * 60_000
    times = [deed.clock_ms for deed in done if (deed.do, deed.asset) == (when.do, when.asset)]
    in_time = any(limit_ms is None or at_ms <= limit_ms for at_ms in times)
    if in_time:
        return when.test == "done"
    if limit_ms is None or run.clock_ms <= limit_ms:
        return None
    return when.test == "not_done"


def answers(run: Run, inject_id: str) -> tuple[tuple[str, str], ...]:
    """Return who answered a question with what, each once, in the order of their last answers."""
    given = answered(run, inject_id)
    return tuple((moment.line.name, str(moment.data["answer"])) for moment in given)


def answered(run: Run, inject_id: str) -> tuple[Moment, ...]:
    """Return the last answer of each to a question, in the order in which they were given."""
    newest = run.newest("answered", "inject")
    mine = [answer for (inject, _, _), answer in newest.items() if inject == inject_id]
    return tuple(sorted(mine, key=lambda answer: answer.line.number))


def most_given(plan: Exercise, run: Run, inject_id: str) -> str | None:
    """Return the most frequent answer; ties go to the one listed first. None if there is none.

    Parameters
    ----------
    plan
        Lists the options of the question.
    run
        Holds the answers of participants.
    inject_id
        Id of the question.
    """
    counted = Counter(answer for _, answer in answers(run, inject_id))
    if not counted:
        return None
    listed = list(plan.inject(inject_id).options) or sorted(counted)
    return max(counted, key=lambda answer: (counted[answer], -_place(answer, listed)))


def _place(answer: str, listed: list[str]) -> int:
    return listed.index(answer) if answer in listed else len(listed)
