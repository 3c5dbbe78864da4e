"""Somebody draws a flood on the map, and watches it rise on the clock."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.board import HOUR_MS, SUBSTATION, events, go_to_hour, look_at, wait_for_events
from tests.e2e.board import select as select_asset


def _draw_around(page: Page, asset: str) -> None:
    """Draw a square around an asset with the mouse."""
    x, y = look_at(page, asset)
    page.locator("#hazard-button").click()
    dialog = page.locator("#hazard-dialog")
    dialog.get_by_label("Intensity (m)").fill("1.2")
    dialog.get_by_label("Rises over (h)").fill("5")
    dialog.get_by_label("At hour").fill("2")
    dialog.get_by_role("button", name="Draw on the map").click()
    page.mouse.move(x - 60, y - 60)
    page.mouse.down()
    for dx, dy in ((60, -60), (60, 60), (-60, 60), (-60, -50)):
        page.mouse.move(x + dx, y + dy)
    page.mouse.up()
    expect(dialog).to_contain_text("Drawn.")


def test_a_drawn_flood_rises_on_the_clock_and_why_speaks_of_it(page):
    _draw_around(page, SUBSTATION)
    page.locator("#hazard-dialog").get_by_role("button", name="Add", exact=True).click()

    wait_for_events(page, 1)
    event = events(page)[0]
    assert (event["do"], event["hazard"], event["at_h"]) == ("hazard", "flood", 2)
    assert len(event["field"]["steps"]) == 6
    expect(page.locator("#happenings-list .event")).to_contain_text("Flood strikes")
    expect(page.locator("#happenings-list .event")).to_contain_text("1.2 m")

    go_to_hour(page, 1)
    expect(page.locator("#hazard-legend")).to_contain_text("not here at this hour")
    go_to_hour(page, 3)
    expect(page.locator("#hazard-legend")).to_contain_text("Flood 0.4 m")
    go_to_hour(page, 8)
    expect(page.locator("#hazard-legend")).to_contain_text("Flood 1.2 m")
    assert page.evaluate("knockon.picture.summary.direct") > 0
    assert page.evaluate("knockon.picture.summary.people_peak") > 0

    select_asset(page, SUBSTATION)
    expect(page.locator("#why")).to_contain_text(re.compile(r"flooded .* m, above its .* m"))
    assert page.evaluate("knockon.clock.t") == 8 * HOUR_MS

    page.locator("#undo").click()
    wait_for_events(page, 0)
    expect(page.locator("#hazard-legend")).to_be_hidden()


def test_a_quake_an_attack_and_a_shortage_come_from_the_form(page):
    page.locator("#hazard-button").click()
    dialog = page.locator("#hazard-dialog")
    dialog.locator("[name=kind]").select_option("earthquake")
    dialog.locator("[name=place]").select_option("quake")
    dialog.get_by_role("button", name="Add", exact=True).click()
    wait_for_events(page, 1)
    expect(page.locator("#hazard-legend")).to_contain_text("Earthquake magnitude 6")

    page.locator("#hazard-button").click()
    dialog.locator("[name=kind]").select_option("shortage")
    dialog.get_by_role("button", name="Add", exact=True).click()
    wait_for_events(page, 2)

    page.locator("#hazard-button").click()
    dialog.locator("[name=kind]").select_option("attack")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog).to_contain_text("Name a product, an operator, a corridor, or select assets.")
    dialog.get_by_role("button", name="Cancel").click()

    select_asset(page, SUBSTATION)
    page.locator("#hazard-button").click()
    dialog.locator("[name=kind]").select_option("attack")
    dialog.get_by_label("only the 1 selected asset").check()
    dialog.get_by_role("button", name="Add", exact=True).click()
    wait_for_events(page, 3)
    assert {event["do"] for event in events(page)} == {"hazard", "shortage", "attack"}
