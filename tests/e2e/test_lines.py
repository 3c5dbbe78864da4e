"""Somebody knocks out lines, and several at once that hang on the same towers, without a mouse."""

from playwright.sync_api import expect

from tests.e2e.board import events, find, hits, open_ready, wait_for_events, wait_until

FEED = "relation/2326863"
FEED_NAME = "110 kV Neubrandenburg – Fünfeichen"
OTHER_FEED = "relation/2326955"
CARD = "#asset-card .card"


def _search(page, words):
    page.keyboard.press("/")
    page.keyboard.type(words)
    expect(hits(page).first).to_be_visible()


def _down_to(page, kind, words=""):
    """Go down the list of what was found to the first of a kind, and take it."""
    places = page.evaluate(
        """([kind, words]) => [...document.querySelectorAll('#search-hits [role=option]')]
            .findIndex((one) => one.dataset.kind === kind && one.textContent.includes(words))""",
        [kind, words],
    )
    assert places >= 0
    for _ in range(places):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def test_a_circuit_is_found_by_its_name_and_knocked_out_and_repaired_by_keys(page):
    find(page, FEED_NAME)
    expect(page.locator(CARD)).to_contain_text(FEED_NAME)
    expect(page.locator(CARD)).to_contain_text("working")
    page.keyboard.press("k")
    wait_for_events(page, 1)
    assert events(page)[0]["link"] == FEED
    expect(page.locator(CARD)).to_contain_text("hit")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("r")
    wait_for_events(page, 2)
    assert events(page)[1]["do"] == "repair"
    page.keyboard.press("Escape")
    expect(page.locator(CARD)).to_have_count(0)


def test_a_row_of_towers_takes_all_its_circuits_in_one_change(page):
    _search(page, "Fünfeichen South-east shared towers")
    _down_to(page, "corridor", "Neubrandenburg – Fünfeichen")
    card = page.locator(CARD)
    expect(card).to_contain_text("Common cause: one row of towers")
    page.keyboard.press("k")
    wait_for_events(page, 2)
    assert {event["link"] for event in events(page)} == {FEED, OTHER_FEED}
    page.keyboard.press("Control+z")
    wait_for_events(page, 0)


def test_roads_and_rail_are_found_each_with_a_name_of_its_own(page):
    wait_until(page, "knockon.places && knockon.places.length > 0")
    names = page.evaluate(
        "knockon.things().filter((one) => one.kind === 'line').map((o) => o.name)"
    )
    assert len(names) == len(set(names))
    _search(page, "B 104 Sponholz")
    _down_to(page, "line")
    expect(page.locator(CARD)).to_contain_text("B 104 near Sponholz")


def test_lines_can_be_chosen_in_the_dialog_but_not_supplied(page):
    page.locator("#add-button").click()
    dialog = page.get_by_role("dialog", name="What happens?")
    dialog.get_by_label("Which asset or line").fill(FEED_NAME)
    dialog.locator("select[name=do]").select_option("supply")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.get_by_role("alert")).to_contain_text("can only fail or be repaired")
    dialog.locator("select[name=do]").select_option("fail")
    dialog.get_by_label("At hour").fill("2")
    dialog.get_by_role("button", name="Add").click()
    wait_for_events(page, 1)
    assert events(page) == [{"at_h": 2, "do": "fail", "link": FEED}]
    expect(page.locator(CARD)).to_contain_text(FEED_NAME)


def test_an_event_of_a_line_opens_the_line(page):
    open_ready(page, 2)
    page.locator("#happenings-list [data-open-line]").first.click()
    expect(page.locator(CARD)).to_contain_text("hit")
