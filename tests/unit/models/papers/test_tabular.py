"""Tables for spreadsheets: no cell is a formula, and what was written can be read back."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.papers.tabular import NOTE_COLUMN, as_meant, csv_text, neutral

FORMULAS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\tx", "\rx", "\nx",
    "\u200b=1", "\ufeff@x", " =1",
    "\u00a0+1", "\u2060\u200b-1", "'=1", "''=1", "＝1", "\u00ad=cmd|' /C calc'!A0",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_takes_for_a_formula_begins_with_an_apostrophe(text):
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=b", "Mühle", "1-2", "'quoted'", "way/1", "\u200bx", "#1"])
def test_other_texts_stay(text):
    assert neutral(text) == text


@given(st.text(alphabet="'=+-@\t\u200b aä") | st.text())
def test_every_text_can_be_taken_back(text):
    assert as_meant(neutral(text)) == text


@given(st.lists(st.tuples(st.text(), st.integers(), st.floats(allow_nan=False)), max_size=5))
def test_no_cell_of_a_table_is_a_formula_and_numbers_stay_numbers(rows):
    text = csv_text(("a", "b", "c"), rows)
    read = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [(as_meant(r["a"]), int(r["b"]), float(r["c"])) for r in read] == rows
    assert all(neutral(r["a"]) == r["a"] or r["a"].startswith("'") for r in read)


def test_a_row_says_where_an_apostrophe_was_put():
    text = csv_text(("who", "what", "n"), [("=x", "a", -1), ("b", None, 2)])
    assert text.splitlines() == [
        f"who,what,n,{NOTE_COLUMN}",
        "'=x,a,-1,an apostrophe stands before what would be a formula: who",
        "b,,2,",
    ]
    assert NOTE_COLUMN not in csv_text(("who",), [("b",)])
