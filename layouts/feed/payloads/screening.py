"""Screenings and "what if this too?": additional losses of one more knock-out."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict


class WhatIf(TypedDict):
    """Additional losses of one more knock-out."""

    assets: int
    people: int
    person_hours: float


class WeakPoint(TypedDict):
    """A knock-out of a screening; for a pair the losses that neither causes alone."""

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
