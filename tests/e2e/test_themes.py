"""Somebody works in a dark room, or shows the page to a room full of people."""

from playwright.sync_api import expect

from tests.e2e.board import open_page


def _theme(page):
    return page.evaluate("document.documentElement.dataset.theme")


def test_light_dark_and_projector_change_page_and_map_and_fit_the_screen(page):
    land = "knockon.map.getPaintProperty('land', 'background-color')"
    seen = []
    for _ in range(3):
        seen.append(page.evaluate(land))
        page.keyboard.press("t")
    assert len(set(seen)) == 3

    for _ in range(3):
        width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert width <= 0, _theme(page)
        page.keyboard.press("t")

    body = page.locator("body")
    for theme, ground, text in (
        ("light", "rgb(246, 247, 248)", "14px"),
        ("dark", "rgb(18, 23, 29)", "14px"),
        ("projector", "rgb(255, 255, 255)", "20px"),
    ):
        assert _theme(page) == theme
        expect(body).to_have_css("background-color", ground)
        expect(body).to_have_css("font-size", text)
        page.locator("#theme-button").click()
    assert _theme(page) == "light"


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
