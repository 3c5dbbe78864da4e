"""The printed debrief: bounded for runs of any length, translated, takes kept apart."""

import io
from dataclasses import replace

import pytest
from pypdf import PdfReader

from data.exchange import briefings
from data.languages import PSEUDO
from layouts.paper.debrief_paper import MOST_ROWS, debrief_paper
from models.exercise.debrief import CourseItem, Debrief, Decision, QuestionAsked, Toll
from models.exercise.predictions import Judged, Reveal, Score
from models.exercise.rules import Window
from models.papers.briefing import TableBlock, lines
from models.wording import speaking

EMPTY = Debrief("Storm", "", 0.0, 1, None, (), (), (), (), ())
LONG = "very long " * 200


def _full(n: int) -> Debrief:
    """Return a debrief with ``n`` of everything, each text of the greatest length allowed."""
    judged = tuple(Judged("works", "surprise", 4.0, None, 1.0, (), 0) for _ in range(20))
    reveal = Reveal(
        Window("w", 0.0, (4.0, 12.0)),
        judged,
        tuple(Score(LONG, 1, 2, 3, 4) for _ in range(n)),
        judged,
    )
    return Debrief(
        LONG,
        LONG,
        110.0,
        2,
        Toll(1_200, 48_000.0),
        tuple(CourseItem(1, 5.0, "came", LONG, 3, 4.0) for _ in range(n)),
        tuple(Decision(1, 5.0, LONG, LONG, LONG, -1_200, -48_000.0) for _ in range(n)),
        tuple(QuestionAsked(1, LONG, ((LONG, LONG),) * 5) for _ in range(min(n, 500))),
        (reveal,) * min(n, 50),
        (LONG,) * n,
    )


def test_an_empty_run_says_so_in_every_part(tiny_world):
    said = list(lines(debrief_paper(tiny_world, EMPTY)))
    assert said[0] == "Hot debrief: Storm"
    for line in (
        "Nothing was decided in the scenario, and no decision was written down.",
        "No prediction was revealed.", "No question was asked.", "Nothing.",
        "No inject was released.",
    ):  # fmt: skip
        assert line in said


def test_takes_stand_in_front_only_where_there_are_several(tiny_world):
    one = replace(EMPTY, decisions=(Decision(1, 65.0, "Lea", "Wait", "No fuel"),))
    (table,) = [
        block
        for section in debrief_paper(tiny_world, one).sections
        for block in section.blocks
        if isinstance(block, TableBlock)
    ]
    assert table.head[0] == "Time"
    assert table.rows == (("1:05", "Lea", "Wait – Why: No fuel", "a decision in words", ""),)
    two = list(lines(debrief_paper(tiny_world, replace(one, takes=2))))
    assert "Take | Time | Who | Decision | People | Person-hours" in two


def test_a_run_of_any_length_is_a_paper_that_can_be_mailed(tiny_world):
    made = debrief_paper(tiny_world, _full(5_000), "TLP:AMBER")
    tables = [b for section in made.sections for b in section.blocks if isinstance(b, TableBlock)]
    assert max(len(table.rows) for table in tables) == MOST_ROWS
    assert f"{5_000 - MOST_ROWS:,} more rows are in the table (CSV)." in list(lines(made))
    body = briefings.pdf(made)
    assert len(body) < 2_000_000
    reader = PdfReader(io.BytesIO(body))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/StructTreeRoot"]["/K"]
    assert len(reader.pages) < 120
    assert all("TLP:AMBER" in page.extract_text() for page in reader.pages)


def test_it_is_said_in_the_language_of_who_asks(tiny_world):
    with speaking(PSEUDO):
        made = debrief_paper(tiny_world, EMPTY)
    assert made.language == "xx"
    assert made.title == "⟦Hot debrief: Storm⟧"
    assert PdfReader(io.BytesIO(briefings.pdf(made))).trailer["/Root"]["/Lang"] == "xx"


@pytest.mark.parametrize("text", ["<b>#emph[x]</b>", "Fire 🔥", "\x00\u200b"])
def test_what_people_type_is_shown_as_text_or_left_out(tiny_world, text):
    debrief = replace(EMPTY, title=text, decisions=(Decision(1, 0.0, text, text, text),))
    assert briefings.pdf(debrief_paper(tiny_world, debrief)).startswith(b"%PDF")
