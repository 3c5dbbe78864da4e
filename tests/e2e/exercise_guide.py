"""The facilitator's guide (docs/how-to/exercise.md), followed step by step on the running page.

``test_exercise.py`` follows it; ``python -m tests.e2e.exercise_guide`` takes its pictures too.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.e2e.board import open_page, wait_until
from tests.e2e.running import ROOT, launch, running_app

IMAGES = ROOT / "docs" / "images"
EXCHANGE, ZACHOW, HOSPITAL = "node/712955744", "node/2092436073", "way/210572994"
Picture = Callable[[Page, str], None]


def press(page: Page, key: str) -> None:
    """Press a button of the pane by its key."""
    page.locator(f'[data-key="{key}"]').click()


def came(page: Page, inject: str) -> None:
    """Release what comes next, which must be this inject."""
    page.locator('[data-key="release-next"]').click()
    expect(page.locator(f'[data-key="row-{inject}"]')).to_contain_text("came")


def follow(page: Page, other: Callable[[], Page], picture: Picture) -> None:
    """Do what the guide says; ``other`` opens one more window of the same browser."""
    before(page, other, picture)
    room = begin(page, other, picture)
    first_prediction(page, picture)
    decision(page, room, picture)
    rewind(page, picture)
    after(page, other, picture)


def before(page: Page, other: Callable[[], Page], picture: Picture) -> None:
    """The day before: a copy, a look at what is planned, cards."""
    page.keyboard.press("7")
    expect(page.locator('[data-key="ready-e1-winter-storm"]')).to_be_visible()
    picture(page, "list")
    press(page, "ready-e1-winter-storm")
    press(page, "row-generator")
    expect(page.locator(".ex-form").first).to_contain_text("Facilitator's note")
    page.locator('[data-key="row-checked"]').scroll_into_view_if_needed()
    picture(page, "design")
    plan = page.evaluate("knockon.exercise.plan.id")
    cards = other()
    cards.goto(f"/api/exercises/{plan}/cards.html")
    expect(cards.locator("article")).to_have_count(5 + 18)
    picture(cards, "cards")
    cards.close()


def begin(page: Page, other: Callable[[], Page], picture: Picture) -> str:
    """Open a run and start it; returns the address of the room's window."""
    press(page, "start-run")
    expect(page.locator(".ex-phase")).to_have_text("not started")
    run = page.evaluate("knockon.exercise.run.id")
    press(page, "start")
    expect(page.locator(".ex-phase")).to_have_text("running")
    came(page, "warning")
    picture(page, "run")
    came(page, "line")
    came(page, "report-1")
    wait_until(page, "knockon.picture.scenario === knockon.exercise.run.scenario", seconds=120)
    return f"/?view=exercise&run={run}&room=1"


def first_prediction(page: Page, picture: Picture) -> None:
    """Two tables predict, then the reveal."""
    came(page, "predict-1")
    page.get_by_text("Hand in for a table in the room").click()
    for table, marks in {
        "Water": {EXCHANGE: 1, ZACHOW: 1, HOSPITAL: 2},
        "Telephone": {EXCHANGE: 1, ZACHOW: 0},
    }.items():
        for asset, band in marks.items():
            page.evaluate("id => knockon.select([id], 'address')", asset)
            press(page, f"band-{asset}-{band}")
        page.locator('[data-key="table"]').fill(table)
        if table == "Water":
            picture(page, "predict")
        press(page, "hand-in")
        expect(page.locator(".ex-marks li")).to_have_count(0)
    expect(page.locator(".ex-open")).to_contain_text("2 predictions are in")
    press(page, "reveal")
    verdicts = page.locator(".ex-verdicts")
    expect(verdicts).to_contain_text("2 hits")
    expect(verdicts).to_contain_text("1 did not fail")
    expect(page.locator(".ex-discuss li").first).to_contain_text("Telephone exchange Burg Stargard")
    expect(page.locator(".ex-open")).to_have_count(0)
    page.evaluate("knockon.select([], 'keys')")
    page.locator(".ex-reveal").scroll_into_view_if_needed()
    picture(page, "reveal")


def decision(page: Page, room: str, picture: Picture) -> None:
    """The region is cut off; the room decides where the generator goes."""
    for inject in ("blackout", "report-2", "checked", "generator"):
        came(page, inject)
    for table, answer in (("Water", 1), ("Town", 1), ("Grid", 0)):
        page.locator('[data-key="says"]').fill(table)
        press(page, f"answer-generator-{answer}")
        expect(page.locator('[data-key="says"]')).to_have_value("")
    question = page.get_by_role("region", name="Where does the only mobile generator go?")
    expect(question).to_contain_text("Water works at Teschendorf: 2")
    question.scroll_into_view_if_needed()
    picture(page, "question")
    page.locator('[data-key="decision"]').fill("The generator goes to the water works")
    page.locator('[data-key="reason"]').fill("People need water first")
    press(page, "send-decision")
    expect(page.locator(".ex-said").first).to_contain_text("People need water first")
    expect(page.locator(".ex-next")).to_contain_text("connected at the water works")
    expect(page.locator('[data-key="row-gen-plant"]')).to_contain_text("does not apply")
    came(page, "gen-works")


def rewind(page: Page, picture: Picture) -> None:
    """Back to the question: take 2, in a new option of the scenario."""
    first = page.evaluate("knockon.exercise.run.scenario")
    press(page, "row-generator")
    press(page, "rewind-generator")
    expect(page.locator(".ex-phase")).to_have_text("paused, take 2")
    wait_until(
        page,
        "first => knockon.picture.scenario !== first"
        " && knockon.picture.scenario === knockon.exercise.run.scenario",
        first,
        seconds=120,
    )
    picture(page, "rewind")
    press(page, "resume")
    came(page, "generator")
    press(page, "answer-generator-0")
    expect(page.locator(".ex-next")).to_contain_text("connected at the gas plant")
    came(page, "gen-plant")


def after(page: Page, other: Callable[[], Page], picture: Picture) -> None:
    """End, and the debrief."""
    press(page, "end")
    expect(page.locator(".ex-problem")).to_contain_text("cannot go on")
    press(page, "end")
    expect(page.locator(".ex-phase")).to_have_text("ended, take 2")
    link = page.get_by_role("link", name="Open the hot debrief").get_attribute("href")
    debrief = other()
    debrief.goto(link or "")
    expect(debrief.locator("body")).to_contain_text("People need water first")
    expect(debrief.locator("body")).to_contain_text("2 takes")
    picture(debrief, "debrief")
    debrief.close()


def main() -> None:
    """Write every picture of the guide."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_app(Path(folder)) as app,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        context = browser.new_context(
            base_url=app.address, viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
        )
        context.add_init_script("localStorage.setItem('knockon-tour', 'done');")
        context.set_default_timeout(180_000)
        expect.set_options(timeout=180_000)

        def save(page: Page, name: str) -> None:
            if page.url.endswith(".html"):
                page.screenshot(path=IMAGES / f"exercise-{name}.png")
            else:
                at_rest_and_drawn(page)
                page.mouse.move(1, 1)
                page.screenshot(path=IMAGES / f"exercise-{name}.png")
            print(f"docs/images/exercise-{name}.png", flush=True)

        follow(open_page(context.new_page(), seconds=180), context.new_page, save)
        browser.close()


def at_rest_and_drawn(page: Page) -> None:
    """Wait until no callback is pending and the map no longer moves."""
    wait_until(page, "!document.documentElement.dataset.busy", seconds=120)
    wait_until(page, "!knockon.map.isMoving() && knockon.map.areTilesLoaded()", seconds=120)
    page.wait_for_timeout(1_500)


if __name__ == "__main__":
    main()
