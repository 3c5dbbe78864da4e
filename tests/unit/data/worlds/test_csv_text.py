"""CSV as spreadsheets and people write it: read right, or refused in words that help."""

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.worlds import check_world
from data.worlds.csv_text import read_csv
from data.worlds.tables import MAX_TOLD, Findings

LIMIT = 1_000_000
HEADER = ["asset_id", "name", "asset_type", "sector", "lon", "lat"]


def read(tmp_path, content):
    """Return the table of a file and the messages about it."""
    path = tmp_path / "assets.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    findings = Findings()
    return read_csv(path, findings, LIMIT), findings


def assets_of(folder, text, encoding="utf-8"):
    """Put a table of assets in the place of the world's; nothing refers to it."""
    for path in folder.glob("*.csv"):
        path.unlink()
    (folder / "assets.csv").write_bytes(text.encode(encoding))
    return check_world(folder)


cells = st.text(st.characters(exclude_categories=("C", "Z")), max_size=8)
lines = st.lists(st.lists(cells, min_size=3, max_size=3), max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=lines, separator=st.sampled_from(",;\t"), bom=st.booleans(), end=st.sampled_from(
    ["\n", "\r\n", "\r"]), stated=st.booleans())  # fmt: skip
def test_whatever_a_spreadsheet_writes_is_read_as_it_was(
    tmp_path, rows, separator, bom, end, stated
):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator=end)
    writer.writerows([["a", "b", "c"], *rows])
    text = f"sep={separator}\n{out.getvalue()}" if stated else out.getvalue()
    table, findings = read(tmp_path, text.encode("utf-8-sig" if bom else "utf-8"))
    kept = [row for row in rows if any(row)]
    assert list(zip(*table.cells.values(), strict=True)) == [tuple(row) for row in kept]
    assert findings.problems == []
    first = 3 if stated else 2
    assert list(table.numbers) == [n for n, row in enumerate(rows, first) if any(row)]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-32"])
def test_unicode_that_says_which_it_is_is_read(tiny_world_folder, encoding):
    text = "asset_id\tname\tasset_type\tsector\tlon\tlat\nS1\tMühle\tschool\tpublic\t13,2\t53,5\n"
    world = assets_of(tiny_world_folder, text, encoding).world
    assert (world.assets["S1"].name, world.assets["S1"].lon) == ("Mühle", 13.2)


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "utf-16-le", "cp437"])
def test_other_encodings_are_refused_with_what_to_do(tiny_world_folder, encoding):
    text = "asset_id,name,asset_type,sector,lon,lat\nS1,Mühle,school,public,13.2,53.5\n"
    (problem,) = assets_of(tiny_world_folder, text, encoding).problems
    assert problem.startswith("assets.csv") and "encoding UTF-8" in problem


@pytest.mark.parametrize("first", ["", "sep=;\n", "SEP=;\r\n", '"sep=;"\n'])
def test_a_german_spreadsheet_is_read(tiny_world_folder, first):
    text = (
        "asset_id;name;asset_type;sector;lon;lat;repair_h\n"
        "S1;Klinik, Nord;school;public;13,2;53,5;1,5\n"
    )
    world, _, warnings = assets_of(tiny_world_folder, first + text)
    asset = world.assets["S1"]
    assert (asset.name, asset.lon, asset.lat, asset.repair_h) == ("Klinik, Nord", 13.2, 53.5, 1.5)
    assert "assets.csv: separated by semicolons instead of commas; read so." in warnings


def test_a_table_with_commas_has_no_decimal_commas(tiny_world_folder):
    text = 'asset_id,asset_type,sector,lon,lat\nS1,school,public,"13,2",53.5\n'
    assert any(
        "Write decimals with a point" in p for p in assets_of(tiny_world_folder, text).problems
    )


def test_the_row_with_an_open_quotation_mark_is_told_and_nothing_that_follows(tiny_world_folder):
    path = tiny_world_folder / "assets.csv"
    path.write_text(
        path.read_text().replace("grid,Sub", 'grid,"Sub').replace("works,Wa", 'works,"Wa')
    )
    (problem,) = check_world(tiny_world_folder).problems
    assert problem.startswith("assets.csv, row 3: not a table with commas: a quotation mark is")


@pytest.mark.parametrize(
    "row", ['S1,"Alte Pumpe,a,b,1,2', 'S1,"x"y,a,b,1,2', 'S1,"a" ,b,c,1,2', '"S1,x,a,b,1,2\n\n\n']
)
def test_a_quotation_mark_in_the_wrong_place_is_told(tmp_path, row):
    table, findings = read(tmp_path, f"{','.join(HEADER)}\nS0,x,a,b,1,2\n{row}\nS2,x,a,b,1,2\n")
    assert findings.problems[0].startswith("assets.csv, row 3: ")
    assert not table.is_whole
    assert table.numbers == (2,)


def test_a_text_over_several_lines_is_read_and_told(tmp_path):
    table, findings = read(tmp_path, f'{",".join(HEADER)}\nS1,"a\nb",a,b,1,2\nS2,x,a,b,1,2\n')
    assert table.cells["name"] == ("a\nb", "x")
    assert any("is a quotation mark missing?" in line for line in findings.warnings)


def test_rows_that_are_too_long_are_told_in_order_and_counted(tmp_path):
    rows = "".join(f"S{n},a, b,c,d,1,2\n" for n in range(50))
    table, findings = read(tmp_path, f"{','.join(HEADER)}\nS,x,a,b,1,2\n{rows}")
    assert findings.problems[0] == (
        "assets.csv, row 3: not a table with commas: 7 cells, but the header has 6. "
        "Quote texts with commas."
    )
    assert findings.problems[-1] == f"assets.csv: {50 - MAX_TOLD} more rows with too many cells."
    assert table.numbers == (2,)


def test_empty_cells_behind_the_last_column_are_no_cells(tmp_path):
    table, findings = read(tmp_path, "a,b,,\n1,2,,,,\n3,4\n")
    assert (table.cells, findings.problems) == ({"a": ("1", "3"), "b": ("2", "4")}, [])


def test_rows_that_are_too_short_are_told(tmp_path):
    _, findings = read(tmp_path, "a,b,c\n1,2,3\n4\n5,6\n")
    assert findings.warnings == [
        "assets.csv: 2 rows have fewer cells than the header (row 3); the rest counts as empty."
    ]


def test_what_is_missing_from_a_broken_table_is_not_told_again(tiny_world_folder):
    path = tiny_world_folder / "assets.csv"
    path.write_text(path.read_text() + "more,x,y,z,1,2,3,4,5,6,7,8,9\n")
    (tiny_world_folder / "labels.csv").write_text("what,name,tlp\nasset,more,RED\n")
    change = tiny_world_folder / "dependencies.csv"
    change.write_text(change.read_text().replace("works,grid", "works,more"))
    (problem,) = check_world(tiny_world_folder).problems
    assert problem.startswith("assets.csv, row 6")


@pytest.mark.parametrize("content", ["\n\n\n", ",,,\n1,2,3\n", '"', '"\n"', "\x00\x00", "sep=;"])
def test_a_file_without_a_header_is_told(tmp_path, content):
    table, findings = read(tmp_path, content)
    assert table is None or not any(table.cells)
    assert findings.problems


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=200))
def test_no_bytes_are_a_fault(tmp_path, content):
    table, findings = read(tmp_path, content)
    assert table is not None or findings.problems
    assert all(line.isprintable() for line in findings.problems + findings.warnings)


def test_a_cell_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr("data.worlds.csv_text.MAX_CELL", 1000)
    csv.field_size_limit(1000)
    try:
        _, findings = read(tmp_path, f'a,b\n1,"{"x" * 5000}\n')
    finally:
        csv.field_size_limit(10_000_000)
    assert "a cell has more than 1,000 letters, or a quotation mark" in findings.problems[0]
