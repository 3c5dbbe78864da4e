"""Fields of every kind, from files that are as they should be and from hostile ones."""

from __future__ import annotations

import json

import numpy as np
import pytest
from shapely.geometry import LineString

from data.documents.scenarios import parse_scenario
from data.hazards.areas import circle
from data.hazards.opening import with_hits
from data.hazards.places import Places
from models.cascade.timed.engine import run
from models.errors import BadInputError
from models.scenario import Scenario
from models.world import Asset, Link, World

SQUARE = [[[13.0, 53.0], [13.1, 53.0], [13.1, 53.1], [13.0, 53.1], [13.0, 53.0]]]


@pytest.fixture
def world():
    """Return a substation west, one east, and three links of 0.2 degrees between them."""
    assets = [
        Asset("west", "West", "substation_mv", "energy", 13.05, 53.05, repair_h=10),
        Asset("east", "East", "substation_mv", "energy", 13.25, 53.05),
        Asset("high", "High", "substation_mv", "energy", 13.05, 53.06, plinth_height_m=0.5),
    ]
    way = LineString([(13.05, 53.05), (13.25, 53.05)])
    links = [
        Link(name, "west", "east", "road", structure=structure, geometry=way)
        for name, structure in (("road", ""), ("bridge", "bridge"))
    ]
    return World("w", "w", {a.asset_id: a for a in assets}, {k.link_id: k for k in links})


def _opened(world, tmp_path, field, **rest):
    event = {"at_h": 6, "do": "hazard", "hazard": "flood", "field": field, **rest}
    plain = {"world": "w", "repairs": "typical", "horizon_h": 400, "events": [event]}
    places = Places((tmp_path,))
    scenario = parse_scenario(plain, world, places)
    _, (opened,), notes = with_hits(Scenario.from_dict(scenario.to_dict()), world, places)
    return scenario, opened, notes


def _refused(world, tmp_path, field, **rest):
    with pytest.raises(BadInputError) as caught:
        _opened(world, tmp_path, field, **rest)
    lines = caught.value.problems
    assert all(line.startswith("events[0]") and "\n" not in line for line in lines)
    return "\n".join(lines)


def _polygon(coordinates=SQUARE, **rest):
    return {"polygon": {"type": "Polygon", "coordinates": coordinates}, "unit": "m", **rest}


def _tif(path, values, crs="EPSG:4326", transform=(0.1, 0, 13.0, 0, -0.1, 53.1), **profile):
    import rasterio
    from rasterio.transform import Affine

    bands = np.atleast_3d(values) if np.ndim(values) == 3 else np.asarray(values)[None]
    with rasterio.open(path, "w", driver="GTiff", height=bands.shape[1], width=bands.shape[2],
                       count=len(bands), dtype=bands.dtype, crs=crs,
                       transform=Affine(*transform), **profile) as file:  # fmt: skip
        file.write(bands)
    return path.name


# --- what a field does -----------------------------------------------------------------------


def test_a_flood_of_a_polygon_by_the_default_curve(world, tmp_path):
    scenario, opened, notes = _opened(world, tmp_path, _polygon(intensity=0.7), until_h=30)
    (west, high), (road,) = opened.effects.assets, opened.effects.links
    assert not notes
    assert (west.asset_id, west.intensity, west.lost) == ("west", 0.7, True)
    assert west.curve.curve_id == "F0343"
    assert high.intensity == pytest.approx(0.2)  # the plinth stands above the rest
    assert not high.lost
    assert road.link_id == "road"  # the bridge is spared
    assert road.lost
    assert road.hit_m == pytest.approx(road.length_m / 4, rel=1e-6)
    assert road.mean == pytest.approx(0.7 / 4, rel=1e-6)
    outcome = run(world, scenario)
    # hit when the water comes; its repair (the curve's) begins when the water has gone
    assert [(t / 3.6e6, level) for t, level in outcome.levels["west"]] == [
        (0, 1), (6, 0), (pytest.approx(231.63, abs=0.01), 1)
    ]  # fmt: skip
    assert [row.link for row in outcome.trace if row.link] == ["road"]


def test_a_threshold_stands_in_place_of_curves(world, tmp_path):
    _, opened, _ = _opened(world, tmp_path, _polygon(intensity=35.0), threshold=35)
    assert all(
        asset.lost and asset.curve is None
        for asset in opened.effects.assets
        if asset.intensity >= 35
    )
    (road,) = opened.effects.links
    assert road.lost  # at the threshold, and no length above it
    assert road.hit_m == 0


def test_a_raster_in_any_system(world, tmp_path):
    values = np.array([[0.9, 0.0, 0.2]], np.float32)
    name = _tif(tmp_path / "depth.tif", values)
    _, degrees, _ = _opened(world, tmp_path, {"file": name, "unit": "m"})
    assert [a.asset_id for a in degrees.effects.assets] == ["west", "east", "high"]
    metres = _tif(tmp_path / "utm.tif", np.full((40, 40), 70, np.int16), "EPSG:25833",
                  (1000, 0, 365_000, 0, -1000, 5_900_000))  # fmt: skip
    _, opened, _ = _opened(world, tmp_path, {"file": metres, "unit": "cm"})
    assert {a.intensity for a in opened.effects.assets} == {70.0, 20.0}  # cm, plinth of 50 cm
    assert all(a.lost == (a.asset_id != "high") for a in opened.effects.assets)


def test_a_flood_that_rises(world, tmp_path):
    rising = np.stack([np.full((1, 3), depth, np.float32) for depth in (0.1, 0.5, 1.2)])
    name = _tif(tmp_path / "rise.tif", rising)
    steps = [{"after_h": h, "band": b} for b, h in ((1, 0), (2, 3), (3, 5))]
    scenario, opened, _ = _opened(world, tmp_path, {"file": name, "unit": "m", "steps": steps})
    lost_after = {a.asset_id: a.after_h for a in opened.effects.assets if a.lost}
    assert lost_after == {"west": 3.0, "east": 3.0, "high": 5.0}
    assert run(world, scenario).levels["west"][1] == (9 * 3_600_000, 0.0)
    (road,) = opened.effects.links
    assert road.after_h == 3.0


def test_netcdf_with_cells_unevenly_apart(world, tmp_path):
    import xarray

    lon, lat = np.array([13.0, 13.11, 13.2, 13.3]), np.array([53.0, 53.05, 53.12])
    values = np.arange(12.0).reshape(1, 3, 4)
    data = xarray.Dataset({"gust": (("time", "latitude", "longitude"), values)},
                          {"latitude": lat, "longitude": lon, "time": [0]})  # fmt: skip
    data.to_netcdf(tmp_path / "gust.nc")
    field = {"file": "gust.nc", "variable": "gust", "unit": "m/s"}
    _, opened, _ = _opened(world, tmp_path, field, hazard="wind")
    nearest = {
        a.asset_id: float(data.gust[0].sel(
            longitude=world.assets[a.asset_id].lon, latitude=world.assets[a.asset_id].lat,
            method="nearest"))
        for a in opened.effects.assets
    }  # fmt: skip
    assert {a.asset_id: a.intensity for a in opened.effects.assets} == nearest
    assert "no variable 'depth'" in _refused(world, tmp_path, {**field, "variable": "depth"})


def test_areas_of_a_file(world, tmp_path):
    import geopandas
    from shapely.geometry import box

    frame = geopandas.GeoDataFrame({"depth": [0.9, 0.4]}, crs=4326,
                                   geometry=[box(13, 53, 13.1, 53.1),
                                             box(13.2, 53, 13.3, 53.1)])  # fmt: skip
    frame.to_file(tmp_path / "areas.geojson")
    frame.to_crs(25833).to_file(tmp_path / "areas.gpkg", layer="a")
    for name in ("areas.geojson", "areas.gpkg"):
        _, opened, _ = _opened(world, tmp_path, {"file": name, "column": "depth", "unit": "m"})
        found = {a.asset_id: a.intensity for a in opened.effects.assets}
        assert found == {"west": 0.9, "east": 0.4, "high": pytest.approx(0.4)}
    assert "name the 'column'" in _refused(world, tmp_path, {"file": "areas.geojson"})


def test_water_over_a_terrain_flows_from_where_it_comes(world, tmp_path):
    ground = np.array([[10.0, 30.0, 10.0]], np.float32)  # a ridge between west and east
    name = _tif(tmp_path / "dem.tif", ground)
    _, all_low, _ = _opened(world, tmp_path, {"water_level_m": 11, "dem": name})
    assert {a.asset_id for a in all_low.effects.assets} == {"west", "east", "high"}
    spring = {"water_level_m": 11, "dem": name, "lon": 13.05, "lat": 53.05}
    _, opened, _ = _opened(world, tmp_path, spring)
    assert {a.asset_id: a.intensity for a in opened.effects.assets} == {"west": 1.0, "high": 0.5}


def test_a_shakemap(world, tmp_path):
    rows = [f"{lon} {lat} {10 * n}" for n, (lat, lon) in enumerate(
        (lat, lon) for lat in (53.1, 53.05, 53.0) for lon in (13.05, 13.15, 13.25))]  # fmt: skip
    (tmp_path / "grid.xml").write_text(
        '<shakemap_grid xmlns="http://earthquake.usgs.gov/eqcenter/shakemap"><grid_specification/>'
        '<grid_field index="1" name="LON" units="dd"/><grid_field index="2" name="LAT" units="dd"/>'
        '<grid_field index="3" name="PGA" units="pctg"/><grid_data>' + "\n".join(rows)
        + "</grid_data></shakemap_grid>"
    )  # fmt: skip
    _, opened, _ = _opened(world, tmp_path, {"shakemap": "grid.xml"}, hazard="earthquake")
    assert {a.asset_id: a.intensity for a in opened.effects.assets} == {
        "west": 30, "east": 50, "high": 30,
    }  # fmt: skip
    assert opened.exposure.unit == "%g"
    east = opened.effects.assets[1]
    assert east.p_states["slight"] == pytest.approx(0.98087, abs=1e-4)  # 0.50 g
    assert "no field 'MMI'" in _refused(world, tmp_path, {"shakemap": "grid.xml", "im": "MMI"},
                                         hazard="earthquake")  # fmt: skip


def test_a_storm_blows_most_at_its_radius(world, tmp_path):
    (tmp_path / "track.csv").write_text(
        "lon,lat,max_wind_speed_ms,radius_to_max_winds_km,min_pressure_hpa\n"
        "13.05,52.6,50,50,950\n13.05,52.601,50,50,950\n"
    )
    _, opened, _ = _opened(world, tmp_path, {"track": "track.csv"}, hazard="wind")
    gusts = {a.asset_id: a.intensity for a in opened.effects.assets}
    assert gusts["west"] == pytest.approx(50, rel=1e-3)  # 50 km north of it
    assert 40 < gusts["east"] < gusts["west"]


CAP = """<?xml version="1.0" encoding="ISO-8859-1"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{id}</identifier>
<sender>s@e</sender><sent>2026-01-01T00:00:00+00:00</sent><status>Actual</status>
<msgType>{kind}</msgType><scope>Public</scope>{refers}<info><event>Hochwasser \xfcber</event>
<area><areaDesc>x</areaDesc>{area}</area></info></alert>"""
WEST = "<polygon>53.0,13.0 53.0,13.1 53.1,13.1 53.1,13.0 53.0,13.0</polygon>"


def _cap(tmp_path, name, kind="Alert", refers="", area=WEST):
    if refers:
        refers = f"<references>s@e,{refers},2026-01-01T00:00:00+00:00</references>"
    text = CAP.format(id=name, kind=kind, refers=refers, area=area)
    (tmp_path / f"{name}.cap").write_text(text, encoding="iso-8859-1")
    return f"{name}.cap"


def test_warnings_are_replaced_by_update_and_cancel(world, tmp_path):
    first = _cap(tmp_path, "first")
    east = WEST.replace("13.0", "13.2").replace("13.1", "13.3")
    update = _cap(tmp_path, "update", "Update", "first", east)
    cancel = _cap(tmp_path, "cancel", "Cancel", "update", "")
    for files, reached in ((first, {"west", "high"}), ([first, update], {"east"}),
                           ([first, update, cancel], set())):  # fmt: skip
        _, opened, _ = _opened(world, tmp_path, {"cap": files, "intensity": 1.0, "unit": "m"})
        assert {a.asset_id for a in opened.effects.assets} == reached
    circles = _cap(tmp_path, "circle", area="<circle>53.05,13.05 5</circle>")
    _, opened, _ = _opened(world, tmp_path, {"cap": circles, "intensity": 1.0, "unit": "m"})
    assert {a.asset_id for a in opened.effects.assets} == {"west", "high"}


@pytest.mark.parametrize(
    ("lon", "lat", "inside", "outside"),
    [
        (0, 90, [(0, 89.5), (-170, 89.5), (90, 89.2)], [(0, 88.9), (180, 88.9)]),
        (10, -89.8, [(10, -89.99), (-170, -89.9)], [(0, -88.0)]),
        (179.9, 0, [(179.5, 0), (-179.7, 0)], [(178.0, 0), (-178.0, 0)]),
    ],
)
def test_circles_over_a_pole_and_across_the_date_line(lon, lat, inside, outside):
    import shapely

    whole = shapely.union_all(circle(lon, lat, 100_000))
    assert all(shapely.intersects_xy(whole, *at) for at in inside)
    assert not any(shapely.intersects_xy(whole, *at) for at in outside)


# --- hostile and mistaken ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["../depth.tif", "/etc/passwd", "a/../../x", "C:\\x", "..\\x", "\\\\host\\x", "http://x/y",
             "/vsicurl/http://x", "x\x00y", "zip://a.zip!b"],
)  # fmt: skip
def test_no_name_leads_out_of_the_folder(world, tmp_path, name):
    (tmp_path.parent / "depth.tif").write_bytes(b"II*\x00")
    assert "leads elsewhere" in _refused(world, tmp_path, {"file": name})


def test_a_link_in_a_world_stays_in_its_fields(tmp_path):
    fields = tmp_path / "world" / "fields"
    fields.mkdir(parents=True)
    (tmp_path / "secret.tif").write_bytes(b"II*\x00")
    (fields / "own.tif").write_bytes(b"II*\x00")
    (fields / "out.tif").symlink_to(tmp_path / "secret.tif")
    (fields / "in.tif").symlink_to(fields / "own.tif")
    places = Places.of(None, tmp_path / "world")
    assert places.file("in.tif", "x").name == "in.tif"
    with pytest.raises(BadInputError, match="a link that leads elsewhere"):
        places.file("out.tif", "x")


def test_rasters_that_cannot_be_used(world, tmp_path):
    assert "no file 'x.tif'" in _refused(world, tmp_path, {"file": "x.tif"})
    bare = _tif(tmp_path / "bare.tif", np.ones((2, 2), np.float32), None)
    assert "states no system" in _refused(world, tmp_path, {"file": bare})
    assert "no system of coordinates that is known" in _refused(
        world, tmp_path, {"file": bare, "crs": "EPSG:1"})  # fmt: skip
    _opened(world, tmp_path, {"file": bare, "crs": "EPSG:4326", "unit": "m"})
    many = _tif(tmp_path / "many.tif", np.ones((400, 1, 1), np.uint8))
    assert "has 400 bands" in _refused(world, tmp_path, {"file": many})
    assert "no band 401" in _refused(world, tmp_path, {"file": many, "band": 401})
    (tmp_path / "text.tif").write_text("no raster")
    assert "no GeoTIFF" in _refused(world, tmp_path, {"file": "text.tif"})
    (tmp_path / "cut.tif").write_bytes(b"II*\x00" + b"\xff" * 60)
    assert "cannot be read" in _refused(world, tmp_path, {"file": "cut.tif"})
    vrt = '<VRTDataset rasterXSize="1" rasterYSize="1"><SRS>EPSG:4326</SRS></VRTDataset>'
    (tmp_path / "bomb.tif").write_text(vrt)
    assert "no GeoTIFF" in _refused(world, tmp_path, {"file": "bomb.tif"})
    (tmp_path / "cut.nc").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    assert "cannot be read" in _refused(world, tmp_path, {"file": "cut.nc"})
    assert "units" not in _refused(
        world, tmp_path, {"file": bare, "crs": "EPSG:4326", "unit": "m/s"}
    )


def test_a_huge_raster_is_read_around_the_world_only(world, tmp_path):
    import rasterio
    from rasterio.transform import Affine

    with rasterio.open(tmp_path / "huge.tif", "w", driver="GTiff", height=10**6,
                       width=10**6, count=1, dtype="uint8", crs="EPSG:4326", tiled=True,
                       sparse_ok=True,
                       blockxsize=256, blockysize=256, bigtiff="yes",
                       transform=Affine(360e-6, 0, -180, 0, -180e-6, 90)):  # fmt: skip
        pass
    _, opened, notes = _opened(world, tmp_path, {"file": "huge.tif", "unit": "m"})
    assert not opened.effects.assets
    assert notes == ("events[0].field: it reaches nothing of this world.",)
    fine = {"driver": "GTiff", "height": 10**6, "width": 10**6, "count": 1, "dtype": "uint8",
            "crs": "EPSG:4326", "tiled": True, "sparse_ok": True, "bigtiff": "yes",
            "transform": Affine(1e-6, 0, 12.9, 0, -1e-6, 53.2)}  # fmt: skip
    with rasterio.open(tmp_path / "fine.tif", "w", **fine):
        pass
    assert "use coarser cells" in _refused(world, tmp_path, {"file": "fine.tif", "unit": "m"})


def test_nan_and_fields_elsewhere_hit_nothing(world, tmp_path):
    name = _tif(tmp_path / "nan.tif", np.full((1, 3), np.nan, np.float32))
    away = _tif(tmp_path / "away.tif", np.ones((1, 3), np.float32),
                transform=(0.1, 0, -80.0, 0, -0.1, 20))  # fmt: skip
    for item in (name, away):
        scenario, opened, notes = _opened(world, tmp_path, {"file": item, "unit": "m"})
        assert not opened.effects.assets
        assert not scenario.events[0].hits
        assert len(notes) == 1


@pytest.mark.parametrize(
    ("field", "says"),
    [
        (None, "not an object"),
        ({}, "exactly one of"),
        ({"file": "x", "cap": "y"}, "exactly one of"),
        (_polygon(colour="red"), "no such field with 'polygon'"),
        (_polygon(intensity="deep"), "valid number"),
        (_polygon(intensity=float("nan")), ""),
        (_polygon([]), "empty"),
        (_polygon([[[0, 0], [1, 1]]]), ""),
        (_polygon([[[0, 0], [1, 1], [0, 0], [0, 0]]]), "no area"),
        (_polygon([[[13, 530], [14, 530], [14, 531], [13, 530]]]), "outside -180 to 180"),
        (_polygon([[["a", 5], [1, 1], [2, 2], [0, 0]]]), "GeoJSON"),
        ({"polygon": {"type": "Point", "coordinates": [1, 2]}}, "no area"),
        ({"polygon": {"type": "Polygon"}}, "GeoJSON"),
        ({"polygon": {"type": "GeometryCollection", "geometries": []}}, "empty"),
        (_polygon(crs="EPSG:99999999"), "no system of coordinates"),
        ({"water_level_m": 1, "dem": "none.tif"}, "no file"),
        ({"track": "none.csv"}, "no file"),
        ({"magnitude": 99, "lon": 0, "lat": 0}, "magnitude"),
    ],
)
def test_what_is_wrong_with_a_field_is_said(world, tmp_path, field, says):
    if field is None:
        with pytest.raises(BadInputError, match="is not an object"):
            _opened(world, tmp_path, "everywhere")
    else:
        assert says in _refused(world, tmp_path, field)


def test_a_polygon_that_crosses_itself_is_taken_as_what_it_encloses(world, tmp_path):
    bow = [[[13.0, 53.0], [13.1, 53.1], [13.1, 53.0], [13.0, 53.1], [13.0, 53.0]]]
    _, opened, notes = _opened(world, tmp_path, _polygon(bow, intensity=1.0))
    assert "crosses itself" in notes[0]
    assert opened.effects.links


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><alert xmlns="urn:oasis:names:tc:'
         'emergency:cap:1.2"><identifier>&x;</identifier></alert>', "DOCTYPE"),
        ("<alert/>", "no alert"),
        ("<alert", "no XML"),
        ("", "no XML"),
    ],
)  # fmt: skip
def test_warnings_that_cannot_be_used(world, tmp_path, text, says):
    (tmp_path / "x.cap").write_text(text)
    assert says in _refused(world, tmp_path, {"cap": "x.cap"})


def test_warnings_with_places_that_are_none(world, tmp_path):
    for n, (area, says) in enumerate([
        ("<circle>95,0 1</circle>", "off the earth"), ("<circle>0 1</circle>", "no circle"),
        ("<circle>0,0 nan</circle>", "no number"), ("<polygon>1,2 3,4</polygon>", "four pairs"),
        ("<geocode><valueName>N</valueName><value>1</value></geocode>", "geocode"),
    ]):  # fmt: skip
        assert says in _refused(world, tmp_path, {"cap": _cap(tmp_path, f"c{n}", area=area)})


def test_curves_are_chosen_by_type_and_from_a_table(world, tmp_path):
    _, opened, _ = _opened(world, tmp_path, _polygon(intensity=0.8),
                           curves={"substation_mv": "F0337", "road": "F0363"})  # fmt: skip
    west = opened.effects.assets[0]
    assert west.curve.curve_id == "F0337"
    assert 0 < west.damage < 0.5
    assert not west.lost
    assert "no curve 'nope'" in _refused(world, tmp_path, _polygon(), curves={"*": "nope"})
    assert "cannot be turned into 'g'" in _refused(
        world, tmp_path, _polygon(), curves={"*": "F0005"}
    )
    assert "no file" in _refused(world, tmp_path, _polygon(), curves={"*": "F7.1"}, tables="t.xlsx")


def test_the_plain_form_keeps_the_field_and_no_hits(world, tmp_path):
    scenario, _, _ = _opened(world, tmp_path, _polygon(intensity=0.8))
    assert scenario.events[0].hits
    plain = json.loads(json.dumps(scenario.to_dict()))
    assert set(plain["events"][0]) == {"at_h", "do", "hazard", "field"}
    assert parse_scenario(plain, world) == scenario


def test_assets_that_are_bridges_are_spared_by_a_flood_only(world, tmp_path):
    over = Asset("over", "Over", "road_bridge", "transport", 13.05, 53.055)
    bridged = World("w", "w", {**world.assets, "over": over})
    for hazard, spared in (("flood", True), ("wind", False)):
        rest = {"hazard": hazard, "threshold": 0.5}
        _, opened, _ = _opened(bridged, tmp_path, _polygon(intensity=0.8), **rest)
        assert ("over" in {a.asset_id for a in opened.effects.assets}) is not spared


def test_the_words_name_the_intensity_at_the_hour_of_the_loss_not_the_peak(world, tmp_path):
    levels = [{"after_h": h, "intensity": depth} for h, depth in ((0, 0.3), (4, 0.72), (8, 1.2))]
    scenario, opened, _ = _opened(world, tmp_path, _polygon(steps=levels), threshold=0.5)
    west = next(effect for effect in opened.effects.assets if effect.asset_id == "west")
    assert (west.intensity, west.at_loss, west.after_h) == (1.2, 0.72, 4.0)
    hits = {hit.asset or hit.link: hit for hit in scenario.events[0].hits}
    assert hits["west"].words == "flooded 0.72 m, above its 0.5 m threshold"
    assert hits["road"].words == "flooded 0.72 m, above its 0.5 m threshold"
