"""Somebody moves the clock by hand: slider, keys, next loss."""

import re

from playwright.sync_api import expect

from tests.e2e.board import hours, open_ready, wait_until


def test_the_slider_obeys_keys_and_clicks_and_says_the_hour_to_a_screen_reader(page):
    open_ready(page)
    slider = page.get_by_role("slider", name="Hour shown")
    slider.focus()
    slider.press("ArrowRight")
    wait_until(page, "knockon.clock.t > 0 && knockon.clock.t <= 3600000")
    slider.press("End")
    wait_until(page, "knockon.clock.t === knockon.clock.horizon")
    assert hours(page) == 48
    slider.press("Home")
    wait_until(page, "knockon.clock.t === 0")

    slider.press("End")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^(48 h|2 d), \d+ assets lost$"))

    box = page.get_by_role("slider", name="Hour shown").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    wait_until(page, "knockon.clock.t > 20 * 3600000 && knockon.clock.t < 28 * 3600000")


def test_jump_to_next_loss_stops_at_each_moment_of_loss_until_there_is_none(page):
    open_ready(page)
    moments = page.evaluate("[...new Set(knockon.picture.losses.map(l => l.t))]")
    button = page.get_by_role("button", name="Jump to next loss")
    for moment in [t for t in moments if t > 0][:3]:
        button.click()
        wait_until(page, "moment => knockon.clock.t === moment", moment)
    page.keyboard.press("p")
    wait_until(page, "moment => knockon.clock.t === moment", [t for t in moments if t > 0][1])

    page.keyboard.press("End")
    wait_until(page, "knockon.clock.t === knockon.clock.horizon")
    expect(page.get_by_role("button", name="Jump to next loss")).to_be_disabled()
    expect(page.locator("#next-losses")).to_contain_text("Nothing more is lost")
