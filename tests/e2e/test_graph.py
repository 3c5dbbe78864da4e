"""Somebody follows dependencies in the graph beside the map."""

from playwright.sync_api import expect

from tests.e2e.board import (
    BACKUP,
    EXCHANGE,
    HIT,
    HOSPITAL,
    HOSPITAL_NAME,
    LOST,
    SUBSTATION,
    go_to_hour,
    graph_at_rest,
    open_ready,
    select,
    show,
    wait_for_selection,
    wait_until,
)

#: what the hospital gets its electricity from
FUENFEICHEN = "way/93418613"
NODE_STATE = "([id, s]) => knockon.graph.cy.getElementById('asset:' + id).data('state') === s"


def _click_node(page, asset):
    """Move the graph to a node, as a hand does, and click it where it is drawn."""
    x, y = page.evaluate(
        """id => {
            const { cy } = knockon.graph, box = cy.container().getBoundingClientRect();
            cy.center(cy.getElementById('asset:' + id));
            const at = cy.getElementById('asset:' + id).renderedPosition();
            return [box.left + at.x, box.top + at.y];
        }""",
        asset,
    )
    page.mouse.click(x, y)


def test_the_graph_shows_what_the_selection_depends_on_and_selects_on_the_map(page):
    show(page, "Both")
    select(page, HOSPITAL)
    graph_at_rest(page, HOSPITAL, FUENFEICHEN)
    expect(page.locator("#graph-note")).to_contain_text(HOSPITAL_NAME)
    assert page.evaluate(
        "id => knockon.graph.cy.getElementById('asset:' + id).hasClass('chosen')", HOSPITAL
    )

    _click_node(page, FUENFEICHEN)
    wait_for_selection(page, FUENFEICHEN)
    expect(page.locator("#asset-card")).to_contain_text("Umspannwerk Fünfeichen")
    expect(page.locator("#why h2")).to_contain_text("Umspannwerk Fünfeichen")


def test_states_in_the_graph_follow_the_clock_and_nodes_keep_their_places(page):
    show(page, "Graph")
    open_ready(page)
    select(page, EXCHANGE)
    graph_at_rest(page, SUBSTATION)
    wait_until(page, NODE_STATE, [SUBSTATION, HIT])
    wait_until(page, NODE_STATE, [EXCHANGE, BACKUP])
    go_to_hour(page, 9)
    wait_until(page, NODE_STATE, [EXCHANGE, LOST])

    places = "knockon.graph.cy.nodes('.asset').map(n => [n.id(), n.position().x, n.position().y])"
    before = page.evaluate(places)
    go_to_hour(page, 24)
    assert page.evaluate(places) == before


PRESSED = "value => document.querySelector(`[data-value='\"${value}\"']`).ariaPressed === 'true'"


def test_where_nothing_is_selected_the_graph_shows_what_the_event_reached(page):
    show(page, "Graph")
    expect(page.locator("#graph-note")).to_contain_text("Nothing is selected")
    open_ready(page)
    wait_until(page, "knockon.graph.cy.nodes('.asset').length > 20")
    expect(page.locator("#graph-note")).to_contain_text("assets are affected")
    assert page.evaluate(PRESSED, "affected")

    select(page, HOSPITAL)
    graph_at_rest(page, HOSPITAL, FUENFEICHEN)
    expect(page.locator("#graph-note")).to_contain_text(HOSPITAL_NAME)
    assert page.evaluate(PRESSED, "neighbourhood")
    page.evaluate("knockon.select([], 'page')")
    expect(page.locator("#graph-note")).to_contain_text("assets are affected")


def test_a_way_to_look_that_somebody_chose_stays(page):
    show(page, "Graph")
    open_ready(page)
    page.get_by_role("button", name="Around the selection").click()
    expect(page.locator("#graph-note")).to_contain_text("Nothing is selected")
    page.get_by_text("What this reached").click()
    select(page, HOSPITAL)
    expect(page.locator("#graph-note")).to_contain_text("assets are affected")
    assert page.evaluate(PRESSED, "affected")


def test_what_the_event_reached_and_the_sectors_are_two_more_ways_to_look(page):
    show(page, "Graph")
    open_ready(page)
    page.get_by_text("What this reached").click()
    wait_until(page, "knockon.graph.cy.nodes('.asset').length > 20")
    expect(page.locator("#graph-note")).to_contain_text("assets are affected")
    page.get_by_role("button", name="Sectors", exact=True).click()
    wait_until(page, "knockon.graph.cy.nodes('.sector').length >= 6")
