"""The check of every number in a foreign table.

Accepted numbers are finite, neither so large that sums overflow nor so small that quotients do,
and hours fit into whole milliseconds.
"""

from __future__ import annotations

import math
import re

from data.worlds.columns import Column

#: 114,000 years. In milliseconds, and added up a few times, it stays below 2**53.
MAX_HOURS = 1e9
#: Shares, sizes, metres: a million of them add up to what a float holds well.
MAX_AMOUNT = 1e15
#: Closer to 0, reciprocals and products of such numbers leave the range of floats.
MIN_AMOUNT = 1e-30

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+([eE][+-]?[0-9]+)?")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{3})+")
_NO_NUMBERS = ("nan", "inf", "infinity")


class CellError(ValueError):
    """The text of a cell is invalid in its column; the message is for users."""


def has_decimal_comma(cell: str) -> bool:
    """Return whether a cell is a number with a decimal comma, as in German or French."""
    return _DECIMAL_COMMA.fullmatch(cell) is not None


def number_cell(cell: str, column: Column, *, comma: bool = False) -> float:
    """Return the number of a cell.

    Parameters
    ----------
    cell
        Its text, without blanks around it.
    column
        Permitted numbers.
    comma
        Whether the table writes decimals with a comma.

    Raises
    ------
    CellError
        If it is no number, or not permitted in the column; the message states the limits.
    """
    if comma:
        cell = _with_point(cell)
    number = _parsed(cell)
    if column.low == 0 and number < 0:
        raise CellError(f"{cell} is negative.")
    if column.low is not None and number < column.low:
        raise CellError(f"{cell} is too small; it starts at {column.low:g}.")
    if column.above is not None and number <= column.above:
        raise CellError(f"{cell} is too small; it must be above {column.above:g}.")
    if number > (high := _highest(column)):
        raise CellError(f"{cell} is too large; it ends at {_plain(high)}.")
    if 0 < number < MIN_AMOUNT and (column.low == 0 or column.above == 0):
        raise CellError(f"{cell} is too near to 0 to compute with; from {MIN_AMOUNT:g} it is not.")
    return number + 0.0  # turns -0.0 into 0.0


def whole_cell(cell: str, column: Column, *, comma: bool = False) -> int:
    """Return the whole number of a cell; see :func:`number_cell`.

    Parameters
    ----------
    cell
        The text of the cell.
    column
        Its column: bounds and default.
    comma
        Whether a comma is the decimal mark.

    Raises
    ------
    CellError
        If it is no whole number.
    """
    number = number_cell(cell, column, comma=comma)
    if not number.is_integer():
        raise CellError(f"{cell} is not a whole number.")
    return int(number)


def _parsed(cell: str) -> float:
    if _NUMBER.fullmatch(cell) is None and cell.lstrip("+-").lower() not in _NO_NUMBERS:
        further = ""
        if "," in cell:
            further = " Write decimals with a point."
        elif "_" in cell:
            further = " Leave the underscores out."
        raise CellError(f"'{cell}' is not a number.{further}")
    number = float(cell)
    if not math.isfinite(number):
        raise CellError(f"'{cell}' is not a finite number. Leave the cell empty if unknown.")
    return number


def _with_point(cell: str) -> str:
    """Return a number with a decimal comma in the form with a point."""
    if _DECIMAL_COMMA.fullmatch(cell):
        return cell.replace(",", ".")
    if _THOUSANDS.fullmatch(cell):
        raise CellError(
            f"'{cell}' may be thousands or decimals: other numbers here have a decimal comma. "
            "Leave points between thousands out."
        )
    return cell


def _highest(column: Column) -> float:
    if column.high is not None:
        return column.high
    name = column.name.removesuffix("_low").removesuffix("_high")
    return MAX_HOURS if name.endswith("_h") else MAX_AMOUNT


def _plain(number: float) -> str:
    return f"{number:,.0f}" if number >= 1e6 else f"{number:g}"
