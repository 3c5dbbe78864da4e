"""What server-rendered panels hand to the scripts: a message, rows of events, the graph."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from layouts.feed.payloads.scenario import PlainEvent


class Message(TypedDict):
    """A message for the user; ``nonce`` makes equal texts a change."""

    text: str
    kind: str
    nonce: int


class EventRow(TypedDict):
    """An event in words; ``event``, for users who may change it, fills the form behind it."""

    hour: str
    who: str
    verb: str
    do: str
    index: int
    detail: NotRequired[str]
    asset: NotRequired[str]
    line: NotRequired[str]
    event: NotRequired[PlainEvent]


class ElementData(TypedDict):
    """Data of a node (``i`` or ``members``), of a sector's box, or of an edge (``source``)."""

    id: str
    label: str
    name: NotRequired[str]
    type: NotRequired[str]
    sector: NotRequired[str]
    i: NotRequired[int]
    members: NotRequired[list[int]]
    parent: NotRequired[str]
    source: NotRequired[str]
    target: NotRequired[str]
    basis: NotRequired[str]
    count: NotRequired[int]
    width: NotRequired[float]


class Position(TypedDict):
    """A place in px."""

    x: float
    y: float


class Element(TypedDict):
    """An element of the dependency graph, in the form of Cytoscape."""

    data: ElementData
    classes: str
    position: NotRequired[Position]
    selectable: NotRequired[bool]
