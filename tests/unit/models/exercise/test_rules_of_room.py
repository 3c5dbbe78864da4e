"""Quotas of a run: no participant can exhaust them, and a run can always be ended."""

import pytest

from models.errors import BadInputError
from models.exercise import rules
from models.exercise.rules import KEPT_FOR_STEERING, MAX_LINES, MAX_LINES_EACH, require_room
from models.exercise.run import Line


def said(author, count, kind="answered", **data):
    return [Line(n, 0, kind, author, "", data) for n in range(2, 2 + count)]


def is_refused(lines, kind, author, size=10):
    try:
        require_room(lines, kind, author, size)
    except BadInputError:
        return True
    return False


@pytest.mark.parametrize("kind", ["answered", "predicted", "decided"])
def test_one_person_has_so_many_lines_and_others_theirs(kind):
    lines = said("wim", MAX_LINES_EACH - 1)
    assert not is_refused(lines, kind, "wim")
    lines += said("wim", 1, kind)
    assert is_refused(lines, kind, "wim")
    assert not is_refused(lines, kind, "ela")
    assert not is_refused(lines, "released", "wim")


def test_one_person_has_so_many_bytes(monkeypatch):
    monkeypatch.setattr(rules, "MAX_BYTES_EACH", 1_000)
    lines = said("wim", 9, text="x" * 80)
    assert is_refused(lines, "decided", "wim", 500)
    assert not is_refused(lines, "decided", "wim", 50)
    assert not is_refused(lines, "decided", "ela", 500)


@pytest.mark.parametrize("count", [MAX_LINES - KEPT_FOR_STEERING, MAX_LINES, 2 * MAX_LINES])
def test_a_run_that_is_full_is_still_steered_and_always_ended(count):
    lines = [line for n in range(count // 100) for line in said(f"p{n}", 100)]
    assert is_refused(lines, "answered", "new")
    assert is_refused(lines, "released", "lea") == (count >= MAX_LINES)
    assert not is_refused(lines, "paused", "lea")
    assert not is_refused(lines, "ended", "lea")


def test_where_nobody_signs_in_one_person_is_the_whole_room():
    lines = said("local", 3 * MAX_LINES_EACH)
    assert not is_refused(lines, "answered", "local")
