"""A user sends the page's address to another user."""

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from tests.e2e.board import (
    HOSPITAL,
    events,
    go_to_hour,
    hours,
    notice,
    open_page,
    open_ready,
    select,
    selection,
    show,
    wait_for_selection,
    wait_until,
)


def _address(page, *parts):
    wait_until(page, "parts => parts.every(part => location.search.includes(part))", list(parts))
    return page.url


def test_a_reload_and_a_fresh_browser_see_the_same_scenario_hour_selection_and_view(visitor, visit):
    mine = visitor.page
    open_ready(mine)
    go_to_hour(mine, 7.5)
    select(mine, HOSPITAL)
    show(mine, "Both")
    address = _address(mine, "s=", "t=7.5", HOSPITAL, "view=both")

    before = events(mine)
    for page in (mine, visit().page):
        open_page(page, address)
        wait_for_selection(page, HOSPITAL)
        assert events(page) == before
        assert hours(page) == 7.5
        expect(page.locator("#centre")).to_have_attribute("data-view", "both")
        expect(page.locator("#clock-text")).to_have_text("7 h 30 min")
        expect(page.locator("#why h2")).to_contain_text("Bonhoeffer")
        expect(page.locator("#saved-state")).to_have_text("saved")


def test_where_the_map_looks_is_part_of_the_address(page, visit):
    page.locator(".maplibregl-ctrl-zoom-in").click()
    box = page.locator("#map").bounding_box()
    page.mouse.move(box["x"] + 500, box["y"] + 400)
    page.mouse.wheel(0, -300)
    wait_until(page, "!knockon.map.isMoving()")
    wait_until(
        page,
        """() => {
            const { lng, lat } = knockon.map.getCenter(), zoom = knockon.map.getZoom();
            const at = [lng.toFixed(5), lat.toFixed(5), zoom.toFixed(2)].join(',');
            return new URLSearchParams(location.search).get('at') === at;
        }""",
    )
    address = page.url
    lon, lat, zoom = map(float, parse_qs(urlsplit(address).query)["at"][0].split(","))
    theirs = open_page(visit().page, address)
    centre = theirs.evaluate("knockon.map.getCenter().toArray()")
    assert abs(centre[0] - lon) < 1e-4
    assert abs(centre[1] - lat) < 1e-4
    assert abs(theirs.evaluate("knockon.map.getZoom()") - zoom) < 0.02


def test_an_open_line_and_a_common_cause_are_part_of_the_address(page, visit):
    page.evaluate("knockon.openThing(knockon.lineThing('relation/2326863'), 'panel')")
    address = _address(page, "line=relation/2326863")
    theirs = open_page(visit().page, address)
    expect(theirs.locator("#asset-card")).to_contain_text("Fünfeichen")

    cause = "corridor/way/202257154"
    page.evaluate("id => knockon.openThing(knockon.things().find(t => t.id === id))", cause)
    theirs = open_page(visit().page, _address(page, f"cause={cause}"))
    expect(theirs.locator("#asset-card")).to_contain_text("Common cause")
    theirs.keyboard.press("k")
    wait_until(theirs, "((knockon.scenario.plain || {}).events || []).length === 2")


def test_only_looking_leaves_nothing_behind(page):
    select(page, HOSPITAL)
    go_to_hour(page, 3)
    _address(page, "t=3")
    assert page.evaluate("knockon.scenario.id") is None
    assert "s=" not in page.url.replace("&sel=", "")


def test_an_unknown_scenario_says_so_and_opens_an_empty_one(visit):
    page = open_page(visit().page, "/?s=nobody-ever-made-this")
    expect(notice(page)).to_contain_text("empty scenario was opened")
    assert events(page) == []
    select(page, HOSPITAL)
    page.keyboard.press("k")
    wait_until(page, "knockon.scenario.id !== null")


def test_nonsense_in_the_address_does_no_harm(visit):
    page = open_page(
        visit().page, "/?t=NaN&sel=way/1,,%3Cscript%3E&view=upside-down&at=1,2,three&s=../../etc"
    )
    assert selection(page) == []
    assert hours(page) == 0
    expect(page.locator("#centre")).to_have_attribute("data-view", "map")
    expect(notice(page)).to_be_visible()
