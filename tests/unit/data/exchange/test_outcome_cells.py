"""Cells of people in an outcome's file are those of the run that it was written from."""

import csv

import geopandas as gpd
from hypothesis import given
from hypothesis import strategies as st

from data.documents.outcomes import outcome_plain
from data.exchange.outcome_cells import cells_of
from data.exchange.outcome_exports import (
    write_outcome_csv,
    write_outcome_geojson,
    write_outcome_gpkg,
)
from models.cascade.timed.engine import run
from models.impact.cells import cell_courses
from models.scenario import Event, Scenario
from tests.strategies import scenarios, settled_worlds


def test_the_geopackage_has_a_layer_of_cells(haven, tmp_path):
    scenario = Scenario("haven", (Event(0.0, "fail", "north"),), horizon_h=24)
    plain = outcome_plain(haven, scenario, run(haven, scenario))
    write_outcome_gpkg(haven, plain, tmp_path / "o.gpkg")
    cells = gpd.read_file(tmp_path / "o.gpkg", layer="cells").set_index("cell_id")
    assert cells["lacking"].to_dict() == {"church": 300, "mill": 300, "quay": 400}
    assert cells["missing"].to_dict() == {"church": 2, "mill": 3, "quay": 3}
    assert cells.loc["church", "services"] == "drinking_water|electricity"
    assert cells.loc["church"].geometry.equals(haven.cells["church"].geometry)
    people = gpd.read_file(tmp_path / "o.gpkg", layer="people").set_index("service")
    assert people.loc["fixed_telecom", "peak"] == 0
    assert people.loc["fixed_telecom", "at_home_peak"] == 700


def test_the_table_of_the_trace_has_the_same_cells_beside_it(haven, tmp_path):
    scenario = Scenario("haven", (Event(0.0, "fail", "north"),), horizon_h=24)
    write_outcome_csv(
        haven, outcome_plain(haven, scenario, run(haven, scenario)), tmp_path / "o.csv"
    )
    with (tmp_path / "o.csv.cells.csv").open(encoding="utf-8", newline="") as file:
        lacking = {row["cell_id"]: row["lacking"] for row in csv.DictReader(file)}
    assert lacking == {"church": "300", "mill": "300", "quay": "400"}


def test_the_geojson_has_every_asset_and_the_same_cells(haven, tmp_path):
    scenario = Scenario("haven", (Event(0.0, "fail", "north"),), horizon_h=24)
    plain = outcome_plain(haven, scenario, run(haven, scenario))
    write_outcome_geojson(haven, plain, tmp_path / "o.geojson")
    rows = gpd.read_file(tmp_path / "o.geojson").set_index("table")
    assert set(rows.loc[["assets"], "asset_id"]) == set(haven.assets)
    cells = rows.loc[["cells"]].set_index("cell_id")
    assert cells["lacking"].to_dict() == {"church": 300, "mill": 300, "quay": 400}


@given(world=settled_worlds(), data=st.data())
def test_the_file_tells_the_same_cells_as_the_run(world, data):
    scenario = data.draw(scenarios(world))
    outcome = run(world, scenario)
    told = {
        item["cell_id"]: item for item in cells_of(world, outcome_plain(world, scenario, outcome))
    }
    for cell_id, course in cell_courses(world, outcome).items():
        worst = max(now.part for now in course)
        if worst > 0:
            assert told[cell_id]["lacking"] == round(world.cells[cell_id].people * worst)
            assert told[cell_id]["missing"] == max(len(now.services) for now in course)
        else:
            assert cell_id not in told
