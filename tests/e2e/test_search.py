"""Somebody looks for an asset by its name."""

from playwright.sync_api import expect

from tests.e2e.board import (
    HIT,
    HOSPITAL,
    HOSPITAL_NAME,
    SUBSTATION,
    find,
    hits,
    selection,
    wait_for_selection,
    wait_for_state,
    wait_until,
)


def test_a_part_of_the_name_finds_the_asset_and_a_key_knocks_it_out(page):
    find(page, "bonhoeffer")
    wait_for_selection(page, HOSPITAL)
    expect(page.locator("#asset-card")).to_contain_text(HOSPITAL_NAME)
    wait_until(page, "knockon.map.getZoom() > 13 && !knockon.map.isMoving()")

    find(page, "Umspannwerk Neubrandenburg")
    wait_for_selection(page, SUBSTATION)
    page.keyboard.press("k")
    wait_for_state(page, SUBSTATION, HIT)


def test_umlauts_may_be_left_out_and_a_name_nobody_has_selects_nothing(page):
    box = page.get_by_role("combobox", name="Find an asset, place")
    box.fill("warliner strasse")
    expect(hits(page).first).to_contain_text("Warliner Straße")

    box.fill("Atlantis")
    expect(hits(page)).to_contain_text("No match")
    box.press("Enter")
    assert selection(page) == []
