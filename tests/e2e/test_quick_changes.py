"""Somebody is quicker than the server."""

from tests.e2e.board import (
    EXCHANGE,
    HOSPITAL,
    SUBSTATION,
    events,
    notice,
    select,
    wait_for_events,
    wait_until,
)


def test_two_assets_knocked_out_at_once_go_into_one_new_scenario(page):
    page.evaluate("id => knockon.select([id], 'address')", SUBSTATION)
    page.keyboard.press("k")
    page.evaluate("id => knockon.select([id], 'address')", HOSPITAL)
    page.keyboard.press("k")
    wait_for_events(page, 2)
    assert {event["asset"] for event in events(page)} == {SUBSTATION, HOSPITAL}
    assert page.evaluate("knockon.scenario.rev") == 3
    assert notice(page).count() == 0


def test_undo_twice_quickly_goes_back_two_steps_and_redo_forward_again(page):
    for count, asset in enumerate((SUBSTATION, HOSPITAL, EXCHANGE), 1):
        select(page, asset)
        page.keyboard.press("k")
        wait_for_events(page, count)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    wait_for_events(page, 1)
    page.keyboard.press("Control+y")
    page.keyboard.press("Control+y")
    wait_for_events(page, 3)
    assert notice(page).count() == 0


def test_removing_two_events_quickly_removes_these_two(page):
    for count, asset in enumerate((SUBSTATION, HOSPITAL, EXCHANGE), 1):
        select(page, asset)
        page.keyboard.press("k")
        wait_for_events(page, count)
    page.evaluate("knockon.act({do: 'remove_event', index: 0})")
    page.evaluate("knockon.act({do: 'remove_event', index: 1})")
    wait_for_events(page, 1)
    assert [event["asset"] for event in events(page)] == [EXCHANGE]


def test_an_exact_share_is_kept_while_only_the_hour_is_changed(page):
    for to in (0, 1 / 3):
        action = {"do": "degrade", "assets": [HOSPITAL], "to": to, "at_h": 1}
        page.evaluate("action => knockon.act(action)", action)
        wait_for_events(page, 1)
        menu = page.locator("#happenings-list .event details.menu")
        menu.locator("summary").click()
        shown = menu.get_by_label("Down to (%)").input_value()
        assert float(shown) == round(100 * to, 4)
        menu.get_by_label("At hour").fill("5")
        menu.get_by_role("button", name="Change", exact=True).click()
        wait_until(page, "knockon.scenario.plain.events[0].at_h === 5")
        assert events(page)[0]["to"] == to
        page.keyboard.press("Control+z")
        page.keyboard.press("Control+z")
        wait_for_events(page, 0)
