"""The map shows suppliers and consumers of the selection, with the basis of each need."""

from tests.e2e.board import (
    HOSPITAL,
    SUBSTATION,
    graph_at_rest,
    open_ready,
    select,
    show,
    wait_until,
)

NEEDS = "knockon.drawn().needs"


def test_lines_lead_to_suppliers_and_consumers_and_say_how_they_are_known(page):
    assert page.evaluate(NEEDS) == []
    select(page, HOSPITAL)
    wait_until(page, f"{NEEDS}.length > 0")
    here = page.evaluate("id => knockon.world.index.get(id)", HOSPITAL)
    for need in page.evaluate(NEEDS):
        assert here in (need["from"], need["to"])
        assert need["basis"] in ("declared", "inferred", "assumed")
        assert need["supply"] == "working"
    page.keyboard.press("Escape")
    wait_until(page, f"{NEEDS}.length === 0")


def test_a_supply_that_is_gone_is_drawn_as_lost_and_never_more_than_a_look_can_hold(page):
    open_ready(page)
    lost = """() => {
        const find = (from) => knockon.stateAt(from).delivered === 0;
        const from = knockon.world.dependencies.from.find(find);
        knockon.select([knockon.world.assets[from].id], 'address');
        return from;
    }"""
    source = page.evaluate(lost)
    wait_until(
        page,
        f"from => {NEEDS}.some((need) => need.from === from && need.supply === 'lost')",
        source,
    )
    ids = page.evaluate("knockon.world.assets.map((asset) => asset.id)")
    page.evaluate("ids => knockon.select(ids, 'address')", ids)
    wait_until(page, f"{NEEDS}.length > 0")
    assert page.evaluate(f"{NEEDS}.length") <= 60


def test_both_view_is_legible_and_nothing_runs_out_of_the_map(page):
    open_ready(page)
    show(page, "Both")
    select(page, HOSPITAL)
    graph_at_rest(page, HOSPITAL)
    assert page.evaluate("knockon.graph.cy.nodes('.chosen').length") == 1
    seen = page.evaluate(
        """() => {
            const { cy } = knockon.graph, at = cy.nodes('.chosen').renderedPosition();
            const inside = at.x > 0 && at.x < cy.width() && at.y > 0 && at.y < cy.height();
            return [cy.nodes('.asset').length, cy.zoom(), inside];
        }"""
    )
    assert seen[0] <= 40
    assert seen[1] >= 0.8
    assert seen[2]
    edge = "id => document.getElementById(id).getBoundingClientRect().right"
    assert page.evaluate(edge, "map-tools") <= page.evaluate(edge, "map-pane")
    wide = page.evaluate("knockon.map.getContainer().clientWidth")
    select(page, SUBSTATION)
    wait_until(page, "knockon.drawn().tags.length > 0")
    tags = page.evaluate("knockon.drawn().tags")
    assert all(tag["x"] >= 0 and tag["x"] + tag["w"] <= wide for tag in tags)


def test_the_reason_for_what_is_selected_stands_on_the_screen(page):
    open_ready(page)
    select(page, HOSPITAL)
    sentence = page.locator("#why .why-sentence").first
    sentence.wait_for()
    wait_until(
        page,
        """() => {
            const side = document.getElementById('right').getBoundingClientRect();
            const box = document.querySelector('#why .why-sentence').getBoundingClientRect();
            return box.bottom <= side.bottom && box.top >= side.top;
        }""",
        seconds=5,
    )


def test_the_pointer_in_the_graph_rings_the_asset_on_the_map(page):
    show(page, "Both")
    select(page, HOSPITAL)
    graph_at_rest(page, HOSPITAL)
    other = page.evaluate(
        """() => {
            const { cy } = knockon.graph;
            const box = cy.container().getBoundingClientRect();
            const node = cy.nodes('.asset').filter((n) => {
                const at = n.renderedPosition();
                return !n.hasClass('chosen') && n.data('i') !== undefined
                    && at.x > 20 && at.x < cy.width() - 20 && at.y > 20 && at.y < cy.height() - 20;
            })[0], at = node.renderedPosition();
            return [node.data('i'), box.left + at.x, box.top + at.y];
        }"""
    )
    page.mouse.move(other[1], other[2])
    wait_until(page, "i => knockon.hovered === i", other[0])
