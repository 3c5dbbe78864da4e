"""Somebody asks who lacks what, where, and whom it hits hardest, in a town with cells of people."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.board import go_to_hour, open_page, people_without, wait_until
from tests.e2e.running import running_app
from tests.peopled import write

SHADE = "c => knockon.map.getFeatureState({ source: 'cells', id: c }).shade || 0"


@pytest.fixture(scope="module")
def haven(tmp_path_factory: pytest.TempPathFactory):
    """The application with the town of ``tests/peopled.py``."""
    folder: Path = tmp_path_factory.mktemp("haven")
    with running_app(folder, KNOCKON_WORLD=str(write(folder / "world"))) as started:
        yield started


@pytest.fixture
def town(haven, visitor):
    """The page after Station North has failed."""
    page = open_page(visitor.page, f"{haven.address}/")
    page.evaluate("knockon.act({ do: 'fail', assets: ['north'] })")
    wait_until(page, "knockon.picture.losses.length > 0")
    return page


def test_rows_count_use_needs_and_say_what_they_rest_on(town):
    expect(town.locator("#people-lacking")).to_contain_text("1,000 people lack something")
    expect(people_without(town, "fixed_telecom")).to_have_text("700")
    row = town.locator('.people-row[data-service="fixed_telecom"]')
    expect(row).to_contain_text("700 of these because there is no electricity at home")
    row.locator("summary").click()
    expect(row.locator(".people-sources")).to_contain_text("Confidence B: Ofcom")
    expect(people_without(town, "drinking_water")).to_have_text("50")
    go_to_hour(town, 5)
    expect(people_without(town, "drinking_water")).to_have_text("1,000")
    expect(town.locator('.people-row[data-service="drinking_water"] .people-needs')).to_be_empty()


def test_a_layer_shades_cells_by_what_is_missing_and_is_off_at_first(town):
    cells = town.evaluate("knockon.world.cells.map(cell => cell.id)")
    legend = town.locator("#legend")
    expect(legend).not_to_contain_text("3 or more missing")
    assert not town.evaluate("!!knockon.map.getLayer('cells-fill')")

    town.get_by_label("Show on the map who lacks something").check()
    expect(legend).to_contain_text("3 or more missing")
    wait_until(town, f"({SHADE})({cells.index('church')}) === 2")  # power
    assert town.evaluate(SHADE, cells.index("quay")) == 3  # power, telephone
    assert town.evaluate(SHADE, cells.index("field")) == 0
    go_to_hour(town, 5)
    wait_until(town, f"({SHADE})({cells.index('quay')}) === 4")  # and water
    assert town.evaluate(SHADE, cells.index("church")) == 3

    town.get_by_label("Layers").first.click()
    town.locator('[data-layer="cells"]').uncheck()
    expect(town.get_by_label("Show on the map who lacks something")).not_to_be_checked()
    wait_until(town, "knockon.map.getLayoutProperty('cells-fill', 'visibility') === 'none'")


def test_groups_and_municipalities_are_told_hardest_hit_first(town):
    town.get_by_text("Where, and whom it hits hardest").click()
    groups = town.locator(".people-groups tbody tr")
    expect(groups).to_have_text(["care at home404589", "over 8016520979", "dialysis4667"])
    places = town.locator(".people-places tbody tr")
    expect(places).to_have_text(["North Haven1,0001,000100"])
