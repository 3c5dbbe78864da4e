"""Columns say the same after the way to the browser, in little room."""

import json

from hypothesis import given
from hypothesis import strategies as st

from layouts.feed.columns import coded, columns_of, numbers, read, table

WHOLE = st.lists(st.integers(0, 2**32 - 1), max_size=50)
ANY = st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=50)


def sent(column):
    return json.loads(json.dumps(column, allow_nan=False))


@given(WHOLE)
def test_whole_numbers_come_back_exactly_and_in_the_smallest_type(values):
    column = numbers(values)
    assert read(sent(column)) == values
    most = max(values, default=0)
    assert column["type"] == ("u1" if most < 2**8 else "u2" if most < 2**16 else "u4")


@given(st.one_of(ANY, st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=9)))
def test_any_numbers_come_back_exactly(values):
    assert read(sent(numbers(values))) == values


@given(st.lists(st.one_of(st.text(max_size=3), st.integers(-3, 3)), max_size=60))
def test_coded_values_come_back(values):
    assert read(sent(coded(values))) == values


def test_what_repeats_is_said_once_and_what_differs_is_said_as_it_is():
    assert coded(["a", "b", "a", "a"])["values"] == ["a", "b"]
    assert coded(["a", "b", "c"]) == ["a", "b", "c"]


def test_a_table_comes_back_row_by_row():
    rows = [{"a": 1, "b": "x"}, {"a": 2, "b": "x"}, {"a": 1, "b": "y"}]
    assert table(sent(columns_of(rows, ("a", "b")))) == rows
    assert table(columns_of([], ("a", "b"))) == []
