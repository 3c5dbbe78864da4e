"""What people call things, and the hints made of it."""

import csv

import pytest

from data.knowledge.reader import asset_types, services
from data.knowledge.synonyms import FILE, meanings
from data.worlds.schema import COLUMNS
from models.errors import did_you_mean


def rows():
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("kind", "term", "meant"),
    [
        ("sector", "power", "energy"),
        ("sector", "Electricity", "energy"),
        ("sector", "ICT", "telecom"),
        ("sector", "Strom", "energy"),
        ("sector", "eau", "water"),
        ("sector", "Straße", "transport"),
        ("service", "power", "electricity"),
        ("service", "telecommunication", "communications"),
        ("service", "ÉLECTRICITÉ", "electricity"),
        ("service", "electricite", "electricity"),
        ("asset_type", "water-treatment_plant", "water_works"),
        ("asset_type", "Krankenhaus", "hospital"),
        ("column", "population", "people"),
    ],
)
def test_a_word_of_any_language_means_an_id(kind, term, meant):
    assert meanings(kind, term)[0] == meant


def test_a_word_that_nobody_knows_means_nothing():
    assert meanings("sector", "pwoer") == ()
    assert meanings("column", "power") == ()


def test_every_synonym_names_something_that_there_is():
    types = asset_types()
    known = {
        "sector": {name for t in types.values() for name in (t.sector, t.display_sector)},
        "service": set(services()),
        "asset_type": set(types),
        "column": {column.name for columns in COLUMNS.values() for column in columns},
    }
    assert [row for row in rows() if row["id"] not in known[row["kind"]]] == []


def test_every_synonym_says_something_and_is_there_once():
    entries = [tuple(row.values()) for row in rows()]
    assert len(entries) == len(set(entries))
    assert {row["language"] for row in rows()} == {"en", "de", "fr", "it", "es"}
    assert all(row["term"] != row["id"] for row in rows())


def test_what_a_word_means_goes_before_what_is_spelt_alike():
    known = ("water", "energy")
    assert did_you_mean("power", known, "No.") == "Did you mean 'water'?"
    assert did_you_mean("power", known, "No.", ("telecom", "energy")) == "Did you mean 'energy'?"
    assert did_you_mean("power", known, "No.", ("telecom",)) == "Did you mean 'water'?"
    assert did_you_mean("xyz", known, "No.", ()) == "No."
