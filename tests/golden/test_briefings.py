"""Whole briefings that a person has read: their text, and the structure of HTML and PDF.

In every other language the same is said: as many sections, tables, rows and figures.

After an intended change, rewrite them and review the difference:
``python -m tests.golden.test_briefings``.
"""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from data.documents.scenarios import read_scenario, ready_scenarios
from data.exchange import briefings
from data.exchange.papers import Papers
from data.languages import NAMES, PSEUDO, all_spoken
from data.worlds.base_map import base_files
from data.worlds.reader import find_world, read_world
from labels import page_labels
from layouts.paper.briefing import briefing
from layouts.paper.situation_map import Base
from layouts.paper.subject import Subject
from models.cascade.timed.engine import run
from models.explain.helping import helps
from models.impact.comparison import figures, options_of, without_help
from models.outcome import Outcome
from models.papers.briefing import (
    Block,
    Briefing,
    Bullets,
    Numbers,
    Picture,
    TableBlock,
    Text,
    lines,
)
from models.scenario import Scenario
from models.units import to_ms
from models.wording import _, speaking
from models.world import World

HERE = Path(__file__).parent / "briefings"
#: scenario, hour, label
CASES = {
    "station-fails": ("s1-110kv-fault", 4.0, ""),
    "started-too-late": ("s5-black-start-too-late", 24.0, "TLP:AMBER"),
}
SHAPES = {"svg", "g", "path", "circle", "rect", "text", "polygon", "clippath", "style"}


@cache
def _world() -> World:
    return read_world(find_world("neubrandenburg"))


@cache
def _run(case: str) -> tuple[Scenario, Outcome]:
    paths = {path.stem: path for _, path in ready_scenarios(find_world("neubrandenburg"))}
    scenario = read_scenario(paths[CASES[case][0]], _world())
    return scenario, run(_world(), scenario)


def _subject(case: str) -> Subject:
    """Return what the briefing is about; it keeps its texts, so each language needs its own."""
    _name, at_h, label = CASES[case]
    # the run's id has the program's version in it, which is none of the text's business
    return Subject(_world(), *_run(case), page_labels(), to_ms(at_h), "RUN", label=label)


def _base() -> Base:
    return Papers(base_files(find_world("neubrandenburg"))).base()


def _briefing(subject: Subject, base: Base) -> Briefing:
    world, scenario, labels = subject.world, subject.scenario, subject.labels
    types, is_possible = labels.special_types, labels.is_possible
    acts = helps(world, scenario, subject.outcome, subject.at_ms, types, is_possible)
    bare = [
        (_("As briefed"), scenario),
        (_("Without measures and repairs"), without_help(scenario)),
    ]
    options = options_of(world, bare if bare[1][1] != scenario else [])
    compared = [(option.name, figures(world, option, types)) for option in options]
    return briefing(subject, base, acts, compared)


class _Outline(HTMLParser):
    """One line per part of the page: headings with their text, tables with their size."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.open: list[str] = []
        self.rows = self.cells = 0

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        if tag in ("table", "ul", "dl"):
            self.rows = self.cells = 0
        self.rows += tag in ("tr", "li", "div")
        self.cells += tag in ("th", "td")
        if tag not in SHAPES | {"table", "ul", "dl", "li", "tr", "th", "td", "div", "dt", "dd"}:
            self.lines.append(tag)

    def handle_endtag(self, tag):
        if tag == "table":
            self.lines.append(f"table of {self.rows} rows, {self.cells} cells")
        elif tag in ("ul", "dl"):
            self.lines.append(f"{tag} of {self.rows}")

    def handle_data(self, data):
        if self.open and self.open[-1] in ("h1", "h2", "title", "caption"):
            self.lines[-1] += f": {data}"


def _structure(made: Briefing) -> str:
    outline = _Outline()
    outline.feed(briefings.html(made).decode())
    reader = PdfReader(io.BytesIO(briefings.pdf(made)))
    titles = [section.title for section in made.sections]
    pages = []
    for number, page in enumerate(reader.pages, 1):
        said = " ".join(page.extract_text().split())
        pages.append(f"page {number}: {json.dumps([t for t in titles if t in said])}")
    return "\n".join(["# HTML", *outline.lines, "", "# PDF", *pages]) + "\n"


def _files(case: str) -> dict[Path, str]:
    made = _briefing(_subject(case), _base())
    text = "\n".join(lines(made)) + "\n"
    return {HERE / f"{case}.txt": text, HERE / f"{case}.structure.txt": _structure(made)}


@pytest.mark.parametrize("case", CASES)
def test_text_and_structure_are_the_reviewed_ones(case: str):
    for path, text in _files(case).items():
        assert text == path.read_text(encoding="utf-8"), path.name


@pytest.mark.parametrize("case", CASES)
def test_two_pages_stand_before_the_annex(case: str):
    structure = (HERE / f"{case}.structure.txt").read_text(encoding="utf-8")
    assert re.search(r"^page 3: \[\"Annex", structure, re.M)
    assert "Annex" not in "".join(re.findall(r"^page [12]: .*$", structure, re.M))


# --- other languages -----------------------------------------------------------------------------


def _shape(made: Briefing) -> list[tuple[Any, ...]]:
    """Return the structure, and the figures of tables, without any word."""
    return [(section.new_page, *map(_block_shape, section.blocks)) for section in made.sections]


def _block_shape(block: Block) -> tuple[Any, ...]:
    if isinstance(block, Text):
        return ("text", block.kind)
    if isinstance(block, Bullets):
        return ("bullets", len(block.items))
    if isinstance(block, Numbers):
        return ("numbers", *(_digits(figure) for figure, _what in block.items))
    if isinstance(block, Picture):
        return ("picture", block.svg.count("<path"), block.svg.count("<circle"))
    rows = [[_digits(row[c]) for c in sorted(block.right)] for row in block.rows]
    return ("table", len(block.head), len(block.rows), rows, block.right, block.marks)


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


@pytest.mark.parametrize("code", NAMES)
@pytest.mark.parametrize("case", CASES)
def test_another_language_says_as_much_in_as_many_pages(case: str, code: str):
    english = _briefing(_subject(case), _base())
    with speaking(all_spoken()[code].language):
        made = _briefing(_subject(case), _base())
        page, reader = briefings.html(made).decode(), PdfReader(io.BytesIO(briefings.pdf(made)))
    assert _shape(made) == _shape(english)
    assert page.startswith(f'<!doctype html><html lang="{code}">')
    assert reader.trailer["/Root"]["/Lang"] == code
    annex = next(section.title for section in made.sections[::-1] if section.new_page)
    assert " ".join(annex.split()) in " ".join(reader.pages[2].extract_text().split())


@pytest.mark.parametrize("case", CASES)
def test_numbers_are_written_as_the_language_does(case: str):
    people = {}
    for code, language in all_spoken().items():
        with speaking(language.language):
            made = _briefing(_subject(case), _base())
        (table,) = [b for b in made.sections[1].blocks if isinstance(b, TableBlock)]
        people[code] = table.rows[0][2]
    english = people["en"]
    assert "," in english
    narrow = "\N{NARROW NO-BREAK SPACE}"
    signs = {"en": ",", "de": ".", "fr": narrow, "it": ".", "es": "."}
    assert people == {code: english.replace(",", sign) for code, sign in signs.items()}


#: untranslated strings: units, ids of runs and rules, labels, our name
NO_TEXT = re.compile(r"\b(h|d|min|km|RUN|D\d{3}|TLP:AMBER|Knock-on)\b")


def _nameless(subject: Subject) -> Subject:
    """Return the same with figures in place of all user-defined names and texts."""
    world, scenario = subject.world, subject.scenario
    nameless = replace(
        world,
        assets={a: replace(asset, name="1") for a, asset in world.assets.items()},
        links={k: replace(link, name="2") for k, link in world.links.items()},
        title="3",
        attribution="4",
        licence="5",
        sources=tuple({"title": "6"} for _source in world.sources),
        cells={c: replace(cell, municipality="10") for c, cell in world.cells.items()},
        use_needs=tuple(replace(need, source="11") for need in world.use_needs),
    )
    rules = dict.fromkeys(subject.labels.rules, "7")
    untitled = replace(scenario, title="8", note="9")
    return replace(
        subject, world=nameless, scenario=untitled, labels=replace(subject.labels, rules=rules)
    )


class _Said(HTMLParser):
    """Every text of a page, and the text alternatives of pictures."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.feed(page.replace(page[page.index("<style>") : page.index("</style>")], ""))

    def handle_starttag(self, tag, attrs):
        self.texts += [value for name, value in attrs if name == "aria-label"]

    def handle_data(self, data):
        self.texts.append(data)


def _unmarked(text: str) -> str:
    """Return the words of a text outside the brackets."""
    while (inner := re.sub("⟦[^⟦⟧]*⟧", "", text)) != text:
        text = inner
    # a long text is cut, with the bracket at its end
    return NO_TEXT.sub("", re.sub("⟦.*…$", "", text))


@pytest.mark.parametrize("case", CASES)
def test_every_text_is_marked_for_translation(case: str):
    base = {name: some for name, some in _base().items() if name != "places"}
    with speaking(PSEUDO):
        page = briefings.html(_briefing(_nameless(_subject(case)), base)).decode()
    said = _Said(page).texts
    assert sum("⟦" in text for text in said) > 100
    assert not [text for text in said if re.search(r"[^\W\d_]", _unmarked(text))]


if __name__ == "__main__":
    for name in CASES:
        for place, content in _files(name).items():
            place.write_text(content, encoding="utf-8")
