"""Two people use the page at the same time."""

import re

from playwright.sync_api import expect

from tests.e2e.board import (
    HIT,
    HOSPITAL,
    SUBSTATION,
    WORKING,
    events,
    notice,
    open_page,
    select,
    selection,
    state_of,
    wait_for_events,
    wait_for_state,
    wait_until,
)


def _knock_out(page, asset):
    select(page, asset)
    page.keyboard.press("k")


def test_what_one_does_changes_nothing_for_the_other(visitor, visit):
    one, other = visitor.page, open_page(visit().page)
    _knock_out(one, SUBSTATION)
    wait_for_events(one, 1)
    _knock_out(other, HOSPITAL)
    wait_for_events(other, 1)
    assert [event["asset"] for event in events(one)] == [SUBSTATION]
    assert [event["asset"] for event in events(other)] == [HOSPITAL]
    assert selection(one) == [SUBSTATION]
    assert state_of(other, SUBSTATION) == WORKING
    other.evaluate("knockon.clock.set(3600000)")
    assert one.evaluate("knockon.clock.t") == 0
    assert one.evaluate("knockon.scenario.id") != other.evaluate("knockon.scenario.id")


def test_a_change_made_on_something_older_is_refused_in_words_and_nothing_is_lost(visitor, visit):
    one = visitor.page
    _knock_out(one, SUBSTATION)
    wait_for_events(one, 1)
    wait_until(one, "location.search.includes('s=')")
    # nothing of what others do arrives: neither told nor asked for
    late = visit()
    late.expect_problem("api/stream|/news|ERR_FAILED")
    late.context.route(re.compile("/api/stream|/news"), lambda route: route.abort())
    other = open_page(late.page, one.url)
    wait_for_events(other, 1)

    _knock_out(one, HOSPITAL)
    wait_for_events(one, 2)
    _knock_out(other, HOSPITAL)
    expect(notice(other)).to_contain_text("Another user has just changed this scenario")
    wait_for_events(other, 2)
    assert events(other) == events(one)
    wait_for_state(other, HOSPITAL, HIT)

    other.keyboard.press("Control+z")
    wait_for_events(other, 1)
    wait_for_state(other, HOSPITAL, WORKING)
