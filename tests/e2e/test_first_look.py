"""A stranger opens the page for the first time."""

from playwright.sync_api import expect

from tests.e2e.board import (
    SUBSTATION,
    open_page,
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
