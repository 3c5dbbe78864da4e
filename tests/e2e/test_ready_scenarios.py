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


def test_a_row_of_people_opens_to_its_course_and_numbers_and_stays_open(page):
    open_ready(page)
    row = page.locator(".people-row[data-service=electricity]")
    expect(row.locator(".people-course")).to_be_visible()
    row.get_by_label("Chart and table: people without electricity").click()
    expect(row.locator(".people-large .scatterlayer path").first).to_be_visible()
    expect(row.locator("tbody tr").first).to_contain_text("0 h")
    expect(row).to_contain_text("person-hours in 2 d")
    open_ready(page, 2)
    expect(row.locator(".people-large .scatterlayer path").first).to_be_visible()
    expect(row.locator(".people-large")).to_have_count(1)
    row.locator("summary").click()
    expect(row.locator(".people-large")).to_be_hidden()
