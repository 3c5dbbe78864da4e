"""Records of a text with commas."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.worlds import records
from data.worlds.records import BrokenTableError, read_records

#: What a cell may hold without being stripped.
CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6).map(str.strip)


@given(
    rows=st.integers(2, 4).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1)
    ),
    ending=st.sampled_from(["\n", "\r\n"]),
)
def test_what_is_written_is_read(rows, ending):
    """A law: the header as it is, and every row that says anything, under its number."""
    rows[0] = [f"{number}{name}".strip() for number, name in enumerate(rows[0])]
    file = io.StringIO()
    csv.writer(file, lineterminator=ending, quoting=csv.QUOTE_ALL).writerows(rows)
    full = [number for number, row in enumerate(rows, 1) if number > 1 and any(row)]
    columns = [tuple(rows[number - 1][at] for number in full) for at in range(len(rows[0]))]
    assert read_records(file.getvalue()) == (rows[0], tuple(full), columns)


def test_rows_are_numbered_as_in_a_spreadsheet():
    text = 'a,b\n\n1,"two\nlines"\n , \n3\n'
    assert read_records(text) == (["a", "b"], (3, 5), [("1", "3"), ("two\nlines", "")])


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5, 6])
def test_how_many_rows_are_taken_at_once_changes_nothing(monkeypatch, rows):
    monkeypatch.setattr(records, "_AT_ONCE", 2)
    text = "a,b\n" + "".join(f"{row},x\n" for row in range(rows))
    _header, numbers, columns = read_records(text)
    assert numbers == tuple(range(2, rows + 2))
    assert columns == [tuple(map(str, range(rows))), ("x",) * rows]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\na,b\n", "No columns"),
        ("a,b\n1,2\n1,2,3\n", "Expected 2 fields in line 3, saw 3"),
        ('a,b\n1,"2\n3,4\n', "EOF inside string starting at row 1"),
        ('a,"b\n1,2', "EOF inside string starting at row 0"),
    ],
)
def test_what_is_no_table_is_told_with_its_place(text, message):
    with pytest.raises(BrokenTableError, match=message):
        read_records(text)
