"""Predict, then reveal: the participants' predictions against the engine's result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from models.exercise.rules import Window
from models.impact.consequences import delivery_course, person_hours
from models.outcome import Outcome, StateChange
from models.units import to_hours, to_ms
from models.world import World

#: an asset fails when its level or delivery is below this share
HALF = 0.5
MOST_FALLS, MOST_DISCUSSED = 2_000, 20
Verdict = Literal["hit", "near", "miss", "surprise"]


@dataclass(frozen=True, slots=True)
class Fall:
    """An asset that fails in a window; ``person_hours`` of those it serves, until its end."""

    asset: str
    at_h: float
    person_hours: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """Marks of one table of participants: the time band in which each asset fails."""

    by: str
    marks: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Judged:
    """The participants' predictions for one asset, and its outcome.

    ``hit``: it fails and a prediction had the band right; ``near``: it fails, in another band;
    ``miss``: marked, yet it does not fail; ``surprise``: it fails and was not marked. ``marks`` are
    the predicted bands. ``apart``: how many would have to change their prediction for all to agree.
    """

    asset: str
    verdict: Verdict
    at_h: float | None
    band: int | None
    person_hours: float
    marks: tuple[int, ...]
    apart: int


@dataclass(frozen=True, slots=True)
class Score:
    """Score of one table; ``surprises`` are failures that it had not marked."""

    by: str
    hits: int
    near: int
    misses: int
    surprises: int


@dataclass(frozen=True, slots=True)
class Reveal:
    """Content of a reveal. ``discussion``: surprises first, then assets with differing marks."""

    window: Window
    judged: tuple[Judged, ...]
    scores: tuple[Score, ...]
    discussion: tuple[Judged, ...]


def falls(world: World, outcome: Outcome, from_h: float, until_h: float) -> tuple[Fall, ...]:
    """Return the failures in a window, by time; assets that failed before it are left out.

    Parameters
    ----------
    world, outcome
        The world, and the outcome of a scenario in it.
    from_h, until_h
        The window, in hours of the scenario: after ``from_h``, up to ``until_h`` itself.
    """
    from_ms, until_ms = to_ms(from_h), min(to_ms(until_h), outcome.horizon_ms)
    falling = []
    for asset in world.listed:
        at_ms = _first_fall(outcome.states.get(asset, ()), from_ms, until_ms)
        if at_ms is not None:
            cost = round(_cost(world, outcome, asset, at_ms, until_ms), 3)
            falling.append(Fall(asset, to_hours(at_ms), cost))
    falling.sort(key=lambda fall: (fall.at_h, -fall.person_hours, fall.asset))
    return tuple(falling[:MOST_FALLS])


def _first_fall(changes: Sequence[StateChange], from_ms: int, until_ms: int) -> int | None:
    """Return when an asset that works at the start of a window first fails in it."""
    before = [change for change in changes if change.t_ms <= from_ms]
    if before and has_failed(before[-1]):
        return None
    inside = (change for change in changes if from_ms < change.t_ms <= until_ms)
    return next((change.t_ms for change in inside if has_failed(change)), None)


def has_failed(change: StateChange) -> bool:
    """Return whether an asset counts as failed: its level or delivery is below one half."""
    return min(change.level, change.delivered) < HALF


def _cost(world: World, outcome: Outcome, asset: str, from_ms: int, until_ms: int) -> float:
    """Return the person-hours without what an asset itself gives to people."""
    hours = (
        area.people * _lost_hours(delivery_course(outcome, asset, area.service), from_ms, until_ms)
        for area in world.people_of.get(asset, ())
    )
    # a person without two services is one person: the largest, not the sum
    return max(hours, default=0.0)


def _lost_hours(course: Sequence[tuple[int, float]], from_ms: int, until_ms: int) -> float:
    lost = tuple((t_ms, 1.0 - level) for t_ms, level in course if t_ms < until_ms)
    before = tuple((t_ms, 1.0 - level) for t_ms, level in course if t_ms < from_ms)
    start = ((0, 0.0),)
    return person_hours(lost or start, until_ms) - person_hours(before or start, from_ms)


def reveal(window: Window, fallen: Sequence[Fall], predictions: Sequence[Prediction]) -> Reveal:
    """Compare the predictions with what fails.

    Parameters
    ----------
    window
        The window of the prediction.
    fallen
        The failures in it.
    predictions
        The predictions made before it.
    """
    fell = {fall.asset: fall for fall in fallen}
    marked = dict.fromkeys(asset for prediction in predictions for asset in prediction.marks)
    judged = [_judge(asset, fell.get(asset), window, predictions) for asset in {**fell, **marked}]
    judged.sort(
        key=lambda verdict: (
            verdict.at_h is None,
            verdict.at_h or 0.0,
            -verdict.person_hours,
            verdict.asset,
        )
    )
    scores = tuple(_score(prediction, fell, window) for prediction in predictions)
    return Reveal(window, tuple(judged), scores, _discussion(judged))


def _judge(
    asset: str, fall: Fall | None, window: Window, predictions: Sequence[Prediction]
) -> Judged:
    marks = tuple(
        sorted(prediction.marks[asset] for prediction in predictions if asset in prediction.marks)
    )
    camps = Counter[int | None](marks)
    camps[None] += len(predictions) - len(marks)
    band = None if fall is None else window.band_of(fall.at_h)
    verdict: Verdict
    if fall is None:
        verdict = "miss"
    elif not marks:
        verdict = "surprise"
    else:
        verdict = "hit" if band in marks else "near"
    return Judged(
        asset=asset,
        verdict=verdict,
        at_h=None if fall is None else fall.at_h,
        band=band,
        person_hours=0.0 if fall is None else fall.person_hours,
        marks=marks,
        apart=len(predictions) - max(camps.values(), default=0),
    )


def _score(prediction: Prediction, fell: Mapping[str, Fall], window: Window) -> Score:
    right = {asset: fell[asset] for asset in prediction.marks if asset in fell}
    hits = sum(
        window.band_of(fall.at_h) == prediction.marks[asset] for asset, fall in right.items()
    )
    return Score(
        by=prediction.by,
        hits=hits,
        near=len(right) - hits,
        misses=len(prediction.marks) - len(right),
        surprises=len(fell) - len(right),
    )


def _discussion(judged: Sequence[Judged]) -> tuple[Judged, ...]:
    surprises = [verdict for verdict in judged if verdict.verdict == "surprise"]
    surprises.sort(key=lambda verdict: (-verdict.person_hours, verdict.at_h or 0.0, verdict.asset))
    apart = [verdict for verdict in judged if verdict.verdict != "surprise" and verdict.apart]
    apart.sort(key=lambda verdict: (-verdict.apart, -verdict.person_hours, verdict.asset))
    room = MOST_DISCUSSED // 2
    return (*surprises[: MOST_DISCUSSED - min(len(apart), room)], *apart[:MOST_DISCUSSED])[
        :MOST_DISCUSSED
    ]
