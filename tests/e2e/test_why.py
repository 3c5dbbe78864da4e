"""Somebody asks why an asset is lost, and what would have kept it."""

import re

from playwright.sync_api import expect

from tests.e2e.board import (
    EXCHANGE,
    EXCHANGE_NAME,
    HOSPITAL,
    LOST,
    SUBSTATION,
    SUBSTATION_NAME,
    go_to_hour,
    open_ready,
    select,
    state_of,
    wait_for_selection,
    wait_until,
)


def _why(page):
    return page.locator("#why")


def test_one_sentence_goes_back_to_what_was_hit_and_says_how_each_step_is_known(page):
    open_ready(page)
    go_to_hour(page, 9)
    select(page, EXCHANGE)
    sentence = _why(page).locator(".why-sentence")
    expect(sentence).to_contain_text(EXCHANGE_NAME)
    expect(sentence).to_contain_text("since 8 h")
    expect(sentence).to_contain_text(f"because {SUBSTATION_NAME} was hit")

    _why(page).get_by_text("How we know").click()
    grounds = _why(page).locator("details[open] .grounds li").first
    expect(grounds).to_contain_text("confidence")


def test_the_chain_leads_from_the_hit_to_the_asset_and_each_link_of_it_can_be_selected(page):
    select(page, HOSPITAL)
    expect(_why(page)).to_contain_text("What it needs")

    open_ready(page)
    go_to_hour(page, 25)
    select(page, HOSPITAL)
    chain = _why(page).locator(".chain li")
    expect(chain.first).to_contain_text(SUBSTATION_NAME)
    expect(chain.last).to_contain_text("Klinikum")
    assert chain.count() >= 3
    chain.first.get_by_role("button").click()
    wait_for_selection(page, SUBSTATION)
    expect(_why(page).locator(".why-sentence")).to_contain_text("it was hit itself")


def test_what_would_have_kept_it_can_be_applied_and_does_keep_it(page):
    open_ready(page)
    go_to_hour(page, 9)
    select(page, EXCHANGE)
    assert state_of(page, EXCHANGE) == LOST
    saving = _why(page).get_by_role("button", name=re.compile("^Apply: .*emergency supply"))
    saving.click()
    wait_until(
        page,
        "([id, lost]) => knockon.scenario.plain.events.length === 2"
        " && knockon.picture.rev === knockon.scenario.rev"
        " && knockon.stateCode(knockon.world.index.get(id)) !== lost",
        [EXCHANGE, LOST],
    )
    expect(page.locator("#happenings-list")).to_contain_text("gets emergency electricity")


def test_a_lasting_measure_can_be_applied_and_removed_again(page):
    open_ready(page)
    go_to_hour(page, 9)
    select(page, EXCHANGE)
    _why(page).get_by_role("button", name=re.compile("^Apply: .*more of its own")).click()
    measures = page.locator(".measures li")
    expect(measures).to_have_count(1)
    expect(measures).to_contain_text(EXCHANGE_NAME)
    wait_until(
        page, "([id, s]) => knockon.stateCode(knockon.world.index.get(id)) !== s", [EXCHANGE, LOST]
    )
    measures.get_by_role("button", name=re.compile("^Remove")).click()
    expect(measures).to_have_count(0)
    wait_until(
        page, "([id, s]) => knockon.stateCode(knockon.world.index.get(id)) === s", [EXCHANGE, LOST]
    )
