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


class UseNeed(Lacking):
    """People who would have the supply of a service, and lack it for want of another at home.

    With the row of the table that says so: ``share`` of the people, in [0, 1].
    """

    service: str
    label: str
    share: float
    confidence: str
    source: str


class People(TypedDict):
    """People without a service at home, where their number changes."""

    service: str
    label: str
    people_label: str
    in_panel: bool
    t: list[int]
    n: list[int]
    peak: int
    person_hours: int
    needs: list[UseNeed]


class GroupOfPeople(Lacking):
    """People of a group who lack at least one service, and how many there are."""

    name: str
    people: int


class Spill(Lacking):
    """People whose sewage is spilled untreated, where their number changes.

    ``m3`` up to the horizon, at ``m3_per_person_d``, with the row of the table that says so.
    """

    m3: int
    m3_per_person_d: float
    confidence: str
    source: str


class CellStates(TypedDict):
    """Changes of cells, in the order of time.

    ``c`` is the place of the cell, ``s`` the services that at least half of its people lack, as
    bits by place in ``people``, ``n`` the people who lack something.
    """

    t: list[int]
    c: list[int]
    s: list[int]
    n: list[float]


class PackedCellStates(TypedDict):
    """The same as it travels."""

    t: Column[int]
    c: Column[int]
    s: Column[int]
    n: Column[float]


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
    #: where cells may be the same people: the fewest who lack at least one service
    at_least: Lacking | None
    groups: list[GroupOfPeople]
    #: None where no works clean anybody's sewage, or it may not be seen
    spill: Spill | None
    marks: list[Mark]
    deadlocks: list[Deadlock]
    summary: Summary


class Drawn(PictureHead):
    """A picture with plain tables, as the server works with it."""

    states: States
    links: LinkStates
    losses: list[Loss]
    cells: CellStates


class Picture(PictureHead):
    """A picture as it travels: its long tables are columns."""

    states: PackedStates
    links: PackedLinkStates
    losses: PackedLosses
    cells: PackedCellStates


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
    at_least: NotRequired[Lacking | None]
    groups: NotRequired[list[GroupOfPeople]]
    spill: NotRequired[Spill | None]
    states: NotRequired[RowsOfSome]
    links: NotRequired[RowsOfSome]
    losses: NotRequired[RowsOfSome]
    cells: NotRequired[RowsOfSome]
    #: place, how many go, what comes
    marks: NotRequired[list[int | list[Mark]]]
    people: NotRequired[list[People]]
    services: NotRequired[list[str]]
