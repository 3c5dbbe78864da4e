"""Nobody is kept out: axe-core finds nothing on any page, in any mode, in no state of it."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.board import (
    HOSPITAL,
    at_rest,
    go_to_hour,
    open_page,
    open_ready,
    select,
    show,
    wait_until,
)
from tests.e2e.exercise_guide import press


def _problems(page):
    violations = Axe().run(page).response["violations"]
    return [
        f"{violation['id']} ({violation['impact']}): {violation['help']}: "
        f"{node['target']} {node['html'][:160]}"
        for violation in violations
        for node in violation["nodes"]
    ]


def _mid_cascade(page):
    open_ready(page)
    go_to_hour(page, 7.333)
    select(page, HOSPITAL)
    expect(page.locator(".why-sentence")).to_contain_text("Bonhoeffer")
    at_rest(page)


def _look_at_compare(page):
    show(page, "Compare")
    for mode in ("Difference map", "Side by side"):
        page.get_by_role("button", name=mode).click()
        wait_until(page, "knockon.compared && knockon.compared()")
        assert _problems(page) == []


def test_the_map_and_what_opens_over_it(page):
    assert _problems(page) == []

    _mid_cascade(page)
    page.locator("details.options summary").click()
    expect(page.locator(".options-rows li").first).to_be_visible()
    assert _problems(page) == []
    page.locator("#add-button").click()
    assert _problems(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert _problems(page) == []
    page.keyboard.press("Escape")
    page.locator("#share-button").click()
    expect(page.locator("#share-dialog")).to_contain_text("Only you see this picture")
    assert _problems(page) == []
    page.keyboard.press("Escape")
    page.locator("#brief-button").click()
    page.get_by_label("Make").select_option("cap")
    assert _problems(page) == []


def test_every_other_view(page):
    _mid_cascade(page)
    show(page, "Graph")
    wait_until(page, "knockon.graph && knockon.graph.cy.nodes('.asset').nonempty()")
    assert _problems(page) == []
    show(page, "List")
    expect(page.locator(".ag-row").first).to_be_visible()
    # a list that still scrolls to the selection has rows whose cells come with the next frame
    filled = "row => row.querySelector('[role=gridcell]')"
    wait_until(page, f"[...document.querySelectorAll('.ag-row')].every({filled})")
    assert _problems(page) == []
    show(page, "Weak points")
    wait_until(page, "document.querySelectorAll('#weak-list .ag-row').length > 5")
    wait_until(page, f"[...document.querySelectorAll('#weak-list .ag-row')].every({filled})")
    assert _problems(page) == []
    _look_at_compare(page)
    show(page, "Exercise")
    press(page, "ready-e1-winter-storm")
    expect(page.locator('[data-key="start-run"]')).to_be_visible()
    assert _problems(page) == []
    press(page, "start-run")
    press(page, "start")
    press(page, "release-next")
    expect(page.locator(".ex-row.is-released").first).to_be_visible()
    assert _problems(page) == []


def test_dark_and_for_a_projector(page):
    _mid_cascade(page)
    for theme in ("dark", "projector"):
        page.keyboard.press("t")
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        show(page, "Map")
        at_rest(page)
        assert _problems(page) == []
        _look_at_compare(page)


def test_the_wall_screen_and_the_map_for_the_public(page):
    open_ready(page)
    scenario = page.evaluate("knockon.scenario.id")
    open_page(page, f"/?s={scenario}&kiosk=1")
    assert _problems(page) == []
    page.goto(f"/public/{scenario}")
    expect(page.get_by_text("people are without electricity")).to_be_visible()
    page.get_by_text("Areas as a table").click()
    expect(page.locator("table tbody tr").first).to_be_visible()
    assert _problems(page) == []


def test_the_phone_and_the_tour(visit):
    phone = {"width": 390, "height": 844}
    page = open_page(visit(first_time=True, viewport=phone).page)
    expect(page.locator("#tour")).to_be_visible()
    assert _problems(page) == []
    page.locator("#tour").get_by_role("button", name="Skip").click()
    page.locator("#left-drawer-button").click()
    assert _problems(page) == []
