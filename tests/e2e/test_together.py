"""Several people share one picture: what one does all see, and where one leads they follow."""

import re

from playwright.sync_api import expect

from tests.e2e.board import (
    EXCHANGE,
    EXCHANGE_NAME,
    HIT,
    HOSPITAL,
    HOSPITAL_NAME,
    SUBSTATION,
    SUBSTATION_NAME,
    click_on_map,
    events,
    hours,
    notice,
    open_page,
    select,
    selection,
    show,
    wait_for_events,
    wait_for_selection,
    wait_for_state,
    wait_until,
)

SAME = """() => JSON.stringify({ ...knockon.picture, lossTimes: [...knockon.picture.lossTimes],
    states: Object.values(knockon.picture.states).map((one) => [...one]),
    links: Object.values(knockon.picture.links).map((one) => [...one]),
    losses: knockon.picture.losses.map((row) => [row.t, row.a, row.kind, row.text]),
})"""


def _knock_out(page, asset):
    select(page, asset)
    page.keyboard.press("k")


def _begin(page):
    """Knock the substation out, so that there is something to share; return its address."""
    _knock_out(page, SUBSTATION)
    wait_for_events(page, 1)
    wait_until(page, "location.search.includes('s=')")
    return page.url


def _come(visit, address, name, others=1):
    """Bring somebody who goes by a name, to an address where so many others are."""
    visitor = visit()
    visitor.context.add_init_script(f"localStorage.setItem('knockon-name', '{name}')")
    page = open_page(visitor.page, address)
    wait_until(page, "n => knockon.others() === n", others)
    return visitor


def test_what_one_does_the_other_sees_with_a_word_about_it(visitor, visit):
    one = visitor.page
    other = _come(visit, _begin(one), "Ben").page
    click_on_map(other, EXCHANGE)
    other.evaluate("knockon.clock.set(3600000)")
    other.get_by_role("button", name="Add what happens").click()

    _knock_out(one, HOSPITAL)
    wait_for_events(other, 2)
    wait_for_state(other, HOSPITAL, HIT)
    expect(notice(other)).to_contain_text(f"{HOSPITAL_NAME} fails at 0 h")
    expect(other.locator("#happenings-list")).to_contain_text(HOSPITAL_NAME)
    # what they look at stays: the hour, what is selected, the dialog that is open
    assert selection(other) == [EXCHANGE]
    assert hours(other) == 1
    expect(other.locator("#add-dialog")).to_be_visible()
    assert other.evaluate(SAME) == one.evaluate(SAME)
    expect(notice(one)).to_have_count(0)


def test_two_who_act_at_once_both_see_both(visitor, visit):
    one = visitor.page
    other = _come(visit, _begin(one), "Ben").page
    select(one, HOSPITAL)
    select(other, EXCHANGE)
    one.evaluate("knockon.failSelection()")
    other.evaluate("knockon.failSelection()")
    for page in (one, other):
        wait_for_events(page, 3)
        assert {event["asset"] for event in events(page)} == {SUBSTATION, HOSPITAL, EXCHANGE}
    assert other.evaluate(SAME) == one.evaluate(SAME)


def test_each_takes_back_what_is_their_own_and_the_log_tells(visitor, visit):
    one = visitor.page
    other = _come(visit, _begin(one), "Ben").page
    _knock_out(other, HOSPITAL)
    wait_for_events(one, 2)
    expect(notice(one)).to_contain_text(f"Ben: {HOSPITAL_NAME} fails at 0 h")
    one.locator("#saved-state").click()
    log = one.locator("#log-dialog")
    expect(log.locator("li")).to_have_count(3)
    expect(log.locator("li").nth(0)).to_contain_text(f"Ben{HOSPITAL_NAME} fails at 0 h")
    expect(log.locator("li").nth(1)).to_contain_text(f"You{SUBSTATION_NAME} fails at 0 h")


def test_whoever_loses_the_network_keeps_their_changes_and_comes_back(visitor, visit):
    one = visitor.page
    away = _come(visit, _begin(one), "Ben")
    away.expect_problem("ERR_INTERNET_DISCONNECTED|the server did not respond")
    other = away.page
    away.context.set_offline(True)
    expect(other.locator("#connection")).to_contain_text(re.compile(r"Offline since \d\d:\d\d\."))
    _knock_out(other, EXCHANGE)
    expect(other.locator("#connection")).to_contain_text("1 change waits here")
    _knock_out(one, HOSPITAL)
    wait_for_events(one, 2)
    assert len(events(other)) == 1

    away.context.set_offline(False)
    for page in (one, other):
        wait_for_events(page, 3)
    expect(other.locator("#connection")).to_have_text("Live")
    expect(notice(one)).to_contain_text(f"Ben: {EXCHANGE_NAME} fails at 0 h")
    assert other.evaluate(SAME) == one.evaluate(SAME)


def test_three_follow_and_leave(visitor, visit):
    one = visitor.page
    address = _begin(one)
    ben, cleo = _come(visit, address, "Ben").page, _come(visit, address, "Cleo", 2).page
    one.locator("#together summary").click()
    expect(one.locator("#together li")).to_have_count(3)
    one.get_by_label("You go by").fill("Ana")
    one.get_by_label("You go by").press("Enter")
    one.get_by_role("button", name="Lead: all see what I see").click()
    for page in (ben, cleo):
        expect(page.locator("#lead-bar")).to_contain_text("You follow Ana.")
    one.evaluate("knockon.clock.set(7 * 3600000)")
    select(one, HOSPITAL)
    show(one, "Both")
    for page in (ben, cleo):
        wait_until(page, "knockon.clock.t === 7 * 3600000")
        wait_for_selection(page, HOSPITAL)
        expect(page.locator("#centre")).to_have_attribute("data-view", "both")

    ben.get_by_role("button", name="Look around yourself").click()
    show(ben, "Map")
    one.evaluate("knockon.clock.set(9 * 3600000)")
    wait_until(cleo, "knockon.clock.t === 9 * 3600000")
    assert hours(ben) == 7
    expect(ben.locator("#centre")).to_have_attribute("data-view", "map")
    ben.get_by_role("button", name="Follow Ana").click()
    wait_until(ben, "knockon.clock.t === 9 * 3600000")

    one.locator("#lead-bar").get_by_role("button", name="Stop leading").click()
    for page in (one, ben, cleo):
        expect(page.locator("#lead-bar")).to_be_hidden()


def test_without_a_stream_the_page_asks_every_few_seconds(visitor, visit):
    one = visitor.page
    address = _begin(one)
    slow = visit()
    slow.expect_problem("api/stream|ERR_FAILED")
    slow.context.route("**/api/stream*", lambda route: route.abort())
    other = open_page(slow.page, address)
    expect(other.locator("#connection")).to_have_text("Live, a few seconds behind")
    _knock_out(one, HOSPITAL)
    wait_for_events(other, 2)
    assert other.evaluate(SAME) == one.evaluate(SAME)


def test_somebody_alone_notices_nothing_of_it(visitor):
    page = visitor.page
    _begin(page)
    wait_until(page, "knockon.last('connection') === 'live'")
    expect(page.locator("#connection")).to_have_text("")
    expect(page.locator("#together")).to_be_hidden()
    expect(page.locator("#lead-bar")).to_be_hidden()
    expect(notice(page)).to_have_count(0)
