"""The picture: one outcome over time. An asset or link is its place in the features."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from layouts.feed.payloads.tables import Column


class States(TypedDict):
    """Changes of assets, in the order of time."""

    t: list[int]
    a: list[int]
    s: list[int]
    d: list[int]
    l: list[float]  # noqa: E741  level
    v: list[float]


class PackedStates(TypedDict):
    """The same as it travels."""

    t: Column[int]
    a: Column[int]
    s: Column[int]
    d: Column[int]
    l: Column[float]  # noqa: E741  level
    v: Column[float]


class LinkStates(TypedDict):
    """Changes of links, in the order of time."""

    t: list[int]
    k: list[int]
    s: list[int]


class PackedLinkStates(TypedDict):
    """The same as it travels."""

    t: Column[int]
    k: Column[int]
    s: Column[int]


class Loss(TypedDict):
    """A fall of an asset."""

    t: int
    a: int
    kind: str
    state: int
    text: str
    people_total: int


class PackedLosses(TypedDict):
    """Falls of assets as they travel."""

    t: Column[int]
    a: Column[int]
    kind: Column[str]
    state: Column[int]
    text: Column[str]
    people_total: Column[int]


class Lacking(TypedDict):
    """People who lack at least so many services, where their number changes."""

    t: list[int]
    n: list[int]


class People(TypedDict):
    """People without a service, where their number changes."""

    service: str
    label: str
    people_label: str
    in_panel: bool
    t: list[int]
    n: list[int]
    peak: int
    person_hours: int


class Mark(TypedDict):
    """An event on the timeline."""

    t: int
    text: str
    event: int


class Supply(TypedDict):
    """A service that an asset would have to be given."""

    a: int
    service: str


#: assets that wait for each other; a function, as ``break`` is a word of Python's
Deadlock = TypedDict(
    "Deadlock", {"assets": list[int], "text": str, "break": list[Supply], "searched": bool}
)


class Summary(TypedDict):
    """The figures of the head."""

    direct: int
    indirect: int
    unknown: int
    people_peak: int
    restored_90_ms: int | None


class PictureHead(TypedDict):
    """All of a picture but its long tables."""

    scenario: str | None
    rev: int
    horizon_ms: int
    people: list[People]
    #: at least one service, two, … : each person counted once
    lacking: list[Lacking]
    marks: list[Mark]
    deadlocks: list[Deadlock]
    summary: Summary


class Drawn(PictureHead):
    """A picture with plain tables, as the server works with it."""

    states: States
    links: LinkStates
    losses: list[Loss]


class Picture(PictureHead):
    """A picture as it travels: its long tables are columns."""

    states: PackedStates
    links: PackedLinkStates
    losses: PackedLosses


class RowsOfSome(TypedDict):
    """All rows of some assets or links, in place of those they had."""

    of: Column[int]
    rows: dict[str, Column[int | float | str]]


class PictureDifference(TypedDict):
    """What makes one picture of another; what is not here is the same."""

    horizon_ms: NotRequired[int]
    deadlocks: NotRequired[list[Deadlock]]
    summary: NotRequired[Summary]
    lacking: NotRequired[list[Lacking]]
    states: NotRequired[RowsOfSome]
    links: NotRequired[RowsOfSome]
    losses: NotRequired[RowsOfSome]
    #: place, how many go, what comes
    marks: NotRequired[list[int | list[Mark]]]
    people: NotRequired[list[People]]
    services: NotRequired[list[str]]
