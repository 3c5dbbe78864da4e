"""Somebody asks which single knock-out would cost most, and what one more would take."""

import re

from playwright.sync_api import expect

from tests.e2e.board import (
    EXCHANGE,
    HOSPITAL,
    SUBSTATION,
    events,
    go_to_hour,
    look_at,
    open_page,
    select,
    wait_for_events,
    wait_for_selection,
    wait_until,
)

ROWS = "#weak-list .ag-center-cols-container .ag-row"


def _weak(page):
    page.locator("#views").get_by_role("button", name="Weak points").click()
    wait_until(page, "document.querySelectorAll('#weak-list .ag-row').length > 5", seconds=120)


def test_the_ranking_names_the_worst_shows_it_and_knocks_it_out(page):
    _weak(page)
    first = page.locator(ROWS).first
    expect(first).to_contain_text("Dr.-Bonhoeffer-Klinikum")
    expect(page.locator("[data-weak=progress]")).to_contain_text("knock-outs tried")
    first.click()
    wait_for_selection(page, HOSPITAL)
    page.keyboard.press("k")
    wait_for_events(page, 1)
    assert events(page)[0]["asset"] == HOSPITAL
    question = page.locator("[data-weak=question]")
    expect(question).to_contain_text("before the last change")
    question.get_by_role("button").click()
    wait_until(page, "document.querySelectorAll('#weak-list .ag-row').length > 5", seconds=120)
    expect(page.locator(ROWS).first).not_to_contain_text("Dr.-Bonhoeffer-Klinikum")
    expect(question).to_contain_text("on top of this scenario")


def test_other_measures_rank_anew_and_pairs_can_be_stopped(page, visit):
    _weak(page)
    page.get_by_role("button", name="Assets", exact=True).click()
    expect(page.locator("[data-weak=progress]")).to_contain_text("cost assets")
    page.get_by_role("button", name="Pairs", exact=True).click()
    page.get_by_role("button", name="Try all pairs").click()
    progress = page.locator("[data-weak=progress]")
    expect(progress).to_contain_text(re.compile("of 104,653"))
    progress.get_by_role("button", name="Stop").click()
    expect(progress).to_contain_text("Stopped after")
    theirs = open_page(visit().page, page.url)
    expect(theirs.locator("#centre")).to_have_attribute("data-view", "weak")
    wait_until(theirs, "document.querySelectorAll('#weak-list .ag-row').length > 5", seconds=120)


def test_the_pointer_is_told_what_one_more_knock_out_would_take(page):
    go_to_hour(page, 2)
    page.mouse.move(*look_at(page, EXCHANGE))
    card = page.locator(".hover-card")
    expect(card).to_contain_text(
        re.compile(r"What if this too: \d+ more assets, [\d,]+ more people")
    )
    select(page, SUBSTATION)
    page.keyboard.press("k")
    wait_for_events(page, 1)
