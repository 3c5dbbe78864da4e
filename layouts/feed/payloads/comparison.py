"""Futures compared: what there is to choose from, and two or more side by side."""

from __future__ import annotations

from typing_extensions import TypedDict

from layouts.feed.payloads.picture import Picture


class Choice(TypedDict):
    """A future that can be chosen."""

    key: str
    name: str
    group: str


class Choices(TypedDict):
    """All that can be chosen; ``shown`` is the key of what the page shows."""

    choices: list[Choice]
    shown: str


class AssetCompared(TypedDict):
    """An asset that fares differently; hours and person-hours saved are negative where lost."""

    a: int
    kind: str
    first_a: int | None
    first_b: int | None
    hours: float
    person_hours: int


class ServiceCompared(TypedDict):
    """A service whose people fare differently."""

    label: str
    peak_a: int
    peak_b: int
    person_hours_a: int
    person_hours_b: int


class Act(TypedDict):
    """What people do, and at which asset."""

    a: int
    text: str
    t: int


class ComparisonTable(TypedDict):
    """The table over all futures, and what the second does to the first."""

    horizon_ms: int
    head: list[str]
    rows: list[list[str]]
    #: row, column, "best" or "worst"
    marks: list[tuple[int, int, str]]
    assets: list[AssetCompared]
    counts: dict[str, int]
    services: list[ServiceCompared]
    changed: list[str]
    outcome: list[str]
    acts: list[list[Act]]


class Comparison(ComparisonTable):
    """The same as an address answers it; ``pictures`` are of the first two."""

    keys: list[str]
    pictures: list[Picture]
