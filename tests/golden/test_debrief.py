"""The hot debrief and the cards of one run with two takes, as files a person can review.

After a change that is meant to change them: ``KNOCKON_GOLDEN=write python -m pytest
tests/golden/test_debrief.py`` writes them anew; read the difference.
"""

import json
import os
from pathlib import Path

import pytest

from data.documents.exercises import read_exercise
from layouts.paper.debrief_paper import debrief_paper
from layouts.paper.exercise_sheets import cards, debrief_csv, debrief_page
from models.exercise.debrief import Changed, Toll, debrief
from models.exercise.run import Line, clock_of, fold
from models.papers.briefing import lines

HERE = Path(__file__).parent / "debrief"
NOTE = "a note that leaves the room in no debrief"
START, MINUTE = 1_700_000_000_000, 60_000


@pytest.fixture
def plan(tiny_world):
    return read_exercise(HERE / "given" / "exercise.json", tiny_world)


@pytest.fixture
def debriefed(plan):
    lines = [
        Line(n, START + line["at_min"] * MINUTE, line["kind"], line.get("author", "lea"),
             line.get("name", "Lea"), line["data"])
        for n, line in enumerate(_stored("log.json"), 2)
    ]  # fmt: skip
    clock = clock_of(lines)
    changes = [
        Changed(line["take"], clock(START + line["at_min"] * MINUTE), line["who"], line["what"],
                line.get("inject", ""), _toll(line["before"]), _toll(line["after"]))
        for line in _stored("changes.json")
    ]  # fmt: skip
    return debrief(plan, fold(lines, START + 90 * MINUTE), changes, Toll(0, 0.0))


def _stored(name):
    return json.loads((HERE / "given" / name).read_text(encoding="utf-8"))


def _toll(pair):
    return None if pair is None else Toll(pair[0], pair[1], tuple(map(tuple, pair[2:])))


def _is_expected(name, text):
    path = HERE / "expected" / name
    if os.environ.get("KNOCKON_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8", newline="")
    with path.open(encoding="utf-8", newline="") as file:
        assert text == file.read()


def test_the_debrief_is_the_reviewed_one(tiny_world, debriefed):
    text = json.dumps(debriefed.to_dict(), ensure_ascii=False, indent=1) + "\n"
    page, table = debrief_page(tiny_world, debriefed), debrief_csv(tiny_world, debriefed)
    _is_expected("debrief.json", text)
    _is_expected("debrief.html", page)
    _is_expected("debrief.csv", table)
    paper = "\n".join(lines(debrief_paper(tiny_world, debriefed, "TLP:GREEN"))) + "\n"
    _is_expected("debrief-on-paper.txt", paper)
    for item in (text, page, table, paper):
        assert NOTE not in item


def test_the_cards_are_the_reviewed_ones(tiny_world, plan):
    _is_expected("cards.html", cards(tiny_world, plan, notes=False))
    noted = cards(tiny_world, plan, notes=True)
    _is_expected("cards-with-notes.html", noted)
    assert NOTE in noted and NOTE not in cards(tiny_world, plan, notes=False)
