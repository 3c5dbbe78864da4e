"""Somebody clicks a substation on the map and knocks it out."""

import re

from playwright.sync_api import expect

from tests.e2e.board import (
    HIT,
    LOST,
    SUBSTATION,
    SUBSTATION_NAME,
    TENS_OF_THOUSANDS,
    WORKING,
    click_on_map,
    events,
    look_at,
    people_without,
    state_of,
    wait_for_events,
    wait_for_state,
    wait_until,
)


def test_clicking_an_asset_and_knock_out_makes_it_fail_with_all_that_hangs_on_it(page):
    click_on_map(page, SUBSTATION)
    card = page.locator("#asset-card")
    expect(card).to_contain_text(SUBSTATION_NAME)
    card.get_by_role("button", name=re.compile("^Knock out")).click()

    wait_for_events(page, 1)
    assert events(page)[0] == {"at_h": 0, "do": "fail", "asset": SUBSTATION}
    assert state_of(page, SUBSTATION) == HIT
    wait_until(page, f"[...knockon.world.assets.keys()].some(i => knockon.stateCode(i) === {LOST})")
    expect(page.locator("#happenings-list .event")).to_contain_text(f"{SUBSTATION_NAME} fails")
    expect(people_without(page, "electricity")).not_to_have_text("0")
    expect(people_without(page, "electricity")).to_have_text(TENS_OF_THOUSANDS)
    expect(page.locator("#saved-state")).to_have_text("saved")


def test_the_pointer_is_told_what_is_there_and_what_fails_becomes_a_symbol(page):
    page.mouse.move(*look_at(page, SUBSTATION))
    hover = page.locator(".hover-card")
    expect(hover).to_be_visible()
    expect(hover).to_contain_text(SUBSTATION_NAME)

    click_on_map(page, SUBSTATION)
    page.keyboard.press("k")
    wait_for_state(page, SUBSTATION, HIT)
    wait_until(
        page,
        "([id, hit]) => knockon.drawn().symbols.some(s => s.id === id && s.state === hit)",
        [SUBSTATION, HIT],
    )
    look_at(page, SUBSTATION)
    # whoever points at the middle of the symbol points at the asset
    wait_until(
        page,
        """id => {
            const symbol = knockon.drawn().symbols.find((one) => one.id === id);
            const hit = symbol && knockon.at({ x: symbol.x, y: symbol.y });
            return hit && hit.i === knockon.world.index.get(id);
        }""",
        SUBSTATION,
    )


def test_a_line_can_be_knocked_out_too(page):
    link = page.evaluate(
        "knockon.world.links.find(l => l.service === 'electricity' && l.origin === 'declared').id"
    )
    page.evaluate(
        """id => {
            const line = knockon.world.links[knockon.world.linkIndex.get(id)].line;
            const middle = line[Math.floor(line.length / 2)];
            knockon.map.jumpTo({ center: middle, zoom: 17 });
        }""",
        link,
    )
    wait_until(page, "knockon.map.loaded() && !knockon.map.isMoving()")
    box = page.locator("#map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    card = page.locator("#asset-card")
    expect(card).to_contain_text("line")
    card.get_by_role("button", name=re.compile("^Knock out")).click()
    wait_for_events(page, 1)
    assert "link" in events(page)[0]
    assert state_of(page, SUBSTATION) == WORKING
