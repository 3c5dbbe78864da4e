"""Several people share one picture: what one does all see, and where one leads they follow."""

from playwright.sync_api import expect

from tests.e2e.board import (
    EXCHANGE,
    HIT,
    HOSPITAL,
    HOSPITAL_NAME,
    SUBSTATION,
    SUBSTATION_NAME,
    click_on_map,
    hours,
    notice,
    open_page,
    picture,
    select,
    selection,
    wait_for_events,
    wait_for_state,
    wait_until,
)


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
    """Open a page under a display name, at an address with so many other users."""
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
    for page in (one, other):
        wait_for_events(page, 2)
    wait_for_state(other, HOSPITAL, HIT)
    expect(notice(other)).to_contain_text(f"{HOSPITAL_NAME} fails at 0 h")
    expect(other.locator("#happenings-list")).to_contain_text(HOSPITAL_NAME)
    # what they look at stays: the hour, what is selected, the dialog that is open
    assert selection(other) == [EXCHANGE]
    assert hours(other) == 1
    expect(other.locator("#add-dialog")).to_be_visible()
    assert picture(other) == picture(one)
    expect(notice(one)).to_have_count(0)


def test_each_takes_back_what_is_their_own_and_the_log_tells(visitor, visit):
    one = visitor.page
    other = _come(visit, _begin(one), "Ben").page
    _knock_out(other, HOSPITAL)
    wait_for_events(one, 2)
    expect(notice(one)).to_contain_text(f"Ben: {HOSPITAL_NAME} fails at 0 h")
    one.locator("#together summary").click()
    one.get_by_label("Your display name").fill("Ana")
    one.get_by_label("Your display name").press("Enter")
    other.locator("#together summary").click()
    expect(other.locator("#together li").filter(has_text="Ana")).to_be_visible()
    one.locator("#saved-state").click()
    log = one.locator("#log-dialog")
    expect(log.locator("li")).to_have_count(3)
    expect(log.locator("li").nth(0)).to_contain_text(f"Ben{HOSPITAL_NAME} fails at 0 h")
    expect(log.locator("li").nth(1)).to_contain_text(f"You{SUBSTATION_NAME} fails at 0 h")


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
    assert picture(other) == picture(one)


def test_somebody_alone_notices_nothing_of_it(visitor):
    page = visitor.page
    _begin(page)
    wait_until(page, "knockon.last('connection') === 'live'")
    expect(page.locator("#connection")).to_have_text("")
    expect(page.locator("#together")).to_be_hidden()
    expect(page.locator("#lead-bar")).to_be_hidden()
    expect(notice(page)).to_have_count(0)
