"""Somebody takes a change back, and makes it again."""

from playwright.sync_api import expect

from tests.e2e.board import (
    HIT,
    HOSPITAL,
    SUBSTATION,
    WORKING,
    select,
    wait_for_events,
    wait_for_state,
)


def _knock_out(page, asset, count):
    select(page, asset)
    page.keyboard.press("k")
    wait_for_events(page, count)


def test_undo_and_redo_step_through_all_changes_by_button_and_by_key(page):
    undo, redo = page.locator("#undo"), page.locator("#redo")
    expect(undo).to_be_disabled()
    expect(redo).to_be_disabled()
    _knock_out(page, SUBSTATION, 1)
    _knock_out(page, HOSPITAL, 2)

    undo.click()
    wait_for_events(page, 1)
    wait_for_state(page, SUBSTATION, HIT)
    expect(redo).to_be_enabled()
    redo.click()
    wait_for_events(page, 2)
    wait_for_state(page, HOSPITAL, HIT)
    expect(redo).to_be_disabled()

    page.keyboard.press("Control+z")
    wait_for_events(page, 1)
    page.keyboard.press("Control+y")
    wait_for_events(page, 2)


def test_the_first_change_can_be_undone_too(page):
    _knock_out(page, SUBSTATION, 1)
    expect(page.locator("#undo")).to_be_enabled()
    page.locator("#undo").click()
    wait_for_events(page, 0)
    wait_for_state(page, SUBSTATION, WORKING)


def test_an_event_can_be_moved_to_another_hour_and_removed(page):
    _knock_out(page, SUBSTATION, 1)
    menu = page.locator("#happenings-list .event details.menu")
    menu.locator("summary").click()
    menu.get_by_label("At hour").fill("5")
    menu.get_by_role("button", name="Change", exact=True).click()
    expect(page.locator("#happenings-list .event-hour")).to_have_text("5 h")
    wait_for_state(page, SUBSTATION, WORKING)

    menu.locator("summary").click()
    menu.get_by_role("button", name="Remove").click()
    wait_for_events(page, 0)
