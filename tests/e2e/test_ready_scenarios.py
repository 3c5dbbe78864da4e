"""Somebody opens one of the ready scenarios."""

import pytest
from playwright.sync_api import expect

from tests.e2e.board import number, open_ready, people_without, wait_until


def test_each_is_labelled_as_constructed(page):
    entries = page.locator(".ready-entry")
    texts = entries.all_inner_texts()
    assert len(texts) >= 3
    for text in texts:
        assert "constructed" in text.lower()


@pytest.mark.parametrize("which", [1, 2, 3])
def test_it_opens_says_what_it_is_and_makes_losses(page, which):
    open_ready(page, which)
    expect(page.locator("#scenario-title")).to_contain_text("constructed")
    expect(page.locator("#happenings-list .event")).not_to_have_count(0)
    wait_until(page, "knockon.picture.losses.length > 10")
    assert page.evaluate("knockon.clock.t") == 0
    expect(people_without(page, "electricity")).not_to_have_text("0")
    assert number(people_without(page, "electricity").inner_text()) > 10_000
