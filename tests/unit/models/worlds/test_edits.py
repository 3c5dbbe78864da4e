"""Edits of a world: each can be taken back, and edits of different cells keep each other."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadInputError
from models.worlds import edits
from models.worlds.edits import AddRow, Judge, RemoveRow, SetValue, applied, inverse

IDS, COLUMNS = ("a", "b", "c"), ("name", "repair_h", "verdict")
TABLES = st.sampled_from(("assets", "links"))
CELLS = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.sampled_from(("x", "y")))
ROWS = st.dictionaries(st.sampled_from(COLUMNS), CELLS)
WORLDS = st.dictionaries(TABLES, st.dictionaries(st.sampled_from(IDS), ROWS))
PLACE = {"table": TABLES, "id": st.sampled_from(IDS)}
EDITS = st.one_of(
    st.builds(
        SetValue,
        **PLACE,
        column=st.sampled_from(COLUMNS),
        value=CELLS,
        is_absent=st.booleans(),
        kind=st.just("set"),
    ),
    st.builds(AddRow, **PLACE, row=ROWS, kind=st.just("add")),
    st.builds(RemoveRow, **PLACE, kind=st.just("remove")),
    st.builds(
        Judge,
        **PLACE,
        verdict=st.sampled_from(("accepted", "rejected", None)),
        kind=st.just("judge"),
    ),
)


def full(tables):
    return {name: table for name, table in tables.items() if table}


@given(WORLDS, EDITS)
def test_an_edit_and_its_inverse_change_nothing(tables, edit):
    try:
        back = inverse(tables, edit)
    except BadInputError:
        with pytest.raises(BadInputError):
            applied(tables, edit)
        return
    assert full(applied(applied(tables, edit), back)) == full(tables)


@given(WORLDS, EDITS)
def test_the_tables_before_an_edit_stay_as_they_are(tables, edit):
    before = repr(tables)
    with contextlib.suppress(BadInputError):
        applied(tables, edit)
    assert repr(tables) == before


@given(WORLDS, st.lists(EDITS, max_size=12))
def test_a_log_taken_back_from_its_end_is_the_base(tables, wanted):
    now, log = tables, []
    for edit in wanted:
        try:
            now, line = edits.done(now, edit)
        except BadInputError:
            continue
        log.append(edits.from_plain(edits.as_plain(line)))
    for line in reversed(log):
        now = applied(now, line.inverse)
    assert full(now) == full(tables)


@given(CELLS, CELLS, st.permutations(range(4)))
def test_edits_of_different_cells_keep_each_other_in_any_order(one, two, order):
    base = {"assets": {"a": {"name": "A"}, "b": {}}}
    wanted = [
        SetValue(table="assets", id="a", column="name", value=one),
        SetValue(table="assets", id="a", column="repair_h", value=two),
        Judge(table="assets", id="b", verdict="rejected"),
        AddRow(table="assets", id="c", row={"name": "C"}),
    ]
    now = base
    for place in order:
        now = applied(now, wanted[place])
    assert now == {
        "assets": {
            "a": {"name": one, "repair_h": two},
            "b": {"verdict": "rejected"},
            "c": {"name": "C"},
        }
    }


@pytest.mark.parametrize(
    "payload",
    [
        None, [], "x", {}, {"kind": "drop"},
        {"kind": "set", "table": "sqlite_master", "id": "a", "column": "b", "value": 1},
        {"kind": "set", "table": "assets", "id": "", "column": "b", "value": 1},
        {"kind": "set", "table": "assets", "id": "a", "column": "b", "value": float("nan")},
        {"kind": "set", "table": "assets", "id": "a", "column": "b", "value": 10**30},
        {"kind": "set", "table": "assets", "id": "a", "column": "b", "value": "x\ny"},
        {"kind": "add", "table": "assets", "id": "a", "row": {"b": {"c": 1}}},
        {"kind": "remove", "table": "assets", "id": "a", "more": 1},
    ],
)  # fmt: skip
def test_a_payload_that_is_no_edit_is_refused(payload):
    with pytest.raises(BadInputError, match="cannot be read"):
        edits.read_edit(payload)
