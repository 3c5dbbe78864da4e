"""Somebody takes the picture out of the room: a briefing, a warning; and a screen on the wall."""

import re
from pathlib import Path

from playwright.sync_api import expect
from pypdf import PdfReader

from tests.e2e.board import SUBSTATION, go_to_hour, open_page, open_ready, select, wait_until


def _make(page, kind, **fields):
    page.locator("#brief-button").click()
    dialog = page.locator("#brief-dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Make").select_option(kind)
    for name, value in fields.items():
        dialog.get_by_label(name).select_option(value)
    with page.expect_download() as waiting:
        dialog.get_by_role("button", name="Make and save").click()
    expect(dialog).to_be_hidden()
    return waiting.value


def test_a_briefing_is_two_clicks_away_and_about_the_clocks_hour(page):
    open_ready(page)
    go_to_hour(page, 4)
    page.locator("#brief-button").click()
    expect(page.locator("[data-leave=about]")).to_contain_text("at 4 h")
    page.keyboard.press("Escape")
    made = _make(page, "pdf", Label="TLP:AMBER")
    assert made.suggested_filename.endswith("-240min-briefing.pdf")
    reader = PdfReader(made.path())
    assert "Situation at 4 h" in reader.pages[0].extract_text()
    assert "TLP:AMBER" in reader.pages[0].extract_text()
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_a_warning_asks_what_a_model_must_not_decide(page):
    open_ready(page)
    page.locator("#brief-button").click()
    warning = page.locator("[data-leave=warning]")
    expect(warning).to_be_hidden()
    page.get_by_label("Make").select_option("cap")
    expect(warning).to_be_visible()
    page.keyboard.press("Escape")
    made = _make(page, "cap", Severity="Severe", Area="map")
    text = Path(made.path()).read_text(encoding="utf-8")
    assert "<severity>Severe</severity>" in text
    assert "<status>Exercise</status>" in text
    assert "area as drawn" in text


def test_other_files_come_too_and_a_link_that_only_shows(page):
    open_ready(page)
    for kind in ("html", "png", "mail", "gpkg", "csv"):
        assert Path(_make(page, kind).path()).stat().st_size > 200, kind
    page.locator("#brief-button").click()
    look = page.get_by_role("link", name="Read-only view")
    expect(look).to_have_attribute("href", re.compile(r"[?&]s=.+[?&]look=1$"))
    open_page(page, look.get_attribute("href"))
    select(page, SUBSTATION)
    expect(page.locator(".card").get_by_role("button", name="Knock out")).to_be_disabled()
    expect(page.locator("#add-button")).to_be_hidden()
    page.keyboard.press("k")
    expect(page.locator(".notice").filter(has_text="You are an observer")).to_be_visible()
    wait_until(page, "location.search.includes('look=1')")


def test_a_server_that_refuses_is_said_in_the_dialog(visit):
    visitor = visit()
    visitor.expect_problem(r"409")
    page = open_page(visitor.page)
    page.route(
        "**/api/files", lambda route: route.fulfill(status=409, json={"error": "Try again."})
    )
    page.locator("#brief-button").click()
    page.get_by_role("button", name="Make and save").click()
    expect(page.locator("#brief-dialog .form-problem")).to_have_text("Try again.")
    expect(page.get_by_role("button", name="Make and save")).to_be_enabled()


def test_a_wall_screen_shows_each_scene_and_takes_no_orders(page, visit):
    open_ready(page)
    go_to_hour(page, 4)
    wait_until(page, "location.search.includes('t=4')")
    wall = open_page(visit(viewport={"width": 1920, "height": 1080}).page, f"{page.url}&kiosk=1")
    for scene, seen, hidden in (
        ("picture", "#people", "#next-losses"),
        ("deadlines", "#next-losses", "#people"),
        ("people", "#people", "#next-losses"),
    ):
        assert wall.evaluate("name => knockon.kiosk(name)", scene) == scene
        expect(wall.locator(seen)).to_be_visible()
        expect(wall.locator(hidden)).to_be_hidden()
        expect(wall.locator("#map canvas").first).to_be_visible()
    for control in ("#brief-button", "#theme-button", "#views", "#left"):
        expect(wall.locator(control)).to_be_hidden()
    before = wall.evaluate("knockon.clock.t")
    wall.keyboard.press("End")
    wall.keyboard.press("k")
    wall.mouse.click(700, 500)
    assert wall.evaluate("[knockon.clock.t, knockon.selection.length]") == [before, 0]
