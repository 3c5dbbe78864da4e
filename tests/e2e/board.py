"""What people do on the page and see there, in words that the stories use."""

from __future__ import annotations

import os
import re
import time
from typing import Any

from playwright.sync_api import Locator, Page, expect

SUBSTATION = "way/369596692"
SUBSTATION_NAME = "Umspannwerk Neubrandenburg"
HOSPITAL = "way/210572994"
HOSPITAL_NAME = "Dr.-Bonhoeffer-Klinikum"
EXCHANGE = "node/307182493"
EXCHANGE_NAME = "Telephone exchange Ponyweg"

WORKING, BACKUP, DEGRADED, HIT, LOST, REPAIR, RESTART, STUCK, UNKNOWN = range(9)
HOUR_MS = 3_600_000
#: how long a busy machine may take; as for Playwright's own waits in conftest.py
PATIENCE_S = int(os.environ.get("KNOCKON_TEST_PATIENCE_MS", "30000")) / 1000
#: the words for a number of people above 10,000
TENS_OF_THOUSANDS = re.compile(r"^[1-9][\d,]{5,}$")


def wait_until(page: Page, condition: str, arg: object = None, seconds: float = PATIENCE_S) -> None:
    """Wait until a condition of the page is true.

    Playwright's own ``wait_for_function`` needs ``unsafe-eval``, which the page's policy forbids.
    """
    end = time.monotonic() + seconds
    while not page.evaluate(condition, arg):
        assert time.monotonic() < end, f"Not true within {seconds:g} s: {condition} ({arg})"
        page.wait_for_timeout(40)


def wait_until_usable(page: Page, seconds: float = 30) -> None:
    """Wait until the world is there, the first picture is shown and the map is drawn."""
    wait_until(
        page,
        "window.knockon && knockon.world && knockon.picture && knockon.mapReady"
        " && document.getElementById('page').dataset.ready === '1'"
        " && document.querySelector('#happenings-list > *')"
        " && document.querySelector('#people-rows > *')",
        seconds=seconds,
    )


def open_page(page: Page, address: str = "/", seconds: float = 30) -> Page:
    """Open an address of the app and wait until it can be used."""
    page.goto(address)
    wait_until_usable(page, seconds)
    return page


def events(page: Page) -> list[dict[str, Any]]:
    """Return the events of the scenario that the page shows."""
    return page.evaluate("(knockon.scenario.plain || {}).events || []")  # type: ignore[no-any-return]


def wait_for_events(page: Page, count: int) -> None:
    """Wait until the picture of a scenario with this many events is shown."""
    wait_until(
        page,
        "n => ((knockon.scenario.plain || {}).events || []).length === n"
        " && knockon.picture.rev === knockon.scenario.rev"
        " && knockon.picture.scenario === knockon.scenario.id",
        arg=count,
    )


#: all that the page holds of the picture, in one text
_PICTURE = """() => JSON.stringify({ ...knockon.picture, lossTimes: [...knockon.picture.lossTimes],
    states: Object.values(knockon.picture.states).map((one) => [...one]),
    links: Object.values(knockon.picture.links).map((one) => [...one]),
    cells: Object.values(knockon.picture.cells).map((one) => [...one]),
    losses: knockon.picture.losses.map((row) => [row.t, row.a, row.kind, row.text]),
})"""


def picture(page: Page) -> str:
    """Return the whole picture that a page shows, to compare it with another's."""
    return page.evaluate(_PICTURE)  # type: ignore[no-any-return]


def state_of(page: Page, asset: str) -> int:
    """Return an asset's state at the clock's time."""
    return page.evaluate("id => knockon.stateCode(knockon.world.index.get(id))", asset)  # type: ignore[no-any-return]


def wait_for_state(page: Page, asset: str, *states: int) -> None:
    """Wait until an asset is in one of these states."""
    wait_until(
        page,
        "([id, states]) => states.includes(knockon.stateCode(knockon.world.index.get(id)))",
        arg=[asset, list(states)],
    )


def selection(page: Page) -> list[str]:
    """Return the ids of what is selected."""
    return page.evaluate("knockon.selection")  # type: ignore[no-any-return]


def wait_for_selection(page: Page, *assets: str) -> None:
    """Wait until exactly these are selected."""
    wait_until(
        page,
        "ids => JSON.stringify([...knockon.selection].sort()) === JSON.stringify(ids)",
        arg=sorted(assets),
    )


def hours(page: Page) -> float:
    """Return the clock's hour."""
    return page.evaluate("knockon.clock.t") / HOUR_MS  # type: ignore[no-any-return]


def go_to_hour(page: Page, hour: float) -> None:
    """Put the clock to an hour."""
    page.evaluate("t => knockon.clock.set(t)", hour * HOUR_MS)


#: callbacks that Dash has to ask, is asking, or whose answers it is applying
UNDER_WAY = """dash_stores.flatMap((store) => {
    const { stored, completed, ...rest } = store.getState().callbacks;
    return Object.values(rest).flat();
}).length"""


def at_rest(page: Page) -> None:
    """Wait until the server has the clock's time and no callback is pending."""
    wait_until(page, f"knockon.rests() && {UNDER_WAY} === 0")


def graph_at_rest(page: Page, *assets: str) -> None:
    """Wait until the graph shows the selection with these assets and no longer moves."""
    at_rest(page)
    wait_until(
        page,
        """ids => knockon.graph && knockon.graph.rests()
            && ids.every((id) => knockon.graph.cy.getElementById('asset:' + id).nonempty())
            && knockon.graph.cy.nodes('.chosen').nonempty()""",
        list(assets),
    )


def open_ready(page: Page, number: int = 1) -> None:
    """Open a ready scenario from its menu."""
    menu = page.locator("details.ready")
    if not menu.evaluate("menu => menu.open"):
        menu.locator("summary").click()
    before = page.evaluate("knockon.scenario.id")
    menu.locator(".ready-entry").nth(number - 1).click()
    wait_until(
        page,
        "before => knockon.scenario.id && knockon.scenario.id !== before"
        " && knockon.picture.scenario === knockon.scenario.id",
        before,
    )


def look_at(page: Page, asset: str, zoom: float = 16) -> tuple[float, float]:
    """Move the map to an asset and return the asset's place on the screen."""
    page.evaluate(
        """([id, zoom]) => {
            const asset = knockon.world.assets[knockon.world.index.get(id)];
            knockon.map.jumpTo({ center: [asset.lon, asset.lat], zoom });
        }""",
        [asset, zoom],
    )
    wait_until(page, "knockon.map.loaded() && !knockon.map.isMoving()")
    return place_on_screen(page, asset)


def place_on_screen(page: Page, asset: str) -> tuple[float, float]:
    """Return where an asset's symbol or dot is on the screen."""
    x, y = page.evaluate(
        """id => {
            const box = knockon.map.getContainer().getBoundingClientRect();
            const symbol = knockon.drawn().symbols.find((one) => one.id === id);
            const dot = () => knockon.screenOf(knockon.world.index.get(id));
            const [x, y] = symbol ? [symbol.x, symbol.y] : dot();
            return [box.left + x, box.top + y];
        }""",
        asset,
    )
    return x, y


def click_on_map(page: Page, asset: str) -> None:
    """Move the map to an asset and click it there."""
    page.mouse.click(*look_at(page, asset))
    wait_for_selection(page, asset)


def select(page: Page, asset: str) -> None:
    """Select an asset by a part of its id, as the address and the panels do."""
    page.evaluate("id => knockon.select([id], 'address')", asset)
    wait_for_selection(page, asset)


def hits(page: Page) -> Locator:
    """Return what the search box has found."""
    return page.locator("#search-hits").get_by_role("option")


def find(page: Page, words: str) -> None:
    """Type words into the search box and take the first hit."""
    box = page.get_by_role("combobox", name="Find an asset, place")
    box.click()
    box.fill(words)
    expect(hits(page).first).to_be_visible()
    box.press("Enter")


def people_without(page: Page, service: str) -> Locator:
    """Return the number of people without a service."""
    return page.locator(f'.people-row[data-service="{service}"] .people-number')


def show(page: Page, view: str) -> None:
    """Switch to another view by its name."""
    page.locator("#views").get_by_role("button", name=view, exact=True).click()
    expect(page.locator("#centre")).to_have_attribute("data-view", view.lower().split()[0])


def notice(page: Page) -> Locator:
    """Return the notices that the page shows."""
    return page.locator(".notice")
