"""Somebody tries another option from here, compares both, and reads what it changes, where."""

from playwright.sync_api import expect

from tests.e2e.board import (
    EXCHANGE,
    HIT,
    HOSPITAL,
    LOST,
    SUBSTATION,
    WORKING,
    events,
    go_to_hour,
    hours,
    open_page,
    select,
    show,
    state_of,
    wait_for_events,
    wait_until,
)

SUPPLY = {"do": "supply", "assets": [EXCHANGE], "service": "electricity", "at_h": 6}


def _knock_out(page):
    select(page, SUBSTATION)
    page.keyboard.press("k")
    wait_for_events(page, 1)
    page.evaluate("knockon.select([], 'keys')")


def _option(page, count):
    menu = page.locator("details.options")
    if not menu.evaluate("menu => menu.open"):
        menu.locator("summary").click()
    page.get_by_role("button", name="Start from here").click()
    expect(page.locator(".options-rows li")).to_have_count(count)


def _compared(page):
    wait_until(page, "knockon.compared && knockon.compared()", seconds=90)
    return page.evaluate("knockon.compared()")


def _state(page, future, asset):
    return page.evaluate(
        "([n, id]) => knockon.compared().states[n][knockon.world.index.get(id)]", [future, asset]
    )


def test_another_option_from_here_is_compared_and_the_difference_is_drawn(page):
    _knock_out(page)
    go_to_hour(page, 4)
    _option(page, 2)
    assert hours(page) == 4, "another option is looked at, at the same hour"
    expect(page.locator(".option-name[aria-current=true]")).to_have_text("Option B")
    page.evaluate("action => knockon.act(action)", SUPPLY)
    wait_for_events(page, 2)
    show(page, "Compare")
    compared = _compared(page)
    assert compared["mode"] == "difference"
    # the exchange alone: no mobile site hangs on one exchange, and the hospital treats on
    assert compared["counts"]["better"] + compared["counts"]["saved"] == compared["assets"] == 1
    body = page.locator("[data-compare=body]")
    expect(body).to_contain_text("B saves")
    expect(body).to_contain_text("Telephone exchange Ponyweg gets emergency electricity at 6 h")
    expect(body.locator(".mark-best").first).to_be_visible()
    drawn = """() => { const c = document.querySelector('.compare-sheet');
        return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((v) => v); }"""
    wait_until(page, drawn)


def test_two_futures_stand_side_by_side_under_one_clock(page):
    _knock_out(page)
    _option(page, 2)
    page.evaluate("action => knockon.act(action)", {**SUPPLY, "until_h": 20})
    wait_for_events(page, 2)
    show(page, "Compare")
    _compared(page)
    page.get_by_role("button", name="Side by side").click()
    expect(page.locator(".compare-under")).to_be_visible()
    go_to_hour(page, 12)
    wait_until(page, "knockon.compared().states[0].some((s) => s)")
    assert _state(page, 0, SUBSTATION) == _state(page, 1, SUBSTATION) == HIT
    assert (_state(page, 0, EXCHANGE), _state(page, 1, EXCHANGE)) == (LOST, WORKING)
    go_to_hour(page, 0)
    assert _state(page, 0, EXCHANGE) != LOST
    show(page, "Map")
    expect(page.locator(".compare-under")).to_be_hidden()
    assert state_of(page, SUBSTATION) == HIT
    wait_until(page, "knockon.drawn().symbols.length > 0")


def test_options_are_opened_put_away_and_brought_back(page, visit):
    _knock_out(page)
    _option(page, 2)
    page.evaluate("action => knockon.act(action)", SUPPLY)
    wait_for_events(page, 2)
    page.locator(".option-name", has_text="Option A").click()
    wait_for_events(page, 1)
    page.get_by_role("button", name="Delete Option B").click()
    expect(page.locator(".options-rows li")).to_have_count(1)
    notice = page.locator(".notice", has_text="Option B was deleted.")
    notice.get_by_role("button", name="Restore it").click()
    expect(page.locator(".options-rows li")).to_have_count(2)
    wait_for_events(page, 2)
    # the address follows a moment later
    wait_until(page, "location.search.includes(encodeURIComponent(knockon.scenario.id))")
    theirs = open_page(visit().page, page.url)
    assert len(events(theirs)) == 2, "an option has an address of its own"


def test_ready_scenarios_are_compared_and_the_address_keeps_the_view(page, visit):
    _knock_out(page)
    show(page, "Compare")
    _compared(page)
    page.get_by_label("Future A").select_option("ready:s4-black-start-in-time")
    wait_until(page, "knockon.compared() && knockon.compared().keys[0].startsWith('ready:s4')")
    expect(page.locator(".compare-table thead")).to_contain_text("Cut off, black start in time")
    expect(page.locator(".compare-assets li").first).to_be_visible()
    page.locator(".compare-assets button").first.click()
    wait_until(page, "knockon.selection.length === 1")
    wait_until(page, "location.search.includes('view=compare')")
    theirs = open_page(visit().page, page.url)
    _compared(theirs)
    assert theirs.evaluate("document.getElementById('centre').dataset.view") == "compare"
    assert state_of(theirs, HOSPITAL) is not None
