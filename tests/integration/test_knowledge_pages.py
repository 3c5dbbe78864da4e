"""What IRIs of the knowledge graph name: pages, Turtle and JSON-LD."""

import json
from html import unescape

import pyoxigraph as ox
import pytest
from lxml import html

from app import create_app
from data.documents.scenarios import parse_scenario
from data.store.scenarios import Store
from data.worlds.reader import read_world
from settings import Settings
from tests.integration.test_app import Page


@pytest.fixture
def page(tiny_world_folder, tmp_path):
    assets = tiny_world_folder / "assets.csv"
    assets.write_text(assets.read_text() + '"a/b <i>","<b>Bold</b>",pump,water,13.2,53.5,,,\n')
    store = Store(f"sqlite:///{tmp_path / 'knockon.db'}")
    world = read_world(tiny_world_folder)
    yield Page(create_app(world, store, Settings(workers=0), parse=parse_scenario))
    store.close()


@pytest.mark.parametrize(
    ("accept", "kind", "form"),
    [
        ("text/turtle", "text/turtle", ox.RdfFormat.TURTLE),
        ("application/ld+json;q=1, text/html;q=0.5", "application/ld+json", ox.RdfFormat.JSON_LD),
        ("*/*", "text/turtle", ox.RdfFormat.TURTLE),
    ],
)
def test_the_vocabulary_is_the_same_in_every_form(page, accept, kind, form):
    answer = page.get("/ont", headers={"accept": accept})
    assert answer.headers["content-type"].startswith(kind)
    triples = {str(quad.triple) for quad in ox.parse(answer.content, format=form)}
    whole = page.get("/ont?f=turtle").content
    assert triples == {str(q.triple) for q in ox.parse(whole, format=ox.RdfFormat.TURTLE)}
    assert len(triples) > 100


def test_a_browser_gets_a_page_with_every_term(page):
    answer = page.get("/ont", headers={"accept": "text/html,*/*;q=0.8"})
    tree = html.fromstring(answer.text)
    assert {"Asset", "Dependency"} <= set(tree.xpath("//h2/@id"))
    assert not tree.xpath("//script")


def test_a_thing_is_described_in_every_form_and_leads_to_others(page):
    turtle = page.get("/id/tiny/asset/works", headers={"accept": "text/turtle"}).text
    assert "Water works" in turtle
    linked = page.get("/id/tiny/asset/works", headers={"accept": "application/ld+json"})
    assert "Water works" in json.dumps(linked.json())
    tree = html.fromstring(page.get("/id/tiny/asset/works?f=html").text)
    assert tree.findtext(".//h1") == "Water works"
    addresses = tree.xpath("//a/@href")
    assert "/id/type/water_works" in addresses
    for address in addresses:
        if address.startswith("/id/"):
            assert page.get(address).status_code == 200, address


def test_an_id_with_letters_of_markup_and_addresses_stays_text(page):
    answer = page.get("/id/tiny/asset/a%2Fb%20%3Ci%3E?f=html")
    assert answer.status_code == 200
    assert "<b>Bold</b>" not in answer.text
    assert "<b>Bold</b>" in unescape(answer.text)


@pytest.mark.parametrize("path", ["tiny/asset/nobody", "", "%00", "tiny/asset/a/b <i>"])
@pytest.mark.parametrize("form", ["html", "turtle", "jsonld"])
def test_what_the_graph_does_not_state_is_not_found(page, path, form):
    answer = page.get(f"/id/{path}?f={form}")
    assert answer.status_code == 404
    assert "states nothing about it" in answer.json()["error"]


def test_a_form_that_there_is_not_is_refused(page):
    assert page.get("/ont", headers={"accept": "image/png"}).status_code == 406
    assert page.get("/id/tiny?f=xml").status_code == 406
