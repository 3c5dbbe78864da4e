"""An exercise designed and run by keys alone, and the window for the room."""

from playwright.sync_api import expect

from tests.e2e.board import SUBSTATION, open_page, select, wait_until
from tests.e2e.exercise_guide import follow, press


def test_an_exercise_is_designed_and_run_by_keys_alone(page):
    keys = page.keyboard
    keys.press("7")
    page.locator('[data-key="new-exercise"]').focus()
    keys.press("Enter")
    expect(page.locator(".ex-title")).to_have_value("New exercise")
    select(page, SUBSTATION)
    for title in ("First", "Second"):
        page.locator('[data-key="add-inject"]').focus()
        keys.press("Enter")
        wait_until(page, "(document.activeElement.dataset.key || '').endsWith('-title')")
        keys.type(title)
        keys.press("Tab")
        expect(page.locator(".ex-row", has_text=title)).to_be_visible()
    second = page.locator(".ex-row", has_text="Second")
    second.focus()
    keys.press("Alt+ArrowUp")
    expect(page.locator(".ex-row").first).to_contain_text("Second")
    keys.press("d")
    expect(page.locator(".ex-row")).to_have_count(3)
    keys.press("Delete")
    expect(page.locator(".ex-row")).to_have_count(2)
    page.locator('[data-key="plan-undo"]').focus()
    keys.press("Enter")
    expect(page.locator(".ex-row")).to_have_count(3)
    page.locator(".ex-row", has_text="First").focus()
    keys.press("Shift+ArrowRight")
    expect(page.locator(".ex-row", has_text="First")).to_contain_text("0:10")
    assert page.evaluate("knockon.clock.t") == 0, "the arrows moved the inject, not the clock"
    kind = page.locator(".ex-form-row select").first
    page.locator(".ex-row", has_text="First").press("Enter")
    kind.select_option("knock_out")
    expect(page.locator(".ex-chips")).to_contain_text("Umspannwerk Neubrandenburg")
    page.locator('[data-key="start-run"]').focus()
    keys.press("Enter")
    page.locator('[data-key="start"]').focus()
    keys.press("Enter")
    for _ in range(3):
        before = page.locator(".ex-row.is-released").count()
        page.locator('[data-key="release-next"]').focus()
        keys.press("Enter")
        expect(page.locator(".ex-row.is-released")).to_have_count(before + 1)
    wait_until(page, "((knockon.scenario.plain || {}).events || []).length === 1")


def test_the_guide_from_the_day_before_to_the_debrief_does_what_it_says(page, visitor):
    follow(page, visitor.context.new_page, lambda page, name: None)


def test_the_rooms_window_shows_what_came_and_no_hour_that_is_not_known(page, visitor):
    page.keyboard.press("7")
    press(page, "ready-e1-winter-storm")
    press(page, "start-run")
    press(page, "start")
    for inject in ("warning", "line", "report-1"):
        press(page, "release-next")
        expect(page.locator(f'[data-key="row-{inject}"]')).to_contain_text("came")
    run = page.evaluate("knockon.exercise.run.id")
    page.close()
    room = open_page(visitor.context.new_page(), f"/?view=exercise&run={run}&room=1")
    expect(room.locator(".ex-card")).to_have_count(3)
    expect(room.locator(".ex-card").first).to_contain_text("people without")
    expect(room.locator("body")).not_to_contain_text("The whole region is cut off")
    wait_until(room, "knockon.picture.scenario && knockon.picture.horizon_ms === 3600000")
    assert room.evaluate("knockon.clock.t") == 3_600_000
    room.locator('[data-key="decision"]').fill("<img src=x onerror=alert(1)>" + "y" * 300)
    press(room, "send-decision")
    said = room.locator(".ex-said")
    expect(said).to_contain_text("<img src=x onerror=alert(1)>")
    assert said.locator("img").count() == 0
