"""Losses of a Leontief economy by hand and by its laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadInputError
from models.risk.economy import Economy, demand_loss

#: Miller and Blair 2009, ch. 2: two sectors
TWO = Economy(("a", "b"), np.array([[150.0, 500], [200, 100]]), np.array([350.0, 1700]),
              np.array([1000.0, 2000]))  # fmt: skip


def test_a_published_economy():
    # Miller and Blair: final demand of 600 and 1500 asks for outputs of 1247.5 and 1841.6
    first = demand_loss(TWO, np.array([1.0, 0])).total * 250 / 350
    second = demand_loss(TWO, np.array([0, 1.0])).total * 200 / 1700
    assert TWO.output + first - second == pytest.approx([1247.5, 1841.6], abs=0.06)


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_whole_demand_takes_the_whole_output_and_losses_add_up(first, second):
    assert demand_loss(TWO, np.ones(2)).total == pytest.approx(TWO.output)
    one = demand_loss(TWO, np.array([first, 0])).total
    other = demand_loss(TWO, np.array([0, second])).total
    both = demand_loss(TWO, np.array([first, second]))
    assert both.total == pytest.approx(one + other)
    assert (both.total >= both.direct - 1e-9).all()


def test_a_table_that_does_not_add_up_is_told_and_one_without_answer_refused():
    off = Economy(("a", "b"), TWO.flows, TWO.final_demand, np.array([1000.0, 2500]))
    assert demand_loss(off, np.ones(2)).notes == (
        "'b': flows and final demand add up to 2000, the output is 2500.",
    )
    closed = Economy(("a",), np.array([[5.0]]), np.array([1.0]), np.array([5.0]))
    with pytest.raises(BadInputError, match="no answer"):
        demand_loss(closed, np.ones(1))
    idle = Economy(("a", "b"), np.array([[0.0, 3], [0, 0]]), np.ones(2), np.array([4.0, 0]))
    with pytest.raises(BadInputError, match="'b'"):
        demand_loss(idle, np.ones(2))
