"""The laws of a change: exact, reversible, empty for equals, and independent where it may be."""

import json
from collections import Counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.change import LISTS, Conflict, Touch, difference, touched_by

entries = st.lists(
    st.builds(
        lambda at_h, asset: {"at_h": at_h, "do": "fail", "asset": asset},
        st.integers(0, 3),
        st.sampled_from("abcd"),
    ),
    max_size=5,
).map(lambda events: sorted(events, key=lambda event: event["at_h"]))
measures = st.lists(
    st.builds(
        lambda asset, supplier: {"do": "add_supplier", "asset": asset, "supplier": supplier},
        st.sampled_from("abcd"),
        st.sampled_from("abcd"),
    ),
    max_size=3,
)
odd = st.lists(st.sampled_from(["x", 1, None, {}, {"at_h": "late"}]), max_size=3)
scenarios = st.fixed_dictionaries(
    {"world": st.just("w")},
    optional={
        "events": entries,
        "measures": measures,
        "title": st.sampled_from("TU"),
        "horizon_h": st.integers(1, 2),
    },
)
anything = scenarios | st.fixed_dictionaries({}, optional={"events": odd, "measures": odd})


def contents(plain):
    """Return a scenario without the order of its entries."""
    listed = {name: Counter(json.dumps(item) for item in plain.get(name, ())) for name in LISTS}
    return {name: value for name, value in plain.items() if name not in LISTS} | listed


@given(before=anything, after=anything)
def test_a_difference_makes_exactly_one_of_the_other(before, after):
    inputs = json.dumps([before, after])
    assert difference(before, after).apply(before) == after
    assert json.dumps([before, after]) == inputs


@given(before=anything, after=anything)
def test_the_inverse_leads_back_and_is_the_difference_the_other_way(before, after):
    change = difference(before, after)
    assert change.inverse.apply(after) == before
    assert change.inverse == difference(after, before)
    assert change.inverse.inverse == change


@given(plain=anything, now=anything)
def test_a_difference_with_itself_is_empty_and_changes_nothing(plain, now):
    change = difference(plain, json.loads(json.dumps(plain)))
    assert change.is_empty
    assert not change.touches
    assert change.apply(now) == now


@given(before=scenarios, after=scenarios)
def test_a_change_is_empty_or_touches_something_or_only_reorders(before, after):
    change = difference(before, after)
    assert bool(change.touches) == (contents(before) != contents(after))


@given(start=scenarios, one=scenarios, other=scenarios)
def test_changes_that_touch_different_things_commute(start, one, other):
    first, second = difference(start, one), difference(start, other)
    assume(not first.touches & second.touches)
    both, swapped = (
        later.apply(earlier.apply(start)) for earlier, later in ((first, second), (second, first))
    )
    assert not isinstance(both, Conflict)
    assert not isinstance(swapped, Conflict)
    assert contents(both) == contents(swapped)


@given(before=scenarios, after=scenarios, now=scenarios)
def test_applying_changes_only_what_the_change_touches(before, after, now):
    inputs = json.dumps([before, after, now])
    change = difference(before, after)
    result = change.apply(now)
    assert json.dumps([before, after, now]) == inputs
    if isinstance(result, Conflict):
        assert result.touches
        assert result.touches <= change.touches
        return
    assert difference(now, result).touches <= change.touches
    for name in {*before, *after, *now}:
        if before.get(name) == after.get(name):
            assert result.get(name) == now.get(name)
    hours = [event["at_h"] for event in result.get("events", ())]
    assert hours == sorted(hours)


@given(before=scenarios, after=scenarios, now=scenarios)
def test_what_was_taken_back_can_be_made_again(before, after, now):
    """Redo is taking the undo back."""
    result = difference(before, after).inverse.apply(now)
    if not isinstance(result, Conflict):
        assert difference(now, result).inverse.apply(result) == now


def fails(asset, at_h=0):
    return {"at_h": at_h, "do": "fail", "asset": asset}


def test_an_entry_comes_back_where_it_was():
    a, b, c, d = map(fails, "abcd")
    # b was removed, then somebody added d at the end
    removed = difference({"events": [a, b, c]}, {"events": [a, c]})
    assert removed.inverse.apply({"events": [a, c, d]}) == {"events": [a, b, c, d]}
    # the order within an hour decides what wins, so a repair stays behind its failure
    removed = difference({"events": [a, b]}, {"events": [b]})
    assert removed.inverse.apply({"events": [b, c]}) == {"events": [a, b, c]}


def test_an_entry_that_somebody_put_back_already_is_not_doubled():
    a, b = map(fails, "ab")
    removed = difference({"events": [a]}, {"events": []})
    assert removed.inverse.apply({"events": [a, b]}) == {"events": [a, b]}


@pytest.mark.parametrize("odd", [1, None, {}, {"at_h": "late"}])
def test_what_are_no_events_is_taken_back_all_the_same(odd):
    removed = difference({"events": [odd]}, {"events": []})
    assert removed.inverse.apply({"events": ["x"]}) == {"events": [odd, "x"]}


def test_a_conflict_names_what_has_moved_on():
    before = {"horizon_h": 1, "events": [fails("a"), fails("b")]}
    change = difference(before, {"horizon_h": 2, "events": [fails("b", 3)]})
    now = {"horizon_h": 5, "events": [fails("b")]}
    assert change.apply(now) == Conflict(
        frozenset({Touch("field", "horizon_h"), Touch("asset", "a")})
    )


def test_a_change_says_what_it_is_about():
    supplier = {"do": "add_supplier", "asset": "clinic", "supplier": "plant"}
    before = {"title": "T", "events": [fails("a")], "measures": []}
    after = {
        "events": [fails("a"), {"at_h": 1, "do": "fail", "link": "line"}],
        "measures": [supplier],
    }
    change = difference(before, after)
    assert change.touches == {
        Touch("field", "title"),
        Touch("link", "line"),
        Touch("asset", "clinic"),
        Touch("asset", "plant"),
    }
    assert change.came("measures") == [supplier]
    assert change.inverse.went("measures") == [supplier]
    assert not change.adds_only
    assert difference(before, before | {"measures": [supplier]}).adds_only
    assert touched_by({"at_h": 1}) == {Touch("entry", '{"at_h": 1}')}
