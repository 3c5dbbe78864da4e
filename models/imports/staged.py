"""What an importer hands over: tables that are not a world yet, and what was left out of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from models.knowledge.rules import Override
from models.world import (
    Asset,
    Cell,
    CommonCause,
    Flow,
    Group,
    Link,
    Marking,
    Range,
    ServiceArea,
    Serving,
    UnknownNeed,
)


@dataclass(frozen=True, slots=True)
class Mend:
    """A change of the recipe that would mend a finding: ``section[wrong] = right``."""

    section: str
    wrong: str
    right: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a file that a person should look at.

    ``offer`` says the likely mend; ``mend`` is one that can be applied without further questions.
    """

    file: str
    message: str
    row: int | None = None
    column: str | None = None
    offer: str | None = None
    mend: Mend | None = None


@dataclass(slots=True)
class LayerReport:
    """How many rows of one layer of a file were read, and why the others were not."""

    file: str
    kind: str
    layer: str
    rows: int = 0
    read: int = 0
    left_out: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Staged:
    """The tables that one file gave.

    ``facts`` are tags that conditions of rules may ask for, by asset. ``base`` are layers of the
    base map: GeoJSON features as text. ``ids`` are further ids of an asset (a register's number).
    ``loose`` are links with the places of their ends (lon, lat) where nobody says what they join.
    """

    assets: dict[str, Asset] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    common_causes: list[CommonCause] = field(default_factory=list)
    service_areas: list[ServiceArea] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    servings: list[Serving] = field(default_factory=list)
    ranges: list[Range] = field(default_factory=list)
    unknown_needs: list[UnknownNeed] = field(default_factory=list)
    markings: list[Marking] = field(default_factory=list)
    overrides: list[Override] = field(default_factory=list)
    facts: dict[str, Mapping[str, str]] = field(default_factory=dict)
    ids: dict[str, tuple[str, ...]] = field(default_factory=dict)
    loose: list[tuple[Link, tuple[float, float], tuple[float, float]]] = field(default_factory=list)
    base: dict[str, list[str]] = field(default_factory=dict)
    #: (whose row, what it names) → row and column of the file
    said_in: dict[tuple[str, str], tuple[int | None, str | None]] = field(default_factory=dict)
    layers: list[LayerReport] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    bbox: tuple[float, float, float, float] | None = None
    snapshot_date: str = ""
    licence: str = ""
    attribution: str = ""
    sources: list[Mapping[str, Any]] = field(default_factory=list)

    def find(
        self, file: str, message: str, row: int | None = None, column: str | None = None,
        offer: str | None = None,
    ) -> None:  # fmt: skip
        """Add a finding.

        Parameters
        ----------
        file
            Name of the file that it is about.
        message
            What is wrong, in one sentence.
        row, column
            Where, if it is about one cell.
        offer
            The likely mend.
        """
        self.findings.append(Finding(file, message, row, column, offer))
