"""Somebody plays a scenario back."""

import re

from playwright.sync_api import expect

from tests.e2e.board import (
    BACKUP,
    EXCHANGE,
    HOSPITAL,
    LOST,
    at_rest,
    go_to_hour,
    hours,
    open_ready,
    people_without,
    select,
    show,
    state_of,
    wait_until,
)

NODE_STATE = "([id, s]) => knockon.graph.cy.getElementById(id).data('state') === s"


def test_map_graph_people_and_lists_follow_the_clock_without_asking_the_server(visitor):
    page = visitor.page
    open_ready(page)
    show(page, "Both")
    select(page, EXCHANGE)
    wait_until(page, NODE_STATE, [EXCHANGE, BACKUP])
    assert state_of(page, EXCHANGE) == BACKUP
    expect(people_without(page, "fixed_telecom")).to_have_text("0")
    first_loss = page.locator("#next-losses .due").first
    before_text = first_loss.inner_text()
    at_rest(page)
    before = len(visitor.callbacks())

    page.locator("#speed").select_option("8")
    page.get_by_role("button", name="Play (Space)").click()
    wait_until(page, "knockon.clock.t > 9 * 3600000")
    assert page.evaluate("knockon.clock.playing")
    assert len(visitor.callbacks()) == before
    page.evaluate("knockon.clock.pause()")

    assert hours(page) > 9
    assert state_of(page, EXCHANGE) == LOST
    wait_until(page, NODE_STATE, [EXCHANGE, LOST])
    expect(people_without(page, "fixed_telecom")).not_to_have_text("0")
    assert first_loss.inner_text() != before_text


def test_every_hour_looks_the_same_whichever_way_one_came_to_it(page):
    open_ready(page)
    for hour in (0, 3, 9, 3):
        go_to_hour(page, hour)
        wait_until(
            page,
            """knockon.drawn().symbols.length > 0 && knockon.drawn().symbols.every(
                one => one.state === knockon.stateCode(knockon.world.index.get(one.id)))""",
        )

    states = "[...knockon.world.assets.keys()].map(knockon.stateCode).join('')"
    page.evaluate("knockon.clock.set(8 * 3600000)")
    once = page.evaluate(states)
    page.evaluate("knockon.clock.set(40 * 3600000)")
    assert page.evaluate(states) != once
    page.evaluate("knockon.clock.set(8 * 3600000)")
    assert page.evaluate(states) == once

    select(page, HOSPITAL)
    page.keyboard.press("n")
    page.keyboard.press("n")
    assert page.evaluate("knockon.selection") == [HOSPITAL]


def test_the_clock_stops_at_the_end_of_the_horizon(page):
    open_ready(page)
    page.evaluate("knockon.clock.set(47 * 3600000)")
    page.locator("#speed").select_option("8")
    page.get_by_role("button", name="Play (Space)").click()
    wait_until(page, "!knockon.clock.playing && knockon.clock.t === knockon.clock.horizon")
    expect(page.locator("#clock-text")).to_have_text(re.compile("^(48 h|2 d)$"))
    expect(page.get_by_role("button", name="Play (Space)")).to_be_visible()
