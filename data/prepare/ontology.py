"""Writes ``data/ontology/ontology.ttl`` and ``shapes.ttl`` from the vocabulary.

python -m data.prepare.ontology
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from data.ontology.vocabulary import (
    CLASSES,
    DERIVED,
    ONT,
    PREFIXES,
    PROPERTIES,
    VERSION,
    Property,
    bounds_of,
)

FOLDER = Path(__file__).resolve().parent.parent / "ontology"


def main() -> None:
    """Write both files."""
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")


def files() -> dict[str, str]:
    """Return the text of both files by name."""
    return {
        "ontology.ttl": "\n".join(_ontology()) + "\n",
        "shapes.ttl": "\n".join(_shapes()) + "\n",
    }


def _prefixes() -> Iterator[str]:
    yield from (f"@prefix {name}: <{iri}> ." for name, iri in PREFIXES.items())
    yield ""


def _ontology() -> Iterator[str]:
    yield from _prefixes()
    yield f"<{ONT.removesuffix('#')}> a owl:Ontology ;"
    yield '  dcterms:title "Knock-on: cascading effects across critical infrastructures"@en ;'
    yield f'  owl:versionInfo "{VERSION}" ;'
    yield "  dcterms:license <https://creativecommons.org/licenses/by/4.0/> ."
    for cls in CLASSES:
        yield ""
        parents = "".join(f" ;\n  rdfs:subClassOf {parent}" for parent in cls.parents)
        yield f"cip:{cls.name} a owl:Class{parents} ;"
        yield f'  rdfs:label "{cls.name}"@en ; rdfs:comment "{cls.comment}"@en .'
    for other in (*PROPERTIES, *DERIVED):
        if ":" in other.name:
            continue
        kind = "owl:ObjectProperty" if other.is_object else "owl:DatatypeProperty"
        kind += " , owl:TransitiveProperty" if other.name == "needsTransitively" else ""
        parent = f"\n  rdfs:subPropertyOf {other.parent} ;" if other.parent else ""
        shared = other.name in ("ofService", "capacity") or not other.domain  # of links, too
        domain = "" if shared else f"rdfs:domain cip:{other.domain} ; "
        yield ""
        yield f"cip:{other.name} a {kind} ;{parent}"
        yield f"  {domain}rdfs:range {other.range} ;"
        yield f'  rdfs:comment "{other.comment}"@en .'


def _shapes() -> Iterator[str]:
    yield from _prefixes()
    by_class: dict[str, list[Property]] = defaultdict(list)
    for property_ in PROPERTIES:
        by_class[property_.domain].append(property_)
    for name, properties in by_class.items():
        yield f"cip:{name}Shape a sh:NodeShape ; sh:targetClass cip:{name} ;"
        lines = [f"  sh:property cip:{name}-{property_.local}" for property_ in properties]
        lines += [f"  {rule}" for rule in _RULES.get(name, ())]
        yield " ;\n".join(lines) + " ."
        for property_ in properties:
            rules = " ; ".join(_constraints(property_))
            yield f"cip:{name}-{property_.local} a sh:PropertyShape ; {rules} ."
        yield ""
    yield _DECLARED


def _constraints(property_: Property) -> Iterator[str]:
    yield f"sh:path {property_.iri}"
    if property_.least:
        yield f"sh:minCount {property_.least}"
    if property_.most is not None:
        yield f"sh:maxCount {property_.most}"
    if property_.is_object:
        yield f"sh:class {property_.range}"
    else:
        yield f"sh:datatype {property_.range}"
    if property_.choices:
        listed = " ".join(f'"{choice}"' for choice in property_.choices)
        yield f"sh:in ( {listed} )"
    low, high, above = bounds_of(property_)
    limits = {"minInclusive": low, "maxInclusive": high, "minExclusive": above}
    for limit, value in limits.items():
        if value is not None:
            shown = str(int(value)) if property_.range == "xsd:integer" else repr(float(value))
            yield f'sh:{limit} "{shown}"^^{property_.range}'
    if property_.severity != "Violation":
        yield f"sh:severity sh:{property_.severity}"
    yield f'sh:message "{property_.message or _expected(property_)}"'


def _expected(property_: Property) -> str:
    """Say what a property holds."""
    low, high, above = bounds_of(property_)
    kind = property_.range.rpartition(":")[2]
    many = {(1, 1): "exactly one", (0, 1): "at most one"}.get(
        (property_.least, property_.most or 0), "any"
    )
    many = "at least one" if (property_.least, property_.most) == (1, None) else many
    parts = [f"{property_.local}: {many} {kind}"]
    parts += [f"of {', '.join(property_.choices)}"] if property_.choices else []
    parts += [f"from {low:g}"] if low is not None else []
    parts += [f"above {above:g}"] if above is not None else []
    parts += [f"to {high:g}"] if high is not None else []
    return " ".join(parts)


def _rule(message: str, select: str) -> str:
    return (
        f'sh:sparql [ sh:message "{message}" ; sh:prefixes cip:Prefixes ;\n'
        f'    sh:select """{select}""" ]'
    )


_RULES = {
    "Dependency": (
        _rule(
            "k exceeds the number of suppliers",
            "SELECT $this (COUNT(DISTINCT ?s) AS ?value) WHERE { $this cip:supplier ?s ; cip:k ?k "
            ". FILTER(isNumeric(?k)) } GROUP BY $this ?k HAVING (COUNT(DISTINCT ?s) < ?k)",
        ),
        _rule(
            "an asset supplies itself outside a network",
            "SELECT $this WHERE { $this cip:dependent ?a ; cip:supplier ?a . "
            "FILTER NOT EXISTS { ?link cip:from|cip:to ?a } }",
        ),
    ),
    "CommonCauseGroup": (
        "sh:property [ sh:path [ sh:inversePath cip:memberOfGroup ] ; sh:minCount 1 ; "
        'sh:message "a group has members" ]',
    ),
    "CascadeEvent": (
        _rule(
            "a cause is not later than its effect",
            "SELECT $this WHERE { $this cip:causedBy ?c ; cip:offsetHours ?t . ?c cip:offsetHours "
            "?tc . FILTER(isNumeric(?t) && isNumeric(?tc) && ?tc > ?t) }",
        ),
    ),
}
_DECLARED = (
    'cip:Prefixes a owl:Ontology ; sh:declare [ sh:prefix "cip" ; sh:namespace '
    f'"{ONT}"^^xsd:anyURI ] .'
)

if __name__ == "__main__":
    main()
