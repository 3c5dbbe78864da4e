"""Somebody opens the ready scenarios, one after the other."""

from playwright.sync_api import expect

from tests.e2e.board import TENS_OF_THOUSANDS, open_ready, people_without, wait_until


def test_each_says_that_it_is_constructed_opens_and_makes_losses(page):
    expect(page.locator(".ready-entry").first).to_be_visible()
    labels = page.locator(".ready-entry").all_inner_texts()
    assert len(labels) >= 3
    for which, label in enumerate(labels, 1):
        assert "constructed" in label.lower()
        open_ready(page, which)
        expect(page.locator("#scenario-title")).to_contain_text("constructed")
        expect(page.locator("#happenings-list .event")).not_to_have_count(0)
        wait_until(page, "knockon.picture.losses.length > 10")
        assert page.evaluate("knockon.clock.t") == 0
        expect(people_without(page, "electricity")).not_to_have_text("0")
        expect(people_without(page, "electricity")).to_have_text(TENS_OF_THOUSANDS)
