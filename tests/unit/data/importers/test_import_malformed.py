"""Malformed files end in a message, never in a traceback, a full disk or a long wait."""

from __future__ import annotations

import json
import resource
import shutil
import time
import zipfile

import pytest

from cli import main
from tests import foreign

KINDS = ("csv", "xlsx", "geojson", "gpkg", "fgb", "parquet", "kml", "gml", "osm", "inp", "matpower",
         "pandapower", "gtfs", "shp")  # fmt: skip
LONGEST_S = 10.0
MOST_MB = 500


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return foreign.make(tmp_path_factory.mktemp("good"))


def refused(capsys, tmp_path, file, *arguments):
    """Import a file that must be refused; return the messages."""
    code = attempt(tmp_path, file, *arguments)
    told = capsys.readouterr().err
    assert code == 2, told
    assert told.strip()
    assert not (tmp_path / "out").exists()
    return told


def attempt(tmp_path, file, *arguments):
    """Import a file and return the exit code, within the bounds of time and memory."""
    began = time.process_time()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    code = main(["import", str(file), "--out", str(tmp_path / "out"), *arguments])
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert time.process_time() - began < LONGEST_S
    assert (after - before) / 1024 < MOST_MB
    return code


@pytest.mark.parametrize("share", [0.02, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.97, 0.995])
@pytest.mark.parametrize("kind", KINDS)
def test_truncated_files_are_told_or_read_as_far_as_they_go(kind, share, good, tmp_path, capsys):
    whole = good[kind].read_bytes()
    file = tmp_path / good[kind].name
    file.write_bytes(whole[: max(1, int(len(whole) * share))])
    code = attempt(tmp_path, file)
    assert code in (0, 2)
    if code == 2:
        assert good[kind].name in capsys.readouterr().err or kind == "osm"


@pytest.mark.parametrize("step", [7, 31, 101, 211, 503])
@pytest.mark.parametrize("kind", KINDS)
def test_changed_bytes_never_crash(kind, step, good, tmp_path):
    changed = bytearray(good[kind].read_bytes())
    for at in range(step, len(changed), step):
        changed[at] = (changed[at] * 7 + 13) % 256
    file = tmp_path / good[kind].name
    file.write_bytes(bytes(changed))
    assert attempt(tmp_path, file) in (0, 2)


CELLS = {
    "NaN": ("a,hospital,nan,35.9", "row 2, column lon"),
    "infinite": ("a,hospital,inf,35.9", "row 2, column lon"),
    "1e9": ("a,hospital,1000000000,2000000000", "row 2"),
    "beyond": ("a,hospital,14.4,35.9\nb,hospital,14.4,35.9\nc,hospital,14,95", "row 4"),
    "text": ("a,hospital,here,35.9", "row 2, column lon"),
    "twice": ("a,hospital,14.4,35.9\na,hospital,14.5,35.9", "row 3, column id"),
    "quote": ('a,"hospital,14.4,35.9', "row 2"),
    "long row": ("a,hospital,14.4,35.9,5,6", "row 2"),
    "control": ("a\x07b,hospital,14.4,35.9", "row 2, column id"),
    "bidi": ("a\u202eb,hospital,14.4,35.9", "row 2, column id"),
    "long id": (f"{'x' * 5000},hospital,14.4,35.9", "row 2, column id"),
    "empty places": ("a,hospital,,", "no coordinates"),
    "decimal comma": ('a,hospital,"14,4","35,9"', "row 2, column lon"),
}


@pytest.mark.parametrize("name", CELLS)
def test_cells_are_told_with_row_and_column(name, tmp_path, capsys):
    rows, place = CELLS[name]
    file = tmp_path / "cells.csv"
    file.write_text(f"id,type,lon,lat\n{rows}\n", "utf-8")
    told = refused(capsys, tmp_path, file)
    assert "cells.csv" in told
    assert place in told


def test_bad_rows_are_left_out_where_the_recipe_says_so(tmp_path):
    file, recipe = tmp_path / "a.csv", tmp_path / "recipe.json"
    file.write_text("id,type,lon,lat\na,hospital,14.4,35.9\nb,hospital,nan,1\n", "utf-8")
    recipe.write_text('{"bad_rows": "leave_out"}')
    report = tmp_path / "report.json"
    code = attempt(tmp_path, file, "--recipe", str(recipe), "--report", str(report))
    assert code == 0
    plain = json.loads(report.read_text("utf-8"))
    assert plain["files"][0]["left_out"] == {"a cell cannot be read": 1}


PLAIN = {
    "empty.csv": b"",
    "blank.csv": b"\n\n\n",
    "header.csv": b"id,type,lon,lat\n",
    "nul.csv": b"id,type\x00,lon,lat\na,b,1,2\n",
    "zeros.bin": bytes(5000),
    "noise.bin": bytes((i * 97 + i // 7) % 256 for i in range(5000)),
    "half.json": b'{"type": "FeatureCollection", "features": [',
    "list.json": b"[1, 2, 3]",
    "odd.geojson": b'{"type": "FeatureCollection", "features": 5}',
    "none.geojson": b'{"type": "FeatureCollection", "features": []}',
    "deep.geojson": b'{"type": "FeatureCollection", "features": ' + b"[" * 100_000,
    "shape.geojson": b'{"type": "FeatureCollection", "features": [{"type": "Feature", '
    b'"properties": {"type": "hospital"}, "geometry": {"type": "Point", "coordinates": ["a"]}}]}',
    "huge.geojson": b'{"type": "FeatureCollection", "features": [{"type": "Feature", '
    b'"properties": {"type": "hospital"}, "geometry": {"type": "Point", "coordinates": '
    b"[1e9, 2e9]}}]}",
    "page.html": b"<!doctype html><html><body>no map</body></html>",
    "picture.png": b"\x89PNG\r\n\x1a\n" + bytes(200),
    "change.osc": b"<?xml version='1.0'?><osmChange version='0.6'></osmChange>",
    "nothing.osm": b"<?xml version='1.0'?><osm version='0.6'></osm>",
    "id.osm": b"<?xml version='1.0'?><osm version='0.6'><node id='x' lat='1' lon='1'/></osm>",
    "place.osm": b"<?xml version='1.0'?><osm version='0.6'><node id='1' lat='1e9' lon='nan'>"
    b"<tag k='amenity' v='hospital'/></node></osm>",
    "bomb.osm": b'<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a "aaaaaaaaaa">'
    b'<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><osm version="0.6"><node id="1" lat="1" lon="1">'
    b'<tag k="name" v="&b;"/></node></osm>',
    "bomb.kml": b'<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a "aaaaaaaaaa">]>'
    b'<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>&a;</name></Document></kml>',
    "outside.kml": b'<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    b'<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>&a;</name></Document></kml>',
    "empty.inp": b"[TITLE]\n[JUNCTIONS]\n[PIPES]\n[END]\n",
    "twice.inp": b"[JUNCTIONS]\n J1 1\n J1 2\n[END]\n",
    "number.inp": b"[JUNCTIONS]\n J1 1 many\n[END]\n",
    "units.inp": b"[JUNCTIONS]\n J1 1 1\n[OPTIONS]\n Units ELLS\n[END]\n",
    "pipe.inp": b"[JUNCTIONS]\n J1 1 1\n[PIPES]\n P1 J1\n[END]\n",
    "nobus.m": b"function mpc = x\nmpc.gen = [1 2];\n",
    "open.m": b"function mpc = x\nmpc.bus = [\n 1 3 0 0 0 0 1 1 0 110;\n",
    "words.m": b"function mpc = x\nmpc.bus = [ 1 3 zero 0 0 0 1 1 0 110; ];\n",
    "short.m": b"function mpc = x\nmpc.bus = [ 1 3 0; ];\n",
    "run.m": b"function mpc = x\nmpc.bus = [ system('ls') 3 0 0 0 0 1 1 0 110; ];\n",
    "twice.m": b"function mpc = x\nmpc.bus = [1 3 0 0 0 0 1 1 0 110; 1 3 0 0 0 0 1 1 0 110];\n",
    "net.json": b'{"_module": "pandapower.auxiliary", "_object": {"bus": 5}}',
    "net2.json": b'{"_module": "pandapower.auxiliary", "_object": "no json"}',
}


@pytest.mark.parametrize("name", PLAIN)
def test_odd_files_are_refused_with_a_message(name, tmp_path, capsys):
    file = tmp_path / name
    file.write_bytes(PLAIN[name])
    told = refused(capsys, tmp_path, file)
    assert "Traceback" not in told


def test_a_million_columns_are_refused(tmp_path, capsys):
    file = tmp_path / "wide.csv"
    file.write_text(",".join(f"c{i}" for i in range(1_000_000)) + "\n1\n", "utf-8")
    assert "columns" in refused(capsys, tmp_path, file)


def zipped(path, entries):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in entries:
            packed.writestr(name, content)
    return path


def test_a_zip_bomb_is_refused(tmp_path, capsys):
    entries = [("stops.txt", b"stop_id,stop_name\n"), ("stop_times.txt", bytes(450_000_000))]
    file = zipped(tmp_path / "bomb.zip", entries)
    assert "when unpacked" in refused(capsys, tmp_path, file)


def test_a_workbook_that_is_a_bomb_is_refused(tmp_path, capsys):
    entries = [("xl/workbook.xml", b"<workbook/>"), ("xl/a.xml", bytes(450_000_000))]
    file = zipped(tmp_path / "bomb.xlsx", entries)
    assert "when unpacked" in refused(capsys, tmp_path, file)


@pytest.mark.parametrize("name", ["../../evil.shp", "/etc/evil.shp", "a\\..\\..\\evil.shp"])
def test_names_that_lead_out_of_an_archive_are_refused(name, tmp_path, capsys):
    file = zipped(tmp_path / "evil.zip", [("layer.shp", b"x"), (name, b"x")])
    told = refused(capsys, tmp_path, file)
    assert "leads out" in told or "readable" in told
    assert not (tmp_path.parent / "evil.shp").exists()


def test_an_archive_of_a_thousand_files_is_refused(tmp_path, capsys):
    entries = [("stops.txt", b"stop_id\n"), *((f"f{i}", b"") for i in range(1_500))]
    assert "files" in refused(capsys, tmp_path, zipped(tmp_path / "many.zip", entries))


def test_symbolic_links_are_refused(good, tmp_path, capsys):
    link = tmp_path / "link.csv"
    link.symlink_to(good["csv"])
    assert "symbolic link" in refused(capsys, tmp_path, link)


def test_a_folder_with_a_link_in_it_is_refused(tmp_path, capsys):
    folder = tmp_path / "net"
    folder.mkdir()
    (folder / "buses.csv").write_text("name,v_nom,x,y\nA,110,9,52\n")
    (folder / "lines.csv").symlink_to("/etc/passwd")
    assert "symbolic link" in refused(capsys, tmp_path, folder)


@pytest.mark.parametrize("kind", KINDS)
def test_folders_missing_files_and_full_targets_are_told(kind, good, tmp_path, capsys):
    told = refused(capsys, tmp_path, tmp_path / f"missing-{good[kind].name}")
    assert "no such file" in told
    full = tmp_path / "full"
    full.mkdir()
    (full / "kept.txt").write_text("mine")
    assert main(["import", str(good[kind]), "--out", str(full)]) == 2
    assert (full / "kept.txt").read_text() == "mine"


def test_formulas_stay_texts(tmp_path):
    file = tmp_path / "f.csv"
    file.write_text('id,name,type,lon,lat\na,"=HYPERLINK(""x"")",hospital,14.4,35.9\n', "utf-8")
    assert attempt(tmp_path, file) == 0
    written = (tmp_path / "out" / "assets.csv").read_text("utf-8")
    assert ",=HYPERLINK" not in written
    assert ',"=HYPERLINK' not in written


@pytest.mark.parametrize(
    "recipe",
    ["", "[]", "nothing", '{"columns": 5}', '{"columns": {"id": "no_field"}}', '{"layers": []}',
     '{"asset_type": "castle"}', '{"kind": "castles"}', '{"crs": "EPSG:0"}'],
)  # fmt: skip
def test_odd_recipes_are_told(recipe, tmp_path, capsys):
    file, path = tmp_path / "a.csv", tmp_path / "recipe.json"
    file.write_text("id,type,lon,lat\na,hospital,14.4,35.9\n", "utf-8")
    path.write_text(recipe, "utf-8")
    refused(capsys, tmp_path, file, "--recipe", str(path))


@pytest.mark.parametrize("crs", ["EPSG:0", "nonsense", "", "EPSG:99999999"])
def test_odd_reference_systems_are_told(crs, good, tmp_path, capsys):
    assert "--crs" in refused(capsys, tmp_path, good["csv"], "--crs", crs)


@pytest.mark.parametrize("content", [b"", b"II*\x00", b"name\nx\n", b"a,b\n1,2\n"])
def test_odd_populations_are_told(content, good, tmp_path, capsys):
    people = tmp_path / "people.tif"
    people.write_bytes(content)
    refused(capsys, tmp_path, good["csv"], "--population", str(people))


def test_mixed_geometry_is_read_by_row(tmp_path):
    import shapely

    layer = foreign.gpd.GeoDataFrame(
        {"id": ["a", "b", "c"], "type": ["hospital", "hospital", "power line"]},
        geometry=[shapely.Point(14.4, 35.9), shapely.box(14.41, 35.9, 14.42, 35.91),
                  shapely.LineString([(14.4, 35.9), (14.41, 35.9)])],
        crs=4326,
    )  # fmt: skip
    file = tmp_path / "power.geojson"
    layer.to_file(file, driver="GeoJSON")
    assert attempt(tmp_path, file) == 0
    shutil.rmtree(tmp_path / "out")
