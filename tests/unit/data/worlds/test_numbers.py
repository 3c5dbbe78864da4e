"""Numbers of foreign tables: what passes can be computed with, whatever the column."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.worlds import check_world
from data.worlds.columns import Column
from data.worlds.numbers import (
    MAX_AMOUNT,
    MAX_HOURS,
    MIN_AMOUNT,
    CellError,
    number_cell,
    whole_cell,
)
from data.worlds.schema import COLUMNS

HOURS = Column("autonomy_h", "number", low=0)
SHARE = Column("share", "number", above=0)
PLACE = Column("lon", "number", low=-180, high=180)

#: every column of every table that holds a number
NUMBERS = [
    pytest.param(column, id=f"{table}.{column.name}")
    for table, columns in COLUMNS.items()
    for column in columns
    if column.kind in ("number", "whole")
]


@pytest.mark.parametrize("column", NUMBERS)
@pytest.mark.parametrize(
    "cell",
    ["1e99", "1e308", "1e999", "nan", "inf", "-inf", "1_000", "1\0", "0x10", "1e", "١٢", "1 000",
     "1,5", "1.2.3", "--1", "+", "1e400", "５", "true", "1e5_0"],
)  # fmt: skip
def test_no_column_takes_what_cannot_be_computed_with(column, cell):
    with pytest.raises(CellError):
        number_cell(cell, column)


@pytest.mark.parametrize("column", NUMBERS)
def test_every_column_has_a_largest_number_and_tells_it(column):
    with pytest.raises(CellError, match="too large; it ends at"):
        number_cell("1e20", column)


@given(st.floats(0, MAX_HOURS))
def test_hours_that_pass_fit_into_whole_milliseconds(hours):
    try:
        number = number_cell(repr(hours), HOURS)
    except CellError:
        assert 0 < hours < MIN_AMOUNT
    else:
        assert number == hours
        assert number * 3_600_000 < 2**53


@given(st.lists(st.floats(MIN_AMOUNT, MAX_AMOUNT), min_size=1, max_size=50))
def test_what_passes_can_be_added_and_divided_by(shares):
    numbers = [number_cell(repr(share), SHARE) for share in shares]
    assert math.isfinite(math.fsum(numbers) * 1e6)
    assert math.isfinite(1 / min(numbers) ** 2)


@pytest.mark.parametrize("cell", ["5e-324", "1e-310", "2e-308", "1e-31"])
def test_what_is_too_near_to_0_is_refused_with_the_least_that_is_not(cell):
    for column in (HOURS, SHARE):
        with pytest.raises(CellError, match="from 1e-30"):
            number_cell(cell, column)
    assert number_cell(cell, PLACE) == float(cell)


@pytest.mark.parametrize(
    ("cell", "number"), [("0", 0), ("-0.0", 0), (".5", 0.5), ("1.", 1), ("1E3", 1e3)]
)
def test_numbers_as_people_write_them_pass(cell, number):
    assert number_cell(cell, HOURS) == number
    assert math.copysign(1, number_cell(cell, HOURS)) == 1


@given(st.integers(0, 10**9 - 1), st.integers(0, 99))
def test_a_decimal_comma_is_a_point_where_the_table_has_such(whole, part):
    text = f"{whole},{part:02d}"
    assert number_cell(text, HOURS, comma=True) == float(text.replace(",", "."))
    with pytest.raises(CellError, match="Write decimals with a point"):
        number_cell(text, HOURS)


@pytest.mark.parametrize("cell", ["1.000", "12.500", "1.000.000", "-1.234"])
def test_points_that_may_be_thousands_are_refused_beside_commas(cell):
    with pytest.raises(CellError, match="thousands"):
        number_cell(cell, PLACE, comma=True)


def test_a_whole_number_is_whole():
    with pytest.raises(CellError, match="not a whole number"):
        whole_cell("1.5", Column("k", "whole"))


def test_a_number_that_is_refused_has_no_follow_up_errors(tiny_world_folder):
    (tiny_world_folder / "dependencies.csv").write_text(
        "group_id,consumer_id,supplier_id,service,autonomy_h,autonomy_h_low,autonomy_h_high\n"
        "g,clinic,grid,electricity,500,200,1e99\n"
    )
    assert check_world(tiny_world_folder).problems == (
        "dependencies.csv, row 2, column autonomy_h_high: "
        "1e99 is too large; it ends at 1,000,000,000.",
    )
