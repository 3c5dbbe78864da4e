"""Nobody is kept out: axe-core finds nothing serious in any state of the page."""

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

GRAVE = {"serious", "critical"}


def _grave_problems(page):
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: {node['target']} {node['html'][:160]}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


def _mid_cascade(page):
    open_ready(page)
    go_to_hour(page, 7.333)
    select(page, HOSPITAL)
    expect(page.locator(".why-sentence")).to_contain_text("Bonhoeffer")
    at_rest(page)


def test_empty_and_mid_cascade_in_light_and_with_the_dialogs(page):
    assert _grave_problems(page) == []

    _mid_cascade(page)
    assert _grave_problems(page) == []
    page.locator("#add-button").click()
    assert _grave_problems(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert _grave_problems(page) == []


def test_mid_cascade_in_dark(visit):
    page = open_page(visit(color_scheme="dark").page)
    _mid_cascade(page)
    assert _grave_problems(page) == []


def test_mid_cascade_for_a_projector(page):
    page.keyboard.press("t")
    page.keyboard.press("t")
    _mid_cascade(page)
    assert _grave_problems(page) == []


def test_graph_and_list(page):
    _mid_cascade(page)
    show(page, "Graph")
    wait_until(page, "knockon.graph && knockon.graph.cy.nodes('.asset').nonempty()")
    assert _grave_problems(page) == []
    show(page, "List")
    expect(page.locator(".ag-row").first).to_be_visible()
    # a list that still scrolls to the selection has rows whose cells come with the next frame
    filled = "row => row.querySelector('[role=gridcell]')"
    wait_until(page, f"[...document.querySelectorAll('.ag-row')].every({filled})")
    assert _grave_problems(page) == []


def test_compare_the_options_and_what_leaves_the_room(page):
    _mid_cascade(page)
    page.locator("details.options summary").click()
    expect(page.locator(".options-rows li").first).to_be_visible()
    show(page, "Compare")
    for mode in ("Difference map", "Side by side"):
        page.get_by_role("button", name=mode).click()
        wait_until(page, "knockon.compared && knockon.compared()")
        assert _grave_problems(page) == []
    page.locator("#brief-button").click()
    page.get_by_label("Make").select_option("cap")
    assert _grave_problems(page) == []


def test_the_phone_and_the_tour(visit):
    phone = {"width": 390, "height": 844}
    page = open_page(visit(first_time=True, viewport=phone).page)
    expect(page.locator("#tour")).to_be_visible()
    assert _grave_problems(page) == []
    page.locator("#tour").get_by_role("button", name="Skip").click()
    page.locator("#left-drawer-button").click()
    assert _grave_problems(page) == []
