"""Somebody who may not see everything uses the whole page, and every byte of it is kept."""

import shutil

import pytest
from playwright.sync_api import expect

from data.store.scenarios import Store
from data.worlds.reader import REGIONS, read_world
from models.access import LABELS
from models.scenario import Event, Scenario
from tests.e2e.board import (
    EXCHANGE,
    HOSPITAL,
    HOUR_MS,
    SUBSTATION,
    SUBSTATION_NAME,
    events,
    go_to_hour,
    open_page,
    select,
    wait_for_events,
    wait_until,
)
from tests.e2e.conftest import PATIENCE_MS, TOUR_SEEN, WIDE
from tests.e2e.reader import recorded
from tests.e2e.running import running_app
from tests.labelled import leaks

LABELS_CSV = f"""what,name,tlp,source,note
asset,{SUBSTATION},RED,its operator,critical
asset,{EXCHANGE},AMBER,its operator,
field,operator,AMBER,,
layer,base:streets,GREEN,,
"""


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    """The embedded region, with labels on a substation and a telephone exchange."""
    folder = tmp_path_factory.mktemp("labelled") / "region"
    shutil.copytree(REGIONS / "neubrandenburg", folder)
    (folder / "labels.csv").write_text(LABELS_CSV, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def secret(tmp_path_factory):
    """The folder of a server, and a scenario in which hidden things fail and are named."""
    folder = tmp_path_factory.mktemp("shared")
    store = Store(f"sqlite:///{folder / 'knockon.db'}")
    plain = Scenario(
        "neubrandenburg",
        events=(Event(0, "fail", SUBSTATION), Event(2, "fail", EXCHANGE, note=SUBSTATION_NAME)),
        title=f"Attack on {SUBSTATION_NAME}",
    ).to_dict()
    made = store.create("neubrandenburg", plain["title"], plain)
    store.close()
    return folder, made.id


@pytest.fixture
def reader(secret, region, chromium, tmp_path):
    """The page of a viewer with clearance CLEAR, and the record of every byte sent."""
    folder, scenario = secret
    record = tmp_path / "sent"
    more = {"KNOCKON_WORLD": str(region), "KNOCKON_TEST_RECORD": str(record)}
    with running_app(folder, program=("-m", "tests.e2e.reader"), **more) as app:
        context = chromium.new_context(base_url=app.address, viewport=WIDE, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(TOUR_SEEN)
        # this server has drawn nothing before
        yield open_page(context.new_page(), f"/?s={scenario}", seconds=90), record
        context.close()


def test_no_byte_of_a_full_story_tells_what_is_hidden(reader, secret, region):
    page, record = reader
    wait_for_events(page, 2)
    assert [event.keys() for event in events(page)] == [{"at_h", "unseen"}] * 2
    expect(page.locator("#happenings-list")).to_contain_text(
        "Something you may not see (TLP:RED) happens"
    )
    _look_for_what_is_hidden(page)
    _ask_why(page)
    _look_at_graph_list_and_weak_points(page)
    _look_at_the_public_map(page, secret[1])
    sent = recorded(record)
    assert len(sent) > 80
    for kind in ("_dash-update-component", "/api/stream"):
        assert any(kind in request for request, _ in sent)
    assert any(b"Dr.-Bonhoeffer-Klinikum" in body for _, body in sent), "what is visible is told"
    seen = ("what stands on the page", page.content().encode())
    assert leaks([*sent, seen], read_world(region), LABELS[0]) == []


def _look_for_what_is_hidden(page):
    assert page.evaluate("id => knockon.world.index.has(id)", SUBSTATION) is False
    box = page.locator("#search input")
    box.fill(SUBSTATION_NAME)
    expect(page.locator("#search-hits")).to_be_visible()
    expect(page.locator("#search-hits")).not_to_contain_text(SUBSTATION_NAME)
    box.fill("")
    page.evaluate("knockon.select([], 'test')")


def _ask_why(page):
    go_to_hour(page, 20)
    select(page, HOSPITAL)
    why = page.locator("#why-body, #why")
    expect(why.first).to_contain_text("something you may not see (TLP:")
    wait_until(page, "!document.querySelector('#why-saved').textContent.includes('Looking')")


def _look_at_graph_list_and_weak_points(page):
    views = page.locator("#views")
    views.get_by_role("button", name="Graph").click()
    for choice in ("What this reached", "Sectors", "Around the selection"):
        page.get_by_role("button", name=choice).click()
        expect(page.locator("#graph-note")).not_to_be_empty()
    views.get_by_role("button", name="List").click()
    page.evaluate("t => knockon.clock.set(t)", 30 * HOUR_MS)
    views.get_by_role("button", name="Weak points").click()
    wait_until(page, "document.querySelectorAll('#weak-list .ag-row').length > 5", seconds=180)
    views.get_by_role("button", name="Map").click()
    page.wait_for_load_state("networkidle")


def _look_at_the_public_map(page, scenario):
    other = page.context.new_page()
    other.goto(f"/public/{scenario}")
    other.locator("body[data-ready]").wait_for()
    other.get_by_role("button", name="Electricity").click()
    expect(other.locator("#total")).to_contain_text("without electricity")
    other.close()
