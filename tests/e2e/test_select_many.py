"""Somebody draws on the map to take many assets at once."""

import re

from playwright.sync_api import expect

from tests.e2e.board import HIT, SUBSTATION, events, look_at, selection, state_of, wait_for_events

TOOLS = "#map-tools"


def _knock_out_the_selected(page):
    chip = page.locator("#selection-chip")
    expect(chip).to_contain_text("selected")
    chosen = selection(page)
    assert len(chosen) > 1 and SUBSTATION in chosen
    chip.get_by_role("button", name=re.compile("^Knock out")).click()
    wait_for_events(page, len(chosen))
    assert {event["asset"] for event in events(page)} == set(chosen)
    assert {state_of(page, asset) for asset in chosen} == {HIT}


def _drag(page, points):
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=4)
    page.mouse.up()


def test_a_box_knocks_out_everything_inside_it(page):
    x, y = look_at(page, SUBSTATION, zoom=13)
    page.locator(TOOLS).get_by_role("button", name=re.compile("box")).click()
    _drag(page, [(x - 110, y - 90), (x + 110, y + 90)])
    _knock_out_the_selected(page)


def test_shift_and_drag_is_a_box_as_well(page):
    x, y = look_at(page, SUBSTATION, zoom=13)
    page.keyboard.down("Shift")
    _drag(page, [(x - 110, y - 90), (x + 110, y + 90)])
    page.keyboard.up("Shift")
    _knock_out_the_selected(page)


def test_a_lasso_knocks_out_everything_inside_it(page):
    x, y = look_at(page, SUBSTATION, zoom=13)
    page.locator(TOOLS).get_by_role("button", name=re.compile("lasso")).click()
    around = [(-130, 0), (-60, -100), (60, -100), (130, 0), (60, 100), (-60, 100), (-130, 0)]
    _drag(page, [(x + dx, y + dy) for dx, dy in around])
    _knock_out_the_selected(page)
