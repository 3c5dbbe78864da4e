"""Somebody looks on a tablet or on a phone."""

from playwright.sync_api import expect

from tests.e2e.board import open_page, open_ready, wait_until

TABLET = {"width": 1024, "height": 768}
PHONE = {"width": 390, "height": 844}
NO_SIDEWAYS = "document.documentElement.scrollWidth <= innerWidth"


def test_on_a_wide_screen_both_sides_stand_open_without_buttons(page):
    for side, button in (("#left", "#left-drawer-button"), ("#right", "#right-drawer-button")):
        expect(page.locator(side)).to_be_in_viewport()
        expect(page.locator(button)).to_be_hidden()


def test_on_a_tablet_the_sides_are_drawers_that_nobody_stumbles_into(visit):
    page = open_page(visit(viewport=TABLET).page)
    for side in ("left", "right"):
        drawer, button = page.locator(f"#{side}"), page.locator(f"#{side}-drawer-button")
        expect(drawer).not_to_be_in_viewport()
        expect(button).to_have_attribute("aria-expanded", "false")
        button.click()
        expect(drawer).to_be_in_viewport()
        expect(button).to_have_attribute("aria-expanded", "true")
        page.keyboard.press("Escape")
        expect(drawer).not_to_be_in_viewport()
    wait_until(page, NO_SIDEWAYS)
    for _ in range(45):
        page.keyboard.press("Tab")
        assert not page.evaluate("!!document.activeElement.closest('#left, #right')")


def test_a_phone_shows_people_losses_and_the_map_and_opens_and_plays_a_scenario(visit):
    page = open_page(visit(viewport=PHONE, has_touch=True, is_mobile=True).page)
    wait_until(page, NO_SIDEWAYS)
    expect(page.locator("#map")).to_be_visible()
    expect(page.locator("#people")).to_be_visible()
    expect(page.locator("#next-losses")).to_be_visible()
    expect(page.get_by_text("© OpenStreetMap contributors")).to_be_visible()
    page.locator("#left-drawer-button").click()
    open_ready(page)
    page.keyboard.press("Escape")
    page.locator("#play").click()
    expect(page.locator("#clock-text")).not_to_have_text("0 h")


#: of what stands above the map and beside it, each pair that covers one another
COVERED = """() => {
  const names = ['.views', '.search', '.map-tools', '#map .maplibregl-ctrl-group',
    '.weak-panel > :first-child', '.compare-panel > :first-child', '.exercise-pane h2'];
  const boxes = names.map((name) => [name, document.querySelector(name)])
    .filter(([, e]) => e && e.offsetParent && getComputedStyle(e).visibility === 'visible')
    .map(([name, e]) => [name, e.getBoundingClientRect()]);
  const meet = (p, q) =>
    p.left < q.right && q.left < p.right && p.top < q.bottom && q.top < p.bottom;
  return boxes.flatMap(([a, p], i) =>
    boxes.slice(i + 1).filter(([, q]) => meet(p, q)).map(([b]) => `${a} and ${b}`));
}"""
SHOWN = "(view) => document.getElementById('centre').dataset.view === view"


def test_search_tools_views_and_headings_cover_nothing_on_screens_of_any_width(visit):
    page = open_page(visit(viewport={"width": 1920, "height": 900}).page)
    _look_at_every_width(page, (1920, 1440, 1366, 1280, 1120, 1000))
    # Italian needs the most room of all languages
    open_page(page, "/?lang=it")
    _look_at_every_width(page, (1440, 1280, 1120))


def _look_at_every_width(page, widths):
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        for key, view in zip("13567", ("map", "both", "weak", "compare", "exercise"), strict=True):
            page.keyboard.press(key)
            wait_until(page, SHOWN, view)
            wait_until(page, f"!({COVERED})().length")
