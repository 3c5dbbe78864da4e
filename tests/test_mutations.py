"""The list of mutations fits the code; ``python -m tests.mutations`` applies them."""

import pytest

from tests.mutations.doors import ROOT, mutations

LISTED = mutations()


@pytest.mark.parametrize("mutation", LISTED, ids=[mutation.name for mutation in LISTED])
def test_a_mutation_fits_the_code_and_its_test_exists(mutation):
    text = (ROOT / mutation.file).read_text(encoding="utf-8")
    assert text.count(mutation.old) == 1, f"mend the entry {mutation.name} in doors.toml"
    assert mutation.applied(text) != text
    assert mutation.has_test, mutation.test


def test_names_are_given_once():
    names = [mutation.name for mutation in LISTED]
    assert len(names) == len(set(names))
