"""The commands ``curve`` and ``hazard``, and hazards in the commands that run a scenario."""

from __future__ import annotations

import json

import pytest

import cli

EARTH = {"type": "Polygon", "coordinates": [[[-180, -90], [180, -90], [180, 90], [-180, 90],
                                             [-180, -90]]]}  # fmt: skip


@pytest.fixture
def storm(tmp_path):
    """Return a scenario in which gusts of 30 m/s blow everywhere from 2 h on."""
    event = {"at_h": 2, "do": "hazard", "hazard": "wind", "threshold": 25,
             "field": {"polygon": EARTH, "intensity": 30, "unit": "m/s"}}  # fmt: skip
    path = tmp_path / "storm.json"
    path.write_text(json.dumps({"world": "tiny", "events": [event]}))
    return path


def _json(capsys):
    return json.loads(capsys.readouterr().out)


def test_a_curve_as_json(capsys):
    assert cli.main(["curve", "F0005", "--im", "0.3"]) == 0
    plain = _json(capsys)
    assert plain.keys() >= {"id", "hazard", "im", "unit", "asset_type", "kind", "source", "values"}
    assert plain["values"][0]["p_states"]["slight"] == pytest.approx(0.900871867549569, abs=1e-12)
    assert cli.main(["curve", "F0006"]) == 0  # a row of the same curve
    assert _json(capsys)["id"] == "F0005"
    assert cli.main(["curve", "--list", "--json"]) == 0
    assert all({"id", "hazard", "sheet"} <= item.keys() for item in _json(capsys))
    assert cli.main(["curve", "--list"]) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nope"],
        ["F0005", "--im", "x"],
        ["F0005", "--tables", "/none.xlsx"],
        ["--im"],
        ["a", "b"],
    ],
)
def test_a_wrong_call_is_told_in_a_line(arguments, capsys):
    assert cli.main(["curve", *arguments]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_what_a_field_does(tiny_world_folder, storm, tmp_path, capsys):
    out = tmp_path / "out.json"
    assert cli.main(["hazard", str(tiny_world_folder), str(storm), "--out", str(out)]) == 0
    capsys.readouterr()
    plain = json.loads(out.read_text())
    assert plain["fields"] == [{"event": 0, "hazard": "wind", "im": "gust", "unit": "m/s"}]
    (line,) = plain["links"].values()
    assert line[0]["max"] == line[0]["mean"] == 30
    assert line[0]["hit_m"] == pytest.approx(line[0]["length_m"])
    assert plain["totals"][0]["links_lost"] == 1
    assert all(
        asset[0]["lost"] and asset[0]["intensity"] == 30 for asset in plain["assets"].values()
    )
    assert cli.main(["hazard", str(tiny_world_folder), str(storm), "--at", "1"]) == 0
    assert _json(capsys)["fields"] == []


def test_causes_name_the_hazard(tiny_world_folder, storm, capsys):
    assert cli.main(["why", str(tiny_world_folder), str(storm), "clinic"]) == 0
    told = _json(capsys)["assets"]["clinic"]
    assert told["causes"] == [[0]]
    assert "hit by gusts of 30 m/s, above its 25 m/s threshold" in told["sentence"]


def test_a_run_and_an_ensemble_take_its_hits(tiny_world_folder, storm, tmp_path, capsys):
    out = tmp_path / "run.json"
    assert cli.main(["run", str(tiny_world_folder), str(storm), "--out", str(out)]) == 0
    first = json.loads(out.read_text())["assets"]["clinic"]
    assert (first["state_end"], first["first_loss_h"]) == ("failed-direct", 2.0)
    assert cli.main(["ensemble", str(tiny_world_folder), str(storm), "--runs", "20"]) == 0
    capsys.readouterr()
