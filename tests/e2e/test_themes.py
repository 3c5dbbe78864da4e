"""Somebody works in a dark room, or shows the page to a room full of people."""

from playwright.sync_api import expect

from tests.e2e.board import open_page

GROUND = "getComputedStyle(document.body).backgroundColor"
TEXT_PX = "parseFloat(getComputedStyle(document.body).fontSize)"
LAND = "knockon.map.getPaintProperty('land', 'background-color')"


def _theme(page):
    return page.evaluate("document.documentElement.dataset.theme")


def test_the_button_goes_from_light_to_dark_to_projector_and_back(page):
    seen = {}
    for _ in range(3):
        seen[_theme(page)] = page.evaluate(f"[{GROUND}, {LAND}, {TEXT_PX}]")
        page.locator("#theme-button").click()
    assert list(seen) == ["light", "dark", "projector"]
    assert _theme(page) == "light"
    grounds, lands = ({look[i] for look in seen.values()} for i in (0, 1))
    assert len(grounds) >= 2 and len(lands) == 3
    assert seen["projector"][2] >= 20 > seen["light"][2]


def test_the_theme_is_kept_for_the_next_visit(page):
    page.keyboard.press("t")
    assert _theme(page) == "dark"
    page.reload()
    open_page(page)
    assert _theme(page) == "dark"


def test_whoever_prefers_dark_starts_dark(visit):
    page = open_page(visit(color_scheme="dark").page)
    assert _theme(page) == "dark"
    expect(page.locator("#theme-button")).to_contain_text("Dark")


def test_in_no_theme_does_the_page_need_sideways_scrolling(page):
    for _ in range(3):
        width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert width <= 0, _theme(page)
        page.keyboard.press("t")
