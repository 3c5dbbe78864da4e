"""Whole briefings that a person has read: their text, and the structure of HTML and PDF.

After a change that is meant to change one, write it anew and read the difference:
``python -m tests.golden.test_briefings``.
"""

from __future__ import annotations

import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from pypdf import PdfReader

from data import briefings
from data.papers import Papers, base_files
from data.scenarios import read_scenario, ready_scenarios
from data.worlds import find_world, read_world
from labels import page_labels
from layouts.briefing import briefing
from layouts.subject import Subject
from models.briefing import Briefing, lines
from models.cascade.engine import run
from models.comparison import figures, options_of, without_help
from models.helping import helps
from models.units import to_ms

HERE = Path(__file__).parent / "briefings"
#: scenario, hour, label
CASES = {
    "station-fails": ("s1-110kv-fault", 4.0, ""),
    "started-too-late": ("s5-black-start-too-late", 24.0, "TLP:AMBER"),
}
SHAPES = {"svg", "g", "path", "circle", "rect", "text", "polygon", "clippath", "style"}


def _briefing(case: str) -> Briefing:
    name, at_h, label = CASES[case]
    folder = find_world("neubrandenburg")
    world, labels = read_world(folder), page_labels()
    (path,) = [path for _, path in ready_scenarios(folder) if path.stem == name]
    scenario = read_scenario(path, world)
    outcome = run(world, scenario)
    # the run's id has the program's version in it, which is none of the text's business
    subject = Subject(world, scenario, outcome, labels, to_ms(at_h), "RUN", label=label)
    acts = helps(world, scenario, outcome, subject.at_ms, labels.special_types)
    bare = [("As briefed", scenario), ("Without what is done", without_help(scenario))]
    options = options_of(world, bare if bare[1][1] != scenario else [])
    compared = [(one.name, figures(world, one, labels.special_types)) for one in options]
    return briefing(subject, Papers(base_files(folder)).base(), acts, compared)


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
    made = _briefing(case)
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


if __name__ == "__main__":
    for name in CASES:
        for place, content in _files(name).items():
            place.write_text(content, encoding="utf-8")
