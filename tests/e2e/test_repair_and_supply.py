"""Somebody repairs what was hit and brings an emergency supply."""

import re

from playwright.sync_api import expect

from tests.e2e.board import (
    DEGRADED,
    EXCHANGE,
    HIT,
    HOSPITAL,
    LOST,
    SUBSTATION,
    events,
    go_to_hour,
    open_ready,
    select,
    state_of,
    wait_for_events,
    wait_for_state,
)


def test_a_repair_brings_back_what_was_hit_from_the_clocks_hour_on(page):
    open_ready(page)
    go_to_hour(page, 6)
    select(page, SUBSTATION)
    page.locator("#asset-card").get_by_role("button", name=re.compile("^Repair")).click()
    wait_for_events(page, 2)
    assert events(page)[1]["do"] == "repair"
    assert events(page)[1]["at_h"] == 6
    go_to_hour(page, 5)
    assert state_of(page, SUBSTATION) == HIT
    go_to_hour(page, 47)
    assert state_of(page, SUBSTATION) not in (HIT, LOST)


def test_an_emergency_supply_in_time_keeps_an_exchange_running(page):
    open_ready(page)
    go_to_hour(page, 9)
    assert state_of(page, EXCHANGE) == LOST
    go_to_hour(page, 7)
    select(page, EXCHANGE)
    card = page.locator("#asset-card")
    card.get_by_role("button", name=re.compile("^Emergency supply")).click()
    card.get_by_label("Service").select_option("electricity")
    card.get_by_label("for hours").fill("10")
    card.get_by_role("button", name=re.compile("^Supply from 7 h")).click()
    wait_for_events(page, 2)
    assert events(page)[1] == {
        "at_h": 7,
        "do": "supply",
        "asset": EXCHANGE,
        "service": "electricity",
        "until_h": 17,
    }
    go_to_hour(page, 9)
    assert state_of(page, EXCHANGE) != LOST


def test_the_dialog_refuses_unknown_names_and_adds_what_happens(page):
    page.locator("#add-button").click()
    dialog = page.get_by_role("dialog", name="What happens?")
    dialog.get_by_label("Which asset").fill("Atlantis")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.get_by_role("alert")).to_contain_text("No asset or line has exactly this name")
    assert events(page) == []

    expect(dialog).to_be_visible()
    dialog.locator("select[name=do]").select_option("degrade")
    dialog.get_by_label("Which asset").fill("Dr.-Bonhoeffer-Klinikum")
    dialog.get_by_label("At hour").fill("3")
    dialog.get_by_label("Down to (%)").fill("40")
    dialog.get_by_role("button", name="Add").click()
    wait_for_events(page, 1)
    assert events(page)[0] == {"at_h": 3, "do": "degrade", "asset": HOSPITAL, "to": 0.4}
    go_to_hour(page, 4)
    wait_for_state(page, HOSPITAL, DEGRADED)
