"""OGC API Features: what map programs read, and what they are refused."""

from urllib.parse import quote

import pytest

from app import create_app
from data.documents.scenarios import parse_scenario
from data.store.scenarios import Store
from settings import Settings
from tests.integration.test_app import Page
from usecases.knowledge import selecting

ROOT = "/ogc"


@pytest.fixture
def store(tmp_path):
    held = Store(f"sqlite:///{tmp_path / 'knockon.db'}")
    yield held
    held.close()


@pytest.fixture
def ask(tiny_world, store):
    """Ask an address below ``/ogc``; return the answer's JSON."""
    page = Page(create_app(tiny_world, store, Settings(workers=0), parse=parse_scenario))

    def asked(path, status=200):
        answer = page.get(ROOT + path)
        assert answer.status_code == status, answer.text
        return answer.json()

    return asked


def ids(page):
    return [feature["id"] for feature in page["features"]]


def test_the_landing_page_leads_to_everything(ask):
    landing = ask("")
    for link in landing["links"]:
        assert link["href"].startswith("http://")
        ask(link["href"].split(ROOT, 1)[1])
    listed = ask("/collections")["collections"]
    assert [c["id"] for c in listed] == ["assets", "links", "dependencies", "cells", "outcome"]
    for collection in listed:
        for link in collection["links"]:
            ask(link["href"].split(ROOT, 1)[1])


def test_pages_follow_each_other_until_all_is_read(ask, tiny_world):
    path, read = "/collections/assets/items?limit=2", []
    while path:
        page = ask(path)
        read += ids(page)
        after = [link["href"] for link in page["links"] if link["rel"] == "next"]
        path = after[0].split(ROOT, 1)[1] if after else None
    assert read == [a for a, asset in tiny_world.assets.items() if not asset.is_junction]
    assert page["numberMatched"] == len(read)


def test_a_feature_is_read_by_its_id_with_its_columns_and_type(ask):
    feature = ask("/collections/assets/items/grid")
    assert feature["properties"]["repair_h"] == 24
    described = ask("/collections/assets/schema")["properties"]
    assert described["repair_h"] == {"title": "repair_h", "type": "number", "x-ogc-unit": "h"}
    assert set(described) == {*feature["properties"], "geometry"}
    ask("/collections/assets/items/nobody", 404)
    ask("/collections/rivers/items", 404)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sector=energy", ["grid", "plant"]),
        ("repair_h=24", ["grid"]),
        ("bbox=13.19,53.5,13.21,53.6", ["grid"]),
        ("bbox=170,-90,-170,90", []),
        ("filter=" + quote("repair_h > 12 OR sector = 'health'"), ["clinic", "grid"]),
        ("filter=" + quote("repair_h IS NULL"), ["clinic", "plant"]),
        ("filter=" + quote("NOT repair_h > 12"), ["works"]),
        ("filter=" + quote("S_INTERSECTS(geometry, BBOX(13.0, 53.4, 13.15, 53.6))"), ["plant"]),
        ("filter=" + quote("name LIKE 'Water%'") + "&limit=1", ["works"]),
    ],
)
def test_features_are_selected_by_property_box_and_filter(ask, query, expected):
    assert ids(ask(f"/collections/assets/items?{query}")) == expected


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("colour=red", "'colour' is no parameter"),
        ("bbox=1,2,3", "bbox is west,south,east,north"),
        ("bbox=1,nan,3,4", "bbox is west,south,east,north"),
        ("limit=0", "limit is a whole number"),
        ("limit=inf", "limit is not a number"),
        ("offset=-1", "limit is a whole number"),
        ("crs=http://www.opengis.net/def/crs/EPSG/0/3857", "only http://www.opengis.net"),
        ("filter-lang=cql2-json", "only cql2-text"),
        ("filter=(((", "not CQL2"),
        ("filter=" + "(" * 2_000, "too long"),
        ("filter=" + quote("nosuch = 1"), "'nosuch', which is no property"),
        ("filter=" + quote("1 = 1; DROP TABLE assets"), "not CQL2"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_words(ask, query, message):
    assert message in ask(f"/collections/assets/items?{query}", 400)["error"]


def test_a_filter_looks_at_a_bounded_number_of_features(ask, monkeypatch):
    monkeypatch.setattr(selecting, "MOST_FILTERED", 3)
    assert "Add a bbox" in ask("/collections/assets/items?filter=repair_h%3E1", 400)["error"]
    assert ids(ask("/collections/assets/items?filter=repair_h%3E1&sector=energy")) == ["grid"]


def test_the_outcome_at_an_hour_is_a_collection(ask, store, tiny_scenario):
    scenario_id = store.create("tiny", "Night", tiny_scenario).id
    before = ask(f"/collections/outcome/items?scenario={scenario_id}&at_h=7")
    states = {f["id"]: f["properties"]["state"] for f in before["features"]}
    assert states["grid"] == "failed-direct"
    assert states["works"] == "backup"
    later = ask(f"/collections/outcome/items?scenario={scenario_id}&at_h=9&state=failed-cascade")
    assert "works" in ids(later)
    ask("/collections/outcome/items?scenario=nothing", 409)
