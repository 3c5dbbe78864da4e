"""Options in the panel: the first has no name of its own, a new one gets the next letter."""

import json

import pytest

from layouts.panels.options import named, next_name, options_list
from tests.unit.layouts.panels.test_panels import data, text


@pytest.mark.parametrize(
    ("family", "names", "following"),
    [
        ([("a", "")], ["Option A"], "Option B"),
        ([("a", ""), ("b", "Option B")], ["Option A", "Option B"], "Option C"),
        ([("a", ""), ("b", "Option A")], ["Original", "Option A"], "Option B"),
        ([("c", "Option C")], ["Option C"], "Option B"),
    ],
)
def test_names(family, names, following):
    assert [name for _, name in named(family)] == names
    assert next_name(family) == following


def test_the_one_on_show_is_marked_and_a_single_one_cannot_be_put_away():
    one = options_list([("a", "")], "a")
    assert data(one, "aria-current") == ["true"]
    assert not data(one, "data-option-away")
    two = options_list([("a", ""), ("b", "B & <b>")], "b")
    assert data(two, "aria-current") == ["false", "true"]
    assert data(two, "data-option-away") == ["a", "b"]
    assert json.loads(data(two, "data-act")[1]) == {"do": "open_option", "id": "b"}
    assert "B & <b>" in text(two)


def test_before_the_first_change_it_says_what_to_do():
    assert "Change something first" in text(options_list([], None))
