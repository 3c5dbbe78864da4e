"""Take the pictures of the docs: ``python -m tests.e2e.screenshots [all|region|examples]``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.board import (
    HOSPITAL,
    at_rest,
    go_to_hour,
    open_page,
    open_ready,
    select,
    show,
    wait_until,
)
from tests.e2e.running import ROOT, launch, running_app

IMAGES = ROOT / "docs" / "images"
WIDE, PHONE = (1440, 900), (390, 844)
#: 7 h 20 min
HOUR = 7 + 20 / 60


#: worked examples of hazards in the harbour city, and the hour of each picture
EXAMPLES = {
    "h1-river-flood": 12,
    "h2-storm": 12,
    "h3-earthquake": 6,
    "h4-control-product": 12,
    "h5-heat-and-staff": 48,
    "h6-quake-slide-release": 12,
}


def main(what: str = "all") -> None:
    """Write every picture; the same page, in the looks that the documentation shows."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    if what in ("all", "examples"):
        _examples()
    if what in ("all", "region"):
        _region()


def _examples() -> None:
    """Write a picture of each worked example."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_app(Path(folder), KNOCKON_WORLD="merrowhaven") as app,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        for name, hour in EXAMPLES.items():
            page = _page(browser, app.address, "light")
            page.evaluate(f"knockon.act({{ do: 'open_ready', name: '{name}' }})")
            wait_until(page, "location.search.includes('s=')", seconds=60)
            go_to_hour(page, hour)
            _save(page, name)
            page.context.close()
        browser.close()


def _region() -> None:
    """Write the pictures of the embedded region."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_app(Path(folder)) as app,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        empty = _page(browser, app.address, "light")
        _save(empty, "light")
        address = _scenario(empty)
        _save(empty, "mid-cascade")
        for theme in ("dark", "projector"):
            _save(_page(browser, app.address, theme, address), theme)
        _save(_page(browser, app.address, "light", f"{address}&lang=de"), "german")
        for view in ("Graph", "List"):
            show(empty, view)
            if view == "Graph":
                empty.get_by_text("What this reached").click()
                wait_until(empty, "knockon.graph.cy.nodes('.asset').length > 20")
            _save(empty, view.lower())
        empty.keyboard.press("5")
        wait_until(empty, "document.querySelectorAll('#weak-list .ag-row').length > 5", seconds=120)
        _save(empty, "weak-points")
        empty.evaluate("knockon.act({ do: 'open_ready', name: 's4-black-start-in-time' })")
        empty.keyboard.press("6")
        wait_until(empty, "knockon.compared && knockon.compared()", seconds=120)
        _save(empty, "compare")
        _save(_page(browser, app.address, "light", address, PHONE), "phone")
        browser.close()


def _page(
    browser: Browser,
    base: str,
    theme: str,
    address: str = "/",
    size: tuple[int, int] = WIDE,
) -> Page:
    """Open the page as a visitor who has seen the tour and chosen a theme."""
    context = browser.new_context(
        base_url=base,
        viewport={"width": size[0], "height": size[1]},
        reduced_motion="reduce",
        is_mobile=size == PHONE,
        has_touch=size == PHONE,
    )
    context.add_init_script(
        f"localStorage.setItem('knockon-tour', 'done'); "
        f"localStorage.setItem('knockon-theme', '{theme}');"
    )
    return open_page(context.new_page(), address)


def _scenario(page: Page) -> str:
    """Open the first ready scenario at 7 h 20 min with the hospital selected."""
    open_ready(page, 1)
    select(page, HOSPITAL)
    go_to_hour(page, HOUR)
    wait_until(page, "['s=', 't=7.333', 'sel='].every(part => location.search.includes(part))")
    return page.url


def _save(page: Page, name: str) -> None:
    """Write one picture once nothing moves any more."""
    at_rest(page)
    wait_until(page, "!knockon.map.isMoving() && knockon.map.areTilesLoaded()")
    page.mouse.move(1, 1)
    page.wait_for_timeout(1_500)
    page.screenshot(path=IMAGES / f"{name}.png")
    print(f"docs/images/{name}.png", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
