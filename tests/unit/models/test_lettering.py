"""Invisible characters are written out; texts that look alike are distinguished."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import did_you_mean
from models.lettering import escaped, has_unshown, look_alike, unwritable

NFC, NFD = "Mühle", unicodedata.normalize("NFD", "Mühle")


@given(st.text())
def test_a_text_is_one_line_in_which_nothing_is_turned_round(text):
    shown = escaped(text)
    assert len(shown.splitlines()) <= 1
    assert not has_unshown(shown)
    assert escaped(shown) == shown
    shown.encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Klinik\nNord", r"Klinik\nNord"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("a\u202egpj.exe", r"a\u202egpj.exe"),
        ("a\u2066b\u2069", r"a\u2066b\u2069"),
        ("a\u2028b", r"a\u2028b"),
        ("\ud83d", r"\ud83d"),
        ("Mühle, Straße №5 — 電力 🏭", "Mühle, Straße №5 — 電力 🏭"),
    ],
)
def test_what_is_not_seen_is_written_out(text, shown):
    assert escaped(text) == shown


@pytest.mark.parametrize("wrong", [NFC, "M\u200bühle", "Mühle\ufeff", "Mü\u00adhle"])
def test_a_hint_tells_texts_that_look_the_same_apart(wrong):
    known = NFD if wrong == NFC else NFC
    assert look_alike(wrong, known)
    hint = did_you_mean(wrong, [known], "")
    assert "It looks the same, but has" in hint
    assert "U+" in hint


def test_a_hint_for_another_case_is_the_name_itself():
    assert did_you_mean("ELECTRICITY", ["electricity", "heat"], "") == "Did you mean 'electricity'?"


@given(st.recursive(st.none() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(
    st.text(), inner)))  # fmt: skip
def test_what_no_file_can_carry_is_found_wherever_it_is(plain):
    text = repr(plain)
    assert list(unwritable(plain)) == [] or "\\x00" in text or "\\ud" in text
    assert next(unwritable([plain, {"x": "\ud800"}])) == "[1].x"
