"""Screenings and "what if this too?": what one more knock-out takes beyond the scenario."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict


class WhatIf(TypedDict):
    """What one more knock-out takes beyond the scenario."""

    assets: int
    people: int
    person_hours: float


class WeakPoint(TypedDict):
    """A knock-out of a screening; of a pair what both take beyond each alone."""

    kind: str
    id: str
    other: NotRequired[str]
    assets: int
    people: int
    person_hours: float
    assets_both: NotRequired[int]
    people_both: NotRequired[int]
    person_hours_both: NotRequired[float]
    causes: list[str]


class ScreeningState(TypedDict):
    """How far a screening is; its rows come when all are there."""

    id: str
    kind: str
    state: str
    done: int
    of: int
    message: str
    rows: list[WeakPoint]
