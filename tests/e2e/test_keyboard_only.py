"""Somebody has no mouse."""

from playwright.sync_api import expect

from tests.e2e.board import (
    HIT,
    HOSPITAL,
    SUBSTATION,
    WORKING,
    events,
    hours,
    selection,
    show,
    wait_for_events,
    wait_for_selection,
    wait_for_state,
    wait_until,
)


def test_find_knock_out_play_and_undo_without_a_mouse(page):
    keys = page.keyboard
    keys.press("/")
    keys.type("Umspannwerk Neubrandenburg")
    keys.press("Enter")
    wait_for_selection(page, SUBSTATION)
    keys.press("k")
    wait_for_events(page, 1)
    wait_for_state(page, SUBSTATION, HIT)
    keys.press("n")
    assert hours(page) > 0
    keys.press("Space")
    wait_until(page, "knockon.clock.playing")
    keys.press("Space")
    wait_until(page, "!knockon.clock.playing")
    keys.press("Control+z")
    wait_for_events(page, 0)
    wait_for_state(page, SUBSTATION, WORKING)


def test_the_first_tab_stop_leads_past_everything_to_the_map(page):
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.textContent")
    assert focused == "Skip to the map"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "map-pane"


def test_tab_reaches_header_search_views_panels_and_clock_and_shows_where_it_is(page):
    reached = set()
    for _ in range(90):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => {
                const here = document.activeElement, look = getComputedStyle(here);
                const ring = look.outlineStyle !== 'none' || look.boxShadow !== 'none';
                const place = here.closest('[id]');
                return [place ? place.id : '', ring || here === document.body];
            }"""
        )
        reached.add(found[0])
        assert found[1], f"nothing shows that {found[0]} has the focus"
        if {"theme-button", "play", "time-slider", "add-button"} <= reached:
            break
    assert {"theme-button", "play", "time-slider", "add-button"} <= reached


def test_the_list_is_worked_by_keys_alone(page):
    page.keyboard.press("4")
    expect(page.locator("#centre")).to_have_attribute("data-view", "list")
    page.locator("#asset-list [role=gridcell]").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    wait_until(page, "knockon.selection.length === 1")
    chosen = selection(page)
    page.keyboard.press("k")
    wait_for_events(page, 1)
    assert [event["asset"] for event in events(page)] == chosen


def test_escape_clears_the_selection(page):
    page.evaluate("id => knockon.select([id], 'address')", HOSPITAL)
    page.keyboard.press("Escape")
    wait_for_selection(page)


def test_letters_typed_into_a_field_are_not_commands(page):
    page.evaluate("id => knockon.select([id], 'address')", HOSPITAL)
    page.keyboard.press("/")
    page.keyboard.type("krankenhaus tnp 4")
    show(page, "Map")
    assert events(page) == []
    assert page.evaluate("document.documentElement.dataset.theme") == "light"


def test_the_help_sheet_lists_the_keys_and_closes_by_escape(page):
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="How this works")
    expect(sheet).to_contain_text("knock out what is selected")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
