"""Outcomes as files: the documented form, byte for byte the same, and for other tools."""

import csv
import json

import geopandas as gpd
import pytest

from data.documents.outcomes import outcome_plain, outcome_text, read_outcome, run_id
from data.documents.scenarios import parse_scenario
from data.exchange.outcome_exports import (
    write_outcome_csv,
    write_outcome_geojson,
    write_outcome_gpkg,
)
from models.cascade.reference.engine import run
from models.errors import BadInputError
from models.outcome import AssetOutcome, Deadlock, Outcome, Supply, TraceRow

HOUR = 3_600_000


@pytest.fixture
def plain(tiny_world, tiny_scenario):
    """The outcome of the substation's failure, as a file has it."""
    scenario = parse_scenario(tiny_scenario, tiny_world)
    return outcome_plain(tiny_world, scenario, run(tiny_world, scenario))


def test_an_outcome_has_the_documented_form(tiny_world, tiny_scenario):
    """Drawn by hand, so that it holds whatever the engine says."""
    direct = TraceRow(0, 0, "grid", 1.0, 0.0, "direct", None, (), 0)
    cascade = TraceRow(1, 8 * HOUR, "works", 1.0, 0.0, "autonomy", "works-power", (0,), 1)
    lost = AssetOutcome(0.0, {"electricity": 0.0}, "failed-direct", 0, 48 * HOUR, 0)
    dry = AssetOutcome(0.0, {"drinking water": 0.0}, "stuck", 8 * HOUR, 40 * HOUR, 1)
    off = ((0, 1.0), (8 * HOUR, 0.0))
    outcome = Outcome(
        horizon_ms=48 * HOUR,
        trace=(direct, cascade),
        assets={"works": dry, "grid": lost},
        states={},
        levels={"grid": ((0, 0.0),), "works": off},
        delivery={},
        link_hits={},
        deadlocks=(Deadlock(("grid", "works"), (Supply("works", "electricity"),)),),
    )
    result = outcome_plain(tiny_world, parse_scenario(tiny_scenario, tiny_world), outcome)
    assert list(result) == [
        *("run_id", "world_sha256", "scenario_sha256", "version"),
        *("assets", "people", "people_distinct", "deadlocks", "trace"),
    ]
    assert result["assets"] == {
        "grid": {
            "level_end": 0.0,
            "delivers_end": {"electricity": 0.0},
            "state_end": "failed-direct",
            "first_loss_h": 0.0,
            "down_h": 48.0,
            "order": 0,
        },
        "works": {
            "level_end": 0.0,
            "delivers_end": {"drinking water": 0.0},
            "state_end": "stuck",
            "first_loss_h": 8.0,
            "down_h": 40.0,
            "order": 1,
        },
    }
    assert result["people"] == {"drinking water": {"peak": 1200, "person_hours": 48_000.0}}
    assert result["people_distinct"] == {
        **{"peak": 1200, "peak_h": 8.0, "person_hours": 48_000.0},
        **{"by_missing": {"1": 1200}, "groups": {}},
        "by_service": {
            "drinking water": {
                **{"peak": 1200, "peak_h": 8.0, "person_hours": 48_000.0},
                "by_use_need": {},
            }
        },
    }
    assert result["deadlocks"] == [
        {"assets": ["grid", "works"], "break": [{"asset": "works", "service": "electricity"}]}
    ]
    assert result["trace"][1] == {
        "row": 1,
        "t_h": 8.0,
        "asset": "works",
        "from": 1.0,
        "to": 0.0,
        "kind": "autonomy",
        "group": "works-power",
        "because": [0],
        "order": 1,
        "link": None,
        "service": None,
    }


def test_the_text_is_json_of_the_same_content(plain):
    text = outcome_text(plain)
    assert json.loads(text) == plain
    assert text.endswith("}\n")
    assert sum('"row":' in line for line in text.splitlines()) == len(plain["trace"])


def test_the_same_run_gives_the_same_bytes(tiny_world, tiny_scenario):
    texts = set()
    for _ in range(3):
        scenario = parse_scenario(tiny_scenario, tiny_world)
        texts.add(outcome_text(outcome_plain(tiny_world, scenario, run(tiny_world, scenario))))
    assert len(texts) == 1


def test_another_scenario_is_another_run(tiny_world, tiny_scenario):
    scenario = parse_scenario(tiny_scenario, tiny_world)
    other = parse_scenario(tiny_scenario | {"seed": 2}, tiny_world)
    assert run_id(tiny_world, scenario) == run_id(tiny_world, scenario) != run_id(tiny_world, other)


def test_a_file_is_read_back(tmp_path, plain):
    path = tmp_path / "o.json"
    path.write_text(outcome_text(plain), encoding="utf-8")
    assert read_outcome(path) == plain


def test_a_file_of_a_version_without_distinct_people_is_read(tmp_path, plain):
    old = {name: part for name, part in plain.items() if name != "people_distinct"}
    path = tmp_path / "o.json"
    path.write_text(outcome_text(old), encoding="utf-8")
    assert read_outcome(path) == old


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"run_id": 3, "trace": [{}]}'])
def test_a_file_that_is_no_outcome_is_told(tmp_path, content):
    path = tmp_path / "o.json"
    path.write_text(content)
    with pytest.raises(BadInputError, match=r"o\.json"):
        read_outcome(path)


def test_the_trace_as_csv_has_names_and_a_credit_beside_it(tmp_path, tiny_world, plain):
    path = tmp_path / "trace.csv"
    write_outcome_csv(tiny_world, plain, path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(plain["trace"])
    assert (rows[0]["asset"], rows[0]["name"], rows[0]["t_h"]) == ("grid", "Substation", "0.0")
    credit = (tmp_path / "trace.csv.licence.txt").read_text(encoding="utf-8")
    assert "drawn by hand" in credit
    assert "CC0" in credit


def test_geojson_has_every_asset_with_its_state(tmp_path, tiny_world, plain):
    path = tmp_path / "o.geojson"
    write_outcome_geojson(tiny_world, plain, path)
    assert json.loads(path.read_text(encoding="utf-8"))["attribution"] == "drawn by hand"
    states = gpd.read_file(path).set_index("asset_id")["state_end"].to_dict()
    assert states["grid"] == "failed-direct"
    assert states["plant"] == "working"
    assert set(states) == set(tiny_world.assets)


def test_geopackage_has_layers_and_credit(tmp_path, tiny_world, plain):
    path = tmp_path / "o.gpkg"
    write_outcome_gpkg(tiny_world, plain, path)
    assert set(gpd.list_layers(path)["name"]) == {"world", "assets", "trace", "people"}
    assert gpd.read_file(path, layer="world")["attribution"].tolist() == ["drawn by hand"]
    assert gpd.read_file(path, layer="people")["peak"].tolist() == [1200]


def test_an_outcome_without_any_loss_can_be_written(tmp_path, tiny_world):
    scenario = parse_scenario({"world": "tiny"}, tiny_world)
    plain = outcome_plain(tiny_world, scenario, run(tiny_world, scenario))
    assert plain["trace"] == []
    assert json.loads(outcome_text(plain)) == plain
    for write, name in ((write_outcome_csv, "o.csv"), (write_outcome_gpkg, "o.gpkg")):
        write(tiny_world, plain, tmp_path / name)
        assert (tmp_path / name).exists()


@pytest.mark.parametrize("place", ["nowhere/o.csv", "full"])
def test_a_place_that_cannot_be_written_is_told(tmp_path, tiny_world, plain, place):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("")
    with pytest.raises(BadInputError, match="folder"):
        write_outcome_csv(tiny_world, plain, tmp_path / place)
    assert not list(tmp_path.glob(".*"))
