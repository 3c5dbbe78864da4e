"""Somebody works with the list instead of the map."""

from playwright.sync_api import expect

from tests.e2e.board import (
    HIT,
    HOSPITAL,
    HOSPITAL_NAME,
    SUBSTATION,
    go_to_hour,
    notice,
    open_ready,
    select,
    show,
    state_of,
    wait_for_events,
    wait_for_selection,
)


def _row(page, asset):
    return page.locator(f'.ag-row[row-id="{asset}"]')


def test_rows_selected_in_the_list_are_knocked_out(page):
    select(page, HOSPITAL)
    show(page, "List")
    row = _row(page, HOSPITAL)
    expect(row.first).to_be_visible()
    page.get_by_role("button", name="Knock out selected").click()
    wait_for_events(page, 1)
    assert state_of(page, HOSPITAL) == HIT
    expect(row.locator(".state-cell")).to_contain_text("hit", ignore_case=True)


def test_choosing_a_row_selects_the_asset_everywhere_and_without_one_nothing_is_knocked_out(page):
    show(page, "List")
    page.get_by_role("button", name="Knock out selected").click()
    expect(notice(page)).to_contain_text("Select one or more rows first")

    # rows may change their places while the list fills: the third is looked up once
    asset = page.locator(".ag-center-cols-container .ag-row").nth(2).get_attribute("row-id")
    page.locator(f'.ag-center-cols-container .ag-row[row-id="{asset}"]').click()
    wait_for_selection(page, asset)
    expect(page.locator("#why")).to_contain_text(
        page.evaluate("id => knockon.world.assets[knockon.world.index.get(id)].name", asset),
        ignore_case=True,
    )


def test_the_list_says_state_and_since_when_and_can_leave_out_what_works(page):
    open_ready(page)
    show(page, "List")
    select(page, SUBSTATION)
    expect(_row(page, SUBSTATION).locator('[col-id="since"]')).to_have_text("0 h")
    select(page, HOSPITAL)
    state = _row(page, HOSPITAL).locator(".state-cell")
    expect(state).to_contain_text("working", ignore_case=True)
    go_to_hour(page, 25)
    expect(state).to_contain_text("degraded", ignore_case=True)
    expect(_row(page, HOSPITAL).locator('[col-id="since"]')).to_have_text("24 h")

    go_to_hour(page, 0)
    page.get_by_role("button", name="Only what is not working").click()
    expect(page.locator(".ag-row .state-0")).to_have_count(0)
    expect(page.locator(".ag-row .state-cell").first).to_be_visible()
    expect(page.locator("#asset-list")).not_to_contain_text(HOSPITAL_NAME)
