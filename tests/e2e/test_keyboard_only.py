"""Somebody has no mouse."""

from playwright.sync_api import expect

from tests.e2e.board import (
    HIT,
    HOSPITAL,
    SUBSTATION,
    WORKING,
    events,
    hours,
    look_at,
    select,
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


def test_tab_reaches_everything_shows_where_it_is_and_can_skip_to_the_map(page):
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the map"
    expected, reached = {"theme-button", "play", "time-slider", "add-button"}, set()
    for _ in range(90):
        page.keyboard.press("Tab")
        place, ring = page.evaluate(
            """() => {
                const here = document.activeElement, look = getComputedStyle(here);
                const ring = look.outlineStyle !== 'none' || look.boxShadow !== 'none';
                const place = here.closest('[id]');
                return [place ? place.id : '', ring || here === document.body];
            }"""
        )
        reached.add(place)
        assert ring, f"nothing shows that {place} has the focus"
        if expected <= reached:
            break
    assert expected <= reached
    page.locator(".skip-link").press("Enter")
    assert page.evaluate("document.activeElement.id") == "map-pane"


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


def test_a_box_and_a_lasso_are_drawn_by_keys_alone(page):
    look_at(page, SUBSTATION, zoom=13)
    select(page, SUBSTATION)
    page.keyboard.press("b")
    hint = page.locator(".draw-hint")
    expect(hint).to_contain_text("Enter sets a corner")
    _press(page, "Shift+ArrowLeft", "Shift+ArrowUp", "Enter")
    expect(hint).to_contain_text("Corner 1 set")
    _press(page, *["Shift+ArrowRight"] * 3, *["Shift+ArrowDown"] * 2, "ArrowDown", "Enter")
    boxed = selection(page)
    assert len(boxed) > 1 and SUBSTATION in boxed
    assert hours(page) == 0, "the arrows drew and left the clock alone"
    page.keyboard.press("k")
    wait_for_events(page, len(boxed))

    select(page, SUBSTATION)
    page.keyboard.press("l")
    _press(page, "Shift+ArrowLeft", "Enter", *["Shift+ArrowUp"] * 2, *["Shift+ArrowRight"] * 2)
    _press(page, "Enter", *["Shift+ArrowDown"] * 4, "Enter", "Enter")
    lassoed = selection(page)
    assert SUBSTATION in lassoed
    expect(hint).to_have_count(0)

    page.keyboard.press("b")
    _press(page, "ArrowLeft", "Enter", "Escape")
    expect(hint).to_have_count(0)
    assert page.evaluate("knockon.tool()") == "pan"


def _press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def test_typing_is_no_command_escape_clears_and_the_help_sheet_lists_the_keys(page):
    page.evaluate("id => knockon.select([id], 'address')", HOSPITAL)
    page.keyboard.press("/")
    page.keyboard.type("krankenhaus tnp 4")
    show(page, "Map")
    assert events(page) == []
    assert page.evaluate("document.documentElement.dataset.theme") == "light"

    page.evaluate("id => knockon.select([id], 'address')", HOSPITAL)
    page.keyboard.press("Escape")
    wait_for_selection(page)

    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="How this works")
    expect(sheet).to_contain_text("knock out what is selected")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
