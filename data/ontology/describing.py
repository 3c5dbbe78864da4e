"""The vocabulary, and single things of a world's graph, for whoever follows an IRI."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Literal

import pyoxigraph as ox
from cachetools import LRUCache

from data.ontology.graph import store_of
from data.ontology.vocabulary import ID, ONT, PREFIXES
from models.world import World

Form = Literal["turtle", "jsonld"]
_FORMS = {"turtle": ox.RdfFormat.TURTLE, "jsonld": ox.RdfFormat.JSON_LD}
_VOCABULARY = Path(__file__).with_name("ontology.ttl")
#: Graphs that are kept; each is of one view of one world.
_MOST_KEPT = 4
_LABELS = (f"{PREFIXES['rdfs']}label", f"{PREFIXES['skos']}prefLabel",
           f"{PREFIXES['skos']}notation")  # fmt: skip
Statement = tuple[str, str, str]


class Graphs:
    """Describes what IRIs name: terms of the vocabulary, things of a world."""

    terms_below, things_below = ONT, ID

    def __init__(self) -> None:
        self._kept: LRUCache[int, tuple[World, ox.Store]] = LRUCache(_MOST_KEPT)
        self._lock = Lock()

    def vocabulary(self, form: Form) -> bytes:
        """Return the vocabulary."""
        if form == "turtle":
            return _VOCABULARY.read_bytes()
        return _serialized(ox.parse(path=_VOCABULARY, format=ox.RdfFormat.TURTLE), form)

    def terms(self) -> list[tuple[str, list[Statement]]]:
        """Return each term of the vocabulary: predicate, value and IRI of each statement."""
        store = ox.Store()
        store.load(path=_VOCABULARY, format=ox.RdfFormat.TURTLE)
        subjects = {quad.subject.value for quad in store}
        named = sorted(iri for iri in subjects if iri.startswith(ONT))
        return [(iri, _statements(store, ox.NamedNode(iri))) for iri in named]

    def describe(self, world: World, path: str, form: Form) -> bytes | None:
        """Return the statements about a thing, or None if there is none of this name.

        Parameters
        ----------
        world
            The world as its viewer sees it.
        path
            The IRI without what all of them begin with.
        form
            How to write it.
        """
        quads = list(self._store(world).quads_for_pattern(ox.NamedNode(ID + path), None, None))
        return _serialized(quads, form) if quads else None

    def statements(self, world: World, path: str) -> list[Statement]:
        """Return the statements about a thing for people: predicate, value, IRI or ``""``."""
        return _statements(self._store(world), ox.NamedNode(ID + path))

    def _store(self, world: World) -> ox.Store:
        with self._lock:
            held = self._kept.get(id(world))
            if held is None or held[0] is not world:
                # the world is held with its graph, so that its id stays its own
                held = self._kept[id(world)] = (world, store_of(world))
            return held[1]


def _statements(store: ox.Store, subject: ox.NamedNode) -> list[Statement]:
    rows = []
    for quad in store.quads_for_pattern(subject, None, None):
        value = quad.object
        if isinstance(value, ox.NamedNode):
            rows.append((_short(quad.predicate.value), _label(store, value), value.value))
        else:
            rows.append((_short(quad.predicate.value), str(getattr(value, "value", "")), ""))
    return sorted(rows)


def _label(store: ox.Store, node: ox.NamedNode) -> str:
    for name in _LABELS:
        for quad in store.quads_for_pattern(node, ox.NamedNode(name), None):
            return str(getattr(quad.object, "value", ""))
    return _short(node.value)


def _short(iri: str) -> str:
    """Return an IRI with its prefix."""
    for prefix, start in PREFIXES.items():
        if iri.startswith(start):
            return f"{prefix}:{iri.removeprefix(start)}"
    return iri


def _serialized(quads: object, form: Form) -> bytes:
    prefixes = dict(PREFIXES)
    triples = (quad.triple for quad in quads)  # type: ignore[attr-defined]
    return bytes(ox.serialize(triples, format=_FORMS[form], prefixes=prefixes) or b"")
