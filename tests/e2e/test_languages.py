"""The page in other languages: nothing is left in English by oversight, and a story in German."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.e2e.board import SUBSTATION, go_to_hour, open_page, open_ready, select, wait_until
from tests.e2e.conftest import Visitor

#: What the page says without the brackets of the pseudo-language, but for names that people gave.
UNMARKED = """() => {
  const found = new Set(), left = new Set(["SCRIPT", "STYLE", "CODE", "KBD", "NOSCRIPT"]);
  const { assets, links, corridors } = knockon.world;
  const plain = knockon.scenario.plain || {};
  const names = [...assets, ...links, ...corridors, ...(knockon.places || [])]
    .map((one) => one.name).concat((plain.events || []).map((event) => event.note), plain.title)
    .filter((name) => name && name.length > 2)
    .sort((a, b) => b.length - a.length);
  const look = (text, where) => {
    let bare = text, before;
    do { before = bare; bare = bare.replace(/⟦[^⟦⟧]*⟧/g, ""); } while (bare !== before);
    bare = bare.replace(/[0-9]+ min/g, "");
    if (!/[A-Za-z]{3}/.test(bare)) return;
    for (const name of names) bare = bare.split(name).join("");
    if (/[A-Za-z]{3}/.test(bare)) found.add(`${text.trim().slice(0, 140)} <- ${where}`);
  };
  const inTheir = "#language, [data-own-words], .ag-paging-panel, .dash-input-stepper, " +
    ".brand, .crumb-world, #scenario-title, .ready-entry > span, svg, .people-more, " +
    ".grounds li, .share-body code, .ex-entry, .card-note, #help-sheet dt, body > footer, " +
    ".compare-pick option";
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walk.nextNode());) {
    const home = node.parentElement;
    // a sentence with an element in it is broken over several nodes: all of it is looked at
    if (left.has(home.tagName) || home.closest(inTheir)) continue;
    const whole = home.closest("p, li, h1, h2, h3, summary, td, small") || home;
    look(whole.textContent, `${home.tagName}.${home.className}`);
  }
  for (const name of ["aria-label", "title", "placeholder"])
    for (const one of document.querySelectorAll(`[${name}]`))
      if (!one.closest(inTheir)) look(one.getAttribute(name), `${name} of ${one.tagName}`);
  return [...found];
}"""
#: what is said in the words of a world, of a table of knowledge, or by whoever wrote it
OWN_WORDS = re.compile(
    r"way \d+|OpenStreetMap|assumption of this project|same towers|Same place|rule⟧? ?D\d"
    r"|\(constructed\)|Guest \d|TLP:|Knock-on"
)


def _unmarked(page: Page) -> list[str]:
    return [text for text in page.evaluate(UNMARKED) if not OWN_WORDS.search(text)]


def test_every_text_of_the_page_can_be_translated(visit: Callable[..., Visitor]) -> None:
    """In the pseudo-language every translated text has brackets; what has none was forgotten."""
    page = open_page(visit().page, "/?lang=xx", seconds=90)
    unmarked = set(_unmarked(page))
    open_ready(page)
    go_to_hour(page, 6)
    select(page, SUBSTATION)
    expect(page.locator("#why .why-sentence")).to_contain_text("⟦")
    unmarked |= set(_unmarked(page))
    for view in ("graph", "list", "weak", "compare", "exercise"):
        page.evaluate("view => knockon.setView(view)", view)
        if view == "weak":
            expect(page.locator("#weak-pane .weak-progress")).to_contain_text("⟦", timeout=60_000)
        if view == "compare":
            wait_until(page, "!!knockon.compared()")
        unmarked |= set(_unmarked(page))
    page.evaluate("knockon.setView('map')")
    for opener in ("#help-button", "#brief-button", "#share-button"):
        page.locator(opener).click()
        expect(page.locator("dialog[open]")).to_be_visible()
        unmarked |= set(_unmarked(page))
        page.keyboard.press("Escape")
    assert not unmarked, "\n".join(sorted(unmarked))


def test_a_visitor_whose_browser_prefers_german_works_in_german(
    visit: Callable[..., Visitor],
) -> None:
    page = open_page(visit(locale="de-DE").page)
    expect(page.locator("html")).to_have_attribute("lang", "de")
    select(page, SUBSTATION)
    page.get_by_role("button", name="Ausfallen lassen", exact=False).first.click()
    expect(page.locator("#why .why-sentence")).to_contain_text("getroffen")
    go_to_hour(page, 2)
    expect(page.locator(".people-at")).to_have_text(", nach 2 h")
    expect(page.locator(".people-row[data-service=electricity] .people-number")).to_contain_text(
        re.compile(r"^\d{2}\.\d{3}$")
    )
    page.locator("#brief-button").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Erstellen und speichern").click()
    reader = PdfReader(Path(waiting.value.path()))
    assert reader.trailer["/Root"]["/Lang"] == "de"
    assert "Lage nach 2 h" in reader.pages[0].extract_text()
    # another tab may speak another language: this page keeps its own
    other = page.context.new_page()
    open_page(other, "/?lang=fr")
    expect(other.locator("#views")).to_contain_text("Carte")
    other.close()
    page.keyboard.press("Control+z")
    expect(page.locator("#happenings-list")).to_contain_text("Noch nichts")
