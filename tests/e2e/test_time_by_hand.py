"""Somebody moves the clock by hand: slider, keys, next loss."""

import re

from playwright.sync_api import expect

from tests.e2e.board import hours, open_ready, wait_until


def test_the_slider_obeys_keys_and_clicks_and_says_the_hour_to_a_screen_reader(page):
    open_ready(page)
    slider = page.get_by_role("slider", name="Hour of the picture")
    slider.focus()
    slider.press("ArrowRight")
    moved = hours(page)
    assert 0 < moved <= 1
    slider.press("End")
    assert hours(page) == 48
    slider.press("Home")
    assert hours(page) == 0

    slider.press("End")
    text = slider.get_attribute("aria-valuetext")
    assert re.fullmatch(r"(48 h|2 d), \d+ assets lost", text)

    box = page.get_by_role("slider", name="Hour of the picture").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert 20 < hours(page) < 28


def test_jump_to_next_loss_stops_at_each_moment_of_loss_until_there_is_none(page):
    open_ready(page)
    moments = page.evaluate("[...new Set(knockon.picture.losses.map(l => l.t))]")
    button = page.get_by_role("button", name="Jump to next loss")
    for moment in [t for t in moments if t > 0][:3]:
        button.click()
        assert page.evaluate("knockon.clock.t") == moment
    page.keyboard.press("p")
    assert page.evaluate("knockon.clock.t") == [t for t in moments if t > 0][1]

    page.keyboard.press("End")
    wait_until(page, "knockon.clock.t === knockon.clock.horizon")
    expect(page.get_by_role("button", name="Jump to next loss")).to_be_disabled()
    expect(page.locator("#next-losses")).to_contain_text("Nothing more is lost")
