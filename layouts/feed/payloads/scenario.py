"""The scenario, as the page's store holds it."""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from models.scenario import Do


class PlainEvent(TypedDict):
    """An event."""

    at_h: float
    do: Do
    asset: NotRequired[str]
    link: NotRequired[str]
    to: NotRequired[float]
    service: NotRequired[str]
    until_h: NotRequired[float]
    p: NotRequired[float]
    note: NotRequired[str]


class HiddenEvent(TypedDict):
    """An event that this user may not see: its hour, and the label of what it is about."""

    at_h: float
    unseen: str


class PlainMeasure(TypedDict):
    """A measure."""

    do: Literal["add_autonomy", "add_supplier", "add_source"]
    asset: str
    service: str
    hours: NotRequired[float]
    supplier: NotRequired[str]
    supply: NotRequired[float]
    cost_eur: NotRequired[float]
    note: NotRequired[str]


class HiddenMeasure(TypedDict):
    """A measure that this user may not see: the label of what it is about."""

    unseen: str


class PlainScenario(TypedDict):
    """A scenario in its plain form (docs/reference/format.md)."""

    world: str
    title: NotRequired[str]
    note: NotRequired[str]
    seed: int
    horizon_h: float
    repairs: Literal["none", "typical"]
    common_cause: NotRequired[Literal["none", "sampled"]]
    events: list[PlainEvent | HiddenEvent]
    measures: list[PlainMeasure | HiddenMeasure]


class ShownScenario(TypedDict):
    """What the page's store ``SCENARIO`` holds; ``id`` is null until the first change."""

    id: str | None
    rev: int
    title: str
    plain: PlainScenario
    can_undo: bool
    can_redo: bool


class PlainHead(TypedDict, total=False):
    """Fields of a plain scenario that are no lists."""

    world: str
    title: str
    note: str
    seed: int
    horizon_h: float
    repairs: Literal["none", "typical"]
    common_cause: Literal["none", "sampled"]


class ScenarioDifference(TypedDict):
    """What makes one plain scenario of another; lists as place, how many go, what comes."""

    set: PlainHead
    unset: list[str]
    events: NotRequired[list[int | list[PlainEvent | HiddenEvent]]]
    measures: NotRequired[list[int | list[PlainMeasure | HiddenMeasure]]]
