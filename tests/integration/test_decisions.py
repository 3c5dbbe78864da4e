"""The commands that need no world, run as on the command line."""

from __future__ import annotations

import csv
import json

import pytest

import cli

TABLE = {
    "options": ["A", "B"],
    "criteria": [
        {"id": "cost", "weight": 2, "better": "less"},
        {"id": "people", "weight": 2, "better": "more"},
    ],
    "values": [[250, 16], [200, 12]],
    "method": "wsm",
    "normalisation": "minmax",
    "weights": "given",
}
ECONOMY = {
    "labels": ["a", "b"], "flows": [[150, 500], [200, 100]], "final_demand": [350, 1700],
    "output": [1000, 2000], "shock": {"a": 0.1},
}  # fmt: skip
PROBLEM = {
    "measures": [{"id": "M1", "cost": 3}, {"id": "M2", "cost": 4}],
    "budget": 5,
    "scenarios": [
        {"value": 10, "needs": ["M1"], "rule": "any"},
        {"value": 9, "needs": ["M1", "M2"], "rule": "all", "weight": 2},
    ],
}


def answer(tmp_path, capsys, command, plain, *options):
    file = tmp_path / "in.json"
    file.write_text(plain if isinstance(plain, str) else json.dumps(plain), encoding="utf-8")
    code = cli.main([command, str(file), *options])
    out, err = capsys.readouterr()
    return code, json.loads(out) if code == 0 else err.splitlines()


def test_a_decision_names_its_flips(tmp_path, capsys):
    code, plain = answer(tmp_path, capsys, "decide", TABLE)
    assert code == 0
    assert plain["ranks"] == {"A": 1, "B": 1}
    assert plain["weights"] == {"cost": 0.5, "people": 0.5}
    assert plain["flips"] == [
        {"pair": ["A", "B"], "criterion": c, "at_weight": pytest.approx(0.5)}
        for c in ("cost", "people")
    ]


def test_an_economy_loses_more_than_is_hit(tmp_path, capsys):
    code, plain = answer(tmp_path, capsys, "economy", ECONOMY)
    assert code == 0 and plain["direct"] == pytest.approx(35)
    assert plain["by_sector"]["b"] > 0 and plain["direct_by_sector"]["b"] == 0


def test_a_best_set_and_the_one_after_it(tmp_path, capsys):
    code, plain = answer(tmp_path, capsys, "best-set", PROBLEM, "--budget", "7")
    assert code == 0 and plain["chosen"] == ["M1", "M2"] and plain["proven"]
    assert plain["next_best"] == {"chosen": ["M1"], "cost": 3.0, "saved": 10.0}
    code, plain = answer(tmp_path, capsys, "best-set", PROBLEM, "--method", "greedy")
    assert code == 0 and plain["chosen"] == ["M1"] and plain["bound"] >= plain["saved"] == 10


def test_sites_get_their_ground_motion(tmp_path, capsys):
    sites, out = tmp_path / "sites.csv", tmp_path / "out.csv"
    sites.write_text(
        "model,magnitude,rake,distance_rjb_km,vs30_m_s,site\nASB14,6,0,10,760,=1+1\n", "utf-8"
    )
    assert cli.main(["ground-motion", "--sites", str(sites), "--out", str(out)]) == 0
    (row,) = csv.DictReader(out.read_text(encoding="utf-8").splitlines())
    assert row["im"] == "PGA" and row["unit"] == "g" and row["site"] == "'=1+1"
    assert float(row["median"]) == pytest.approx(0.14558208, abs=1e-7)
    capsys.readouterr()
    sites.write_text(
        "model,magnitude,rake,distance_rjb_km,vs30_m_s\nASB41,6,0,-1,nan\n", encoding="utf-8"
    )
    assert cli.main(["ground-motion", "--sites", str(sites), "--out", str(out)]) == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 3 and all(line.startswith("sites.csv, row 2, column") for line in told)


@pytest.mark.parametrize(
    ("command", "plain", "words"),
    [
        ("decide", {}, "options: missing."),
        ("decide", [], "the document: [] is not an object."),
        ("decide", "{", "not valid JSON"),
        ("decide", "[" * 5000, "nested too deep"),
        ("decide", TABLE | {"values": [[1, 2]]}, "values: 1 rows; one for each option makes 2."),
        ("decide", TABLE | {"values": [[1], [2, 3]]}, "values[0]: 1 numbers"),
        ("decide", TABLE | {"options": ["A", "A"]}, "options: 'A' appears more than once."),
        ("decide", TABLE | {"method": "topsys"}, "not one of 'topsis'"),
        ("decide", TABLE | {"values": [["1", 2], [3, True]]}, 'values[0][0]: "1" is not a number.'),
        ("decide", TABLE | {"title": 3}, "title: 3 is not a text."),
        ("economy", ECONOMY | {"shock": {"c": 0.1}}, "shock.c: no such label."),
        ("economy", ECONOMY | {"shock": {"a": 1.1}}, "shock.a: 1.1 is above 1."),
        ("economy", ECONOMY | {"output": [1]}, "output: 1 numbers for 2 labels."),
        ("best-set", PROBLEM | {"budget": None}, "budget: missing."),
        ("best-set", PROBLEM | {"measures": []}, "scenarios[0].needs: no measure 'M1'."),
        ("best-set", PROBLEM | {"budget": -1}, "budget: -1 is below 0."),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path, capsys, command, plain, words):
    code, lines = answer(tmp_path, capsys, command, plain)
    assert code == 2
    assert any(words in line for line in lines), lines
    assert all(line.startswith("in.json") for line in lines)
