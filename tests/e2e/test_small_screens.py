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
