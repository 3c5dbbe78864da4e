"""A stranger opens the page for the first time."""

import pytest
from playwright.sync_api import expect

from tests.e2e.board import (
    SUBSTATION,
    open_page,
    open_ready,
    show,
    wait_until,
)

#: the colour of the image of dots at an asset, and that of its state
AT_ASSET = """(id) => {
  const [x, y] = knockon.screenOf(knockon.world.index.get(id)), ratio = devicePixelRatio || 1;
  const [r, g, b, cover] = knockon.dots.pen.getImageData(x * ratio, y * ratio, 1, 1).data;
  return [[r, g, b, cover], [...knockon.dots.colours().states[0], 255]];
}"""


def test_what_to_do_first_is_said_where_nothing_has_happened_yet(page):
    expect(page.locator("#happenings-list .empty")).to_contain_text("ready scenario")
    expect(page.locator("#next-losses .empty")).to_contain_text("Knock out")
    expect(page.locator("#why-body .empty")).to_contain_text("Select an asset")


def test_whose_data_this_is_and_of_which_day_is_always_visible(page):
    for view in ("Map", "Graph", "Both", "List"):
        page.locator("#views").get_by_role("button", name=view, exact=True).click()
        credit = page.get_by_text("© OpenStreetMap contributors")
        expect(credit).to_be_visible()
        expect(credit).to_be_in_viewport()
        expect(page.get_by_text("data of 10 Feb 2016")).to_be_visible()


def test_the_tour_has_at_most_three_steps_and_is_not_offered_again(visit):
    newcomer = visit(first_time=True).page
    open_page(newcomer)
    tour = newcomer.locator("#tour")
    expect(tour).to_be_visible()
    steps = 1
    while tour.get_by_role("button", name="Next").count():
        tour.get_by_role("button", name="Next").click()
        steps += 1
    tour.get_by_role("button").click()
    expect(tour).to_have_count(0)
    assert steps <= 3
    newcomer.reload()
    open_page(newcomer)
    # whether it is offered is decided with the first picture
    assert not newcomer.evaluate("knockon.tourDue")
    expect(tour).to_have_count(0)


def test_the_tour_can_be_left_at_its_first_step(visit):
    newcomer = visit(first_time=True).page
    open_page(newcomer)
    newcomer.locator("#tour").get_by_role("button", name="Skip").click()
    expect(newcomer.locator("#tour")).to_have_count(0)


def test_what_works_is_a_dot_in_the_colour_of_working_at_its_place(page):
    shown, working = page.evaluate(AT_ASSET, SUBSTATION)
    assert shown == working


#: the width in px that the label of the search field needs, and the one that it has
LABEL_AND_ROOM = """() => {
  const input = document.querySelector("#search input"), style = getComputedStyle(input);
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `${style.fontSize} ${style.fontFamily}`;
  const room = input.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return [pen.measureText(input.placeholder).width, room];
}"""


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720), (1920, 1080)])
def test_the_search_field_shows_its_whole_label(page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for view in ("Map", "Both"):
        show(page, view)
        label, room = page.evaluate(LABEL_AND_ROOM)
        assert label <= room, view


CAMERA = "[...Object.values(knockon.map.getCenter()), knockon.map.getZoom()].map(x => x.toFixed(5))"
#: the share of what is lost in the end that the map's pane shows
LOST_IN_SIGHT = """() => {
  const { world, picture, map } = knockon, bounds = map.getBounds();
  const lost = [...new Set(picture.losses.map((loss) => loss.a))];
  const seen = lost.filter((a) => bounds.contains([world.columns.lon[a], world.columns.lat[a]]));
  return seen.length / lost.length;
}"""


def test_beside_another_view_the_map_shows_what_the_event_reached(page):
    open_ready(page, 2)
    alone = page.evaluate(CAMERA)
    show(page, "Both")
    wait_until(page, f"({LOST_IN_SIGHT})() > 0.85")
    assert page.evaluate(CAMERA) != alone
    show(page, "Map")
    wait_until(page, f"before => JSON.stringify({CAMERA}) === JSON.stringify(before)", alone)


def test_a_map_that_somebody_moved_keeps_its_place_beside_another_view(page):
    open_ready(page, 2)
    page.evaluate("knockon.map.jumpTo({ center: [13.2, 53.5], zoom: 14 })")
    moved = page.evaluate(CAMERA)
    show(page, "Both")
    wait_until(page, "knockon.map.getContainer().clientWidth < 600")
    page.wait_for_timeout(200)
    assert page.evaluate(CAMERA) == moved
