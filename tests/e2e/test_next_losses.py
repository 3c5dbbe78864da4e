"""Somebody looks at what falls next, and when."""

import re

from playwright.sync_api import expect

from tests.e2e.board import EXCHANGE, EXCHANGE_NAME, go_to_hour, open_ready, wait_for_selection


def _rows(page):
    return page.locator("#next-losses .losses > li")


def test_the_next_losses_count_down_and_are_of_assets_that_still_work(page):
    open_ready(page)
    go_to_hour(page, 7)
    first = _rows(page).first
    expect(first.locator(".due")).to_have_text("in 1:00")
    go_to_hour(page, 7.5)
    expect(first.locator(".due")).to_have_text("in 0:30")

    go_to_hour(page, 7)
    lost_already = page.evaluate(
        """knockon.picture.losses
            .filter(l => l.t > knockon.clock.t && knockon.time.isLost(knockon.stateCode(l.a)))
            .map(l => `${knockon.world.assets[l.a].name} at ${l.t / 3600000} h: ${l.text}`)"""
    )
    assert lost_already == []


def test_each_says_what_ends_and_for_how_many_and_can_be_selected(page):
    open_ready(page)
    go_to_hour(page, 7)
    row = page.locator("#next-losses .loss").filter(has_text=EXCHANGE_NAME)
    expect(row).to_contain_text("battery ends")
    expect(row).to_contain_text(re.compile(r"[\d,]+ people"))

    page.locator("#next-losses .loss").filter(has_text=EXCHANGE_NAME).click()
    wait_for_selection(page, EXCHANGE)
    expect(page.locator("#why")).to_contain_text("8 h")
