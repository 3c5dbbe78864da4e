"""Every kind of file becomes a world; columns, units, systems and several files are understood."""

from __future__ import annotations

import csv
import json

import numpy as np
import openpyxl
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from cli import main
from data.worlds.reader import read_world
from tests import foreign


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return foreign.make(tmp_path_factory.mktemp("good"))


def imported(tmp_path, *arguments):
    """Import files and return the world and the report."""
    out, report = tmp_path / "world", tmp_path / "report.json"
    code = main(["import", *map(str, arguments), "--out", str(out), "--report", str(report)])
    assert code == 0
    return read_world(out), json.loads(report.read_text("utf-8"))


@pytest.mark.parametrize("kind", ["csv", "xlsx", "geojson", "gpkg", "fgb", "parquet", "gml", "shp"])
def test_tables_and_layers_give_the_same_assets(kind, good, tmp_path):
    world, report = imported(tmp_path, good[kind])
    assert report["assets_by_type"] == {"hospital": 1, "substation_hv": 1, "water_works": 1}
    assert report["files"][0]["rows"] == report["files"][0]["read"] == 3
    assert set(world.assets) == {"S1", "H1", "W1"}
    assert world.assets["H1"].lon == pytest.approx(14.41, abs=1e-5)
    assert world.assets["H1"].lat == pytest.approx(35.91, abs=1e-5)
    assert {g.consumer_id for g in world.groups.values()} >= {"H1", "W1"}


def test_a_kml_tells_types_by_names(good, tmp_path):
    _, report = imported(tmp_path, good["kml"])
    assert report["assets_by_type"]["hospital"] == 1


def test_content_decides_not_the_ending(good, tmp_path):
    odd = tmp_path / "picture.png"
    odd.write_bytes(good["gpkg"].read_bytes())
    _, report = imported(tmp_path, odd)
    assert report["files"][0]["kind"] == "GeoPackage"


def test_openstreetmap_gives_a_grid_that_a_line_feeds(good, tmp_path):
    world, report = imported(tmp_path, good["osm"])
    assert report["people"] == 1200
    (link,) = [x for x in world.links.values() if x.service == "electricity"]
    ends = {world.assets[link.from_id], world.assets[link.to_id]}
    assert {a.asset_type for a in ends} == {"substation_hv", "substation_ehv"}
    assert link.voltage_kv == 110


@pytest.mark.parametrize(
    ("header", "cell", "field", "value"),
    [
        ("Leistung [MW]", "12,5", "capacity", 12.5),
        ("Leistung [kW]", "500", "capacity", 0.5),
        ("puissance (kW)", "1500", "capacity", 1.5),
        ("potencia", "2 MW", "capacity", 2.0),
        ("Reparaturdauer [Tage]", "3", "repair_h", 72.0),
        ("durée de réparation (h)", "8", "repair_h", 8.0),
        ("repair_h", "5", "repair_h", 5.0),
        ("repair time in days", "2", "repair_h", 48.0),
        ("Betreiber", "Stadtwerke", "operator", "Stadtwerke"),
        ("gestore", "Enel", "operator", "Enel"),
    ],
)
def test_headers_in_five_languages_and_units_are_understood(header, cell, field, value, tmp_path):
    file = tmp_path / "anlagen.csv"
    file.write_text(f"Kennung;Typ;lon;lat;{header}\nA;Umspannwerk;14,4;35,9;{cell}\n", "utf-8")
    world, _ = imported(tmp_path, file)
    assert getattr(world.assets["A"], field) == value


def test_a_recipe_corrects_the_guess(tmp_path):
    file, recipe = tmp_path / "x.csv", tmp_path / "recipe.json"
    file.write_text("nr,what,ost,nord,P\n1,KH,392000,5822000,3\n", "utf-8")
    plain = {
        "crs": "EPSG:25833",
        "types": {"KH": "hospital"},
        "columns": {"nr": "asset_id", "what": "asset_type", "ost": "x", "nord": "y",
                    "P": {"field": "capacity", "unit": "kW"}},
    }  # fmt: skip
    recipe.write_text(json.dumps(plain), "utf-8")
    world, _ = imported(tmp_path, file, "--recipe", recipe)
    asset = world.assets["1"]
    assert asset.asset_type == "hospital"
    assert asset.capacity == pytest.approx(0.003)
    assert asset.lon == pytest.approx(13.41, abs=0.01)


def test_autonomy_and_suppliers_of_a_spreadsheet_become_needs(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Liste der Anlagen, Stand Mai"])
    sheet.append([])
    sheet.append(["Nummer", "Name", "Art", "lon", "lat", "Versorger", "Notstromdauer [min]"])
    sheet.append(["H1", "Klinik", "Krankenhaus", 14.4, 35.9, "UW Nord", 90])
    sheet.append(["U1", "UW Nord", "Umspannwerk", 14.41, 35.9, None, None])
    file = tmp_path / "list.xlsx"
    book.save(file)
    world, _ = imported(tmp_path, file)
    (group,) = [g for g in world.groups.values() if g.consumer_id == "H1"
                and g.service == "electricity"]  # fmt: skip
    assert group.origin == "declared"
    assert [s.asset_id for s in group.suppliers] == ["U1"]
    assert group.autonomy_h == 1.5


def test_swapped_axes_are_noticed(tmp_path):
    file = tmp_path / "swapped.csv"
    file.write_text("id,type,lon,lat\na,hospital,52.1,113.0\nb,hospital,52.2,113.1\n", "utf-8")
    world, report = imported(tmp_path, file)
    assert world.assets["a"].lon == 113.0
    assert any("swapped" in f["message"] for f in report["findings"])


def test_swapped_axes_are_noticed_beside_another_file(good, tmp_path):
    file = tmp_path / "b.csv"
    file.write_text("id,type,lon,lat\nz,pharmacy,35.905,14.405\n", "utf-8")
    world, _ = imported(tmp_path, good["csv"], file)
    assert (world.assets["z"].lon, world.assets["z"].lat) == (14.405, 35.905)


def test_records_of_one_asset_are_matched_and_both_values_kept(good, tmp_path):
    file = tmp_path / "operators.csv"
    file.write_text(
        "id,name,type,lon,lat,operator\n77,Hill Hospital,hospital,14.4102,35.9101,State\n", "utf-8"
    )
    world, report = imported(tmp_path, good["csv"], file)
    assert report["assets_by_type"]["hospital"] == 1
    asset = world.assets["H1"]
    assert asset.operator == "State"
    assert asset.name == "Hill Hospital"
    assert "Hospital Hill" in asset.note
    assert "77" in asset.note
    (told,) = [f for f in report["findings"] if "taken for" in f["message"]]
    assert "confidence" in told["message"]


def test_different_neighbours_stay_two(good, tmp_path):
    file = tmp_path / "others.csv"
    file.write_text("id,name,type,lon,lat\n9,Mercy Clinic,hospital,14.4101,35.9101\n", "utf-8")
    _, report = imported(tmp_path, good["csv"], file)
    assert report["assets_by_type"]["hospital"] == 2


def test_drawn_lines_are_tied_to_what_they_reach(good, tmp_path):
    lines = foreign.gpd.GeoDataFrame(
        {"name": ["Cable"]},
        geometry=[shapely.LineString([(14.4, 35.9), (14.405, 35.902), (14.42, 35.92)])],
        crs=4326,
    )
    file = tmp_path / "power_lines.geojson"
    lines.to_file(file, driver="GeoJSON")
    world, _ = imported(tmp_path, good["csv"], file)
    (link,) = world.links.values()
    assert {link.from_id, link.to_id} == {"S1", "W1"}
    assert link.service == "electricity"


def test_epanet_becomes_pipes_pumps_and_demands(good, tmp_path):
    world, report = imported(tmp_path, good["inp"])
    assert report["links_by_service"] == {"drinking_water": 4}
    demand = {f.asset_id: f.demand for f in world.flows}
    assert demand == {"node/J1": 5 * 86.4, "node/J2": pytest.approx(3 * 86.4)}
    assert world.assets["node/R1"].source_of == ("drinking_water",)
    assert report["files"][1]["left_out"] == {"closed": 1}


def test_matpower_is_drawn_as_a_schema(good, tmp_path):
    world, report = imported(tmp_path, good["matpower"])
    assert report["assets_by_type"] == {"power_plant": 1, "substation_hv": 2, "substation_mv": 1}
    assert {(f.supply, f.demand) for f in world.flows} == {(120.0, None), (None, 50.0),
                                                           (None, 30.0)}  # fmt: skip
    assert any("schema" in f["message"] for f in report["findings"])


def test_pandapower_is_read_without_the_package(good, tmp_path):
    world, report = imported(tmp_path, good["pandapower"])
    assert report["links_by_service"] == {"electricity": 4}
    assert {f.demand for f in world.flows if f.demand} == {3.0}
    sources = [a for a in world.assets.values() if a.source_of]
    assert [a.name for a in sources] == ["Outside"]
    line = world.links["line/0"]
    assert line.length_m == 2500
    assert line.capacity == pytest.approx(3**0.5 * 20 * 0.4, abs=1e-3)


def test_gtfs_gives_departures_of_the_busiest_day(good, tmp_path):
    world, report = imported(tmp_path, good["gtfs"])
    assert report["assets_by_type"] == {"rail_station": 2}
    assert {f.asset_id: f.demand for f in world.flows} == {"stop/A": 2.0}
    assert report["links_by_service"] == {"public_transport": 1}


def test_pypsa_folders_give_supply_and_demand(tmp_path):
    folder = tmp_path / "net"
    folder.mkdir()
    (folder / "buses.csv").write_text("name,v_nom,x,y\nA,380,9.5,52.3\nB,110,9.6,52.3\n")
    (folder / "lines.csv").write_text("name,bus0,bus1,length,s_nom\nL,A,B,7.5,400\n")
    (folder / "generators.csv").write_text("name,bus,p_nom,carrier\nG,A,200,gas\n")
    (folder / "loads.csv").write_text("name,bus,p_set\nD,B,50\n")
    world, _ = imported(tmp_path, folder)
    assert world.links["line/L"].length_m == 7500
    assert {(f.asset_id, f.supply, f.demand) for f in world.flows} == {
        ("generator/G", 200.0, None), ("bus/B", None, 50.0)
    }  # fmt: skip


@pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")  # rasterio's own
def test_people_of_a_raster_are_clipped_and_whole(good, tmp_path):
    people = np.full((50, 50), 4.0, dtype="float32")
    people[0, 0] = -9999
    file = tmp_path / "people.tif"
    with rasterio.open(
        file, "w", driver="GTiff", height=50, width=50, count=1, dtype="float32", crs=4326,
        transform=from_origin(14.0, 36.0, 0.02, 0.02), nodata=-9999,
    ) as data:  # fmt: skip
        data.write(people, 1)
    world, report = imported(tmp_path, good["csv"], "--population", file)
    assert report["people"] == sum(c.people for c in world.cells.values())
    assert 0 < report["people"] < 4 * 2500
    assert all(14.3 < c.lon < 14.5 for c in world.cells.values())


def test_people_of_a_table_are_served(good, tmp_path):
    file = tmp_path / "towns.csv"
    file.write_text("name,Einwohner,lon,lat\nA,100,14.4,35.9\nfar,999,2.0,48.0\n", "utf-8")
    world, report = imported(tmp_path, good["csv"], "--population", file)
    assert report["people"] == 100
    assert {s.service for s in world.servings} >= {"electricity", "drinking_water"}


def test_projected_coordinates_ask_for_their_system(tmp_path, capsys):
    file = tmp_path / "p.csv"
    file.write_text("id,type,x,y\na,hospital,392000,5822000\n", "utf-8")
    out = tmp_path / "w"
    assert main(["import", str(file), "--out", str(out)]) == 2
    assert "--crs" in capsys.readouterr().err
    assert not out.exists()
    assert main(["import", str(file), "--out", str(out), "--crs", "EPSG:25833"]) == 0
    assert read_world(out).assets["a"].lat == pytest.approx(52.54, abs=0.01)


def test_a_world_as_geopackage(good, tmp_path):
    out = tmp_path / "world.gpkg"
    assert main(["import", str(good["csv"]), "--out", str(out), "--title", "My region"]) == 0
    assert read_world(out).title == "My region"


def test_the_tables_of_the_import_state_their_sources():
    from data.importers.numbers import TABLE

    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["source"] and row["confidence"] in "ABCD" for row in rows)


@pytest.mark.parametrize("form", ["csv", "gpkg"])
def test_a_world_of_our_own_comes_back_as_it_was(form, tmp_path):
    written = tmp_path / f"exported{'.gpkg' if form == 'gpkg' else ''}"
    code = main(["export", "neubrandenburg", "--to", form, "--out", str(written)])
    assert code == 0
    before, (after, _) = read_world(written), imported(tmp_path, written)
    assert after.assets == before.assets
    assert after.links == before.links
    assert after.groups == before.groups
    assert after.flows == before.flows
    assert after.cells == before.cells
    assert after.servings == before.servings
    assert set(after.unknown_needs) == set(before.unknown_needs)
    assert after.common_causes == before.common_causes
    assert after.ranges == before.ranges


def test_labels_of_a_world_stay_when_a_table_joins_it(good, tmp_path):
    first = tmp_path / "first"
    assert main(["import", str(good["csv"]), "--out", str(first)]) == 0
    (first / "labels.csv").write_text("what,name,tlp\nasset,H1,AMBER\n")
    extra = tmp_path / "extra.csv"
    extra.write_text("id,type,lon,lat\nP9,pharmacy,14.43,35.9\n")
    world, _ = imported(tmp_path, first, extra)
    assert [(m.name, m.tlp) for m in world.markings] == [("H1", "AMBER")]
    assert "P9" in world.assets
