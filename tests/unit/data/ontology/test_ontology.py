"""The vocabulary, the graph of a world, checks of it, and questions to it."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from pathlib import Path

import pyoxigraph as ox
import pytest

from data.documents.outcomes import outcome_plain
from data.ontology.asking import answer
from data.ontology.checking import SHAPES, violations
from data.ontology.graph import asset_iri, store_of, term
from data.ontology.vocabulary import ONT, PREFIXES
from data.prepare.ontology import files
from models.cascade.timed.engine import run
from models.errors import BadInputError
from models.scenario import Event, Scenario
from models.world import CommonCause, ServiceArea
from tests.strategies import asset, needs, world_of

CIP = ox.NamedNode(ONT + "Asset")


def chain():
    """Return a world: a clinic needs a mast, the mast a grid or half an hour of battery."""
    groups = [
        needs("d1", "mast", "grid", autonomy_h=0.5, confidence="B", source="D001"),
        needs("d2", "clinic", "mast", confidence="C", source="D002"),
    ]
    return world_of(
        [asset("clinic"), asset("grid"), asset("mast")], groups,
        common_causes={"c": CommonCause("c", "product", asset_ids=("grid", "mast"), beta=0.1)},
        service_areas=(ServiceArea("clinic", "care", 1000),),
    )  # fmt: skip


def test_the_committed_files_are_what_the_vocabulary_makes():
    for name, text in files().items():
        assert SHAPES.with_name(name).read_text(encoding="utf-8") == text, (
            f"{name}: run python -m data.prepare.ontology"
        )


@pytest.mark.parametrize("name", ["ontology.ttl", "shapes.ttl"])
def test_both_files_are_turtle_and_every_property_is_in_the_vocabulary(name):
    known = {
        quad.subject.value
        for quad in ox.parse(path=SHAPES.with_name("ontology.ttl"), format=ox.RdfFormat.TURTLE)
    }
    store = store_of(chain(), outcome(chain()))
    for quad in [*ox.parse(path=SHAPES.with_name(name), format=ox.RdfFormat.TURTLE), *store]:
        if quad.predicate.value.startswith(ONT):
            assert quad.predicate.value in known, quad.predicate


def outcome(world, asset_id="grid"):
    scenario = Scenario(world.world_id, (Event(0.0, "fail", asset_id),))
    return outcome_plain(world, scenario, run(world, scenario))


def test_a_sound_world_conforms_and_so_does_its_outcome():
    assert violations(store_of(chain(), outcome(chain()))) == []


def test_what_a_shape_refuses_is_named():
    store = store_of(chain())
    this = ox.NamedNode(f"{asset_iri(chain(), '').value.removesuffix('asset/')}dependency/d2")
    (quad,) = store.quads_for_pattern(this, term("confidence"), None)
    store.remove(quad)
    store.add(ox.Quad(this, term("confidence"), ox.Literal("Z")))
    (found,) = violations(store)
    assert (found.focus, found.path) == (this.value, f"{ONT}confidence")
    assert found.message == "confidence: exactly one string of A, B, C, D"
    assert found.shape == f"{ONT}Dependency-confidence"


def mutated(chance: random.Random) -> ox.Store:
    """Return the graph of a world in which triples were taken out, doubled or changed."""
    store = store_of(chain(), outcome(chain()))
    quads = sorted(store, key=str)
    for _ in range(chance.randint(1, 4)):
        quad = chance.choice(quads)
        other = chance.choice(quads)
        kind = chance.choice(["remove", "value", "add"])
        if kind != "add":
            store.remove(quad)
        if kind != "remove":
            store.add(ox.Quad(quad.subject, quad.predicate, other.object))
    return store


@pytest.mark.parametrize("seed", range(25))
def test_both_engines_refuse_the_same(seed):
    store = mutated(random.Random(seed))
    fast, slow = (
        {(v.focus, v.path, v.shape) for v in violations(store, engine=engine)}
        for engine in ("rust", "pyshacl")
    )
    assert fast == slow


def asked(world, query, plain=None):
    return json.loads(answer(world, store_of(world, plain), query))


def test_questions_of_the_graph():
    world = chain()
    rows = asked(world, "SELECT DISTINCT ?id WHERE { ?a cip:needs+ w:asset\\/grid ; "
                 "dcterms:identifier ?id } ORDER BY ?id")["results"]["bindings"]  # fmt: skip
    assert [row["id"]["value"] for row in rows] == ["clinic", "mast"]
    events = asked(
        world,
        "SELECT ?id ?t WHERE { ?e cip:level ?l ; cip:offsetHours ?t ; cip:aboutAsset/"
        "dcterms:identifier ?id . FILTER(?l < 1) FILTER NOT EXISTS { ?e cip:aboutService ?s } } "
        "ORDER BY ?t ?id",
        outcome(world),
    )["results"]["bindings"]
    hours = [float(row["t"]["value"]) for row in events]
    assert [row["id"]["value"] for row in events] == ["grid", "clinic", "mast"]
    assert hours == [0.0, 0.5, 0.5] and all(a <= b for a, b in pairwise(hours))
    assert asked(world, "ASK { ?a a cip:Operator }") == {"head": {}, "boolean": False}


def test_the_engine_answers_in_a_question():
    rows = asked(
        chain(),
        "SELECT ?id ?people ?hours WHERE { ?a a cip:Asset ; dcterms:identifier ?id . "
        "BIND(cip:peopleLostIf(?a, 24) AS ?people) BIND(cip:failsAfter(?a, w:asset\\/clinic) AS "
        "?hours) } ORDER BY ?id",
    )["results"]["bindings"]
    found = {
        row["id"]["value"]: (int(row["people"]["value"]), float(row["hours"]["value"]))
        for row in rows
    }
    assert found == {"clinic": (1000, 0.0), "grid": (1000, 0.5), "mast": (1000, 0.0)}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT * WHERE { SERVICE <http://x.example/> { ?a ?b ?c } }", "never asked"),
        ("SELECT * WHERE { service silent <http://x.example/> { ?a ?b ?c } }", "never asked"),
        ("SELECT * WHERE {", "line 1"),
        ("INSERT DATA { <a:a> <a:b> <a:c> }", "line 1"),
        ("", "line 1"),
    ],
)
def test_what_is_no_question_is_refused_in_words(query, words):
    with pytest.raises(BadInputError, match=words):
        answer(chain(), store_of(chain()), query)


def test_the_word_service_in_a_text_is_no_call():
    assert asked(chain(), 'ASK { ?a rdfs:label "SERVICE" }')["boolean"] is False


def test_shapes_that_are_none_are_refused(tmp_path: Path):
    bad = tmp_path / "s.ttl"
    bad.write_text("@prefix : <", encoding="utf-8")
    with pytest.raises(BadInputError, match=r"s\.ttl, line 1: not valid Turtle"):
        violations(store_of(chain()), bad)
    assert PREFIXES["cip"] == ONT
