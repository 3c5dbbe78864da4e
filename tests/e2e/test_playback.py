"""Somebody plays a scenario back."""

import re

from playwright.sync_api import expect

from tests.e2e.board import (
    BACKUP,
    EXCHANGE,
    HOSPITAL,
    HOUR_MS,
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

NODE_STATE = "([id, s]) => knockon.graph.cy.getElementById('asset:' + id).data('state') === s"
#: what the first row of the next losses has to say at the clock's time
FIRST_LOSS = """() => {
    const { clock, picture, time, world } = knockon;
    const { t, a } = picture.losses.find((loss) => loss.t > clock.t);
    return { due: String(t), text: `in ${time.countdown(t - clock.t)}`, id: world.assets[a].id };
}"""


def _expect_first_loss(page):
    """Expect the row of the first loss after the clock, and return when that is."""
    loss, row = page.evaluate(FIRST_LOSS), page.locator("#next-losses .losses > li").first
    expect(row.locator(".due")).to_have_attribute("data-due", loss["due"])
    expect(row.locator(".due")).to_have_text(loss["text"])
    expect(row.locator(".loss")).to_have_attribute("data-select", loss["id"])
    return int(loss["due"]) / HOUR_MS


def test_map_graph_people_and_lists_follow_the_clock_without_asking_the_server(visitor):
    page = visitor.page
    open_ready(page)
    show(page, "Both")
    select(page, EXCHANGE)
    wait_until(page, NODE_STATE, [EXCHANGE, BACKUP])
    assert state_of(page, EXCHANGE) == BACKUP
    # who has no power at home has no telephone; the exchange takes the others'
    at_home = people_without(page, "fixed_telecom").text_content()
    first = _expect_first_loss(page)
    assert 0 < first < 9
    at_rest(page)
    before = len(visitor.callbacks())

    page.locator("#speed").select_option("8")
    page.get_by_role("button", name="Play (Space)").click()
    # paused in the same moment, so that all below is of one hour
    running = "knockon.clock.playing && knockon.clock.t > 9 * 3600000"
    wait_until(page, f"{running} && (knockon.clock.pause(), true)")
    assert len(visitor.callbacks()) == before

    assert hours(page) > 9
    assert state_of(page, EXCHANGE) == LOST
    wait_until(page, NODE_STATE, [EXCHANGE, LOST])
    expect(people_without(page, "fixed_telecom")).not_to_have_text(at_home)
    assert _expect_first_loss(page) > 9


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
