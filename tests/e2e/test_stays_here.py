"""The page runs no foreign code, and keeps working when its server is away.

That nothing leaves this machine is what every visitor of every story is watched for.
"""

from playwright.sync_api import expect

from tests.e2e.board import (
    SUBSTATION,
    events,
    notice,
    open_ready,
)


def test_markup_stays_text_and_forged_changes_are_refused_in_words(page):
    open_ready(page)
    settings = page.locator("form[data-settings]")
    page.get_by_text("Title, horizon, repairs").click()
    settings.get_by_label("Title").fill("<img src=x onerror=alert(1)> & <b>bold</b>")
    settings.get_by_role("button", name="Apply").click()
    expect(page.locator("#scenario-title")).to_have_text(
        "<img src=x onerror=alert(1)> & <b>bold</b>"
    )

    before = events(page)
    for action in (
        {"do": "fail", "assets": ["way/1"], "at_h": 0},
        {"do": "fail", "assets": [SUBSTATION], "at_h": -5},
        {"do": "drop_tables"},
    ):
        page.evaluate("action => knockon.act(action)", action)
        expect(notice(page).first).to_be_visible()
        notice(page).first.get_by_role("button", name="Dismiss").click()
        expect(notice(page)).to_have_count(0)
    assert events(page) == before


def test_when_the_server_is_gone_the_page_says_so_and_playback_goes_on(visitor):
    visitor.expect_problem("ERR_INTERNET_DISCONNECTED|the server did not respond")
    page = visitor.page
    open_ready(page)
    visitor.context.set_offline(True)
    expect(page.locator("#connection")).to_contain_text("Offline since")
    page.keyboard.press("n")
    assert page.evaluate("knockon.clock.t") > 0
    visitor.context.set_offline(False)
    expect(page.locator("#connection")).to_have_text("")
