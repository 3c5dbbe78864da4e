"""A world and an outcome as RDF.

The graph is a view for exchange and questions; cascades are never computed on it. It holds what
the world holds that it is made of: the graph of a redacted world is redacted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Quad, Store

from data.documents.outcomes import version
from data.knowledge import reader as knowledge
from data.ontology.vocabulary import DEPENDENCY_CLASSES, EVENT_KIND_OF, ID, ONT, PREFIXES
from models.access import LABELS
from models.world import DECLARED, Asset, Group, World

XSD = PREFIXES["xsd"]
WKT = NamedNode(f"{PREFIXES['geo']}wktLiteral")
JSON = NamedNode(f"{PREFIXES['rdf']}JSON")
Triples = Iterator[tuple[NamedNode, NamedNode, Any]]


def term(name: str) -> NamedNode:
    """Return the IRI of a term: of the vocabulary, or of another one by its prefix."""
    prefix, _, local = name.rpartition(":")
    return NamedNode((PREFIXES[prefix] if prefix else ONT) + local)


def iri(*parts: str) -> NamedNode:
    """Return the IRI of a thing that is no vocabulary, its parts encoded as in an address."""
    return NamedNode(ID + "/".join(quote(part, safe="") for part in parts))


TYPE = term("rdf:type")


def store_of(world: World, outcome: Mapping[str, Any] | None = None) -> Store:
    """Return the graph of a world and, if given, of an outcome of it, for questions.

    Parameters
    ----------
    world
        As its viewer sees it.
    outcome
        The plain form of an outcome of this world (``docs/reference/format.md``).
    """
    store = Store()
    store.bulk_extend(quads_of(world, outcome))
    return store


def quads_of(world: World, outcome: Mapping[str, Any] | None = None) -> Iterator[Quad]:
    """Yield the triples of a world and of an outcome of it, all in the default graph.

    Parameters
    ----------
    world
        As its viewer sees it.
    outcome
        The plain form of an outcome of this world.
    """
    for part in (
        _dataset(world),
        _concepts(world),
        _assets(world),
        _links(world),
        _dependencies(world),
        _groups(world),
        _people(world),
        _run(world, outcome) if outcome is not None else iter(()),
    ):
        for subject, predicate, object_ in part:
            yield Quad(subject, predicate, object_)


# --- values ----------------------------------------------------------------------------------


def _double(value: float) -> Literal:
    return Literal(repr(float(value)), datatype=NamedNode(f"{XSD}double"))


def _whole(value: int) -> Literal:
    return Literal(str(int(value)), datatype=NamedNode(f"{XSD}integer"))


def _text(value: str, language: str | None = None) -> Literal:
    return Literal(value, language=language) if language else Literal(value)


def _stated(subject: NamedNode, values: Mapping[str, Any]) -> Triples:
    """Yield the values that are stated: texts, numbers, terms, lists of them."""
    for name, value in values.items():
        listed = value if isinstance(value, list) else [value]
        for item in listed:
            if item is None or item == "":
                continue
            yield subject, term(name), _text(item) if isinstance(item, str) else item


# --- the world -------------------------------------------------------------------------------


def world_iri(world: World) -> NamedNode:
    """Return the IRI of a world."""
    return iri(world.world_id)


def asset_iri(world: World, asset_id: str) -> NamedNode:
    """Return the IRI of an asset."""
    return iri(world.world_id, "asset", asset_id)


def _dataset(world: World) -> Triples:
    this = world_iri(world)
    yield this, TYPE, term("dcat:Dataset")
    yield this, TYPE, term("prov:Entity")
    yield from _stated(
        this,
        {
            "dcterms:identifier": world.world_id,
            "dcterms:title": world.title,
            "dcterms:license": world.licence,
            "dcterms:rights": world.attribution,
            "dcterms:hasVersion": world.version,
            "dcterms:issued": world.snapshot_date,
            "worldSha256": world.sha256,
        },
    )
    for source in world.sources:
        named = source.get("url") or source.get("title") or source.get("name")
        if isinstance(named, str) and named:
            yield this, term("dcterms:source"), _text(named)


def _concepts(world: World) -> Triples:
    """Yield types, sectors, services, labels: what assets refer to."""
    known = knowledge.asset_types()
    services = knowledge.services()
    for name in sorted({asset.asset_type for asset in world.assets.values()}):
        kind = iri("type", name)
        yield kind, TYPE, term("AssetType")
        yield kind, term("skos:notation"), _text(name)
        if name in known:
            yield kind, term("skos:prefLabel"), _text(known[name].label, "en")
            yield kind, term("inSector"), iri("sector", known[name].display_sector)
    sectors = {asset.sector for asset in world.assets.values()}
    sectors |= {known[a.asset_type].display_sector for a in world.assets.values()
                if a.asset_type in known}  # fmt: skip
    for sector in sorted(sectors):
        yield iri("sector", sector), TYPE, term("Sector")
        yield iri("sector", sector), term("skos:notation"), _text(sector)
    for service in sorted(_services(world)):
        this = iri("service", service)
        yield this, TYPE, term("Service")
        yield this, term("skos:notation"), _text(service)
        if service in services:
            yield this, term("skos:prefLabel"), _text(services[service].label, "en")
    for label in LABELS:
        this = iri("tlp", label.lower())
        yield this, TYPE, term("InformationLabel")
        yield this, term("skos:notation"), _text(f"TLP:{label}")


def _services(world: World) -> set[str]:
    named = {group.service for group in world.groups.values()} | set(world.served)
    named |= {flow.service for flow in world.flows} | set(world.link_services)
    for asset in world.assets.values():
        named |= {*asset.provides, *asset.source_of}
    return named


def _assets(world: World) -> Triples:
    operators = set()
    for asset in world.assets.values():
        this = asset_iri(world, asset.asset_id)
        yield this, TYPE, term("Asset")
        yield from _stated(this, _asset_values(world, asset))
        yield from _geometry(this, asset.geometry, f"POINT ({asset.lon!r} {asset.lat!r})")
        operators.add(asset.operator)
    for name in sorted(operators - {""}):
        this = iri(world.world_id, "operator", name)
        yield this, TYPE, term("Operator")
        yield this, term("skos:prefLabel"), _text(name)


def _asset_values(world: World, asset: Asset) -> dict[str, Any]:
    operator = iri(world.world_id, "operator", asset.operator) if asset.operator else None
    return {
        "dcterms:identifier": asset.asset_id,
        "rdfs:label": asset.name or asset.asset_id,
        "assetType": iri("type", asset.asset_type),
        "sector": iri("sector", asset.sector),
        "operatedBy": operator,
        "label": iri("tlp", (asset.tlp or "CLEAR").lower()),
        "provides": [iri("service", service) for service in asset.provides],
        "sourceOf": [iri("service", service) for service in asset.source_of],
        "product": asset.product,
        "repairHours": None if asset.repair_h is None else _double(asset.repair_h),
        "capacity": None if asset.capacity is None else _double(asset.capacity),
        "unit": asset.unit,
        "blackStart": Literal("true", datatype=NamedNode(f"{XSD}boolean"))
        if asset.black_start
        else None,
        "assetConfidence": asset.confidence,
        "dcterms:source": asset.source,
        "dcterms:isPartOf": world_iri(world),
        "prov:wasDerivedFrom": _rule(asset.origin),
    }


def _geometry(this: NamedNode, geometry: Any, otherwise: str = "") -> Triples:
    text = geometry.wkt if geometry is not None else otherwise
    if text:
        shape = NamedNode(f"{this.value}/geometry")
        yield this, term("geo:hasGeometry"), shape
        yield shape, TYPE, term("geo:Geometry")
        yield shape, term("geo:asWKT"), Literal(text, datatype=WKT)


def _rule(origin: str) -> NamedNode | None:
    return None if origin in ("", DECLARED) else iri("rule", origin)


def _links(world: World) -> Triples:
    for link in world.links.values():
        this = iri(world.world_id, "link", link.link_id)
        yield this, TYPE, term("Link")
        yield from _stated(
            this,
            {
                "dcterms:identifier": link.link_id,
                "rdfs:label": link.name,
                "from": asset_iri(world, link.from_id),
                "to": asset_iri(world, link.to_id),
                "ofService": iri("service", link.service),
                "capacity": None if link.capacity is None else _double(link.capacity),
                "dcterms:source": link.source,
            },
        )
        yield from _geometry(this, link.geometry)


def _dependencies(world: World) -> Triples:
    rules = set()
    for group in world.groups.values():
        this = iri(world.world_id, "dependency", group.group_id)
        consumer = asset_iri(world, group.consumer_id)
        yield this, TYPE, term("Dependency")
        yield this, TYPE, term(DEPENDENCY_CLASSES[group.kind])
        yield from _stated(this, _group_values(world, group, consumer))
        if group.autonomy_h:
            buffer = NamedNode(f"{this.value}/buffer")
            yield this, term("buffer"), buffer
            yield buffer, TYPE, term("Buffer")
            yield buffer, term("bufferHours"), _double(group.autonomy_h)
            if group.buffer:
                yield buffer, term("skos:prefLabel"), _text(group.buffer)
        for supplier in group.suppliers:
            yield consumer, term("needs"), asset_iri(world, supplier.asset_id)
        rules.add(group.origin)
    sources = {rule.rule_id: rule.source for rule in knowledge.rules()}
    for origin in sorted(rules - {"", DECLARED}):
        this = iri("rule", origin)
        yield this, TYPE, term("Rule")
        yield from _stated(
            this, {"dcterms:identifier": origin, "dcterms:source": sources.get(origin)}
        )


def _group_values(world: World, group: Group, consumer: NamedNode) -> dict[str, Any]:
    fraction = group.min_supply_fraction
    return {
        "dcterms:identifier": group.group_id,
        "dependent": consumer,
        "supplier": [asset_iri(world, supplier.asset_id) for supplier in group.suppliers],
        "ofService": iri("service", group.service),
        "k": _whole(group.k),
        "minSupplyFraction": None if fraction is None else _double(fraction),
        "lossAtZero": _double(group.loss),
        "restartHours": _double(group.restart_h) if group.restart_h else None,
        "confidence": group.confidence,
        "dcterms:source": group.source,
        "prov:wasDerivedFrom": _rule(group.origin),
    }


def _groups(world: World) -> Triples:
    for cause in world.common_causes.values():
        this = iri(world.world_id, "common-cause", cause.group_id)
        yield this, TYPE, term("CommonCauseGroup")
        yield from _stated(
            this,
            {
                "dcterms:identifier": cause.group_id,
                "rdfs:label": cause.name,
                "groupBasis": cause.basis,
                "betaFactor": None if cause.beta is None else _double(cause.beta),
            },
        )
        for asset in cause.asset_ids:
            yield asset_iri(world, asset), term("memberOfGroup"), this
        for link in cause.link_ids:
            yield iri(world.world_id, "link", link), term("memberOfGroup"), this


def _people(world: World) -> Triples:
    for cell in world.cells.values():
        this = iri(world.world_id, "cell", cell.cell_id)
        yield this, TYPE, term("Cell")
        values = {"dcterms:identifier": cell.cell_id, "people": _whole(cell.people)}
        yield from _stated(this, values | {"municipality": cell.municipality})
        yield from _geometry(this, cell.geometry, f"POINT ({cell.lon!r} {cell.lat!r})")
    for serving in world.servings:
        this = iri(world.world_id, "serving", serving.cell_id, serving.asset_id, serving.service)
        yield this, TYPE, term("Serving")
        yield this, term("inCell"), iri(world.world_id, "cell", serving.cell_id)
        yield this, term("byAsset"), asset_iri(world, serving.asset_id)
        yield this, term("servingService"), iri("service", serving.service)
        yield this, term("share"), _double(serving.share)


# --- an outcome ------------------------------------------------------------------------------


def _run(world: World, outcome: Mapping[str, Any]) -> Triples:
    key = str(outcome.get("scenario_sha256", ""))[:16] or "run"
    run, scenario = iri(world.world_id, "run", key), iri(world.world_id, "scenario", key)
    engine = iri("engine", version())
    yield scenario, TYPE, term("Scenario")
    yield from _stated(
        scenario,
        {
            "scenarioSha256": outcome.get("scenario_sha256"),
            "document": Literal(json.dumps(outcome["scenario"], sort_keys=True), datatype=JSON)
            if outcome.get("scenario")
            else None,
        },
    )
    yield run, TYPE, term("ScenarioRun")
    yield run, term("usesScenario"), scenario
    yield run, term("prov:used"), scenario
    yield run, term("prov:used"), world_iri(world)
    yield run, term("prov:wasAssociatedWith"), engine
    yield engine, TYPE, term("prov:SoftwareAgent")
    yield engine, term("dcterms:hasVersion"), _text(version())
    yield from _events(world, run, outcome["trace"])


def _events(world: World, run: NamedNode, rows: Iterable[Mapping[str, Any]]) -> Triples:
    name = world.world_id
    for row in rows:
        this = NamedNode(f"{run.value}/event/{row['row']}")
        group, link, service = row.get("group"), row.get("link"), row.get("service")
        yield this, TYPE, term("CascadeEvent")
        yield from _stated(
            this,
            {
                "inRun": run,
                "aboutAsset": asset_iri(world, row["asset"]) if row.get("asset") else None,
                "aboutLink": iri(name, "link", link) if link else None,
                "aboutService": iri("service", service) if service else None,
                "offsetHours": _double(row["t_h"]),
                "level": _double(row["to"]),
                "eventKind": EVENT_KIND_OF.get(row["kind"], row["kind"]),
                "order": _whole(row["order"]) if row.get("order") is not None else None,
                "viaDependency": iri(name, "dependency", group) if group else None,
                "causedBy": [
                    NamedNode(f"{run.value}/event/{cause}") for cause in row.get("because", ())
                ],
            },
        )
