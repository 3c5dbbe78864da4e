"""Somebody looks on a tablet or on a phone."""

from playwright.sync_api import expect

from tests.e2e.board import (
    HIT,
    HOSPITAL,
    at_rest,
    find,
    go_to_hour,
    open_page,
    open_ready,
    show,
    state_of,
    wait_for_events,
    wait_for_selection,
    wait_until,
)
from tests.e2e.exercise_guide import press
from tests.e2e.reach import out_of_reach

TABLET = {"width": 1024, "height": 768}
PHONE = {"width": 390, "height": 844}
#: 1440 x 900 and 1280 x 720 at a zoom of 200 %
SIZES = ({"width": 720, "height": 450}, {"width": 640, "height": 360})
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
    _look_at_every_width(page, (1440, 1000, 390))
    page.evaluate("knockon.setTheme('projector')")
    _look_at_every_width(page, (1280, 800))
    page.evaluate("knockon.setTheme('light')")
    # Italian needs the most room of all languages
    open_page(page, "/?lang=it")
    _look_at_every_width(page, (1440, 1120))


def _look_at_every_width(page, widths):
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        for key, view in zip("13567", ("map", "both", "weak", "compare", "exercise"), strict=True):
            page.keyboard.press(key)
            wait_until(page, SHOWN, view)
            wait_until(page, f"!({COVERED})().length")


def _whole(page):
    """Check the page in each size; restore the first size afterwards."""
    for size in (*SIZES[1:], SIZES[0]):
        page.set_viewport_size(size)
        assert out_of_reach(page) == [], size


def test_at_a_zoom_of_200_percent_the_main_story_is_within_reach(visit):
    page = open_page(visit(viewport=SIZES[0]).page)
    page.locator("#left-drawer-button").click()
    open_ready(page)
    page.locator("details.options summary").click()
    expect(page.locator(".options-rows li").first).to_be_visible()
    _whole(page)
    page.locator("#add-button").click()
    _whole(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    _knock_out_and_ask_why(page)
    show(page, "Compare")
    wait_until(page, "knockon.compared && knockon.compared()")
    _whole(page)
    _run_an_exercise(page)
    page.locator("#brief-button").click()
    _whole(page)


def _knock_out_and_ask_why(page):
    find(page, "Bonhoeffer-Klinikum")
    wait_for_selection(page, HOSPITAL)
    page.locator(".card").get_by_text("Emergency supply").click()
    _whole(page)
    page.locator(".card").get_by_role("button", name="Knock out").click()
    wait_for_events(page, 2)
    go_to_hour(page, 7.333)
    assert state_of(page, HOSPITAL) == HIT
    page.locator("#right-drawer-button").click()
    expect(page.locator(".why-sentence")).to_contain_text("Bonhoeffer")
    at_rest(page)
    _whole(page)
    page.keyboard.press("Escape")


def _run_an_exercise(page):
    show(page, "Exercise")
    press(page, "ready-e1-winter-storm")
    press(page, "row-generator")
    _whole(page)
    for key in ("start-run", "start", "release-next"):
        press(page, key)
    expect(page.locator(".ex-row.is-released")).to_be_visible()
    _whole(page)
    page.locator(".ex-more > summary").click()
    _whole(page)
