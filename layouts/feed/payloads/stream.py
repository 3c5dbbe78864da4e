"""The events of the stream, and the same for a page that polls."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from layouts.feed.payloads.picture import Picture, PictureDifference
from layouts.feed.payloads.scenario import ScenarioDifference, ShownScenario


class LogLine(TypedDict):
    """Who did what; ``page`` is empty where another web process made the change."""

    rev: int
    kind: str
    at: str
    text: str
    page: str
    name: str


#: a new revision; ``from`` is the one that the differences are to, null where all is whole
ChangeEvent = TypedDict(
    "ChangeEvent",
    {
        "id": str,
        "rev": int,
        "from": int | None,
        "scenario": ShownScenario | ScenarioDifference,
        "picture": Picture | PictureDifference | None,
        "log": list[LogLine],
        "text": str,
    },
)


class PersonHere(TypedDict):
    """A page that is open at a scenario."""

    id: str
    name: str
    role: str
    view: str


class PeopleEvent(TypedDict):
    """Who is here: the first, and how many in all."""

    people: list[PersonHere]
    count: int


class LeadEvent(TypedDict):
    """Where a facilitator leads to; ``to`` names the scenario they went on to."""

    on: bool
    page: str
    name: str
    to: NotRequired[str | None]
    t_ms: NotRequired[int]
    playing: NotRequired[bool]
    speed: NotRequired[float]
    view: NotRequired[str]
    selection: NotRequired[list[str]]
    at: NotRequired[list[float] | None]


class TroubleEvent(TypedDict):
    """Why changes do not arrive at the moment."""

    text: str


class Here(TypedDict):
    """Who is here and who leads."""

    people: PeopleEvent
    lead: LeadEvent | None


class Log(TypedDict):
    """The newest lines of a scenario's log, oldest first."""

    lines: list[LogLine]


class Named(TypedDict):
    """The name that a page goes by."""

    name: str


class News(Here):
    """The answer to a page that polls instead of holding a stream."""

    change: ChangeEvent | None
