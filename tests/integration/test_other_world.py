"""Worlds beside the embedded region: a folder and a GeoPackage, as bare as they may be."""

import json

import pytest

import app as composition
from data.exchange.exports import write_world_gpkg
from data.worlds.reader import read_world
from layouts.feed.columns import read
from layouts.feed.picture import unpacked
from settings import Settings
from tests.integration.test_app import Page


@pytest.fixture
def folder(tmp_path):
    """A plant feeds a works; there are no people served and no base map."""
    place = tmp_path / "village"
    place.mkdir()
    (place / "world.json").write_text('{"id": "village", "title": "Village"}', encoding="utf-8")
    (place / "assets.csv").write_text(
        "asset_id,name,asset_type,sector,lon,lat\n"
        "plant,Plant,power_plant,energy,13.1,53.5\n"
        "works,,sorting_office,post,13.2,53.6\n",
        encoding="utf-8",
    )
    (place / "dependencies.csv").write_text(
        "group_id,consumer_id,supplier_id,service,autonomy_h\ng,works,plant,electricity,2\n",
        encoding="utf-8",
    )
    return place


@pytest.fixture(params=["folder", "gpkg"])
def page(request, folder, tmp_path):
    world = folder
    if request.param == "gpkg":
        world = tmp_path / "village.gpkg"
        write_world_gpkg(read_world(folder), world)
    database = f"sqlite:///{tmp_path / 'other.db'}"
    return Page(composition._load(Settings(workers=0, world=str(world), database_url=database)))


def features(page):
    layout = json.dumps(page.get("/_dash-layout").json())
    return page.get("/api/worlds/" + layout.split("/api/worlds/")[1].split('"')[0]).json()


def test_a_bare_world_is_served_with_what_it_has(page):
    payload = features(page)
    assert (payload["id"], payload["base"], payload["corridors"]) == ("village", {}, [])
    assert read(payload["assets"]["name"]) == ["Plant", "works"]
    assert [sector["id"] for sector in payload["sectors"]] == ["energy", "post"]
    assert {kind["id"]: kind["label"] for kind in payload["types"]}[
        "sorting_office"
    ] == "Sorting office"
    assert payload["links"]["id"] == []


def test_it_claims_nobody_elses_data_and_has_no_ready_scenarios(page):
    layout = page.get("/_dash-layout").text
    assert "OpenStreetMap" not in layout
    assert "open_ready" not in layout


def test_nobody_is_counted_where_nobody_is_served(page):
    assert unpacked(page.open()["picture"])["people"] == []


def test_a_cascade_runs_in_it(page):
    payload = page.act(None, do="fail", assets=["plant"])
    losses = unpacked(payload["picture"])["losses"]
    assert [(loss["t"], loss["a"], loss["kind"]) for loss in losses] == [
        (0, 0, "direct"),
        (2 * 3_600_000, 1, "autonomy"),
    ]


def test_a_scenario_of_another_world_is_not_opened(page, tmp_path):
    saved = page.act(None, do="fail", assets=["plant"])["scenario"]
    database = f"sqlite:///{tmp_path / 'other.db'}"
    other = Page(composition._load(Settings(workers=0, database_url=database)))
    payload = other.open(f"?s={saved['id']}")
    assert "another world" in payload["message"]["text"]
    assert isinstance(payload["picture"], dict)


# --- ids that addresses give a meaning to, and files that are odd -----------------------------


def served(folder, tmp_path):
    database = f"sqlite:///{tmp_path / 'served.db'}"
    return Page(composition._load(Settings(workers=0, world=str(folder), database_url=database)))


@pytest.mark.parametrize(
    "world_id", ["a/b", "a#b", "a?b=c", "a%2Fb", "100%", "..", ".", "a b+ü&\"'", "ä" * 200, "->"]
)
def test_a_world_is_served_whatever_its_id(folder, tmp_path, world_id):
    plain = {"id": world_id, "title": "Village"}
    (folder / "world.json").write_text(json.dumps(plain), encoding="utf-8")
    (folder / "base").mkdir()
    empty = '{"type": "FeatureCollection", "features": []}'
    (folder / "base" / "water.geojson").write_text(empty, encoding="utf-8")
    page = served(folder, tmp_path)
    payload = features(page)
    assert payload["id"] == world_id
    assert page.get(payload["base"]["water"]).json()["features"] == []


def test_what_is_odd_about_the_files_is_on_the_page(folder, tmp_path):
    (folder / "dependencies.xlsx").write_text("x", encoding="utf-8")
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "old.json").write_text("{", encoding="utf-8")
    (folder / "scenarios" / "._old.json").write_bytes(b"\x00\x05")
    layout = served(folder, tmp_path).get("/_dash-layout").text
    assert "'dependencies.xlsx' is not read" in layout
    assert "scenarios: left out: old.json" in layout
    assert "Notes on this world's files: " in layout


def test_a_world_across_the_antimeridian_is_drawn_in_one_piece(folder, tmp_path):
    (folder / "assets.csv").write_text(
        "asset_id,name,asset_type,sector,lon,lat\n"
        "plant,Plant,power_plant,energy,179.5,-17\n"
        "works,,sorting_office,post,-179.5,-90\n",
        encoding="utf-8",
    )
    payload = features(served(folder, tmp_path))
    assert payload["bbox"] == [179.5, -85.051128, 180.5, -17.0]
    assert read(payload["assets"]["lon"]) == [359_500_000, 360_500_000]


def test_a_bbox_across_the_antimeridian_goes_on_beyond_it(folder, tmp_path):
    plain = {"id": "v", "title": "Village", "bbox": [170, -20, -170, 60]}
    (folder / "world.json").write_text(json.dumps(plain), encoding="utf-8")
    assert features(served(folder, tmp_path))["bbox"] == [170, -20, 190, 60]
