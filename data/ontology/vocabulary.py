"""The vocabulary of the knowledge graph: classes, properties, and what a property may hold.

One source for three things: the ontology (``ontology.ttl``), the shapes that check a graph
(``shapes.ttl``), and the graph itself. Bounds of numbers are those of the tables' own columns
(``data/worlds/schema.py``), so that a graph is held to what a file is held to.
``python -m data.prepare.ontology`` writes both files; a test fails where they part.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from data.worlds.columns import Column
from data.worlds.schema import COLUMNS, KINDS

VERSION = "1.0.0"
#: Namespace of classes and properties; a placeholder until a permanent one is registered.
ONT = "https://example.org/cip/ont#"
#: Everything that is not vocabulary: worlds, assets, types, sectors, rules, runs.
ID = "https://example.org/cip/id/"

PREFIXES = {
    "cip": ONT,
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dcterms": "http://purl.org/dc/terms/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "sosa": "http://www.w3.org/ns/sosa/",
    "prov": "http://www.w3.org/ns/prov#",
    "org": "http://www.w3.org/ns/org#",
    "sh": "http://www.w3.org/ns/shacl#",
}

#: Rinaldi, Peerenboom and Kelly 2001: kinds of dependency as classes.
DEPENDENCY_CLASSES = {kind: f"{kind.title()}Dependency" for kind in KINDS}
CONFIDENCES = ("A", "B", "C", "D")
EVENT_KINDS = (
    "initial",
    "direct",
    "cascade",
    "common-cause",
    "buffer-exhausted",
    "repair",
    "restart",
    "delivery",
)
#: What the trace of an outcome calls otherwise.
EVENT_KIND_OF = {"autonomy": "buffer-exhausted"}


@dataclass(frozen=True, slots=True)
class Class:
    """A class: its name, what it specialises, what it means."""

    name: str
    comment: str
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a class.

    ``range``: a class (``cip:Asset``) or a datatype (``xsd:double``). ``column``: table and column
    whose bounds hold. ``least`` and ``most``: how many values one subject has. ``severity``: of a
    violation.
    """

    name: str
    domain: str
    range: str
    comment: str
    column: tuple[str, str] | None = None
    least: int = 0
    most: int | None = 1
    choices: tuple[str, ...] = ()
    severity: Literal["Violation", "Warning"] = "Violation"
    message: str = ""
    parent: str = ""

    @property
    def is_object(self) -> bool:
        """Whether it leads to a thing, not to a value."""
        return not self.range.startswith(("xsd:", "rdf:"))

    @property
    def iri(self) -> str:
        """The name with its prefix."""
        return self.name if ":" in self.name else f"cip:{self.name}"

    @property
    def local(self) -> str:
        """The name without a prefix."""
        return self.name.rpartition(":")[2]

    @property
    def bounds(self) -> Column | None:
        """The column of the tables that holds the same number."""
        if self.column is None:
            return None
        table, name = self.column
        return next(column for column in COLUMNS[table] if column.name == name)


CLASSES = (
    Class("Asset", "A located or logical thing that provides a service.",
          ("geo:Feature", "sosa:FeatureOfInterest")),
    Class("AssetType", "A type of asset.", ("skos:Concept",)),
    Class("Sector", "A sector of the CER directive, or an extension of it.", ("skos:Concept",)),
    Class("Service", "A flow that assets provide and need: electricity, water, backhaul.",
          ("skos:Concept",)),
    Class("Operator", "Who runs assets.", ("org:Organization", "prov:Agent")),
    Class("Link", "A connection that carries one service between two assets.", ("geo:Feature",)),
    Class("Cell", "People who live at one place.", ("geo:Feature",)),
    Class("Serving", "An asset serves a cell with a service, or a share of its people."),
    Class("Dependency", "One asset needs one service from a group of suppliers."),
    *(Class(name, f"A dependency of the kind {kind} (Rinaldi et al. 2001).", ("cip:Dependency",))
      for kind, name in DEPENDENCY_CLASSES.items()),
    Class("Buffer", "Battery, diesel, tank or stock that bridges a loss."),
    Class("CommonCauseGroup", "Assets that one cause can fail together."),
    Class("Rule", "A row of the dependency rules, from which a dependency was inferred.",
          ("prov:Entity",)),
    Class("Scenario", "Initiating events, measures, horizon.", ("prov:Plan",)),
    Class("ScenarioRun", "One run of the cascade engine.", ("prov:Activity",)),
    Class("CascadeEvent", "A change of state of one asset, link or delivery in one run.",
          ("prov:Entity",)),
    Class("InformationLabel", "A label of the Traffic Light Protocol 2.0.", ("skos:Concept",)),
)  # fmt: skip

PROPERTIES = (
    Property("assetType", "Asset", "cip:AssetType", "Its type.", least=1,
             message="an asset has exactly one type"),
    Property("inSector", "AssetType", "cip:Sector", "The sector of a type.", most=None),
    Property("assetConfidence", "Asset", "xsd:string", "How sure its row is.",
             choices=CONFIDENCES),
    Property("sector", "Asset", "cip:Sector", "The sector that its row states."),
    Property("operatedBy", "Asset", "cip:Operator", "Who runs it.", most=3),
    Property("label", "Asset", "cip:InformationLabel", "Who may see it.", least=1,
             severity="Warning", message="asset without a TLP label"),
    Property("provides", "Asset", "cip:Service", "A service it gives.", most=None),
    Property("sourceOf", "Asset", "cip:Service",
             "A service that it brings into a network from outside.", most=None),
    Property("product", "Asset", "xsd:string", "Vendor, product, version."),
    Property("memberOfGroup", "Asset", "cip:CommonCauseGroup", "What it can fail with.",
             most=None),
    Property("repairHours", "Asset", "xsd:double", "Hours of a typical repair.",
             column=("assets", "repair_h")),
    Property("capacity", "Asset", "xsd:double", "What it could give, in its unit.",
             column=("assets", "capacity")),
    Property("unit", "Asset", "xsd:string", "The unit of its capacity."),
    Property("blackStart", "Asset", "xsd:boolean", "Whether it starts without outside supply."),
    Property("needs", "Asset", "cip:Asset", "Shortcut from consumer to supplier.", most=None,
             parent="cip:needsTransitively"),
    Property("from", "Link", "cip:Asset", "One end.", least=1),
    Property("to", "Link", "cip:Asset", "The other end.", least=1),
    Property("ofService", "Dependency", "cip:Service", "The service that is needed.", least=1),
    Property("dependent", "Dependency", "cip:Asset", "Who needs it.", least=1),
    Property("supplier", "Dependency", "cip:Asset", "Who can give it.", least=1, most=None),
    Property("k", "Dependency", "xsd:integer", "How many suppliers are enough.", least=1,
             column=("dependencies", "k")),
    Property("minSupplyFraction", "Dependency", "xsd:double", "Level a supplier must deliver.",
             column=("dependencies", "min_supply_fraction")),
    Property("lossAtZero", "Dependency", "xsd:double", "Share of the level lost without it.",
             column=("dependencies", "loss"), least=1),
    Property("restartHours", "Dependency", "xsd:double", "Hours until it works again.",
             column=("dependencies", "restart_h")),
    Property("buffer", "Dependency", "cip:Buffer", "What bridges a loss."),
    Property("confidence", "Dependency", "xsd:string", "How sure the row is: A measured ... D "
             "assumed.", least=1, choices=CONFIDENCES),
    Property("dcterms:source", "Dependency", "xsd:string", "Where it comes from.", least=1,
             most=None, message="every dependency cites its source"),
    Property("bufferHours", "Buffer", "xsd:double", "Hours it lasts.", least=1,
             column=("dependencies", "autonomy_h")),
    Property("groupBasis", "CommonCauseGroup", "xsd:string", "What its members share.", least=1),
    Property("betaFactor", "CommonCauseGroup", "xsd:double", "Share of failures in common.",
             column=("common_cause", "beta")),
    Property("people", "Cell", "xsd:integer", "How many live there.", least=1,
             column=("people", "people")),
    Property("inCell", "Serving", "cip:Cell", "The cell that is served.", least=1),
    Property("byAsset", "Serving", "cip:Asset", "Who serves it.", least=1),
    Property("servingService", "Serving", "cip:Service", "With what.", least=1),
    Property("share", "Serving", "xsd:double", "Share of the cell's people.",
             column=("served", "share")),
    Property("usesScenario", "ScenarioRun", "cip:Scenario", "What was run.", least=1),
    Property("inRun", "CascadeEvent", "cip:ScenarioRun", "Of which run.", least=1),
    Property("aboutAsset", "CascadeEvent", "cip:Asset", "Whose state changed."),
    Property("aboutLink", "CascadeEvent", "cip:Link", "Which link changed."),
    Property("aboutService", "CascadeEvent", "cip:Service", "Of which delivery the level is."),
    Property("offsetHours", "CascadeEvent", "xsd:double", "Hours after the start.", least=1),
    Property("level", "CascadeEvent", "xsd:double", "Level afterwards, in [0, 1].", least=1),
    Property("eventKind", "CascadeEvent", "xsd:string", "What kind of change.", least=1,
             choices=EVENT_KINDS),
    Property("order", "CascadeEvent", "xsd:integer", "Steps of dependency from an event."),
    Property("causedBy", "CascadeEvent", "cip:CascadeEvent", "Changes that it rests on.",
             most=None, parent="prov:wasInformedBy"),
    Property("viaDependency", "CascadeEvent", "cip:Dependency", "The need that was not met."),
)  # fmt: skip

#: Properties that no shape checks: they follow from others, or only name things.
DERIVED = (
    Property("needsTransitively", "Asset", "cip:Asset", "Needs, at any distance.", most=None),
    Property("municipality", "Cell", "xsd:string", "Where the people live."),
    Property("worldSha256", "", "xsd:string", "Hash of a world's tables."),
    Property("scenarioSha256", "Scenario", "xsd:string", "Hash of its content."),
    Property("document", "Scenario", "rdf:JSON", "The scenario as its file has it."),
)

#: Least and largest value of numbers that no column of a table bounds.
OWN_BOUNDS: dict[str, tuple[float | None, float | None]] = {
    "offsetHours": (0.0, None),
    "level": (0.0, 1.0),
}


def bounds_of(property_: Property) -> tuple[float | None, float | None, float | None]:
    """Return least, largest, and exclusive least value of a number."""
    if property_.bounds is not None:
        return property_.bounds.low, property_.bounds.high, property_.bounds.above
    return (*OWN_BOUNDS.get(property_.name, (None, None)), None)


def terms() -> Iterator[tuple[str, str]]:
    """Yield every term of the vocabulary and what it means."""
    for cls in CLASSES:
        yield cls.name, cls.comment
    for other in PROPERTIES:
        if ":" not in other.name:
            yield other.name, other.comment
