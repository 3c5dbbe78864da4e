"""Exports of the knowledge graph and threat intelligence, run as on the command line."""

from __future__ import annotations

import json

import pyoxigraph as ox
import pytest
import stix2
from stix2.exceptions import STIXError

import cli

REGION = "neubrandenburg"


@pytest.fixture
def labelled(tmp_path):
    """Return a small world with labels, operators and products as a folder."""
    world = tmp_path / "w"
    world.mkdir()
    (world / "world.json").write_text(
        json.dumps({"id": "w", "title": "W", "version": "1", "snapshot_date": "2026-01-01"})
    )
    (world / "assets.csv").write_text(
        "asset_id,asset_type,sector,name,lon,lat,operator,product,tlp\n"
        "S1,substation_hv,energy,North,13,53,Grid Ltd,ACME RTU 2.0,AMBER\n"
        "S2,substation_hv,energy,South,13,53.1,Grid Ltd,Other PLC,RED\n"
        "H,hospital,health,Clinic,13.1,53,,,\n"
    )
    (world / "dependencies.csv").write_text(
        "group_id,consumer_id,supplier_id,service,k,source,confidence\n"
        "d,H,S1,electricity,1,x,B\nd,H,S2,electricity,1,x,B\n"
    )
    return world


@pytest.mark.parametrize(("form", "read"), [("turtle", "TURTLE"), ("jsonld", "JSON_LD")])
def test_the_graph_of_a_region_is_written_and_read(tmp_path, form, read):
    out = tmp_path / "w"
    assert cli.main(["export", REGION, "--to", form, "--out", str(out)]) == 0
    store = ox.Store()
    store.bulk_load(path=out, format=getattr(ox.RdfFormat, read))
    assert len(store) > 20_000


def test_a_bundle_is_stix_with_every_mark(tmp_path, labelled):
    out = tmp_path / "b.json"
    assert cli.main(["export", str(labelled), "--to", "stix", "--out", str(out)]) == 0
    plain = json.loads(out.read_text(encoding="utf-8"))
    by_id = {object_["id"]: object_ for object_ in plain["objects"]}
    for object_ in plain["objects"]:
        if object_["type"] != "marking-definition":
            stix2.parse(object_, allow_custom=True)
    marks = {
        object_["name"]: [by_id[mark]["name"] for mark in object_["object_marking_refs"]]
        for object_ in plain["objects"]
        if object_["type"] == "infrastructure"
    }
    assert marks == {"North": ["TLP:AMBER"], "South": ["TLP:RED"], "Clinic": ["TLP:CLEAR"]}
    relations = [object_ for object_ in plain["objects"] if object_["type"] == "relationship"]
    assert len(relations) == 2
    for relation in relations:
        assert relation["relationship_type"] == "depends-on" and relation["source_ref"] in by_id
        # a relation is as closed as the closest of its ends
        assert (
            relation["object_marking_refs"] == by_id[relation["target_ref"]]["object_marking_refs"]
        )
    again = tmp_path / "again.json"
    assert cli.main(["export", str(labelled), "--to", "stix", "--out", str(again)]) == 0
    assert again.read_bytes() == out.read_bytes()
    with pytest.raises(STIXError):
        stix2.parse({"type": "infrastructure", "spec_version": "2.1"})


def test_an_outcome_leaves_in_every_form(tmp_path, labelled):
    scenario, outcome = tmp_path / "s.json", tmp_path / "o.json"
    events = [{"at_h": 0, "do": "fail", "asset": item} for item in ("S1", "S2")]
    scenario.write_text(json.dumps({"world": "w", "events": events}))
    assert cli.main(["run", str(labelled), str(scenario), "--out", str(outcome)]) == 0
    for form in ("turtle", "jsonld", "stix", "ngsi-ld"):
        out = tmp_path / f"o.{form}"
        command = ["export", str(outcome), "--world", str(labelled), "--to", form]
        assert cli.main([*command, "--out", str(out)]) == 0, form
    (report,) = (
        object_ for object_ in json.loads((tmp_path / "o.stix").read_text("utf-8"))["objects"]
        if object_["type"] == "report"
    )  # fmt: skip
    stix2.parse(report, allow_custom=True)
    assert len(report["object_refs"]) == 3
    states = {
        entity["name"]["value"]: entity["state"]["value"]
        for entity in json.loads((tmp_path / "o.ngsi-ld").read_text("utf-8"))
    }
    assert states["Clinic"] == "failed-cascade"


def test_a_region_conforms_and_a_question_is_answered(tmp_path, capsys):
    assert cli.main(["check", REGION]) == 0
    assert json.loads(capsys.readouterr().out) == {"conforms": True, "results": []}
    query = tmp_path / "q.rq"
    query.write_text("SELECT (COUNT(?a) AS ?n) WHERE { ?a a cip:Asset }", encoding="utf-8")
    assert cli.main(["ask", REGION, str(query)]) == 0
    (row,) = json.loads(capsys.readouterr().out)["results"]["bindings"]
    assert int(row["n"]["value"]) > 300
    query.write_text("SELECT ?a { SERVICE <http://x.example> {?a ?b ?c} }", encoding="utf-8")
    assert cli.main(["ask", REGION, str(query)]) == 2
    assert capsys.readouterr().err.startswith("q.rq: SERVICE")


STIX = {
    "type": "bundle",
    "id": "bundle--1",
    "objects": [
        {"type": "marking-definition", "id": "m", "name": "TLP:AMBER+STRICT"},
        {"type": "vulnerability", "name": "CVE-1", "description": "In the ACME RTU before 2.1."},
        {"type": "software", "name": "ACME RTU", "version": "2.0"},
        {"type": "malware", "name": "Old", "revoked": True, "description": "Other PLC"},
    ],
}
MISP = {
    "Event": {
        "info": "Campaign",
        "Tag": [{"name": "tlp:green"}, {"name": 'nis2:impact-sectors-impacted="health"'}],
        "Attribute": [{"type": "target-org", "value": "Grid Ltd"}],
    }
}


@pytest.mark.parametrize(
    ("plain", "label", "assets"),
    [(STIX, "AMBER+STRICT", ["S1"]), (MISP, "GREEN", ["H", "S1", "S2"])],
    ids=["stix", "misp"],
)
def test_intelligence_becomes_a_proposed_scenario(tmp_path, capsys, labelled, plain, label, assets):
    bundle, out = tmp_path / "b.json", tmp_path / "s.json"
    bundle.write_text(json.dumps(plain))
    assert cli.main(["propose", str(labelled), str(bundle), "--out", str(out)]) == 0
    scenario = json.loads(out.read_text(encoding="utf-8"))
    assert [event["asset"] for event in scenario["events"]] == assets
    assert all(event["note"] for event in scenario["events"])
    assert scenario["note"].startswith(f"TLP:{label}.")
    capsys.readouterr()
    assert cli.main(["run", str(labelled), str(out)]) == 0


@pytest.mark.parametrize(
    "plain",
    ["[]", "{}", '{"type": "bundle", "objects": 3}', '{"Event": []}', "{", '"x"', ""],
)
def test_what_is_no_intelligence_is_refused(tmp_path, capsys, labelled, plain):
    bundle = tmp_path / "b.json"
    bundle.write_text(plain)
    out = tmp_path / "s.json"
    assert cli.main(["propose", str(labelled), str(bundle), "--out", str(out)]) == 2
    assert capsys.readouterr().err.startswith("b.json") and not out.exists()


@pytest.mark.parametrize(
    "thing",
    [None, 3, "x", [], {}, {"type": None}, {"type": "malware", "name": 3, "aliases": "x"},
     {"type": "x-mitre-asset", "x_mitre_related_assets": [1]},
     {"type": "marking-definition", "extensions": [], "definition": 3},
     {"type": "identity", "sectors": {"a": 1}}],
)  # fmt: skip
def test_odd_objects_are_passed_over(tmp_path, labelled, thing):
    bundle, out = tmp_path / "b.json", tmp_path / "s.json"
    bundle.write_text(json.dumps({"type": "bundle", "objects": [thing]}))
    assert cli.main(["propose", str(labelled), str(bundle), "--out", str(out)]) == 0
