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
    for one in CLASSES:
        yield ""
        parents = "".join(f" ;\n  rdfs:subClassOf {parent}" for parent in one.parents)
        yield f"cip:{one.name} a owl:Class{parents} ;"
        yield f'  rdfs:label "{one.name}"@en ; rdfs:comment "{one.comment}"@en .'
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
    for one in PROPERTIES:
        by_class[one.domain].append(one)
    for name, properties in by_class.items():
        yield f"cip:{name}Shape a sh:NodeShape ; sh:targetClass cip:{name} ;"
        lines = [f"  sh:property cip:{name}-{one.local}" for one in properties]
        lines += [f"  {rule}" for rule in _RULES.get(name, ())]
        yield " ;\n".join(lines) + " ."
        for one in properties:
            yield f"cip:{name}-{one.local} a sh:PropertyShape ; {' ; '.join(_constraints(one))} ."
        yield ""
    yield _DECLARED


def _constraints(one: Property) -> Iterator[str]:
    yield f"sh:path {one.iri}"
    if one.least:
        yield f"sh:minCount {one.least}"
    if one.most is not None:
        yield f"sh:maxCount {one.most}"
    if one.is_object:
        yield f"sh:class {one.range}"
    else:
        yield f"sh:datatype {one.range}"
    if one.choices:
        listed = " ".join(f'"{choice}"' for choice in one.choices)
        yield f"sh:in ( {listed} )"
    low, high, above = bounds_of(one)
    limits = {"minInclusive": low, "maxInclusive": high, "minExclusive": above}
    for limit, value in limits.items():
        if value is not None:
            shown = str(int(value)) if one.range == "xsd:integer" else repr(float(value))
            yield f'sh:{limit} "{shown}"^^{one.range}'
    if one.severity != "Violation":
        yield f"sh:severity sh:{one.severity}"
    yield f'sh:message "{one.message or _expected(one)}"'


def _expected(one: Property) -> str:
    """Say what a property holds."""
    low, high, above = bounds_of(one)
    kind = one.range.rpartition(":")[2]
    many = {(1, 1): "exactly one", (0, 1): "at most one"}.get((one.least, one.most or 0), "any")
    many = "at least one" if (one.least, one.most) == (1, None) else many
    parts = [f"{one.local}: {many} {kind}"]
    parts += [f"of {', '.join(one.choices)}"] if one.choices else []
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
