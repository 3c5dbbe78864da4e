"""A made-up world of 5,000 assets is opened, hit, played, listed and searched like the region."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from benchmarks.large_worlds import synthetic_world
from data.exchange.exports import write_world_folder
from tests.e2e.board import (
    HIT,
    find,
    go_to_hour,
    hits,
    open_page,
    show,
    state_of,
    wait_for_events,
    wait_for_state,
    wait_until,
)
from tests.e2e.conftest import Visitor
from tests.e2e.running import RunningApp, running_app

ASSETS = 5_000
#: those that most others hang on
SUPPLIERS = """count => {
    const { assets, dependencies } = knockon.world, hang = new Uint32Array(assets.length);
    for (const i of dependencies.from) hang[i]++;
    const order = [...hang.keys()].sort((a, b) => hang[b] - hang[a]);
    return order.slice(0, count).map((i) => assets[i].id);
}"""
#: abnormal assets, and those that a symbol, a ring or a dot of their state stands for
SHOWN = """() => {
    const { symbols, gathered, dots } = knockon.drawn();
    return [knockon.course.state.filter((s) => s > 0).length, symbols.length + gathered + dots];
}"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """The application with a made-up world that has no base map and no ready scenarios."""
    folder = tmp_path_factory.mktemp("large")
    write_world_folder(synthetic_world(ASSETS), folder / "world")
    with running_app(folder, KNOCKON_WORLD=str(folder / "world")) as started:
        yield started


@pytest.fixture
def visitor(visit: Callable[..., Visitor]) -> Visitor:
    visitor = visit()
    open_page(visitor.page)
    return visitor


def test_a_large_world_is_opened_hit_played_listed_and_searched(page: Page) -> None:
    assert page.evaluate("knockon.world.assets.length") == ASSETS
    assert page.locator("details.ready").count() == 0
    expect(page.locator("#credit")).not_to_contain_text("OpenStreetMap")

    # hit: the whole cascade is on the map, whatever stands for each
    suppliers = page.evaluate(SUPPLIERS, 30)
    page.evaluate("ids => knockon.act({do: 'fail', assets: ids, links: [], at_h: 0})", suppliers)
    wait_for_events(page, len(suppliers))
    wait_for_state(page, suppliers[0], HIT)
    wait_until(page, "knockon.picture.losses.length > 500")
    go_to_hour(page, 30)
    wait_until(page, f"(() => {{ const [a, b] = ({SHOWN})(); return a > 1500 && a === b; }})()")

    # closer: few symbols, the others as dots of their state, none left out
    page.evaluate("knockon.map.jumpTo({ zoom: 10.5 })")
    wait_until(page, f"(() => {{ const [a, b] = ({SHOWN})(); return a === b; }})()")
    assert page.evaluate("knockon.drawn().symbols.length") <= 550
    assert page.evaluate("knockon.drawn().dots") > 0

    # played: the clock runs and states follow it, both ways
    page.evaluate("knockon.clock.set(0); knockon.clock.setSpeed(8); knockon.clock.play()")
    wait_until(page, "knockon.clock.t > 8 * 3600000")
    page.evaluate("knockon.clock.pause()")
    lost = page.evaluate("knockon.course.state.filter((s) => s === 4).length")
    page.evaluate("knockon.clock.set(0)")
    assert page.evaluate("knockon.course.state.filter((s) => s === 4).length") < lost

    # listed: rows are made when the list is first shown, and follow the clock
    show(page, "List")
    row = f'.ag-row[row-id="{suppliers[0]}"]'
    page.get_by_role("button", name="Only what is not working").click()
    expect(page.locator(".ag-row").first).to_be_visible()
    expect(page.locator(".ag-row .state-0")).to_have_count(0)
    page.evaluate("id => knockon.select([id], 'address')", suppliers[0])
    expect(page.locator(f"{row} .state-cell")).to_contain_text("hit")

    # searched: the best few of many, and how many more there are
    show(page, "Map")
    box = page.get_by_role("combobox", name="Find an asset, place")
    box.fill("district 12")
    expect(hits(page).first).to_contain_text("District 12")
    expect(page.locator(".more-hits")).to_contain_text("more")
    find(page, "hospital 3")
    wait_until(page, "knockon.selection.length === 1")
    [chosen] = page.evaluate("knockon.selection")
    expect(page.locator("#asset-card")).to_contain_text("Hospital 3")
    assert state_of(page, chosen) in range(9)


def test_more_than_can_be_changed_at_once_is_not_selected(page: Page) -> None:
    page.evaluate("knockon.select(knockon.world.assets.map((a) => a.id), 'lasso')")
    expect(page.locator(".notice")).to_contain_text("5,000 assets are more than can be selected")
    assert page.evaluate("knockon.selection") == []


def test_the_dialog_offers_names_that_fit_what_is_typed(page: Page) -> None:
    page.get_by_role("button", name="Add what happens").click()
    page.locator("form[data-add] [name=thing]").fill("power plant 1")
    option = "#thing-names option"
    wait_until(page, f"[...document.querySelectorAll('{option}')].length > 0")
    values = page.evaluate(f"[...document.querySelectorAll('{option}')].map((o) => o.value)")
    assert 0 < len(values) <= 40
    assert all(value.startswith("Power plant 1") for value in values)
